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
        assertThat(figures.json(Width.NARROW, 5)).isEqualTo("""
                {"case":"snapshot","width":"narrow","records":1000,"rounds":5,"systems":\
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
    }
}
