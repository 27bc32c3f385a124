package io.yimen.pool.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.Rebuild;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.internal.DecisionTable;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Stewardship;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Two processes write the same entities at the same time: systems by either, stewards by both. */
class TwoWritersIT {
    private static final int WORLDS = 20;
    private static final int EVENTS = 400;
    private static final int DECISIONS = 10;
    private static final Set<PoolException.Kind> LATE =
            EnumSet.of(PoolException.Kind.NOT_FOUND, PoolException.Kind.CONFLICT, PoolException.Kind.INVALID);
    private static final DataSource DATABASE = TestDatabase.migrated();

    private final long seed = Long.getLong("yimen.seed", 20261122);
    private final Random random = new Random(seed);

    @Test
    void bothSeeWhatTheReferenceSays() throws Exception {
        Telling.empty(DATABASE);
        List<PostgresPool> pools = List.of(open(), open());
        Reference reference = new Reference(Telling.MODEL, TestDatabase.VAULT, RuleStore.bundled(Telling.MODEL));
        for (StreamShape shape : Shapes.ALL) {
            String source = shape.id().source();
            pools.get(0).declare(new SourceInfo(source, source, source, "街道"), List.of(shape));
            reference.declare(shape);
        }
        List<ChangeEvent> said = said(reference);

        CountDownLatch telling = new CountDownLatch(3);
        List<Callable<Integer>> work = new ArrayList<>();
        for (String source : List.of("a", "b", "c")) {
            List<ChangeEvent> events = said.stream()
                    .filter(e -> e.stream().id().source().equals(source))
                    .toList();
            PostgresPool pool = pools.get(work.size() % 2);
            long run = pool.openRun(source, source, "stream", OptionalLong.empty());
            work.add(() -> {
                try {
                    return tell(pool, run, source, events);
                } finally {
                    telling.countDown();
                }
            });
        }
        for (PostgresPool pool : pools) {
            long decider = random.nextLong();
            work.add(() -> decide(pool, new Random(decider), telling));
        }
        int decided = 0;
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        try {
            for (Future<Integer> done : threads.invokeAll(work, 120, TimeUnit.SECONDS)) {
                decided += done.get();
            }
        } finally {
            threads.shutdownNow();
        }

        List<Ruling> rulings = rulings();
        assertThat(decided).isPositive().isEqualTo(rulings.size());
        for (Ruling ruling : rulings) {
            var one = (ruling.same().isEmpty() ? ruling.left() : ruling.same()).get(0);
            String type = Shapes.ALL.stream()
                    .filter(s -> s.id().equals(one.stream()))
                    .findFirst()
                    .orElseThrow()
                    .entityType();
            reference.decide(World.numberOf(one.key()), type, ruling);
        }
        reference.settleAlone();
        for (PostgresPool pool : pools) {
            // both have to follow what the other did before they can say more
            pool.apply(new Batch(
                    pool.openRun("a", "end", "stream", OptionalLong.empty()),
                    "end",
                    null,
                    said.subList(0, 1),
                    List.of(),
                    List.of()));
            assertThat(pool.contentHash()).as("seed %d", seed).isEqualTo(reference.contentHash());
        }
        assertThat(new Rebuild(DATABASE, Telling.MODEL, TestDatabase.VAULT)
                        .verify()
                        .agrees())
                .isTrue();
        assertThat(TestDatabase.text(DATABASE, """
                        select count(*) from pool.entity e join pool.entity t on t.id = e.redirect_to
                         where e.status = 'REDIRECTED' and t.status = 'REDIRECTED'
                        """)).isEqualTo("0");
        assertThat(TestDatabase.text(DATABASE, "select max(seq) - count(*) from pool.change"))
                .as("numbers of changes without a gap")
                .isEqualTo("0");
    }

    private static PostgresPool open() {
        return new PostgresPool(DATABASE, Telling.MODEL, TestDatabase.VAULT, Clock.systemUTC());
    }

    private List<ChangeEvent> said(Reference reference) {
        World.Words words = new World.Words(random);
        List<World> worlds = new ArrayList<>();
        for (int i = 0; i < WORLDS; i++) {
            worlds.add(new World(i, random.nextLong(), words, 3));
        }
        List<ChangeEvent> said = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            ChangeEvent event = worlds.get(random.nextInt(WORLDS)).next(i + 1);
            if (reference.take(event)) {
                said.add(event);
            }
        }
        return said;
    }

    private static int tell(PostgresPool pool, long run, String feed, List<ChangeEvent> events) {
        for (int from = 0; from < events.size(); from += 5) {
            List<ChangeEvent> some = events.subList(from, Math.min(events.size(), from + 5));
            pool.apply(new Batch(run, feed, null, some, List.of(), List.of()));
        }
        return 0;
    }

    /**
     * Decides about whatever is there as long as something is told, and some more; what has changed meanwhile is
     * refused. Returns how often it was not.
     */
    private static int decide(PostgresPool pool, Random random, CountDownLatch telling) {
        Stewardship stewards = pool.stewardship(
                new ScopedReads(DATABASE, Telling.MODEL, TestDatabase.VAULT, new Audit(DATABASE, Clock.systemUTC())));
        int decided = 0;
        for (int left = DECISIONS; left > 0; left -= telling.getCount() == 0 ? 1 : 0) {
            Seen seen = Seen.of(DATABASE, World.prefix(random.nextInt(WORLDS)), Long.MAX_VALUE);
            List<Seen.Entity> live = seen.entities().values().stream()
                    .filter(e -> e.status().equals("ACTIVE"))
                    .toList();
            if (live.size() < 2) {
                continue;
            }
            Seen.Entity one = live.get(random.nextInt(live.size()));
            Seen.Entity other = live.get(random.nextInt(live.size()));
            Proposal proposal = random.nextBoolean()
                    ? new Proposal(
                            random.nextBoolean() ? Action.MERGE : Action.NOT_DUPLICATE,
                            List.of(
                                    new Proposal.Seen(one.id(), one.version()),
                                    new Proposal.Seen(other.id(), other.version())),
                            List.of(),
                            "as it seems")
                    : new Proposal(
                            Action.SPLIT,
                            List.of(new Proposal.Seen(one.id(), one.version())),
                            seen.places().entrySet().stream()
                                    .filter(p -> p.getValue().entity() == one.id())
                                    .map(java.util.Map.Entry::getKey)
                                    .sorted()
                                    .limit(1)
                                    .toList(),
                            "as it seems");
            try {
                stewards.decide(Scope.everything("steward"), proposal);
                decided++;
            } catch (PoolException e) {
                assertThat(LATE).contains(e.kind());
            }
        }
        return decided;
    }

    private static List<Ruling> rulings() throws SQLException {
        try (Connection db = DATABASE.getConnection()) {
            return DecisionTable.inForce(db);
        }
    }
}
