package io.yimen.pool.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CreditCodeTest {
    @Test
    void everyVectorIsJudgedAsExpected() {
        List<String[]> vectors = Vectors.read("uscc_vectors.csv");
        assertThat(vectors).hasSizeGreaterThan(150);
        for (String[] vector : vectors) {
            assertThat(CreditCode.isValid(CreditCode.normalize(vector[0])))
                    .as("%s %s", vector[0], vector[1])
                    .isEqualTo(vector[1].equals("VALID"));
        }
    }

    @Test
    void aRealCodeThatFailsTheCheckIsWellFormedAllTheSame() {
        Vectors.read("uscc_vectors.csv").stream()
                .filter(v -> v[1].equals("REAL_BUT_CHECK_FAILS"))
                .forEach(v -> assertThat(CreditCode.isWellFormed(v[0])).as(v[0]).isTrue());
    }

    @Test
    void numberMayPassTheChecksOfBothKinds() {
        List<String[]> collisions = Vectors.read("ric_uscc_collisions_synthetic.csv");
        assertThat(collisions).isNotEmpty();
        for (String[] collision : collisions) {
            assertThat(CreditCode.isValid(collision[0])).isTrue();
            assertThat(ResidentId.findFault(collision[0]).orElse(ResidentId.Fault.REGION))
                    .isEqualTo(ResidentId.Fault.REGION);
        }
    }

    @Test
    void fullWidthLowerCaseAndBlanksAreNormalInput() {
        assertThat(CreditCode.normalize(" 91620100-719023721ｌ ")).isEqualTo("91620100719023721L");
    }
}
