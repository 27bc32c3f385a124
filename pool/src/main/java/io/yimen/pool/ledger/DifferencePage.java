package io.yimen.pool.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of what differs between a ledger as it stood at two instants, what changed last first.
 *
 * @param nextCursor goes on after the last one; {@code null} on the last page
 */
public record DifferencePage(
        List<RecordDifference> records, @Nullable String nextCursor) {
    public DifferencePage {
        records = List.copyOf(records);
    }

    /** What became of a record between two instants, as far as one may see it. */
    public enum Kind {
        /** It is the same at both. */
        UNCHANGED,
        CREATED,
        CHANGED,
        RETIRED,
        MERGED,
        SPLIT,
        RESTORED,
        /** It lay in other places before. */
        ARRIVED,
        /** It lies in other places now. */
        LEFT
    }

    /**
     * @param title the later one that may be seen
     * @param redirectTo of MERGED: where the id leads
     * @param at its last change between the two instants
     */
    public record RecordDifference(
            long id,
            Kind kind,
            String title,
            @Nullable Long redirectTo,
            Instant at,
            List<HistoryPage.Difference> differences) {
        public RecordDifference {
            differences = List.copyOf(differences);
        }

        @Override
        public String toString() {
            return kind + " " + id;
        }
    }
}
