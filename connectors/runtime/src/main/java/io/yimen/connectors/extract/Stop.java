package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A request to stop, given once and seen by everybody who waits. */
public final class Stop {
    private final CountDownLatch requested = new CountDownLatch(1);

    public void request() {
        requested.countDown();
    }

    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits; returns early, and true, when a stop is requested. */
    public boolean await(Duration time) throws InterruptedException {
        return requested.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** @throws ConnectorException {@code STOPPED} if a stop is requested */
    public void check() {
        if (isRequested()) {
            throw new ConnectorException(ConnectorException.Kind.STOPPED, "stopped", "the run was asked to stop");
        }
    }
}
