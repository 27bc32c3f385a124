package io.yimen.pool.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.yimen.pool.PoolException;
import io.yimen.pool.PoolException.Code;
import io.yimen.pool.PoolException.Kind;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.Stewardship;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What makes no sense is refused with the right problem, and leaves everything as it was. */
class BadRequestsIT {
    private static final DataSource DATABASE = TestDatabase.migrated();
    private static final Scope ALL = Scope.everything("steward");
    private static final List<String> TABLES = List.of(
            "source_record",
            "identifier",
            "entity",
            "reference",
            "place_scope",
            "change",
            "decision",
            "decision_record",
            "review",
            "rule_set");

    private PostgresPool pool = open();
    private Stewardship stewards = steward(pool);
    private long run;
    private Map<String, String> before = Map.of();

    private static PostgresPool open() {
        return new PostgresPool(DATABASE, Telling.MODEL, TestDatabase.VAULT, Clock.systemUTC());
    }

    private static Stewardship steward(PostgresPool pool) {
        return pool.stewardship(
                new ScopedReads(DATABASE, Telling.MODEL, TestDatabase.VAULT, new Audit(DATABASE, Clock.systemUTC())));
    }

    /** Two records of one person, a second person, one that was merged, one that is gone, and a place. */
    @BeforeEach
    void fill() {
        Telling.empty(DATABASE);
        pool = open();
        stewards = steward(pool);
        for (StreamShape shape : Shapes.ALL) {
            String source = shape.id().source();
            pool.declare(new SourceInfo(source, source, source, "街道"), List.of(shape));
        }
        run = pool.openRun("test", "test", "stream", OptionalLong.empty());
        person(Shapes.PERSON_A, "1", "王建国", "11010519491231002X");
        person(Shapes.PERSON_B, "1", "王建国", "11010519491231002X");
        person(Shapes.PERSON_B, "2", "李秀英", "110105194912310038");
        person(Shapes.PERSON_B, "3", "张伟", "");
        person(Shapes.PERSON_A, "4", "赵敏", "");
        pool.apply(batch(ChangeEvent.deleted(Shapes.PERSON_A, "4", Position.of(9))));
        pool.apply(batch(ChangeEvent.upserted(
                Shapes.PLACE_C, "1", Position.of(1), new String[] {"多福巷社区", "village", "东城区", "东华门街道"}, List.of())));
        stewards.decide(ALL, proposal(Action.MERGE, entities(entity("person", "1"), entity("person", "3")), List.of()));
        before = state();
    }

    @AfterEach
    void nothingChanged() {
        assertThat(state()).isEqualTo(before);
    }

