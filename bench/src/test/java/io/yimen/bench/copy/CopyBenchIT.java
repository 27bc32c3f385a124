package io.yimen.bench.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Small, for its equality checks; no time decides anything here. */
class CopyBenchIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    @Test
    void everybodyHoldsWhatTheSourceHolds() throws Exception {
        Plan plan = Plan.of(List.of(
                "--size",
                "1500",
                "--rounds",
                "1",
                "--peers",
                "P3,P4",
                "--case",
                "snapshot,stream-100,stream-large",
                "--hub-options",
                "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"));
        Figures figures = new CopyBench(HOME, plan, nobody()).run();
        assertThat(figures.json(plan, 1).lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"yimen\"", "\"P3 logical replication\""));
    }

    @Test
    @EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
    void everythingOfAMariaDbIsHeld() throws Exception {
        Plan plan = Plan.of(List.of(
                "--source",
                "mariadb",
                "--size",
                "1000",
                "--rounds",
                "1",
                "--peers",
                "none",
                "--case",
                "snapshot,stream-100,stream-large",
                "--hub-options",
                "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"));
        Figures figures = new CopyBench(HOME, plan, nobody()).run();
        assertThat(figures.json(plan, 1).lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"yimen\"", "\"absent\""));
    }

    /** Both servers tell the same of the same rows, whatever is in them, and another thing of others. */
    @Test
    @EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
    void aCellThatDiffersFromAMariaDbIsNoticed(@TempDir Path folder) throws Exception {
        try (Pair pair = Pair.start(folder, SourceKind.MARIADB, Width.WIDE, 1, 1_000)) {
            pair.open();
            TableTarget copy = new TableTarget(pair);
            copy.create();
            try (Connection source = pair.source.connect();
                    Connection target = pair.connectTarget()) {
                List<PreparedStatement> inserts = new ArrayList<>();
                for (CopyTable table : pair.tables()) {
                    inserts.add(target.prepareStatement(table.insert()));
                }
                for (Rows.Row row : Rows.list(Width.WIDE, 1, 1, 1_000)) {
                    Pair.filled(inserts, row).executeUpdate();
                }
                assertThat(copy.findDifference(source, target)).isEmpty();
                Pair.execute(target, List.of("update grid set extra_60 = null where id = 3"));
                Pair.execute(source, List.of("update grid set extra_60 = 4711 where id = 3"));
                assertThat(copy.findDifference(source, target))
                        .hasValueSatisfying(text -> assertThat(text).startsWith("grid:"));
            }
        }
    }

    @Test
    void aCellThatDiffersIsNoticed(@TempDir Path folder) throws Exception {
        try (Pair pair = Pair.start(folder, SourceKind.POSTGRES, Width.WIDE, 1, 1_000)) {
            pair.open();
            CopyOutAndIn copy = new CopyOutAndIn(pair);
            copy.prepare();
            copy.launch();
            copy.stop();
            try (Connection source = pair.source.connect();
                    Connection target = pair.connectTarget()) {
                assertThat(copy.target().findDifference(source, target)).isEmpty();
                Pair.execute(target, List.of("update grid set extra_60 = 4711 where id = 3"));
                assertThat(copy.target().findDifference(source, target))
                        .hasValueSatisfying(text -> assertThat(text).startsWith("grid:"));
            }
        }
    }

    private static PrintStream nobody() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }
}
