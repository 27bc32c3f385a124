package io.yimen.pool.ledger;

import static io.yimen.pool.ledger.Community.E1;
import static io.yimen.pool.ledger.Community.E2;
import static io.yimen.pool.ledger.Community.EAST;
import static io.yimen.pool.ledger.Community.EAST_TOWN;
import static io.yimen.pool.ledger.Community.W1;
import static io.yimen.pool.ledger.Community.WEST_TOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.Role;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Correction;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.State;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Scoping;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nobody reads outside his or her places, by whatever question. */
@SuppressWarnings("NullAway") // set up before each test; a null would fail the assertion
class ScopeIT {
    private static final StreamShape ITEMS = new StreamShape(
            new StreamId("services", "item"),
            "ServiceItem",
            List.of("name", "code", "place"),
            50,
            true,
            DeletePolicy.FULL_SET);
    private static final StreamShape CASES = new StreamShape(
            new StreamId("services", "case"),
            "ServiceCase",
            List.of("number", "title", "item", "place"),
            50,
            true,
            DeletePolicy.FULL_SET);
    private static final String STATED = "2026-03-01T00:00:00Z";
    private static final String ID_EAST = "11010119900307651X";

    private static Community community;
    private static long eastPerson;
    private static long westPerson;
    private static long eastMembership;
    private static long mergedAway;
    private static Instant fedAt;

    @BeforeAll
    static void feed() {
        community = new Community();
        community.apply(
                "election",
                community.member("1", "东方红", ID_EAST, "13800000001", E1),
                community.member("2", "东方亮", null, null, E2),
                community.member("4", "西门庆", "110101196603031237", "13800000004", W1),
                community.member("6", "东方红", null, null, E1),
                community.membership("11", "1", "1", "CHAIR", E1),
                // A person of the east holds a post in the west.
                community.membership("15", "1", "3", "MEMBER", W1));
        community.apply("residents", community.resident("r1", "东方红", ID_EAST, "13911112222", E1));
        mergedAway = community.id(Community.MEMBERS, "6");
        community.apply("election", community.member("6", "东方红", ID_EAST, null, E1));
        eastPerson = community.id(Community.MEMBERS, "1");
        westPerson = community.id(Community.MEMBERS, "4");
        eastMembership = community.id(Community.MEMBERSHIPS, "11");
        serve(community);
        fedAt = community.now();
    }

    private static void serve(Community community) {
        community.pool.declare(new SourceInfo("services", "公共服务", "Services", "民政局"), List.of(ITEMS, CASES));
        community.apply(
                "services",
                community.stated(ITEMS, "i1", STATED, "老年人优待证办理", "S001", null),
                community.stated(ITEMS, "i2", STATED, "生育登记", "S002", "place-code:2023|" + E1),
                community.stated(CASES, "c1", STATED, "N001", "办证", "record:services/item/i1", "place-code:2023|" + W1),
                community.stated(
                        CASES, "c2", STATED, "N002", "登记", "record:services/item/i2", "place-code:2023|" + E1));
    }

