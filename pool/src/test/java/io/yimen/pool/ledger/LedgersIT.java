package io.yimen.pool.ledger;

import static io.yimen.pool.ledger.Community.E1;
import static io.yimen.pool.ledger.Community.E2;
import static io.yimen.pool.ledger.Community.EAST_TOWN;
import static io.yimen.pool.ledger.Community.W1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.model.PoolModel;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

@SuppressWarnings("NullAway") // set up before each test; a null would fail the assertion
class LedgersIT {
    private static final String ID_A = "11010119900307651X";
    private static final String ID_B = "110101198506154321";

    private static Community shared;

    /** Tests that only read share one; those that feed more take one of their own. */
    private Community community = shared;

    @BeforeAll
    static void feedOne() {
        shared = fed();
    }

    private static Community fed() {
        var community = new Community();
        community.apply(
                "election",
                community.member("1", "王伟", ID_A, "13800000001", E1),
                community.member("2", "李秀英", ID_B, "13800000002", E1),
                community.member("3", "王芳", "110101197702021236", null, E2),
                community.member("4", "张敏", "110101196603031237", null, W1),
                community.membership("11", "1", "1", "CHAIR", E1),
                community.membership("12", "2", "1", "MEMBER", E1),
                community.membership("14", "4", "3", "CHAIR", W1));
        community.apply("residents", community.resident("r1", "王伟", ID_A, "13911112222", E1));
        community.apply(
                "credit-codes",
                community.creditCode(
                        "55110101MK00000001", "广渠门社区居民委员会", E1, "01065250099", new Flag("creditCode", "check-digit")));
        return community;
    }

    @Test
    void showsOneRecordWithTheSourceOfEveryValue() {
        long id = community.id(Community.MEMBERS, "1");
        LedgerRecord record = community.ledgers.get(Community.all(), "Person", id);

        assertThat(record.title()).isEqualTo("王伟");
        assertThat(record.status()).isEqualTo(RecordStatus.ACTIVE);
        assertThat(record.records()).isEqualTo(2);
        assertThat(record.place()).isEqualTo(new Reference(community.placeId(E1), "Place", "广渠门社区"));
        assertThat(record.fields().keySet()).containsExactly("name", "idNumber", "sex", "phone", "place");
        FieldValue phone = value(record, "phone");
        assertThat(phone.value()).isEqualTo("139****2222");
        assertThat(phone.masked()).isTrue();
        assertThat(phone.provenance().source()).isEqualTo("residents");
        assertThat(phone.provenance().sourceTitle()).isEqualTo("人口库");
        assertThat(value(record, "idNumber").value()).isEqualTo("110*************1X");
        assertThat(value(record, "sex").provenance().source()).isEqualTo("election");
        assertThat(value(record, "place").reference().title()).isEqualTo("广渠门社区");
        assertThat(record.toString() + phone).doesNotContain("王伟").doesNotContain("139");
    }

    @Test
    void listsByTitleInPagesWithoutGapOrRepeat() {
        for (boolean descending : List.of(false, true)) {
            RecordQuery query = RecordQuery.of("Person")
                    .withSort(RecordQuery.Sort.TITLE, descending)
                    .withLimit(1)
                    .withTotal(true);
            assertThat(community.ledgers.list(Community.all(), query).total()).isEqualTo(4);
            List<String> titles = walk(Community.all(), query);
            assertThat(titles)
                    .hasSize(4)
                    .isSortedAccordingTo(descending ? (a, b) -> b.compareTo(a) : String::compareTo);
        }
    }

    @Test
    void listsByTimeOfChangeInPages() {
        community = fed();
        community.apply("election", community.member("3", "王芳", "110101197702021236", "13800000003", E2));
        for (Scope scope : List.of(Community.all(), community.scope("east", EAST_TOWN))) {
            RecordQuery query = RecordQuery.of("Person")
                    .withSort(RecordQuery.Sort.UPDATED_AT, true)
                    .withLimit(1);
            List<String> titles = walk(scope, query);
            assertThat(titles).startsWith("王芳", "王伟").hasSize(scope.everything() ? 4 : 3);
            assertThat(walk(scope, query.withSort(RecordQuery.Sort.UPDATED_AT, false)))
                    .endsWith("王伟", "王芳")
                    .hasSize(titles.size());
        }
    }

