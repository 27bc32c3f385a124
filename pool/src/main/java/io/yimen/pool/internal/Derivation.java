package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.lineage.ContentHash;
import io.yimen.pool.lineage.Lineage;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.model.Scoping;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Golden;
import io.yimen.pool.survivorship.Survivorship;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Derives golden records from claims that changed: which records are one entity, which id it has, what survives, where
 * references lead, and what of all this is news. Takes the changed claims and everything that they could influence, and
 * nothing else; what comes out is what a derivation of the whole pool would say.
 *
 * <p>For one batch.
 */
final class Derivation {
    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final SourceRecords records;
    private final Identifiers identifiers;
    private final Entities entities;
    private final References references;
    private final PlaceScopes scopes;
    private final Changes changes;

    private final Map<RecordRef, Set<Identifiers.Value>> identifiersBefore = new HashMap<>();
    private final Map<RecordRef, Set<Identifiers.Value>> identifiersNow = new HashMap<>();
    /** Records whose cluster is to be found anew. */
    private final Set<RecordRef> reclustered = new HashSet<>();
    /** Entities of all records concerned. */
    private final Set<Long> touched = new HashSet<>();
    /** Entities that are to be derived again though their records are as they were. */
    private final Set<Long> rederived = new HashSet<>();

    private final Map<RecordRef, Claim> claims = new HashMap<>();
    private final Map<RecordRef, SourceRecords.Placed> placedBefore = new HashMap<>();
    private final Map<RecordRef, SourceRecords.Placed> placedNow = new HashMap<>();
    private final Set<Long> hierarchyChanged = new HashSet<>();
    private Map<Long, Entities.Row> before = Map.of();

    Derivation(Transaction tx, PoolModel model, Vault vault, Changes changes) {
        this.tx = tx;
        this.model = model;
        this.vault = vault;
        this.changes = changes;
        this.records = new SourceRecords(tx);
        this.identifiers = new Identifiers(tx);
        this.entities = new Entities(tx);
        this.references = new References(tx);
        this.scopes = new PlaceScopes(tx);
    }

    /** A cluster on its way to become an entity. */
    private static final class Group {
        private final EntityType type;
        private final List<RecordRef> members;
        /** Entities that its records came from, with how many. */
        private final Map<Long, Integer> origins = new TreeMap<>();

        private boolean fromLiveEntity;
        private long id;

        Group(EntityType type, List<RecordRef> members) {
            this.type = type;
            this.members = members;
        }
    }

    /**
     * Derives what follows from {@code drafts} and writes all of it, the drafts included.
     *
     * @param drafts records whose claim changed or whose tombstone is new
     * @param again live records that said nothing new but are to be derived again, with their entities
     */
    void run(Collection<Draft> drafts, Map<RecordRef, Long> again) throws SQLException {
        Map<RecordRef, Draft> changed = new LinkedHashMap<>();
        List<Draft> toSave = new ArrayList<>();
        for (Draft draft : drafts) {
            toSave.add(draft);
            if (draft.wasLive() || draft.isLive()) {
                changed.put(draft.ref(), draft);
            }
        }
        identify(changed, again);
        close();
        load(changed);
        List<Group> groups = group(changed);
        assignIds(groups);
        Map<RecordRef, Identifiers.Held> held = place(groups, changed, toSave);
        identifiers.save(only(identifiersBefore, changed.keySet()), held);
        List<Golden> goldens = new ArrayList<>();
        List<Group> derived = new ArrayList<>();
        for (Group group : groups) {
            if (isAffected(group, changed)) {
                derived.add(group);
                goldens.add(Survivorship.of(
                        group.type, group.members.stream().map(this::claim).toList()));
            }
        }
        publish(derived, goldens, endings(groups));
        followReferrers(changed);
        refreshScopes();
        changes.append();
    }

    /** What the changed records were and are identified by; whoever's links changed is clustered again. */
    private void identify(Map<RecordRef, Draft> changed, Map<RecordRef, Long> again) throws SQLException {
        List<RecordRef> known = new ArrayList<>(again.keySet());
        changed.values().stream().filter(Draft::wasLive).map(Draft::ref).forEach(known::add);
        Map<RecordRef, Identifiers.Held> stored = identifiers.of(known);
        for (RecordRef ref : known) {
            Identifiers.Held held = stored.get(ref);
            identifiersBefore.put(ref, held == null ? Set.of() : held.values());
        }
        again.forEach((ref, entity) -> {
            identifiersNow.put(ref, identifiersBefore.getOrDefault(ref, Set.of()));
            reclustered.add(ref);
            rederived.add(entity);
        });
        touched.addAll(rederived);
        for (Draft draft : changed.values()) {
            if (!draft.isLive()) {
                reclustered.add(draft.ref());
                continue;
            }
            Set<Identifiers.Value> now =
                    identifiersOf(draft.claim(), draft.stream().type());
            identifiersNow.put(draft.ref(), now);
            if (!draft.wasLive() || !links(now).equals(links(identifiersBefore.getOrDefault(draft.ref(), Set.of())))) {
                reclustered.add(draft.ref());
            }
        }
    }

