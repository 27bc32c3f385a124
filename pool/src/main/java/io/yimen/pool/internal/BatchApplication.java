package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The application of one batch within a transaction that holds the pool's lock. */
public final class BatchApplication {
    /** New records that are derived in one go: the next ones are recognised while the server writes these. */
    private static final int PART = 1_024;

    private final PoolModel model;
    private final Vault vault;
    /** The vault, as long as the batch lasts. */
    private final Vault opener;

    private final Recognition recognition;
    private final Transaction tx;
    private final SourceRecords records;
    private final QuarantineTable quarantine;

    /** A rejected record and its place in the batch, behind the events unless it was one of them. */
    private record Placed(int place, Rejected item) {
        RecordRef ref() {
            return new RecordRef(item.stream(), item.key());
        }
    }

    public BatchApplication(
            Connection db,
            Streams streams,
            PoolModel model,
            Vault vault,
            Recognition recognition,
            long run,
            Instant now) {
        this.model = model;
        this.vault = vault;
        this.opener = vault.remembering();
        this.recognition = recognition;
        this.tx = new Transaction(db, streams, run, now);
        this.records = new SourceRecords(tx);
        this.quarantine = new QuarantineTable(tx, vault);
    }

    public ApplyResult apply(Batch batch) throws SQLException {
        int events = batch.events().size();
        Tally tally = new Tally(events + batch.rejected().size());
        List<Observation> observations = new ArrayList<>(events);
        // Where in the batch each of them stands.
        int[] places = new int[events];
        List<Placed> rejected = new ArrayList<>();
        Gate gate = new Gate(model, opener);
        Tombstones tombstones = recognition.tombstones();
        Set<Observation> ending = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < batch.rejected().size(); i++) {
            Rejected item = batch.rejected().get(i);
            tx.streams().get(item.stream());
            Rejected storable = Gate.storable(item);
            if (tombstones.keepAway(storable, model, vault)) {
                tally.count(item.stream(), Outcome.WITHHELD, events + i);
            } else {
                rejected.add(new Placed(events + i, storable));
            }
        }
        for (int i = 0; i < events; i++) {
            ChangeEvent event = batch.events().get(i);
            Gate.Passed passed =
                    gate.pass(event, tx.streams().get(event.stream().id()));
            if (passed.observation() != null) {
                Tombstones.Sifted sifted = tombstones.sift(passed.observation(), opener);
                if (sifted.left() == null) {
                    tally.count(event.stream().id(), Outcome.WITHHELD, i);
                } else {
                    places[observations.size()] = i;
                    observations.add(sifted.left());
                    if (sifted.ends()) {
                        ending.add(sifted.left());
                    }
                }
            } else if (passed.rejected() != null) {
                rejected.add(new Placed(i, passed.rejected()));
            }
        }
        int own = observations.size();
        for (CompleteSet set : batch.completeSets()) {
            observations.addAll(vanished(set));
        }
        Changes changes = new Changes(tx);
        Echoes echoes = Echoes.of(tx, model, recognition, observations);
        Map<RecordRef, Draft> drafts = drafts(observations, rejected, echoes);
        for (int i = 0; i < observations.size(); i++) {
            Observation seen = observations.get(i);
            StreamId stream = seen.ref().stream();
            int place = i < own ? places[i] : Tally.NO_PLACE;
            Draft draft = draft(drafts, seen.ref());
            if (ending.contains(seen) && !draft.isSeenAt(seen.position())) {
                // A record that came to speak of somebody who was erased says nothing of anybody else any more.
                if (draft.isLive()) {
                    draft.observe(seen);
                }
                tally.count(stream, Outcome.WITHHELD, place);
                continue;
            }
            tally.count(stream, draft.observe(echoes.heard(seen, draft)), place);
        }
        List<Rejected> waiting = waiting(rejected, drafts, tally);
        Map<StreamId, Counts> counts = tally.counts();
        Runs.count(tx, batch.run(), counts);
        if (batch.offset() != null) {
            Runs.saveOffset(tx, batch.feed(), batch.offset(), batch.run());
        }
        if (!batch.rereads().isEmpty()) {
            Rereads.take(tx, batch.rereads(), batch.run());
        }
        write(drafts, waiting, changes);
        tx.send();
        return new ApplyResult(counts, tally.outcomes(), changes.count(), changes.last());
    }

    /**
     * Derives anew what the records of streams speak of, all in one go, so that ids are kept as if they had always been
     * derived like this; for streams that were declared otherwise than before, or of types under other rules.
     */
    public void rederive(Collection<StreamId> streams) throws SQLException {
        Map<RecordRef, Long> live = new HashMap<>();
        for (StreamId stream : streams) {
            live.putAll(records.live(tx.streams().get(stream)));
        }
        new Derivation(tx, model, vault, recognition, new Changes(tx)).run(List.of(), live);
    }

    private List<Observation> vanished(CompleteSet set) throws SQLException {
        DeclaredStream stream = tx.streams().get(set.stream().id());
        Set<RecordRef> missing = new TreeSet<>(records.live(stream).keySet());
        int live = missing.size();
        missing.removeIf(ref -> set.keys().contains(ref.key()));
        if (missing.size() > set.brake() * live) {
            throw new PoolException(
                    PoolException.Kind.BRAKE,
                    "A full read of " + stream.id() + " lacks " + missing.size() + " of " + live
                            + " records, more than the share of " + set.brake()
                            + " that it may retire: look at the source, then raise the brake if it is right");
        }
        List<Observation> deletes = new ArrayList<>(missing.size());
        for (RecordRef ref : missing) {
            deletes.add(Observation.gone(stream, ref, set.position()));
        }
        return deletes;
    }

    private Map<RecordRef, Draft> drafts(List<Observation> observations, List<Placed> rejected, Echoes echoes)
            throws SQLException {
        Map<RecordRef, Boolean> partial = new LinkedHashMap<>(observations.size() * 2);
        for (Observation seen : observations) {
            partial.merge(seen.ref(), seen.isPartial() || echoes.concern(seen.ref()), (a, b) -> a || b);
        }
        for (Placed item : rejected) {
            partial.putIfAbsent(item.ref(), false);
        }
        return partial.isEmpty() ? Map.of() : records.drafts(partial);
    }

    /** Sorts out which rejected records are news, the newest of each key. */
    private List<Rejected> waiting(List<Placed> rejected, Map<RecordRef, Draft> drafts, Tally tally)
            throws SQLException {
        if (rejected.isEmpty()) {
            return List.of();
        }
        List<RecordRef> refs = rejected.stream().map(Placed::ref).toList();
        Map<RecordRef, Position> newest = new HashMap<>(quarantine.newest(refs));
        Map<RecordRef, Rejected> waiting = new LinkedHashMap<>();
        for (Placed placed : rejected) {
            Rejected item = placed.item();
            RecordRef ref = placed.ref();
            if (isKnown(item.position(), newest.get(ref)) || draft(drafts, ref).isSeenAt(item.position())) {
                tally.count(item.stream(), Outcome.STALE, placed.place());
                continue;
            }
            newest.put(ref, item.position());
            waiting.put(ref, item);
            tally.count(item.stream(), Outcome.QUARANTINED, placed.place());
        }
        return List.copyOf(waiting.values());
    }

    private static boolean isKnown(Position position, @Nullable Position newest) {
        return newest != null && position.compareTo(newest) <= 0;
    }

    private void write(Map<RecordRef, Draft> drafts, List<Rejected> waiting, Changes changes) throws SQLException {
        List<Draft> news = new ArrayList<>();
        List<Draft> again = new ArrayList<>();
        List<Draft> taken = new ArrayList<>();
        for (Draft draft : drafts.values()) {
            if (!draft.isMoved()) {
                continue;
            }
            taken.add(draft);
            if (draft.isChanged() || !draft.isStored()) {
                news.add(draft);
            } else {
                again.add(draft);
            }
        }
        records.touch(again);
        quarantine.settle(taken);
        quarantine.put(waiting);
        List<List<Draft>> parts = parts(news);
        for (int i = 0; i < parts.size(); i++) {
            Derivation derivation = new Derivation(tx, model, opener, recognition, changes);
            if (i + 1 < parts.size()) {
                derivation.runAhead(parts.get(i));
            } else {
                derivation.run(parts.get(i), Map.of());
            }
        }
    }

    /**
     * What is derived in one go. Of records that all come to be, some and then the others give what all at once give; of
     * those that change or go, one may take the place of another, and then both belong together.
     */
    private static List<List<Draft>> parts(List<Draft> news) {
        if (news.size() <= PART || news.stream().anyMatch(Draft::isStored)) {
            return news.isEmpty() ? List.of() : List.of(news);
        }
        List<List<Draft>> parts = new ArrayList<>();
        for (int from = 0; from < news.size(); from += PART) {
            parts.add(news.subList(from, Math.min(news.size(), from + PART)));
        }
        return parts;
    }

    private static Draft draft(Map<RecordRef, Draft> drafts, RecordRef ref) {
        Draft draft = drafts.get(ref);
        if (draft == null) {
            throw new IllegalStateException("Every record of a batch has a draft");
        }
        return draft;
    }
}
