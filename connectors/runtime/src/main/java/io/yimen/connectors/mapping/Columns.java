package io.yimen.connectors.mapping;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The columns that raw rows of one resource carry: those that a stream needs, and no others. A row is a
 * {@code String[]} aligned with it: {@code null} where the column was not sent, {@code ""} where it was sent as empty.
 */
public final class Columns {
    private static final int MOST_TOLD = 20;

    private final List<String> names;
    private final Map<String, Integer> indexes = new HashMap<>();

    public Columns(Collection<String> names) {
        this.names = List.copyOf(new LinkedHashSet<>(names));
        for (int i = 0; i < this.names.size(); i++) {
            indexes.put(this.names.get(i), i);
        }
    }

    /** All columns that the streams need. */
    public static Columns of(Collection<io.yimen.connectors.manifest.Manifest.Stream> streams) {
        Set<String> names = new LinkedHashSet<>();
        for (var stream : streams) {
            names.addAll(stream.key());
            if (stream.when() != null) {
                names.add(stream.when().column());
            }
            if (stream.updated() != null) {
                names.add(stream.updated().from());
            }
            for (var rule : stream.fields()) {
                names.addAll(rule.from());
                names.addAll(Functions.columnsInPrefixes(rule));
            }
        }
        return new Columns(new ArrayList<>(names));
    }

    /**
     * What was sent and nobody needs, for telling a person; empty where it is so much that each row seems to have other
     * names.
     */
    public Set<String> unasked(Collection<String> sent) {
        Set<String> unasked = new TreeSet<>(sent);
        for (String name : names) {
            // A path begins at a member.
            unasked.remove(name.startsWith("/") ? name.split("/", 3)[1] : name);
            unasked.remove(name);
        }
        return unasked.size() > MOST_TOLD ? Set.of() : unasked;
    }

    public List<String> names() {
        return names;
    }

    public int size() {
        return names.size();
    }

    /** Index of a column, or -1. */
    public int indexOf(String name) {
        return indexes.getOrDefault(name, -1);
    }
}