    private Set<Identifiers.Value> identifiersOf(Claim claim, EntityType type) {
        Set<Identifiers.Value> values = new HashSet<>();
        for (IdentifierRule rule : type.identifiers()) {
            rule.valueOf(claim.values(), type, vault)
                    .ifPresent(value -> values.add(new Identifiers.Value(rule.name(), value)));
        }
        return values;
    }

    private Set<Identifiers.Value> links(Set<Identifiers.Value> values) {
        Set<Identifiers.Value> links = new HashSet<>();
        for (Identifiers.Value value : values) {
            if (isLink(value)) {
                links.add(value);
            }
        }
        return links;
    }

    private boolean isLink(Identifiers.Value value) {
        return model.findIdentifier(value.name()).filter(i -> i.rule().links()).isPresent();
    }

    /** Takes in every record that is connected, through whatever identifiers, with one that is clustered again. */
    private void close() throws SQLException {
        Set<Identifiers.Value> seen = new HashSet<>();
        Set<Identifiers.Value> frontier = new HashSet<>();
        for (RecordRef ref : reclustered) {
            frontier.addAll(links(identifiersBefore.getOrDefault(ref, Set.of())));
            frontier.addAll(links(identifiersNow.getOrDefault(ref, Set.of())));
        }
        while (!frontier.isEmpty()) {
            seen.addAll(frontier);
            Set<RecordRef> found = identifiers.holders(frontier);
            found.removeAll(reclustered);
            reclustered.addAll(found);
            Set<RecordRef> unknown = new HashSet<>(found);
            unknown.removeAll(identifiersNow.keySet());
            identifiers.of(unknown).forEach((ref, held) -> {
                touched.add(held.entity());
                identifiersBefore.put(ref, held.values());
                identifiersNow.put(ref, held.values());
            });
            frontier = new HashSet<>();
            for (RecordRef ref : found) {
                for (Identifiers.Value value : links(identifiersNow.getOrDefault(ref, Set.of()))) {
                    if (!seen.contains(value)) {
                        frontier.add(value);
                    }
                }
            }
        }
    }

    /** Loads the entities of all records concerned, with every live record behind them. */
    private void load(Map<RecordRef, Draft> changed) throws SQLException {
        changed.values().forEach(d -> touched.add(d.storedEntity()));
        touched.remove(0L);
        before = entities.load(touched);
        records.ofEntities(touched).forEach((ref, stored) -> {
            claims.put(ref, stored.claim());
            placedBefore.put(ref, new SourceRecords.Placed(stored.entity(), stored.rule()));
        });
        for (Draft draft : changed.values()) {
            if (draft.isLive()) {
                claims.put(draft.ref(), draft.claim());
            } else {
                claims.remove(draft.ref());
            }
        }
    }

    private List<Group> group(Map<RecordRef, Draft> changed) {
        Map<EntityType, List<Clustering.Node>> nodes = new LinkedHashMap<>();
        Map<Long, List<RecordRef>> asTheyAre = new TreeMap<>();
        for (RecordRef ref : claims.keySet()) {
            DeclaredStream stream = tx.streams().get(ref.stream());
            if (reclustered.contains(ref)) {
                nodes.computeIfAbsent(stream.type(), t -> new ArrayList<>()).add(node(ref, stream));
            } else {
                SourceRecords.Placed placed = placedBefore.get(ref);
                long entity = placed == null ? 0 : placed.entity();
                asTheyAre.computeIfAbsent(entity, e -> new ArrayList<>()).add(ref);
                placedNow.put(ref, Objects.requireNonNull(placed, "an unclustered record has a place"));
            }
        }
        List<Group> groups = new ArrayList<>();
        nodes.forEach((type, ofType) -> {
            for (Clustering.Cluster cluster : Clustering.of(ofType)) {
                groups.add(new Group(
                        type,
                        cluster.members().stream().map(Clustering.Member::ref).toList()));
                for (Clustering.Member member : cluster.members()) {
                    placedNow.put(member.ref(), new SourceRecords.Placed(0, member.rule()));
                }
            }
        });
        asTheyAre.forEach((entity, members) -> {
            members.sort(Comparator.naturalOrder());
            groups.add(new Group(tx.streams().get(members.get(0).stream()).type(), members));
        });
        for (Group group : groups) {
            for (RecordRef ref : group.members) {
                SourceRecords.Placed placed = placedBefore.get(ref);
                Draft draft = changed.get(ref);
                if (placed != null) {
                    group.origins.merge(placed.entity(), 1, Integer::sum);
                    group.fromLiveEntity = true;
                } else if (draft != null && isRetired(draft.storedEntity())) {
                    // A record that comes back brings back the entity that ended with it.
                    group.origins.merge(draft.storedEntity(), 1, Integer::sum);
                }
            }
        }
        return groups;
    }

