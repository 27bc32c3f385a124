package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.model.EntityType;
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
    private final Survivorship survivorship;
    private final SourceRecords records;
    private final Identifiers identifiers;
    private final Entities entities;
    private final Changes changes;
    private final Set<Long> hierarchyChanged = new HashSet<>();

    /** Entities of all records concerned. */
    private final Set<Long> touched = new HashSet<>();
    /** Entities that are to be derived again though their records are as they were. */
    private final Set<Long> rederived = new HashSet<>();

    private final Map<RecordRef, Claim> claims = new HashMap<>();
    private final Map<RecordRef, SourceRecords.Placed> placedBefore = new HashMap<>();
    private final Map<RecordRef, SourceRecords.Placed> placedNow = new HashMap<>();
    private Map<Long, Entities.Row> before = Map.of();

    Derivation(Transaction tx, PoolModel model, Vault vault, Survivorship survivorship, Changes changes) {
        this.tx = tx;
        this.model = model;
        this.vault = vault;
        this.survivorship = survivorship;
        this.changes = changes;
        this.records = new SourceRecords(tx);
        this.identifiers = new Identifiers(tx);
        this.entities = new Entities(tx);
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
        Kinship kinship = new Kinship(identifiers, model, vault, changed, again);
        rederived.addAll(again.values());
        load(changed, kinship);
        List<Group> groups = group(changed, kinship);
        assignIds(groups);
        place(groups, changed, toSave, kinship);
        List<Golden> goldens = new ArrayList<>();
        List<Group> derived = new ArrayList<>();
        for (Group group : groups) {
            if (isAffected(group, changed)) {
                derived.add(group);
                goldens.add(survivorship.of(
                        group.type, group.members.stream().map(this::claim).toList()));
            }
        }
        new Publication(tx, changes, before, hierarchyChanged).publish(derived, goldens, endings(groups));
        followReferrers(changed, kinship);
        refreshScopes();
        changes.append();
    }

    /** Loads the entities of all records concerned, with every live record behind them. */
    private void load(Map<RecordRef, Draft> changed, Kinship kinship) throws SQLException {
        touched.addAll(kinship.entities());
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

    private List<Group> group(Map<RecordRef, Draft> changed, Kinship kinship) {
        Map<EntityType, List<Clustering.Node>> nodes = new LinkedHashMap<>();
        Map<Long, List<RecordRef>> asTheyAre = new TreeMap<>();
        for (RecordRef ref : claims.keySet()) {
            DeclaredStream stream = tx.streams().get(ref.stream());
            if (kinship.isReclustered(ref)) {
                nodes.computeIfAbsent(stream.type(), t -> new ArrayList<>()).add(kinship.node(ref, stream));
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

    /** Writes the records with their places, and what they are identified by. */
    private void place(List<Group> groups, Map<RecordRef, Draft> changed, List<Draft> toSave, Kinship kinship)
            throws SQLException {
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
                    held.put(ref, new Identifiers.Held(group.id, kinship.now(ref)));
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
        Map<RecordRef, Set<Identifiers.Value>> had = new HashMap<>();
        changed.keySet().forEach(ref -> had.put(ref, kinship.before(ref)));
        identifiers.save(had, held);
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

    /** Entities that have no record left: merged into where most of their records went, or retired. */
    private List<Publication.Ended> endings(List<Group> groups) {
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
        List<Publication.Ended> ended = new ArrayList<>();
        touched.stream().sorted().forEach(id -> {
            Entities.Row row = before.get(id);
            if (row != null && row.isActive() && !kept.contains(id)) {
                Group heir = heirs.get(id);
                ended.add(new Publication.Ended(id, heir == null ? null : heir.id));
            }
        });
        return ended;
    }

    private static boolean isBetterHeir(Group group, Group heir, long id, int count) {
        int heirCount = heir.origins.getOrDefault(id, 0);
        return count > heirCount || (count == heirCount && group.id < heir.id);
    }

    private void followReferrers(Map<RecordRef, Draft> changed, Kinship kinship) throws SQLException {
        Referrers referrers = new Referrers(tx, model, changes, hierarchyChanged);
        Set<RecordRef> refs = new HashSet<>(changed.keySet());
        refs.addAll(placedNow.keySet());
        for (RecordRef ref : refs) {
            SourceRecords.Placed was = placedBefore.get(ref);
            SourceRecords.Placed now = placedNow.get(ref);
            boolean sameEntity = was != null && now != null && was.entity() == now.entity();
            if (!sameEntity || changed.containsKey(ref)) {
                referrers.stir(ref, sameEntity, kinship.before(ref), kinship.now(ref));
            }
        }
        referrers.follow();
    }

    private void refreshScopes() throws SQLException {
        for (EntityType type : model.types()) {
            if (type.scoping() == Scoping.SELF && !hierarchyChanged.isEmpty()) {
                String upward = type.placeField().isPresent()
                        ? type.fields().get(type.placeField().getAsInt()).name()
                        : "";
                new PlaceScopes(tx).refresh(hierarchyChanged, type.name(), upward);
            }
        }
    }
}
