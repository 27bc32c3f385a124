package io.yimen.pool.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.TestDatabase;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same said and decided in another order: one after the other, all at once, one system before the other, decisions
 * before the records that they speak of. One content hash comes of it, the reference's.
 */
class OrdersIT {
    private static final int WORLDS = 60;
    private static final int THOUSANDS = 300;
    private static final int EVENTS = 12;
    private static final DataSource DATABASE = TestDatabase.migrated();

    private final List<ChangeEvent> said = new ArrayList<>();

    static LongStream seeds() {
        Long one = Long.getLong("yimen.seed");
        return one == null ? LongStream.range(1, 4) : LongStream.of(one);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void oneHashComesOfEveryOrder(long seed) throws SQLException {
        Random random = new Random(seed);
        Reference reference = reference();
        make(random, reference, WORLDS);

        PostgresPool pool = pool();
        tell(pool, said, said.size());
        decide(pool, random);
        List<Ruling> rulings = rulings();
        assertThat(rulings).isNotEmpty();
        rulings.forEach(r -> reference.decide(World.numberOf(key(r)), typeOf(r), r));
        reference.settleAlone();
        String expected = reference.contentHash();
        assertThat(pool.contentHash()).as("all at once, then decided").isEqualTo(expected);
        List<Kept> decisions = decisions();

        for (int size : new int[] {1, 7, 100, said.size()}) {
            PostgresPool other = pool();
            restore(decisions);
            tell(other, interleaved(random), size);
            assertThat(other.contentHash())
                    .as("in batches of up to %d under seed %d", size, seed)
                    .isEqualTo(expected);
        }
    }

    /** What is more than the pool derives in one go. */
    @Test
    void oneHashComesOfThousandsAtOnce() throws SQLException {
        Random random = new Random(Long.getLong("yimen.seed", 20_261_122L));
        Reference reference = reference();
        make(random, reference, THOUSANDS);
        reference.settleAlone();

        PostgresPool pool = pool();
        tell(pool, said, said.size());

        assertThat(
                        TestDatabase.text(
                                DATABASE,
                                "select (select count(*) from pool.source_record) > 1500 and max(records) > 2 from pool.entity"))
                .as("they are many, and more than two of an entity")
                .isEqualTo("t");
        assertThat(pool.contentHash()).isEqualTo(reference.contentHash());
        PostgresPool other = pool();
        tell(other, interleaved(random), said.size());
        assertThat(other.contentHash()).as("interleaved").isEqualTo(reference.contentHash());
    }

    private static Reference reference() {
        Reference reference = new Reference(Telling.MODEL, TestDatabase.VAULT, RuleStore.bundled(Telling.MODEL));
        Shapes.ALL.forEach(reference::declare);
        return reference;
    }

    private static PostgresPool pool() {
        Telling.empty(DATABASE);
        PostgresPool pool = new PostgresPool(DATABASE, Telling.MODEL, TestDatabase.VAULT, Clock.systemUTC());
        for (StreamShape shape : Shapes.ALL) {
            String source = shape.id().source();
            pool.declare(new SourceInfo(source, source, source, "街道"), List.of(shape));
        }
        return pool;
    }

    private void make(Random random, Reference reference, int count) {
        World.Words words = new World.Words(random);
        List<World> worlds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            worlds.add(new World(i, random.nextLong(), words, 3));
        }
        long position = 1;
        for (int i = 0; i < EVENTS * count; i++) {
            ChangeEvent event = worlds.get(random.nextInt(count)).next(position++);
            if (reference.take(event)) {
                said.add(event);
            }
        }
    }

    /** The streams in another order among each other, each in its own. */
    private List<ChangeEvent> interleaved(Random random) {
        Map<StreamId, List<ChangeEvent>> streams = new LinkedHashMap<>();
        said.forEach(e ->
                streams.computeIfAbsent(e.stream().id(), s -> new ArrayList<>()).add(e));
        List<List<ChangeEvent>> left = new ArrayList<>(streams.values());
        Collections.shuffle(left, random);
        List<ChangeEvent> order = new ArrayList<>();
        boolean oneAfterTheOther = random.nextBoolean();
        while (!left.isEmpty()) {
            List<ChangeEvent> next = left.get(oneAfterTheOther ? 0 : random.nextInt(left.size()));
            order.add(next.remove(0));
            left.removeIf(List::isEmpty);
        }
        return order;
    }

