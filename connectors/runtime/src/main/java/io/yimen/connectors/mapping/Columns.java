package io.yimen.connectors.mapping;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The columns that raw rows of one resource carry: those that a stream needs, and no others. A row is a
 * {@code String[]} aligned with it: {@code null} where the column was not sent, {@code ""} where it was sent as empty.
 */
public final class Columns {
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
