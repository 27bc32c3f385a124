package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.gone;
import static io.yimen.pool.Fixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Decision;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.Evidence;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Review;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.Stewardship;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stewards decide, and what becomes of entities and their values by it. */
class StewardshipIT {
    private static final DataSource DATABASE = Database.create();
    private static final String ONE = "11010519491231002X";
    private static final String OTHER = "110105194912310038";
    private static final String PHONE = "13800138000";
    private static final Scope ALL = Scope.everything("steward");

    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
    private final Stewardship stewards = pool.stewardship(
            new ScopedReads(DATABASE, Fixture.MODEL, Fixture.VAULT, new Audit(DATABASE, Clock.systemUTC())));
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

    private static RecordRef ref(StreamShape stream, String key) {
        return new RecordRef(stream.id(), key);
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

    private static Proposal.Seen seen(long entity) {
        return new Proposal.Seen(entity, version(entity));
    }

    private static Proposal merge(long... entities) {
        return new Proposal(
                Action.MERGE,
                Arrays.stream(entities).mapToObj(StewardshipIT::seen).toList(),
                List.of(),
                "one person");
    }

    private static Proposal of(Action action, long entity, RecordRef... records) {
        return new Proposal(action, List.of(seen(entity)), List.of(records), "as the file shows");
    }

    private List<Review> waiting() {
        return stewards.reviews(ALL, new Stewardship.ReviewQuery(null, null, Stewardship.Order.WEIGHT, null, 50))
                .reviews();
    }

    private void agrees() {
        Rebuild.Report report = new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify();
        assertThat(report.differences()).isEmpty();
        assertThat(report.agrees()).isTrue();
    }

    /** Two who might be one: the same phone, and names that differ in a character. */
    private long[] possible() {
        says(CANDIDATE, "1", "张秀英", "", PHONE);
        says(MEMBER, "1", "张秀兰", "", PHONE);
        return new long[] {entity(CANDIDATE, "1"), entity(MEMBER, "1")};
    }

    @Test
    void whatIsPossibleWaitsWithWhatSpeaksForIt() {
        long[] two = possible();

        List<Review> waiting = waiting();
        assertThat(waiting).hasSize(1);
        assertThat(waiting.get(0).kind()).isEqualTo(Review.Kind.POSSIBLE_DUPLICATE);
        assertThat(waiting.get(0).effect()).isEqualTo(2);
        Stewardship.ReviewDetail detail = stewards.review(ALL, two[1], two[0]);
        Evidence evidence = detail.evidence().get(0);
        assertThat(evidence.weight()).isCloseTo(waiting.get(0).weight(), within(1e-3));
        assertThat(evidence.contributions().stream()
                        .mapToDouble(Evidence.Contribution::weight)
                        .sum())
                .isCloseTo(evidence.weight(), within(1e-9));
        assertThat(evidence.contributions())
                .filteredOn(c -> c.field().equals("phone"))
                .extracting(Evidence.Contribution::left)
                .as("masked")
                .containsExactly("138****8000");
        assertThat(Database.text(DATABASE, "select min(decision) || max(decision) from pool.source_record"))
                .isEqualTo("POSSIBLE_MATCHPOSSIBLE_MATCH");
    }

    @Test
    void aMergerIsShownFirstAndThenDone() {
        long[] two = possible();
        String before = pool.contentHash();

        Effect shown = stewards.preview(ALL, merge(two));
        assertThat(pool.contentHash()).as("a preview changes nothing").isEqualTo(before);
        assertThat(Database.text(DATABASE, "select count(*) from pool.decision"))
                .isEqualTo("0");
        Stewardship.Decided done = stewards.decide(ALL, merge(two));

        assertThat(done.effect()).isEqualTo(shown);
        assertThat(done.effect().outcomes())
                .extracting(
                        Effect.Outcome::id, Effect.Outcome::fate, Effect.Outcome::into, Effect.Outcome::recordsAfter)
                .containsExactly(
                        tuple(two[0], Effect.Fate.CHANGED, null, 2), tuple(two[1], Effect.Fate.MERGED, two[0], 0));
        assertThat(waiting()).isEmpty();
        assertThat(stewards.members(ALL, "Person", two[1])).allSatisfy(member -> {
            assertThat(member.origin()).isEqualTo("MANUAL");
            assertThat(member.decision()).isEqualTo(done.decision().id());
        });
        assertThat(stewards.decisions(ALL, two[0], null, 10).decisions())
                .extracting(Decision::reason)
                .containsExactly("one person");
        agrees();
    }

    @Test
    void aDecisionAboutFewerRecordsThanThereAreByNowIsOutdated() {
        says(CANDIDATE, "1", "诸葛建国", "", PHONE);
        says(MEMBER, "2", "欧阳修文", OTHER, "13700000000");
        long one = entity(CANDIDATE, "1");
        Proposal.Seen looked = seen(one);
        says(CANDIDATE, "7", "诸葛建国", "", PHONE);
        assertThat(entity(CANDIDATE, "7")).isEqualTo(one);
        assertThat(Database.text(DATABASE, "select count(*) from pool.change where entity_id = " + one))
                .as("nothing else is published")
                .isEqualTo("1");
        refused(
                new Proposal(Action.MERGE, List.of(looked, seen(entity(MEMBER, "2"))), List.of(), "reason"),
                PoolException.Kind.CONFLICT,
                PoolException.Code.STALE_VERSION);
    }

    @Test
    void mergeEditAndSplitIsTheSameAsTheEditAlone() {
        possible();
        says(CANDIDATE, "1", "张秀英", "", "13900000000");
        String never = pool.contentHash();
        Database.empty(DATABASE);
        begin();
        long[] two = possible();
        stewards.decide(ALL, merge(two));
        says(CANDIDATE, "1", "张秀英", "", "13900000000");

        Stewardship.Decided split = stewards.decide(ALL, of(Action.SPLIT, two[0], ref(MEMBER, "1")));

        assertThat(pool.contentHash()).isEqualTo(never);
        assertThat(split.effect().outcomes())
                .extracting(Effect.Outcome::fate)
                .containsExactly(Effect.Fate.CHANGED, Effect.Fate.NEW);
        assertThat(entity(CANDIDATE, "1"))
                .as("the larger history, then the smaller id, keeps it")
                .isIn(two[0]);
        assertThat(waiting()).as("decided is decided").isEmpty();
        agrees();
    }

    @Test
    void whatAPersonKeptApartStaysApartUntilANewThingIsKnownWhichOnlyAsks() {
        long[] two = possible();
        stewards.decide(
                ALL, new Proposal(Action.NOT_DUPLICATE, List.of(seen(two[0]), seen(two[1])), List.of(), "sisters"));
        assertThat(waiting()).isEmpty();

        says(CANDIDATE, "1", "张秀英", ONE, PHONE);
        says(MEMBER, "1", "张秀英", ONE, PHONE);

        assertThat(entity(CANDIDATE, "1")).isEqualTo(two[0]);
        assertThat(entity(MEMBER, "1")).isEqualTo(two[1]);
        assertThat(waiting()).extracting(Review::kind).containsExactly(Review.Kind.CHALLENGED);
        agrees();

        stewards.decide(ALL, merge(two));
        assertThat(entity(MEMBER, "1")).as("the latest word holds").isEqualTo(two[0]);
        assertThat(waiting()).isEmpty();
        agrees();
    }

    @Test
    void aMergerThatIsContradictedLaterAsksAndStays() {
        long[] two = possible();
        stewards.decide(ALL, merge(two));

        says(CANDIDATE, "1", "张秀英", ONE, PHONE);
        says(MEMBER, "1", "张秀兰", OTHER, PHONE);

        assertThat(entity(MEMBER, "1")).isEqualTo(two[0]);
        assertThat(waiting())
                .extracting(Review::kind, Review::left, Review::right)
                .containsExactly(tuple(Review.Kind.CHALLENGED, two[0], two[0]));
        agrees();

        stewards.decide(ALL, of(Action.LINK, two[0], ref(CANDIDATE, "1"), ref(MEMBER, "1")));
        assertThat(waiting()).as("upheld, knowing what speaks against it").isEmpty();
        assertThat(entity(MEMBER, "1")).isEqualTo(two[0]);
        agrees();
    }

    @Test
    void aRecordIsLinkedElsewhereAndUnlinked() {
        says(CANDIDATE, "1", "张秀英", ONE, PHONE);
        says(MEMBER, "1", "张秀英", ONE, PHONE);
        says(MEMBER, "2", "欧阳修文", OTHER, "13700000000");
        long one = entity(CANDIDATE, "1");
        long other = entity(MEMBER, "2");

        stewards.decide(ALL, of(Action.LINK, other, ref(MEMBER, "1")));
        assertThat(entity(MEMBER, "1")).isEqualTo(other);
        assertThat(entity(CANDIDATE, "1")).isEqualTo(one);
        agrees();

        Stewardship.Decided unlinked = stewards.decide(ALL, of(Action.UNLINK, other, ref(MEMBER, "1")));
        assertThat(entity(MEMBER, "1")).isNotIn(one, other);
        agrees();

        stewards.withdraw(ALL, unlinked.decision().id(), "a slip");
        assertThat(entity(MEMBER, "1")).as("the decision before holds again").isEqualTo(other);
        agrees();
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> stewards.withdraw(ALL, unlinked.decision().id(), "again"))
                .returns(PoolException.Kind.CONFLICT, PoolException::kind);
    }

