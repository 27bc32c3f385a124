package io.yimen.pool.internal;

import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.Counts;
import java.util.HashMap;
import java.util.Map;

/** Counts of a batch per stream, while it is applied. */
public final class Tally {

    private final Map<StreamId, long[]> counts = new HashMap<>();

    public void applied(StreamId stream) {
        of(stream)[0]++;
    }

    public void unchanged(StreamId stream) {
        of(stream)[1]++;
    }

    public void stale(StreamId stream) {
        of(stream)[2]++;
    }

    public void quarantined(StreamId stream) {
        of(stream)[3]++;
    }

    public void withheld(StreamId stream) {
        of(stream)[4]++;
    }

    public Map<StreamId, Counts> counts() {
        Map<StreamId, Counts> result = new HashMap<>();
        counts.forEach((stream, c) ->
                result.put(stream, new Counts(c[0] + c[1] + c[2] + c[3] + c[4], c[0], c[1], c[2], c[3], c[4])));
        return result;
    }

    private long[] of(StreamId stream) {
        return counts.computeIfAbsent(stream, s -> new long[5]);
    }
}
