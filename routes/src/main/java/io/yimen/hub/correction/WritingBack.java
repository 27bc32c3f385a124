package io.yimen.hub.correction;

import io.micrometer.core.instrument.MeterRegistry;
import io.yimen.connectors.Connector;
import io.yimen.connectors.Connectors;
import io.yimen.connectors.write.SourceWriter;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.WriteBacks;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Writes what people put right into the systems that take it. One thread a system: one that is slow or away holds up no
 * other. What was taken and not reported, because the hub was killed or the system did not answer, comes again.
 */
@Singleton
public class WritingBack {
    private static final Logger LOG = Logger.getLogger(WritingBack.class);
    private static final int MANY = 50;

    private final WriteBacks writeBacks;
    private final Policy policy;
    private final MeterRegistry meters;
    private final List<ScheduledExecutorService> timers = new ArrayList<>();

    WritingBack(WriteBacks writeBacks, Policy policy, MeterRegistry meters) {
        this.writeBacks = writeBacks;
        this.policy = policy;
        this.meters = meters;
    }

    /**
     * Begins, with the systems that the policy names.
     *
     * @param mayRun whether a system may be reached at this moment
     */
    public void start(Connectors connectors, Predicate<String> mayRun) {
        for (String source :
                policy.writable().keySet().stream().map(StreamId::source).collect(Collectors.toSet())) {
            connectors.find(source).ifPresent(connector -> start(connector, mayRun));
        }
    }

    private void start(Connector connector, Predicate<String> mayRun) {
        SourceWriter writer = SourceWriter.of(connector);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "write-back-" + connector.id());
            thread.setDaemon(true);
            return thread;
        });
        timers.add(timer);
        timer.scheduleWithFixedDelay(
                () -> {
                    if (mayRun.test(connector.id())) {
                        write(connector.id(), writer);
                    }
                },
                0,
                1,
                TimeUnit.SECONDS);
    }

    /** Ends; the value at hand is written first. */
    public void stop() throws InterruptedException {
        timers.forEach(ScheduledExecutorService::shutdown);
        for (ScheduledExecutorService timer : timers) {
            if (!timer.awaitTermination(30, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        }
    }

    private void write(String source, SourceWriter writer) {
        try {
            for (WriteBacks.Order order : writeBacks.take(source, MANY)) {
                report(source, order, writer.write(order));
            }
        } catch (PoolException e) {
            LOG.warnf("Nothing is written back into %s just now: %s", source, e.getMessage());
        } catch (RuntimeException e) {
            // A timer that fails once is never called again.
            LOG.errorf(e, "Writing back into %s failed, it is tried again", source);
        }
    }

    private void report(String source, WriteBacks.Order order, SourceWriter.Outcome outcome) {
        switch (outcome.result()) {
            case WRITTEN -> writeBacks.written(order.ticket());
            case REFUSED -> writeBacks.refused(order.ticket(), String.valueOf(outcome.code()));
            case LATER -> LOG.warnf("%s waits for %s: %s", order, source, outcome.code());
        }
        meters.counter(
                        "yimen.written.back",
                        "source",
                        source,
                        "outcome",
                        outcome.result().name())
                .increment();
    }
}
