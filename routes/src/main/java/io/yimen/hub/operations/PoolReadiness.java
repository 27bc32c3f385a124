package io.yimen.hub.operations;

import io.yimen.hub.Databases;
import jakarta.inject.Singleton;

/** Whether the pool is open and its database answers. */
@Singleton
public final class PoolReadiness {
    private final Databases databases;
    private volatile boolean open;

    PoolReadiness(Databases databases) {
        this.databases = databases;
    }

    /** The pool's schema is there; requests can be served. */
    public void opened() {
        open = true;
    }

    boolean isReady() {
        return open && databases.isReachable();
    }
}
