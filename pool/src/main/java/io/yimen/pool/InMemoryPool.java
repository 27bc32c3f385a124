package io.yimen.pool;

import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.internal.DeclaredStream;
import io.yimen.pool.internal.Gate;
import io.yimen.pool.internal.Observation;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.internal.Streams;
import io.yimen.pool.internal.Tally;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.ReplayedRecord;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.quarantine.Waiting;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.Reread;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Survivorship;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The pool as it is meant: it keeps the latest claim of every source record and derives everything from those, anew
 * whenever asked. Slow and obvious; the reference for {@link PostgresPool}, with which it shares the pure functions and
 * none of the bookkeeping. It has no change log: {@link ApplyResult#changes()} is 0.
 */
public final class InMemoryPool implements Pool {
    private final PoolModel model;
    private final Vault vault;
    private final Survivorship survivorship;
    private Map<String, Learned> recognised;
    private Collection<Ruling> rulings = List.of();
    private final Map<StreamId, DeclaredStream> streams = new HashMap<>();
    private Map<RecordRef, Latest> latest = new TreeMap<>();
    private InMemoryQuarantine quarantine = new InMemoryQuarantine();
    private final Map<String, String> offsets = new HashMap<>();
    private final List<Reread> rereads = new ArrayList<>();
    private final Set<Long> openRuns = new HashSet<>();
    private final Map<String, Long> replaysBySource = new HashMap<>();
    private long lastRun;
    private long lastReread;
    private @Nullable Derived derived;

    /** The latest that is known of a record; without values if it is deleted. */
    private record Latest(
            Position position,
            @Nullable String @Nullable [] values,
            Set<Flag> flags,
            @Nullable Instant statedAt) {
        boolean isLive() {
            return values != null;
        }
    }

    public InMemoryPool(PoolModel model, Vault vault) {
        this.model = model;
        this.vault = vault;
        this.survivorship = Survivorship.bundled(model, vault);
        this.recognised = RuleStore.bundled(model);
    }

    @Override
    public synchronized void declare(SourceInfo source, List<StreamShape> shapes) {
        for (StreamShape shape : shapes) {
            EntityType type = Streams.check(source, shape, model);
            DeclaredStream known = streams.get(shape.id());
            if (known != null && !known.type().equals(type)) {
                throw new PoolException(
                        PoolException.Kind.CONFIGURATION, shape.id() + " speaks of " + known.type() + " already");
            }
            int number = known == null ? streams.size() + 1 : known.number();
            streams.put(shape.id(), new DeclaredStream(number, shape.id(), type, shape.trust(), shape.uniqueRecords()));
        }
        derived = null;
    }

    @Override
    public synchronized Optional<String> findOffset(String feed) {
        return Optional.ofNullable(offsets.get(feed));
    }

    @Override
    public synchronized long openRun(String source, String feed, String kind, OptionalLong expected) {
        openRuns.add(++lastRun);
        return lastRun;
    }

    @Override
    public synchronized void updateRun(long run, RunStatus status, OptionalLong expected) {
        mustBeOpen(run);
    }

    @Override
    public synchronized void closeRun(long run, RunStatus status, @Nullable String message) {
        mustBeOpen(run);
        openRuns.remove(run);
        replaysBySource.values().remove(run);
    }

    @Override
    public synchronized ApplyResult apply(Batch batch) {
        mustBeOpen(batch.run());
        int events = batch.events().size();
        Tally tally = new Tally(events + batch.rejected().size());
        // By their place in the batch, the rejected behind the events; what is missing from a set has none.
        Map<Integer, Rejected> rejected = new TreeMap<>();
        for (Rejected item : batch.rejected()) {
            stream(item.stream());
            rejected.put(events + rejected.size(), Gate.storable(item));
        }
        Gate gate = new Gate(model, vault);
        Map<Integer, Observation> observations = new TreeMap<>();
        for (int i = 0; i < events; i++) {
            ChangeEvent event = batch.events().get(i);
            Gate.Passed passed = gate.pass(event, stream(event.stream().id()));
            if (passed.observation() != null) {
                observations.put(i, passed.observation());
            } else if (passed.rejected() != null) {
                rejected.put(i, passed.rejected());
            }
        }
        List<Observation> gone = new ArrayList<>();
        batch.completeSets().forEach(set -> gone.addAll(vanished(set)));
        observations.forEach((place, seen) -> tally.count(seen.ref().stream(), observe(seen), place));
        gone.forEach(seen -> tally.count(seen.ref().stream(), observe(seen), Tally.NO_PLACE));
        rejected.forEach((place, item) -> tally.count(item.stream(), reject(item), place));
        if (batch.offset() != null) {
            offsets.put(batch.feed(), batch.offset());
        }
        rereads.removeIf(wish -> batch.rereads().contains(wish.id()));
        derived = null;
        return new ApplyResult(tally.counts(), tally.outcomes(), 0, 0);
    }

    /** Keeps no audit, and no times. */
    @Override
    public synchronized long askReread(String source, Set<String> streams, String actor) {
        rereads.add(new Reread(++lastReread, source, new TreeSet<>(streams), actor, Instant.EPOCH));
        return lastReread;
    }

    @Override
    public synchronized List<Reread> listRereads() {
        return List.copyOf(rereads);
    }

    private Outcome observe(Observation seen) {
        Latest before = latest.get(seen.ref());
        if (before != null && seen.position().compareTo(before.position) <= 0) {
            return Outcome.STALE;
        }
        Latest now = seen.deleted() ? new Latest(seen.position(), null, Set.of(), null) : merge(before, seen);
        boolean same = before == null
                ? !now.isLive()
                : before.isLive() == now.isLive()
                        && Arrays.equals(before.values, now.values)
                        && before.flags.equals(now.flags);
        latest.put(seen.ref(), now);
        quarantine.settle(seen.ref(), seen.position());
        return same ? Outcome.UNCHANGED : Outcome.APPLIED;
    }

    private static Latest merge(@Nullable Latest before, Observation seen) {
        EntityType type = seen.stream().type();
        @Nullable String[] values = new String[type.fields().size()];
        Set<Flag> flags = new HashSet<>(seen.flags());
        for (int i = 0; i < values.length; i++) {
            String said = seen.values()[i];
            if (said != null || !seen.carried()[i]) {
                values[i] = said;
            } else if (before != null && before.values != null) {
                values[i] = before.values[i];
                String field = type.fields().get(i).name();
                before.flags.stream().filter(f -> f.field().equals(field)).forEach(flags::add);
            }
        }
        return new Latest(seen.position(), values, flags, seen.statedAt());
    }

    private Outcome reject(Rejected item) {
        RecordRef ref = new RecordRef(item.stream(), item.key());
        Latest known = latest.get(ref);
        Position waiting = quarantine.newest(ref);
        if ((known != null && item.position().compareTo(known.position) <= 0)
                || (waiting != null && item.position().compareTo(waiting) <= 0)) {
            return Outcome.STALE;
        }
        quarantine.put(item);
        return Outcome.QUARANTINED;
    }

    @Override
    public synchronized long openReplay(Selection selection, Decision decision) {
        if (replaysBySource.containsKey(selection.source())) {
            throw new PoolException(
                    PoolException.Kind.CONFLICT, "Records of " + selection.source() + " are being replayed already");
        }
        long run = openRun(selection.source(), selection.source() + "/replay", "replay", OptionalLong.empty());
        replaysBySource.put(selection.source(), run);
        return run;
    }

    @Override
    public synchronized ReplayStep replay(Replay replay, Remapping remapping) {
        mustBeOpen(replay.run());
        List<Waiting> page = quarantine.next(replay);
        List<ReplayedRecord> done = new ArrayList<>();
        Map<StreamId, Counts> counts = new HashMap<>();
        for (Waiting record : page) {
            ReplayedRecord outcome = take(record, replay.run(), remapping);
            quarantine.settle(outcome);
            done.add(outcome);
            Tally tally = new Tally(0);
            tally.count(record.stream(), outcome.outcome(), Tally.NO_PLACE);
            tally.counts().forEach((stream, c) -> counts.merge(stream, c, Counts::plus));
        }
        Replay.After next = null;
        if (page.size() == replay.limit()) {
            Waiting last = page.get(page.size() - 1);
            next = new Replay.After(last.stream().stream(), last.key());
        }
        return new ReplayStep(done, counts, next, 0, 0, 0);
    }

    private ReplayedRecord take(Waiting record, long run, Remapping remapping) {
        Remapped said = remapping.remap(record);
        if (said instanceof Remapped.Refused refused) {
            return replayed(record, Outcome.QUARANTINED, refused.reason(), refused.field(), refused.message());
        }
        ChangeEvent event = ((Remapped.Read) said)
                .eventOf(record, stream(record.stream()).type().name());
        Rejected rejected =
                new Gate(model, vault).pass(event, stream(record.stream())).rejected();
        if (rejected != null) {
            return replayed(record, Outcome.QUARANTINED, rejected.reason(), rejected.field(), rejected.message());
        }
        Counts counts = apply(new Batch(run, "replay", null, List.of(event), List.of(), List.of()))
                .counts()
                .getOrDefault(record.stream(), Counts.ZERO);
        Outcome outcome =
                counts.applied() > 0 ? Outcome.APPLIED : counts.unchanged() > 0 ? Outcome.UNCHANGED : Outcome.STALE;
        return replayed(record, outcome, null, null, null);
    }

    private static ReplayedRecord replayed(
            Waiting record,
            Outcome outcome,
            @Nullable String reason,
            @Nullable String field,
            @Nullable String message) {
        return new ReplayedRecord(
                record.id(),
                record.stream(),
                record.key(),
                record.position(),
                outcome,
                reason,
                field,
                message,
                record.edited() != null,
                List.of(),
                0);
    }

    @Override
    public synchronized ReplayStep dryRun(Replay replay, Remapping remapping) {
        Map<RecordRef, Latest> latestBefore = new TreeMap<>(latest);
        InMemoryQuarantine quarantineBefore = quarantine.copy();
        long run = openRun(replay.selection().source(), "dry-run", "replay", OptionalLong.empty());
        try {
            return replay(replay.in(run), remapping).of(quarantineBefore.count(replay.selection()));
        } finally {
            openRuns.remove(run);
            latest = latestBefore;
            quarantine = quarantineBefore;
            derived = null;
        }
    }

    @Override
    public synchronized int discard(Selection selection, Decision decision) {
        return quarantine.discard(selection);
    }

    /** What was put into quarantine and what became of it: {@code source/stream/key@position STATUS reason}. */
    synchronized List<String> quarantine() {
        return quarantine.list();
    }

    private List<Observation> vanished(CompleteSet set) {
        DeclaredStream stream = stream(set.stream().id());
        List<Observation> deletes = new ArrayList<>();
        int live = 0;
        for (Map.Entry<RecordRef, Latest> e : latest.entrySet()) {
            if (!e.getKey().stream().equals(stream.id()) || !e.getValue().isLive()) {
                continue;
            }
            live++;
            if (!set.keys().contains(e.getKey().key())) {
                deletes.add(Observation.gone(stream, e.getKey(), set.position()));
            }
        }
        if (!deletes.isEmpty() && deletes.size() > set.brake() * live) {
            throw new PoolException(
                    PoolException.Kind.BRAKE,
                    "A full read of " + stream.id() + " lacks " + deletes.size() + " of " + live + " records");
        }
        return deletes;
    }

    @Override
    public synchronized String contentHash() {
        return derived().contentHash();
    }

    /** From now on these match rules, by entity type, and these decisions hold. */
    public synchronized void recognise(Map<String, Learned> byType, Collection<Ruling> decided) {
        recognised = Map.copyOf(byType);
        rulings = List.copyOf(decided);
        derived = null;
    }

    /** Everything that follows from the claims at present. */
    public synchronized Derived derived() {
        Derived now = derived;
        if (now == null) {
            now = Derived.of(model, vault, survivorship, recognised, rulings, Map.of(), streams, claims());
            derived = now;
        }
        return now;
    }

    private List<Claim> claims() {
        List<Claim> claims = new ArrayList<>();
        latest.forEach((ref, record) -> {
            if (record.values != null) {
                List<Flag> flags = new ArrayList<>(record.flags);
                flags.sort(Comparator.comparing(Flag::field).thenComparing(Flag::code));
                claims.add(new Claim(ref, stream(ref.stream()).trust(), record.values, flags, record.statedAt));
            }
        });
        return claims;
    }

    private DeclaredStream stream(StreamId id) {
        DeclaredStream stream = streams.get(id);
        if (stream == null) {
            throw new PoolException(PoolException.Kind.INVALID, "Stream " + id + " was not declared to the pool");
        }
        return stream;
    }

    private void mustBeOpen(long run) {
        if (!openRuns.contains(run)) {
            throw new PoolException(PoolException.Kind.INVALID, "Run " + run + " is not open: open a new one");
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
