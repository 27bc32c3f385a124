package io.yimen.connectors;

import java.time.Clock;

/** A connector that runs in a thread of its own until it is closed. */
public final class Running implements AutoCloseable {
    private final ConnectorRun run;
    private final Thread thread;

    public Running(Connector connector, RecordingPool pool) {
        this.run = new ConnectorRun(connector, pool, pool, Clock.systemUTC());
        this.thread = new Thread(() -> {
            try {
                run.loop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
    }

    public ConnectorState state() {
        return run.state();
    }

    @Override
    public void close() throws InterruptedException {
        run.stop();
        thread.join(60_000);
        if (thread.isAlive()) {
            throw new IllegalStateException("the connector does not stop");
        }
    }
}
