package io.yimen.simulators;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Keeps a legacy system changing, as its clerks do. Thread-safe. */
final class Life {
    private final String name;
    private final IntConsumer steps;
    private @Nullable ScheduledExecutorService clock;

    /**
     * @param name of the thread
     * @param steps makes so many changes
     */
    Life(String name, IntConsumer steps) {
        this.name = name;
        this.steps = steps;
    }

    /** Goes on, so many changes a second, until {@link #pause}. */
    synchronized void go(double perSecond) {
        pause();
        // Beyond fifty a second a tick makes several.
        long nanos = (long) Math.max(TimeUnit.MILLISECONDS.toNanos(20), TimeUnit.SECONDS.toNanos(1) / perSecond);
        int each = (int) Math.max(1, Math.round(perSecond * nanos / 1e9));
        ScheduledExecutorService ticking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        var unused = ticking.scheduleAtFixedRate(() -> tick(each), nanos, nanos, TimeUnit.NANOSECONDS);
        clock = ticking;
    }

    private void tick(int each) {
        try {
            steps.accept(each);
        } catch (SimulatorException e) {
            // Its server may be down for a test; life goes on when it is back.
            return;
        }
    }

    /** Stops; the change at hand is finished first. */
    synchronized void pause() {
        ScheduledExecutorService ticking = clock;
        clock = null;
        if (ticking != null) {
            ticking.shutdownNow();
            try {
                ticking.awaitTermination(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
