package io.yimen.hub.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.yimen.hub.publish.Outbox;
import io.yimen.pool.Pool;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Counts;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The step from Camel to the pool: applies a batch, counts it, and wakes the outbox. */
@Singleton
public class Apply {
    private final Pool pool;
    private final Outbox outbox;
    private final Clock clock;
    private final MeterRegistry meters;
    private final Timer timer;
    private final Map<String, Instant> lastByFeed = new ConcurrentHashMap<>();

    Apply(Pool pool, Outbox outbox, Clock clock, MeterRegistry meters) {
        this.pool = pool;
        this.outbox = outbox;
        this.clock = clock;
        this.meters = meters;
        this.timer = Timer.builder("yimen.apply")
                .description("Time that a batch takes in the pool, commit included")
                .publishPercentileHistogram()
                .register(meters);
    }

    /** Applies the batch; when it returns all of it is durable. */
    public ApplyResult apply(Batch batch) {
        Instant start = clock.instant();
        ApplyResult result = pool.apply(batch);
        Instant end = clock.instant();
        timer.record(Duration.between(start, end));
        if (lastByFeed.put(batch.feed(), end) == null) {
            meters.gauge(
                    "yimen.feed.age.seconds",
                    Tags.of("feed", batch.feed()),
                    batch.feed(),
                    feed -> Duration.between(lastByFeed.getOrDefault(feed, end), clock.instant())
                            .toSeconds());
        }
        applied(result.counts(), result.changes(), result.lastChange());
        return result;
    }

    /** Something was applied: counts it and wakes the outbox. */
    public void applied(Map<StreamId, Counts> counts, int changes, long lastChange) {
        counts.forEach(this::count);
        if (changes > 0) {
            outbox.wake(lastChange);
        }
    }

    private void count(StreamId stream, Counts counts) {
        count(stream, "applied", counts.applied());
        count(stream, "unchanged", counts.unchanged());
        count(stream, "stale", counts.stale());
        count(stream, "quarantined", counts.quarantined());
    }

    private void count(StreamId stream, String outcome, long records) {
        meters.counter("yimen.records", "source", stream.source(), "stream", stream.stream(), "outcome", outcome)
                .increment(records);
    }
}
