package io.yimen.pool.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.PoolModel;
import java.time.LocalDate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErasureRulesTest {
    private static final PoolModel MODEL = PoolModel.standard();
    private static final String HOLD = """
            types: [Person]
            grounds: {}
            holds:
              serving:
                type: Person
                keeps: [name]
                from: 2018-12-29
                to: 2025-12-31
                referrer: {type: Membership, field: person, where: {status: [SERVING]}}
                law: {zh: 某法, en: A law}
                reason: {zh: 在任, en: Serves}
            """;

    @Test
    void thoseThatComeWithThePoolNameLawAndReasonInBothLanguages() {
        ErasureRules rules = ErasureRules.bundled(MODEL);

        assertThat(rules.types()).containsExactly("Person");
        assertThat(rules.grounds()).containsKeys("consent-withdrawn", "purpose-achieved", "other");
        assertThat(rules.holds())
                .extracting(ErasureRules.Hold::code)
                .containsExactly("serving", "running-term", "open-correction", "open-ticket");
        assertThat(rules.holds()).allSatisfy(hold -> {
            assertThat(hold.law().zh()).contains("法");
            assertThat(hold.law().en()).contains("Law");
        });
    }

    @Test
    void holdsAreTheLawOnTheirDays() {
        ErasureRules.Hold hold = ErasureRules.read(MODEL, "rules", HOLD).holds().get(0);

        assertThat(hold.keeps()).containsExactly("name");
        assertThat(hold.isInForce(LocalDate.of(2018, 12, 28))).isFalse();
        assertThat(hold.isInForce(LocalDate.of(2018, 12, 29))).isTrue();
        assertThat(hold.isInForce(LocalDate.of(2025, 12, 31))).isTrue();
        assertThat(hold.isInForce(LocalDate.of(2026, 1, 1))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "types: [Person]; types: [Nobody]; line 1: 'Nobody' is no type of the model",
                "keeps: [name]; keeps: [colour]; line 6: Person has no field 'colour'",
                "from: 2018-12-29; from: once; line 7: 'once' is no day",
                "field: person; field: organization; line 9: 'organization' does not refer there",
                "status: [SERVING]; colour: [red]; line 9: Membership has no field 'colour'",
                "type: Person; typ: Person; line 5: 'typ' is not known here",
                "law: {zh: 某法, en: A law}; law: {zh: 某法}; line 10: 'en' is missing",
            })
    void whatIsNotUnderstoodIsRefusedWithItsLine(String right, String wrong, String told) {
        String document = HOLD.replaceFirst(Pattern.quote(right), wrong);

        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> ErasureRules.read(MODEL, "rules", document))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.CONFIGURATION))
                .withMessageContaining(told);
    }
}
