package io.yimen.pool;

import static io.yimen.pool.Fixture.ARCHIVE;
import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.COMMITTEE;
import static io.yimen.pool.Fixture.CREDIT;
import static io.yimen.pool.Fixture.LICENCE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.MEMBERSHIP;
import static io.yimen.pool.Fixture.PLACE_2016;
import static io.yimen.pool.Fixture.PLACE_2023;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.completing;
import static io.yimen.pool.Fixture.flagged;
import static io.yimen.pool.Fixture.gone;
import static io.yimen.pool.Fixture.person;
import static io.yimen.pool.Fixture.rejected;
import static io.yimen.pool.Fixture.rejecting;
import static io.yimen.pool.Fixture.says;
import static io.yimen.pool.Fixture.stated;
import static io.yimen.pool.Fixture.village2016;
import static io.yimen.pool.Fixture.village2023;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.Reread;
import io.yimen.pool.run.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every pool does. An implementation's test inherits it and says how its golden records are read. */
abstract class PoolContract {
    static final String TOWN = "东华门街道";
    static final String CODE = "110101001001";

    Pool pool = newPool();
    long run;

    /** An empty pool. */
    abstract Pool newPool();

    /**
     * Published fields of every golden record of a type: first source record → field → value. References as the first
     * source record of their target; sensitive values in clear.
     */
    abstract Map<String, Map<String, String>> golden(String type);

    /** Flags of a published field of the golden record whose first source record is {@code anchor}. */
    abstract List<String> flags(String type, String anchor, String field);

    @BeforeEach
    void declare() {
        Fixture.declareAll(pool);
        run = Fixture.run(pool);
    }

    Counts apply(Batch batch, StreamShape stream) {
        return pool.apply(batch).counts().getOrDefault(stream.id(), Counts.ZERO);
    }

    @Test
    void restyledNameOfOneTownIsOnePlace() {
        pool.apply(batch(
                run, village2023(CODE, "多福巷社区", TOWN, 1), village2016("110101001031", "多福巷社区居委会", "东华门街道办事处", 1)));

        assertThat(golden("Place")).hasSize(1);
        Map<String, String> place = golden("Place").get("divisions-2016/place/110101001031");
        assertThat(place)
                .containsEntry("name", "多福巷社区")
                .containsEntry("code", CODE)
                .containsEntry("longitude", "116.4");
    }

    @Test
    void reusedCodeDoesNotMergeTwoPlaces() {
        pool.apply(batch(run, village2023(CODE, "永安里东社区", TOWN, 1), village2016(CODE, "永安里社区居委会", TOWN, 1)));

        assertThat(golden("Place")).hasSize(2);
    }

    @Test
    void nameThatRepeatsInOneTownLinksOnlyWhereTheCodeAgrees() {
        String other = "110101001002";
        pool.apply(batch(
                run,
                village2023(CODE, "新村社区", TOWN, 1),
                village2023(other, "新村社区", TOWN, 1),
                village2016(other, "新村社区居委会", TOWN, 1),
                village2016("110101001077", "新村社区居委会", TOWN, 1)));

        assertThat(golden("Place").keySet())
                .containsExactlyInAnyOrder(
                        "divisions-2016/place/" + other,
                        "divisions-2016/place/110101001077",
                        "divisions-2023/place/" + CODE);
    }

