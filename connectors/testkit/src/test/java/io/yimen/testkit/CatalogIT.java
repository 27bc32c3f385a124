package io.yimen.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.testkit.systems.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every connector of the catalog passes the conformance kit. */
class CatalogIT {
    private static final Path CATALOG = Path.of("..", "catalog");
    private static final int AT_ONCE = 3;

    /** Whoever looks at how much memory is in use is alone. */
    private final ReentrantReadWriteLock memory = new ReentrantReadWriteLock(true);

    /** Side by side: most of the time each waits for its source's next heartbeat. */
    @Test
    void passesTheKit(@TempDir Path folder) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        List<Future<List<Verdict>>> running = new ArrayList<>();
        for (String connector : Fixtures.all().keySet()) {
            running.add(threads.submit(() -> certify(connector, folder)));
        }
        threads.shutdown();
        List<Verdict> verdicts = new ArrayList<>();
        for (Future<List<Verdict>> each : running) {
            verdicts.addAll(each.get());
        }

        assertThat(verdicts).filteredOn(Verdict::isFailed).isEmpty();
        assertThat(verdicts).hasSize(Fixtures.all().size() * Check.values().length);
        assertThat(verdicts)
                .filteredOn(o -> o.result() == Verdict.Result.BYPASSED)
                .noneMatch(o -> o.reason().isBlank());
    }

    private List<Verdict> certify(String connector, Path folder) throws Exception {
        Manifest manifest = Manifests.load(CATALOG.resolve(connector)).get(0);
        try (Fixture fixture = requireNonNull(Fixtures.all().get(connector)).apply(folder.resolve(connector));
                Certification certification = new Certification(fixture, manifest, verdict -> {})) {
            List<Verdict> verdicts = new ArrayList<>(
                    locked(memory.readLock(), certification, EnumSet.complementOf(EnumSet.of(Check.MEMORY))));
            verdicts.addAll(locked(memory.writeLock(), certification, EnumSet.of(Check.MEMORY)));
            return verdicts;
        }
    }

    private static List<Verdict> locked(Lock lock, Certification certification, EnumSet<Check> checks)
            throws InterruptedException {
        lock.lock();
        try {
            return certification.run(checks);
        } finally {
            lock.unlock();
        }
    }

    @Test
    void everyConnectorOfTheCatalogHasAFixture() throws Exception {
        try (Stream<Path> folders = Files.list(CATALOG)) {
            assertThat(folders.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Fixtures.all().keySet());
        }
    }
}
