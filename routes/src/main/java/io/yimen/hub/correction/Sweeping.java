package io.yimen.hub.correction;

import io.yimen.hub.sheet.TicketFiles;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Uploads;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.LocalDate;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What is due by the calendar, at the start and every hour: ends corrections that were made for a time, escalates tickets
 * that are overdue, forgets uploads that nobody mends, and writes the day's tickets.
 */
@Singleton
public class Sweeping {
    private static final Logger LOG = Logger.getLogger(Sweeping.class);

    private final Corrections corrections;
    private final Uploads uploads;
    private final TicketFiles files;
    private final Clock clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "corrections");
        thread.setDaemon(true);
        return thread;
    });

    Sweeping(Corrections corrections, Uploads uploads, TicketFiles files, Clock clock) {
        this.corrections = corrections;
        this.uploads = uploads;
        this.files = files;
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
            LocalDate today = LocalDate.ofInstant(clock.instant(), Corrections.ZONE);
            Corrections.Swept swept = corrections.sweep(today);
            if (swept.expired() + swept.escalated() > 0) {
                LOG.infof("%d corrections expired, %d tickets escalated", swept.expired(), swept.escalated());
            }
            uploads.forget(clock.instant().minus(Uploads.KEPT));
            files.write(today);
        } catch (PoolException e) {
            LOG.warnf("Corrections could not be swept, they will be in an hour: %s", e.getMessage());
        }
    }
}
