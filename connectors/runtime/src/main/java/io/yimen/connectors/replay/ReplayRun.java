package io.yimen.connectors.replay;

import io.yimen.connectors.extract.Stop;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.RunStatus;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through what a selection holds, step by step, no faster than it may. One thread runs it; {@link #stop} may be
 * called by any other. A run that ends in the middle, however it ends, has done its steps whole; another one goes on.
 */
public final class ReplayRun {
    /** Records a second where nobody says otherwise. */
    public static final int USUAL_RATE = 100;

    /** Most records a second. */
    public static final int HIGHEST_RATE = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRun.class);
    /** Others apply between two steps: a step is short. */
    private static final int STEP = 50;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private final Pool pool;
    private final Remapping remapping;
    private final Selection selection;
    private final Decision decision;
    private final Map<Long, byte[]> edits;
    private final int rate;
    private final Stop stop = new Stop();
    private final long run;

    private ReplayRun(
            Pool pool,
            Remapping remapping,
            Selection selection,
            Decision decision,
            Map<Long, byte[]> edits,
            int rate,
            long run) {
        this.pool = pool;
        this.remapping = remapping;
        this.selection = selection;
        this.decision = decision;
        this.edits = edits;
        this.rate = rate;
        this.run = run;
    }

    /**
     * Opens a run; {@link #complete} has to follow.
     *
     * @param rate records a second, 1 to {@value #HIGHEST_RATE}
     * @throws PoolException {@code CONFLICT} while another replay of the source goes on
     */
    public static ReplayRun open(
            Pool pool, Remapping remapping, Selection selection, Decision decision, Map<Long, byte[]> edits, int rate) {
        if (rate < 1 || rate > HIGHEST_RATE) {
            throw new PoolException(
                    PoolException.Kind.INVALID, "The rate is 1 to " + HIGHEST_RATE + " records a second");
        }
        return new ReplayRun(pool, remapping, selection, decision, edits, rate, pool.openReplay(selection, decision));
    }

    /** The run's id in the pool. */
    public long id() {
        return run;
    }

    public Selection selection() {
        return selection;
    }

    /** Asks to stop; the step at hand is finished. */
    public void stop() {
        stop.request();
    }

    /**
     * Replays until there is no more or it is asked to stop, and closes the run.
     *
     * @param watcher told of each step, once it is durable
     * @return whether it came to the end
     * @throws PoolException what went wrong, after the run has been closed as failed; {@code INVALID} if it was ended
     *     from elsewhere
     */
    public boolean complete(Consumer<ReplayStep> watcher) throws InterruptedException {
        RunStatus status = RunStatus.FAILED;
        @Nullable String message = "an error inside the hub";
        try {
            boolean whole = steps(watcher);
            status = RunStatus.COMPLETED;
            message = whole ? null : "stopped; what was not taken goes on waiting";
            return whole;
        } catch (PoolException e) {
            message = e.getMessage();
            throw e;
        } finally {
            close(status, message);
        }
    }

    private boolean steps(Consumer<ReplayStep> watcher) throws InterruptedException {
        Replay.After after = null;
        int limit = Math.min(rate, STEP);
        do {
            long began = System.nanoTime();
            ReplayStep step = retrying(new Replay(run, selection, decision, edits, after, limit));
            if (step == null) {
                return false;
            }
            watcher.accept(step);
            after = step.next();
            long due = step.records().size() * 1_000_000_000L / rate;
            Duration pause = Duration.ofNanos(Math.max(0, due - (System.nanoTime() - began)));
            if (after != null && stop.await(pause)) {
                return false;
            }
        } while (after != null);
        return true;
    }

    /** One step; nothing if it was asked to stop before the pool answered. */
    private @Nullable ReplayStep retrying(Replay replay) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (!stop.isRequested()) {
            try {
                return pool.replay(replay, remapping);
            } catch (PoolException e) {
                if (e.kind() != PoolException.Kind.RETRY) {
                    throw e;
                }
                LOG.warn("Replay of {}: waiting for the pool: {}", selection.source(), e.getMessage());
            }
            if (stop.await(pause)) {
                return null;
            }
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        }
        return null;
    }

    /** A run that was ended from elsewhere is closed already; one that cannot be closed is closed by the next. */
    private void close(RunStatus status, @Nullable String message) {
        try {
            pool.closeRun(run, status, message);
        } catch (PoolException e) {
            LOG.info("Replay of {}: {}", selection.source(), e.getMessage());
        }
    }
}
