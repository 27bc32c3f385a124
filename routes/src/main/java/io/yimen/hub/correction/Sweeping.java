package io.yimen.hub.correction;

import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Corrections;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.LocalDate;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Ends corrections that were made for a time, and escalates tickets that are overdue: at the start and every hour. */
@Singleton
public class Sweeping {
    private static final Logger LOG = Logger.getLogger(Sweeping.class);

    private final Corrections corrections;
    private final Clock clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "corrections");
        thread.setDaemon(true);
        return thread;
    });

    Sweeping(Corrections corrections, Clock clock) {
        this.corrections = corrections;
        this.clock = clock;
    }

    /** Begins. */
    public void start() {
        timer.scheduleWithFixedDelay(this::sweep, 0, 1, TimeUnit.HOURS);
    }

    /** Ends; a sweep at hand is finished first. */
    public void stop() throws InterruptedException {
        timer.shutdown();
        if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
            timer.shutdownNow();
        }
    }

    private void sweep() {
        try {
            Corrections.Swept swept = corrections.sweep(LocalDate.ofInstant(clock.instant(), Corrections.ZONE));
            if (swept.expired() + swept.escalated() > 0) {
                LOG.infof("%d corrections expired, %d tickets escalated", swept.expired(), swept.escalated());
            }
        } catch (PoolException e) {
            LOG.warnf("Corrections could not be swept, they will be in an hour: %s", e.getMessage());
        }
    }
}
