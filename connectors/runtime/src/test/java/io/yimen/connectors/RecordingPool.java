package io.yimen.connectors;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The in-memory pool with a memory of what it was told, for tests to look at. */
public final class RecordingPool implements Pool, Sink {
    private final Pool pool = new InMemoryPool(PoolModel.standard(), Vault.of(new byte[32]));
    private final Map<String, Map<String, String>> records = new TreeMap<>();
    private final Map<String, Position> positions = new HashMap<>();
    private final Map<Long, Run> runs = new LinkedHashMap<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();
    private final Map<StreamId, Counts> counts = new HashMap<>();
    private final Map<Predicate<Batch>, PoolException.Kind> refusals = new LinkedHashMap<>();

    /** What is known of a run. */
    public record Run(long id, String kind, RunStatus status, String message, long expected) {}

    /** Refuses the next batch that fits, as a pool that cannot be reached. */
    public synchronized void refuseOnce(Predicate<Batch> which) {
        refuseOnce(PoolException.Kind.RETRY, which);
    }

    /** Refuses the next batch that fits. */
    public synchronized void refuseOnce(PoolException.Kind kind, Predicate<Batch> which) {
        refusals.put(which, kind);
    }

    @Override
    public synchronized List<Outcome> accept(Batch batch) {
        return apply(batch).outcomes();
    }

    @Override
    public synchronized void declare(SourceInfo source, List<StreamShape> streams) {
        pool.declare(source, streams);
    }

    @Override
    public synchronized Optional<String> findOffset(String feed) {
        return pool.findOffset(feed);
    }

    @Override
    public synchronized long openRun(String source, String feed, String kind, OptionalLong expected) {
        long id = pool.openRun(source, feed, kind, expected);
        runs.put(id, new Run(id, kind, RunStatus.RUNNING, "", expected.orElse(-1)));
        return id;
    }

    @Override
    public synchronized void updateRun(long run, RunStatus status, OptionalLong expected) {
        pool.updateRun(run, status, expected);
        runs.computeIfPresent(run, (id, r) -> new Run(id, r.kind(), status, "", expected.orElse(r.expected())));
    }

    @Override
    public synchronized void closeRun(long run, RunStatus status, @Nullable String message) {
        pool.closeRun(run, status, message);
        runs.computeIfPresent(
                run, (id, r) -> new Run(id, r.kind(), status, message == null ? "" : message, r.expected()));
    }

    @Override
    public synchronized ApplyResult apply(Batch batch) {
        for (Map.Entry<Predicate<Batch>, PoolException.Kind> refusal : refusals.entrySet()) {
            if (refusal.getKey().test(batch)) {
                refusals.remove(refusal.getKey());
                throw new PoolException(refusal.getValue(), "the pool refuses");
            }
        }
        ApplyResult result = pool.apply(batch);
        batches.add(batch);
        batch.events().forEach(this::note);
        batch.completeSets().forEach(this::note);
        rejected.addAll(batch.rejected());
        result.counts().forEach((stream, c) -> counts.merge(stream, c, Counts::plus));
        return result;
    }

    private void note(ChangeEvent event) {
        String id = event.stream().id() + "/" + event.key();
        Position before = positions.get(id);
        if (before != null && event.position().compareTo(before) <= 0) {
            return;
        }
        positions.put(id, event.position());
        if (event.isDeleted()) {
            records.remove(id);
            return;
        }
        Map<String, String> values = records.computeIfAbsent(id, k -> new LinkedHashMap<>());
        for (int i = 0; i < event.stream().fields().size(); i++) {
            if (event.value(i) != null) {
                values.put(event.stream().fields().get(i), event.value(i));
            }
        }
    }

    private void note(CompleteSet set) {
        String prefix = set.stream().id() + "/";
        records.keySet()
                .removeIf(id -> id.startsWith(prefix)
                        && !set.keys().contains(id.substring(prefix.length()))
                        && positions.getOrDefault(id, set.position()).compareTo(set.position()) < 0);
    }

    /** Live records, {@code source/stream/key} to their values. */
    public synchronized Map<String, Map<String, String>> records() {
        Map<String, Map<String, String>> copy = new TreeMap<>();
        records.forEach((k, v) -> copy.put(k, Map.copyOf(v)));
        return copy;
    }

    /** Keys of the live records of a stream. */
    public synchronized List<String> keys(String stream) {
        String prefix = stream + "/";
        return records.keySet().stream()
                .filter(k -> k.startsWith(prefix))
                .map(k -> k.substring(prefix.length()))
                .toList();
    }

    public synchronized String value(String record, String field) {
        return records.getOrDefault(record, Map.of()).getOrDefault(field, "");
    }

    public synchronized List<Run> runs() {
        return List.copyOf(runs.values());
    }

    public synchronized Run lastRun() {
        List<Run> all = runs();
        return all.get(all.size() - 1);
    }

    public synchronized List<Rejected> rejected() {
        return List.copyOf(rejected);
    }

    public synchronized List<Batch> batches() {
        return List.copyOf(batches);
    }

    public synchronized Counts counts(String source, String stream) {
        return counts.getOrDefault(new StreamId(source, stream), Counts.ZERO);
    }

    @Override
    public synchronized long askReread(String source, Set<String> streams, String actor) {
        return pool.askReread(source, streams, actor);
    }

    @Override
    public synchronized List<Reread> listRereads() {
        return pool.listRereads();
    }

    @Override
    public synchronized long openReplay(Selection selection, Decision decision) {
        return pool.openReplay(selection, decision);
    }

    @Override
    public synchronized ReplayStep replay(Replay replay, Remapping remapping) {
        return pool.replay(replay, remapping);
    }

    @Override
    public synchronized ReplayStep dryRun(Replay replay, Remapping remapping) {
        return pool.dryRun(replay, remapping);
    }

    @Override
    public synchronized int discard(Selection selection, Decision decision) {
        return pool.discard(selection, decision);
    }

    @Override
    public synchronized String contentHash() {
        return pool.contentHash();
    }

    @Override
    public void close() {
        pool.close();
    }
}