    @Test
    void whatEverybodySeesIsSeenByWhoeverHasAPlace() {
        Scope west = community.scope("west", W1);
        for (Instant asOf : new Instant[] {null, fedAt}) {
            for (RecordQuery.Sort sort : RecordQuery.Sort.values()) {
                RecordQuery query = RecordQuery.of("ServiceItem")
                        .withSort(sort, false)
                        .withAsOf(asOf)
                        .withTotal(true);
                for (RecordQuery each : List.of(query, query.withPlace(community.placeId(W1)))) {
                    RecordPage page = community.ledgers.list(west, each);
                    assertThat(community.titles(page)).containsExactlyInAnyOrder("老年人优待证办理", "生育登记");
                    assertThat(page.total()).isEqualTo(2);
                    assertThat(community.ledgers.list(Community.all(), each).records())
                            .extracting(LedgerRecord::id)
                            .containsExactlyElementsOf(page.records().stream()
                                    .map(LedgerRecord::id)
                                    .toList());
                    // Where an item says that it applies is still a place elsewhere.
                    assertThat(page.records())
                            .allSatisfy(r -> assertThat(r.place()).isNull())
                            .extracting(r -> r.fields().get("place"))
                            .filteredOn(Objects::nonNull)
                            .singleElement()
                            .satisfies(place -> assertThat(place.reference()).isNull());
                }
            }
            LedgerRecord served = asOf == null
                    ? community.ledgers.get(west, "ServiceCase", community.id(CASES, "c1"))
                    : community.ledgers.get(west, "ServiceCase", community.id(CASES, "c1"), asOf);
            assertThat(served.fields().get("item"))
                    .extracting(FieldValue::reference)
                    .extracting(Reference::title)
                    .isEqualTo("老年人优待证办理");
            assertThat(community
                            .ledgers
                            .counts(west, "ServiceItem", null, asOf, null)
                            .total())
                    .isEqualTo(2);
            assertThat(community.titles(community.ledgers.list(
                            west, RecordQuery.of("ServiceCase").withAsOf(asOf))))
                    .containsExactly("办证");
        }
        long item = community.id(ITEMS, "i2");
        assertThat(community.ledgers.lineage(west, "ServiceItem", item).fields())
                .anySatisfy(f -> assertThat(f.claims())
                        .anySatisfy(c -> assertThat(c.value()).isEqualTo("生育登记")));
        assertThat(community.history.list(west, "ServiceItem", item, null, 10).entries())
                .hasSize(1);
        assertThat(community.changes.list(west, 0, List.of("ServiceItem"), 10).changes())
                .hasSize(2);
        assertThat(community.changes.list(west, 0, List.of(), 1000).changes())
                .filteredOn(c -> c.entityType().startsWith("Service"))
                .extracting(ChangePage.Change::title)
                .containsExactlyInAnyOrder("老年人优待证办理", "生育登记", "办证");
        assertThat(new Differences(community.reads)
                        .list(west, "ServiceItem", fedAt.minus(Duration.ofMinutes(2)), fedAt, null, null, 10)
                        .records())
                .hasSize(2);
    }