    private boolean isRetired(long entity) {
        Entities.Row row = before.get(entity);
        return row != null && row.isRetired();
    }

    private Clustering.Node node(RecordRef ref, DeclaredStream stream) {
        List<Clustering.Link> links = new ArrayList<>();
        Set<Identifiers.Value> values = identifiersNow.getOrDefault(ref, Set.of());
        for (IdentifierRule rule : stream.type().identifiers()) {
            if (rule.links()) {
                for (Identifiers.Value value : values) {
                    if (value.name().equals(rule.name())) {
                        links.add(new Clustering.Link(rule.strength(), rule.name(), value.value()));
                    }
                }
            }
        }
        return new Clustering.Node(ref, stream.uniqueRecords(), links);
    }

    /** A candidate for keeping an id. */
    private record Claimant(Group group, long id, int records) {}

    /** Ids are history: the largest part of what an entity was keeps its id; ties go to the smaller id. */
    private void assignIds(List<Group> groups) throws SQLException {
        List<Claimant> claimants = new ArrayList<>();
        for (Group group : groups) {
            group.origins.forEach((id, count) -> claimants.add(new Claimant(group, id, count)));
        }
        claimants.sort(Comparator.comparingInt(Claimant::records)
                .reversed()
                .thenComparingLong(Claimant::id)
                .thenComparing(c -> c.group.members.get(0)));
        Set<Long> free = new HashSet<>(touched);
        int unnamed = groups.size();
        for (Claimant claimant : claimants) {
            if (claimant.group.id == 0 && free.remove(claimant.id)) {
                claimant.group.id = claimant.id;
                unnamed--;
            }
        }
        List<Long> ids = entities.nextIds(unnamed);
        for (Group group : groups) {
            if (group.id == 0) {
                group.id = ids.get(--unnamed);
            }
        }
    }

    /** Writes the records with their places; returns what the changed ones are identified by from now on. */
    private Map<RecordRef, Identifiers.Held> place(
            List<Group> groups, Map<RecordRef, Draft> changed, List<Draft> toSave) throws SQLException {
        Map<RecordRef, SourceRecords.Placed> relinked = new HashMap<>();
        Map<RecordRef, Long> moved = new HashMap<>();
        Map<RecordRef, Identifiers.Held> held = new HashMap<>();
        for (Group group : groups) {
            for (RecordRef ref : group.members) {
                SourceRecords.Placed placed = Objects.requireNonNull(placedNow.get(ref));
                SourceRecords.Placed now = new SourceRecords.Placed(group.id, placed.rule());
                SourceRecords.Placed was = placedBefore.get(ref);
                placedNow.put(ref, now);
                if (changed.containsKey(ref)) {
                    held.put(ref, new Identifiers.Held(group.id, identifiersNow.getOrDefault(ref, Set.of())));
                } else if (!now.equals(was)) {
                    relinked.put(ref, now);
                }
                if (was != null && was.entity() != group.id) {
                    moved.put(ref, group.id);
                }
            }
        }
        records.save(toSave, placedNow);
        records.relink(relinked);
        identifiers.move(moved);
        return held;
    }

    private boolean isAffected(Group group, Map<RecordRef, Draft> changed) {
        Entities.Row row = before.get(group.id);
        if (row == null || !row.isActive() || row.records() != group.members.size() || rederived.contains(group.id)) {
            return true;
        }
        for (RecordRef ref : group.members) {
            SourceRecords.Placed was = placedBefore.get(ref);
            if (changed.containsKey(ref) || was == null || was.entity() != group.id) {
                return true;
            }
        }
        return false;
    }

    private Claim claim(RecordRef ref) {
        return Objects.requireNonNull(claims.get(ref), "every member has a claim");
    }

