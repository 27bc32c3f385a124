package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.yimen.simulators.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code ./yimen demo --once --json}, as a newcomer's script would call it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemoIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration SECOND_START = Duration.ofSeconds(60);

    private final Path data = Places.folder("demo");
    private final Path killedData = Places.folder("demo");
    /** Systems that are asked every few seconds: how often that was is another question. */
    private static final Set<String> ASKED_AGAIN = Set.of("city-management", "community-web", "online-council");

    private JsonNode first = MissingNode.getInstance();
    private JsonNode afterKill = MissingNode.getInstance();
    private long recordsWhenKilled;
    private int leftBehind;
    private Set<String> published = Set.of();

    /** Two demos side by side, of which one is killed in the middle and started again. */
    @BeforeAll
    void firstStarts() throws IOException {
        Running undisturbed = demo(data);
        Running killed = demo(killedData);
        await("the middle of the first sync")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> electionRecords(killedData) > 5_000);
        // The launcher alone: its servers and its hub are left behind.
        killed.process.destroyForcibly();
        recordsWhenKilled = electionRecords(killedData);
        leftBehind = processesIn(killedData).size();
        Running again = demo(killedData);
        first = finished(undisturbed);
        afterKill = finished(again);
        awaitNobodyIn(data);
        awaitNobodyIn(killedData);
        published = published(data);
    }

    @Test
    void printsOneBalancedObjectAndReadsNothingAgain() {
        assertShape(first);
        long before = System.nanoTime();
        assertReadsNothingAgain(demo(data));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SECOND_START);
    }

    /** Every port of the last time is taken, and so is the hub's new one before the hub comes to bind it. */
    @Test
    void startsAgainOnOtherPortsAndReadsNothingAgain() throws IOException {
        Path hub = data.resolve("data/hub");
        List<Integer> before = List.of(
                port(hub.resolve("port"), "(\\d+)", 0),
                port(hub.resolve("management-port"), "(\\d+)", 0),
                port(data.resolve("data/kafka/server.properties"), "(?m)^listeners=.*?1\\\\?:(\\d+)", 0),
                port(data.resolve("data/kafka/server.properties"), "(?m)^listeners=.*1\\\\?:(\\d+)$", 0),
                port(data.resolve("data/pool/pgdata/postmaster.opts"), "port=(\\d+)", 0),
                port(data.resolve("data/election/pgdata/postmaster.opts"), "port=(\\d+)", 0));
        List<ServerSocket> strangers = new ArrayList<>();
        try {
            for (int port : before) {
                strangers.add(listen(port));
            }
            Running again = demo(data);
            int chosen = await("the hub's next port")
                    .atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(10))
                    .until(
                            () -> port(hub.resolve("yimen.yaml"), "quarkus.http.port: \"(\\d+)\"", before.get(0)),
                            port -> !port.equals(before.get(0)));
            strangers.add(listen(chosen));
            assertReadsNothingAgain(again);
            assertThat(Files.readString(again.err)).contains("it starts again on another one");
            assertThat(port(hub.resolve("port"), "(\\d+)", 0)).isNotIn(before).isNotEqualTo(chosen);
        } finally {
            for (ServerSocket stranger : strangers) {
                stranger.close();
            }
        }
        // Not by AssertJ, which would compare each of them with each.
        assertThat(published(data).containsAll(published))
                .as("the topics hold what they held before")
                .isTrue();
    }

    @Test
    void aDemoKilledInTheMiddleOfItsFirstSyncIsCleanedUpByTheNextAndEndsAsIfNothingHadBeen() {
        assertThat(leftBehind).as("what the launcher left behind").isGreaterThanOrEqualTo(3);
        assertShape(afterKill);
        assertThat(recordsWhenKilled)
                .as("records when it was killed")
                .isLessThan(sum(afterKill, "election", "applied"));
        // The kill has harmed nobody else, who ends the same.
        assertShape(first);
        assertEqualResult(afterKill, first);
    }

    private void assertReadsNothingAgain(Running demo) {
        JsonNode again = finished(demo);
        awaitNobodyIn(data);
        assertShape(again);
        assertEqualResult(again, first);
        for (JsonNode line : first.path("sources")) {
            String source = line.path("id").asText();
            if (!ASKED_AGAIN.contains(source)) {
                assertThat(sum(again, source, "read"))
                        .as("records of %s read by another start", source)
                        .isEqualTo(sum(first, source, "read"));
            }
        }
    }

    /** The same things, made of the same records; how often a record was read is another question. */
    private static void assertEqualResult(JsonNode result, JsonNode expected) {
        assertThat(result.path("entities")).isEqualTo(expected.path("entities"));
        assertThat(result.path("mergedRecords")).isEqualTo(expected.path("mergedRecords"));
        assertThat(numbers(result, "applied")).as("records applied").isEqualTo(numbers(expected, "applied"));
    }

    /** Everything on the topics of a demo that has ended: where it stands, and which change it is. */
    private static Set<String> published(Path folder) {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("data/kafka"))) {
            Set<String> found = new HashSet<>();
            ChangeTopics.readAll(broker.bootstrapServers())
                    .forEach(m ->
                            found.add(m.topic() + " " + m.partition() + " " + m.offset() + " " + m.attribute("id")));
            assertThat(found).hasSizeGreaterThan(10_000);
            return found;
        }
    }

    /** Records of the election system in the pool of a demo that runs. */
    private static long electionRecords(Path folder) throws IOException {
        Path pool = folder.resolve("data/pool");
        if (!Files.exists(pool.resolve("password")) || !Files.exists(pool.resolve("pgdata/postmaster.pid"))) {
            return 0;
        }
        List<String> lines = Files.readAllLines(pool.resolve("pgdata/postmaster.pid"));
        String password = Files.readString(pool.resolve("password")).strip();
        PoolTables tables = new PoolTables(
                "jdbc:postgresql://127.0.0.1:" + (lines.size() < 4 ? "1" : lines.get(3)) + "/yimen",
                "postgres",
                password);
        try {
            return tables.number("""
                    select count(*) from pool.source_record r join pool.stream s on s.id = r.stream_id
                     where s.source = 'election'""");
        } catch (IllegalStateException e) {
            // There is no server yet, or no such table.
            return 0;
        }
    }

    private static int port(Path file, String pattern, int otherwise) throws IOException {
        Matcher port = Pattern.compile(pattern).matcher(Files.exists(file) ? Files.readString(file) : "");
        return port.find() ? Integer.parseInt(port.group(1)) : otherwise;
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    }

    /** A demo that runs, with its output in files. */
    private record Running(Process process, Path out, Path err) {}

    private static Running demo(Path data) {
        try {
            Path out = Files.createTempFile(data, "out", ".json");
            Path err = Files.createTempFile(data, "err", ".log");
            ProcessBuilder builder = new ProcessBuilder(
                            Places.root().resolve("yimen").toString(),
                            "demo",
                            "--once",
                            "--json",
                            // Enough for what is looked at here.
                            "--residents",
                            "6000",
                            "--data",
                            data.resolve("data").toString())
                    .directory(Places.root().toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            // What is tested is what has been built.
            builder.environment().put("yimen_built", "1");
            Process process = builder.start();
            return new Running(process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one object on its standard output. */
    private static JsonNode finished(Running demo) {
        try {
            if (!demo.process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                demo.process.descendants().forEach(ProcessHandle::destroyForcibly);
                demo.process.destroyForcibly();
                throw new AssertionError("The demo did not end:\n" + Files.readString(demo.err));
            }
            assertThat(demo.process.exitValue())
                    .as("exit status\n%s", Files.readString(demo.err))
                    .isZero();
            String out = Files.readString(demo.out, StandardCharsets.UTF_8);
            try (JsonParser parser = JSON.createParser(out)) {
                JsonNode object = JSON.readTree(parser);
                assertThat(object).as("standard output: %s", out).isNotNull();
                assertThat(parser.nextToken()).as("what follows the object").isNull();
                return object;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void assertShape(JsonNode result) {
        assertThat(result.isObject()).isTrue();
        assertThat(new TreeSet<>(names(result))).containsExactly("entities", "mergedRecords", "seconds", "sources");
        List<String> streams = new ArrayList<>();
        for (JsonNode source : result.path("sources")) {
            assertThat(names(source))
                    .containsExactlyInAnyOrder("id", "stream", "read", "applied", "unchanged", "stale", "quarantined");
            streams.add(source.path("id").asText() + "/" + source.path("stream").asText());
            assertThat(source.path("read").asLong())
                    .as("%s is balanced", source)
                    .isEqualTo(source.path("applied").asLong()
                            + source.path("unchanged").asLong()
                            + source.path("stale").asLong()
                            + source.path("quarantined").asLong());
        }
        assertThat(streams)
                .containsExactlyInAnyOrder(
                        "election/committee",
                        "election/election",
                        "election/candidate-person",
                        "election/candidacy",
                        "election/member-person",
                        "election/membership",
                        "divisions-2023/place",
                        "divisions-2023/organization",
                        "divisions-2016/place",
                        "divisions-2016/organization",
                        "credit-codes/organization",
                        "single-window/applicant",
                        "single-window/case",
                        "bright-eyes/incident",
                        "city-brain/resident",
                        "city-brain/home",
                        "e-tongche/request",
                        "credit-codes-yearly/organization",
                        "community/home",
                        "community/household",
                        "community/resident",
                        "community/unit",
                        "community/worker",
                        "community/post",
                        "elderly-care/elder",
                        "elderly-care/order",
                        "voices-13/opinion",
                        "voices-13/activity",
                        "community-web/article",
                        "community-web/covenant",
                        "city-management/request",
                        "online-council/topic",
                        "service-platform/item",
                        "service-platform/applicant",
                        "service-platform/case",
                        "service-platform/figure",
                        "smart-community/resident",
                        "smart-community/task",
                        "smart-community/report");
        JsonNode entities = result.path("entities");
        assertThat(names(entities))
                .contains(
                        "Place", "Organization", "Person", "Home", "Household", "Membership", "Election", "Candidacy");
        assertThat(entities.path("Place").asLong()).isGreaterThan(6_000);
        assertThat(entities.path("Organization").asLong()).isGreaterThan(6_000);
        assertThat(entities.path("Person").asLong()).isGreaterThan(5_000);
        assertThat(result.path("mergedRecords").asLong()).isGreaterThan(10_000);
        assertThat(result.path("seconds").isNumber()).isTrue();
    }

    private static List<Long> numbers(JsonNode result, String name) {
        List<Long> numbers = new ArrayList<>();
        result.path("sources").forEach(source -> numbers.add(source.path(name).asLong()));
        return numbers;
    }

    private static long sum(JsonNode result, String source, String name) {
        long sum = 0;
        for (JsonNode line : result.path("sources")) {
            sum += line.path("id").asText().equals(source) ? line.path(name).asLong() : 0;
        }
        return sum;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static void awaitNobodyIn(Path folder) {
        await("every process of " + folder + " has ended")
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(processesIn(folder)).isEmpty());
    }

    /** Processes that were started with this folder, or work in it. */
    private static List<Long> processesIn(Path folder) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(pid).contains(folder.toString())
                        || workingFolder(pid).filter(f -> f.startsWith(folder)).isPresent())
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException | UncheckedIOException e) {
            // Gone by now.
            return "";
        }
    }

    private static Optional<Path> workingFolder(long pid) {
        try {
            return Optional.of(Path.of("/proc", Long.toString(pid), "cwd").toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
