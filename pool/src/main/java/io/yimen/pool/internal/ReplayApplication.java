package io.yimen.pool.internal;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.ledger.Effects;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Effect;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.ReplayedRecord;
import io.yimen.pool.quarantine.Waiting;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step of a replay within a transaction that holds the pool's lock. Each record is a batch of its own, applied as
 * any other batch is: so that it is known which change comes from which record, and so that what a dry run tells is
 * what the replay does.
 */
public final class ReplayApplication {
    private static final String STALE =
            "The pool holds this record as the source said it later: there is nothing to replay";

    private final Connection db;
    private final Streams streams;
    private final PoolModel model;
    private final Vault vault;
    private final Audit audit;
    private final Apply apply;
    private final WaitingRecords records;
    private final Runs runs;
    private final Effects effects;

    /** The pool's ordinary way of applying a batch, within the same transaction. */
    @FunctionalInterface
    public interface Apply {
        ApplyResult apply(Batch batch) throws SQLException;
    }

    /** What became of a record, before it is told. */
    private record Verdict(
            Outcome outcome,
            @Nullable String reason,
            @Nullable String field,
            @Nullable String message,
            @Nullable ApplyResult applied) {}

    public ReplayApplication(
            Connection db, Streams streams, PoolModel model, Vault vault, Audit audit, Runs runs, Apply apply) {
        this.db = db;
        this.streams = streams;
        this.model = model;
        this.vault = vault;
        this.audit = audit;
        this.apply = apply;
        this.runs = runs;
        this.records = new WaitingRecords(db, streams, vault, runs.now());
        this.effects = new Effects(model, vault);
    }

    /** Replays the next records. */
    public ReplayStep step(Replay replay, Remapping remapping) throws SQLException {
        // A run that was ended from elsewhere ends here, be there something to do or not.
        runs.count(replay.run(), Map.of(), streams);
        List<Waiting> page = records.next(replay);
        List<ReplayedRecord> done = new ArrayList<>();
        Map<StreamId, Counts> counts = new HashMap<>();
        int changes = 0;
        long lastChange = 0;
        for (Waiting record : page) {
            Verdict verdict = take(record, replay.run(), remapping);
            runs.count(replay.run(), refusal(record, verdict), streams);
            counts.merge(record.stream(), count(verdict.outcome()), Counts::plus);
            List<Effect> all = List.of();
            int allEffects = 0;
            ApplyResult applied = verdict.applied();
            if (applied != null && applied.changes() > 0) {
                changes += applied.changes();
                lastChange = applied.lastChange();
                allEffects = applied.changes();
                all = effects.after(db, lastChange - applied.changes(), ReplayedRecord.MOST_EFFECTS);
            }
            records.settle(record, replay, verdict.outcome(), verdict.reason(), verdict.field(), verdict.message());
            audit.append(
                    db,
                    replay.decision().actor(),
                    "REPLAY",
                    "quarantine/" + record.id(),
                    detail(record, replay, verdict));
            done.add(new ReplayedRecord(
                    record.id(),
                    record.stream(),
                    record.key(),
                    record.position(),
                    verdict.outcome(),
                    verdict.reason(),
                    verdict.field(),
                    verdict.message(),
                    record.edited() != null,
                    all,
                    allEffects));
        }
        Replay.After next = null;
        if (page.size() == replay.limit()) {
            Waiting last = page.get(page.size() - 1);
            next = new Replay.After(last.stream().stream(), last.key());
        }
        return new ReplayStep(done, counts, next, 0, changes, lastChange);
    }

    private Verdict take(Waiting record, long run, Remapping remapping) throws SQLException {
        Remapped said = remapping.remap(record);
        if (said instanceof Remapped.Refused refused) {
            return refused(refused.reason(), refused.field(), refused.message());
        }
        ChangeEvent event = ((Remapped.Read) said)
                .eventOf(record, streams.get(record.stream()).type().name());
        // A record that the gate turns away would pass for a repeat of the one that waits at the same position.
        Rejected rejected =
                new Gate(model, vault).pass(event, streams.get(record.stream())).rejected();
        if (rejected != null) {
            return refused(rejected.reason(), rejected.field(), rejected.message());
        }
        ApplyResult applied = apply.apply(
                new Batch(run, Runs.replayFeed(record.stream().source()), null, List.of(event), List.of(), List.of()));
        Counts counts = applied.counts().getOrDefault(record.stream(), Counts.ZERO);
        if (counts.stale() > 0) {
            return new Verdict(Outcome.STALE, null, null, STALE, applied);
        }
        if (counts.withheld() > 0) {
            return new Verdict(Outcome.WITHHELD, null, null, null, applied);
        }
        return new Verdict(counts.applied() > 0 ? Outcome.APPLIED : Outcome.UNCHANGED, null, null, null, applied);
    }

    private static Verdict refused(String reason, @Nullable String field, String message) {
        return new Verdict(Outcome.QUARANTINED, reason, field, message, null);
    }

    /** Batches count themselves; what never became one is counted here. */
    private static Map<StreamId, Counts> refusal(Waiting record, Verdict verdict) {
        return verdict.applied() == null ? Map.of(record.stream(), count(verdict.outcome())) : Map.of();
    }

    private static Counts count(Outcome outcome) {
        return switch (outcome) {
            case APPLIED -> new Counts(1, 1, 0, 0, 0);
            case UNCHANGED -> new Counts(1, 0, 1, 0, 0);
            case STALE -> new Counts(1, 0, 0, 1, 0);
            case QUARANTINED -> new Counts(1, 0, 0, 0, 1);
            case WITHHELD -> new Counts(1, 0, 0, 0, 0, 1);
        };
    }

    private static Map<String, Object> detail(Waiting record, Replay replay, Verdict verdict) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("run", replay.run());
        detail.put("outcome", verdict.outcome().name());
        detail.put("why", replay.decision().why());
        detail.put("edited", record.edited() != null);
        if (verdict.reason() != null) {
            detail.put("reason", Objects.requireNonNull(verdict.reason()));
        }
        return detail;
    }
}
