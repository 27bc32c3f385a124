package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.gone;
import static io.yimen.pool.Fixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Correction;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.End;
import io.yimen.pool.correction.Evidence;
import io.yimen.pool.correction.Keep;
import io.yimen.pool.correction.Level;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.State;
import io.yimen.pool.correction.Ticket;
import io.yimen.pool.correction.TicketState;
import io.yimen.pool.correction.WorkingDays;
import io.yimen.pool.ledger.Explanation;
import io.yimen.pool.ledger.History;
import io.yimen.pool.ledger.HistoryPage;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Stewardship;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of values that people put right. */
class CorrectionsIT {
    private static final DataSource DATABASE = Database.create();
    private static final String ONE = "11010519491231002X";
    private static final String OTHER = "110105194912310038";
    private static final String PHONE = "13800138000";
    private static final Authority WORKER = new Authority(Scope.everything("worker"), false, Set.of());
    private static final Authority OFFICER = new Authority(Scope.everything("officer"), true, Set.of());
    private static final Authority OWNER = new Authority(Scope.nothing("owner"), false, Set.of("election"));
    private static final byte[] PDF = "%PDF-1.7 a page".getBytes(StandardCharsets.US_ASCII);

    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
    private final ScopedReads reads =
            new ScopedReads(DATABASE, Fixture.MODEL, Fixture.VAULT, new Audit(DATABASE, Clock.systemUTC()));
    private final Corrections corrections = pool.corrections(reads, Policy.standard());
    private final Stewardship stewards = pool.stewardship(reads);
    private long run;
    private long position = 1;

    @BeforeEach
    void begin() {
        Database.empty(DATABASE);
        Fixture.declareAll(pool);
        run = Fixture.run(pool);
    }

    private void says(StreamShape stream, String key, String name, String id, String phone) {
        pool.apply(batch(run, person(stream, key, name, id, phone, "", position++)));
    }

    private static long entity(StreamShape stream, String key) {
        return Long.parseLong(Database.text(DATABASE, """
                select r.entity_id from pool.source_record r join pool.stream s on s.id = r.stream_id
                 where s.source = '%s' and s.stream = '%s' and r.key = '%s'
                """.formatted(stream.id().source(), stream.id().stream(), key)));
    }

    private static long version(long entity) {
        return Long.parseLong(Database.text(DATABASE, "select version from pool.entity where id = " + entity));
    }

    private static String name(long entity) {
        return Database.text(DATABASE, "select fields ->> 'name' from pool.entity where id = " + entity);
    }

    private static Request of(long entity, String field, @Nullable String value) {
        return new Request("Person", entity, version(entity), field, value, "as the ID card shows", null, List.of());
    }

    private Correction correct(long entity, String field, @Nullable String value) {
        return corrections.propose(WORKER, of(entity, field, value));
    }

    private Correction now(Correction correction) {
        return corrections.find(OFFICER.scope(), correction.id()).correction();
    }

    private List<Ticket> tickets(Correction correction) {
        return corrections.find(OFFICER.scope(), correction.id()).tickets();
    }

    private List<String> events(Correction correction) {
        return corrections.find(OFFICER.scope(), correction.id()).events().stream()
                .map(Correction.Event::what)
                .toList();
    }

    private void agrees() {
        Rebuild.Report report = new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify();
        assertThat(report.differences()).isEmpty();
        assertThat(report.agrees()).isTrue();
    }

    @Test
    void whatIsPutRightStaysRightHoweverOftenTheSourceRepeatsItself() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");

        Correction made = correct(entity, "name", "张秀英");

