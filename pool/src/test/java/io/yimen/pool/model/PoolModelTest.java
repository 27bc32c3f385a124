package io.yimen.pool.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import io.yimen.pool.seal.Vault;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class PoolModelTest {
    private static final String SMALL = """
            version: 1
            types:
              Place:
                ledger: places
                label: {zh: 地点, en: Places}
                title: name
                scope: self
                fields:
                  name: {kind: name, label: {zh: 名称, en: Name}}
                  parent: {kind: reference, to: Place, label: {zh: 上级, en: Parent}}
                identifiers:
                  - {name: place-name, of: [placeName(name)]}
            """;

    @Test
    void shippedModelIsRead() {
        PoolModel model = PoolModel.standard();
        assertThat(model.types()).extracting(EntityType::name).contains("Place", "Organization", "Person");
        EntityType person = model.getType("Person");
        assertThat(person.getField("idNumber").sensitivity()).isEqualTo(Sensitivity.ID_NUMBER);
        assertThat(model.findIdentifier("id-number"))
                .hasValueSatisfying(i -> assertThat(i.rule().sensitive()).isTrue());
        assertThat(model.findIdentifier("place-code"))
                .hasValueSatisfying(i -> assertThat(i.rule().links()).isFalse());
        assertThat(model.findLedger("places")).contains(model.getType("Place"));
    }

    @Test
    void smallModelIsRead() {
        assertThat(read(SMALL).getType("Place").placeField()).hasValue(1);
    }

    @Test
    void whatEveryoneSeesLiesNowhereAndHoldsNothingSensitive() {
        String open = SMALL.replace("scope: self", "scope: everyone");
        assertThat(read(open).getType("Place").scoping()).isEqualTo(Scoping.EVERYONE);
        assertThat(read(open).getType("Place").placeField()).isEmpty();
        assertRefused(
                open.replace("parent: {kind: reference, to: Place,", "phone: {kind: text, sensitive: phone,"),
                ":7: what everyone sees has no sensitive field");
        assertThat(PoolModel.standard().types())
                .filteredOn(type -> type.scoping() == Scoping.EVERYONE)
                .extracting(EntityType::name)
                .containsExactly("ServiceItem");
    }

    @Test
    void whatIsNotUnderstoodIsRefusedWithItsLine() {
        assertRefused(SMALL.replace("title: name", "titel: name"), ":6: unknown key 'titel'");
        assertRefused(SMALL.replace("title: name", "title: nmae"), ":6: 'title' names the unknown field nmae");
        assertRefused(SMALL.replace("placeName(", "placename("), ":12: unknown function placename");
        assertRefused(SMALL.replace("(name)]", "(nme)]"), ":12: unknown field nme");
        assertRefused(SMALL.replace("(name)]", "(name]"), ":12: write a field or function(field)");
        assertRefused(SMALL.replace("to: Place", "to: Plaza"), ":10: 'to' names the unknown type Plaza");
        assertRefused(SMALL.replace("kind: name,", "kind: nome,"), ":9: unknown word nome");
        assertRefused(
                SMALL.replace("scope: self", "scope: name"), ":7: 'scope' is 'self', 'everyone' or a reference field");
        assertRefused(SMALL.replace("version: 1", "version: 2"), ":1: only version 1 is known");
        assertRefused(SMALL.replace("    ledger: places\n", ""), ":4: 'ledger' is missing");
        assertRefused(SMALL.replace("of: [placeName(name)]", "of: []"), "at least one field");
        assertRefused("types: [", "not YAML");
        assertRefused("", "empty");
    }

    @Test
    void identifierIsNormalisedAndDigestedWhereSensitive() {
        Vault vault = Vault.of(new byte[32]);
        IdentifierRule code =
                PoolModel.standard().findIdentifier("place-code").orElseThrow().rule();
        assertThat(code.valueOf("2023|110101001001", vault)).contains("2023|110101001001");
        assertThat(code.valueOf("2023", vault)).isEmpty();
        assertThat(code.valueOf("2023|", vault)).isEmpty();
        IdentifierRule id =
                PoolModel.standard().findIdentifier("id-number").orElseThrow().rule();
        assertThat(id.valueOf("11010118860725511X", vault))
                .hasValueSatisfying(v -> assertThat(v).startsWith("mac1:").doesNotContain("1101"));
    }

    private static PoolModel read(String yaml) {
        return PoolModel.read(new StringReader(yaml), "model.yaml");
    }

    private static void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml))
                .hasMessageContaining("model.yaml")
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.CONFIGURATION));
    }
}
