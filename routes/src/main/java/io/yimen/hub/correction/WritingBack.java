package io.yimen.hub.correction;

import io.micrometer.core.instrument.MeterRegistry;
import io.yimen.connectors.Connector;
import io.yimen.connectors.Connectors;
import io.yimen.connectors.write.SourceWriter;
import io.yimen.hub.config.HubConfig;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.WriteBacks;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes what people put right into the systems that take it. One thread a system: one that is slow or away holds up no
 * other. What was taken and not reported, because the hub was killed or the system did not answer, comes again.
 */
@Singleton
public class WritingBack {
    private static final Logger LOG = Logger.getLogger(WritingBack.class);
    private static final int MANY = 50;

    private final WriteBacks writeBacks;
    private final Writable writable;
    private final List<String> sources;
    private final MeterRegistry meters;
    private final List<ScheduledExecutorService> timers = new ArrayList<>();

    WritingBack(WriteBacks writeBacks, Writable writable, HubConfig config, MeterRegistry meters) {
        this.writeBacks = writeBacks;
        this.writable = writable;
        this.sources = config.corrections().writeBack().orElse(List.of()).stream()
                .map(String::strip)
                .distinct()
                .toList();
        this.meters = meters;
    }

    /**
     * Begins, with the systems that the configuration names; one that is not there yet is written into when it comes.
     *
     * @param mayRun whether a system may be reached at this moment
     */
    public void start(Connectors connectors, Predicate<String> mayRun) {
        for (String source : sources) {
            if (connectors.find(source).isEmpty()) {
                LOG.infof("%s is written into as soon as it is there and approved", source);
            }
            start(new Writing(source), connectors, mayRun);
        }
    }

    private void start(Writing writing, Connectors connectors, Predicate<String> mayRun) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "write-back-" + writing.source);
            thread.setDaemon(true);
            return thread;
        });
        timers.add(timer);
        timer.scheduleWithFixedDelay(
                () -> {
                    if (mayRun.test(writing.source)) {
                        connectors.find(writing.source).ifPresent(connector -> write(connector, writing));
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

    private void write(Connector connector, Writing writing) {
        String source = writing.source;
        try {
            Optional<SourceWriter> into = writing.into(connector);
            if (into.isEmpty()) {
                return;
            }
            SourceWriter writer = into.get();
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

    /** Writing into one system, whose connector may be another one each time: its manifest or a secret has changed. */
    private final class Writing {
        private final String source;
        private @Nullable Connector connector;
        private Optional<SourceWriter> writer = Optional.empty();

        Writing(String source) {
            this.source = source;
        }

        /** Empty where its manifest lets nothing be written. */
        Optional<SourceWriter> into(Connector now) {
            if (now != connector) {
                connector = now;
                writer = Optional.empty();
                if (writable.put(now.manifest())) {
                    writer = Optional.of(SourceWriter.of(now));
                }
            }
            return writer;
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
