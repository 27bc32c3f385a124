package io.yimen.pool.survivorship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SurvivorshipReaderTest {
    private static final String GOOD = """
            entity: Organization
            version: 2
            place: divisionCode
            ranks:
              legal: [credit-codes, election/committee]
            default: [sound, {rank: trust}]
            fields:
              name: [{rank: legal}, agreement]
              phone: {by: [recency], empty: counts}
              validFrom: {like: validTo}
              validTo: [{validity: {from: validFrom, to: validTo, ended: {status: [CANCELLED]}}}]
              address:
                by: [{specificity: contains}]
                except:
                  - {places: ["110105", "110108001000"], by: [{rank: [election]}]}
              county: [{with: town}]
            """;

    private static SurvivorshipRules parse(String yaml) {
        return SurvivorshipRules.parse(Claims.MODEL, "test.yaml", yaml);
    }

    private static void refuses(String from, String to, String... parts) {
        assertThat(GOOD).contains(from);
        var refusal = assertThatThrownBy(() -> parse(GOOD.replace(from, to)))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.CONFIGURATION));
        for (String part : parts) {
            refusal.hasMessageContaining(part);
        }
    }

    @Test
    void readsADocument() {
        SurvivorshipRules rules = parse(GOOD);
        assertThat(rules.type().name()).isEqualTo("Organization");
        assertThat(rules.version()).isEqualTo(2);
        assertThat(rules.document()).isEqualTo(GOOD);
    }

    @Test
    void everyTypeHasItsRules() {
        for (EntityType type : Claims.MODEL.types()) {
            SurvivorshipRules rules = SurvivorshipRules.bundled(Claims.MODEL, type);
            assertThat(rules.type()).isEqualTo(type);
            assertThat(rules.document()).contains("docs/survivorship.md");
        }
    }

    @Test
    void refusesWhatTheModelDoesNotKnow() {
        refuses(
                "entity: Organization",
                "entity: Organisation",
                "line 1",
                "no entity type 'Organisation'",
                "Use one of [");
        refuses("  name: [", "  nane: [", "test.yaml line 8", "has no field 'nane'", "Use one of [name, kind");
        refuses("{with: town}", "{with: twon}", "line 16", "has no field 'twon'");
        refuses("from: validFrom", "from: begin", "line 11", "has no field 'begin'");
        refuses("[CANCELLED]", "[GONE]", "line 11", "status is never 'GONE'", "Use one of [ACTIVE, CANCELLED]");
        refuses("place: divisionCode", "place: phone", "line 3", "tells no place");
    }

    @Test
    void refusesUnknownCriteria() {
        refuses("[recency]", "[newest]", "line 9", "no criterion 'newest'", "Use sound, recency, agreement");
        refuses("[recency]", "[{newest: true}]", "line 9", "no criterion 'newest'", "{validity: {from");
        refuses("[recency]", "[rank]", "line 9", "'rank' does not say by what");
        refuses("[recency]", "[{recency: true}]", "line 9", "'recency' stands alone", "Write recency");
        refuses("[recency]", "[recency, recency]", "line 9", "stands here twice", "Remove one");
        refuses("[recency]", "[]", "line 9", "there is no criterion");
        refuses("[recency]", "[{rank: trust, with: town}]", "line 9", "one key, not 2");
        refuses("specificity: contains", "specificity: more", "line 13", "Use one of [longer, contains, date");
        refuses("agreement]", "{agreement: soundex}]", "line 8", "no function 'soundex'", "orgName");
        refuses("empty: counts", "empty: wins", "line 9", "empty is 'wins'", "Use counts");
        refuses("default:", "defaults:", "line 6", "'defaults' is not known here", "default");
    }

    @Test
    void refusesAnOrderThatNamesSomebodyTwice() {
        refuses("election/committee]", "credit-codes]", "line 5", "'credit-codes' is ranked twice", "Remove one");
        refuses(
                "election/committee]",
                "election/committee, election]",
                "line 5",
                "'election/committee' and 'election' rank one stream twice",
                "one by one");
        refuses("election/committee]", "Election]", "line 5", "'Election' names no stream");
        refuses("{rank: legal}", "{rank: lawful}", "line 8", "no order 'lawful'", "[legal]");
        refuses("[credit-codes, election/committee]", "[]", "line 5", "names nobody");
        refuses("  legal:", "  trust:", "line 5", "the streams' own rank");
    }

    @Test
    void refusesExceptionsWithoutAPlace() {
        refuses("places: [\"110105\", \"110108001000\"], ", "", "line 15", "names none", "Add places:");
        refuses("[\"110105\", \"110108001000\"]", "[]", "line 15", "names none");
        refuses("\"110105\"", "朝阳区", "line 15", "'朝阳区' begins no division code", "2 to 12 digits");
        refuses("\"110108001000\"", "\"110105002\"", "line 14", "110105 and 110105002 lie in one another");
        refuses(", by: [{rank: [election]}]}", "}", "line 15", "changes nothing", "Add by or empty");
    }

    @Test
    void refusesAnExceptionWhereNothingTellsThePlace() {
        assertThatThrownBy(() -> parse("""
                        entity: Place
                        version: 1
                        default: [sound]
                        fields:
                          name: {except: [{places: ["11"], by: [recency]}]}
                        """))
                .hasMessageContaining("line 5")
                .hasMessageContaining("nothing tells where a Place is")
                .hasMessageContaining("Add place: FIELD");
    }

    @Test
    void refusesAPlaceThatDependsOnThePlace() {
        refuses(
                "county: [{with: town}]",
                "divisionCode: {except: [{places: [\"11\"], by: [recency]}]}",
                "line 16",
                "divisionCode tells where an entity is");
    }

    @Test
    void refusesRings() {
        refuses(
                "validTo: [{validity: {from: validFrom, to: validTo, ended: {status: [CANCELLED]}}}]",
                "validTo: {like: validFrom}",
                "validFrom is like validTo is like validFrom",
                "Break the ring");
        refuses("{like: validTo}", "{like: validFrom}", "line 10", "validFrom is like validFrom", "Break the ring");
        refuses(
                "{with: town}]",
                "{with: town}]\n  town: [{with: county}]",
                "goes with town goes with",
                "Break the ring");
        refuses("{with: town}", "{with: county}", "line 16", "county goes with county");
        refuses("{like: validTo}", "{like: validTo, by: [sound]}", "line 10", "'like' stands alone");
    }

    @Test
    void refusesSpecificReferences() {
        refuses(
                "county: [{with: town}]",
                "place: [{specificity: longer}]",
                "line 16",
                "place is a reference",
                "without specificity");
    }

    @Test
    void refusesWhatIsNoDocument() {
        Map<String, String> messages = Map.of(
                "", "line 1: the document is empty",
                "entity: [", "this is no YAML",
                "entity: Organization", "'version' is missing",
                "a: &x {b: *x}", "repeats another piece",
                "entity: Organization\nversion: 1.5\ndefault: [sound]", "line 2: the version is no whole number",
                "entity: Organization\nversion: 1", "'default' is missing",
                "entity: Organization\nversion: 1\ndefault: {like: name}", "line 3: the default is like nothing",
                "entity: Organization\nentity: Place", "line 2: 'entity' stands here twice");
        messages.forEach((yaml, message) -> assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(PoolException.class)
                .hasMessageContaining(message));
    }
}
