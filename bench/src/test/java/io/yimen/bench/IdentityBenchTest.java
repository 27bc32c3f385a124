package io.yimen.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityBenchTest {
    @Test
    void findsTheDuplicatesOfFebrl() throws IOException {
        IdentityResult r = new IdentityRun(BundledSets.of("febrl1")).run(null);
        assertThat(r.f1()).isGreaterThanOrEqualTo(0.99);
        assertThat(r.bytesPerRecord()).isLessThanOrEqualTo(250);
        assertThat(r.candidatesP99()).isLessThanOrEqualTo(200);
    }

    @Test
    void findsPlacesAgainWithoutTheirCodes() throws IOException {
        IdentityResult r = new IdentityRun(BundledSets.of("registers")).run(null);
        assertThat(r.f1()).isGreaterThanOrEqualTo(0.99);
    }

    @Test
    void mergesNoTwoPeople() throws IOException {
        for (long seed : List.of(21L, 22L)) {
            List<Table> tables = Population.of(seed, 8_000);
            IdentitySet.Truth truth = IdentitySet.Truth.none();
            IdentityBench.truthByNumber(tables, "key", false, truth);
            IdentityResult r = new IdentityRun(new IdentitySet(
                            "people",
                            IdentityBench.rules("person"),
                            tables,
                            false,
                            java.util.Set.of("key"),
                            "key",
                            truth))
                    .run(null);
            assertThat(r.falsePairs()).as("seed %s", seed).isZero();
            assertThat(r.recall()).as("seed %s", seed).isGreaterThan(0.95);
        }
    }

    @Test
    void writesEachDecisionWithItsExplanation(@TempDir Path folder) throws IOException {
        Path out = folder.resolve("pairs.csv");
        new IdentityRun(BundledSets.of("febrl1")).run(out);
        List<String> lines = Files.readAllLines(out);
        assertThat(lines.get(0)).isEqualTo("left,right,decision,score,probability,explanation");
        assertThat(lines).hasSizeGreaterThan(490);
        assertThat(lines.get(1)).contains("rec-", "MATCH", "prior", "soc_sec_id");
    }
}
