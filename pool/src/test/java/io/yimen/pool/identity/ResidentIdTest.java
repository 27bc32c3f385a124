package io.yimen.pool.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResidentIdTest {
    @Test
    void everyVectorIsJudgedAsExpected() {
        List<String[]> vectors = Vectors.read("ric_vectors_synthetic.csv");
        assertThat(vectors).hasSizeGreaterThan(70);
        for (String[] vector : vectors) {
            String fault = ResidentId.findFault(vector[0]).map(Enum::name).orElse("none");
            String expected = switch (vector[1]) {
                case "VALID" -> "none";
                case "INVALID_CHECK" -> "CHECK";
                case "INVALID_DATE" -> "DATE";
                default -> vector[1];
            };
            assertThat(fault).as("%s %s", vector[0], vector[1]).isEqualTo(expected);
            if (vector[1].equals("VALID") && !vector[3].isEmpty()) {
                assertThat(ResidentId.birthDateOf(vector[0])).hasToString(vector[3]);
                assertThat(ResidentId.sexOf(vector[0])).isEqualTo(vector[4].equals("M") ? "1" : "2");
            }
        }
    }

    @Test
    void oldNumberIsLengthened() {
        String old = "110101" + "340825" + "055";
        String lengthened = ResidentId.normalize(old);
        assertThat(lengthened).hasSize(18).startsWith("11010119340825055");
        assertThat(ResidentId.isValid(lengthened)).isTrue();
    }

    @Test
    void fullWidthLowerCaseAndBlanksAreNormalInput() {
        assertThat(ResidentId.normalize(" １１０１０１18860725 511x\u3000")).isEqualTo("11010118860725511X");
    }

    @Test
    void faultsAreToldApart() {
        assertThat(ResidentId.findFault("")).contains(ResidentId.Fault.LENGTH);
        assertThat(ResidentId.findFault("1101011886072551XX")).contains(ResidentId.Fault.CHARACTERS);
        assertThat(ResidentId.findFault("990101188607255110")).contains(ResidentId.Fault.REGION);
        assertThat(ResidentId.findFault("110101188613255110")).contains(ResidentId.Fault.DATE);
    }

    @Test
    void regionsThatWereAbolishedStayValid() {
        assertThat(ResidentId.isRegion("110103")).as("崇文区, abolished 2010").isTrue();
        assertThat(ResidentId.isRegion("110199")).isFalse();
    }
}
