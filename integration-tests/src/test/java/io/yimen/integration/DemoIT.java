package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code ./yimen demo --once --json}, as a newcomer's script would call it. */
class DemoIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration SECOND_START = Duration.ofSeconds(60);

    @Test
    void printsOneBalancedObjectAndReadsNothingAgain() {
        Path data = Places.folder("demo");
        JsonNode first = finished(demo(data));
        assertShape(first);

        long before = System.nanoTime();
        JsonNode second = finished(demo(data));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SECOND_START);
        assertShape(second);
        assertThat(second.path("entities")).isEqualTo(first.path("entities"));
        assertThat(second.path("mergedRecords")).isEqualTo(first.path("mergedRecords"));
        assertThat(read(second)).as("records read by the second start").isEqualTo(read(first));
        awaitNobodyIn(data);
    }

    @Test
    void aKilledDemoIsCleanedUpByTheNextAndHarmsNoOther() {
        Path mine = Places.folder("demo");
        Path others = Places.folder("demo");
        Running killed = demo(mine);
        Running other = demo(others);
        await("the demo's servers")
                .atMost(Duration.ofMinutes(2))
                .until(() -> processesIn(mine).size() >= 3);
        // The launcher alone: its servers and its hub are left behind.
        killed.process.destroyForcibly();

        assertShape(finished(other));
        awaitNobodyIn(others);

        assertShape(finished(demo(mine)));
        awaitNobodyIn(mine);
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
                        "credit-codes/organization");
        JsonNode entities = result.path("entities");
        assertThat(names(entities)).contains("Place", "Organization", "Person", "Membership", "Election", "Candidacy");
        assertThat(entities.path("Place").asLong()).isGreaterThan(6_000);
        assertThat(entities.path("Organization").asLong()).isGreaterThan(6_000);
        assertThat(entities.path("Person").asLong()).isGreaterThan(5_000);
        assertThat(result.path("mergedRecords").asLong()).isGreaterThan(10_000);
        assertThat(result.path("seconds").isNumber()).isTrue();
    }

    private static List<Long> read(JsonNode result) {
        List<Long> read = new ArrayList<>();
        result.path("sources").forEach(source -> read.add(source.path("read").asLong()));
        return read;
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
