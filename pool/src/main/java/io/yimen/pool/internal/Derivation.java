package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.identity.Ruling;
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
    /** Records from which on the server writes while this goes on. */
    private static final int MANY = 500;

    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final Survivorship survivorship;
    private final Recognition recognition;
    private final SourceRecords records;
    private final Identifiers identifiers;
    private final Entities entities;
    private final Changes changes;
    private final Set<Long> hierarchyChanged = new HashSet<>();
    private final Set<Long> referred = new HashSet<>();

    /** Entities of all records concerned. */
    private final Set<Long> touched = new HashSet<>();
    /** Entities that are to be derived again though their records are as they were. */
    private final Set<Long> rederived = new HashSet<>();

    private final Map<RecordRef, Claim> claims = new HashMap<>();
    private final Map<RecordRef, SourceRecords.Placed> placedBefore = new HashMap<>();
    private final Map<RecordRef, SourceRecords.Placed> placedNow = new HashMap<>();
    private Map<Long, Entities.Row> before = Map.of();
    private List<Group> groups = List.of();
    private Set<RecordRef> leaving = Set.of();

    Derivation(Transaction tx, PoolModel model, Vault vault, Recognition recognition, Changes changes) {
        this.tx = tx;
        this.model = model;
        this.vault = vault;
        this.survivorship = recognition.survivorship().with(vault);
        this.recognition = recognition;
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
        try {
            derive(drafts, again);
            tx.send();
        } catch (SQLException | RuntimeException | Error e) {
            tx.settle();
            throw e;
        }
    }

    /** The same, of which the last is on its way only: more is to come in this transaction. */
    void runAhead(Collection<Draft> drafts) throws SQLException {
        try {
            derive(drafts, Map.of());
            tx.sendAhead();
        } catch (SQLException | RuntimeException | Error e) {
            tx.settle();
            throw e;
        }
    }

    private void derive(Collection<Draft> drafts, Map<RecordRef, Long> again) throws SQLException {
        Map<RecordRef, Draft> changed = new LinkedHashMap<>();
        List<Draft> toSave = new ArrayList<>();
        for (Draft draft : drafts) {
            toSave.add(draft);
            if (draft.wasLive() || draft.isLive()) {
                changed.put(draft.ref(), draft);
            }
        }
        Kinship kinship = new Kinship(tx, model, vault, recognition, changed, again);
        rederived.addAll(again.values());
        Corrected corrected = new Corrected(tx, model, recognition);
        rederived.addAll(corrected.kin(toSave));
        load(changed, kinship);
        groups = group(changed, kinship);
        assignIds();
        place(changed, toSave, kinship);
        if (toSave.size() >= MANY) {
            tx.sendAhead();
        }
        List<Group> derived =
                groups.stream().filter(g -> isAffected(g, changed)).toList();
        corrected.load(derived);
        List<Golden> goldens = new ArrayList<>();
        for (Group group : derived) {
            goldens.add(corrected.over(group.id, survivorship.of(group.type, claims(group))));
        }
        corrected.settle(derived, toSave);
        List<Publication.Ended> endings = endings();
        new Publication(tx, changes, before, hierarchyChanged, referred).publish(derived, goldens, endings);
        followReferrers(changed, kinship);
        review(kinship, endings);
        refreshScopes();
        changes.append();
    }

    /** Loads the entities of all records concerned, with every live record behind them. */
    private void load(Map<RecordRef, Draft> changed, Kinship kinship) throws SQLException {
        touched.addAll(kinship.entities());
        touched.addAll(rederived);
        changed.values().forEach(d -> touched.add(d.storedEntity()));
        touched.remove(0L);
        before = records.ofEntities(touched, kinship.kin(), (stored, placed) -> {
            claims.put(stored.ref(), stored);
            placedBefore.put(stored.ref(), placed);
        });
        touched.addAll(before.keySet());
        for (Draft draft : changed.values()) {
            if (draft.isLive()) {
                claims.put(draft.ref(), draft.claim());
            } else {
                claims.remove(draft.ref());
            }
        }
    }

    private List<Group> group(Map<RecordRef, Draft> changed, Kinship kinship) throws SQLException {
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
        List<Group> found = new ArrayList<>();
        for (Map.Entry<EntityType, List<Clustering.Node>> e : nodes.entrySet()) {
            RecordGraph graph = recognition.graph(e.getKey(), tx);
            Collection<Ruling> rulings = recognition.rulingsOf(
                    e.getValue().stream().map(Clustering.Node::ref).toList());
            for (Clustering.Cluster cluster : Clustering.of(e.getValue(), rulings, graph)) {
                List<RecordRef> members = new ArrayList<>(cluster.members().size());
                cluster.members().forEach(m -> members.add(m.ref()));
                found.add(new Group(e.getKey(), members));
                for (Clustering.Member member : cluster.members()) {
                    boolean possible = graph != null && isPossibleElsewhere(member.ref(), members, graph);
                    placedNow.put(member.ref(), new SourceRecords.Placed(0, member.rule(), possible));
                }
            }
        }
        asTheyAre.forEach((entity, members) -> {
            members.sort(Comparator.naturalOrder());
            found.add(new Group(tx.streams().get(members.get(0).stream()).type(), members));
        });
        for (Group group : found) {
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
        return found;
    }

    /** Whether a record might be one with a record outside its group, and nobody said that it is not. */
    private boolean isPossibleElsewhere(RecordRef ref, List<RecordRef> members, RecordGraph graph) {
        boolean[] possible = {false};
        Collection<Ruling> rulings = recognition.rulingsOf(ref);
        graph.forEachPair(
                ref,
                (other, score) -> possible[0] |=
                        !members.contains(other) && rulings.stream().noneMatch(r -> r.keepsApart(ref, other)));
        return possible[0];
    }

    private boolean isRetired(long entity) {
        Entities.Row row = before.get(entity);
        return row != null && row.isRetired();
    }

    private void assignIds() throws SQLException {
        int unnamed = Group.keepIds(groups, touched, leaving);
        List<Long> ids = recognition.nextIds(unnamed, entities);
        for (Group group : groups) {
            if (group.id == 0) {
                group.id = ids.get(--unnamed);
            }
        }
    }

    /** Writes the records with their places, and what they are identified by. */
    private void place(Map<RecordRef, Draft> changed, List<Draft> toSave, Kinship kinship) throws SQLException {
        Map<RecordRef, SourceRecords.Placed> relinked = new HashMap<>();
        Map<RecordRef, Long> moved = new HashMap<>();
        Map<RecordRef, Identifiers.Held> held = new HashMap<>();
        for (Group group : groups) {
            for (RecordRef ref : group.members) {
                SourceRecords.Placed placed = Objects.requireNonNull(placedNow.get(ref));
                SourceRecords.Placed now = new SourceRecords.Placed(group.id, placed.rule(), placed.possible());
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

    private List<Claim> claims(Group group) {
        List<Claim> said = new ArrayList<>(group.members.size());
        for (RecordRef ref : group.members) {
            said.add(Objects.requireNonNull(claims.get(ref), "every member has a claim"));
        }
        return said;
    }

    /** Entities that have no record left: merged into where most of their records went, or retired. */
    private List<Publication.Ended> endings() {
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

    /** Finds anew what waits for a person of all that was clustered again. */
    private void review(Kinship kinship, List<Publication.Ended> endings) throws SQLException {
        List<Group> clustered = new ArrayList<>();
        for (Group group : groups) {
            if (recognition.isWeighed(group.type) && isReclustered(group, kinship)) {
                clustered.add(group);
            }
        }
        Set<Long> known = new HashSet<>();
        clustered.forEach(g -> known.add(g.id));
        known.retainAll(before.keySet());
        for (Publication.Ended end : endings) {
            Entities.Row row = before.get(end.id());
            if (row != null && recognition.isWeighed(model.getType(row.type()))) {
                known.add(end.id());
            }
        }
        Map<RecordRef, Long> placed = new HashMap<>();
        placedNow.forEach((ref, now) -> placed.put(ref, now.entity()));
        ReviewTable reviews = new ReviewTable(tx, recognition);
        reviews.refresh(clustered, known, placed);
        reviews.count(referred);
    }

    private static boolean isReclustered(Group group, Kinship kinship) {
        for (RecordRef ref : group.members) {
            if (kinship.isReclustered(ref)) {
                return true;
            }
        }
        return false;
    }

    /** A person takes these records out of their entity: of two equal parts the other one keeps the id. */
    Derivation leaving(Set<RecordRef> records) {
        leaving = records;
        return this;
    }

    /** The entities concerned as they were. */
    Map<Long, Entities.Row> before() {
        return before;
    }

    /** The entities concerned as they are now, each with its records. */
    List<Group> groups() {
        return groups;
    }

    private void followReferrers(Map<RecordRef, Draft> changed, Kinship kinship) throws SQLException {
        Referrers referrers = new Referrers(tx, model, changes, hierarchyChanged, referred);
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
