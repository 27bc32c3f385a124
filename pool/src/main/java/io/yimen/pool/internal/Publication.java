package io.yimen.pool.internal;

import io.yimen.pool.lineage.ContentHash;
import io.yimen.pool.lineage.Lineage;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.Scoping;
import io.yimen.pool.survivorship.Golden;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes golden records and their references, and notes what of it is news. */
final class Publication {
    private final Transaction tx;
    private final Entities entities;
    private final References references;
    private final Changes changes;
    private final Map<Long, Entities.Row> before;
    private final Set<Long> hierarchyChanged;
    private final Set<Long> referred;

    /** An entity that has no record left, and where it leads from now on, if anywhere. */
    record Ended(long id, @Nullable Long redirectTo) {}

    /**
     * @param before the entities concerned as they were
     * @param hierarchyChanged takes in the places whose place in the hierarchy changed
     * @param referred takes in the entities to which more or fewer refer than before
     */
    Publication(
            Transaction tx,
            Changes changes,
            Map<Long, Entities.Row> before,
            Set<Long> hierarchyChanged,
            Set<Long> referred) {
        this.tx = tx;
        this.entities = new Entities(tx);
        this.references = new References(tx);
        this.changes = changes;
        this.before = before;
        this.hierarchyChanged = hierarchyChanged;
        this.referred = referred;
    }

    /** Publishes what survived for each group, and what ended. */
    void publish(List<Group> groups, List<Golden> goldens, List<Ended> ended) throws SQLException {
        Set<Gate.Target> targets = new HashSet<>();
        for (Golden golden : goldens) {
            forEachReference(golden, (field, target) -> targets.add(target));
        }
        Map<Gate.Target, Long> resolved = references.resolve(targets);
        Set<Long> known = new HashSet<>();
        groups.forEach(g -> known.add(g.id));
        ended.forEach(e -> known.add(e.id));
        known.retainAll(before.keySet());
        Map<Long, Map<String, References.Row>> referencesBefore = references.of(known);
        if (!targets.isEmpty() || !known.isEmpty()) {
            tx.send();
        }

        List<Entities.Write> writes = new ArrayList<>();
        List<References.Row> referencesNow = new ArrayList<>();
        List<References.Row> referencesGone = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            Map<String, References.Row> had = new HashMap<>(referencesBefore.getOrDefault(groups.get(i).id, Map.of()));
            writes.addAll(golden(groups.get(i), goldens.get(i), resolved, had, referencesNow));
            referencesGone.addAll(had.values());
        }
        List<Entities.Ending> endings = new ArrayList<>();
        for (Ended end : ended) {
            Operation operation = end.redirectTo == null ? Operation.RETIRED : Operation.MERGED;
            endings.add(new Entities.Ending(end.id, end.redirectTo, changes.note(end.id, operation)));
            referencesGone.addAll(
                    referencesBefore.getOrDefault(end.id, Map.of()).values());
        }
        entities.save(writes);
        entities.end(endings);
        references.delete(referencesGone);
        references.save(referencesNow);
        referencesGone.forEach(this::refers);
        referencesNow.forEach(this::refers);
    }

    private void refers(References.Row row) {
        if (row.to() != null) {
            referred.add(row.to());
        }
    }

    /**
     * The golden record as it is to be written; none if nothing about it changed.
     *
     * @param had its references before; those that it still has are taken out
     */
    private List<Entities.Write> golden(
            Group group,
            Golden golden,
            Map<Gate.Target, Long> resolved,
            Map<String, References.Row> had,
            List<References.Row> referencesNow) {
        Entities.Row was = before.get(group.id);
        Map<String, Long> leads = new HashMap<>();
        boolean[] redirected = {false};
        forEachReference(golden, (field, target) -> {
            Long to = resolved.get(target);
            if (to != null) {
                leads.put(field, to);
            }
            References.Row row = new References.Row(group.id, field, target, to);
            References.Row old = had.remove(field);
            if (!row.equals(old)) {
                referencesNow.add(row);
                if (old != null) {
                    refers(old);
                }
                redirected[0] |= !Objects.equals(to, old == null ? null : old.to());
            }
        });
        for (References.Row gone : had.values()) {
            redirected[0] |= gone.to() != null;
        }
        byte[] hash = ContentHash.of(golden);
        Long place = placeOf(group, leads);
        if (group.type.scoping() == Scoping.SELF && (was == null || !was.isActive() || redirected[0])) {
            hierarchyChanged.add(group.id);
        }
        boolean active = was != null && was.isActive();
        String anchor = golden.anchor().path();
        boolean same = was != null
                && active
                && !redirected[0]
                && ContentHash.samePublished(hash, was.hash())
                && Objects.equals(place, was.place());
        if (was != null
                && same
                && Arrays.equals(hash, was.hash())
                && anchor.equals(was.anchor())
                && was.records() == group.members.size()) {
            return List.of();
        }
        Operation operation = operation(group, was);
        long seq = same ? 0 : changes.note(group.id, operation);
        // Also where nothing else is published: who looked at it has seen other records behind it.
        long version = (was == null ? 0 : was.version()) + 1;
        return List.of(new Entities.Write(
                group.id,
                was == null,
                group.type.name(),
                version,
                place,
                Published.title(golden),
                Published.fields(golden, leads),
                Lineage.pack(golden, tx.streams()::number),
                anchor,
                hash,
                group.members.size(),
                seq));
    }

    private static Operation operation(Group group, Entities.@Nullable Row was) {
        if (was == null) {
            return group.fromLiveEntity ? Operation.SPLIT : Operation.CREATED;
        }
        return was.isActive() ? Operation.UPDATED : Operation.RESTORED;
    }

    private static @Nullable Long placeOf(Group group, Map<String, Long> leads) {
        if (group.type.scoping() == Scoping.SELF) {
            return group.id;
        }
        int field = group.type.placeField().orElse(-1);
        return field < 0 ? null : leads.get(group.type.fields().get(field).name());
    }

    /** What is done with a reference of a golden record. */
    private interface ReferenceVisitor {
        void visit(String field, Gate.Target target);
    }

    private static void forEachReference(Golden golden, ReferenceVisitor visitor) {
        List<Field> fields = golden.type().fields();
        for (int i = 0; i < fields.size(); i++) {
            String value = golden.value(i);
            if (fields.get(i).isReference() && value != null) {
                visitor.visit(fields.get(i).name(), Gate.target(value));
            }
        }
    }
}