    @Test
    void findsByPartOfTheTitleLiterally() {
        assertThat(list(RecordQuery.of("Person").withSearch("王"))).containsExactly("王伟", "王芳");
        assertThat(list(RecordQuery.of("Person").withSearch(" 秀英 "))).containsExactly("李秀英");
        assertThat(list(RecordQuery.of("Organization").withSearch("广渠门社区居"))).hasSize(1);
        assertThat(list(RecordQuery.of("Person").withSearch("%"))).isEmpty();
        assertThat(list(RecordQuery.of("Person").withSearch("_"))).isEmpty();
        assertThat(list(RecordQuery.of("Person").withSearch("\\"))).isEmpty();
        assertThat(list(RecordQuery.of("Person").withSearch("'; drop table pool.entity; --")))
                .isEmpty();
        assertThat(walk(
                        Community.all(),
                        RecordQuery.of("Person").withSearch("王").withLimit(1)))
                .containsExactly("王伟", "王芳");
    }

    @Test
    void filtersByValueReferencePlaceAndSensitiveValue() {
        long person = community.id(Community.MEMBERS, "1");
        long committee = community.id(Community.COMMITTEES, "1");
        assertThat(list(RecordQuery.of("Person").withFilter("name", "王芳"))).containsExactly("王芳");
        assertThat(list(RecordQuery.of("Person").withFilter("idNumber", " 11010119900307651x ")))
                .containsExactly("王伟");
        assertThat(list(RecordQuery.of("Person").withFilter("phone", "13911112222")))
                .containsExactly("王伟");
        assertThat(list(RecordQuery.of("Person").withFilter("phone", "13800000001")))
                .isEmpty();
        assertThat(list(RecordQuery.of("Person").withFilter("idNumber", ID_A).withFilter("name", "王芳")))
                .isEmpty();
        assertThat(community
                        .ledgers
                        .list(Community.all(), RecordQuery.of("Membership").withFilter("organization", "" + committee))
                        .records())
                .hasSize(2)
                .allSatisfy(r ->
                        assertThat(value(r, "organization").reference().id()).isEqualTo(committee));
        assertThat(community
                        .ledgers
                        .list(Community.all(), RecordQuery.of("Membership").withFilter("person", "" + person))
                        .records())
                .singleElement()
                .satisfies(
                        r -> assertThat(value(r, "person").reference().title()).isEqualTo("王伟"));
        assertThat(list(RecordQuery.of("Person").withPlace(community.placeId(EAST_TOWN))))
                .hasSize(3);
        assertThat(list(RecordQuery.of("Person").withPlace(community.placeId(E2))))
                .containsExactly("王芳");
        assertThat(list(RecordQuery.of("Place")
                        .withPlace(community.placeId(EAST_TOWN))
                        .withFilter("level", "village")))
                .containsExactly("广渠门社区", "忠实里社区");
        assertThat(list(RecordQuery.of("Person").withPlace(987654L))).isEmpty();
    }

