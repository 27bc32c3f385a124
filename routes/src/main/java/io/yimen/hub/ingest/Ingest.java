package io.yimen.hub.ingest;

import jakarta.inject.Singleton;

@Singleton
public final class Ingest {
    public void openPool() {}

    public void start() {}

    public void stop() {}
}
