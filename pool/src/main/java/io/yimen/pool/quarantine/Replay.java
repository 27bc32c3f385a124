package io.yimen.pool.quarantine;

import io.yimen.pool.PoolException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step of a replay: the next records in the order of stream and key, in one transaction.
 *
 * @param run the run that counts it, see {@link io.yimen.pool.Pool#openReplay}; of no meaning for a dry run
 * @param edits raw forms that are taken instead of what was received, by the record's id
 * @param after where the step before ended; {@code null} for the first
 * @param limit how many records at most
 */
public record Replay(
        long run,
        Selection selection,
        Decision decision,
        Map<Long, byte[]> edits,
        @Nullable After after,
        int limit) {
    /** Most records of one step: the pool takes nothing else in meanwhile. */
    public static final int MOST = 200;

    /** Largest edited form. */
    public static final int LARGEST_EDIT = 1 << 20;

    /** The last record of a step. */
    public record After(String stream, String key) {
        @Override
        public String toString() {
            return "after a record of " + stream;
        }
    }

    public Replay {
        edits = Map.copyOf(edits);
        if (limit < 1 || limit > MOST) {
            throw new PoolException(PoolException.Kind.INVALID, "A step has 1 to " + MOST + " records");
        }
        if (edits.values().stream().anyMatch(edit -> edit.length > LARGEST_EDIT)) {
            throw new PoolException(PoolException.Kind.INVALID, "An edited form has 1 MiB at most");
        }
    }

    /** The same, counted by another run. */
    public Replay in(long newRun) {
        return new Replay(newRun, selection, decision, edits, after, limit);
    }

    @Override
    public String toString() {
        return "replay of " + selection.source();
    }
}
