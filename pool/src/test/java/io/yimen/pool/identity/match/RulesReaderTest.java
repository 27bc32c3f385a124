package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RulesReaderTest {
    private static final String GOOD = """
            rules: small
            version: 3
            entity: Person
            fields:
              name: {kind: han-name, tf: true}
              idNumber: {kind: id-number}
              born: {kind: date, derive: idNumber, impliedBy: [idNumber]}
            blocking:
              - {key: [idNumber]}
              - {key: [name.sound], refine: [born.year]}
            never:
              - {field: idNumber, levels: [both valid and different]}
            thresholds: {match: 0.9, possible: 0.1}
            """;

    @Test
    void readsADocument() {
        MatchRules rules = MatchRules.parse("small.yaml", GOOD);
        assertThat(rules.version()).isEqualTo(3);
        assertThat(rules.fields()).extracting(MatchRules.Field::name).containsExactly("name", "idNumber", "born");
        assertThat(rules.never()).containsExactly(new MatchRules.At(1, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"person", "person-latin", "place", "organization"})
    void readsWhatComesWithThePool(String name) throws IOException {
        assertThat(MatchRules.named(name)).isPresent();
    }

    @Test
    void readsWhatTakesADoubtAway() {
        MatchRules rules = MatchRules.parse(
                "small.yaml", GOOD + "doubt:\n  - {field: name, levels: [same sound], unless: [idNumber]}\n");
        assertThat(rules.doubt()).containsExactly(new MatchRules.Doubt(0, 1, List.of(1)));
        refuses(
                "never:",
                "doubt:\n  - {field: name, levels: [same sound], unless: [number]}\nnever:",
                "line 12",
                "no field 'number'");
    }

    private static void refuses(String from, String to, String... parts) {
        assertThat(GOOD).contains(from);
        var refusal = assertThatThrownBy(() -> MatchRules.parse("small.yaml", GOOD.replace(from, to)))
                .isInstanceOf(PoolException.class);
        for (String part : parts) {
            refusal.hasMessageContaining(part);
        }
    }

    @Test
    void refusesAnUnknownField() {
        refuses(
                "key: [idNumber]",
                "key: [idNummer]",
                "small.yaml line 9",
                "no field 'idNummer'",
                "Use one of [name, idNumber, born]");
        refuses("never:\n  - {field: idNumber", "never:\n  - {field: id", "line 12", "no field 'id'");
    }

    @Test
    void refusesAnUnknownKind() {
        refuses("kind: date", "kind: day", "line 7", "no kind 'day'", "Use one of [code, credit-code");
    }

    @Test
    void refusesImpossibleThresholds() {
        refuses("possible: 0.1", "possible: 0.95", "line 13", "cannot both hold", "0 < possible <= match < 1");
        refuses("match: 0.9", "match: 1.5", "line 13", "no number from 0.0 to 1.0");
        refuses("match: 0.9", "match: high", "line 13", "no number");
    }

    @Test
    void refusesCyclicReferences() {
        refuses(
                "idNumber: {kind: id-number}",
                "idNumber: {kind: id-number, impliedBy: [born]}",
                "refers to itself",
                "Break the ring");
        refuses("name: {kind: han-name", "name: {swaps: name, kind: han-name", "line 5", "exchanged with itself");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        refuses("version: 3", "version: 3\nweight: 4", "line 3", "'weight' is not known here");
        refuses("version: 3", "version: 3\nversion: 4", "line 3", "stands here twice");
        refuses("[name.sound]", "[name.colour]", "line 10", "no part of han-name", "Use prefixN");
        refuses(
                "[both valid and different]",
                "[unequal]",
                "line 12",
                "no level of id-number",
                "Use one of [same, one slip");
        refuses("entity: Person\n", "", "'entity' is missing", "Add it");
        refuses("derive: idNumber", "derive: name", "line 7", "no id-number");
        refuses("tf: true", "tf: maybe", "line 5", "neither yes nor no");
    }

    @Test
    void refusesWhatIsNoYaml() {
        refuses("fields:", "fields: [", "no YAML", "Check indentation");
        assertThatThrownBy(() -> MatchRules.parse("empty.yaml", "")).hasMessageContaining("empty.yaml line 1");
    }
}