    @Test
    void lastPositionWinsAndARepeatIsStale() {
        assertThat(apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 5)), PLACE_2023))
                .isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 5)), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
        assertThat(apply(batch(run, village2023(CODE, "银闸社区", TOWN, 4)), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
        assertThat(apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 6)), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 1, 0, 0));
        assertThat(golden("Place").get("divisions-2023/place/" + CODE)).containsEntry("name", "多福巷社区");
    }

    @Test
    void eventsOfOneKeyInOneBatchCountEachAndTheLastWins() {
        Counts counts = apply(
                batch(
                        run,
                        village2023(CODE, "甲社区", TOWN, 1),
                        village2023(CODE, "乙社区", TOWN, 2),
                        village2023(CODE, "乙社区", TOWN, 3),
                        village2023(CODE, "丙社区", TOWN, 2)),
                PLACE_2023);

        assertThat(counts).isEqualTo(new Counts(4, 2, 1, 1, 0));
        assertThat(golden("Place").get("divisions-2023/place/" + CODE)).containsEntry("name", "乙社区");
    }

    @Test
    void notObservedKeepsAndEmptyWithdraws() {
        pool.apply(batch(run, person(MEMBER, "1", "王一", "11010118860725511X", "13800000000", "", 1)));
        pool.apply(batch(run, says(MEMBER, "1", 2, "王二", null, "", null, null)));

        assertThat(golden("Person").get("election/member-person/1"))
                .containsEntry("name", "王二")
                .containsEntry("idNumber", "11010118860725511X")
                .containsEntry("phone", "13800000000")
                .doesNotContainKey("sex");
    }

    @Test
    void deletedRecordIsGoneAndALateRepeatDoesNotBringItBack() {
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1)));
        assertThat(apply(batch(run, gone(PLACE_2023, CODE, 3)), PLACE_2023)).isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 2)), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
        assertThat(golden("Place")).isEmpty();

        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 4)));
        assertThat(golden("Place")).hasSize(1);
    }

    @Test
    void deleteOfAnUnseenRecordLeavesATombstone() {
        assertThat(apply(batch(run, gone(PLACE_2023, CODE, 3)), PLACE_2023)).isEqualTo(new Counts(1, 0, 1, 0, 0));
        assertThat(apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 2)), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
    }

    @Test
    void fullSetRetiresWhatItLacks() {
        pool.apply(batch(
                run,
                village2023(CODE, "甲社区", TOWN, 1),
                village2023("110101001002", "乙社区", TOWN, 1),
                village2023("110101001003", "丙社区", TOWN, 1)));
        CompleteSet set = new CompleteSet(PLACE_2023, Set.of(CODE, "110101001002"), Position.of(2), 0.5);
        Counts counts = apply(
                completing(
                        run,
                        List.of(village2023(CODE, "甲社区", TOWN, 2), village2023("110101001002", "丁社区", TOWN, 2)),
                        set),
                PLACE_2023);

        assertThat(counts).isEqualTo(new Counts(3, 2, 1, 0, 0));
        assertThat(golden("Place")).hasSize(2);
    }

    @Test
    void brakeRefusesTheWholeBatch() {
        pool.apply(batch(run, village2023(CODE, "甲社区", TOWN, 1), village2023("110101001002", "乙社区", TOWN, 1)));
        String before = pool.contentHash();
        CompleteSet set = new CompleteSet(PLACE_2023, Set.of(CODE), Position.of(2), 0.2);

        assertThatThrownBy(() -> pool.apply(completing(run, List.of(village2023(CODE, "丙社区", TOWN, 2)), set)))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.BRAKE));
        assertThat(pool.contentHash()).isEqualTo(before);
    }

    @Test
    void mostTrustedStreamWinsAndTheOthersFillTheGaps() {
        pool.apply(batch(
                run,
                says(COMMITTEE, "7", 1, "多福巷社区居委会", "JWH", "", "", CODE, "东城区", TOWN, "ACTIVE"),
                says(
                        CREDIT,
                        "55",
                        1,
                        "北京市东城区东华门街道多福巷社区居民委员会",
                        "551101015858589614",
                        "",
                        CODE,
                        "东城区",
                        TOWN,
                        "李某",
                        "01012345678",
                        "CANCELLED")));

        assertThat(golden("Organization")).hasSize(1);
        assertThat(golden("Organization").get("credit-codes/organization/55"))
                .containsEntry("status", "CANCELLED")
                .containsEntry("kind", "JWH")
                .containsEntry("legalPerson", "李某");
    }

    @Test
    void oneRecordThatConnectsTwoEntitiesMergesThemAndItsEndSplitsThem() {
        String id = "11010118860725511X";
        pool.apply(batch(
                run,
                person(CANDIDATE, "1", "王一", id, "", "", 1),
                person(MEMBER, "2", "王一", "110101189408250556", "", "", 1)));
        assertThat(golden("Person")).hasSize(2);
        pool.apply(batch(run, person(MEMBER, "2", "王一", id, "", "", 2)));
        assertThat(golden("Person")).hasSize(1);
        pool.apply(batch(run, person(MEMBER, "2", "王一", "110101189408250556", "", "", 3)));
        assertThat(golden("Person")).hasSize(2);
    }

    @Test
    void referencesFollowTheirTargetWheneverItArrives() {
        pool.apply(batch(
                run,
                says(
                        MEMBERSHIP,
                        "9",
                        1,
                        "record:election/member-person/2",
                        "record:election/committee/7",
                        "CHAIR",
                        "2021-06-01",
                        "place-code:2023|" + CODE)));
        assertThat(golden("Membership").get("election/membership/9")).doesNotContainKeys("person", "place");

        pool.apply(batch(run, person(MEMBER, "2", "王一", "11010118860725511X", "", CODE, 1)));
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1)));
        assertThat(golden("Membership").get("election/membership/9"))
                .containsEntry("person", "election/member-person/2")
                .containsEntry("place", "divisions-2023/place/" + CODE);

        pool.apply(batch(run, person(CANDIDATE, "5", "王一", "11010118860725511X", "", CODE, 1)));
        assertThat(golden("Membership").get("election/membership/9"))
                .containsEntry("person", "election/candidate-person/5");

        pool.apply(batch(run, gone(PLACE_2023, CODE, 2)));
        assertThat(golden("Membership").get("election/membership/9")).doesNotContainKey("place");
    }

    @Test
    void referenceThatMeansTwoEntitiesMeansNone() {
        pool.apply(batch(
                run,
                village2023(CODE, "多福巷社区", TOWN, 1),
                says(PLACE_2016, "x", 1, "银闸社区", "village", CODE, "2023", "", "东城区", TOWN, "", "", ""),
                person(MEMBER, "2", "王一", "", "", CODE, 1)));

        assertThat(golden("Person").get("election/member-person/2")).doesNotContainKey("place");
    }

    @Test
    void sensitiveIdentifierServesAsReference() {
        pool.apply(batch(
                run,
                person(MEMBER, "2", "王一", "11010118860725511X", "", "", 1),
                says(MEMBERSHIP, "9", 1, "id-number:11010118860725511X", "", "CHAIR", "", "")));

        assertThat(golden("Membership").get("election/membership/9"))
                .containsEntry("person", "election/member-person/2");
    }

    @Test
    void doubtfulValueIsKeptAndFlagged() {
        pool.apply(batch(
                run,
                flagged(
                        CREDIT,
                        "55",
                        1,
                        new Flag("creditCode", "check-digit"),
                        "甲社区居委会",
                        "551101015858589610",
                        "",
                        CODE,
                        "东城区",
                        TOWN,
                        "",
                        "",
                        "")));

        assertThat(golden("Organization").get("credit-codes/organization/55"))
                .containsEntry("creditCode", "551101015858589610");
        assertThat(flags("Organization", "credit-codes/organization/55", "creditCode"))
                .containsExactly("check-digit");
    }

    @Test
    void unstorableRecordHarmsOnlyItself() {
        Counts counts = apply(
                batch(
                        run,
                        village2023(CODE, "多福\0巷社区", TOWN, 1),
                        village2023("110101001\0", "甲社区", TOWN, 1),
                        village2023("110101001002", "乙\uD800社区", TOWN, 1),
                        village2023("110101001003", "丙".repeat(400_000), TOWN, 1),
                        village2023("110101001004", "丁".repeat(5_000) + "社区", TOWN, 1),
                        village2023("110101001005", "䶮𠮷社区", TOWN, 1)),
                PLACE_2023);

        assertThat(counts).isEqualTo(new Counts(6, 2, 0, 0, 4));
        assertThat(golden("Place").get("divisions-2023/place/110101001005")).containsEntry("name", "䶮𠮷社区");
    }

    @Test
    void valueThatIsNotOfItsKindWaitsInQuarantine() {
        Counts counts = apply(
                batch(
                        run,
                        says(MEMBERSHIP, "1", 1, "", "", "CHAIR", "2021-13-01", ""),
                        says(MEMBERSHIP, "2", 1, "somebody", "", "CHAIR", "", ""),
                        says(MEMBERSHIP, "3", 1, "place-code:2023|1", "", "CHAIR", "", "")),
                MEMBERSHIP);

        assertThat(counts).isEqualTo(new Counts(3, 0, 0, 0, 3));
    }

    @Test
    void tellsWhatBecameOfEachRecordOfABatch() {
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 5)));
        Batch mixed = new Batch(
                run,
                "feed",
                null,
                List.of(
                        says(MEMBERSHIP, "1", 1, "", "", "CHAIR", "2021-13-01", ""),
                        village2023(CODE, "多福巷社区", TOWN, 4),
                        village2023(CODE, "多福巷社区", TOWN, 6),
                        village2023(CODE, "银闸社区", TOWN, 7)),
                List.of(rejected(PLACE_2023, CODE, 3, "malformed-xml"), rejected(PLACE_2023, "x", 3, "malformed-xml")),
                List.of());

        assertThat(pool.apply(mixed).outcomes())
                .containsExactly(
                        Outcome.QUARANTINED,
                        Outcome.STALE,
                        Outcome.UNCHANGED,
                        Outcome.APPLIED,
                        Outcome.STALE,
                        Outcome.QUARANTINED);
    }

    @Test
    void quarantinedRecordCanBeReplayedAtItsPosition() {
        assertThat(apply(rejecting(run, rejected(PLACE_2023, CODE, 5, "malformed-xml")), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 0, 1));
        assertThat(apply(rejecting(run, rejected(PLACE_2023, CODE, 5, "malformed-xml")), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
        assertThat(apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 5)), PLACE_2023))
                .isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(apply(rejecting(run, rejected(PLACE_2023, CODE, 4, "malformed-xml")), PLACE_2023))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
    }

    @Test
    void offsetIsStoredWithTheBatch() {
        assertThat(pool.findOffset("feed")).isEmpty();
        pool.apply(new Batch(run, "feed", "a1", List.of(), List.of(), List.of()));
        pool.apply(new Batch(run, "feed", null, List.of(), List.of(), List.of()));
        assertThat(pool.findOffset("feed")).contains("a1");
    }

    @Test
    void aWishWaitsUntilTheBatchThatFulfilsItIsApplied() {
        long first = pool.askReread("election", Set.of("committee", "candidate-person"), "admin");
        long second = pool.askReread("credit-codes", Set.of("organization"), "admin");
        assertThat(pool.listRereads())
                .extracting(Reread::id, Reread::source, wish -> List.copyOf(wish.streams()), Reread::askedBy)
                .containsExactly(
                        tuple(first, "election", List.of("candidate-person", "committee"), "admin"),
                        tuple(second, "credit-codes", List.of("organization"), "admin"));

        pool.closeRun(run, RunStatus.COMPLETED, null);
        assertKind(PoolException.Kind.INVALID, () -> pool.apply(taking(run, "a1", first)));
        run = Fixture.run(pool);
        assertThat(pool.listRereads()).extracting(Reread::id).containsExactly(first, second);
        assertThat(pool.findOffset("feed")).isEmpty();

        pool.apply(taking(run, "a2", first));
        assertThat(pool.listRereads()).extracting(Reread::id).containsExactly(second);
        assertThat(pool.findOffset("feed")).contains("a2");
        // Asked once more while it goes on, it is another wish.
        long third = pool.askReread("election", Set.of("committee"), "admin");
        assertThat(third).isGreaterThan(second);
        pool.apply(taking(run, "a3", second, third));
        assertThat(pool.listRereads()).isEmpty();
    }

    private static Batch taking(long run, String offset, Long... wishes) {
        return new Batch(run, "feed", offset, List.of(), List.of(), List.of(), List.of(wishes));
    }

    @Test
    void undeclaredStreamAndClosedRunAreRefused() {
        StreamShape unknown =
                new StreamShape(new StreamId("election", "x"), "Place", List.of("name"), 1, true, DeletePolicy.NONE);
        assertKind(PoolException.Kind.INVALID, () -> pool.apply(batch(run, says(unknown, "1", 1, "甲"))));
        pool.closeRun(run, RunStatus.COMPLETED, null);
        assertKind(PoolException.Kind.INVALID, () -> pool.apply(batch(run, gone(PLACE_2023, "1", 1))));
    }

    @Test
    void streamCannotChangeItsTypeNorNameAnUnknownField() {
        SourceInfo source = new SourceInfo("election", "", "", "");
        assertKind(
                PoolException.Kind.CONFIGURATION,
                () -> pool.declare(
                        source,
                        List.of(new StreamShape(
                                COMMITTEE.id(), "Person", List.of("name"), 1, true, DeletePolicy.LOG))));
        assertKind(
                PoolException.Kind.CONFIGURATION,
                () -> pool.declare(
                        source,
                        List.of(new StreamShape(
                                COMMITTEE.id(), "Organization", List.of("colour"), 1, true, DeletePolicy.LOG))));
    }

    @Test
    void changedTrustChangesWhatIsPublished() {
        String id = "11010118860725511X";
        pool.apply(batch(run, person(CANDIDATE, "1", "王一", id, "", "", 1), person(MEMBER, "2", "王二", id, "", "", 1)));
        assertThat(golden("Person").get("election/candidate-person/1")).containsEntry("name", "王二");

        pool.declare(
                new SourceInfo("election", "", "", ""),
                List.of(new StreamShape(CANDIDATE.id(), "Person", CANDIDATE.fields(), 95, false, DeletePolicy.LOG)));

        assertThat(golden("Person").get("election/candidate-person/1")).containsEntry("name", "王一");
    }

    private static final String PERSON = "11010118860725511X";
    private static final String EARLY = "2021-01-01T00:00:00Z";
    private static final String LATE = "2022-01-01T00:00:00.000001Z";
    private static final String LATEST = "2023-01-01T00:00:00Z";

    private @Nullable String phone() {
        return golden("Person").values().iterator().next().get("phone");
    }

    @Test
    void theTimeThatSourcesStateDecidesWhereRulesGoByRecency() {
        pool.apply(batch(
                run,
                stated(CANDIDATE, "1", 1, LATE, "王一", PERSON, "1", "13800000001", ""),
                stated(MEMBER, "2", 1, EARLY, "王二", PERSON, "1", "13800000002", "")));

        assertThat(golden("Person").get("election/candidate-person/1"))
                .as("a telephone number goes by recency, a name by office")
                .containsEntry("phone", "13800000001")
                .containsEntry("name", "王二");

        pool.apply(batch(run, stated(MEMBER, "2", 2, LATEST, "王三", PERSON, "1", "13800000003", "")));
        assertThat(phone()).isEqualTo("13800000003");
        pool.apply(batch(run, stated(CANDIDATE, "1", 9, LATE, "王四", PERSON, "1", "13800000004", "")));
        assertThat(phone()).as("what arrives later is not what changed later").isEqualTo("13800000003");
        assertThat(golden("Person").get("election/candidate-person/1")).containsEntry("name", "王三");
    }

    @Test
    void arrivalOrderAndReadingAgainDoNotMatterToRecency() {
        var candidate = stated(CANDIDATE, "1", 1, LATE, "王一", PERSON, "1", "13800000001", "");
        var member = stated(MEMBER, "2", 1, EARLY, "王二", PERSON, "1", "13800000002", "");
        pool.apply(batch(run, member, candidate));
        String hash = pool.contentHash();

        assertThat(apply(batch(run, stated(MEMBER, "2", 7, EARLY, "王二", PERSON, "1", "13800000002", "")), MEMBER))
                .as("read again")
                .isEqualTo(new Counts(1, 0, 1, 0, 0));
        assertThat(pool.contentHash()).isEqualTo(hash);
        pool.apply(batch(run, gone(CANDIDATE, "1", 2)));
        assertThat(phone()).isEqualTo("13800000002");
        pool.apply(batch(run, stated(CANDIDATE, "1", 3, LATE, "王一", PERSON, "1", "13800000001", "")));
        assertThat(pool.contentHash()).isEqualTo(hash);
    }

    @Test
    void aRecordThatSaysTheSameLaterIsUnchangedAndMayWin() {
        pool.apply(batch(
                run,
                stated(CANDIDATE, "1", 1, EARLY, "王一", PERSON, "1", "13800000001", ""),
                stated(MEMBER, "2", 1, LATE, "王一", PERSON, "1", "13800000002", "")));
        assertThat(phone()).isEqualTo("13800000002");

        assertThat(apply(
                        batch(run, stated(CANDIDATE, "1", 2, LATEST, "王一", PERSON, "1", "13800000001", "")), CANDIDATE))
                .isEqualTo(new Counts(1, 0, 1, 0, 0));
        assertThat(phone()).isEqualTo("13800000001");

        pool.apply(batch(run, says(CANDIDATE, "1", 3, "王一", PERSON, "1", "13800000001", "")));
        assertThat(phone())
                .as("without a time it is neither older nor newer, and its stream is trusted less")
                .isEqualTo("13800000002");
    }

    @Test
    void aTimeOutsideTheCalendarWaitsInQuarantine() {
        assertThat(apply(
                        batch(
                                run,
                                ChangeEvent.upserted(
                                        MEMBER,
                                        "1",
                                        Position.of(1),
                                        new @Nullable String[] {"王一", PERSON, "", "", ""},
                                        List.of(),
                                        Instant.MAX)),
                        MEMBER))
                .isEqualTo(new Counts(1, 0, 0, 0, 1));
    }

    @Test
    void emptyIsKnownToBeEmptyWhereTheRuleSaysSo() {
        String code = "91620100719023721L";
        pool.apply(batch(
                run,
                says(LICENCE, "1", 1, code, "2021-06-01", "2026-05-31"),
                says(ARCHIVE, "2", 1, code, "2015-06-01", "2020-05-31")));
        String anchor = "archive/organization/2";
        assertThat(golden("Organization").get(anchor))
                .as("the later period, both ends of it")
                .containsEntry("validFrom", "2021-06-01")
                .containsEntry("validTo", "2026-05-31");

        assertThat(apply(batch(run, says(LICENCE, "1", 2, null, null, "")), LICENCE))
                .isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(golden("Organization").get(anchor))
                .as("the licence ends no more; what the archive says of another period does not fill the gap")
                .containsEntry("validFrom", "2021-06-01")
                .doesNotContainKey("validTo");
        assertThat(apply(batch(run, says(LICENCE, "1", 3, null, null, null)), LICENCE))
                .isEqualTo(new Counts(1, 0, 1, 0, 0));
        assertThat(golden("Organization").get(anchor))
                .as("not observed leaves what was said: that there is no end")
                .doesNotContainKey("validTo");

        pool.apply(batch(run, gone(LICENCE, "1", 4)));
        pool.apply(batch(run, says(LICENCE, "1", 5, code, "2021-06-01", null)));
        assertThat(golden("Organization").get(anchor))
                .as("never observed is not empty")
                .containsEntry("validTo", "2020-05-31");
    }

    @Test
    void anOrdinaryFieldIsFilledByWhoeverSaysSomething() {
        pool.apply(batch(
                run,
                person(MEMBER, "2", "王一", PERSON, "", "", 1),
                person(CANDIDATE, "1", "王一", PERSON, "13800000001", "", 1)));
        assertThat(phone()).isEqualTo("13800000001");
    }

    @Test
    void contentHashTellsContentsApart() {
        String empty = pool.contentHash();
        pool.apply(batch(run, village2023(CODE, "甲社区", TOWN, 1)));
        String one = pool.contentHash();
        pool.apply(batch(run, village2023(CODE, "乙社区", TOWN, 2)));
        assertThat(pool.contentHash()).isNotIn(empty, one);
        pool.apply(batch(run, village2023(CODE, "甲社区", TOWN, 3)));
        assertThat(pool.contentHash()).isEqualTo(one);
    }

    private static void assertKind(
            PoolException.Kind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
