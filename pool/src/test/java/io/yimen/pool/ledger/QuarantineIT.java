package io.yimen.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestClock;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.RunStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Looking for what waits in quarantine, and what is told of each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuarantineIT {
    private static final StreamShape PEOPLE = new StreamShape(
            new StreamId("election", "member-person"), "Person", List.of("name"), 60, false, DeletePolicy.LOG);
    private static final StreamShape POSTS = new StreamShape(
            new StreamId("election", "membership"), "Membership", List.of("post"), 60, true, DeletePolicy.LOG);
    private static final StreamShape CODES = new StreamShape(
            new StreamId("codes", "organization"), "Organization", List.of("name"), 90, true, DeletePolicy.NONE);

    private final DataSource database = TestDatabase.migrated();
    private final TestClock clock = new TestClock();
    private final Audit audit = new Audit(database, clock);
    private final Quarantine quarantine =
            new Quarantine(new ScopedReads(database, PoolModel.standard(), TestDatabase.VAULT, audit));
    private final Scope all = Scope.everything("admin");
    private Instant later = Instant.EPOCH;
    private long replay;

    @BeforeAll
    void fill() {
        try (Pool pool = new PostgresPool(database, PoolModel.standard(), TestDatabase.VAULT, clock)) {
            pool.declare(new SourceInfo("election", "换届选举", "Elections", "民政局"), List.of(PEOPLE, POSTS));
            pool.declare(new SourceInfo("codes", "信用代码", "Codes", "市场监管局"), List.of(CODES));
            long run = pool.openRun("election", "election", "stream", OptionalLong.empty());
            put(pool, run, PEOPLE, "71", "invalid-id-number", "sfzh");
            put(pool, run, PEOPLE, "72", "invalid-id-number", "sfzh");
            later = clock.advance(Duration.ofDays(1));
            put(pool, run, PEOPLE, "80", "unknown-code", "xb");
            put(pool, run, POSTS, "71", "invalid-date", "rzrq");
            put(pool, run, CODES, "5511", "missing-key", null);
            Selection one = new Selection("election", "member-person", null, "72", null, null, List.of());
            Decision decision = new Decision("li", "已核对");
            replay = pool.openReplay(one, decision);
            Map<Long, byte[]> edit = Map.of(2L, "李四".getBytes(StandardCharsets.UTF_8));
            pool.replay(
                    new Replay(replay, one, decision, edit, null, 5),
                    record -> new Remapped.Read(ChangeEvent.upserted(
                            PEOPLE, record.key(), record.position(), new @Nullable String[] {"李四"}, List.of())));
            pool.closeRun(replay, RunStatus.COMPLETED, null);
        }
    }

    private static void put(
            Pool pool, long run, StreamShape stream, String key, String reason, @Nullable String field) {
        Rejected rejected = new Rejected(
                stream.id(), key, Position.of(7), reason, field, "wrong", "坏记录".getBytes(StandardCharsets.UTF_8));
        pool.apply(new Batch(run, "election", null, List.of(), List.of(rejected), List.of()));
    }

    private List<String> found(QuarantineQuery query) {
        return quarantine.list(all, query).items().stream()
                .map(item -> item.stream() + "/" + item.key())
                .toList();
    }

    private QuarantineQuery query(
            @Nullable String stream,
            @Nullable String reason,
            @Nullable String key,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Long run) {
        return new QuarantineQuery(null, stream, reason, key, null, since, until, run, null, 10);
    }

    @Test
    void isSearchedByStreamReasonKeyAgeAndReplay() {
        assertThat(found(query("membership", null, null, null, null, null))).containsExactly("membership/71");
        assertThat(found(query(null, "unknown-code", null, null, null, null))).containsExactly("member-person/80");
        assertThat(found(query(null, null, "71", null, null, null)))
                .containsExactly("membership/71", "member-person/71");
        assertThat(found(query("member-person", null, "7*", null, null, null)))
                .containsExactly("member-person/72", "member-person/71");
        assertThat(found(query(null, null, null, null, later, null)))
                .containsExactly("member-person/72", "member-person/71");
        assertThat(found(query("member-person", null, null, later, null, null))).containsExactly("member-person/80");
        assertThat(found(query(null, null, null, null, null, replay))).containsExactly("member-person/72");
    }

    @Test
    void pagesTheSameQuestionAndRefusesAnother() {
        QuarantineQuery first = QuarantineQuery.waiting("election", 2);
        QuarantinePage page = quarantine.list(all, first);
        String cursor = page.nextCursor();
        assertThat(page.items()).hasSize(2);
        assertThat(cursor).isNotNull();
        assertThat(quarantine.list(all, first.from(String.valueOf(cursor))).items())
                .hasSize(1);
        assertThatThrownBy(() ->
                        quarantine.list(all, QuarantineQuery.waiting("codes", 2).from(String.valueOf(cursor))))
                .isInstanceOf(PoolException.class);
    }

    @Test
    void whatWaitsIsCountedByItsFault() {
        assertThat(quarantine.faults(all))
                .extracting(fault -> fault.source() + "/" + fault.stream() + " " + fault.reason() + " " + fault.count())
                .containsExactly(
                        "codes/organization missing-key 1",
                        "election/member-person invalid-id-number 1",
                        "election/member-person unknown-code 1",
                        "election/membership invalid-date 1");
        assertThat(quarantine.faults(Scope.nothing("wang"))).isEmpty();
    }

    @Test
    void tellsWhoReplayedWhyAndWhatWasTakenInstead() {
        QuarantinePage.Item item = quarantine
                .list(all, query(null, null, "72", null, null, null))
                .items()
                .get(0);

        assertThat(item.status()).isEqualTo(QuarantinePage.Status.REPLAYED);
        assertThat(item.outcome()).isEqualTo(Outcome.APPLIED);
        assertThat(item.replay()).isEqualTo(replay);
        assertThat(item.decidedBy()).isEqualTo("li");
        assertThat(item.decidedWhy()).isEqualTo("已核对");
        assertThat(quarantine.raw(all, item.id(), "核对")).isEqualTo(new Quarantine.RawForm("坏记录", "李四"));
    }

    @Test
    void everyLookLeavesALine() {
        long before = lines();
        quarantine.list(all, QuarantineQuery.waiting(null, 5));
        long id = quarantine
                .list(all, QuarantineQuery.waiting(null, 5))
                .items()
                .get(0)
                .id();
        quarantine.get(all, id);
        quarantine.raw(all, id, "核对");
        assertThat(lines()).isEqualTo(before + 4);
    }

    private long lines() {
        return Long.parseLong(TestDatabase.text(database, "select count(*) from pool.audit"));
    }
}