    private static void tell(PostgresPool pool, List<ChangeEvent> events, int size) {
        long run = pool.openRun("test", "test", "stream", OptionalLong.empty());
        for (int from = 0; from < events.size(); from += size) {
            List<ChangeEvent> some = events.subList(from, Math.min(events.size(), from + size));
            pool.apply(new Batch(run, "test", null, some, List.of(), List.of()));
        }
    }

    private static void decide(PostgresPool pool, Random random) {
        Stewardship stewards = pool.stewardship(
                new ScopedReads(DATABASE, Telling.MODEL, TestDatabase.VAULT, new Audit(DATABASE, Clock.systemUTC())));
        for (int i = 0; i < WORLDS; i++) {
            Seen seen = Seen.of(DATABASE, World.prefix(i), Long.MAX_VALUE);
            Map<String, List<Long>> byType = new LinkedHashMap<>();
            seen.entities().values().stream()
                    .filter(e -> e.status().equals("ACTIVE"))
                    .forEach(e -> byType.computeIfAbsent(e.type(), t -> new ArrayList<>())
                            .add(e.id()));
            for (List<Long> ids : byType.values()) {
                Collections.sort(ids);
                long first = ids.get(0);
                List<RecordRef> records = seen.places().entrySet().stream()
                        .filter(p -> p.getValue().entity() == first)
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList();
                if (records.size() > 1 && random.nextBoolean()) {
                    stewards.decide(
                            Scope.everything("steward"),
                            new Proposal(
                                    random.nextBoolean() ? Action.SPLIT : Action.UNLINK,
                                    List.of(new Proposal.Seen(first, 0)),
                                    records.subList(1, records.size()),
                                    "another"));
                } else if (ids.size() > 1) {
                    stewards.decide(
                            Scope.everything("steward"),
                            new Proposal(
                                    random.nextInt(3) == 0 ? Action.NOT_DUPLICATE : Action.MERGE,
                                    List.of(new Proposal.Seen(ids.get(0), 0), new Proposal.Seen(ids.get(1), 0)),
                                    List.of(),
                                    "the same"));
                }
            }
        }
    }

    private static List<Ruling> rulings() throws SQLException {
        try (Connection db = DATABASE.getConnection()) {
            return DecisionTable.inForce(db);
        }
    }

    private static String key(Ruling ruling) {
        return (ruling.same().isEmpty() ? ruling.left() : ruling.same()).get(0).key();
    }

    private static String typeOf(Ruling ruling) {
        StreamId stream = (ruling.same().isEmpty() ? ruling.left() : ruling.same()).get(0).stream();
        return Shapes.ALL.stream()
                .filter(s -> s.id().equals(stream))
                .findFirst()
                .orElseThrow()
                .entityType();
    }

    /** A record that a decision names. */
    private record Kept(Ruling ruling, String side, RecordRef record) {}

    /** The decisions as they are kept. */
    private static List<Kept> decisions() throws SQLException {
        List<Kept> rows = new ArrayList<>();
        for (Ruling ruling : rulings()) {
            ruling.same().forEach(r -> rows.add(new Kept(ruling, "SAME", r)));
            ruling.left().forEach(r -> rows.add(new Kept(ruling, "LEFT", r)));
            ruling.right().forEach(r -> rows.add(new Kept(ruling, "RIGHT", r)));
        }
        return rows;
    }

    /** Puts decisions into a pool that has heard of none of their records yet. */
    private static void restore(List<Kept> decisions) throws SQLException {
        try (Connection db = DATABASE.getConnection();
                PreparedStatement decision = db.prepareStatement("""
                        insert into pool.decision (id, entity_type, action, actor, at, reason, strongest, weakest)
                        overriding system value values (?, ?, 'MERGE', 'steward', now(), ?, 0, 0) on conflict do nothing
                        """);
                PreparedStatement record = db.prepareStatement("""
                        insert into pool.decision_record (decision_id, side, stream_id, key)
                        select ?, ?, id, ? from pool.stream where source = ? and stream = ?
                        """);
                PreparedStatement changed =
                        db.prepareStatement("update pool.identity_state set rulings = rulings + 1")) {
            for (Kept row : decisions) {
                Ruling ruling = row.ruling;
                RecordRef ref = row.record;
                decision.setLong(1, ruling.number());
                decision.setString(2, typeOf(ruling));
                decision.setString(3, TestDatabase.VAULT.seal("told before"));
                decision.executeUpdate();
                record.setLong(1, ruling.number());
                record.setString(2, row.side);
                record.setString(3, ref.key());
                record.setString(4, ref.stream().source());
                record.setString(5, ref.stream().stream());
                record.executeUpdate();
            }
            changed.executeUpdate();
        }
    }
}