    @Test
    void explainsAMergedRecord() {
        Explanation explanation =
                community.ledgers.lineage(Community.all(), "Person", community.id(Community.MEMBERS, "1"));

        assertThat(explanation.sourceRecords())
                .extracting(Explanation.SourceRecord::source, Explanation.SourceRecord::key)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("residents", "r1"),
                        org.assertj.core.groups.Tuple.tuple("election", "1"));
        assertThat(explanation.sourceRecords())
                .allSatisfy(r -> assertThat(r.rule()).isEqualTo("id-number"));
        Explanation.FieldLineage phone = field(explanation, "phone");
        assertThat(phone.rule()).isEqualTo("trust");
        assertThat(phone.claims())
                .extracting(Explanation.FieldClaim::rank, Explanation.FieldClaim::lostBy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, null), org.assertj.core.groups.Tuple.tuple(2, "trust"));
        assertThat(phone.claims())
                .extracting(Explanation.FieldClaim::value, Explanation.FieldClaim::won, Explanation.FieldClaim::source)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("139****2222", true, "residents"),
                        org.assertj.core.groups.Tuple.tuple("138****0001", false, "election"));
        assertThat(phone.claims()).allSatisfy(c -> assertThat(c.masked()).isTrue());
        assertThat(field(explanation, "name").rule()).isEqualTo("agreed");
        assertThat(field(explanation, "sex").rule()).isEqualTo("only");
        assertThat(field(explanation, "place").claims())
                .as("whoever lost says the same place in other words")
                .extracting(Explanation.FieldClaim::value)
                .containsExactly("广渠门社区", "广渠门社区");
    }

    @Test
    void explainsInWhichOrderTheClaimsStandAndWhyTheOthersLost() {
        community = fed();
        community.apply(
                "election",
                community.stated(Community.MEMBERS, "21", "2022-05-01T00:00:00Z", "王伟", ID_A, "2", "13800000021", ""),
                community.stated(Community.MEMBERS, "22", "2023-05-01T00:00:00Z", "王伟", ID_A, "2", "13800000022", ""),
                community.stated(Community.MEMBERS, "23", "2024-05-01T00:00:00Z", "王伟", ID_A, "2", "", ""));
        community.apply("residents", community.gone(Community.RESIDENTS, "r1"));
        community.apply("election", community.gone(Community.MEMBERS, "1"));
        long id = community.id(Community.MEMBERS, "21");
        Explanation.FieldLineage phone = field(community.ledgers.lineage(Community.all(), "Person", id), "phone");

        assertThat(phone.rule()).isEqualTo("recency");
        assertThat(phone.criteria()).containsExactly("sound", "recency", "trust");
        assertThat(phone.exception()).isNull();
        assertThat(phone.claims())
                .extracting(
                        Explanation.FieldClaim::key,
                        Explanation.FieldClaim::value,
                        Explanation.FieldClaim::rank,
                        Explanation.FieldClaim::lostBy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("22", "138****0022", 1, null),
                        org.assertj.core.groups.Tuple.tuple("21", "138****0021", 2, "recency"),
                        org.assertj.core.groups.Tuple.tuple("23", null, null, null));
        assertThat(phone.claims())
                .extracting(Explanation.FieldClaim::statedAt)
                .containsExactly(
                        Instant.parse("2023-05-01T00:00:00Z"),
                        Instant.parse("2022-05-01T00:00:00Z"),
                        Instant.parse("2024-05-01T00:00:00Z"));
        Provenance provenance = value(community.ledgers.get(Community.all(), "Person", id), "phone")
                .provenance();
        assertThat(provenance.rule()).isEqualTo("recency");
        assertThat(provenance.statedAt()).isEqualTo(Instant.parse("2023-05-01T00:00:00Z"));
    }

    @Test
    void showsDoubtsInListsAndLineage() {
        long id = community.id(Community.COMMITTEES, "1");
        LedgerRecord listed = community
                .ledgers
                .list(Community.all(), RecordQuery.of("Organization").withFilter("creditCode", "55110101MK00000001"))
                .records()
                .get(0);
        assertThat(listed.id()).isEqualTo(id);
        assertThat(value(listed, "creditCode").flags()).containsExactly("check-digit");
        assertThat(value(listed, "creditCode").provenance()).isNull();
        assertThat(field(community.ledgers.lineage(Community.all(), "Organization", id), "creditCode")
                        .claims()
                        .get(0)
                        .flags())
                .containsExactly("check-digit");
        assertThat(community
                        .ledgers
                        .list(Community.all(), RecordQuery.of("Organization").withExplain(true))
                        .records())
                .allSatisfy(r -> assertThat(value(r, "name").provenance()).isNotNull());
    }

    @Test
    void readsAnyLedgerAsOfAnInstant() {
        community = fed();
        Instant before = community.now();
        community.apply(
                "election",
                community.member("3", "王芳芳", "110101197702021236", null, E2),
                community.gone(Community.MEMBERS, "4"),
                community.member("5", "新人", null, null, E2));
        RecordQuery query = RecordQuery.of("Person").withTotal(true);

        assertThat(list(query)).containsExactly("新人", "李秀英", "王伟", "王芳芳");
        assertThat(list(query.withAsOf(community.now()))).containsExactly("新人", "李秀英", "王伟", "王芳芳");
        assertThat(list(query.withAsOf(before))).containsExactly("张敏", "李秀英", "王伟", "王芳");
        assertThat(list(query.withAsOf(before.minusSeconds(3600)))).isEmpty();
        assertThat(community
                        .ledgers
                        .list(Community.all(), query.withAsOf(before))
                        .total())
                .isEqualTo(4);
        assertThat(walk(Community.all(), query.withAsOf(before).withLimit(1))).containsExactly("张敏", "李秀英", "王伟", "王芳");
        assertThat(walk(
                        Community.all(),
                        query.withAsOf(before).withLimit(1).withSort(RecordQuery.Sort.UPDATED_AT, true)))
                .hasSize(4);
        assertThat(list(query.withAsOf(before).withSearch("王芳"))).containsExactly("王芳");
        assertThat(list(query.withAsOf(before).withFilter("idNumber", ID_A))).containsExactly("王伟");
        assertThat(list(query.withAsOf(before).withPlace(community.placeId(W1))))
                .containsExactly("张敏");

        long retired = community.id(Community.MEMBERS, "4");
        assertThat(community.ledgers.get(Community.all(), "Person", retired).status())
                .isEqualTo(RecordStatus.RETIRED);
        LedgerRecord then = community.ledgers.get(Community.all(), "Person", retired, before);
        assertThat(then.status()).isEqualTo(RecordStatus.ACTIVE);
        assertThat(then.title()).isEqualTo("张敏");
        assertNotFound(() -> community.ledgers.get(Community.all(), "Person", retired, before.minusSeconds(3600)));
    }

    @Test
    void followsAnIdThatWasMergedAway() {
        community = fed();
        community.apply("election", community.member("6", "王伟", null, null, E1));
        long old = community.id(Community.MEMBERS, "6");
        Instant before = community.now();
        community.apply("election", community.member("6", "王伟", ID_A, null, E1));
        long merged = community.id(Community.MEMBERS, "6");
        assertThat(merged).isNotEqualTo(old).isEqualTo(community.id(Community.MEMBERS, "1"));

        LedgerRecord record = community.ledgers.get(Community.all(), "Person", old);
        assertThat(record.id()).isEqualTo(merged);
        assertThat(record.redirectedFrom()).isEqualTo(old);
        assertThat(record.records()).isEqualTo(3);
        assertThat(community.ledgers.lineage(Community.all(), "Person", old).id())
                .isEqualTo(merged);
        assertThat(community.ledgers.get(Community.all(), "Person", merged).redirectedFrom())
                .isNull();
        assertThat(community.ledgers.get(Community.all(), "Person", old, before).id())
                .isEqualTo(old);
        assertThat(community
                        .ledgers
                        .get(Community.all(), "Person", old, community.now())
                        .id())
                .isEqualTo(merged);
        HistoryPage history = community.history.list(Community.all(), "Person", old, null, 50);
        assertThat(history.entries().get(0).operation()).isEqualTo(Operation.MERGED);
        assertThat(history.entries().get(0).redirectTo()).isEqualTo(merged);
        assertThat(list(RecordQuery.of("Person"))).hasSize(4);
    }

    @Test
    void tellsWhatChangedAndWhatBroughtIt() {
        community = fed();
        community.apply("election", community.member("2", "李秀英", ID_B, "13800009999", E2));
        long id = community.id(Community.MEMBERS, "2");
        HistoryPage first = community.history.list(Community.all(), "Person", id, null, 1);
        HistoryPage.Entry entry = first.entries().get(0);

        assertThat(entry.operation()).isEqualTo(Operation.UPDATED);
        assertThat(entry.source()).isEqualTo("election");
        assertThat(entry.sourceTitle()).isEqualTo("换届选举系统");
        assertThat(entry.at()).isEqualTo(community.now());
        assertThat(entry.differences())
                .containsExactly(
                        new HistoryPage.Difference("phone", "138****0002", "138****9999", true),
                        new HistoryPage.Difference("place", "广渠门社区", "忠实里社区", false));
        HistoryPage second = community.history.list(Community.all(), "Person", id, first.nextCursor(), 1);
        assertThat(second.nextCursor()).isNull();
        assertThat(second.entries()).singleElement().satisfies(e -> {
            assertThat(e.operation()).isEqualTo(Operation.CREATED);
            assertThat(e.differences())
                    .allSatisfy(d -> assertThat(d.from()).isNull())
                    .extracting(HistoryPage.Difference::field)
                    .containsExactly("name", "idNumber", "sex", "phone", "place");
        });
    }

    @Test
    void feedsChangesInOrderWithoutSensitiveFields() {
        ChangePage page = community.changes.list(Community.all(), 0, List.of(), 1000);
        assertThat(page.changes()).extracting(ChangePage.Change::seq).isSorted().doesNotHaveDuplicates();
        assertThat(page.last()).isEqualTo(community.changes.last(Community.all()));
        assertThat(page.changes()).allSatisfy(c -> assertThat(c.fields()).doesNotContainKeys("phone", "idNumber"));
        assertThat(page.changes().toString()
                        + page.changes().stream().map(ChangePage.Change::fields).toList())
                .doesNotContain("enc1:")
                .doesNotContain(ID_A);

        var persons = new ArrayList<ChangePage.Change>();
        long after = 0;
        while (true) {
            ChangePage next = community.changes.list(Community.all(), after, List.of("Person"), 2);
            persons.addAll(next.changes());
            if (next.changes().isEmpty()) {
                break;
            }
            after = next.last();
        }
        assertThat(persons)
                .isEqualTo(page.changes().stream()
                        .filter(c -> c.entityType().equals("Person"))
                        .toList());
        assertThat(community.changes.list(Community.all(), page.last(), List.of(), 10))
                .isEqualTo(new ChangePage(List.of(), page.last()));
    }

    @Test
    void opensSensitiveValuesForAPurposeAndWritesItDown() {
        community = fed();
        long id = community.id(Community.MEMBERS, "1");
        Scope worker = community.scope("worker", E1);
        Map<String, String> opened =
                community.ledgers.unmask(worker, "Person", id, List.of("idNumber", "phone"), "核对选民登记");

        assertThat(opened).containsExactlyInAnyOrderEntriesOf(Map.of("idNumber", ID_A, "phone", "13911112222"));
        assertThat(audit("UNMASK"))
                .contains("worker Person/" + id)
                .contains("核对选民登记")
                .contains("idNumber")
                .doesNotContain(ID_A);
        assertInvalid(() -> community.ledgers.unmask(worker, "Person", id, List.of("idNumber"), " "));
        assertInvalid(() -> community.ledgers.unmask(worker, "Person", id, List.of("name"), "purpose"));
        assertInvalid(() -> community.ledgers.unmask(worker, "Person", id, List.of("no-such"), "purpose"));
        assertInvalid(() -> community.ledgers.unmask(worker, "Person", id, List.of(), "purpose"));
        assertNotFound(() ->
                community.ledgers.unmask(community.scope("other", W1), "Person", id, List.of("idNumber"), "purpose"));
    }

    @Test
    void writesDownEveryReadOfWhatIsAboutPeopleAndNoOther() {
        community = fed();
        long id = community.id(Community.MEMBERS, "1");
        Scope worker = community.scope("worker", E1);
        community.ledgers.list(worker, RecordQuery.of("Person").withSearch("王伟").withFilter("idNumber", ID_A));
        community.ledgers.get(worker, "Person", id);
        community.ledgers.lineage(worker, "Person", id);
        community.history.list(worker, "Person", id, null, 10);
        community.changes.list(worker, 0, List.of("Person"), 10);
        assertNotFound(() -> community.ledgers.get(worker, "Person", community.id(Community.MEMBERS, "4")));
        assertThat(audit("LIST"))
                .contains("worker Person ")
                .contains("idNumber")
                .doesNotContain(ID_A, "王伟");
        assertThat(audit("READ")).contains("worker Person/" + id).contains("NOT_FOUND");
        assertThat(audit("LINEAGE")).contains("worker Person/" + id);
        assertThat(audit("HISTORY")).contains("worker Person/" + id);
        assertThat(audit("CHANGES")).contains("worker Person ");

        community.ledgers.list(worker, RecordQuery.of("Place"));
        community.ledgers.get(worker, "Place", community.placeId(E1));
        assertThat(TestDatabase.text(
                        community.dataSource, "select count(*) from pool.audit where object like 'Place%'"))
                .isEqualTo("0");
    }

    @Test
    void tellsWhetherARecordLiesWithinOnesPlacesOrIsShownBesides() {
        Scope worker = community.scope("worker", E1);
        long id = community.id(Community.MEMBERS, "1");
        assertThat(community.ledgers.look(worker, "Person", id, null, null).inside())
                .isTrue();
        assertThat(community
                        .ledgers
                        .look(worker, "Place", community.placeId(E1), null, null)
                        .inside())
                .isTrue();
        long above = Long.parseLong(TestDatabase.text(
                community.dataSource,
                "select ancestor from pool.place_scope where place = " + community.placeId(E1)
                        + " and ancestor <> place limit 1"));
        assertThat(community.ledgers.look(worker, "Place", above, null, null).inside())
                .isFalse();
    }

    @Test
    void readsAgainWhatADroppedConnectionCouldNot() {
        var dropped = new AtomicInteger();
        var dropping = new PGSimpleDataSource() {
            private static final long serialVersionUID = 1L;

            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = community.dataSource.getConnection();
                if (dropped.getAndIncrement() % 2 == 0) {
                    int backend = connection.unwrap(PGConnection.class).getBackendPID();
                    TestDatabase.text(community.dataSource, "select pg_terminate_backend(" + backend + ", 5000)");
                }
                return connection;
            }
        };
        var reads = new ScopedReads(
                dropping, PoolModel.standard(), TestDatabase.VAULT, new Audit(community.dataSource, Clock.systemUTC()));
        long place = community.placeId(E1);
        assertThat(new Ledgers(reads)
                        .look(Community.all(), "Place", place, null, null)
                        .record()
                        .id())
                .isEqualTo(place);
        assertThat(dropped).as("one that was dropped, one that was not").hasValue(2);
        assertThat(new Ledgers(reads)
                        .list(Community.all(), RecordQuery.of("Place"))
                        .records())
                .isNotEmpty();
        assertThat(dropped).hasValue(4);
    }

    @Test
    void refusesWhatMakesNoSense() {
        Scope all = Community.all();
        RecordQuery query = RecordQuery.of("Person").withLimit(1);
        String cursor = community.ledgers.list(all, query).nextCursor();
        assertInvalid(() -> community.ledgers.list(all, query.withCursor("nonsense")));
        assertInvalid(() -> community.ledgers.list(all, query.withCursor(cursor).withSearch("王")));
        assertInvalid(() ->
                community.ledgers.list(all, query.withCursor(cursor).withSort(RecordQuery.Sort.UPDATED_AT, false)));
        assertInvalid(() -> community.ledgers.list(all, query.withLimit(0)));
        assertInvalid(() -> community.ledgers.list(all, query.withLimit(201)));
        assertInvalid(() -> community.ledgers.list(all, query.withSearch("王\0")));
        assertInvalid(() -> community.ledgers.list(all, query.withSearch("\ud800")));
        assertInvalid(() -> community.ledgers.list(all, query.withFilter("no-such", "x")));
        assertInvalid(() -> community.ledgers.list(all, query.withFilter("place", "北京")));
        assertInvalid(() -> community.ledgers.list(all, query.withFilter("name", "x\0")));
        assertInvalid(() -> community.changes.list(all, -1, List.of(), 10));
        assertNotFound(() -> community.ledgers.list(all, RecordQuery.of("Unicorn")));
        assertNotFound(() -> community.ledgers.get(all, "Person", community.placeId(E1)));
        assertNotFound(() -> community.ledgers.get(all, "Person", 999_999_999L));
        assertNotFound(() -> community.history.list(all, "Person", 999_999_999L, null, 10));
    }

    @Test
    void countsWhatTheScopeHolds() {
        Summary all = community.summaries.get(Community.all());
        assertThat(all.entities())
                .containsEntry("Place", 9L)
                .containsEntry("Organization", 4L)
                .containsEntry("Person", 4L)
                .containsEntry("Membership", 3L)
                .containsEntry("Election", 0L);
        assertThat(all.sourceRecords()).isEqualTo(9 + 4 + 4 + 3 + 2);
        assertThat(all.mergedInto()).isEqualTo(2);
        assertThat(all.mergedRecords()).isEqualTo(4);
        Summary east = community.summaries.get(community.scope("east", EAST_TOWN));
        assertThat(east.entities()).containsEntry("Place", 3L).containsEntry("Person", 3L);
    }

    private List<String> list(RecordQuery query) {
        return community.titles(community.ledgers.list(Community.all(), query));
    }

    private List<String> walk(Scope scope, RecordQuery query) {
        var titles = new ArrayList<String>();
        String cursor = null;
        do {
            RecordPage page = community.ledgers.list(scope, query.withCursor(cursor));
            titles.addAll(community.titles(page));
            cursor = page.nextCursor();
        } while (cursor != null);
        return titles;
    }

    private String audit(String action) {
        return TestDatabase.text(
                community.dataSource,
                "select string_agg(actor || ' ' || object || ' ' || detail, e'\\n' order by id) from pool.audit"
                        + " where action = '" + action + "'");
    }

    private static FieldValue value(LedgerRecord record, String field) {
        FieldValue value = record.fields().get(field);
        assertThat(value).as(field).isNotNull();
        return value;
    }

    private static Explanation.FieldLineage field(Explanation explanation, String field) {
        return explanation.fields().stream()
                .filter(f -> f.field().equals(field))
                .findFirst()
                .orElseThrow();
    }

    private static void assertInvalid(ThrowingCallable call) {
        assertKind(call, PoolException.Kind.INVALID);
    }

    private static void assertNotFound(ThrowingCallable call) {
        assertKind(call, PoolException.Kind.NOT_FOUND);
    }

    private static void assertKind(ThrowingCallable call, PoolException.Kind kind) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
