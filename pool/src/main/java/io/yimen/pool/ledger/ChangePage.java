package io.yimen.pool.ledger;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes in the order of their commits.
 *
 * @param last pass it as {@code after} to go on; never skips a change that is still to come
 */
public record ChangePage(List<Change> changes, long last) {
    public ChangePage {
        changes = List.copyOf(changes);
    }

    /**
     * One change with the state it led to.
     *
     * @param redirectTo of MERGED: where the id leads now
     * @param fields values by field, references as entity ids; sensitive fields are left out
     */
    public record Change(
            long seq,
            Instant at,
            long id,
            String entityType,
            Operation operation,
            long version,
            String title,
            @Nullable Long redirectTo,
            Map<String, String> fields) {
        public Change {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        }

        @Override
        public String toString() {
            return "change " + seq + " of " + entityType + "/" + id;
        }
    }
}
