package io.yimen.pool.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.Rebuild;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Processes that write the same pool in turn: each reads what the others spoke of since, and nothing else; what a start
 * reads is read beside the turns.
 */
class TurnsIT {
    private static final int WORLDS = 150;
    private static final int FIRST = 1_500;
    private static final int TURNS = 40;
    /** Rows that one turn of five records may read: these, what others said, and all that is connected. */
    private static final long FEW = 250;

    private static final DataSource DATABASE = TestDatabase.migrated();

    private final Random random = new Random(Long.getLong("yimen.seed", 20261122));
    private final Outages outages = new Outages(DATABASE);
    private final Watched watched = new Watched(outages.dataSource(), "pool.source_record");
    private final Reference reference =
            new Reference(Telling.MODEL, TestDatabase.VAULT, RuleStore.bundled(Telling.MODEL));
    private final List<ChangeEvent> said = new ArrayList<>();
    private int told;

    @BeforeEach
    void fill() {
        Telling.empty(DATABASE);
        PostgresPool pool = open(DATABASE);
        for (StreamShape shape : Shapes.ALL) {
            String source = shape.id().source();
            pool.declare(new SourceInfo(source, source, source, "街道"), List.of(shape));
            reference.declare(shape);
        }
        World.Words words = new World.Words(random);
        List<World> worlds = new ArrayList<>();
        for (int i = 0; i < WORLDS; i++) {
            worlds.add(new World(i, random.nextLong(), words, 6));
        }
        for (long position = 1; said.size() < FIRST + TURNS * 5; position++) {
            ChangeEvent event = worlds.get(random.nextInt(WORLDS)).next(position);
            if (reference.take(event)) {
                said.add(event);
            }
        }
        tell(pool, FIRST);
        assertThat(live()).isGreaterThan(3 * FEW);
    }

    @Test
    void aWriterReadsWhatTheOtherSpokeOf() {
        List<PostgresPool> pools = List.of(open(watched.dataSource()), open(watched.dataSource()));
        for (PostgresPool pool : pools) {
            tell(pool, 5);
        }
        assertThat(watched.rows()).as("each read all once").isGreaterThan(2 * live() - FEW);
        for (int turn = 2; turn < TURNS; turn++) {
            tell(pools.get(turn % 2), 5);
            assertThat(watched.rows()).isBetween(1L, FEW);
        }
        agrees(pools.get(0));
    }

    @Test
    void aWriterThatWasAwayForLongReadsWhatWasSpokenOf() {
        PostgresPool one = open(watched.dataSource());
        PostgresPool other = open(DATABASE);
        tell(one, 5);
        watched.rows();
        for (int turn = 1; turn < TURNS - 1; turn++) {
            tell(other, 5);
        }
        tell(one, 5);
        assertThat(watched.rows()).isBetween(1L, 5L * TURNS + FEW);
        agrees(one);
    }

    @Test
    void whatABrokenTurnSpokeOfIsReadAgain() {
        List<PostgresPool> pools = List.of(open(watched.dataSource()), open(watched.dataSource()));
        tell(pools.get(0), 5);
        tell(pools.get(1), 5);
        watched.rows();
        int broken = 0;
        for (int turn = 2; turn < TURNS; turn++) {
            PostgresPool pool = pools.get(turn % 2);
            outages.arm(Outages.At.values()[turn % 3], 1 + random.nextInt(8));
            try {
                apply(pool, 5);
            } catch (PoolException e) {
                assertThat(e.kind()).isEqualTo(PoolException.Kind.RETRY);
                broken++;
            }
            outages.disarm();
            if (turn % 2 == 0) {
                // The other one takes over.
                pool = pools.get(1);
            }
            tell(pool, 5);
            assertThat(watched.rows()).isBetween(1L, 2 * FEW);
        }
        assertThat(broken).isGreaterThan(TURNS / 2);
        agrees(pools.get(0));
    }

    @Test
    void whereNobodyKnowsEverythingIsReadAnew() {
        PostgresPool one = open(watched.dataSource());
        PostgresPool other = open(DATABASE);
        tell(one, 5);
        watched.rows();
        tell(other, 5 * (TURNS - 2));
        TestDatabase.run(
                DATABASE,
                "delete from pool.claim_turn where turn = (select min(turn) from pool.claim_turn"
                        + " where turn > (select claims from pool.identity_state) - 5)");
        tell(one, 5);
        assertThat(watched.rows()).isGreaterThan(live() - FEW);
        agrees(one);
    }

    @Test
    void noTurnNamesARecordThatWasTakenOut() {
        tell(open(DATABASE), 5);
        assertThat(turns()).isPositive();
        TestDatabase.run(DATABASE, "delete from pool.source_record where key = 'nobody'");
        assertThat(turns()).isZero();
    }

