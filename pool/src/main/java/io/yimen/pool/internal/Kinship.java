package io.yimen.pool.internal;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What records were and are identified by, and which ones a batch may bring together or set apart: those whose links or
 * pairs changed, and every record that is connected with one of them through whatever identifiers, matching pairs or
 * rulings. Nothing outside that set can be influenced.
 */
final class Kinship {
    private final Transaction tx;
    private final Vault vault;
    private final Recognition recognition;
    private final Identifiers table;
    private final Map<RecordRef, Set<Identifiers.Value>> before = new HashMap<>();
    private final Map<RecordRef, Set<Identifiers.Value>> now = new HashMap<>();
    private final Set<RecordRef> reclustered = new HashSet<>();
    private final Set<Long> entities = new HashSet<>();
    private final Set<RecordRef> kin = new HashSet<>();
    /** By type; that of a type without match rules is absent, and the database is asked about its records. */
    private final Map<EntityType, Optional<RecordGraph>> graphs = new IdentityHashMap<>();

    /** Names of the identifiers that make records one entity. */
    private final Set<String> linking = new HashSet<>();

    /**
     * @param changed records whose claim changed, deleted ones included
     * @param again live records that are to be clustered again, with their entities
     */
    Kinship(
            Transaction tx,
            PoolModel model,
            Vault vault,
            Recognition recognition,
            Map<RecordRef, Draft> changed,
            Map<RecordRef, Long> again)
            throws SQLException {
        this.tx = tx;
        this.vault = vault;
        this.recognition = recognition;
        this.table = new Identifiers(tx);
        for (EntityType type : model.types()) {
            for (IdentifierRule rule : type.identifiers()) {
                if (rule.links()) {
                    linking.add(rule.name());
                }
            }
        }
        identify(changed, again);
        weigh(changed.values());
        close();
    }

    /** Whether the record's cluster is to be found anew. */
    boolean isReclustered(RecordRef ref) {
        return reclustered.contains(ref);
    }

    /** Entities of records that were taken in because they are connected, as far as they are known. */
    Set<Long> entities() {
        return entities;
    }

    /** Records that were taken in because they are connected, and of which it is not known to what entity they belong. */
    Set<RecordRef> kin() {
        return kin;
    }

    /** What the record was identified by before the batch. */
    Set<Identifiers.Value> before(RecordRef ref) {
        return before.getOrDefault(ref, Set.of());
    }

    /** What the record is identified by from now on. */
    Set<Identifiers.Value> now(RecordRef ref) {
        return now.getOrDefault(ref, Set.of());
    }

