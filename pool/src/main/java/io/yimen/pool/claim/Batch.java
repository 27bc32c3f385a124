package io.yimen.pool.claim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is applied in one transaction: events in the source's order, what was rejected on the way, the offset from which
 * the source is to be read next, and the wishes because of which it is that one.
 *
 * @param run the run that counts it, see {@link io.yimen.pool.Pool#openRun}
 * @param feed what the offset belongs to: {@code source} or {@code source/part}; one reader at a time
 * @param offset opaque to the pool; stored with the batch. {@code null} leaves the stored one
 * @param events in source order; several events of one key are allowed, the last position wins
 * @param rejected records that go to quarantine
 * @param completeSets ends of full reads, applied after the events
 * @param rereads numbers of the {@link io.yimen.pool.run.Reread wishes} that the offset fulfils; they wait no longer
 */
public record Batch(
        long run,
        String feed,
        @Nullable String offset,
        List<ChangeEvent> events,
        List<Rejected> rejected,
        List<CompleteSet> completeSets,
        List<Long> rereads) {
    public Batch {
        events = List.copyOf(events);
        rejected = List.copyOf(rejected);
        completeSets = List.copyOf(completeSets);
        rereads = List.copyOf(rereads);
    }

    /** A batch that fulfils no wish. */
    public Batch(
            long run,
            String feed,
            @Nullable String offset,
            List<ChangeEvent> events,
            List<Rejected> rejected,
            List<CompleteSet> completeSets) {
        this(run, feed, offset, events, rejected, completeSets, List.of());
    }

    @Override
    public String toString() {
        return "batch of " + feed + ": " + events.size() + " events, " + rejected.size() + " rejected";
    }
}
