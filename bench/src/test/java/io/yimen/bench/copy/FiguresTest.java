package io.yimen.bench.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void tellsMediansQuartilesAndRatios() {
        Figures figures = new Figures();
        for (double each : List.of(30.0, 10.0, 20.0, 50.0, 40.0)) {
            figures.add("snapshot", 1_000, "yimen", Map.of("cpuMicros", each));
            figures.add("snapshot", 1_000, "P4 copy", Map.of("cpuMicros", each / 10));
        }
        assertThat(figures.json(Plan.of(List.of("--width", "narrow")), 5)).isEqualTo("""
                {"case":"snapshot","source":"postgres","width":"narrow","records":1000,"rounds":5,"systems":\
                {"yimen":{"cpuMicros":{"q1":20.0,"median":30.0,"q3":40.0}},\
                "P4 copy":{"cpuMicros":{"q1":2.00,"median":3.00,"q3":4.00}}},\
                "ratios":{"cpuMicros":{"P4 copy":10.0}}}""");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatIllegalArgumentException().isThrownBy(() -> Plan.of(List.of("--peers", "P5")));
        assertThatIllegalArgumentException().isThrownBy(() -> Plan.of(List.of("--size", "0")));
        assertThatIllegalArgumentException().isThrownBy(() -> Plan.of(List.of("--rounds")));
        assertThatIllegalArgumentException().isThrownBy(() -> Plan.of(List.of("--width", "broad")));
        assertThatIllegalArgumentException().isThrownBy(() -> Plan.of(List.of("--source", "oracle")));
    }

    @Test
    void saysWhoTakesNoPart() {
        Plan plan = Plan.of(List.of("--source", "mariadb"));
        assertThat(plan.peers()).containsExactlyInAnyOrder("P1", "P2");
        Figures figures = new Figures();
        figures.add("snapshot", 1_000, "yimen", Map.of("cpuMicros", 10.0));
        assertThat(figures.json(plan, 1))
                .contains("\"source\":\"mariadb\"", "\"absent\":{\"P3\":\"logical replication", "\"P4\":\"COPY");
        assertThat(figures.text(plan)).contains("P3 takes no part", "P4 takes no part");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Plan.of(List.of("--peers", "P1,P4", "--source", "mariadb")))
                .withMessage("P3 and P4 read PostgreSQL only");
    }
}
