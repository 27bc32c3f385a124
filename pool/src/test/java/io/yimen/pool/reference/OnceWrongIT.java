package io.yimen.pool.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.RuleBook;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What random histories found, each by itself. */
class OnceWrongIT {
    private static final DataSource DATABASE = TestDatabase.migrated();

    private PostgresPool pool = open();
    private long run;
    private long position = 1;

    private static PostgresPool open() {
        return new PostgresPool(DATABASE, Telling.MODEL, TestDatabase.VAULT, Clock.systemUTC());
    }

    @BeforeEach
    void begin() {
        Telling.empty(DATABASE);
        pool = open();
        run = -1;
    }

    private static void declare(PostgresPool pool, StreamShape... shapes) {
        for (StreamShape shape : shapes) {
            String source = shape.id().source();
            pool.declare(new SourceInfo(source, source, source, "街道"), List.of(shape));
        }
    }

    private void tell(ChangeEvent... events) {
        tell(pool, events);
    }

    private void tell(PostgresPool to, ChangeEvent... events) {
        if (run < 0) {
            run = to.openRun("test", "test", "stream", OptionalLong.empty());
        }
        to.apply(new Batch(run, "test", null, List.of(events), List.of(), List.of()));
    }

    /** Fields are named {@code field=value}; the others are not observed. */
    private ChangeEvent says(StreamShape stream, String key, String... fields) {
        @Nullable String[] values = new String[stream.fields().size()];
        for (String field : fields) {
            int equals = field.indexOf('=');
            values[stream.fields().indexOf(field.substring(0, equals))] = field.substring(equals + 1);
        }
        return ChangeEvent.upserted(stream, key, Position.of(position++), values, List.of());
    }

    private ChangeEvent gone(StreamShape stream, String key) {
        return ChangeEvent.deleted(stream, key, Position.of(position++));
    }

    private static String text(String sql) {
        return TestDatabase.text(DATABASE, sql);
    }

    private static String entities(String type) {
        return text("select string_agg(records::text, ' ' order by records desc, id) from pool.entity"
                + " where status = 'ACTIVE' and entity_type = '" + type + "'");
    }

    private void decide(Action action, long... entities) {
        pool.stewardship(new ScopedReads(
                        DATABASE, Telling.MODEL, TestDatabase.VAULT, new Audit(DATABASE, Clock.systemUTC())))
                .decide(
                        Scope.everything("steward"),
                        new Proposal(
                                action,
                                Arrays.stream(entities)
                                        .mapToObj(e -> new Proposal.Seen(e, 0))
                                        .toList(),
                                List.of(),
                                "as the file shows"));
    }

    private static long[] ids(String type) {
        return Arrays.stream(text("select string_agg(id::text, ' ' order by id) from pool.entity"
                                + " where status = 'ACTIVE' and entity_type = '" + type + "'")
                        .split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    @Test
    void whatHangsOnAPairFollowsReferencesThatComeAndGo() {
        declare(pool, Shapes.PERSON_A, Shapes.PERSON_B, Shapes.MEMBERSHIP);
        tell(
                says(Shapes.PERSON_A, "1", "name=诸葛建国", "phone=13800138000", "birthDate=1949-12-31"),
                says(Shapes.PERSON_B, "1", "name=诸葛建军", "phone=13800138000", "birthDate=1949-12-31"));
        assertThat(text("select effect from pool.review")).isEqualTo("2");

        tell(says(Shapes.MEMBERSHIP, "1", "person=record:a/person/1", "post=CHAIR"));
        assertThat(text("select effect from pool.review")).isEqualTo("3");

        tell(says(Shapes.MEMBERSHIP, "2", "person=record:b/person/1", "post=MEMBER"));
        tell(gone(Shapes.MEMBERSHIP, "1"));
        assertThat(text("select effect from pool.review")).isEqualTo("3");
    }

    @Test
    void mergerIsChallengedByWhatTouchesNeitherIdentifierNorPair() {
        declare(pool, Shapes.PLACE_A, Shapes.PLACE_C);
        tell(
                says(Shapes.PLACE_A, "1", "name=多福巷社区", "level=village"),
                says(Shapes.PLACE_C, "1", "name=银闸社区", "level=village"));
        decide(Action.MERGE, ids("Place"));
        assertThat(text("select count(*) from pool.review")).isEqualTo("0");

        tell(says(Shapes.PLACE_C, "1", "level=town"));
        assertThat(text("select kind from pool.review")).isEqualTo("CHALLENGED");

        tell(says(Shapes.PLACE_C, "1", "level=village"));
        assertThat(text("select count(*) from pool.review")).isEqualTo("0");
    }

    @Test
    void streamMayBeDeclaredWhileThePoolIsAtWork() {
        declare(pool, Shapes.PERSON_A);
        tell(says(Shapes.PERSON_A, "1", "name=诸葛建国", "phone=13800138000", "birthDate=1949-12-31"));
        declare(pool, Shapes.PERSON_C);
        tell(says(Shapes.PERSON_C, "1", "name=诸葛建国", "phone=13800138000", "birthDate=1949-12-31"));
        assertThat(entities("Person")).isEqualTo("2");

        tell(says(Shapes.PERSON_A, "1", "name=诸葛建国", "phone=13800138001"));
        assertThat(entities("Person")).isEqualTo("2");
    }

    @Test
    void declarationOfOneProcessIsFollowedByTheOther() {
        PostgresPool other = open();
        declare(pool, Shapes.PERSON_A);
        tell(says(Shapes.PERSON_A, "1", "name=诸葛建国", "phone=13800138000", "birthDate=1949-12-31"));
        declare(other, Shapes.turned(Shapes.PERSON_A));
        tell(says(Shapes.turned(Shapes.PERSON_A), "2", "name=诸葛建国", "phone=13800138000", "birthDate=1949-12-31"));

        assertThat(entities("Person")).isEqualTo("2");
    }

    private static StreamShape like(StreamShape shape, String source) {
        return new StreamShape(
                new StreamId(source, shape.id().stream()),
                shape.entityType(),
                shape.fields(),
                shape.trust(),
                shape.uniqueRecords(),
                shape.deletes());
    }

    @Test
    void otherRulesTakeAnEntityApartInOneStep() {
        StreamShape second = like(Shapes.PERSON_C, "d");
        StreamShape third = like(Shapes.PERSON_C, "e");
        declare(pool, Shapes.PERSON_C, second, third);
        for (StreamShape stream : List.of(Shapes.PERSON_C, second, third)) {
            tell(says(stream, "1", "name=诸葛建国", "phone=13800138000", "birthDate=1949-12-31"));
        }
        assertThat(entities("Person")).isEqualTo("3");
        long id = ids("Person")[0];

        String strict = Telling.document("Person").replaceAll("match: [0-9.]+", "match: 0.999999999999");
        pool.ruleBook()
                .apply(new RuleBook.Change(RuleBook.Kind.MATCH, "Person", 1, strict, false), "officer", "stricter");

        assertThat(entities("Person")).isEqualTo("1 1 1");
        assertThat(text("select entity_id from pool.source_record r join pool.stream s on s.id = r.stream_id"
                        + " where s.source = 'c'"))
                .as("of equal parts the one with the first record keeps the id")
                .isEqualTo(String.valueOf(id));
        assertThat(text("select string_agg(op, ' ' order by seq) from pool.change"))
                .matches("CREATED (UPDATED )?(SPLIT ?){2}( ?UPDATED)?");
    }
}
