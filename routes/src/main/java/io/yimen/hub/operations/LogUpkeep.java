package io.yimen.hub.operations;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.change.Compaction;
import jakarta.inject.Singleton;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Makes the months of the change log ahead, and lets go of what may no longer be kept: at the start and every hour. */
@Singleton
public class LogUpkeep {
    private static final Logger LOG = Logger.getLogger(LogUpkeep.class);

    private final PostgresPool pool;
    private final Compaction compaction;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "change-log");
        thread.setDaemon(true);
        return thread;
    });

    LogUpkeep(PostgresPool pool, Compaction compaction) {
        this.pool = pool;
        this.compaction = compaction;
    }

    /** Begins. */
    public void start() {
        timer.scheduleWithFixedDelay(this::keep, 0, 1, TimeUnit.HOURS);
    }

    /** Ends, after the step at hand; what is left is done by the next start. */
    public void stop() throws InterruptedException {
        timer.shutdownNow();
        if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
            LOG.warn("The change log is still being compacted");
        }
    }

    private void keep() {
        try {
            pool.makeMonths();
            for (Compaction.Progress type : compaction.run(progress -> !timer.isShutdown())) {
                LOG.infof(
                        "%d changes of %s from before %s are no longer kept",
                        type.removed(), type.entityType(), type.horizon());
            }
        } catch (PoolException e) {
            LOG.warnf("The change log could not be kept in order, it will be in an hour: %s", e.getMessage());
        }
    }
}
