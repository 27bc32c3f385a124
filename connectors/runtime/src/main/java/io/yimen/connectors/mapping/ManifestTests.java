package io.yimen.connectors.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs the tests that a manifest carries. */
public final class ManifestTests {
    private ManifestTests() {}

    /**
     * What one test showed.
     *
     * @param stream the stream it belongs to
     * @param name as written
     * @param failure what differs, with file and line; empty if nothing does
     */
    public record Result(String stream, String name, Optional<String> failure) {}

    /** Runs all tests of all streams. */
    public static List<Result> run(Manifest manifest) {
        List<Result> results = new ArrayList<>();
        List<String> known = Columns.of(manifest.streams()).names();
        for (Manifest.Stream stream : manifest.streams()) {
            Columns columns = Columns.of(List.of(stream));
            StreamMapping mapping = StreamMapping.compile(stream, manifest.id(), columns, zoneOf(manifest));
            for (Manifest.Example test : stream.tests()) {
                List<String> differences = new ArrayList<>();
                check(mapping, columns, known, test.body(), differences);
                Optional<String> failure = differences.isEmpty()
                        ? Optional.empty()
                        : Optional.of(manifest.file() + ":" + test.line() + ": " + stream.id() + ": " + test.name()
                                + ": " + String.join("; ", differences));
                results.add(new Result(stream.id(), test.name(), failure));
            }
        }
        return results;
    }

    /** The zone of times without one, as the settings declare it. */
    public static ZoneId zoneOf(Manifest manifest) {
        return ZoneId.of(manifest.settings().timeZone());
    }

    private static void check(
            StreamMapping mapping, Columns columns, List<String> known, JsonNode test, List<String> differences) {
        @Nullable String[] row = new @Nullable String[columns.size()];
        test.path("given").properties().forEach(e -> {
            int index = columns.indexOf(e.getKey());
            if (index >= 0) {
                row[index] = e.getValue().isNull() ? "" : e.getValue().asText();
            } else if (!known.contains(e.getKey())) {
                differences.add("no stream of the manifest reads the column " + e.getKey());
            }
        });
        Captured out = new Captured();
        mapping.map(row, Position.of(1), out);
        if (test.has("skip")) {
            if (!out.skipped) {
                differences.add("expected the row to be skipped, but it was " + out.describe());
            }
            return;
        }
        if (test.has("reject")) {
            checkRejected(test.path("reject"), out, differences);
            return;
        }
        ChangeEvent event = out.event;
        if (event == null) {
            differences.add("expected a record, but it was " + out.describe());
            return;
        }
        checkEvent(test.path("expect"), event, differences);
    }

    private static void checkRejected(JsonNode expected, Captured out, List<String> differences) {
        Rejected rejected = out.rejected;
        if (rejected == null) {
            differences.add("expected the row to be rejected, but it was " + out.describe());
            return;
        }
        if (!rejected.reason().equals(expected.path("reason").asText())) {
            differences.add("expected reason " + expected.path("reason").asText() + ", got " + rejected.reason());
        }
        if (expected.has("field") && !expected.path("field").asText().equals(rejected.field())) {
            differences.add("expected field " + expected.path("field").asText() + ", got " + rejected.field());
        }
    }

    private static void checkEvent(JsonNode expected, ChangeEvent event, List<String> differences) {
        if (expected.has("key") && !expected.path("key").asText().equals(event.key())) {
            differences.add("expected key " + expected.path("key").asText() + ", got " + event.key());
        }
        if (expected.has("updated")) {
            Instant stated = event.statedAt();
            String got = stated == null ? null : stated.toString();
            String want = expected.path("updated").isNull()
                    ? null
                    : expected.path("updated").asText();
            if (!Objects.equals(want, got)) {
                differences.add("expected updated to be " + (want == null ? "nothing" : want) + ", got "
                        + (got == null ? "nothing" : got));
            }
        }
        expected.path("fields").properties().forEach(e -> {
            int index = event.stream().fields().indexOf(e.getKey());
            if (index < 0) {
                differences.add("the stream has no field " + e.getKey());
                return;
            }
            String want = e.getValue().isNull() ? null : e.getValue().asText();
            String got = event.value(index);
            if (want == null ? got != null : !want.equals(got)) {
                differences.add("expected " + e.getKey() + " to be " + quoted(want) + ", got " + quoted(got));
            }
        });
        TreeSet<String> want = new TreeSet<>();
        expected.path("flags")
                .forEach(f ->
                        want.add(f.path("field").asText() + " " + f.path("code").asText()));
        TreeSet<String> got = event.flags().stream()
                .map(f -> f.field() + " " + f.code())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!want.equals(got)) {
            differences.add("expected flags " + want + ", got " + got);
        }
    }

    private static String quoted(@Nullable String value) {
        return value == null ? "not observed" : "\"" + value + "\"";
    }

    /** Keeps what became of the one row. */
    private static final class Captured implements StreamMapping.Output {
        private @Nullable ChangeEvent event;
        private @Nullable Rejected rejected;
        private boolean skipped;

        @Override
        public void event(ChangeEvent event) {
            this.event = event;
        }

        @Override
        public void rejected(Rejected rejected) {
            this.rejected = rejected;
        }

        @Override
        public void skipped(StreamMapping mapping, String key) {
            this.skipped = true;
        }

        String describe() {
            if (event != null) {
                return "taken";
            }
            return rejected == null ? "skipped" : "rejected as " + rejected.reason();
        }
    }
}
