package io.yimen.testkit;

import io.yimen.connectors.extract.Sink;
import io.yimen.pool.InMemoryPool;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.Reread;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The in-memory pool with a memory of what it was told. Thread-safe. */
final class Observed implements Pool, Sink {
    private final Pool pool = new InMemoryPool(PoolModel.standard(), Vault.of(new byte[32]));
    private final Map<StreamId, Map<String, Map<String, String>>> records = new HashMap<>();
    private final Map<StreamId, Map<String, Rejected>> rejected = new HashMap<>();
    private final Map<String, Position> positions = new HashMap<>();
    private final Map<Long, @Nullable RunStatus> runs = new LinkedHashMap<>();
    private final Set<StreamId> deletesSeen = new HashSet<>();
    private Counts counts = Counts.ZERO;
    private long unbalanced;
    private long handed;
    private int batches;
    private int refused;
    private @Nullable String rewound;

    /** From now on the batch of this number, counted from here, is refused as by a pool that breaks down; 0: none. */
    synchronized void refuse(int number) {
        refused = number == 0 ? 0 : batches + number;
    }

    /** Tells an earlier offset than the committed one, until the next batch is applied; null: no longer. */
    synchronized void rewind(@Nullable String offset) {
        rewound = offset;
    }

    synchronized Counts counts() {
        return counts;
    }

    /** How many records were handed over, repeats included. */
    synchronized long handed() {
        return handed;
    }

    synchronized Set<String> keys(StreamId stream) {
        return Set.copyOf(records.getOrDefault(stream, Map.of()).keySet());
    }

    synchronized Optional<Map<String, String>> find(StreamId stream, String key) {
        return Optional.ofNullable(records.getOrDefault(stream, Map.of()).get(key))
                .map(Map::copyOf);
    }

    synchronized Optional<Rejected> findRejected(StreamId stream, String key) {
        return Optional.ofNullable(rejected.getOrDefault(stream, Map.of()).get(key));
    }

    /** Keys of the records of a stream that wait in quarantine. */
    synchronized Set<String> rejectedKeys(StreamId stream) {
        return Set.copyOf(rejected.getOrDefault(stream, Map.of()).keySet());
    }

    /** All live records, by stream and key. */
    synchronized Map<String, Map<String, String>> all() {
        Map<String, Map<String, String>> copy = new HashMap<>();
        records.forEach((stream, byKey) -> byKey.forEach((k, v) -> copy.put(stream + "/" + k, Map.copyOf(v))));
        return copy;
    }

    /** Whether anything has said of a record of this stream that it is gone. */
    synchronized boolean hasSeenDeletes(StreamId stream) {
        return deletesSeen.contains(stream);
    }

    /** Runs that were never ended. */
    synchronized long open() {
        return runs.values().stream().filter(s -> s == null).count();
    }

    synchronized Optional<RunStatus> lastStatus() {
        RunStatus last = null;
        for (RunStatus status : runs.values()) {
            last = status;
        }
        return Optional.ofNullable(last);
    }

    /** Batches whose counts are not what was handed over. */
    synchronized long unbalanced() {
        return unbalanced;
    }

    @Override
    public synchronized List<Outcome> accept(Batch batch) {
        return apply(batch).outcomes();
    }

    @Override
    public synchronized ApplyResult apply(Batch batch) {
        if (++batches == refused) {
            throw new PoolException(PoolException.Kind.INVALID, "the kit lets the pool break down here");
        }
        ApplyResult result = pool.apply(batch);
        rewound = null;
        int brought = batch.events().size() + batch.rejected().size();
        handed += brought;
        Counts sum = result.counts().values().stream().reduce(Counts.ZERO, Counts::plus);
        counts = counts.plus(sum);
        boolean equal = batch.completeSets().isEmpty() ? sum.read() == brought : sum.read() >= brought;
        unbalanced += equal && sum.isBalanced() ? 0 : 1;
        batch.events().forEach(this::note);
        batch.rejected().forEach(this::note);
        batch.completeSets().forEach(this::note);
        return result;
    }

    private void note(ChangeEvent event) {
        StreamId stream = event.stream().id();
        if (event.isDeleted()) {
            deletesSeen.add(stream);
        }
        String id = stream + "/" + event.key();
        Position before = positions.get(id);
        if (before != null && event.position().compareTo(before) <= 0) {
            return;
        }
        positions.put(id, event.position());
        Map<String, Map<String, String>> byKey = records.computeIfAbsent(stream, s -> new HashMap<>());
        rejected.getOrDefault(stream, new HashMap<>()).remove(event.key());
        if (event.isDeleted()) {
            byKey.remove(event.key());
            return;
        }
        Map<String, String> values = byKey.computeIfAbsent(event.key(), k -> new HashMap<>());
        for (int i = 0; i < event.stream().fields().size(); i++) {
            String value = event.value(i);
            if (value != null) {
                values.put(event.stream().fields().get(i), value);
            }
        }
        if (event.statedAt() != null) {
            values.put(Probe.UPDATED, event.statedAt().toString());
        }
    }

    private void note(Rejected item) {
        rejected.computeIfAbsent(item.stream(), s -> new HashMap<>()).put(item.key(), item);
    }

    private void note(CompleteSet set) {
        StreamId stream = set.stream().id();
        deletesSeen.add(stream);
        records.getOrDefault(stream, new HashMap<>())
                .keySet()
                .removeIf(key -> !set.keys().contains(key)
                        && positions
                                        .getOrDefault(stream + "/" + key, set.position())
                                        .compareTo(set.position())
                                < 0);
    }

    @Override
    public synchronized void declare(SourceInfo source, List<StreamShape> streams) {
        pool.declare(source, streams);
    }

    @Override
    public synchronized Optional<String> findOffset(String feed) {
        return rewound == null ? pool.findOffset(feed) : Optional.of(rewound);
    }

    @Override
    public synchronized long openRun(String source, String feed, String kind, OptionalLong expected) {
        long id = pool.openRun(source, feed, kind, expected);
        runs.put(id, null);
        return id;
    }

    @Override
    public synchronized void updateRun(long run, RunStatus status, OptionalLong expected) {
        pool.updateRun(run, status, expected);
    }

    @Override
    public synchronized void closeRun(long run, RunStatus status, @Nullable String message) {
        pool.closeRun(run, status, message);
        runs.put(run, status);
    }

    @Override
    public long askReread(String source, Set<String> streams, String actor) {
        return pool.askReread(source, streams, actor);
    }

    @Override
    public List<Reread> listRereads() {
        return pool.listRereads();
    }

    @Override
    public long openReplay(Selection selection, Decision decision) {
        return pool.openReplay(selection, decision);
    }

    @Override
    public ReplayStep replay(Replay replay, Remapping remapping) {
        return pool.replay(replay, remapping);
    }

    @Override
    public ReplayStep dryRun(Replay replay, Remapping remapping) {
        return pool.dryRun(replay, remapping);
    }

    @Override
    public int discard(Selection selection, Decision decision) {
        return pool.discard(selection, decision);
    }

    @Override
    public String contentHash() {
        return pool.contentHash();
    }

    @Override
    public void close() {
        pool.close();
    }
}
