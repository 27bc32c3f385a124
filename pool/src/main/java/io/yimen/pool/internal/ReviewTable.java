package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.identity.match.Learned;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code review}: pairs of entities that wait for a person. A function of the records, the rules and the
 * decisions: pairs that weights hold to be possible and that are not one entity, unless a person said that they are
 * not, or a rule forbids it of any record of theirs; and decisions against which something speaks that did not when
 * they were made.
 */
final class ReviewTable {
    private static final String DELETE = """
            delete from pool.review r using unnest(?::bigint[]) u (id) where r.left_id = u.id or r.right_id = u.id
            returning r.left_id, r.right_id, r.opened_at
            """;
    /** What hangs on pair {@code u}; who has ten thousand referrers need not be counted out. */
    private static final String EFFECT = """
            (select coalesce(sum(e.records), 0) from pool.entity e where e.id in (u.left_id, u.right_id))
            + (select count(*) from (select from pool.reference f
                                      where f.to_entity in (u.left_id, u.right_id) limit 10000) f)""";

    private static final String INSERT = """
            insert into pool.review (left_id, right_id, entity_type, kind, weight, effect, decision_id, opened_at)
            select u.left_id, u.right_id, u.entity_type, u.kind, u.weight, %s, nullif(u.decision_id, 0),
                   coalesce(u.opened_at, ?)
              from unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::float8[], ?::bigint[], ?::timestamptz[])
                   u (left_id, right_id, entity_type, kind, weight, decision_id, opened_at)
            """.formatted(EFFECT);
    private static final String COUNT = """
            update pool.review r
               set effect = c.effect
              from (select u.left_id, u.right_id, %s effect
                      from (select distinct w.left_id, w.right_id
                              from unnest(?::bigint[]) t (id)
                              join pool.review w on w.left_id = t.id or w.right_id = t.id) u) c
             where r.left_id = c.left_id and r.right_id = c.right_id and r.effect <> c.effect
            """.formatted(EFFECT);
    private static final String SELECT_EVIDENCE = """
            select id, strongest, weakest from pool.decision where id = any (?)
            """;
    private static final String POSSIBLE = "POSSIBLE_DUPLICATE";
    /** Bits by which evidence must have grown since a decision to be news. */
    private static final double NEWS = 3;

    /** What spoke for and against a decision when it was made. */
    record Measure(double strongest, double weakest) {}

    /** Two entities, the smaller id first. */
    private record Pair(long left, long right) {
        static Pair of(long a, long b) {
            return a < b ? new Pair(a, b) : new Pair(b, a);
        }
    }

    /** A row to be written. */
    private record Row(String type, String kind, double weight, long decision) {}

    private final Transaction tx;
    private final Recognition recognition;

    ReviewTable(Transaction tx, Recognition recognition) {
        this.tx = tx;
        this.recognition = recognition;
    }

    /**
     * Finds anew what waits of some entities.
     *
     * @param groups entities whose records were clustered again
     * @param known entities of which anything may wait: those that were there before, the ended ones included
     * @param placed entity of every record that was looked at
     */
    void refresh(Collection<Group> groups, Collection<Long> known, Map<RecordRef, Long> placed) throws SQLException {
        Map<Pair, OffsetDateTime> opened = new HashMap<>();
        if (!known.isEmpty()) {
            tx.along(
                    DELETE,
                    gone -> opened.put(
                            new Pair(gone.getLong(1), gone.getLong(2)), gone.getObject(3, OffsetDateTime.class)),
                    Sql.ids(known));
        }
        Map<RecordRef, Long> entities = new HashMap<>(placed);
        learnOthers(groups, entities);
        Map<Pair, Row> rows = new TreeMap<>(Comparator.comparingLong(Pair::left).thenComparingLong(Pair::right));
        for (Group group : groups) {
            RecordGraph graph = recognition.graph(group.type, tx);
            if (graph != null) {
                possible(group, graph, entities, rows);
                challengedMergers(group, graph, entities, rows);
            }
        }
        dropForbidden(groups, rows);
        keepApart(rows, entities);
        if (!rows.isEmpty()) {
            tx.send();
            insert(rows, opened);
        }
    }