    /** A record as clustering sees it. */
    Clustering.Node node(RecordRef ref, DeclaredStream stream) {
        List<Clustering.Link> links = new ArrayList<>();
        Set<Identifiers.Value> values = now.getOrDefault(ref, Set.of());
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

    /** What the changed records were and are identified by; whoever's links changed is clustered again. */
    private void identify(Map<RecordRef, Draft> changed, Map<RecordRef, Long> again) throws SQLException {
        List<RecordRef> known = new ArrayList<>(again.keySet());
        for (Draft draft : changed.values()) {
            if (draft.wasLive()) {
                known.add(draft.ref());
            }
        }
        remember(known);
        again.forEach((ref, entity) -> {
            now.put(ref, before(ref));
            reclustered.add(ref);
            entities.add(entity);
        });
        for (Draft draft : changed.values()) {
            if (!draft.isLive()) {
                reclustered.add(draft.ref());
                continue;
            }
            Set<Identifiers.Value> held =
                    Identifiers.of(draft.claim().values(), draft.stream().type(), vault);
            now.put(draft.ref(), held);
            if (!draft.wasLive() || isJoined(draft.ref()) || !links(held).equals(links(before(draft.ref())))) {
                reclustered.add(draft.ref());
            }
        }
    }

    /** What records were identified by until now. */
    private void remember(List<RecordRef> known) throws SQLException {
        List<RecordRef> asked = new ArrayList<>();
        for (RecordRef ref : known) {
            RecordGraph graph = graph(ref);
            if (graph == null) {
                asked.add(ref);
            } else {
                before.put(ref, requireNonNullElse(graph.identifiersOf(ref), Set.of()));
            }
        }
        Map<RecordRef, Identifiers.Held> stored = table.of(asked);
        for (RecordRef ref : asked) {
            Identifiers.Held held = stored.get(ref);
            before.put(ref, held == null ? Set.of() : held.values());
        }
    }

    /** The records of the type that a record is of, if they are kept in memory. */
    private @Nullable RecordGraph graph(RecordRef ref) throws SQLException {
        return graph(tx.streams().get(ref.stream()).type());
    }

    private @Nullable RecordGraph graph(EntityType type) throws SQLException {
        Optional<RecordGraph> known = graphs.get(type);
        if (known == null) {
            known = Optional.ofNullable(recognition.graph(type, tx));
            graphs.put(type, known);
        }
        return known.orElse(null);
    }

    /** Whether a person joined it with others: whatever it says now may speak against that. */
    private boolean isJoined(RecordRef ref) {
        for (Ruling ruling : recognition.rulingsOf(ref)) {
            if (ruling.same().contains(ref)) {
                return true;
            }
        }
        return false;
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
        return linking.contains(value.name());
    }

    /** Follows the changed records in what weights compare; whoever's pairs changed is clustered again. */
    private void weigh(Collection<Draft> changed) throws SQLException {
        Map<EntityType, List<Draft>> weighed = new LinkedHashMap<>();
        for (Draft draft : changed) {
            EntityType type = draft.stream().type();
            if (recognition.isWeighed(type)) {
                weighed.computeIfAbsent(type, t -> new ArrayList<>()).add(draft);
            }
        }
        Set<RecordRef> stirred = new HashSet<>();
        for (Map.Entry<EntityType, List<Draft>> e : weighed.entrySet()) {
            RecordGraph graph = requireNonNull(graph(e.getKey()));
            recognition.touch(e.getKey(), e.getValue().stream().map(Draft::ref).toList(), tx);
            for (Draft draft : e.getValue()) {
                if (draft.isLive()) {
                    graph.put(draft.claim(), vault, now(draft.ref()));
                } else {
                    graph.remove(draft.ref());
                }
            }
            stirred.addAll(graph.refresh());
        }
        reclustered.addAll(stirred);
        stirred.removeAll(now.keySet());
        learnOf(stirred);
    }

    /** Takes in every record that is connected, through whatever, with one that is clustered again. */
    private void close() throws SQLException {
        Set<Identifiers.Value> seen = new HashSet<>();
        Set<RecordRef> fresh = new HashSet<>(reclustered);
        while (!fresh.isEmpty()) {
            Set<Identifiers.Value> frontier = new HashSet<>();
            Set<RecordRef> found = new HashSet<>();
            for (RecordRef ref : fresh) {
                RecordGraph graph = graph(ref);
                addHolders(before(ref), graph, seen, found, frontier);
                addHolders(now(ref), graph, seen, found, frontier);
                if (graph != null) {
                    addMatches(ref, graph, found);
                }
                for (Ruling ruling : recognition.rulingsOf(ref)) {
                    if (ruling.same().contains(ref)) {
                        found.addAll(ruling.same());
                    }
                }
            }
            if (!frontier.isEmpty()) {
                found.addAll(table.holders(frontier));
            }
            found.removeAll(reclustered);
            Set<RecordRef> unknown = new HashSet<>(found);
            unknown.removeAll(now.keySet());
            found.removeAll(learnOf(unknown));
            reclustered.addAll(found);
            fresh = found;
        }
    }

    /** Finds who else holds values that link; what the memory does not tell is to be asked. */
    private void addHolders(
            Set<Identifiers.Value> values,
            @Nullable RecordGraph graph,
            Set<Identifiers.Value> seen,
            Set<RecordRef> found,
            Set<Identifiers.Value> asked) {
        for (Identifiers.Value value : values) {
            if (!isLink(value) || !seen.add(value)) {
                continue;
            }
            if (graph == null) {
                asked.add(value);
            } else {
                graph.forEachHolder(value, found::add);
            }
        }
    }

    private static void addMatches(RecordRef ref, RecordGraph graph, Set<RecordRef> found) {
        double match = graph.rules().matchBits();
        graph.forEachPair(ref, (other, score) -> {
            if (score > match) {
                found.add(other);
            }
        });
    }

    /** Learns what records that the batch does not speak of are identified by; returns those that are not there. */
    private Set<RecordRef> learnOf(Set<RecordRef> unknown) throws SQLException {
        Set<RecordRef> absent = new HashSet<>();
        Set<RecordRef> left = new HashSet<>();
        for (RecordRef ref : unknown) {
            RecordGraph graph = graph(ref);
            Set<Identifiers.Value> values = graph == null ? null : graph.identifiersOf(ref);
            if (values != null) {
                kin.add(ref);
                before.put(ref, values);
                now.put(ref, values);
            } else {
                (graph == null ? left : absent).add(ref);
            }
        }
        table.of(left).forEach((ref, held) -> {
            left.remove(ref);
            entities.add(held.entity());
            before.put(ref, held.values());
            now.put(ref, held.values());
        });
        new SourceRecords(tx).entitiesOf(left).forEach((ref, entity) -> {
            left.remove(ref);
            entities.add(entity);
            before.put(ref, Set.of());
            now.put(ref, Set.of());
        });
        absent.addAll(left);
        return absent;
    }
}
