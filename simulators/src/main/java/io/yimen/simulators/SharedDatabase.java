package io.yimen.simulators;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A PostgreSQL server that several small systems share, each with a database of its own, as an office's computing centre
 * runs them. It starts with the first and stops with the last of them. Thread-safe.
 */
final class SharedDatabase implements AutoCloseable {
    private static final Map<Path, SharedDatabase> RUNNING = new HashMap<>();

    private final Path folder;
    private final EmbeddedDatabase server;
    private int users;

    private SharedDatabase(Path folder, EmbeddedDatabase server) {
        this.folder = folder;
        this.server = server;
    }

    /** The server of a folder; every call is answered by one {@link #close}. */
    static SharedDatabase of(Path folder) {
        Path key = folder.toAbsolutePath().normalize();
        synchronized (RUNNING) {
            SharedDatabase shared = RUNNING.computeIfAbsent(
                    key, f -> new SharedDatabase(f, EmbeddedDatabase.start(f, Map.of("timezone", "Asia/Shanghai"))));
            shared.users++;
            return shared;
        }
    }

    EmbeddedDatabase server() {
        return server;
    }

    @Override
    public void close() {
        synchronized (RUNNING) {
            if (--users == 0) {
                RUNNING.remove(folder);
                server.close();
            }
        }
    }
}