    @Test
    void recordsThatReturnAreWhereThePersonPutThem() {
        long[] two = possible();
        stewards.decide(ALL, merge(two));
        pool.apply(batch(run, gone(MEMBER, "1", position++)));
        says(MEMBER, "1", "张秀兰", "", PHONE);

        assertThat(entity(MEMBER, "1")).isEqualTo(two[0]);
        agrees();
    }

    private void refused(Proposal proposal, PoolException.Kind kind, PoolException.@Nullable Code code) {
        refused(ALL, proposal, kind, code);
    }

    private void refused(Scope scope, Proposal proposal, PoolException.Kind kind, PoolException.@Nullable Code code) {
        String before = pool.contentHash();
        String decisions = Database.text(DATABASE, "select count(*) from pool.decision");
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> stewards.decide(scope, proposal))
                .returns(kind, PoolException::kind)
                .returns(code, e -> e.code().orElse(null));
        assertThatExceptionOfType(PoolException.class).isThrownBy(() -> stewards.preview(scope, proposal));
        assertThat(pool.contentHash()).isEqualTo(before);
        assertThat(Database.text(DATABASE, "select count(*) from pool.decision"))
                .isEqualTo(decisions);
    }

    @Test
    void badProposalsAreRefusedAndChangeNothing() {
        long[] two = possible();
        says(MEMBER, "9", "欧阳修文", OTHER, "13700000000");
        long third = entity(MEMBER, "9");

        refused(
                new Proposal(Action.MERGE, List.of(new Proposal.Seen(two[0], 99), seen(two[1])), List.of(), "reason"),
                PoolException.Kind.CONFLICT,
                PoolException.Code.STALE_VERSION);
        refused(
                new Proposal(
                        Action.MERGE, List.of(seen(two[0]), new Proposal.Seen(123_456_789, 1)), List.of(), "reason"),
                PoolException.Kind.NOT_FOUND,
                null);
        refused(merge(two[0]), PoolException.Kind.INVALID, null);
        refused(of(Action.SPLIT, two[0], ref(CANDIDATE, "1")), PoolException.Kind.INVALID, null);
        refused(of(Action.SPLIT, two[0], ref(MEMBER, "9")), PoolException.Kind.NOT_FOUND, null);
        refused(of(Action.LINK, two[0], ref(CANDIDATE, "1")), PoolException.Kind.INVALID, null);
        refused(of(Action.LINK, two[0], ref(CANDIDATE, "nobody")), PoolException.Kind.NOT_FOUND, null);
        refused(
                new Proposal(Action.MERGE, List.of(seen(two[0]), seen(two[1])), List.of(), " "),
                PoolException.Kind.INVALID,
                null);
        refused(Scope.nothing("stranger"), merge(two), PoolException.Kind.NOT_FOUND, null);
        stewards.decide(ALL, merge(two));
        refused(
                new Proposal(Action.MERGE, List.of(new Proposal.Seen(two[1], 0), seen(third)), List.of(), "reason"),
                PoolException.Kind.CONFLICT,
                PoolException.Code.REDIRECTED);
    }

    @Test
    void anotherWriterFollows() {
        PostgresPool other = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
        says(CANDIDATE, "1", "诸葛建国", "", PHONE);
        other.apply(batch(run, person(MEMBER, "1", "诸葛建国", "", PHONE, "", position++)));
        assertThat(entity(MEMBER, "1")).isEqualTo(entity(CANDIDATE, "1"));
        says(MEMBER, "1", "司马光", "", "13700000000");
        other.apply(batch(run, person(CANDIDATE, "2", "诸葛建国", "", PHONE, "", position++)));
        assertThat(entity(CANDIDATE, "2")).isEqualTo(entity(CANDIDATE, "1"));
        agrees();
    }

    @Test
    void rulesChangeAfterADryRunThatTellsTheTruth() {
        says(CANDIDATE, "1", "诸葛建国", "", PHONE);
        says(MEMBER, "1", "诸葛建国", "", PHONE);
        says(MEMBER, "2", "张秀英", "", "13900000000");
        says(MEMBER, "3", "张秀兰", "", "13900000000");
        long[] before = {entity(CANDIDATE, "1"), entity(MEMBER, "1")};
        RuleBook book = pool.ruleBook();
        RuleBook.Version version = inForce(book);
        try {
            String strict = version.document().replaceFirst("match: [0-9.]+", "match: 0.9999999");
            RuleBook.Change change =
                    new RuleBook.Change(RuleBook.Kind.MATCH, "Person", version.version(), strict, false);
            RuleBook.Preview preview = book.preview(change);
            assertThat(inForce(book)).isEqualTo(version);

            RuleBook.Version applied = book.apply(change, "steward", "fewer mergers");

            assertThat(applied.version()).isEqualTo(version.version() + 1);
            assertThat(preview.records()).isEqualTo(4);
            assertThat(preview.merged() + preview.split()).isPositive();
            assertThat(Database.text(DATABASE, "select count(*) from pool.entity where status = 'ACTIVE'"))
                    .isEqualTo(Long.toString(preview.entities() - preview.merged() + preview.split()));
            assertThat(Database.text(DATABASE, "select count(*) from pool.review"))
                    .isEqualTo(Long.toString(preview.possibleAfter()));
            agrees();
            assertThatExceptionOfType(PoolException.class)
                    .isThrownBy(() -> book.apply(change, "steward", "again"))
                    .returns(PoolException.Code.STALE_VERSION, e -> e.code().orElse(null));
        } finally {
            book.apply(
                    new RuleBook.Change(
                            RuleBook.Kind.MATCH, "Person", inForce(book).version(), version.document(), false),
                    "steward",
                    "back");
        }
        assertThat(new long[] {entity(CANDIDATE, "1"), entity(MEMBER, "1")})
                .as("ids are kept as far as possible")
                .isEqualTo(before);
        agrees();
    }

    private static RuleBook.Version inForce(RuleBook book) {
        return book.versions().stream()
                .filter(v -> v.inForce()
                        && v.kind() == RuleBook.Kind.MATCH
                        && v.entityType().equals("Person"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void wrongRulesAreRefusedWithTheLine() {
        RuleBook book = pool.ruleBook();
        RuleBook.Version version = inForce(book);
        for (String wrong : List.of(
                version.document().replace("name: {kind: han-name", "nickname: {kind: han-name"),
                version.document().replaceFirst("match: [0-9.]+", "match: 1.98"),
                version.document().replace("kind: han-name", "kind: no-such-kind"))) {
            assertThat(wrong).isNotEqualTo(version.document());
            assertThatExceptionOfType(PoolException.class)
                    .isThrownBy(() -> book.preview(
                            new RuleBook.Change(RuleBook.Kind.MATCH, "Person", version.version(), wrong, false)))
                    .returns(PoolException.Kind.INVALID, PoolException::kind)
                    .returns(PoolException.Code.INVALID_DOCUMENT, e -> e.code().orElse(null))
                    .satisfies(e -> assertThat(e.line()).isPresent());
        }
        assertThat(inForce(book)).isEqualTo(version);
    }
}
