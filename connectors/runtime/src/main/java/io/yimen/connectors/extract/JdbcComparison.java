package io.yimen.connectors.extract;

import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of all keys of a table, which finds what is gone. It advances a few pages at a time, between which changes
 * are read: what they bring is newer than the position that the comparison took at its beginning, and is not touched by
 * it. It outlives an attempt, so that a connection that breaks does not make it begin anew.
 */
final class JdbcComparison {
    /** Keys are small: more of them make a page. */
    private static final int TIMES = 5;

    private final Position position;
    private final Map<String, Set<String>> keys = new LinkedHashMap<>();
    private final Set<List<String>> met = new HashSet<>();
    private List<String> after = List.of();
    private boolean unreadable;

    JdbcComparison(Position position) {
        this.position = position;
    }

    /** Reads on; true if there is more. */
    boolean advance(JdbcTable table, List<StreamMapping> streams, JdbcChanges changes, int pageSize) {
        JdbcTable.Page page = table.keys(after, pageSize * TIMES);
        for (@Nullable String[] row : page.rows()) {
            @Nullable String[] values = table.mapped(row);
            List<String> identity = table.keyOf(row);
            if (changes.isPassedOver(table, identity)) {
                met.add(identity);
            }
            for (StreamMapping stream : streams) {
                if (!stream.belongs(values)) {
                    continue;
                }
                String key = stream.keyOf(values);
                unreadable |= key.isEmpty() || key.indexOf('\0') >= 0;
                keys.computeIfAbsent(stream.shape().id().stream(), s -> new HashSet<>())
                        .add(key);
            }
        }
        if (page.more()) {
            after = table.keyOf(page.rows().get(page.rows().size() - 1));
        }
        return page.more();
    }

    /** Those of the rows that are there which changes pass over. */
    Set<List<String>> met() {
        return met;
    }

    /** What is there, for each stream; nothing if the key of some row cannot be read. */
    List<CompleteSet> sets(List<StreamMapping> streams, JdbcReader reader) {
        List<CompleteSet> sets = new ArrayList<>();
        if (unreadable) {
            return sets;
        }
        for (StreamMapping stream : streams) {
            sets.add(new CompleteSet(
                    stream.shape(),
                    keys.getOrDefault(stream.shape().id().stream(), Set.of()),
                    position,
                    reader.brakeOf(stream)));
        }
        return sets;
    }
}