        assertThat(made.state()).isEqualTo(State.STANDING);
        assertThat(made.base()).isEqualTo("张秀兰");
        assertThat(made.source()).isEqualTo("election");
        assertThat(name(entity)).isEqualTo("张秀英");
        agrees();
        for (int i = 0; i < 3; i++) {
            says(MEMBER, "1", "张秀兰", ONE, "1390013900" + i);
            assertThat(name(entity)).isEqualTo("张秀英");
            assertThat(now(made).state()).isEqualTo(State.STANDING);
            agrees();
        }
        assertThat(Database.text(DATABASE, "select title from pool.entity where id = " + entity))
                .isEqualTo("张秀英");
    }

    @Test
    void whoSaidItIsTold() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Correction made = correct(entity, "name", "张秀英");

        Explanation why = new Ledgers(reads).lineage(OFFICER.scope(), "Person", entity);
        Explanation.FieldLineage name = why.fields().stream()
                .filter(f -> f.field().equals("name"))
                .findFirst()
                .orElseThrow();
        assertThat(name.rule()).isEqualTo("corrected");
        assertThat(name.claims())
                .extracting(
                        Explanation.FieldClaim::value,
                        Explanation.FieldClaim::won,
                        Explanation.FieldClaim::lostBy,
                        Explanation.FieldClaim::source,
                        Explanation.FieldClaim::key)
                .containsExactly(
                        tuple("张秀英", true, null, "yimen", Long.toString(made.id())),
                        tuple("张秀兰", false, "corrected", "election", "1"));
        HistoryPage.Entry latest = new History(reads)
                .list(OFFICER.scope(), "Person", entity, null, 5)
                .entries()
                .get(0);
        assertThat(latest.actor()).isEqualTo("worker");
        assertThat(latest.cause()).isEqualTo("correction/" + made.id());
        assertThat(latest.differences())
                .extracting(HistoryPage.Difference::from, HistoryPage.Difference::to)
                .containsExactly(tuple("张秀兰", "张秀英"));
    }

    @Test
    void aSourceThatAgreesEndsItAndItsTicketTellsHowLongItTook() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        says(CANDIDATE, "7", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Correction made = correct(entity, "name", "张秀英");
        assertThat(tickets(made))
                .extracting(t -> t.record().path(), Ticket::state, Ticket::says, Ticket::right)
                .containsExactlyInAnyOrder(
                        tuple("election/member-person/1", TicketState.SENT, "张秀兰", "张秀英"),
                        tuple("election/candidate-person/7", TicketState.SENT, "张秀兰", "张秀英"));

        says(MEMBER, "1", "张秀英", ONE, PHONE);
        assertThat(now(made).state()).as("one of two").isEqualTo(State.STANDING);
        assertThat(name(entity)).isEqualTo("张秀英");
        says(CANDIDATE, "7", "张秀英", ONE, PHONE);

        assertThat(now(made).state()).isEqualTo(State.RETIRED);
        assertThat(now(made).ended()).isEqualTo(End.AGREED);
        assertThat(tickets(made)).allSatisfy(t -> {
            assertThat(t.state()).isEqualTo(TicketState.FIXED);
            assertThat(t.closedAt()).isAfterOrEqualTo(t.openedAt());
        });
        assertThat(Database.text(DATABASE, "select corrections from pool.identity_state"))
                .isEqualTo("0");
        agrees();
        says(MEMBER, "1", "张秀芳", ONE, PHONE);
        assertThat(name(entity)).as("news by right").isEqualTo("张秀芳");
        agrees();
    }

    @Test
    void newsOfASourceIsAConflictAndNobodyWinsInSilence() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Correction made = correct(entity, "name", "张秀英");

        says(MEMBER, "1", "张秀芳", ONE, PHONE);

        assertThat(name(entity)).as("until a person decides").isEqualTo("张秀英");
        Correction conflict = now(made);
        assertThat(conflict.state()).isEqualTo(State.IN_CONFLICT);
        assertThat(conflict.against())
                .extracting(a -> a.record().path(), Correction.Against::value)
                .containsExactly(tuple("election/member-person/1", "张秀芳"));
        agrees();

        corrections.resolve(WORKER, made.id(), Keep.CORRECTION, "asked her");
        assertThat(now(made).state()).isEqualTo(State.STANDING);
        says(MEMBER, "1", "张秀芳", ONE, "13900139000");
        assertThat(now(made).state()).as("known by now").isEqualTo(State.STANDING);
        says(MEMBER, "1", "张秀珍", ONE, PHONE);
        corrections.resolve(WORKER, made.id(), Keep.SOURCE, "she changed it");

        assertThat(now(made).ended()).isEqualTo(End.SOURCE_KEPT);
        assertThat(name(entity)).isEqualTo("张秀珍");
        assertThat(events(made))
                .containsExactly(
                        "PROPOSED", "ACCEPTED", "IN_CONFLICT", "UPHELD", "STANDING", "IN_CONFLICT", "SOURCE_KEPT");
        agrees();
    }

    @Test
    void aConflictEndsByItselfWhereTheSourceTakesItsNewsBack() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        Correction made = correct(entity(MEMBER, "1"), "name", "张秀英");
        says(MEMBER, "1", "张秀芳", ONE, PHONE);
        assertThat(now(made).state()).isEqualTo(State.IN_CONFLICT);
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        assertThat(now(made).state()).isEqualTo(State.STANDING);
        agrees();
    }

    @Test
    void aSupplementStandsUntilASourceSaysTheSame() {
        says(MEMBER, "1", "张秀英", ONE, "");
        long entity = entity(MEMBER, "1");
        Correction made = correct(entity, "phone", "138-0013 8000");

        assertThat(made.source()).isNull();
        assertThat(made.base()).isNull();
        assertThat(made.value()).as("masked").isEqualTo("138****8000");
        assertThat(tickets(made)).isEmpty();
        assertThat(Database.text(DATABASE, "select value from pool.correction")).startsWith("enc1:");
        says(MEMBER, "1", "张秀英", ONE, PHONE);
        assertThat(now(made).ended()).isEqualTo(End.AGREED);
        agrees();
    }

    @Test
    void whatIsNotThereCanBeSaidToBeNothing() {
        says(MEMBER, "1", "张秀英", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Correction made = correct(entity, "phone", null);

        assertThat(Database.text(DATABASE, "select fields ? 'phone' from pool.entity where id = " + entity))
                .isEqualTo("f");
        says(MEMBER, "1", "张秀英", ONE, PHONE);
        assertThat(now(made).state()).isEqualTo(State.STANDING);
        agrees();
        says(MEMBER, "1", "张秀英", ONE, "");
        assertThat(now(made).ended()).isEqualTo(End.AGREED);
        agrees();
    }

    @Test
    void itSurvivesMergerAndSplit() {
        says(CANDIDATE, "1", "张秀英", "", PHONE);
        says(MEMBER, "1", "张秀兰", "", PHONE);
        long one = entity(CANDIDATE, "1");
        long two = entity(MEMBER, "1");
        Correction made = correct(two, "name", "张秀芝");
        stewards.decide(
                OFFICER.scope(),
                new Proposal(
                        Action.MERGE,
                        List.of(new Proposal.Seen(one, version(one)), new Proposal.Seen(two, version(two))),
                        List.of(),
                        "one person"));
        long merged = entity(MEMBER, "1");
        assertThat(name(merged)).isEqualTo("张秀芝");
        assertThat(now(made).state()).as("the other's name is news to it").isEqualTo(State.IN_CONFLICT);
        agrees();

        stewards.decide(
                OFFICER.scope(),
                new Proposal(
                        Action.SPLIT,
                        List.of(new Proposal.Seen(merged, version(merged))),
                        List.of(new RecordRef(MEMBER.id(), "1")),
                        "two after all"));
        assertThat(name(entity(MEMBER, "1"))).isEqualTo("张秀芝");
        assertThat(name(entity(CANDIDATE, "1"))).isEqualTo("张秀英");
        assertThat(now(made).state()).isEqualTo(State.STANDING);
        assertThat(now(made).entity()).isEqualTo(entity(MEMBER, "1"));
        agrees();
    }

    @Test
    void mergeEditSplitIsTheSameAsNeverMergedPlusTheEdit() {
        says(CANDIDATE, "1", "张秀英", ONE, PHONE);
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long merged = entity(MEMBER, "1");
        assertThat(entity(CANDIDATE, "1")).isEqualTo(merged);
        Correction made = correct(merged, "name", "张秀芝");

        says(CANDIDATE, "1", "张秀英", OTHER, PHONE);

        assertThat(entity(CANDIDATE, "1")).isNotEqualTo(entity(MEMBER, "1"));
        assertThat(name(entity(MEMBER, "1"))).as("whose value was corrected").isEqualTo("张秀芝");
        assertThat(name(entity(CANDIDATE, "1"))).isEqualTo("张秀英");
        assertThat(now(made).entity()).isEqualTo(entity(MEMBER, "1"));
        agrees();
    }

    @Test
    void itFollowsARecordThatGoesAndComesBack() {
        says(CANDIDATE, "1", "张秀兰", ONE, PHONE);
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        Correction made = correct(entity(MEMBER, "1"), "name", "张秀英");
        says(CANDIDATE, "1", "张秀兰", OTHER, PHONE);
        pool.apply(batch(run, gone(MEMBER, "1", position++)));

        assertThat(name(entity(CANDIDATE, "1")))
                .as("it speaks of this record too")
                .isEqualTo("张秀英");
        agrees();
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        assertThat(name(entity(CANDIDATE, "1"))).isEqualTo("张秀兰");
        assertThat(name(entity(MEMBER, "1"))).isEqualTo("张秀英");
        agrees();
        pool.apply(batch(run, gone(MEMBER, "1", position++), gone(CANDIDATE, "1", position++)));
        assertThat(now(made).entity()).isNull();
        assertThat(tickets(made)).extracting(Ticket::state).containsOnly(TicketState.GONE);
        agrees();
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        assertThat(name(entity(MEMBER, "1"))).isEqualTo("张秀英");
        agrees();
    }

    @Test
    void aLaterOneTakesTheEarliersPlaceAndWithdrawalGivesTheFieldBack() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Correction first = correct(entity, "name", "张秀英");
        Correction second = correct(entity, "name", "张秀芳");

        assertThat(now(first).ended()).isEqualTo(End.SUPERSEDED);
        assertThat(tickets(first)).extracting(Ticket::state).containsExactly(TicketState.CANCELLED);
        assertThat(name(entity)).isEqualTo("张秀芳");
        corrections.withdraw(WORKER, second.id(), "a slip");
        assertThat(name(entity)).isEqualTo("张秀兰");
        assertThat(now(second).ended()).isEqualTo(End.WITHDRAWN);
        refused(PoolException.Kind.CONFLICT, () -> corrections.withdraw(WORKER, second.id(), "again"));
        agrees();
    }

    @Test
    void whoMayAcceptIsConfigured() {
        Corrections strict = pool.corrections(
                reads, new Policy(Level.STREET, Map.of("election", Level.OWNER), 5, WorkingDays.bundled(), Map.of()));
        says(MEMBER, "1", "张秀兰", ONE, "");
        long entity = entity(MEMBER, "1");
        Correction name = strict.propose(WORKER, of(entity, "name", "张秀英"));
        Correction phone = strict.propose(WORKER, of(entity, "phone", PHONE));
        assertThat(List.of(name, phone)).extracting(Correction::state).containsOnly(State.PROPOSED);
        assertThat(name(entity)).isEqualTo("张秀兰");

        refused(PoolException.Kind.INVALID, () -> strict.accept(WORKER, phone.id()));
        refused(PoolException.Kind.INVALID, () -> strict.accept(OFFICER, name.id()));
        strict.accept(OFFICER, phone.id());
        strict.accept(OWNER, name.id());

        assertThat(name(entity)).isEqualTo("张秀英");
        refused(PoolException.Kind.CONFLICT, () -> strict.reject(OFFICER, phone.id(), "too late"));
        agrees();
    }

    @Test
    void whatIsNotAcceptedIsNotPublished() {
        Corrections strict =
                pool.corrections(reads, new Policy(Level.STREET, Map.of(), 5, WorkingDays.bundled(), Map.of()));
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Correction rejected = strict.propose(WORKER, of(entity, "name", "张秀英"));
        strict.reject(OFFICER, rejected.id(), "the card says otherwise");
        assertThat(now(rejected).state()).isEqualTo(State.REJECTED);

        Correction late = strict.propose(WORKER, of(entity, "name", "张秀英"));
        says(MEMBER, "1", "张秀芳", ONE, PHONE);
        refused(PoolException.Kind.CONFLICT, () -> strict.accept(OFFICER, late.id()));
        assertThat(name(entity)).isEqualTo("张秀芳");
        assertThat(now(late).state()).isEqualTo(State.PROPOSED);
        agrees();
    }

    @Test
    void manyAreAcceptedTogetherOrNotAtAll() {
        Corrections strict =
                pool.corrections(reads, new Policy(Level.STREET, Map.of(), 5, WorkingDays.bundled(), Map.of()));
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        says(MEMBER, "2", "李四", OTHER, PHONE);
        Correction one = strict.propose(WORKER, of(entity(MEMBER, "1"), "name", "张秀英"));
        Correction two = strict.propose(WORKER, of(entity(MEMBER, "2"), "name", "李思"));
        says(MEMBER, "2", "李斯", OTHER, PHONE);

        refused(PoolException.Kind.CONFLICT, () -> strict.accept(OFFICER, List.of(one.id(), two.id())));
        assertThat(now(one).state()).isEqualTo(State.PROPOSED);
        strict.reject(OFFICER, two.id(), "outdated");
        Correction again = strict.propose(WORKER, of(entity(MEMBER, "2"), "name", "李思"));
        assertThat(strict.accept(OFFICER, List.of(one.id(), again.id())))
                .extracting(Correction::state)
                .containsOnly(State.STANDING);
        assertThat(name(entity(MEMBER, "2"))).isEqualTo("李思");
        agrees();
    }

    @Test
    void onlyTheSameFieldIsAConflictBetweenTwoPeople() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        long seen = version(entity);
        correct(entity, "name", "张秀英");

        corrections.propose(
                WORKER, new Request("Person", entity, seen, "phone", "13900139000", "new", null, List.of()));
        refused(
                PoolException.Kind.CONFLICT,
                () -> corrections.propose(
                        WORKER, new Request("Person", entity, seen, "name", "张秀芳", "new", null, List.of())));
        assertThat(name(entity)).isEqualTo("张秀英");
        agrees();
    }

    @Test
    void whatIsMadeForATimeEndsWithIt() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        LocalDate last = LocalDate.now(Corrections.ZONE).plusDays(3);
        Correction made = corrections.propose(
                WORKER, new Request("Person", entity, 0, "phone", "13900139000", "on holiday", last, List.of()));

        assertThat(corrections.sweep(last)).isEqualTo(new Corrections.Swept(0, 0));
        assertThat(now(made).state()).isEqualTo(State.STANDING);
        assertThat(corrections.sweep(last.plusDays(1)).expired()).isEqualTo(1);
        assertThat(now(made).ended()).isEqualTo(End.EXPIRED);
        agrees();
    }

    @Test
    void theOwnerOfASystemAnswersInTimeOrItIsEscalated() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        says(MEMBER, "2", "李四", OTHER, PHONE);
        Correction one = correct(entity(MEMBER, "1"), "name", "张秀英");
        Correction two = correct(entity(MEMBER, "2"), "name", "李思");
        Ticket first = tickets(one).get(0);
        LocalDate due = WorkingDays.bundled().after(LocalDate.now(Corrections.ZONE), 5);
        assertThat(first.due()).isEqualTo(due);
        assertThat(corrections.tickets(OWNER, everyTicket()).tickets()).hasSize(2);
        Authority stranger = new Authority(Scope.nothing("other"), false, Set.of("credit-codes"));
        assertThat(corrections.tickets(stranger, everyTicket()).tickets()).isEmpty();
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.answer(stranger, first.id(), true, null));
        refused(PoolException.Kind.INVALID, () -> corrections.answer(OWNER, first.id(), false, null));

        assertThat(corrections
                        .answer(OWNER, first.id(), false, "our file says 兰")
                        .state())
                .isEqualTo(TicketState.REFUSED);
        assertThat(corrections.sweep(due).escalated()).isZero();
        assertThat(corrections.sweep(due.plusDays(1)).escalated()).isEqualTo(1);
        assertThat(tickets(two).get(0).state()).isEqualTo(TicketState.ESCALATED);
        assertThat(corrections
                        .answer(OWNER, tickets(two).get(0).id(), true, null)
                        .state())
                .isEqualTo(TicketState.ACCEPTED);
    }

    private static Corrections.TicketQuery everyTicket() {
        return new Corrections.TicketQuery(Set.of(), null, null, 50);
    }

    @Test
    void evidenceIsSealedAndComesBackAsItWas() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        Correction made = correct(entity(MEMBER, "1"), "name", "张秀英");
        Correction.Exhibit exhibit =
                corrections.attach(WORKER, made.id(), new Evidence("身份证.pdf", "application/pdf", PDF));

        assertThat(exhibit.number()).isEqualTo(1);
        assertThat(corrections.evidence(OFFICER.scope(), made.id(), 1).content())
                .isEqualTo(PDF);
        assertThat(Database.text(DATABASE, "select position('%PDF'::bytea in content) || name from pool.evidence"))
                .startsWith("0enc1:");
        for (int i = 2; i <= 5; i++) {
            corrections.attach(WORKER, made.id(), new Evidence("页.pdf", "application/pdf", PDF));
        }
        refused(
                PoolException.Kind.INVALID,
                () -> corrections.attach(WORKER, made.id(), new Evidence("页.pdf", "application/pdf", PDF)));
        refused(PoolException.Kind.INVALID, () -> new Evidence("../页.pdf", "application/pdf", PDF));
        refused(PoolException.Kind.INVALID, () -> new Evidence("页.png", "image/png", PDF));
        refused(PoolException.Kind.INVALID, () -> new Evidence("页.exe", "application/x-msdownload", PDF));
        refused(
                PoolException.Kind.INVALID,
                () -> new Evidence("页.pdf", "application/pdf", new byte[Evidence.LARGEST + 1]));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "nothing, x",
                "place, place-code:2023|110101001001",
                "sex, 7",
                "idNumber, 110105194912310021",
                "phone, 12",
                "name, 张秀兰",
                "name, ' '",
                "birthDate, 2026-02-31x"
            })
    void whatCannotBeSaidIsRefusedAndChangesNothing(String field, String value) {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        String before = pool.contentHash();
        refused(PoolException.Kind.INVALID, () -> correct(entity(MEMBER, "1"), field, value));
        assertThat(pool.contentHash()).isEqualTo(before);
        assertThat(Database.text(DATABASE, "select count(*) from pool.correction"))
                .isEqualTo("0");
    }

    @Test
    void whatIsNotThereOrNotInSightIsNotFound() {
        says(MEMBER, "1", "张秀兰", ONE, PHONE);
        long entity = entity(MEMBER, "1");
        Authority outside = new Authority(new Scope("outside", List.of(entity), false), true, Set.of());
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.propose(outside, of(entity, "name", "张秀英")));
        Correction made = correct(entity, "name", "张秀英");
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.find(outside.scope(), made.id()));
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.withdraw(outside, made.id(), "no"));
        refused(PoolException.Kind.NOT_FOUND, () -> corrections.accept(OFFICER, 999_999));
        assertThat(corrections
                        .list(outside.scope(), new Corrections.Query(Set.of(), null, null, null, null, 10))
                        .corrections())
                .isEmpty();
    }

    @Test
    void thePagesOfTheListComeInOrder() {
        List<String> names = List.of("张伟", "王芳", "李娜", "刘洋", "陈静");
        for (int i = 0; i < names.size(); i++) {
            says(MEMBER, "k" + i, names.get(i), "", "");
            correct(entity(MEMBER, "k" + i), "name", names.get(i) + "子");
        }
        Corrections.Query query = new Corrections.Query(Set.of(State.STANDING), null, null, "election", null, 2);
        Corrections.Page first = corrections.list(OFFICER.scope(), query);
        Corrections.Page second = corrections.list(
                OFFICER.scope(),
                new Corrections.Query(Set.of(State.STANDING), null, null, "election", first.next(), 2));
        assertThat(first.corrections()).extracting(Correction::value).containsExactly("陈静子", "刘洋子");
        assertThat(second.corrections()).extracting(Correction::value).containsExactly("李娜子", "王芳子");
        long entity = entity(MEMBER, "k3");
        assertThat(corrections
                        .list(OFFICER.scope(), new Corrections.Query(Set.of(), entity, null, null, null, 2))
                        .corrections())
                .extracting(Correction::entity)
                .containsExactly(entity);
    }

    private static void refused(PoolException.Kind kind, Runnable act) {
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(act::run)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
