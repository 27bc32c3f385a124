package io.yimen.bench.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
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
        assertThat(figures.json(plan.width(), 1).lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"yimen\"", "\"P3 logical replication\""));
    }

    @Test
    void aCellThatDiffersIsNoticed(@TempDir Path folder) throws Exception {
        try (Pair pair = Pair.start(folder, Width.WIDE, 1, 1_000)) {
            pair.open();
            CopyOutAndIn copy = new CopyOutAndIn(pair);
            copy.prepare();
            copy.launch();
            copy.stop();
            try (Connection source = pair.source.connect(pair.database());
                    Connection target = pair.target.connect(pair.database())) {
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
