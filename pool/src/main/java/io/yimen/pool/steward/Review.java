package io.yimen.pool.steward;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Two entities that a person should look at.
 *
 * @param left the smaller id
 * @param right the greater id
 * @param weight log-odds (bits) of the strongest pair of their source records
 * @param probability the same as a probability
 * @param effect how much hangs on it: source records of both and records that refer to either, of these
 *     at most 10,000
 * @param decision the decision that new evidence speaks against; {@code null} for {@link Kind#POSSIBLE_DUPLICATE}
 * @param openedAt since when it waits
 */
public record Review(
        long left,
        long right,
        String entityType,
        Kind kind,
        double weight,
        double probability,
        int effect,
        String leftTitle,
        String rightTitle,
        @Nullable Long decision,
        Instant openedAt) {
    /** Why it waits. */
    public enum Kind {
        /** More likely than {@code possible}, not enough for a match. */
        POSSIBLE_DUPLICATE,
        /**
         * A person decided, and evidence that was not there then speaks strongly against it. Where the decision joined
         * them, left and right are the same entity.
         */
        CHALLENGED
    }

    @Override
    public String toString() {
        return kind + " " + left + "-" + right;
    }
}