    private record Ended(long id, @Nullable Long redirectTo) {}

    /** Entities that have no record left: merged into where most of their records went, or retired. */
    private List<Ended> endings(List<Group> groups) {
        Map<Long, Group> heirs = new HashMap<>();
        Set<Long> kept = new HashSet<>();
        for (Group group : groups) {
            kept.add(group.id);
            group.origins.forEach((id, count) -> {
                Group heir = heirs.get(id);
                if (heir == null || isBetterHeir(group, heir, id, count)) {
                    heirs.put(id, group);
                }
            });
        }
        List<Ended> ended = new ArrayList<>();
        touched.stream().sorted().forEach(id -> {
            Entities.Row row = before.get(id);
            if (row != null && row.isActive() && !kept.contains(id)) {
                Group heir = heirs.get(id);
                ended.add(new Ended(id, heir == null ? null : heir.id));
            }
        });
        return ended;
    }

    private static boolean isBetterHeir(Group group, Group heir, long id, int count) {
        int heirCount = heir.origins.getOrDefault(id, 0);
        return count > heirCount || (count == heirCount && group.id < heir.id);
    }

    private void publish(List<Group> groups, List<Golden> goldens, List<Ended> ended) throws SQLException {
        Set<Gate.Target> targets = new HashSet<>();
        for (Golden golden : goldens) {
            forEachReference(golden, (field, target) -> targets.add(target));
        }
        Map<Gate.Target, Long> resolved = targets.isEmpty() ? Map.of() : references.resolve(targets);
        Set<Long> known = new HashSet<>();
        groups.forEach(g -> known.add(g.id));
        ended.forEach(e -> known.add(e.id));
        known.retainAll(before.keySet());
        Map<Long, Map<String, References.Row>> referencesBefore = references.of(known);

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
                && java.util.Arrays.equals(hash, was.hash())
                && anchor.equals(was.anchor())
                && was.records() == group.members.size()) {
            return List.of();
        }
        Operation operation = operation(group, was);
        long seq = same ? 0 : changes.note(group.id, operation);
        long version = (was == null ? 0 : was.version()) + (same ? 0 : 1);
        return List.of(new Entities.Write(
                group.id,
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

    /** Resolves again whatever refers to records and identifiers that came, went or moved. */
    private void followReferrers(Map<RecordRef, Draft> changed) throws SQLException {
        Set<Gate.Target> stirred = new HashSet<>();
        Set<RecordRef> refs = new HashSet<>(changed.keySet());
        placedNow.forEach((ref, now) -> {
            SourceRecords.Placed was = placedBefore.get(ref);
            if (was == null || was.entity() != now.entity()) {
                refs.add(ref);
            }
        });
        for (RecordRef ref : refs) {
            SourceRecords.Placed was = placedBefore.get(ref);
            SourceRecords.Placed now = placedNow.get(ref);
            boolean sameEntity = was != null && now != null && was.entity() == now.entity();
            Set<Identifiers.Value> had = identifiersBefore.getOrDefault(ref, Set.of());
            Set<Identifiers.Value> has = identifiersNow.getOrDefault(ref, Set.of());
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
        if (stirred.isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>(model.identifierNames());
        names.add(References.RECORD);
        Set<String> used = references.inUse(names);
        stirred.removeIf(t -> !used.contains(t.name()));
        if (stirred.isEmpty()) {
            return;
        }
        List<References.Row> referrers = references.referrers(stirred);
        if (referrers.isEmpty()) {
            return;
        }
        Set<Gate.Target> targets = new HashSet<>();
        referrers.forEach(r -> targets.add(r.target()));
        Map<Gate.Target, Long> resolved = references.resolve(targets);
        List<References.Row> redirected = new ArrayList<>();
        for (References.Row row : referrers) {
            Long to = resolved.get(row.target());
            if (!Objects.equals(to, row.to())) {
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

    private void refreshScopes() throws SQLException {
        for (EntityType type : model.types()) {
            if (type.scoping() == Scoping.SELF && !hierarchyChanged.isEmpty()) {
                String upward = type.placeField().isPresent()
                        ? type.fields().get(type.placeField().getAsInt()).name()
                        : "";
                scopes.refresh(hierarchyChanged, type.name(), upward);
            }
        }
    }

    private static <V> Map<RecordRef, V> only(Map<RecordRef, V> all, Set<RecordRef> refs) {
        Map<RecordRef, V> some = new HashMap<>();
        for (RecordRef ref : refs) {
            V value = all.get(ref);
            if (value != null) {
                some.put(ref, value);
            }
        }
        return some;
    }
}
