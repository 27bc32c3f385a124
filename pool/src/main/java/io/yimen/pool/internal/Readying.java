package io.yimen.pool.internal;

import io.yimen.pool.PostgresPool;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Records that are read into memory beside the turns, as they were at one moment; who needs those of a type waits for
 * them. Thread-safe: one thread reads, those in turn take.
 */
public final class Readying implements AutoCloseable {
    private static final int TELL_EVERY = 100_000;

    private final Map<String, CompletableFuture<Ready>> types = new ConcurrentHashMap<>();

    /**
     * The records of a type.
     *
     * @param claims how many records had been spoken of then
     * @param rules which rules were in force
     */
    record Ready(RecordGraph graph, long claims, long rules) {}

    Readying(Iterable<String> weighed) {
        weighed.forEach(type -> types.put(type, new CompletableFuture<>()));
    }

    /** Nothing is being read. */
    static Readying nothing() {
        return new Readying(java.util.List.of());
    }

    /**
     * Reads all, one type after the other; what nobody waits for any more is left out.
     *
     * @param db sees one moment, whatever is committed meanwhile
     */
    public void read(Connection db, PoolModel model, Vault vault, PostgresPool.Progress progress) throws SQLException {
        Recognition.State state = Recognition.State.read(db);
        Map<String, Learned> rules = new RuleStore(db).matchRules();
        Transaction tx = new Transaction(db, Streams.load(db, model), 0, Instant.EPOCH);
        for (EntityType type : model.types()) {
            Learned learned = rules.get(type.name());
            CompletableFuture<Ready> ready = types.get(type.name());
            if (learned != null && ready != null) {
                RecordGraph graph = graph(type, learned, tx, vault, progress);
                ready.complete(new Ready(graph, state.claims(), state.rules()));
            }
        }
    }

    /** Nothing more is read: who waits reads for itself. */
    @Override
    public void close() {
        types.values().forEach(ready -> ready.cancel(false));
    }

    /** All live records of a type with their pairs, as the transaction sees them. */
    static RecordGraph graph(
            EntityType type, Learned learned, Transaction tx, Vault vault, PostgresPool.Progress progress)
            throws SQLException {
        RecordGraph graph =
                RecordGraph.identifying(type, learned, tx.streams().all().values(), vault);
        long[] read = {0};
        new SourceRecords(tx).forEachClaim(type, claim -> {
            graph.put(claim);
            if (++read[0] % TELL_EVERY == 0) {
                progress.read(type.name(), read[0], false);
            }
        });
        graph.load();
        progress.read(type.name(), read[0], true);
        return graph;
    }

    /** The records of a type, once they are read; {@code null} where they are not, or were taken before. */
    @Nullable
    Ready take(EntityType type) {
        CompletableFuture<Ready> ready = types.get(type.name());
        if (ready == null) {
            return null;
        }
        try {
            return ready.join();
        } catch (CompletionException | java.util.concurrent.CancellationException e) {
            return null;
        } finally {
            types.remove(type.name());
        }
    }

    /** What is read would be of no use any more. */
    void giveUp() {
        close();
        types.clear();
    }
}
