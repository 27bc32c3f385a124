package io.yimen.pool;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.correction.Overlay;
import io.yimen.pool.correction.Standing;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.internal.DeclaredStream;
import io.yimen.pool.internal.Gate;
import io.yimen.pool.internal.RecordGraph;
import io.yimen.pool.lineage.ContentHash;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Golden;
import io.yimen.pool.survivorship.Survivorship;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All golden records that follow from a set of claims, derived in one go and from nothing else. */
public final class Derived {
    private final Map<RecordRef, Golden> byRecord = new HashMap<>();
    private final Map<Gate.Target, Set<Golden>> byIdentifier = new HashMap<>();
    private final List<Golden> goldens = new ArrayList<>();

    private Derived() {}

    /**
     * @param recognised match rules by entity type
     * @param rulings what people decided, in any order
     * @param corrections what people put right, by entity type
     */
    static Derived of(
            PoolModel model,
            Vault vault,
            Survivorship survivorship,
            Map<String, Learned> recognised,
            Collection<Ruling> rulings,
            Map<String, List<Standing>> corrections,
            Map<StreamId, DeclaredStream> streams,
            Iterable<Claim> claims) {
        Derived derived = new Derived();
        Map<EntityType, List<Clustering.Node>> nodes = new LinkedHashMap<>();
        Map<RecordRef, Claim> byRef = new HashMap<>();
        Map<RecordRef, List<Gate.Target>> identifiers = new HashMap<>();
        for (Claim claim : claims) {
            DeclaredStream stream = streams.get(claim.ref().stream());
            if (stream == null) {
                throw new PoolException(
                        PoolException.Kind.INVALID, claim.ref().stream() + " was not declared to the pool");
            }
            byRef.put(claim.ref(), claim);
            List<Clustering.Link> links = new ArrayList<>();
            for (IdentifierRule rule : stream.type().identifiers()) {
                rule.valueOf(claim.values(), stream.type(), vault).ifPresent(value -> {
                    identifiers
                            .computeIfAbsent(claim.ref(), r -> new ArrayList<>())
                            .add(new Gate.Target(rule.name(), value));
                    if (rule.links()) {
                        links.add(new Clustering.Link(rule.strength(), rule.name(), value));
                    }
                });
            }
            nodes.computeIfAbsent(stream.type(), t -> new ArrayList<>())
                    .add(new Clustering.Node(claim.ref(), stream.uniqueRecords(), links));
        }
        nodes.forEach((type, ofType) -> {
            RecordGraph graph = graph(type, vault, recognised, streams, byRef.values());
            Map<RecordRef, List<Standing>> corrected =
                    byFirstLive(corrections.getOrDefault(type.name(), List.of()), byRef.keySet());
            for (Clustering.Cluster cluster : Clustering.of(ofType, rulings, graph)) {
                List<Claim> members = new ArrayList<>();
                List<Standing> standing = new ArrayList<>();
                for (Clustering.Member member : cluster.members()) {
                    Claim claim = byRef.get(member.ref());
                    if (claim != null) {
                        members.add(claim);
                        standing.addAll(corrected.getOrDefault(member.ref(), List.of()));
                    }
                }
                derived.add(corrected(survivorship.of(type, members), standing), identifiers);
            }
        });
        return derived;
    }

    /** A correction belongs to the entity of the first of its records that is live. */
    private static Map<RecordRef, List<Standing>> byFirstLive(List<Standing> corrections, Set<RecordRef> live) {
        Map<RecordRef, List<Standing>> byRecord = new HashMap<>();
        for (Standing correction : corrections) {
            correction.records().stream()
                    .filter(live::contains)
                    .findFirst()
                    .ifPresent(ref -> byRecord.computeIfAbsent(ref, r -> new ArrayList<>())
                            .add(correction));
        }
        return byRecord;
    }

    /** What agrees with its sources is not laid over them: one that stands all the same is told apart by its lineage. */
    private static Golden corrected(Golden golden, List<Standing> corrections) {
        List<Standing> inForce = new ArrayList<>();
        for (Overlay.Judged one : Overlay.judge(golden.claims(), corrections)) {
            if (one.verdict() != Overlay.Verdict.AGREED) {
                inForce.add(one.correction());
            }
        }
        return Overlay.over(golden, inForce);
    }

    private static @Nullable RecordGraph graph(
            EntityType type,
            Vault vault,
            Map<String, Learned> recognised,
            Map<StreamId, DeclaredStream> streams,
            Collection<Claim> claims) {
        Learned learned = recognised.get(type.name());
        if (learned == null) {
            return null;
        }
        RecordGraph graph = new RecordGraph(type, learned, streams.values(), vault);
        for (Claim claim : claims) {
            DeclaredStream stream = streams.get(claim.ref().stream());
            if (stream != null && stream.type().equals(type)) {
                graph.put(claim);
            }
        }
        graph.load();
        return graph;
    }

    private void add(Golden golden, Map<RecordRef, List<Gate.Target>> identifiers) {
        goldens.add(golden);
        for (Claim claim : golden.claims()) {
            byRecord.put(claim.ref(), golden);
            for (Gate.Target target : identifiers.getOrDefault(claim.ref(), List.of())) {
                byIdentifier.computeIfAbsent(target, t -> new HashSet<>()).add(golden);
            }
        }
    }

    /** Every golden record. */
    public List<Golden> goldens() {
        return Collections.unmodifiableList(goldens);
    }

    /** The golden record that a source record is part of. */
    public Optional<Golden> findOf(RecordRef ref) {
        return Optional.ofNullable(byRecord.get(ref));
    }

    /** Where the references of a golden record lead: field → target; unresolved ones are left out. */
    public SortedMap<String, Golden> referencesOf(Golden golden) {
        SortedMap<String, Golden> references = new TreeMap<>();
        for (int i = 0; i < golden.type().fields().size(); i++) {
            String value = golden.value(i);
            if (value != null && golden.type().fields().get(i).isReference()) {
                String field = golden.type().fields().get(i).name();
                resolve(Gate.target(value)).ifPresent(target -> references.put(field, target));
            }
        }
        return references;
    }

    private Optional<Golden> resolve(Gate.Target target) {
        if (target.name().equals("record")) {
            String[] parts = target.value().split("/", 3);
            return findOf(new RecordRef(new StreamId(parts[0], parts[1]), parts[2]));
        }
        Set<Golden> holders = byIdentifier.getOrDefault(target, Set.of());
        return holders.size() == 1 ? Optional.of(holders.iterator().next()) : Optional.empty();
    }

    /** The content hash of the whole. */
    public String contentHash() {
        ContentHash hash = new ContentHash();
        for (Golden golden : goldens) {
            SortedMap<String, String> anchors = new TreeMap<>();
            referencesOf(golden)
                    .forEach((field, target) ->
                            anchors.put(field, target.anchor().path()));
            hash.add(golden.anchor().path(), ContentHash.of(golden), anchors);
        }
        return hash.hex();
    }
}
