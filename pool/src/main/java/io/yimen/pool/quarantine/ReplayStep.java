package io.yimen.pool.quarantine;

import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.Counts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a step did, or would do.
 *
 * @param records one after the other as they were taken
 * @param counts per stream, balanced
 * @param next where to go on; {@code null} if there is no more
 * @param selected of a dry run: how many records the selection holds; the step may show only the first of them
 * @param changes number of entries appended to the change log
 * @param lastChange sequence number of the last of them; 0 if there was none
 */
public record ReplayStep(
        List<ReplayedRecord> records,
        Map<StreamId, Counts> counts,
        Replay.@Nullable After next,
        long selected,
        int changes,
        long lastChange) {
    public ReplayStep {
        records = List.copyOf(records);
        counts = Map.copyOf(counts);
    }

    /** The same, of a selection that holds so many. */
    public ReplayStep of(long newSelected) {
        return new ReplayStep(records, counts, next, newSelected, changes, lastChange);
    }
}
