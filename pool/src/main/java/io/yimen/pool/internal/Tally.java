package io.yimen.pool.internal;

import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What becomes of a batch, record by record and in numbers per stream, while it is applied. */
public final class Tally {
    /** Place of a record that the batch does not hold, e.g. one that a complete set lacks. */
    public static final int NO_PLACE = -1;

    private final Map<StreamId, long[]> counts = new HashMap<>();
    private final Outcome[] outcomes;

    /** @param size how many records the batch holds */
    public Tally(int size) {
        outcomes = new Outcome[size];
    }

    /** @param place of the record in the batch, or {@link #NO_PLACE} */
    public void count(StreamId stream, Outcome outcome, int place) {
        counts.computeIfAbsent(stream, s -> new long[Outcome.values().length])[outcome.ordinal()]++;
        if (place != NO_PLACE) {
            outcomes[place] = outcome;
        }
    }

    public Map<StreamId, Counts> counts() {
        Map<StreamId, Counts> result = new HashMap<>();
        counts.forEach((stream, c) -> result.put(
                stream,
                new Counts(
                        Arrays.stream(c).sum(),
                        c[Outcome.APPLIED.ordinal()],
                        c[Outcome.UNCHANGED.ordinal()],
                        c[Outcome.STALE.ordinal()],
                        c[Outcome.QUARANTINED.ordinal()],
                        c[Outcome.WITHHELD.ordinal()])));
        return result;
    }

    /** In the order of the batch, once each of its records has been counted. */
    public List<Outcome> outcomes() {
        return List.of(outcomes);
    }
}
