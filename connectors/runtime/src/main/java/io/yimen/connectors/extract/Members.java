package io.yimen.connectors.extract;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which members the objects of one kind carry, where nothing declares them: a topic, a type of event. Tells once what
 * nobody asked for, and what is needed and no object of a batch had. For one thread.
 */
final class Members {
    private final String kind;
    private final Columns wanted;
    private final Set<String> needed = new TreeSet<>();
    private final Set<String> told = new HashSet<>();
    private final Set<String> sent = new HashSet<>();

    /**
     * @param kind what messages call it
     * @param streams that read it
     * @param whole whether each object says all of its record; one that only says that it is gone does not
     * @param given begins the names of columns that are no members
     */
    Members(String kind, Manifest manifest, Collection<Manifest.Stream> streams, boolean whole, String given) {
        this.kind = kind;
        this.wanted = Columns.of(streams);
        if (whole) {
            wanted.names().stream()
                    .filter(name -> !name.startsWith(given) && !manifest.isOptional(name))
                    .forEach(needed::add);
        }
    }

    /** Takes the names that an object of the batch at hand carries. */
    Set<String> sent() {
        return sent;
    }

    /** The batch is over: tells what has not been told yet. */
    void tell(Session session) {
        if (sent.isEmpty()) {
            return;
        }
        List<String> news = new ArrayList<>();
        Set<String> unasked = new TreeSet<>(wanted.unasked(sent));
        unasked.removeIf(name -> !told.add("+" + name));
        if (!unasked.isEmpty()) {
            news.add(kind + " has what nobody asked for: " + String.join(", ", unasked) + "; not read");
        }
        Set<String> missing = new TreeSet<>(needed);
        missing.removeAll(sent);
        missing.removeIf(name -> !told.add("-" + name));
        if (!missing.isEmpty()) {
            news.add(kind + " came without " + String.join(", ", missing)
                    + "; what was said before stays: correct the manifest, or mark its fields optional: true");
        }
        sent.clear();
        if (!news.isEmpty()) {
            session.notice(String.join("; ", news));
        }
    }
}
