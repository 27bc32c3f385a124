package io.yimen.pool.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of what changed in a record, newest first.
 *
 * @param nextCursor goes on with older entries; {@code null} on the last page
 */
public record HistoryPage(List<Entry> entries, @Nullable String nextCursor) {
    public HistoryPage {
        entries = List.copyOf(entries);
    }

    /**
     * One change.
     *
     * @param source system whose run brought it; {@code null} where no run did
     * @param redirectTo of MERGED: where the id leads now
     * @param cause on whose word it changed where no run brought it: {@code correction/7}, {@code decision/3}
     * @param actor who said so
     */
    public record Entry(
            long seq,
            Instant at,
            Operation operation,
            long version,
            @Nullable String source,
            @Nullable String sourceTitle,
            @Nullable String feed,
            @Nullable Long run,
            @Nullable Long redirectTo,
            @Nullable String cause,
            @Nullable String actor,
            List<Difference> differences) {
        public Entry {
            differences = List.copyOf(differences);
        }
    }

    /**
     * A field that changed.
     *
     * @param from {@code null} if it had no value
     * @param to {@code null} if it has none now
     * @param masked whether the values are masked
     */
    public record Difference(
            String field, @Nullable String from, @Nullable String to, boolean masked) {
        @Override
        public String toString() {
            return "difference in " + field;
        }
    }
}