    @Test
    void whatIsShownBesidesIsPutRightByThoseWhoAnswerForItOnly() {
        var own = new Community();
        serve(own);
        Scope west = own.scope("west", W1);
        Corrections corrections = own.pool.corrections(own.reads, Policy.standard());
        Authority worker = new Authority(west, false, Set.of());
        Authority officer = new Authority(west, true, Set.of("election"));
        Authority owner = new Authority(west, false, Set.of("services"));
        Authority placeless = new Authority(Scope.nothing("nobody"), false, Set.of("services"));
        long item = own.id(ITEMS, "i1");
        long above = own.placeId(WEST_TOWN);
        long elsewhere = own.placeId(E1);
        for (Authority each : List.of(worker, officer)) {
            assertThat(corrections.mayCorrect(each, own.placeId(W1))).isTrue();
            assertThat(corrections.mayCorrect(each, item)).isFalse();
            refused(PoolException.Kind.FORBIDDEN, () -> corrections.propose(each, named("ServiceItem", item)));
            assertThat(corrections.mayCorrect(each, above)).isFalse();
            refused(PoolException.Kind.FORBIDDEN, () -> corrections.propose(each, named("Place", above)));
            assertThat(corrections.mayCorrect(each, elsewhere)).isFalse();
            refused(PoolException.Kind.NOT_FOUND, () -> corrections.propose(each, named("Place", elsewhere)));
        }
        assertThat(corrections.mayCorrect(owner, above)).isFalse();
        assertThat(corrections.mayCorrect(placeless, item)).isFalse();
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.propose(placeless, named("ServiceItem", item)));
        assertThat(corrections.mayCorrect(new Authority(Community.all(), true, Set.of()), item))
                .isTrue();
        assertThat(corrections.mayCorrect(owner, item)).isTrue();
        Correction made = corrections.propose(owner, named("ServiceItem", item));
        assertThat(made.state()).isEqualTo(State.STANDING);
        assertThat(own.ledgers.get(west, "ServiceItem", item).title()).isEqualTo("老年人优待证补办");
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.withdraw(worker, made.id(), "不该由他"));
        assertThat(corrections.withdraw(owner, made.id(), "说错了").state()).isEqualTo(State.RETIRED);
    }

    private static Request named(String type, long id) {
        return new Request(type, id, 0, "name", "老年人优待证补办", "文件如此", null, List.of());
    }

    private static void refused(PoolException.Kind kind, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void aFrozenLedgerNamesWhatEverybodySees() {
        var frozen = new FrozenLedgers(community.reads, community.clock);
        Scope west = community.scope("west", W1);
        for (String type : List.of("ServiceCase", "ServiceItem")) {
            FrozenLedger kept = frozen.freeze(
                    west,
                    new FrozenLedger.Request(
                            type,
                            community.placeId(W1),
                            type.equals("ServiceCase") ? List.of("title", "item") : List.of("name"),
                            false,
                            null,
                            fedAt,
                            null,
                            "月报"));
            assertThat(new String(frozen.content(west, kept.id(), null, false).bytes(), StandardCharsets.UTF_8))
                    .contains("老年人优待证办理")
                    .doesNotContain("N002", "登记,");
        }
    }

    @Test
    void listsNothingOfOtherPlaces() {
        Scope west = community.scope("west", W1);
        long e1 = community.placeId(E1);
        for (EntityType type : community.model.types()) {
            if (type.scoping() == Scoping.EVERYONE) {
                continue;
            }
            for (RecordQuery.Sort sort : RecordQuery.Sort.values()) {
                for (Instant asOf : new Instant[] {null, fedAt}) {
                    RecordQuery query = RecordQuery.of(type.name())
                            .withSort(sort, sort == RecordQuery.Sort.UPDATED_AT)
                            .withAsOf(asOf)
                            .withExplain(true)
                            .withTotal(true);
                    RecordPage page = community.ledgers.list(west, query);
                    assertThat(page.records())
                            .as("%s by %s as of %s", type, sort, asOf)
                            .allSatisfy(r -> assertThat(r.place())
                                    .isNotNull()
                                    .satisfies(p -> assertThat(p.id()).isEqualTo(community.placeId(W1))));
                    assertThat(page.total()).isEqualTo(page.records().size());
                    for (RecordQuery narrower : List.of(
                            query.withSearch("东"),
                            query.withSearch("东方红"),
                            query.withPlace(e1),
                            query.withPlace(community.placeId(EAST)))) {
                        RecordPage none = community.ledgers.list(west, narrower);
                        assertThat(none.records()).isEmpty();
                        assertThat(none.total()).isZero();
                        assertThat(none.nextCursor()).isNull();
                    }
                }
            }
        }
        for (RecordQuery query : List.of(
                RecordQuery.of("Person").withFilter("idNumber", ID_EAST),
                RecordQuery.of("Person").withFilter("phone", "13911112222"),
                RecordQuery.of("Person").withFilter("name", "东方红"),
                RecordQuery.of("Person").withFilter("place", "" + e1),
                RecordQuery.of("Membership")
                        .withFilter("organization", "" + community.id(Community.COMMITTEES, "1")))) {
            assertThat(community.ledgers.list(west, query.withTotal(true)).total())
                    .isZero();
            assertThat(community.ledgers.list(west, query.withAsOf(fedAt)).records())
                    .isEmpty();
        }
    }

    @Test
    void answersForWhatLiesElsewhereAsIfItDidNotExist() {
        Scope west = community.scope("west", W1);
        String absent = messageOf(() -> community.ledgers.get(west, "Person", 999_999_999L));
        for (long id : new long[] {eastPerson, mergedAway}) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> community.ledgers.get(west, "Person", id),
                    () -> community.ledgers.get(west, "Person", id, fedAt),
                    () -> community.ledgers.lineage(west, "Person", id),
                    () -> community.ledgers.unmask(west, "Person", id, List.of("idNumber"), "curious"),
                    () -> community.history.list(west, "Person", id, null, 10))) {
                assertThat(messageOf(call)).isEqualTo(absent);
            }
        }
        assertThat(messageOf(() -> community.ledgers.get(west, "Membership", eastMembership)))
                .isEqualTo(absent);
        assertThat(messageOf(() ->
                        community.history.list(west, "Organization", community.id(Community.COMMITTEES, "1"), null, 5)))
                .isEqualTo(absent);
    }

    @Test
    void showsOfAReferenceThatLeadsElsewhereTheIdAlone() {
        Scope west = community.scope("west", W1);
        LedgerRecord membership = community.ledgers.get(west, "Membership", community.id(Community.MEMBERSHIPS, "15"));
        FieldValue person = membership.fields().get("person");
        assertThat(person).isNotNull();
        assertThat(person.value()).isEqualTo("" + eastPerson);
        assertThat(person.reference()).isNull();
        Explanation explanation = community.ledgers.lineage(west, "Membership", membership.id());
        assertThat(explanation.fields())
                .allSatisfy(f -> assertThat(f.claims())
                        .noneSatisfy(c -> assertThat(c.value()).contains("东方红")));
        assertThat(community
                        .history
                        .list(west, "Membership", membership.id(), null, 10)
                        .entries())
                .allSatisfy(e -> assertThat(e.differences())
                        .noneSatisfy(d -> assertThat(d.to()).contains("东方红")));
    }

    @Test
    void feedsAndCountsNothingOfOtherPlaces() {
        Scope west = community.scope("west", W1);
        ChangePage page = community.changes.list(west, 0, List.of(), 1000);
        assertThat(page.changes())
                .isNotEmpty()
                .noneSatisfy(c -> assertThat(c.title()).contains("东"))
                .noneSatisfy(c -> assertThat(c.id()).isEqualTo(mergedAway));
        assertThat(page.last()).isEqualTo(community.changes.last(west));
        Summary summary = community.summaries.get(west);
        assertThat(summary.entities())
                .containsEntry("Place", 1L)
                .containsEntry("Organization", 1L)
                .containsEntry("Person", 1L)
                .containsEntry("Membership", 1L)
                .containsEntry("ServiceCase", 1L)
                .containsEntry("ServiceItem", 2L);
        assertThat(summary.sourceRecords()).isEqualTo(7);
        assertThat(summary.mergedRecords()).isZero();
    }

    @Test
    void opensItsOwnPlacesAndAllBelowThem() {
        Scope town = community.scope("town", EAST_TOWN);
        assertThat(community.titles(community.ledgers.list(town, RecordQuery.of("Person"))))
                .containsExactly("东方亮", "东方红");
        assertThat(community.ledgers.get(town, "Person", mergedAway).id()).isEqualTo(eastPerson);
        assertThat(community.titles(community.ledgers.list(community.scope("two", E2, W1), RecordQuery.of("Person"))))
                .containsExactly("东方亮", "西门庆");
        assertThat(community.ledgers.roots(town)).extracting(Reference::title).containsExactly("东花市街道");
    }

    @Test
    void showsThePlacesAboveForOrientationOnly() {
        Scope worker = community.scope("worker", E1);
        assertThat(community
                        .ledgers
                        .get(worker, "Place", community.placeId(EAST))
                        .title())
                .isEqualTo("东城区");
        FieldValue parent = community
                .ledgers
                .get(worker, "Place", community.placeId(E1))
                .fields()
                .get("parent");
        assertThat(parent).isNotNull();
        assertThat(parent.reference()).isNotNull();
        assertThat(community.titles(community.ledgers.list(worker, RecordQuery.of("Place"))))
                .containsExactly("广渠门社区");
        assertThat(messageOf(() -> community.ledgers.get(worker, "Place", community.placeId(E2))))
                .isNotEmpty();
    }

    @Test
    void aRecordThatMovedAwayIsGoneForThoseItLeft() {
        var moving = new Community();
        moving.apply("election", moving.member("1", "东方红", ID_EAST, null, E1));
        Instant before = moving.now();
        moving.apply("election", moving.member("1", "东方红", ID_EAST, "13800000001", W1));
        long id = moving.id(Community.MEMBERS, "1");
        Scope east = moving.scope("east", E1);
        Scope west = moving.scope("west", W1);
        RecordQuery query = RecordQuery.of("Person");

        assertThat(moving.ledgers.list(east, query).records()).isEmpty();
        assertThat(moving.ledgers.list(east, query.withAsOf(moving.now())).records())
                .isEmpty();
        assertThat(moving.ledgers.list(east, query.withAsOf(before)).records()).hasSize(1);
        assertThat(moving.ledgers.list(west, query.withAsOf(before)).records()).isEmpty();
        assertThat(moving.ledgers.list(west, query).records()).hasSize(1);
        assertThat(messageOf(() -> moving.ledgers.get(east, "Person", id))).isNotEmpty();
        assertThat(messageOf(() -> moving.ledgers.get(east, "Person", id, moving.now())))
                .isNotEmpty();
        assertThat(moving.ledgers.get(east, "Person", id, before).fields()).doesNotContainKey("phone");
        assertThat(moving.history.list(west, "Person", id, null, 10).entries())
                .singleElement()
                .satisfies(e -> assertThat(e.operation()).isEqualTo(Operation.UPDATED));
    }

    @Test
    void nothingIsVisibleToNobody() throws SQLException {
        Scope nobody = Scope.nothing("nobody");
        for (EntityType type : community.model.types()) {
            assertThat(community
                            .ledgers
                            .list(nobody, RecordQuery.of(type.name()).withTotal(true))
                            .total())
                    .isZero();
            assertThat(community
                            .ledgers
                            .list(nobody, RecordQuery.of(type.name()).withAsOf(fedAt))
                            .records())
                    .isEmpty();
        }
        assertThat(community.changes.list(nobody, 0, List.of(), 100).changes()).isEmpty();
        assertThat(community.summaries.get(nobody).entities().values()).containsOnly(0L);
        // Without any setting at all, as a forgotten one would be.
        try (var connection = community.dataSource.getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local role yimen_reader");
            for (String table : List.of("entity", "change", "source_record")) {
                try (var row = statement.executeQuery("select count(*) from pool." + table)) {
                    row.next();
                    assertThat(row.getLong(1)).as(table).isZero();
                }
            }
            for (String sql : List.of(
                    "select * from pool.account",
                    "select * from pool.session",
                    "select * from pool.audit",
                    "select * from pool.quarantine",
                    "select * from pool.change_default",
                    "select * from pool.change_2026_03",
                    "select * from pool.frozen_ledger",
                    "select * from pool.frozen_row",
                    "select pool.change_months(now(), now())",
                    "update pool.entity set title = ''")) {
                var before = connection.setSavepoint();
                assertThatThrownBy(() -> statement.execute(sql))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("permission denied");
                connection.rollback(before);
            }
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    @Test
    void leavesAConnectionAsItWas() throws SQLException {
        try (var connection = community.dataSource.getConnection()) {
            var reads = new ScopedReads(
                    keeping(connection),
                    community.model,
                    TestDatabase.VAULT,
                    new Audit(community.dataSource, community.clock));
            Scope west = community.scope("west", W1);
            new Ledgers(reads).list(west, RecordQuery.of("Person"));
            assertThat(messageOf(() -> new Ledgers(reads).get(west, "Person", eastPerson)))
                    .isNotEmpty();
            new Ledgers(reads).list(west, RecordQuery.of("Place"));
            assertThat(connection.getAutoCommit()).isTrue();
            try (var statement = connection.createStatement();
                    var row = statement.executeQuery(
                            "select current_user, current_setting('yimen.scope'), current_setting('transaction_read_only')")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("postgres");
                assertThat(row.getString(2)).isEmpty();
                assertThat(row.getString(3)).isEqualTo("off");
            }
        }
    }

    /** A data source that gives out the same connection again and again, as a pool does. */
    private static DataSource keeping(Connection connection) {
        var kept = (Connection) Proxy.newProxyInstance(
                ScopeIT.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    return method.invoke(connection, arguments);
                });
        return (DataSource) Proxy.newProxyInstance(
                ScopeIT.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> kept);
    }

    @Test
    void quarantineIsForThoseWhoSeeEverything() {
        var own = new Community();
        own.apply("election", List.of(), List.of(own.rejected(Community.MEMBERS, "77", "坏记录,11010119900307")));
        QuarantinePage page = own.quarantine.list(Community.all(), QuarantineQuery.waiting("election", 10));
        assertThat(page.items()).singleElement().satisfies(item -> {
            assertThat(item.key()).isEqualTo("77");
            assertThat(item.reason()).isEqualTo("invalid-id-number");
            assertThat(item.sourceTitle()).isEqualTo("换届选举系统");
        });
        long id = page.items().get(0).id();
        assertThat(own.quarantine.get(Community.all(), id))
                .isEqualTo(page.items().get(0));
        assertThat(own.quarantine.raw(Community.all(), id, "问题排查").received()).isEqualTo("坏记录,11010119900307");
        assertThat(TestDatabase.text(own.dataSource, "select object || detail from pool.audit where action = 'UNMASK'"))
                .contains("quarantine/" + id)
                .contains("问题排查");
        assertThat(own.quarantine
                        .list(Community.all(), QuarantineQuery.waiting("divisions", 10))
                        .items())
                .isEmpty();

        Scope worker = own.scope("worker", E1);
        assertThat(own.quarantine
                        .list(worker, QuarantineQuery.waiting(null, 10))
                        .items())
                .isEmpty();
        assertThat(messageOf(() -> own.quarantine.get(worker, id))).isNotEmpty();
        assertThat(messageOf(() -> own.quarantine.raw(worker, id, "curious"))).isNotEmpty();

        SourceOverview election = own.runs.sources("worker").stream()
                .filter(s -> s.id().equals("election"))
                .findFirst()
                .orElseThrow();
        assertThat(election.quarantined()).isEqualTo(1);
        assertThat(election.lastRun()).isNotNull();
        assertThat(election.lastRun().counts().get("member-person"))
                .isEqualTo(new io.yimen.pool.run.Counts(1, 0, 0, 0, 1));
        assertThat(election.streams())
                .extracting(SourceOverview.Stream::stream, SourceOverview.Stream::records)
                .contains(org.assertj.core.groups.Tuple.tuple("committee", 4L));
        assertThat(election.offsetAt()).isEqualTo(own.now());
        RunPage runs = own.runs.list("worker", "election", null, 1);
        assertThat(runs.runs()).containsExactly(election.lastRun());
        assertThat(own.runs.list("worker", "election", runs.nextCursor(), 10).runs())
                .hasSize(1);
        List<Run> latest = own.runs.latest("worker");
        assertThat(latest).extracting(Run::source).containsExactly("divisions", "election");
        long last = election.lastRun().id();
        Run earlier = own.runs
                .list("worker", "election", runs.nextCursor(), 10)
                .runs()
                .get(0);
        assertThat(own.runs.since("worker", last, List.of())).containsExactlyInAnyOrderElementsOf(latest);
        assertThat(own.runs.since("worker", last, List.of(earlier.id())))
                .as("one that another has followed, told until it has ended")
                .contains(earlier);
        assertThat(own.runs.since("worker", earlier.id() - 1, List.of()))
                .as("one that nobody has heard of")
                .contains(earlier);
    }

    @Test
    void anAccountOpensThePlacesOfItsIdentifiers() {
        var accounts = new Accounts(
                community.dataSource,
                new Audit(community.dataSource, community.clock),
                community.clock,
                new SecureRandom(),
                Duration.ofHours(1));
        var account = new Account(
                "worker", "社工", Set.of(Role.WORKER), List.of("place-code:2023|" + E1, "place-code:2016|" + E2));
        Scope scope = accounts.scopeOf(account);
        assertThat(scope.roots()).containsExactly(community.placeId(E1));
        assertThat(scope.actor()).isEqualTo("worker");
        assertThat(scope.everything()).isFalse();
    }

    private static String messageOf(ThrowingCallable call) {
        var message = new StringBuilder();
        assertThatThrownBy(call).isInstanceOfSatisfying(PoolException.class, e -> {
            assertThat(e.kind()).isEqualTo(PoolException.Kind.NOT_FOUND);
            message.append(e.getMessage());
        });
        return message.toString();
    }
}
