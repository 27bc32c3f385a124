package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.correction.End;
import io.yimen.pool.correction.Overlay;
import io.yimen.pool.correction.Standing;
import io.yimen.pool.correction.State;
import io.yimen.pool.correction.TicketState;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.survivorship.Golden;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** What corrections make of golden records while they are derived, and what becomes of corrections by it. For one derivation. */
final class Corrected {
    private final PoolModel model;
    private final Recognition recognition;
    private final Transaction tx;
    private final CorrectionTable corrections;
    private final TicketTable tickets;
    private final WriteBackTable writeBacks;
    private final List<CorrectionTable.Fate> fates = new ArrayList<>();
    private final Map<Long, String> events = new TreeMap<>();
    private final Map<RecordRef, Claim> claims = new HashMap<>();
    private Map<Long, List<CorrectionTable.Attached>> byEntity = Map.of();

    Corrected(Transaction tx, PoolModel model, Recognition recognition) {
        this.tx = tx;
        this.model = model;
        this.recognition = recognition;
        this.corrections = new CorrectionTable(tx);
        this.tickets = new TicketTable(tx);
        this.writeBacks = new WriteBackTable(tx);
    }

    /**
     * Entities whose corrections may have come or gone because records appeared or vanished: a correction belongs to the
     * entity of the first of its records that is live.
     */
    Set<Long> kin(Collection<Draft> drafts) throws SQLException {
        Set<RecordRef> turned = new HashSet<>();
        if (recognition.isCorrected()) {
            for (Draft draft : drafts) {
                if (draft.wasLive() != draft.isLive()) {
                    turned.add(draft.ref());
                }
            }
        }
        return corrections.kin(turned);
    }

    /** Reads what bears on these entities; after all records have their place. */
    void load(Collection<Group> groups) throws SQLException {
        if (recognition.isCorrected() && !groups.isEmpty()) {
            byEntity = corrections.ofEntities(groups.stream().map(g -> g.id).toList(), model);
        }
    }

    /** What is published of an entity. */
    Golden over(long entity, Golden golden) {
        if (!recognition.isCorrected()) {
            return golden;
        }
        golden.claims().forEach(c -> claims.put(c.ref(), c));
        List<CorrectionTable.Attached> attached = byEntity.get(entity);
        if (attached == null) {
            return golden;
        }
        Map<Standing, CorrectionTable.Attached> stored = new HashMap<>();
        attached.forEach(a -> stored.put(a.standing(), a));
        List<Standing> inForce = new ArrayList<>();
        for (Overlay.Judged judged : Overlay.judge(golden.claims(), stored.keySet())) {
            note(Objects.requireNonNull(stored.get(judged.correction())), judged);
            if (judged.verdict() != Overlay.Verdict.AGREED) {
                inForce.add(judged.correction());
            }
        }
        return Overlay.over(golden, inForce);
    }

    private void note(CorrectionTable.Attached was, Overlay.Judged judged) {
        long id = was.standing().id();
        String against = corrections.against(judged);
        switch (judged.verdict()) {
            case AGREED -> {
                fates.add(new CorrectionTable.Fate(id, State.RETIRED, End.AGREED, null));
                events.put(id, End.AGREED.name());
            }
            case IN_CONFLICT -> {
                boolean known = was.state() == State.IN_CONFLICT && Objects.equals(against, was.against());
                if (!known) {
                    fates.add(new CorrectionTable.Fate(id, State.IN_CONFLICT, null, against));
                    events.put(id, State.IN_CONFLICT.name());
                }
            }
            case STANDS -> {
                if (was.state() != State.STANDING) {
                    fates.add(new CorrectionTable.Fate(id, State.STANDING, null, null));
                    events.put(id, State.STANDING.name());
                }
            }
        }
    }

    /** Writes what became of corrections and of their tickets. */
    void settle(Collection<Group> groups, Collection<Draft> drafts) throws SQLException {
        if (!recognition.isCorrected()) {
            return;
        }
        tickets.closeGone(
                drafts.stream().filter(d -> !d.isLive()).map(Draft::ref).toList());
        List<Long> fixed = new ArrayList<>();
        for (TicketTable.Open open :
                tickets.ofEntities(groups.stream().map(g -> g.id).toList())) {
            Claim claim = claims.get(open.record());
            int field = model.getType(open.entityType()).indexOf(open.field());
            if (claim != null
                    && Objects.requireNonNullElse(claim.value(field), "").equals(open.value())) {
                fixed.add(open.id());
            }
        }
        tickets.close(fixed, TicketState.FIXED);
        // Whoever wrote it may have been killed before he could report it, and would not be asked again.
        writeBacks.written(fixed);
        corrections.update(fates);
        corrections.note(CorrectionTable.ITSELF, events, null);
        List<Long> ended = fates.stream()
                .filter(f -> f.state() == State.RETIRED)
                .map(CorrectionTable.Fate::id)
                .toList();
        tickets.cancel(ended);
        recognition.corrected(tx.db(), -ended.size());
    }
}
