package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.Learner;
import io.yimen.pool.identity.match.MatchIndex;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.Weights;
import io.yimen.pool.ledger.Mask;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.survivorship.Survivorship;
import io.yimen.pool.survivorship.SurvivorshipRules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Changes of rules within one transaction: read-only for a dry run, in the pool's turn to apply one. A dry run derives
 * the whole type anew in memory and compares; applying derives it through the ordinary derivation.
 */
public final class RuleDesk {
    private static final int SAMPLES = 20;
    private static final int LONGEST = 200_000;
    private static final String SELECT_LINKS = """
            select x.stream_id, x.key, x.entity_id
              from pool.source_record x where x.stream_id = any (?) and not x.deleted
            """;
    private static final String COUNT_POSSIBLE = """
            select count(*) from pool.review where entity_type = ? and kind = 'POSSIBLE_DUPLICATE'
            """;
    private static final String SELECT_TITLES = "select id, title from pool.entity where id = any (?)";

    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final RuleStore store;

    public RuleDesk(Connection db, Streams streams, PoolModel model, Vault vault, Instant now) {
        this.tx = new Transaction(db, streams, 0, now);
        this.model = model;
        this.vault = vault;
        this.store = new RuleStore(db);
    }

    /** A change that was understood: exactly one of the two is there. */
    private record Understood(
            EntityType type,
            String document,
            @Nullable Learned learned,
            String how,
            @Nullable SurvivorshipRules survivorship) {}

    private EntityType type(RuleBook.Change change) {
        return model.findType(change.entityType())
                .orElseThrow(
                        () -> new PoolException(PoolException.Kind.NOT_FOUND, "The model has no such entity type"));
    }

    private Understood understand(RuleBook.Change change) throws SQLException {
        EntityType type = type(change);
        RuleBook.Version now = store.versions().stream()
                .filter(v -> v.inForce()
                        && v.kind() == change.kind()
                        && v.entityType().equals(type.name()))
                .findFirst()
                .orElse(null);
        int version = now == null ? 0 : now.version();
        if (version != change.basedOn()) {
            throw PoolException.staleVersion("The rules of " + type, change.basedOn(), version);
        }
        String document = change.document() == null ? (now == null ? "" : now.document()) : change.document();
        if (document.isBlank() || document.length() > LONGEST) {
            throw new PoolException(PoolException.Kind.INVALID, "A rules document has 1 to 200000 characters");
        }
        try {
            return switch (change.kind()) {
                case MATCH -> match(type, document, change.learn());
                case SURVIVORSHIP -> survivorship(type, document, change.learn());
            };
        } catch (PoolException e) {
            throw e.kind() == PoolException.Kind.CONFIGURATION ? e.asRequest() : e;
        }
    }

    private Understood survivorship(EntityType type, String document, boolean learn) {
        if (learn) {
            throw new PoolException(PoolException.Kind.INVALID, "Survivorship rules have nothing to learn");
        }
        SurvivorshipRules rules = SurvivorshipRules.parse(model, "survivorship rules", document);
        if (!rules.type().equals(type)) {
            throw PoolException.invalidDocument(1, "the document is about " + rules.type(), "Name " + type);
        }
        return new Understood(type, document, null, "", rules);
    }

    private Understood match(EntityType type, String document, boolean learn) throws SQLException {
        MatchRules rules = MatchRules.parse("match rules", document);
        if (!rules.entity().equals(type.name())) {
            throw PoolException.invalidDocument(1, "the document is about " + rules.entity(), "Name " + type);
        }
        String[] lines = document.split("\n", -1);
        for (MatchRules.Field field : rules.fields()) {
            if (type.findIndex(field.name()).isEmpty()) {
                throw PoolException.invalidDocument(
                        lineOf(lines, field.name()), type + " has no field " + field.name(), "Name one of the model");
            }
        }
        Learned before = store.findMatchRules(type).orElse(null);
        if (learn) {
            return new Understood(type, document, new Learned(rules, learn(type, rules)), "learned", null);
        }
        if (before == null || !sameComparisons(before.rules(), rules)) {
            throw new PoolException(
                    PoolException.Kind.INVALID,
                    "These rules compare otherwise than those in force: their weights must be learned, ask for it");
        }
        Weights weights = before.weights().withVersion(rules.version()).withName(rules.name());
        return new Understood(type, document, new Learned(rules, weights), "kept", null);
    }