    private void learnOthers(Collection<Group> groups, Map<RecordRef, Long> entities) throws SQLException {
        Set<RecordRef> unknown = new HashSet<>();
        for (Group group : groups) {
            RecordGraph graph = recognition.graph(group.type, tx);
            if (graph == null) {
                continue;
            }
            for (RecordRef ref : group.members) {
                graph.forEachPair(ref, (other, score) -> {
                    if (!entities.containsKey(other)) {
                        unknown.add(other);
                    }
                });
                for (Ruling ruling : recognition.rulingsOf(ref)) {
                    addUnknown(ruling.same(), entities, unknown);
                    addUnknown(ruling.left(), entities, unknown);
                    addUnknown(ruling.right(), entities, unknown);
                }
            }
        }
        entities.putAll(new SourceRecords(tx).entitiesOf(unknown));
    }

    private static void addUnknown(List<RecordRef> refs, Map<RecordRef, Long> entities, Set<RecordRef> unknown) {
        for (RecordRef ref : refs) {
            if (!entities.containsKey(ref)) {
                unknown.add(ref);
            }
        }
    }

    private static void possible(Group group, RecordGraph graph, Map<RecordRef, Long> entities, Map<Pair, Row> rows) {
        for (RecordRef ref : group.members) {
            graph.forEachPair(ref, (other, score) -> {
                Long there = entities.get(other);
                if (there != null && there != group.id) {
                    Row row = new Row(group.type.name(), POSSIBLE, score, 0);
                    rows.merge(Pair.of(group.id, there), row, (a, b) -> a.weight >= b.weight ? a : b);
                }
            });
        }
    }

    /** Where a rule forbids that a record of the one is one with a record of the other, nobody is asked. */
    private void dropForbidden(Collection<Group> groups, Map<Pair, Row> rows) throws SQLException {
        Map<Long, List<RecordRef>> members = new HashMap<>();
        groups.forEach(group -> members.put(group.id, group.members));
        Map<String, RecordGraph> graphs = new HashMap<>();
        for (Group group : groups) {
            RecordGraph graph = recognition.graph(group.type, tx);
            if (graph != null) {
                graphs.put(group.type.name(), graph);
            }
        }
        Set<Long> unknown = new HashSet<>();
        rows.forEach((pair, row) -> {
            if (row.kind.equals(POSSIBLE)) {
                unknown.add(pair.left);
                unknown.add(pair.right);
            }
        });
        unknown.removeAll(members.keySet());
        members.putAll(new SourceRecords(tx).membersOf(unknown));
        rows.entrySet().removeIf(e -> {
            RecordGraph graph = graphs.get(e.getValue().type);
            return graph != null
                    && e.getValue().kind.equals(POSSIBLE)
                    && graph.forbids(
                            members.getOrDefault(e.getKey().left, List.of()),
                            members.getOrDefault(e.getKey().right, List.of()));
        });
    }

    /**
     * A person put records together, and now something speaks strongly against it that did not when somebody last said
     * so of all of them.
     */
    private void challengedMergers(Group group, RecordGraph graph, Map<RecordRef, Long> entities, Map<Pair, Row> rows)
            throws SQLException {
        Collection<Ruling> rulings = recognition.rulingsOf(group.members);
        Map<Long, Measure> measures = measures(rulings);
        for (Ruling ruling : rulings) {
            List<RecordRef> here = ruling.same().stream()
                    .filter(ref -> Long.valueOf(group.id).equals(entities.get(ref)))
                    .toList();
            if (rulings.stream()
                    .anyMatch(r -> r.number() > ruling.number() && r.same().containsAll(here))) {
                continue;
            }
            double weakest = weakest(here, graph);
            Measure then = measures.get(ruling.number());
            if (then != null && weakest < graph.conflict() && weakest < then.weakest - NEWS) {
                rows.put(
                        new Pair(group.id, group.id),
                        new Row(group.type.name(), "CHALLENGED", weakest, ruling.number()));
            }
        }
    }

