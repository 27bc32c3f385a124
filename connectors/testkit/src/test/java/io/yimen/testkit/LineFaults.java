package io.yimen.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.ConnectorState;
import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.claim.StreamId;
import io.yimen.simulators.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * What every kind of connector that reaches its source over a network has to stand: the line is cut in the middle of the
 * first read and in the middle of changes, by an end, by a reset, or so that nothing comes any more and nobody says so.
 * It is told as what it is, and when the line is there again everything arrives, balanced, and nothing twice.
 */
final class LineFaults implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(100);
    private static final int FIRST_ROW = 40;

    /** Shorter times than a source over a real network is given, by kind. */
    private static final Map<String, String> SHORT_TIMES =
            Map.of("rest-pages", "PT2S", "soap", "PT2S", "poll-jdbc", "PT2S", "outbox-jdbc", "PT2S");

    /**
     * What is left out, with the reason: while tables of a MariaDB are copied on a line that falls silent, nothing is told
     * for ten minutes, longer than a test may wait.
     */
    private static final Map<String, Door.End> LEFT_OUT = Map.of("capture-mysql", Door.End.SILENT);

    private final Fixture fixture;
    private final Manifest manifest;
    private final Path folder;
    private final Door door = new Door();
    private final Door line;
    private final Map<String, String> configuration = new HashMap<>();
    private int readings;
    private int rows = FIRST_ROW;

    LineFaults(Fixture fixture, Path catalog, Path folder) throws IOException {
        this.fixture = fixture;
        this.folder = Files.createDirectories(folder);
        String text = Files.readString(catalog.resolve(Manifests.FILE));
        String kind = text.replaceFirst("(?s).*?\nkind: ([a-z-]+)\n.*", "$1");
        String time = SHORT_TIMES.get(kind);
        this.manifest = Manifests.load(Files.writeString(
                        folder.resolve(Manifests.FILE),
                        time == null ? text : text.replaceFirst("\nsettings:\n", "$0  timeout: " + time + "\n")))
                .get(0);
        configuration.putAll(fixture.configuration(door));
        if (kind.equals("capture-postgres")) {
            configuration.computeIfPresent(key("jdbc-url"), (key, url) -> url + "?socketTimeout=3");
        }
        this.line = fixture.line(door);
        if (manifest.parameters().containsKey("interval")) {
            configuration.put(key("interval"), "PT0.1S");
        }
    }

    private String key(String parameter) {
        return "yimen.connector." + manifest.id() + "." + parameter;
    }

    /** For each way in which a line ends: the first read, then changes. */
    void run() throws Exception {
        for (Door.End end : Door.End.values()) {
            if (end == LEFT_OUT.get(manifest.kind())) {
                continue;
            }
            line.count();
            Observed whole = new Observed();
            Connector connector = connector();
            Reading reading = Reading.of(connector, fixture.extractor(connector), fixture.sending(), whole, whole);
            assertThat(reading.failure()).as(manifest.id()).isNull();
            inTheMiddle(end, line.most() / 3, whole);
        }
    }

    private void inTheMiddle(Door.End end, long middle, Observed whole) throws Exception {
        String what = manifest.id() + " " + end;
        Observed seen = new Observed();
        line.cut(end, middle);
        try (Following following = new Following(seen)) {
            following.awaitFailure(what + " in the first read");
            assertThat(seen.all())
                    .as(what + " before the line is back")
                    .hasSizeLessThan(whole.all().size());
            line.open();
            await(what + " after the first read")
                    .atMost(LONG)
                    .until(() -> seen.all().equals(whole.all()));
            following.awaitCalm(what);
            assertThat(seen.counts().applied())
                    .as(what)
                    .isEqualTo(whole.counts().applied());
            assertThat(rejected(seen)).as(what).isEqualTo(rejected(whole));

            Map<String, Map<String, String>> before = seen.all();
            long applied = seen.counts().applied();
            List<Map<String, String>> added = List.of(fixture.row(rows++), fixture.row(rows++));
            line.cut(end, 0);
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(added));
            following.awaitFailure(what + " in changes");
            line.open();
            writing.get(LONG.toSeconds(), TimeUnit.SECONDS);
            await(what + " after changes").atMost(LONG).until(() -> seen.all().size() >= before.size() + added.size());
            following.awaitCalm(what);
            assertThat(seen.all()).as(what).containsAllEntriesOf(before);
            assertThat(seen.counts().applied() - applied)
                    .as(what)
                    .isEqualTo(seen.all().size() - before.size());
        } finally {
            line.open();
        }
        assertThat(seen.unbalanced()).as(what).isZero();
    }

    private void write(List<Map<String, String>> added) {
        try {
            fixture.put(added);
            fixture.publish();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Set<String> rejected(Observed seen) {
        Set<String> keys = new HashSet<>();
        manifest.streams()
                .forEach(stream -> seen.rejectedKeys(new StreamId(manifest.id(), stream.id()))
                        .forEach(key -> keys.add(stream.id() + "/" + key)));
        return keys;
    }

    /** One that has fetched nothing yet. */
    private Connector connector() {
        if (manifest.parameters().containsKey("work")) {
            configuration.put(key("work"), folder.resolve("work-" + ++readings).toString());
        }
        return Connector.of(manifest, key -> Optional.ofNullable(configuration.get(key)));
    }

    @Override
    public void close() {
        door.close();
    }

    /** The connector as the hub runs it: it tries again after every failure. */
    private final class Following implements AutoCloseable {
        private final List<RuntimeException> failures = new CopyOnWriteArrayList<>();
        private final ConnectorRun run;
        private final Thread thread;
        private int told;

        Following(Observed seen) {
            Connector connector = connector();
            Extractor extractor = fixture.extractor(connector);
            Extractor watched = session -> {
                try {
                    extractor.run(session);
                } catch (RuntimeException e) {
                    failures.add(e);
                    throw e;
                }
            };
            this.run = new ConnectorRun(connector, watched, seen, seen, Clock.systemUTC());
            this.thread = new Thread(
                    () -> {
                        try {
                            run.loop();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "following-" + manifest.id());
            thread.setDaemon(true);
            thread.start();
        }

        /** It says by itself that the source cannot be reached. */
        void awaitFailure(String what) {
            await(what + " is told")
                    .atMost(LONG)
                    .until(() -> failures.size() > told && run.state().error().isPresent());
            told = failures.size();
            assertThat(failures)
                    .as(what)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOfSatisfying(
                                    ConnectorException.class,
                                    e -> assertThat(e.kind())
                                            .as(String.valueOf(e.getMessage()))
                                            .isEqualTo(ConnectorException.Kind.UNREACHABLE)));
            assertThat(run.state().phase()).as(what).isNotEqualTo(ConnectorState.Phase.LIVE);
        }

        /** It has caught up and says nothing more of a failure. */
        void awaitCalm(String what) {
            await(what + " is over")
                    .atMost(LONG)
                    .until(() -> run.state().phase() == ConnectorState.Phase.LIVE
                            || run.state().phase() == ConnectorState.Phase.WAITING);
            told = failures.size();
        }

        @Override
        public void close() throws InterruptedException {
            run.stop();
            thread.join(LONG.toMillis());
            assertThat(thread.isAlive()).as("it stops").isFalse();
        }
    }
}
