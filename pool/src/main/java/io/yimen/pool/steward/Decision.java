package io.yimen.pool.steward;

import io.yimen.pool.claim.RecordRef;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a steward decided. It speaks of source records, not of entities, and so holds whatever becomes of their ids.
 *
 * @param same records that are one entity; empty where nothing is said of that
 * @param left records of which none is the same as any of {@code right}
 * @param right the others; empty where nothing is kept apart
 * @param withdrawn when and by whom it was taken back
 */
public record Decision(
        long id,
        String entityType,
        Action action,
        String actor,
        Instant at,
        String reason,
        List<RecordRef> same,
        List<RecordRef> left,
        List<RecordRef> right,
        @Nullable Withdrawal withdrawn) {

    /** A decision taken back. */
    public record Withdrawal(String actor, Instant at, String reason) {
        @Override
        public String toString() {
            return "withdrawal by " + actor;
        }
    }

    public Decision {
        same = List.copyOf(same);
        left = List.copyOf(left);
        right = List.copyOf(right);
    }

    @Override
    public String toString() {
        return action + " " + id;
    }
}
