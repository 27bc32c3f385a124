package io.yimen.pool.run;

import io.yimen.pool.claim.StreamId;
import java.util.List;
import java.util.Map;

/**
 * What one batch did.
 *
 * @param counts per stream, balanced
 * @param outcomes of each of the batch's events, in their order, then of each record that came rejected
 * @param changes number of entries appended to the change log
 * @param lastChange sequence number of the last of them, or of the log's end where there was none
 */
public record ApplyResult(Map<StreamId, Counts> counts, List<Outcome> outcomes, int changes, long lastChange) {
    public ApplyResult {
        counts = Map.copyOf(counts);
        outcomes = List.copyOf(outcomes);
    }
}