    private Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        state.put("hash", pool.contentHash());
        for (String table : TABLES) {
            state.put(
                    table,
                    TestDatabase.text(
                            DATABASE,
                            "select count(*) || md5(coalesce(string_agg(t::text, ';' order by t::text), '')) from pool."
                                    + table + " t"));
        }
        return state;
    }

    private Batch batch(ChangeEvent event) {
        return new Batch(run, "test", null, List.of(event), List.of(), List.of());
    }

    private void person(StreamShape stream, String key, String name, String id) {
        @Nullable String[] values = new String[stream.fields().size()];
        values[0] = name;
        values[1] = id;
        pool.apply(batch(ChangeEvent.upserted(stream, key, Position.of(1), values, List.of())));
    }

    private static RecordRef ref(String stream, String key) {
        return new RecordRef(new StreamId("b", stream), key);
    }

    private static long entity(String stream, String key) {
        return number("select r.entity_id from pool.source_record r join pool.stream s on s.id = r.stream_id"
                + " where s.stream = '" + stream + "' and r.key = '" + key + "' order by s.source desc limit 1");
    }

    private static long merged() {
        return number("select min(id) from pool.entity where status = 'REDIRECTED'");
    }

    private static long retired() {
        return number("select min(id) from pool.entity where status = 'RETIRED'");
    }

    private static long number(String sql) {
        return Long.parseLong(TestDatabase.text(DATABASE, sql));
    }

    private static List<Proposal.Seen> entities(long... ids) {
        return java.util.Arrays.stream(ids)
                .mapToObj(id -> new Proposal.Seen(id, 0))
                .toList();
    }

    private static Proposal proposal(Action action, List<Proposal.Seen> entities, List<RecordRef> records) {
        return new Proposal(action, entities, records, "as the file shows");
    }

    /** Both the decision and its preview. */
    private PoolException refused(Kind kind, Proposal proposal) {
        return refused(ALL, kind, proposal);
    }

    private PoolException refused(Scope scope, Kind kind, Proposal proposal) {
        refusal(kind, () -> stewards.preview(scope, proposal));
        return refusal(kind, () -> stewards.decide(scope, proposal));
    }

    private static PoolException refusal(Kind kind, ThrowingCallable request) {
        PoolException[] told = new PoolException[1];
        assertThatExceptionOfType(PoolException.class).isThrownBy(request).satisfies(e -> {
            assertThat(e.kind()).isEqualTo(kind);
            told[0] = e;
        });
        return told[0];
    }

    @Test
    void unknownAndRetiredEntitiesAreNotFound() {
        long one = entity("person", "1");
        for (long id : new long[] {999_999, retired(), 0, -1, Long.MAX_VALUE}) {
            refused(Kind.NOT_FOUND, proposal(Action.MERGE, entities(one, id), List.of()));
            refused(Kind.NOT_FOUND, proposal(Action.NOT_DUPLICATE, entities(id, one), List.of()));
            refused(Kind.NOT_FOUND, proposal(Action.LINK, entities(id), List.of(ref("person", "2"))));
            refused(Kind.NOT_FOUND, proposal(Action.SPLIT, entities(id), List.of(ref("person", "1"))));
        }
    }

    @Test
    void mergedEntityTellsWhereItLeads() {
        PoolException e =
                refused(Kind.CONFLICT, proposal(Action.MERGE, entities(merged(), entity("person", "2")), List.of()));

        assertThat(e.code()).contains(Code.REDIRECTED);
        assertThat(e.redirectTo()).hasValue(entity("person", "1"));
    }

    @Test
    void outdatedVersionIsAConflict() {
        long one = entity("person", "1");
        long version = number("select version from pool.entity where id = " + one);
        for (long seen : new long[] {-1, version + 1, Long.MAX_VALUE}) {
            PoolException e = refused(
                    Kind.CONFLICT,
                    proposal(
                            Action.MERGE,
                            List.of(new Proposal.Seen(entity("person", "2"), 0), new Proposal.Seen(one, seen)),
                            List.of()));
            assertThat(e.code()).contains(Code.STALE_VERSION);
        }
    }

    @Test
    void splitMustLeaveSomething() {
        long one = entity("person", "1");
        List<RecordRef> all =
                List.of(new RecordRef(new StreamId("a", "person"), "1"), ref("person", "1"), ref("person", "3"));

        refused(Kind.INVALID, proposal(Action.SPLIT, entities(one), all));
        refused(Kind.INVALID, proposal(Action.UNLINK, entities(one), all));
        refused(Kind.INVALID, proposal(Action.SPLIT, entities(one), List.of()));
        refused(Kind.INVALID, proposal(Action.SPLIT, entities(entity("person", "2")), List.of(ref("person", "2"))));
    }

    @Test
    void recordsOfAnotherEntityAreNotFoundInThisOne() {
        long one = entity("person", "1");

        refused(Kind.NOT_FOUND, proposal(Action.SPLIT, entities(one), List.of(ref("person", "2"))));
        refused(
                Kind.NOT_FOUND,
                proposal(Action.UNLINK, entities(one), List.of(ref("person", "1"), ref("person", "2"))));
        refused(Kind.NOT_FOUND, proposal(Action.UNLINK, entities(one), List.of(ref("person", "77"))));
        refused(Kind.NOT_FOUND, proposal(Action.SPLIT, entities(one), List.of(ref("nothing", "1"))));
    }

    @Test
    void linkTakesLiveRecordsFromElsewhere() {
        long one = entity("person", "1");
        RecordRef gone = new RecordRef(new StreamId("a", "person"), "4");

        refused(Kind.INVALID, proposal(Action.LINK, entities(entity("person", "2")), List.of(ref("person", "2"))));
        refused(Kind.INVALID, proposal(Action.LINK, entities(one), List.of(ref("person", "2"), ref("person", "3"))));
        refused(Kind.NOT_FOUND, proposal(Action.LINK, entities(one), List.of(gone)));
        refused(Kind.NOT_FOUND, proposal(Action.LINK, entities(one), List.of(ref("nothing", "1"))));
        refused(
                Kind.INVALID,
                proposal(Action.LINK, entities(one), List.of(new RecordRef(new StreamId("c", "place"), "1"))));
        refused(Kind.INVALID, proposal(Action.LINK, entities(one), List.of()));
        refused(Kind.INVALID, proposal(Action.LINK, entities(one, entity("person", "2")), List.of(ref("person", "3"))));
    }

    @Test
    void numberAndTypeOfEntitiesMustFit() {
        long one = entity("person", "1");
        long two = entity("person", "2");
        long place = entity("place", "1");

        refused(Kind.INVALID, proposal(Action.MERGE, entities(), List.of()));
        refused(Kind.INVALID, proposal(Action.MERGE, entities(one), List.of()));
        refused(Kind.INVALID, proposal(Action.MERGE, entities(one, one), List.of()));
        refused(Kind.INVALID, proposal(Action.MERGE, entities(one, two), List.of(ref("person", "1"))));
        refused(Kind.INVALID, proposal(Action.MERGE, entities(one, place), List.of()));
        refused(Kind.INVALID, proposal(Action.NOT_DUPLICATE, entities(one, place), List.of()));
        refused(Kind.INVALID, proposal(Action.NOT_DUPLICATE, entities(one), List.of()));
        refused(Kind.INVALID, proposal(Action.NOT_DUPLICATE, entities(one, one), List.of()));
        refused(Kind.INVALID, proposal(Action.NOT_DUPLICATE, entities(one, two, place), List.of()));
    }

    @Test
    void reasonIsGivenAndNotTooLong() {
        List<Proposal.Seen> both = entities(entity("person", "1"), entity("person", "2"));
        for (String reason : new String[] {"", "  ", "x".repeat(1001), "a\0b"}) {
            refused(Kind.INVALID, new Proposal(Action.MERGE, both, List.of(), reason));
        }
    }

    @Test
    void whatLiesOutsideTheScopeIsNotFound() {
        List<Proposal.Seen> both = entities(entity("person", "1"), entity("person", "2"));
        Scope place = new Scope("worker", List.of(entity("place", "1")), false);
        for (Scope scope : List.of(Scope.nothing("worker"), place)) {
            refused(scope, Kind.NOT_FOUND, proposal(Action.MERGE, both, List.of()));
            refused(
                    scope,
                    Kind.NOT_FOUND,
                    proposal(Action.MERGE, entities(merged(), both.get(1).id()), List.of()));
            refused(scope, Kind.NOT_FOUND, proposal(Action.SPLIT, both.subList(0, 1), List.of(ref("person", "3"))));
            long decision = number("select max(id) from pool.decision");
            refusal(Kind.NOT_FOUND, () -> stewards.withdraw(scope, decision, "no"));
            refusal(
                    Kind.NOT_FOUND,
                    () -> stewards.members(scope, "Person", both.get(0).id()));
        }
        refused(
                place,
                Kind.NOT_FOUND,
                proposal(
                        Action.LINK,
                        entities(entity("place", "1")),
                        List.of(new RecordRef(new StreamId("c", "place"), "9"))));
    }

    @Test
    void withdrawalsOfNothingAreNotFound() {
        refusal(Kind.NOT_FOUND, () -> stewards.withdraw(ALL, 999_999, "no"));
        refusal(Kind.NOT_FOUND, () -> stewards.previewWithdrawal(ALL, -1));
        long decision = number("select max(id) from pool.decision");
        refusal(Kind.INVALID, () -> stewards.withdraw(ALL, decision, " "));
    }

    @Test
    void previewsChangeNothing() {
        long one = entity("person", "1");
        stewards.preview(ALL, proposal(Action.MERGE, entities(one, entity("person", "2")), List.of()));
        stewards.preview(ALL, proposal(Action.SPLIT, entities(one), List.of(ref("person", "3"))));
        stewards.previewWithdrawal(ALL, number("select max(id) from pool.decision"));
        pool.ruleBook().preview(change(1, rules().replace("match: 0.9", "match: 0.8")));
    }

    @Test
    void wrongRulesAreRefused() {
        RuleBook book = pool.ruleBook();
        for (int version : new int[] {0, 2, -1}) {
            PoolException e = refusal(Kind.CONFLICT, () -> book.apply(change(version, rules()), "officer", "try"));
            assertThat(e.code()).contains(Code.STALE_VERSION);
        }
        refusal(
                Kind.NOT_FOUND,
                () -> book.apply(
                        new RuleBook.Change(RuleBook.Kind.MATCH, "Nobody", 1, rules(), false), "officer", "try"));
        Map<String, String> wrong = Map.of(
                "possible: 0.05",
                "possible: 0.9999",
                "kind: phone",
                "kind: telephone",
                "impliedBy: [idNumber]",
                "impliedBy: [birthDate]",
                "[phone.line]",
                "[shoe.size]",
                "cap: 12",
                "cap: 1");
        wrong.forEach((right, other) -> {
            String document = rules().replaceFirst(java.util.regex.Pattern.quote(right), other);
            assertThat(document).isNotEqualTo(rules());
            for (ThrowingCallable request : List.<ThrowingCallable>of(
                    () -> book.preview(change(1, document)), () -> book.apply(change(1, document), "officer", "try"))) {
                PoolException e = refusal(Kind.INVALID, request);
                assertThat(e.code()).contains(Code.INVALID_DOCUMENT);
                assertThat(e.line()).hasValue(lineOf(document, other));
                assertThat(e.remedy()).isPresent();
            }
        });
        refusal(Kind.INVALID, () -> book.apply(change(1, ""), "officer", "try"));
        refusal(Kind.INVALID, () -> book.apply(change(1, "rules: [unclosed"), "officer", "try"));
    }

    private static int lineOf(String document, String text) {
        return 1
                + (int) document.substring(0, document.indexOf(text))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    private static RuleBook.Change change(int basedOn, String document) {
        return new RuleBook.Change(RuleBook.Kind.MATCH, "Person", basedOn, document, false);
    }

    private static String rules() {
        return Telling.document("Person");
    }
}
