package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.model.Scoping;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Entities that refer to records or identifiers which came, went or moved: their references are resolved again. */
final class Referrers {
    /** Targets for which it does not pay to ask first which of their names are used at all. */
    private static final int FEW = 64;

    private final Transaction tx;
    private final PoolModel model;
    private final Entities entities;
    private final References references;
    private final Changes changes;
    private final Set<Long> hierarchyChanged;
    private final Set<Long> referred;
    private final Set<Gate.Target> stirred = new HashSet<>();

    /**
     * @param hierarchyChanged takes in the places whose place in the hierarchy changed
     * @param referred takes in the entities to which more or fewer refer than before
     */
    Referrers(Transaction tx, PoolModel model, Changes changes, Set<Long> hierarchyChanged, Set<Long> referred) {
        this.tx = tx;
        this.model = model;
        this.entities = new Entities(tx);
        this.references = new References(tx);
        this.changes = changes;
        this.hierarchyChanged = hierarchyChanged;
        this.referred = referred;
    }

    /**
     * Notes that a record came, went, moved to another entity or is identified otherwise.
     *
     * @param sameEntity whether it belongs to the entity that it belonged to
     */
    void stir(RecordRef ref, boolean sameEntity, Set<Identifiers.Value> had, Set<Identifiers.Value> has) {
        if (!sameEntity) {
            stirred.add(References.record(ref.stream(), ref.key()));
        }
        for (Identifiers.Value value : had) {
            if (!sameEntity || !has.contains(value)) {
                stirred.add(new Gate.Target(value.name(), value.value()));
            }
        }
        for (Identifiers.Value value : has) {
            if (!sameEntity || !had.contains(value)) {
                stirred.add(new Gate.Target(value.name(), value.value()));
            }
        }
    }

    /** Resolves again whatever refers to what was stirred. */
    void follow() throws SQLException {
        if (stirred.isEmpty()) {
            return;
        }
        if (stirred.size() > FEW) {
            List<String> names = new ArrayList<>(model.identifierNames());
            names.add(References.RECORD);
            Set<String> used = references.inUse(names);
            stirred.removeIf(t -> !used.contains(t.name()));
            if (stirred.isEmpty()) {
                return;
            }
        }
        List<References.Row> referrers = references.referrers(stirred);
        if (referrers.isEmpty()) {
            return;
        }
        Set<Gate.Target> targets = new HashSet<>();
        referrers.forEach(r -> targets.add(r.target()));
        Map<Gate.Target, Long> resolved = references.resolve(targets);
        tx.send();
        List<References.Row> redirected = new ArrayList<>();
        for (References.Row row : referrers) {
            Long to = resolved.get(row.target());
            if (!Objects.equals(to, row.to())) {
                for (Long end : new Long[] {to, row.to()}) {
                    if (end != null) {
                        referred.add(end);
                    }
                }
                redirected.add(new References.Row(row.entity(), row.field(), row.target(), to));
            }
        }
        patch(redirected);
    }

    private void patch(List<References.Row> redirected) throws SQLException {
        if (redirected.isEmpty()) {
            return;
        }
        references.save(redirected);
        Map<Long, List<References.Row>> byEntity = new TreeMap<>();
        redirected.forEach(r ->
                byEntity.computeIfAbsent(r.entity(), e -> new ArrayList<>()).add(r));
        Map<Long, Entities.Row> rows = entities.load(byEntity.keySet());
        tx.send();
        List<Entities.Patch> patches = new ArrayList<>();
        byEntity.forEach((id, changedRows) -> {
            EntityType type = model.getType(Objects.requireNonNull(rows.get(id)).type());
            String placeField = type.placeField().isPresent()
                    ? type.fields().get(type.placeField().getAsInt()).name()
                    : "";
            boolean replacePlace = false;
            Long place = null;
            JsonText json = new JsonText().object();
            for (References.Row row : changedRows) {
                Long to = row.to();
                json.key(row.field());
                if (to == null) {
                    json.nothing();
                } else {
                    json.number(to);
                }
                if (row.field().equals(placeField)) {
                    if (type.scoping() == Scoping.SELF) {
                        hierarchyChanged.add(id);
                    } else {
                        replacePlace = true;
                        place = to;
                    }
                }
            }
            patches.add(new Entities.Patch(
                    id, json.end().toString(), replacePlace, place, changes.note(id, Operation.UPDATED)));
        });
        entities.patch(patches);
    }
}