    private static int lineOf(String[] lines, String field) {
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].strip().startsWith(field + ":")) {
                return i + 1;
            }
        }
        return 1;
    }

    private static boolean sameComparisons(MatchRules a, MatchRules b) {
        List<List<String>> kinds = new ArrayList<>();
        for (MatchRules rules : List.of(a, b)) {
            kinds.add(
                    rules.fields().stream().map(f -> f.name() + " " + f.kind()).toList());
        }
        return kinds.get(0).equals(kinds.get(1));
    }

    private Weights learn(EntityType type, MatchRules rules) throws SQLException {
        Weights none = Learner.learn(new MatchIndex(rules));
        RecordGraph graph = new RecordGraph(
                type, new Learned(rules, none), tx.streams().all().values(), vault);
        new SourceRecords(tx).forEachClaim(type, graph::put);
        return Learner.learn(graph.pairs().index());
    }

    /** What a change would do. */
    public RuleBook.Preview preview(RuleBook.Change change) throws SQLException {
        Understood understood = understand(change);
        EntityType type = understood.type();
        List<Claim> claims = new ArrayList<>();
        new SourceRecords(tx).forEachClaim(type, claims::add);
        Map<RecordRef, Long> now = links(type);
        Map<Long, List<Claim>> entities = new TreeMap<>();
        Map<RecordRef, Claim> byRef = new HashMap<>();
        for (Claim claim : claims) {
            byRef.put(claim.ref(), claim);
            entities.computeIfAbsent(now.getOrDefault(claim.ref(), 0L), e -> new ArrayList<>())
                    .add(claim);
        }
        return understood.survivorship() == null
                ? previewMatch(change, understood, claims, now, byRef, entities)
                : previewSurvivorship(change, understood, claims.size(), entities);
    }

    private RuleBook.Preview previewSurvivorship(
            RuleBook.Change change, Understood understood, int records, Map<Long, List<Claim>> entities)
            throws SQLException {
        Survivorship before = store.survivorship(model, vault);
        Survivorship after = before.with(Objects.requireNonNull(understood.survivorship()));
        EntityType type = understood.type();
        long changed = 0;
        List<Sample> samples = new ArrayList<>();
        for (Map.Entry<Long, List<Claim>> e : entities.entrySet()) {
            var differences = before.differences(after, type, e.getValue());
            if (!differences.isEmpty()) {
                changed++;
                if (samples.size() < SAMPLES) {
                    List<Effect.ValueChange> values = new ArrayList<>();
                    differences.forEach(d -> values.add(new Effect.ValueChange(
                            d.field(), shown(type, d.field(), d.from()), shown(type, d.field(), d.to()))));
                    samples.add(new Sample(
                            e.getKey(),
                            Effect.Fate.CHANGED,
                            null,
                            e.getValue().size(),
                            e.getValue().size(),
                            values));
                }
            }
        }
        long possible = possible(type);
        return new RuleBook.Preview(
                change, records, entities.size(), 0, 0, changed, possible, possible, outcomes(type, samples));
    }

    private @Nullable String shown(EntityType type, String field, @Nullable String value) {
        if (value == null) {
            return null;
        }
        var known = type.findField(field).orElseThrow();
        return known.isSensitive() ? Mask.of(known.sensitivity(), vault.open(value)) : value;
    }

    private RuleBook.Preview previewMatch(
            RuleBook.Change change,
            Understood understood,
            List<Claim> claims,
            Map<RecordRef, Long> now,
            Map<RecordRef, Claim> byRef,
            Map<Long, List<Claim>> entities)
            throws SQLException {
        EntityType type = understood.type();
        RecordGraph graph = new RecordGraph(
                type,
                Objects.requireNonNull(understood.learned()),
                tx.streams().all().values(),
                vault);
        List<Clustering.Node> nodes = new ArrayList<>();
        for (Claim claim : claims) {
            graph.put(claim);
            List<Clustering.Link> links = new ArrayList<>();
            for (IdentifierRule rule : type.identifiers()) {
                if (rule.links()) {
                    rule.valueOf(claim.values(), type, vault)
                            .ifPresent(v -> links.add(new Clustering.Link(rule.strength(), rule.name(), v)));
                }
            }
            nodes.add(new Clustering.Node(
                    claim.ref(), tx.streams().get(claim.ref().stream()).uniqueRecords(), links));
        }
        graph.load();
        List<Ruling> rulings = DecisionTable.inForce(tx.db());
        List<Clustering.Cluster> clusters = Clustering.of(nodes, rulings, graph);
        Map<RecordRef, Integer> clusterOf = new HashMap<>();
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < clusters.size(); i++) {
            Group group = new Group(
                    type,
                    clusters.get(i).members().stream()
                            .map(Clustering.Member::ref)
                            .toList());
            groups.add(group);
            for (RecordRef ref : group.members) {
                clusterOf.put(ref, i);
                group.origins.merge(now.getOrDefault(ref, 0L), 1, Integer::sum);
            }
        }
        int split = Group.keepIds(groups, entities.keySet(), Set.of());
        Set<Long> gone = new TreeSet<>(entities.keySet());
        groups.forEach(g -> gone.remove(g.id));
        List<Sample> samples = new ArrayList<>();
        for (Group group : groups) {
            for (Map.Entry<Long, Integer> from : group.origins.entrySet()) {
                if (gone.contains(from.getKey()) && samples.size() < SAMPLES / 2) {
                    samples.add(new Sample(from.getKey(), Effect.Fate.MERGED, group.id, from.getValue(), 0, List.of()));
                }
            }
        }
        for (Group group : groups) {
            int had = entities.getOrDefault(group.id, List.of()).size();
            if (group.id != 0 && had > group.members.size() && samples.size() < SAMPLES) {
                samples.add(new Sample(group.id, Effect.Fate.CHANGED, null, had, group.members.size(), List.of()));
            }
        }
        long after = possibleAfter(groups, clusterOf, graph, rulings);
        return new RuleBook.Preview(
                change,
                claims.size(),
                entities.size(),
                gone.size(),
                split,
                gone.size() + split,
                possible(type),
                after,
                outcomes(type, samples));
    }

    private static long possibleAfter(
            List<Group> groups, Map<RecordRef, Integer> clusterOf, RecordGraph graph, List<Ruling> rulings) {
        Set<List<Integer>> pairs = new HashSet<>();
        for (RecordRef ref : clusterOf.keySet()) {
            int here = clusterOf.getOrDefault(ref, -1);
            graph.forEachPair(ref, (other, score) -> {
                int there = clusterOf.getOrDefault(other, -1);
                if (here < there) {
                    pairs.add(List.of(here, there));
                }
            });
        }
        Set<List<Integer>> held = new HashSet<>();
        for (Ruling ruling : rulings) {
            for (RecordRef left : ruling.left()) {
                for (RecordRef right : ruling.right()) {
                    int a = clusterOf.getOrDefault(left, -1);
                    int b = clusterOf.getOrDefault(right, -1);
                    held.add(List.of(Math.min(a, b), Math.max(a, b)));
                }
            }
        }
        pairs.removeAll(held);
        pairs.removeIf(pair -> graph.forbids(groups.get(pair.get(0)).members, groups.get(pair.get(1)).members));
        return pairs.size();
    }

    /** Part of an outcome that is told once titles are known. */
    private record Sample(
            long id, Effect.Fate fate, @Nullable Long into, int before, int after, List<Effect.ValueChange> values) {}

    private List<Effect.Outcome> outcomes(EntityType type, List<Sample> samples) throws SQLException {
        Map<Long, String> titles = new HashMap<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_TITLES)) {
            Sql.set(select, 1, new TreeSet<>(samples.stream().map(Sample::id).toList()));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    titles.put(rows.getLong(1), rows.getString(2));
                }
            }
        }
        return samples.stream()
                .map(s -> new Effect.Outcome(
                        s.id, type.name(), s.fate, s.into, titles.getOrDefault(s.id, ""), s.before, s.after, s.values))
                .toList();
    }

    private long possible(EntityType type) throws SQLException {
        try (PreparedStatement select = tx.db().prepareStatement(COUNT_POSSIBLE)) {
            select.setString(1, type.name());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private Map<RecordRef, Long> links(EntityType type) throws SQLException {
        Map<RecordRef, Long> links = new HashMap<>();
        Integer[] streams = tx.streams().all().values().stream()
                .filter(s -> s.type().equals(type))
                .map(DeclaredStream::number)
                .toArray(Integer[]::new);
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_LINKS)) {
            select.setObject(1, streams, Types.ARRAY);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    links.put(new RecordRef(tx.streams().get(rows.getInt(1)).id(), rows.getString(2)), rows.getLong(3));
                }
            }
        }
        return links;
    }

    /** Puts a change in force; what follows from it is still to be derived. Returns the version. */
    public RuleBook.Version apply(RuleBook.Change change, String actor, String note) throws SQLException {
        Understood understood = understand(change);
        Learned learned = understood.learned();
        int version = new RuleApplication(tx.db(), model, tx.at())
                .put(new RuleStore.Put(
                        change.kind(),
                        understood.type().name(),
                        understood.document(),
                        learned == null ? null : learned.weights().toJson(),
                        understood.how(),
                        actor,
                        note));
        return store.versions().stream()
                .filter(v -> v.kind() == change.kind()
                        && v.entityType().equals(understood.type().name())
                        && v.version() == version)
                .findFirst()
                .orElseThrow();
    }
}
