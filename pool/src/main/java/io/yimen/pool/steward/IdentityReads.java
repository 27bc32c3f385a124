package io.yimen.pool.steward;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.identity.Clustering;
import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.Scorer;
import io.yimen.pool.internal.DecisionTable;
import io.yimen.pool.internal.DeclaredStream;
import io.yimen.pool.internal.PackedClaim;
import io.yimen.pool.internal.RecordGraph;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.internal.Streams;
import io.yimen.pool.ledger.Cursors;
import io.yimen.pool.ledger.LedgerRecord;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Mask;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.ledger.Sql;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What stewards see of identity: pairs that wait, what speaks for and against them, and what was decided. */
public final class IdentityReads {
    private static final int MOST = 200;
    /** Source records of one entity that are compared with one another. */
    private static final int COMPARED = 60;

    private static final int EVIDENCE = 10;

    private final ScopedReads reads;
    private final Ledgers ledgers;
    private final Cursors cursors;

    public IdentityReads(ScopedReads reads) {
        this.reads = reads;
        this.ledgers = new Ledgers(reads);
        this.cursors = new Cursors(reads.vault());
    }

    /**
     * A live source record as evidence looks at it.
     *
     * @param identifiers what it may be linked by, the strongest first
     */
    private record Said(
            Claim claim,
            Map<String, String> identifiers,
            @Nullable String link,
            @Nullable String origin,
            @Nullable String rule) {
        /** The strongest identifier that another shares. */
        @Nullable
        String shares(Said other) {
            for (Map.Entry<String, String> mine : identifiers.entrySet()) {
                if (mine.getValue().equals(other.identifiers.get(mine.getKey()))) {
                    return mine.getKey();
                }
            }
            return null;
        }
    }

    private static final String SELECT_REVIEWS = """
            select r.left_id, r.right_id, r.entity_type, r.kind, r.weight, r.effect, l.title, g.title, r.decision_id,
                   r.opened_at
              from pool.review r
              join pool.entity l on l.id = r.left_id
              join pool.entity g on g.id = r.right_id
             where true""";

