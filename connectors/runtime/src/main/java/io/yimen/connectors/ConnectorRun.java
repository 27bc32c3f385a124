package io.yimen.connectors;

import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.extract.Session;
import io.yimen.connectors.extract.Sink;
import io.yimen.connectors.extract.Stop;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.Reread;
import io.yimen.pool.run.RunStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one connector's source, attempt after attempt, until it is stopped. The one place where it is decided what an
 * error means: the same batch again, the run failed and another attempt later, or a person has to decide. One thread
 * runs it; {@link #stop} and {@link #state} may be called by any other.
 */
public final class ConnectorRun {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorRun.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE_UNEXPECTED = Duration.ofMinutes(1);
    private static final Duration PAUSE_BRAKED = Duration.ofMinutes(5);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(3);
    private static final int RETRIES_ONCE = 20;

    private final Connector connector;
    private final Pool pool;
    private final Sink sink;
    private final Clock clock;
    private final boolean once;
    private final Extractor extractor;
    private final Stop stop = new Stop();

    private @Nullable Long run;
    private String lastNotice = "";
    private boolean progressed;
    private volatile ConnectorState state;

    public ConnectorRun(Connector connector, Pool pool, Sink sink, Clock clock) {
        this(connector, connector.extractor(), pool, sink, clock);
    }

    /** As {@link #ConnectorRun(Connector, Pool, Sink, Clock)}, read by an extractor of one's own. */
    public ConnectorRun(Connector connector, Extractor extractor, Pool pool, Sink sink, Clock clock) {
        this(connector, extractor, pool, sink, clock, false);
    }

    private ConnectorRun(Connector connector, Extractor extractor, Pool pool, Sink sink, Clock clock, boolean once) {
        this.connector = connector;
        this.pool = pool;
        this.sink = sink;
        this.clock = clock;
        this.once = once;
        this.extractor = extractor;
        this.state = new ConnectorState(
                connector.id(),
                ConnectorState.Phase.STOPPED,
                clock.instant(),
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty());
    }

    /**
     * Reads until the source has been caught up with, and returns.
     *
     * @throws RuntimeException what went wrong, after the run has been closed as failed
     */
    public static ConnectorState once(Connector connector, Pool pool, Sink sink, Clock clock)
            throws InterruptedException {
        return once(connector, connector.extractor(), pool, sink, clock);
    }

    /** As {@link #once(Connector, Pool, Sink, Clock)}, read by an extractor of one's own. */
    public static ConnectorState once(Connector connector, Extractor extractor, Pool pool, Sink sink, Clock clock)
            throws InterruptedException {
        ConnectorRun run = new ConnectorRun(connector, extractor, pool, sink, clock, true);
        try {
            run.attempt();
        } catch (RuntimeException e) {
            run.close(statusFor(e), describe(e));
            throw e;
        }
        run.phase(ConnectorState.Phase.STOPPED);
        return run.state();
    }

    /** Reads, and tries again after errors, until {@link #stop}. */
    public void loop() throws InterruptedException {
        int failures = 0;
        while (!stop.isRequested()) {
            progressed = false;
            try {
                attempt();
            } catch (RuntimeException e) {
                if (stop.isRequested()) {
                    break;
                }
                failures = progressed ? 1 : failures + 1;
                close(statusFor(e), describe(e));
                Duration pause = pauseAfter(e, failures);
                failed(failures, describe(e), pause);
                if (stop.await(pause)) {
                    break;
                }
            }
        }
        // A run that follows its source ends well by being stopped.
        close(RunStatus.COMPLETED, "stopped");
        phase(ConnectorState.Phase.STOPPED);
    }

    /** Asks to stop; {@link #loop} returns soon after. */
    public void stop() {
        stop.request();
    }

    /** Reads for this run. */
    public Extractor extractor() {
        return extractor;
    }

    public ConnectorState state() {
        return state;
    }

    private void attempt() throws InterruptedException {
        phase(ConnectorState.Phase.CONNECTING);
        retrying(() -> {
            pool.declare(connector.manifest().system(), connector.shapes());
            return "";
        });
        extractor.run(new Attempt());
    }

    private static RunStatus statusFor(RuntimeException e) {
        return e instanceof PoolException p && p.kind() == PoolException.Kind.BRAKE ? RunStatus.RED : RunStatus.FAILED;
    }

    /** Only what we say ourselves: other exceptions' messages may quote data. */
    private static String describe(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof ConnectorException || t instanceof PoolException || t instanceof ManifestException) {
                return String.valueOf(t.getMessage());
            }
        }
        return "an error inside the hub: " + e.getClass().getSimpleName();
    }

    private static Duration pauseAfter(RuntimeException e, int failures) {
        Duration longest = LONGEST_PAUSE;
        if (e instanceof PoolException p && p.kind() == PoolException.Kind.BRAKE) {
            return PAUSE_BRAKED;
        }
        if (e instanceof ConnectorException c && c.kind() != ConnectorException.Kind.UNREACHABLE) {
            longest = LONGEST_PAUSE_UNEXPECTED;
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 16));
        return pause.compareTo(longest) > 0 ? longest : pause;
    }

    private void failed(int failures, String message, Duration pause) {
        Instant now = clock.instant();
        ConnectorState s = state;
        state = new ConnectorState(
                s.connector(),
                ConnectorState.Phase.BACKING_OFF,
                now,
                failures,
                Optional.of(message),
                Optional.of(now.plus(pause)),
                s.notice(),
                s.batches(),
                s.lastBatch());
        LOG.warn("Connector {}: {} (failure {}, next attempt in {})", connector.id(), message, failures, pause);
    }

    private void phase(ConnectorState.Phase phase) {
        ConnectorState s = state;
        if (s.phase() != phase) {
            state = new ConnectorState(
                    s.connector(),
                    phase,
                    clock.instant(),
                    s.failures(),
                    s.error(),
                    Optional.empty(),
                    s.notice(),
                    s.batches(),
                    s.lastBatch());
        }
    }

    private void progressed() {
        progressed = true;
        ConnectorState s = state;
        Instant now = clock.instant();
        state = new ConnectorState(
                s.connector(),
                s.phase() == ConnectorState.Phase.LIVE ? s.phase() : ConnectorState.Phase.READING,
                s.since(),
                0,
                Optional.empty(),
                Optional.empty(),
                s.notice(),
                s.batches() + 1,
                Optional.of(now));
    }

    /** Closes the open run, if there is one; a pool that cannot be reached closes it when the next is opened. */
    private void close(RunStatus status, @Nullable String message) {
        Long open = run;
        run = null;
        if (open == null) {
            return;
        }
        try {
            pool.closeRun(open, status, message);
        } catch (PoolException e) {
            LOG.warn("Connector {}: its run stays open, the pool says: {}", connector.id(), e.getMessage());
        }
    }

    /** What the pool asks to try again is tried again, until it is done or the run is stopped. */
    private <T> T retrying(Supplier<T> action) throws InterruptedException {
        Duration pause = FIRST_RETRY;
        for (int attempt = 1; ; attempt++) {
            stop.check();
            try {
                return action.get();
            } catch (RuntimeException e) {
                PoolException cause = poolCause(e);
                if (cause == null || cause.kind() != PoolException.Kind.RETRY) {
                    throw cause == null ? e : cause;
                }
                if (once && attempt >= RETRIES_ONCE) {
                    throw cause;
                }
                if (attempt == 1 || attempt % 10 == 0) {
                    LOG.warn(
                            "Connector {}: waiting for the pool, attempt {}: {}",
                            connector.id(),
                            attempt,
                            cause.getMessage());
                }
            }
            if (stop.await(pause)) {
                stop.check();
            }
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
        }
    }

    private static @Nullable PoolException poolCause(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof PoolException p) {
                return p;
            }
        }
        return null;
    }

    /** What the extractor sees of this run. */
    private final class Attempt implements Session {
        @Override
        public Connector connector() {
            return connector;
        }

        @Override
        public boolean isOnce() {
            return once;
        }

        @Override
        public Stop stop() {
            return stop;
        }

        @Override
        public Clock clock() {
            return clock;
        }

        @Override
        public Optional<String> findOffset() {
            return uninterrupted(() -> pool.findOffset(connector.id()));
        }

        @Override
        public List<Reread> rereads() {
            return uninterrupted(pool::listRereads).stream()
                    .filter(wish -> wish.source().equals(connector.id()))
                    .toList();
        }

        @Override
        public void take(List<Reread> wishes, String offset) {
            apply(new Batch(
                    open(),
                    connector.id(),
                    offset,
                    List.of(),
                    List.of(),
                    List.of(),
                    wishes.stream().map(Reread::id).toList()));
            if (!wishes.isEmpty()) {
                LOG.info(
                        "Connector {} reads again, as it was asked to: {}",
                        connector.id(),
                        String.join(", ", Reread.streamsOf(wishes)));
            }
        }

        @Override
        public void openRun(String kind, OptionalLong expected) {
            close(RunStatus.COMPLETED, null);
            run = uninterrupted(() -> pool.openRun(connector.id(), connector.id(), kind, expected));
            phase(ConnectorState.Phase.READING);
        }

        @Override
        public void expect(long records) {
            update(RunStatus.RUNNING, OptionalLong.of(records));
        }

        @Override
        public void live() {
            update(RunStatus.LIVE, OptionalLong.empty());
            phase(ConnectorState.Phase.LIVE);
            LOG.info("Connector {} has caught up and follows its source", connector.id());
        }

        private void update(RunStatus status, OptionalLong expected) {
            long open = open();
            uninterrupted(() -> {
                pool.updateRun(open, status, expected);
                return "";
            });
        }

        @Override
        public void complete(@Nullable String message) {
            finish(RunStatus.COMPLETED, message);
        }

        @Override
        public void fail(String message) {
            LOG.warn("Connector {}: {}", connector.id(), message);
            finish(RunStatus.FAILED, message);
        }

        @Override
        public void ask(String message) {
            notice(message);
            finish(RunStatus.RED, message);
        }

        private void finish(RunStatus status, @Nullable String message) {
            long open = open();
            uninterrupted(() -> {
                pool.closeRun(open, status, message);
                return "";
            });
            run = null;
        }

        @Override
        public void waiting() {
            phase(ConnectorState.Phase.WAITING);
        }

        @Override
        public void notice(String message) {
            ConnectorState s = state;
            state = new ConnectorState(
                    s.connector(),
                    s.phase(),
                    s.since(),
                    s.failures(),
                    s.error(),
                    s.nextAttempt(),
                    Optional.of(message),
                    s.batches(),
                    s.lastBatch());
            if (!message.equals(lastNotice)) {
                lastNotice = message;
                LOG.info("Connector {}: {}", connector.id(), message);
            }
        }

        @Override
        public List<Outcome> apply(
                @Nullable String offset,
                List<ChangeEvent> events,
                List<Rejected> rejected,
                List<CompleteSet> completeSets) {
            return apply(new Batch(open(), connector.id(), offset, events, rejected, completeSets));
        }

        private List<Outcome> apply(Batch batch) {
            List<Outcome> outcomes = uninterrupted(() -> sink.accept(batch));
            progressed();
            return outcomes;
        }

        private long open() {
            Long open = run;
            if (open == null) {
                throw new IllegalStateException("no run is open");
            }
            return open;
        }

        /** A thread that is interrupted is one that is to stop. */
        private <T> T uninterrupted(Supplier<T> action) {
            try {
                return retrying(action);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ConnectorException(ConnectorException.Kind.STOPPED, "stopped", "interrupted", e);
            }
        }
    }
}