    /** What speaks most against records being one. */
    static double weakest(List<RecordRef> records, RecordGraph graph) {
        double weakest = 0;
        for (int i = 0; i < records.size(); i++) {
            for (int j = 0; j < i; j++) {
                weakest = Math.min(weakest, graph.between(records.get(i), records.get(j)));
            }
        }
        return weakest;
    }

    /** Pairs that a person holds apart do not wait, unless something new speaks for them. */
    private void keepApart(Map<Pair, Row> rows, Map<RecordRef, Long> entities) throws SQLException {
        if (rows.isEmpty() || !recognition.hasRulings()) {
            return;
        }
        Map<Long, List<RecordRef>> members = new HashMap<>();
        entities.forEach((ref, entity) ->
                members.computeIfAbsent(entity, e -> new ArrayList<>()).add(ref));
        Map<Pair, Ruling> held = new HashMap<>();
        for (Pair pair : rows.keySet()) {
            for (RecordRef ref : members.getOrDefault(pair.left, List.of())) {
                for (Ruling ruling : recognition.rulingsOf(ref)) {
                    if (pair.left != pair.right && isBetween(ruling, ref, pair.right, entities)) {
                        held.merge(pair, ruling, (a, b) -> a.number() > b.number() ? a : b);
                    }
                }
            }
        }
        Map<Long, Measure> measures = measures(held.values());
        held.forEach((pair, ruling) -> {
            Row row = rows.get(pair);
            Measure then = measures.get(ruling.number());
            if (row == null || then == null) {
                return;
            }
            boolean matches = row.weight > matchBits(row.type);
            if (matches && row.weight > then.strongest + NEWS) {
                rows.put(pair, new Row(row.type, "CHALLENGED", row.weight, ruling.number()));
            } else {
                rows.remove(pair);
            }
        });
    }

    private double matchBits(String type) {
        Learned learned = recognition.rules().get(type);
        return learned == null ? Double.POSITIVE_INFINITY : learned.rules().matchBits();
    }

    private static boolean isBetween(Ruling ruling, RecordRef ref, long other, Map<RecordRef, Long> entities) {
        List<RecordRef> opposite =
                ruling.left().contains(ref) ? ruling.right() : ruling.right().contains(ref) ? ruling.left() : List.of();
        for (RecordRef there : opposite) {
            Long entity = entities.get(there);
            if (entity != null && entity == other) {
                return true;
            }
        }
        return false;
    }

    private Map<Long, Measure> measures(Collection<Ruling> rulings) throws SQLException {
        Map<Long, Measure> measures = new HashMap<>();
        if (rulings.isEmpty()) {
            return measures;
        }
        tx.ask(
                SELECT_EVIDENCE,
                row -> measures.put(row.getLong(1), new Measure(row.getDouble(2), row.getDouble(3))),
                Sql.ids(rulings.stream().map(Ruling::number).toList()));
        return measures;
    }

    /** Counts anew what hangs on pairs with entities to which more or fewer refer than before. */
    void count(Collection<Long> referred) {
        if (!referred.isEmpty()) {
            tx.later(COUNT, Sql.ids(referred));
        }
    }

    /** @param opened since when pairs wait that waited before */
    private void insert(Map<Pair, Row> rows, Map<Pair, OffsetDateTime> opened) {
        Sql.Longs left = new Sql.Longs();
        Sql.Longs right = new Sql.Longs();
        Sql.Texts types = new Sql.Texts();
        Sql.Texts kinds = new Sql.Texts();
        Sql.Doubles weights = new Sql.Doubles();
        Sql.Longs decisions = new Sql.Longs();
        Sql.Texts since = new Sql.Texts();
        rows.forEach((pair, row) -> {
            left.add(pair.left);
            right.add(pair.right);
            types.add(row.type);
            kinds.add(row.kind);
            weights.add(row.weight);
            decisions.add(row.decision);
            @Nullable OffsetDateTime at = opened.get(pair);
            since.add(at == null ? null : at.toString());
        });
        tx.later(INSERT, Sql.time(tx.timestamp()), left, right, types, kinds, weights, decisions, since);
    }
}