    /** Pairs that wait for a person. */
    public Stewardship.ReviewPage reviews(Scope scope, Stewardship.ReviewQuery query) {
        ScopedReads.checkLimit(query.limit(), MOST);
        if (query.entityType() != null) {
            reads.model().getType(query.entityType());
        }
        boolean byWeight = query.order() == Stewardship.Order.WEIGHT;
        String question = Cursors.question("reviews", query.entityType(), query.kind(), query.order());
        String column = byWeight ? "r.weight" : "r.effect";
        var sql = new Sql().add(SELECT_REVIEWS);
        if (query.entityType() != null) {
            sql.add("and r.entity_type = ?", query.entityType());
        }
        if (query.kind() != null) {
            sql.add("and r.kind = ?", query.kind().name());
        }
        if (query.after() != null) {
            List<String> keys = cursors.read(query.after(), question, 3);
            String compared = byWeight ? "?::real" : "?::int";
            sql.add(
                    "and (" + column + " < " + compared + " or " + column + " = " + compared
                            + " and (r.left_id, r.right_id) > (?, ?))",
                    keys.get(0),
                    keys.get(0),
                    Long.parseLong(keys.get(1)),
                    Long.parseLong(keys.get(2)));
        }
        sql.add("order by " + column + " desc, r.left_id, r.right_id limit ?", query.limit() + 1);
        List<EntityType> types = query.entityType() == null
                ? List.copyOf(reads.model().types())
                : List.of(reads.model().getType(query.entityType()));
        return reads.read(scope, reads.reading("LIST", "reviews", Map.of(), types), connection -> {
            List<Review> found = new ArrayList<>();
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(review(row));
                }
            }
            List<Review> page = ScopedReads.firstOf(found, query.limit());
            String next = null;
            if (found.size() > query.limit()) {
                Review last = page.get(page.size() - 1);
                String key = byWeight ? Float.toString((float) last.weight()) : Integer.toString(last.effect());
                next = cursors.write(question, key, Long.toString(last.left()), Long.toString(last.right()));
            }
            return new Stewardship.ReviewPage(page, next);
        });
    }

    private static Review review(ResultSet row) throws SQLException {
        double weight = row.getFloat(5);
        return new Review(
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                Review.Kind.valueOf(row.getString(4)),
                weight,
                probability(weight),
                row.getInt(6),
                row.getString(7),
                row.getString(8),
                row.getObject(9, Long.class),
                row.getObject(10, OffsetDateTime.class).toInstant());
    }

    private static double probability(double bits) {
        return 1 / (1 + Math.pow(2, -bits));
    }

    /** A pair side by side. */
    public Stewardship.ReviewDetail review(Scope scope, long left, long right) {
        long low = Math.min(left, right);
        long high = Math.max(left, right);
        List<EntityType> types = List.copyOf(reads.model().types());
        return reads.read(scope, reads.reading("READ", "review/" + low + "-" + high, Map.of(), types), connection -> {
            var sql = new Sql().add(SELECT_REVIEWS).add("and r.left_id = ? and r.right_id = ?", low, high);
            Review review;
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw ScopedReads.notFound("review");
                }
                review = review(row);
            }
            EntityType type = reads.model().getType(review.entityType());
            LedgerRecord first = ledgers.read(connection, type, low);
            LedgerRecord second = low == high ? first : ledgers.read(connection, type, high);
            List<Said> here = said(connection, type, low);
            List<Said> there = low == high ? here : said(connection, type, high);
            Set<Said> all = new LinkedHashSet<>(here);
            all.addAll(there);
            Optional<RecordGraph> graph = graph(connection, type, all);
            return new Stewardship.ReviewDetail(
                    review,
                    first,
                    second,
                    graph.map(g -> new Stewardship.Thresholds(
                                    g.rules().possibleBits(), g.rules().matchBits()))
                            .orElse(null),
                    pairs(type, here, there, graph),
                    decisionsOn(connection, low, high, 20));
        });
    }

    /** Why the records of an entity are one. */
    public List<Stewardship.Member> members(Scope scope, String entityType, long id) {
        EntityType type = reads.model().getType(entityType);
        return reads.read(scope, reads.reading("READ", type + "/" + id, Map.of(), List.of(type)), connection -> {
            LedgerRecord record = ledgers.read(connection, type, id);
            List<Said> said = said(connection, type, record.id());
            Optional<RecordGraph> graph = graph(connection, type, said);
            Map<RecordRef, Long> decided = deciding(connection, record.id());
            List<Stewardship.Member> members = new ArrayList<>();
            List<Said> compared = ScopedReads.firstOf(said, COMPARED);
            for (Said one : said) {
                Said best = compared.stream()
                        .filter(other -> other != one)
                        .max(Comparator.comparing((Said other) -> one.shares(other) != null)
                                .thenComparingDouble(other -> weight(one, other, graph)))
                        .orElse(null);
                members.add(new Stewardship.Member(
                        one.claim.ref(),
                        String.valueOf(one.link),
                        String.valueOf(one.origin),
                        one.rule,
                        best == null ? null : evidence(type, one, best, graph),
                        Clustering.STEWARD.equals(one.rule) ? decided.get(one.claim.ref()) : null));
            }
            return members;
        });
    }

    private static double weight(Said one, Said other, Optional<RecordGraph> graph) {
        return graph.map(g -> g.between(one.claim.ref(), other.claim.ref())).orElse(0.0);
    }

    /** Decisions, latest first. */
    public Stewardship.DecisionPage decisions(Scope scope, @Nullable Long entity, @Nullable String after, int limit) {
        ScopedReads.checkLimit(limit, MOST);
        String question = Cursors.question("decisions", entity);
        Long before = after == null
                ? null
                : Long.valueOf(cursors.read(after, question, 1).get(0));
        List<EntityType> types = List.copyOf(reads.model().types());
        return reads.read(scope, reads.reading("LIST", "decisions", Map.of(), types), connection -> {
            var sql = new Sql().add(DecisionTable.SELECT);
            if (entity != null) {
                sql.add(
                        "and exists (select from pool.decision_record r join pool.source_record s using (stream_id, key)"
                                + " where r.decision_id = d.id and s.entity_id = ?)",
                        entity);
            }
            if (before != null) {
                sql.add("and d.id < ?", before);
            }
            sql.add("order by d.id desc limit ?", limit + 1);
            List<Decision> found = decisions(connection, sql);
            List<Decision> page = ScopedReads.firstOf(found, limit);
            String next = found.size() > limit
                    ? cursors.write(
                            question, Long.toString(page.get(page.size() - 1).id()))
                    : null;
            return new Stewardship.DecisionPage(page, next);
        });
    }

    private List<Decision> decisionsOn(Connection connection, long left, long right, int most) throws SQLException {
        var sql = new Sql().add(DecisionTable.SELECT);
        for (long entity : new long[] {left, right}) {
            sql.add(
                    "and exists (select from pool.decision_record r join pool.source_record s using (stream_id, key)"
                            + " where r.decision_id = d.id and s.entity_id = ?)",
                    entity);
        }
        return decisions(connection, sql.add("order by d.id desc limit ?", most));
    }

    private List<Decision> decisions(Connection connection, Sql sql) throws SQLException {
        try (var select = sql.on(connection)) {
            return DecisionTable.read(select, reads.vault());
        }
    }

    /** The latest decision in force that made each record of an entity one with another. */
    private static Map<RecordRef, Long> deciding(Connection connection, long entity) throws SQLException {
        Map<RecordRef, Long> decided = new HashMap<>();
        var sql = new Sql().add("""
                select s.source, s.stream, r.key, max(d.id)
                  from pool.source_record x
                  join pool.decision_record r on r.stream_id = x.stream_id and r.key = x.key and r.side = 'SAME'
                  join pool.decision d on d.id = r.decision_id and d.withdrawn_at is null
                  join pool.stream s on s.id = r.stream_id
                 where x.entity_id = ? and not x.deleted
                 group by s.source, s.stream, r.key""", entity);
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                decided.put(
                        new RecordRef(new StreamId(row.getString(1), row.getString(2)), row.getString(3)),
                        row.getLong(4));
            }
        }
        return decided;
    }

    private List<Said> said(Connection connection, EntityType type, long entity) throws SQLException {
        List<Said> said = new ArrayList<>();
        var sql = new Sql().add("""
                select s.source, s.stream, x.key, s.trust, x.fields::text, x.decision, x.origin, x.link_rule
                  from pool.source_record x join pool.stream s on s.id = x.stream_id
                 where x.entity_id = ? and not x.deleted
                 order by s.source, s.stream, x.key""", entity);
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                Claim claim = new Claim(
                        new RecordRef(new StreamId(row.getString(1), row.getString(2)), row.getString(3)),
                        row.getInt(4),
                        PackedClaim.readFields(row.getString(5), type),
                        List.of());
                said.add(new Said(
                        claim, identifiers(type, claim), row.getString(6), row.getString(7), row.getString(8)));
            }
        }
        return said;
    }

    /** The records with the rules in force; empty for a type that has none. */
    private Optional<RecordGraph> graph(Connection connection, EntityType type, Collection<Said> said)
            throws SQLException {
        Optional<Learned> learned = new RuleStore(connection).findMatchRules(type);
        if (learned.isEmpty()) {
            return Optional.empty();
        }
        List<DeclaredStream> streams =
                List.copyOf(Streams.load(connection, reads.model()).all().values());
        RecordGraph graph = new RecordGraph(type, learned.get(), streams, reads.vault());
        said.forEach(s -> graph.put(s.claim));
        return Optional.of(graph);
    }

    private List<Evidence> pairs(EntityType type, List<Said> here, List<Said> there, Optional<RecordGraph> graph) {
        List<Evidence> pairs = new ArrayList<>();
        boolean within = here == there;
        for (Said left : ScopedReads.firstOf(here, COMPARED)) {
            for (Said right : ScopedReads.firstOf(there, COMPARED)) {
                if (within ? left.claim.ref().compareTo(right.claim.ref()) < 0 : left != right) {
                    pairs.add(evidence(type, left, right, graph));
                }
            }
        }
        Comparator<Evidence> byWeight = Comparator.comparingDouble(Evidence::weight);
        pairs.sort(within ? byWeight : byWeight.reversed());
        return ScopedReads.firstOf(pairs, EVIDENCE);
    }

    private Evidence evidence(EntityType type, Said left, Said right, Optional<RecordGraph> graph) {
        List<Evidence.Contribution> contributions = new ArrayList<>();
        double weight = 0;
        if (graph.isPresent()) {
            for (Scorer.Contribution c : graph.get().explain(left.claim.ref(), right.claim.ref())) {
                weight += c.weight();
                contributions.add(new Evidence.Contribution(
                        c.field(),
                        c.level(),
                        c.weight(),
                        shown(type, left.claim, c.field()),
                        shown(type, right.claim, c.field())));
            }
        }
        return new Evidence(left.claim.ref(), right.claim.ref(), left.shares(right), weight, contributions);
    }

    private @Nullable String shown(EntityType type, Claim claim, String field) {
        int index = type.findIndex(field).orElse(-1);
        String value = index < 0 ? null : claim.value(index);
        if (value == null) {
            return null;
        }
        Field known = type.fields().get(index);
        return known.isSensitive() ? Mask.of(known.sensitivity(), reads.vault().open(value)) : value;
    }

    private Map<String, String> identifiers(EntityType type, Claim claim) {
        Map<String, String> identifiers = new LinkedHashMap<>();
        for (IdentifierRule rule : type.identifiers()) {
            if (rule.links()) {
                rule.valueOf(claim.values(), type, reads.vault())
                        .ifPresent(value -> identifiers.put(rule.name(), value));
            }
        }
        return identifiers;
    }
}
