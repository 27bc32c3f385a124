package io.yimen.pool.survivorship;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.model.EntityType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SurvivorshipTest {
    private static final EntityType ORGANIZATION = Claims.MODEL.getType("Organization");

    private static Survivorship rules(String document) {
        SurvivorshipRules rules = SurvivorshipRules.parse(
                Claims.MODEL, "test.yaml", "entity: Organization\nversion: 1\n" + document.stripIndent());
        return Survivorship.of(Claims.MODEL, Claims.VAULT, List.of(rules));
    }

    private static Survivorship by(String criteria) {
        return rules("default: [" + criteria + "]\n");
    }

    private static Claims says(String path, String name) {
        return Claims.of("Organization", path).says("name", name);
    }

    /** What survives, whatever the order in which the claims come. */
    private static Golden golden(Survivorship rules, Claims... given) {
        List<Claim> claims =
                new ArrayList<>(Arrays.stream(given).map(Claims::done).toList());
        Golden golden = rules.of(ORGANIZATION, claims);
        Random random = new Random(7);
        for (int i = 0; i < 10; i++) {
            Collections.shuffle(claims, random);
            Golden again = rules.of(ORGANIZATION, claims);
            for (int f = 0; f < ORGANIZATION.fields().size(); f++) {
                assertThat(again.winner(f)).isSameAs(golden.winner(f));
                assertThat(again.rule(f)).isEqualTo(golden.rule(f));
            }
        }
        return golden;
    }

    private static String won(Golden golden, String field) {
        int f = ORGANIZATION.findIndex(field).orElseThrow();
        Claim winner = golden.winner(f);
        String value = winner == null || golden.value(f) == null ? "-" : golden.value(f);
        if (value != null && ORGANIZATION.fields().get(f).isSensitive() && !value.equals("-")) {
            value = Claims.VAULT.open(value);
        }
        Rule rule = golden.rule(f);
        return value + " " + (rule == null ? "-" : rule.wireName());
    }

    private static String name(Survivorship rules, Claims... claims) {
        return won(golden(rules, claims), "name");
    }

    @Test
    void oneClaimIsTheOnlyOneAndEqualOnesAgree() {
        assertThat(name(by("{rank: trust}"), says("a/o/1", "甲"))).isEqualTo("甲 only");
        assertThat(name(by("{rank: trust}"), says("a/o/1", "甲"), Claims.of("Organization", "b/o/1")))
                .isEqualTo("甲 only");
        assertThat(name(by("{rank: trust}"), says("a/o/1", "甲"), says("b/o/1", "甲")))
                .isEqualTo("甲 agreed");
        assertThat(name(by("{rank: trust}"), Claims.of("Organization", "b/o/1")))
                .isEqualTo("- -");
    }

    @Test
    void whatNothingTellsApartGoesByTrustStreamAndKey() {
        Survivorship sound = by("sound");
        assertThat(name(sound, says("a/o/1", "甲"), says("b/o/1", "乙").trusted(60)))
                .isEqualTo("乙 trust");
        assertThat(name(sound, says("b/o/1", "甲"), says("a/o/1", "乙"))).isEqualTo("乙 stream");
        assertThat(name(sound, says("a/o/9", "甲"), says("a/o/10", "乙"))).isEqualTo("乙 key");
    }

    @Test
    void rankNamesSourcesAndStreamsAndPutsOthersLast() {
        Survivorship rank = by("{rank: [b, c/o]}");
        assertThat(name(
                        rank,
                        says("a/o/1", "甲").trusted(90),
                        says("c/x/1", "丁").trusted(90),
                        says("c/o/1", "丙"),
                        says("b/any/1", "乙").trusted(1)))
                .isEqualTo("乙 rank");
        assertThat(name(rank, says("c/x/1", "丁").trusted(90), says("c/o/1", "丙").trusted(1)))
                .isEqualTo("丙 rank");
        assertThat(name(rank, says("a/o/1", "甲"), says("c/x/1", "丁").trusted(60)))
                .as("both unnamed")
                .isEqualTo("丁 trust");
    }

    @Test
    void ordersMayHaveNames() {
        Survivorship rules = rules("""
                ranks: {legal: [b, a]}
                default: [{rank: legal}]
                """);
        assertThat(name(rules, says("a/o/1", "甲"), says("b/o/1", "乙"))).isEqualTo("乙 rank");
    }

    @Test
    void recencyGoesByTheTimeThatTheSourceStates() {
        Survivorship recency = by("recency, {rank: trust}");
        assertThat(name(
                        recency,
                        says("a/o/1", "甲").stated("2021-01-01").trusted(90),
                        says("b/o/1", "乙").stated("2022-01-01")))
                .isEqualTo("乙 recency");
        assertThat(name(
                        recency,
                        says("a/o/1", "甲").stated("2021-01-01").trusted(90),
                        says("b/o/1", "乙").stated("2021-01-01")))
                .as("equal times say nothing")
                .isEqualTo("甲 trust");
    }

    @Test
    void recencySaysNothingOfARecordWithoutATime() {
        Survivorship recency = by("recency, {rank: trust}");
        Claims undated = says("c/o/1", "丙").trusted(60);
        Claims old = says("a/o/1", "甲").stated("2021-01-01").trusted(90);
        Claims young = says("b/o/1", "乙").stated("2022-01-01").trusted(50);
        assertThat(name(recency, undated, old, young))
                .as("the old one is beaten by the young one, the undated one by nobody")
                .isEqualTo("丙 trust");
        assertThat(name(recency, undated.trusted(40), old, young)).isEqualTo("乙 trust");
    }

    @Test
    void aValueInDoubtGivesWay() {
        Survivorship sound = by("sound, {rank: trust}");
        assertThat(name(sound, says("a/o/1", "甲").trusted(90).doubted("name"), says("b/o/1", "乙")))
                .isEqualTo("乙 sound");
        assertThat(name(
                        sound,
                        says("a/o/1", "甲").trusted(90).doubted("name"),
                        says("b/o/1", "乙").doubted("name")))
                .as("all in doubt")
                .isEqualTo("甲 trust");
        assertThat(name(sound, says("a/o/1", "甲").trusted(90).doubted("phone"), says("b/o/1", "乙")))
                .as("another field is in doubt")
                .isEqualTo("甲 trust");
        assertThat(golden(sound, says("a/o/1", "甲").doubted("name")).flags(0)).containsExactly("check-digit");
    }

    @Test
    void validityPrefersTheLongestPeriodAndThenTheYoungest() {
        Survivorship validity = by("{validity: {from: validFrom, to: validTo}}, {rank: trust}");
        Claims ended =
                says("a/o/1", "甲").trusted(90).says("validFrom", "2015-01-01").says("validTo", "2020-01-01");
        Claims longer = says("b/o/1", "乙").says("validFrom", "2018-01-01").says("validTo", "2024-01-01");
        Claims open = says("c/o/1", "丙").says("validFrom", "2017-01-01");
        Claims openLater = says("d/o/1", "丁").says("validFrom", "2019-01-01").says("validTo", "");
        Claims undeclared = says("e/o/1", "戊").trusted(60);
        assertThat(name(validity, ended, longer)).isEqualTo("乙 validity");
        assertThat(name(validity, ended, longer, open)).isEqualTo("丙 validity");
        assertThat(name(validity, ended, longer, open, openLater)).isEqualTo("丁 validity");
        assertThat(name(validity, ended, longer, open, openLater, undeclared)).isEqualTo("戊 trust");
        assertThat(name(validity, ended, undeclared)).isEqualTo("甲 trust");
    }

    @Test
    void validityPutsWhatIsOverLast() {
        Survivorship validity = by("{validity: {ended: {status: [CANCELLED]}}}, {rank: trust}");
        Claims over = says("a/o/1", "甲").trusted(90).says("status", "CANCELLED");
        assertThat(name(validity, over, says("b/o/1", "乙"))).isEqualTo("乙 validity");
        assertThat(name(validity, over, says("b/o/1", "乙").says("status", "CANCELLED")))
                .isEqualTo("甲 trust");
    }

    @Test
    void agreementCountsSourcesAndNotRecords() {
        Survivorship agreement = by("agreement, {rank: trust}");
        assertThat(name(
                        agreement,
                        says("a/o/1", "甲").trusted(90),
                        says("a/o/2", "甲").trusted(90),
                        says("a/p/1", "甲").trusted(90),
                        says("b/o/1", "乙"),
                        says("c/o/1", "乙")))
                .isEqualTo("乙 agreement");
        assertThat(name(agreement, says("a/o/1", "甲").trusted(90), says("a/o/2", "甲"), says("b/o/1", "乙")))
                .as("one voice each")
                .isEqualTo("甲 trust");
    }

    @Test
    void agreementMayOverlookHowANameIsWritten() {
        assertThat(name(
                        by("{agreement: orgName}, {rank: trust}"),
                        says("a/o/1", "永安里东社区居委会").trusted(90),
                        says("b/o/1", "永安里社区居委会"),
                        says("c/o/1", "永安里社区居民委员会")))
                .as("two that write it otherwise outweigh the third; between them the stream decides")
                .isEqualTo("永安里社区居委会 stream");
    }

    @Test
    void specificityIsToldByItsComparator() {
        assertThat(name(by("{specificity: longer}"), says("a/o/1", "䶮𠮷委"), says("b/o/1", "甲乙丙丁")))
                .as("characters, not chars")
                .isEqualTo("甲乙丙丁 specificity");
        Survivorship contains = by("{specificity: contains}, {rank: trust}");
        assertThat(name(contains, says("a/o/1", "多福巷１号").trusted(90), says("b/o/1", "东城区 多福巷1号")))
                .isEqualTo("东城区 多福巷1号 specificity");
        assertThat(name(contains, says("a/o/1", "多福巷1号").trusted(90), says("b/o/1", "东城区多福巷2号")))
                .as("neither holds the other")
                .isEqualTo("多福巷1号 trust");
    }

    @Test
    void comparatorsOfSpecificity() {
        assertThat(Specificity.DATE.exceeds("1949-03-12", "1949")).isTrue();
        assertThat(Specificity.DATE.exceeds("1949-03-12", "1949-03")).isTrue();
        assertThat(Specificity.DATE.exceeds("1949-03-12", "1949-01-01")).isTrue();
        assertThat(Specificity.DATE.exceeds("1949-03-12", "1949-03-01")).isTrue();
        assertThat(Specificity.DATE.exceeds("1949-03-12", "1950-01-01")).isFalse();
        assertThat(Specificity.DATE.exceeds("1949-01-01", "1949-03-12")).isFalse();
        assertThat(Specificity.ID_NUMBER.exceeds("11010118860725511X", "110101860725511"))
                .isTrue();
        assertThat(Specificity.ID_NUMBER.exceeds("11010118860725511X", "110101188607255111"))
                .isTrue();
        assertThat(Specificity.ID_NUMBER.exceeds("110101860725511", "1101")).isTrue();
        assertThat(Specificity.DECIMALS.exceeds("116.4101", "116.41")).isTrue();
        assertThat(Specificity.DECIMALS.exceeds("116.4100", "116.41")).isFalse();
    }

    @Test
    void sealedValuesAreComparedInClear() {
        Survivorship rules = rules("default: [{specificity: contains}]\n");
        Golden golden = golden(
                rules,
                Claims.of("Organization", "a/o/1").trusted(90).says("phone", "65120001"),
                Claims.of("Organization", "b/o/1").says("phone", "01065120001"));
        assertThat(won(golden, "phone")).isEqualTo("01065120001 specificity");
        assertThat(won(
                        golden(
                                by("agreement"),
                                Claims.of("Organization", "a/o/1").trusted(90).says("phone", "65120001"),
                                Claims.of("Organization", "b/o/1").says("phone", "65120002"),
                                Claims.of("Organization", "c/o/1").says("phone", "65120002")),
                        "phone"))
                .isEqualTo("65120002 agreement");
    }

    @Test
    void whatBelongsTogetherComesFromOneHand() {
        Survivorship rules = rules("""
                default: [{rank: trust}]
                fields:
                  county: [{with: town}]
                  town: [recency]
                """);
        Claims a = Claims.of("Organization", "a/o/1")
                .trusted(90)
                .stated("2020-01-01")
                .says("county", "东城区")
                .says("town", "甲街道");
        Claims b = Claims.of("Organization", "b/o/1")
                .stated("2022-01-01")
                .says("county", "朝阳区")
                .says("town", "乙街道");
        assertThat(won(golden(rules, a, b), "county")).isEqualTo("朝阳区 with");
        assertThat(won(
                        golden(
                                rules,
                                a,
                                Claims.of("Organization", "b/o/1")
                                        .stated("2022-01-01")
                                        .says("town", "乙街道")),
                        "county"))
                .as("the winner says nothing of it")
                .isEqualTo("东城区 only");
    }

    @Test
    void nothingWinsOverSomethingUnlessEmptyCounts() {
        String document = """
                default: [{rank: trust}]
                fields:
                  validTo: {by: [{rank: [a]}], empty: EMPTY}
                """;
        Claims empty = Claims.of("Organization", "a/o/1").says("validTo", "");
        Claims unobserved = Claims.of("Organization", "a/o/1");
        Claims said = Claims.of("Organization", "b/o/1").says("validTo", "2024-01-01");
        Survivorship withdraws = rules(document.replace("EMPTY", "withdraws"));
        Survivorship counts = rules(document.replace("EMPTY", "counts"));
        assertThat(won(golden(withdraws, empty, said), "validTo")).isEqualTo("2024-01-01 only");
        assertThat(won(golden(withdraws, empty), "validTo")).isEqualTo("- -");
        assertThat(won(golden(counts, empty, said), "validTo")).isEqualTo("- rank");
        assertThat(won(golden(counts, empty), "validTo")).isEqualTo("- only");
        assertThat(won(golden(counts, unobserved, said), "validTo"))
                .as("not observed is not empty")
                .isEqualTo("2024-01-01 only");
        assertThat(won(
                        golden(
                                rules("default: {by: [{specificity: longer}], empty: counts}\n"),
                                empty.trusted(99),
                                said),
                        "validTo"))
                .as("anything says more than nothing")
                .isEqualTo("2024-01-01 specificity");
    }

    @Test
    void exceptionsHoldInTheirPlaces() {
        Survivorship rules = rules("""
                ranks: {located: [a, b]}
                default: [{rank: trust}]
                fields:
                  place: [{rank: located}]
                  name:
                    by: [{rank: [a]}]
                    except:
                      - {places: ["110105000000", "1102"], by: [{rank: [b]}]}
                """);
        Claims a = says("a/o/1", "甲");
        Claims b = says("b/o/1", "乙");
        assertThat(name(rules, a, b)).as("nowhere").isEqualTo("甲 rank");
        a.says("place", "place-code:2023|110105001001");
        assertThat(name(rules, a, b)).as("in the district").isEqualTo("乙 rank");
        b.says("place", "place-code:2023|110101001001");
        assertThat(name(rules, a, b)).as("the place goes by its own rule").isEqualTo("乙 rank");
        a.says("place", "record:a/place/110105");
        assertThat(name(rules, a, b)).as("only codes tell where").isEqualTo("甲 rank");
        b.says("place", "place-code:2016|110228001001");
        assertThat(name(rules, a, b)).isEqualTo("乙 rank");
    }

    @Test
    void explanationPutsEveryClaimInOrderAndSaysWhyItLost() {
        Survivorship rules = by("sound, {rank: [a, b]}, recency");
        List<Claim> claims = List.of(
                says("c/o/1", "戊").done(),
                says("b/o/1", "丁").done(),
                says("a/o/1", "甲").stated("2020-01-01").done(),
                says("a/o/2", "乙").stated("2022-01-01").done(),
                says("a/o/3", "丙").stated("2023-01-01").doubted("name").done(),
                says("d/o/1", "乙").done());
        Ranking ranking = rules.explain(ORGANIZATION, claims).get(0);

        assertThat(ranking.rule()).isEqualTo(Rule.RECENCY);
        assertThat(ranking.criteria()).containsExactly(Rule.SOUND, Rule.RANK, Rule.RECENCY);
        assertThat(ranking.claims())
                .extracting(p -> p.rank() + " " + p.claim().ref().path() + " "
                        + (p.lostBy() == null ? "-" : p.lostBy().wireName()))
                .containsExactly(
                        "1 a/o/2 -", "2 a/o/1 recency", "3 b/o/1 rank", "4 c/o/1 rank", "5 d/o/1 -", "6 a/o/3 sound");
    }

    @Test
    void explanationNamesTheExceptionsPlace() {
        Survivorship rules = rules("""
                default: [sound]
                fields:
                  name: {except: [{places: ["110105"], by: [recency]}]}
                """);
        Claim claim =
                says("a/o/1", "甲").says("place", "place-code:2023|110105001001").done();
        assertThat(rules.explain(ORGANIZATION, List.of(claim)).get(0).exception())
                .isEqualTo("110105");
    }

    @Test
    void otherRulesShowWhatTheyWouldChange() {
        List<Claim> claims = List.of(
                says("a/o/1", "甲").trusted(90).says("town", "丁街道").done(),
                says("b/o/1", "乙").says("town", "丁街道").done());
        assertThat(by("{rank: trust}").differences(by("{rank: [b]}"), ORGANIZATION, claims))
                .singleElement()
                .satisfies(d -> {
                    assertThat(d.field()).isEqualTo("name");
                    assertThat(d.from()).isEqualTo("甲");
                    assertThat(d.to()).isEqualTo("乙");
                    assertThat(d.fromRule()).isEqualTo(Rule.TRUST);
                    assertThat(d.toRule()).isEqualTo(Rule.RANK);
                });
    }
}
