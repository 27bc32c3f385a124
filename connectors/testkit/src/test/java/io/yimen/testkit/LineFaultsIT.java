package io.yimen.testkit;

import static java.util.Objects.requireNonNull;

import io.yimen.testkit.systems.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connector of each kind that reaches its source over a network withstands what its line does. */
class LineFaultsIT {
    private static final Path CATALOG = Path.of("..", "catalog");
    private static final Map<String, Future<Void>> RUNNING = new TreeMap<>();
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    @TempDir
    static Path folder;

    static List<String> connectors() {
        return List.of(
                "community", // capture-mysql
                "election", // capture-postgres
                "service-platform", // poll-jdbc
                "smart-community", // outbox-jdbc
                "credit-codes", // rest-pages
                "e-tongche", // soap
                "elderly-care", // file-drop over SFTP
                "city-brain"); // kafka-topic
    }

    /** Side by side: most of the time each waits for an answer that does not come. */
    @BeforeAll
    static void startAll() {
        for (String connector : connectors()) {
            RUNNING.put(connector, THREADS.submit(() -> {
                withstands(connector);
                return null;
            }));
        }
    }

    @AfterAll
    static void end() {
        THREADS.shutdownNow();
    }

    private static void withstands(String connector) throws Exception {
        try (Fixture fixture = requireNonNull(Fixtures.all().get(connector)).apply(folder.resolve(connector));
                LineFaults faults =
                        new LineFaults(fixture, CATALOG.resolve(connector), folder.resolve("line-" + connector))) {
            faults.run();
        }
    }

    @ParameterizedTest
    @MethodSource("connectors")
    void readsOnWhateverTheLineDoes(String connector) throws Exception {
        requireNonNull(RUNNING.get(connector)).get();
    }
}
