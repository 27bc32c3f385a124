package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Correction;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.End;
import io.yimen.pool.correction.Keep;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.State;
import io.yimen.pool.correction.Ticket;
import io.yimen.pool.correction.TicketState;
import io.yimen.pool.correction.WriteBack;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is put right in systems by Yimen itself, and what comes back of it. The system is played by what it says. */
class WriteBacksIT {
    private static final DataSource DATABASE = Database.create();
    private static final TestClock CLOCK = new TestClock();
    private static final String ID = "11010519491231002X";
    private static final String OLD = "13800138000";
    private static final String NEW = "13900139000";
    private static final Instant MARCH = Instant.parse("2024-03-01T00:00:00Z");
    private static final Instant JUNE = Instant.parse("2024-06-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2024-09-01T00:00:00Z");
    private static final Authority WORKER = new Authority(Scope.everything("worker"), false, Set.of());
    private static final Authority OWNER = new Authority(Scope.nothing("owner"), false, Set.of("election"));

    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, CLOCK);
    private final ScopedReads reads =
            new ScopedReads(DATABASE, Fixture.MODEL, Fixture.VAULT, new Audit(DATABASE, CLOCK));
    private final Policy policy = Policy.standard().writing(Map.of(MEMBER.id(), Set.of("name", "phone")));
    private final Corrections corrections = pool.corrections(reads, policy);
    private final WriteBacks writeBacks = pool.writeBacks(reads, policy);
    private long run;
    private long position = 1;

    @BeforeEach
    void begin() {
        Database.empty(DATABASE);
        Fixture.declareAll(pool);
        run = Fixture.run(pool);
    }

    private void says(StreamShape stream, String key, String name, String phone, Instant statedAt) {
        String[] values = {name, ID, "1", phone, ""};
        pool.apply(batch(run, ChangeEvent.upserted(stream, key, Position.of(position++), values, List.of(), statedAt)));
    }

    private static String published(String field) {
        String value = Database.text(
                DATABASE,
                "select fields ->> '" + field
                        + "' from pool.entity where status = 'ACTIVE' and entity_type = 'Person'");
        return value.startsWith("enc1:") ? Fixture.VAULT.open(value) : value;
    }

    private static Instant statedAt(StreamShape stream, String key) {
        return Instant.parse(Database.text(DATABASE, """
                select to_char(r.stated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                  from pool.source_record r join pool.stream s on s.id = r.stream_id
                 where s.source = '%s' and s.stream = '%s' and r.key = '%s'
                """.formatted(stream.id().source(), stream.id().stream(), key)));
    }

    private Correction correct(String field, String value) {
        long entity = Long.parseLong(Database.text(
                DATABASE, "select id from pool.entity where status = 'ACTIVE' and entity_type = 'Person'"));
        return corrections.propose(
                WORKER, new Request("Person", entity, 0, field, value, "as the ID card shows", null, List.of()));
    }

    private Correction now(Correction correction) {
        return corrections.find(WORKER.scope(), correction.id()).correction();
    }

    private Ticket ticket(Correction correction) {
        return corrections.find(WORKER.scope(), correction.id()).tickets().get(0);
    }

    private List<WriteBacks.Order> take() {
        return writeBacks.take("election", 10);
    }

    private void agrees() {
        assertThat(new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify().agrees())
                .isTrue();
    }

    @Test
    void whatIsAcceptedIsWrittenOnceAndItsEchoEndsIt() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        Correction made = correct("phone", NEW);
        assertThat(ticket(made).writeBack()).isEqualTo(new WriteBack(WriteBack.State.WAITING, null, null));

        List<WriteBacks.Order> orders = take();

        assertThat(orders)
                .containsExactly(
                        new WriteBacks.Order(ticket(made).id(), new RecordRef(MEMBER.id(), "1"), "phone", OLD, NEW));
        assertThat(orders.toString()).doesNotContain(OLD, NEW);
        assertThat(ticket(made).writeBack()).extracting(WriteBack::state).isEqualTo(WriteBack.State.WRITING);
        writeBacks.written(ticket(made).id());
        assertThat(ticket(made).state()).isEqualTo(TicketState.ACCEPTED);
        assertThat(ticket(made).answeredBy()).isEqualTo("yimen");

        says(MEMBER, "1", "张秀兰", NEW, LATER);

        assertThat(now(made).ended()).isEqualTo(End.AGREED);
        assertThat(ticket(made).state()).isEqualTo(TicketState.FIXED);
        assertThat(ticket(made).writeBack()).extracting(WriteBack::state).isEqualTo(WriteBack.State.WRITTEN);
        CLOCK.advance(Duration.ofDays(1));
        assertThat(take()).as("once the edits stop the writes stop").isEmpty();
        assertThat(Database.text(
                        DATABASE,
                        "select count(*) from pool.audit where action = 'WRITE_BACK' and object = 'ticket/"
                                + ticket(made).id() + "'"))
                .isEqualTo("1");
        agrees();
    }

    @Test
    void anEchoStatesNothingAnew() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        says(CANDIDATE, "1", "张秀兰", NEW, JUNE);
        assertThat(published("phone")).as("the latest word").isEqualTo(NEW);
        Correction made = correct("name", "张秀英");
        assertThat(take()).hasSize(1);

        says(MEMBER, "1", "张秀英", OLD, LATER);

        assertThat(published("phone")).as("nobody said it anew").isEqualTo(NEW);
        assertThat(statedAt(MEMBER, "1")).isEqualTo(MARCH);
        writeBacks.written(ticket(made).id());
        says(MEMBER, "1", "张秀英", OLD, LATER);
        assertThat(statedAt(MEMBER, "1")).as("read again as a whole").isEqualTo(MARCH);
        assertThat(published("phone")).isEqualTo(NEW);
        agrees();

        Instant clerk = LATER.plusSeconds(60);
        says(MEMBER, "1", "张秀英", OLD, clerk);
        assertThat(statedAt(MEMBER, "1")).as("a clerk's hand").isEqualTo(clerk);
        assertThat(published("phone")).isEqualTo(OLD);
        agrees();
    }

    @Test
    void twoThatAreHeardInOneAreAnEchoTooButNothingElseWithIt() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        Correction name = correct("name", "张秀英");
        Correction phone = correct("phone", NEW);
        assertThat(take()).hasSize(2);
        says(MEMBER, "1", "张秀英", NEW, JUNE);
        assertThat(statedAt(MEMBER, "1")).isEqualTo(MARCH);
        assertThat(now(name).ended()).isEqualTo(End.AGREED);
        assertThat(now(phone).ended()).isEqualTo(End.AGREED);

        correct("name", "张秀芝");
        assertThat(take()).hasSize(1);
        says(MEMBER, "1", "张秀芝", OLD, LATER);
        assertThat(statedAt(MEMBER, "1")).as("a clerk changed the telephone").isEqualTo(LATER);
        agrees();
    }

    @Test
    void onlyWhatTheManifestLetsBeWrittenIsWritten() {
        says(CANDIDATE, "1", "张秀兰", OLD, MARCH);
        Correction made = correct("name", "张秀英");
        assertThat(ticket(made).writeBack()).isNull();
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        Correction sex = correct("sex", "2");
        assertThat(corrections.find(WORKER.scope(), sex.id()).tickets())
                .hasSize(2)
                .allSatisfy(t -> assertThat(t.writeBack()).isNull());
        assertThat(take()).isEmpty();
        assertThat(Database.text(DATABASE, "select writes from pool.identity_state"))
                .isEqualTo("0");
    }

    @Test
    void whatIsInConflictOrTakenBackOrRefusedByItsOwnerIsNotWritten() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        Correction made = correct("name", "张秀英");
        says(MEMBER, "1", "张秀芳", OLD, JUNE);
        assertThat(now(made).state()).isEqualTo(State.IN_CONFLICT);
        assertThat(take()).isEmpty();
        corrections.resolve(WORKER, made.id(), Keep.CORRECTION, "asked her");
        assertThat(take()).as("upheld").extracting(WriteBacks.Order::says).containsExactly("张秀芳");
        writeBacks.written(ticket(made).id());
        corrections.withdraw(WORKER, made.id(), "wrong after all");

        Correction phone = correct("phone", NEW);
        corrections.answer(OWNER, ticket(phone).id(), false, "our file says so");
        assertThat(take()).isEmpty();
        Correction other = correct("name", "张秀芝");
        corrections.withdraw(WORKER, other.id(), "no");
        assertThat(take()).isEmpty();
    }

    @Test
    void whatNothingIsReportedOfComesAgainLaterEachTime() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        correct("name", "张秀英");
        assertThat(take()).hasSize(1);
        assertThat(take()).as("it is under way").isEmpty();
        CLOCK.advance(Duration.ofSeconds(5));
        assertThat(take()).hasSize(1);
        CLOCK.advance(Duration.ofSeconds(5));
        assertThat(take()).as("ten seconds now").isEmpty();
        CLOCK.advance(Duration.ofSeconds(5));
        assertThat(take()).hasSize(1);
        for (int i = 0; i < 30; i++) {
            CLOCK.advance(Duration.ofHours(1));
            assertThat(take()).as("an hour at most").hasSize(1);
        }
    }

    @Test
    void whatWasWrittenIsNotedThoughNobodyLivedToReportIt() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        Correction made = correct("phone", NEW);
        long ticket = take().get(0).ticket();

        says(MEMBER, "1", "张秀兰", NEW, LATER);

        assertThat(ticket(made).state()).isEqualTo(TicketState.FIXED);
        assertThat(ticket(made).writeBack()).extracting(WriteBack::state).isEqualTo(WriteBack.State.WRITTEN);
        CLOCK.advance(Duration.ofDays(1));
        assertThat(take()).isEmpty();
        writeBacks.written(ticket);
        assertThat(Database.text(
                        DATABASE,
                        "select count(*) from pool.audit where actor = 'yimen' and action = 'WRITE_BACK'"
                                + " and object = 'ticket/" + ticket + "'"))
                .as("reported late, noted once")
                .isEqualTo("1");
        agrees();
    }

    @Test
    void whatTheSystemDoesNotTakeIsForItsOwner() {
        says(MEMBER, "1", "张秀兰", OLD, MARCH);
        Correction made = correct("name", "张秀英");
        writeBacks.refused(take().get(0).ticket(), "constraint");

        assertThat(ticket(made).state()).isEqualTo(TicketState.SENT);
        assertThat(ticket(made).writeBack()).isEqualTo(new WriteBack(WriteBack.State.REFUSED, null, "constraint"));
        CLOCK.advance(Duration.ofDays(1));
        assertThat(take()).isEmpty();
        assertThat(corrections.answer(OWNER, ticket(made).id(), true, null).state())
                .isEqualTo(TicketState.ACCEPTED);
        says(MEMBER, "1", "张秀英", OLD, LATER);
        assertThat(now(made).ended()).isEqualTo(End.AGREED);
        assertThat(statedAt(MEMBER, "1")).as("its owner's hand").isEqualTo(LATER);
        agrees();
    }
}