    @Test
    void aStartReadsBesideTheTurns() {
        PostgresPool one = open(watched.dataSource());
        PostgresPool other = open(DATABASE);
        List<String> progress = new ArrayList<>();
        one.ready(Runnable::run, (type, records, ready) -> progress.add(type + " " + ready));
        assertThat(watched.rows()).isGreaterThan(live() - FEW);
        assertThat(progress).contains("Person true", "Organization true", "Place true");
        for (int turn = 0; turn < TURNS; turn += 2) {
            tell(other, 5);
            tell(one, 5);
            assertThat(watched.rows()).isBetween(1L, FEW);
        }
        agrees(one);
    }

    @Test
    void aStewardMayBeTheFirstAfterAStart() {
        PostgresPool one = open(watched.dataSource());
        one.ready(Runnable::run, PostgresPool.Progress.UNTOLD);
        tell(open(DATABASE), 5);
        watched.rows();
        Seen.Entity split = Seen.of(DATABASE, "", Long.MAX_VALUE).entities().values().stream()
                .filter(e -> e.type().equals("Person") && e.status().equals("ACTIVE") && e.records() > 1)
                .findFirst()
                .orElseThrow();
        RecordRef member = Seen.of(DATABASE, "", Long.MAX_VALUE).places().entrySet().stream()
                .filter(p -> p.getValue().entity() == split.id())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        ScopedReads reads =
                new ScopedReads(DATABASE, Telling.MODEL, TestDatabase.VAULT, new Audit(DATABASE, Clock.systemUTC()));
        one.stewardship(reads)
                .preview(
                        Scope.everything("steward"),
                        new Proposal(
                                Action.SPLIT,
                                List.of(new Proposal.Seen(split.id(), 0)),
                                List.of(member),
                                "as it seems"));
        assertThat(watched.rows()).isBetween(1L, FEW);
        agrees(one);
    }

    @Test
    void aBatchWaitsForWhatIsBeingRead() throws InterruptedException {
        PostgresPool one = open(watched.dataSource());
        CountDownLatch told = new CountDownLatch(1);
        List<Thread> readers = new ArrayList<>();
        one.ready(
                work -> {
                    Thread thread = new Thread(work);
                    readers.add(thread);
                    thread.start();
                },
                (type, records, ready) -> {
                    if (ready) {
                        told.countDown();
                    }
                });
        tell(one, 5 * TURNS);
        assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
        readers.get(0).join(60_000);
        agrees(one);
    }

    @Test
    void whatCannotBeReadBesideIsReadByTheFirstBatch() {
        PostgresPool one = open(watched.dataSource());
        assertThatThrownBy(() -> one.ready(
                        work -> {
                            throw new RejectedExecutionException("closed");
                        },
                        PostgresPool.Progress.UNTOLD))
                .isInstanceOf(RejectedExecutionException.class);
        tell(one, 5);
        PostgresPool other = open(watched.dataSource());
        outages.arm(Outages.At.STATEMENT, 3);
        assertThatThrownBy(() -> other.ready(Runnable::run, PostgresPool.Progress.UNTOLD))
                .isInstanceOf(PoolException.class);
        assertThat(outages.disarm()).isTrue();
        tell(other, 5 * (TURNS - 1));
        agrees(other);
    }

    private static PostgresPool open(DataSource database) {
        return new PostgresPool(database, Telling.MODEL, TestDatabase.VAULT, Clock.systemUTC());
    }

    private void tell(PostgresPool pool, int count) {
        apply(pool, count);
        told += count;
    }

    /** Tells the next ones, as if it were for the first time. */
    private void apply(PostgresPool pool, int count) {
        long run = pool.openRun("a", "turns", "stream", OptionalLong.empty());
        pool.apply(new Batch(run, "turns", null, said.subList(told, told + count), List.of(), List.of()));
    }

    private void agrees(PostgresPool pool) {
        tell(pool, said.size() - told);
        reference.settleAlone();
        assertThat(pool.contentHash()).isEqualTo(reference.contentHash());
        assertThat(new Rebuild(DATABASE, Telling.MODEL, TestDatabase.VAULT)
                        .verify()
                        .agrees())
                .isTrue();
    }

    private static long live() {
        return Long.parseLong(TestDatabase.text(DATABASE, """
                select count(*) from pool.source_record r join pool.stream s on s.id = r.stream_id
                 where not r.deleted and s.entity_type in ('Person', 'Organization', 'Place')
                """));
    }

    private static long turns() {
        return Long.parseLong(TestDatabase.text(DATABASE, "select count(*) from pool.claim_turn"));
    }
}
