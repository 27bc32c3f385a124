package io.yimen.pool.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.DifferencePage.Kind;
import io.yimen.pool.ledger.DifferencePage.RecordDifference;
import io.yimen.pool.model.EntityType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What differs between two instants, of a record and of a ledger. Thread-safe. */
public final class Differences {
    // o: the last change by the later instant, b and c: the states before and after, as far as they may be seen; p:
    // what
    // the state before came from, seen or not; f: the first change between.
    private static final String STATES = """
            select o.entity_id, o.seq, o.at, c.op, c.redirect_to, c.title, c.fields, b.op, b.title, b.fields, p.op, f.op
              from (""";
    private static final String ALIVE = " not in ('RETIRED', 'MERGED', 'ERASED')";

    private final ScopedReads reads;
    private final Cursors cursors;
    private final Rendering rendering;

    public Differences(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
        this.rendering = new Rendering(reads.model(), reads.vault());
    }

    private record Row(
            long id,
            long seq,
            Instant at,
            Kind kind,
            String title,
            @Nullable Long redirectTo,
            JsonNode before,
            JsonNode after) {}

    /** Two moments, the earlier first. */
    private record Between(Moment from, Moment to) {
        static Between of(Connection connection, Instant from, Instant to) throws SQLException {
            return new Between(Moment.of(connection, from), Moment.of(connection, to));
        }
    }

    /**
     * What differs in a ledger: what was created, changed, retired, merged or split, and what came into or left the
     * places in question.
     *
     * @param place id of a place, for it and all below it; or {@code null}
     * @param cursor of the page before, or {@code null}
     * @throws PoolException {@code INVALID} where {@code from} is not before {@code to}, or lies before what is kept
     */
    public DifferencePage list(
            Scope scope,
            String entityType,
            Instant from,
            Instant to,
            @Nullable Long place,
            @Nullable String cursor,
            int limit) {
        EntityType type = reads.model().getType(entityType);
        ScopedReads.checkLimit(limit, RecordQuery.MAX_LIMIT);
        check(from, to);
        String question = Cursors.question("differences", type.name(), from, to, place);
        long before = cursor == null
                ? Long.MAX_VALUE
                : Long.parseLong(cursors.read(cursor, question, 1).get(0));
        return reads.read(scope, reading(type, type.name(), from, to), connection -> {
            Between between = Between.of(connection, from, to);
            var sql = new Sql().add(STATES);
            if (ScopedReads.isPlaced(scope, type, place)) {
                changedWithin(sql, scope, place, type, between, before);
            } else {
                changed(sql, type, between, before);
            }
            states(sql, scope, place, type, between);
            sql.add("where (b.op" + ALIVE + " or c.op" + ALIVE + ")")
                    .add("and (b.op" + ALIVE + ") is distinct from (c.op" + ALIVE + ") or b.op" + ALIVE + " and c.op"
                            + ALIVE + " and (b.fields, b.title) is distinct from (c.fields, c.title)")
                    .add("order by o.seq desc limit ?", limit + 1);
            List<Row> rows = rows(connection, sql);
            between.from().checkKept(connection, type);
            List<Row> page = ScopedReads.firstOf(rows, limit);
            String next = rows.size() > limit
                    ? cursors.write(question, String.valueOf(page.get(limit - 1).seq()))
                    : null;
            return new DifferencePage(render(connection, type, page), next);
        });
    }

    /**
     * What differs in a record; an id is not followed to where it led meanwhile.
     *
     * @throws PoolException {@code NOT_FOUND} if it could be seen at neither instant; {@code INVALID} as of the ledger
     */
    public RecordDifference get(Scope scope, String entityType, long id, Instant from, Instant to) {
        EntityType type = reads.model().getType(entityType);
        check(from, to);
        return reads.read(scope, reading(type, type.name() + "/" + id, from, to), connection -> {
            Between between = Between.of(connection, from, to);
            var sql = new Sql()
                    .add(STATES)
                    .add(
                            "select * from pool.change_order where entity_id = ? and entity_type = ? and seq <= ?"
                                    + " order by seq desc limit 1",
                            id,
                            type.name(),
                            between.to().seq());
            states(sql, scope, null, type, between);
            sql.add("where b.op is not null or c.op is not null");
            List<Row> rows = rows(connection, sql);
            between.from().checkKept(connection, type);
            if (rows.isEmpty()) {
                throw ScopedReads.notFound("record");
            }
            return render(connection, type, rows).get(0);
        });
    }

    private ScopedReads.Access reading(EntityType type, String object, Instant from, Instant to) {
        return reads.reading(
                "DIFFERENCES", object, Map.of("from", from.toString(), "to", to.toString()), List.of(type));
    }

    private static void check(Instant from, Instant to) {
        if (!from.isBefore(to)) {
            throw new PoolException(PoolException.Kind.INVALID, "from is not before to");
        }
    }

    /** The last change of every record that has any between; off the end of the log, as far as the page goes. */
    private static void changed(Sql sql, EntityType type, Between between, long before) {
        sql.add(
                """
                select n.* from pool.change_order n
                 where n.entity_type = ? and n.seq > ? and n.seq <= ? and n.seq < ? and n.at > ? and n.at <= ?
                   and n.seq = (select l.seq from pool.change_order l
                                 where l.entity_id = n.entity_id and l.seq <= ? and l.at >= n.at and l.at <= ?
                                 order by l.seq desc limit 1)""",
                type.name(),
                between.from().seq(),
                between.to().seq(),
                before,
                between.from().time(),
                between.to().time(),
                between.to().seq(),
                between.to().time());
    }

    /** The same of records that ever lay in the places: few enough to look at each. */
    private static void changedWithin(
            Sql sql, Scope scope, @Nullable Long place, EntityType type, Between between, long before) {
        sql.add(
                "select l.* from (select distinct v.entity_id from pool.change v where v.entity_type = ? and v.seq <= ?",
                type.name(),
                between.to().seq());
        ScopedReads.limitToPlaces(sql, "v.place_id", scope, place);
        sql.add("""
                ) d cross join lateral (
                  select * from pool.change_order n where n.entity_id = d.entity_id and n.seq <= ?
                   order by n.seq desc limit 1) l
                 where l.seq > ? and l.seq < ?""", between.to().seq(), between.from().seq(), before);
    }

    private static void states(Sql sql, Scope scope, @Nullable Long place, EntityType type, Between between) {
        sql.add(") o left join lateral (select * from pool.change x where x.seq = o.seq and x.at = o.at");
        ScopedReads.limitToPlaces(sql, "x.place_id", scope, place, type);
        sql.add("""
                ) c on true left join lateral (
                  select * from pool.change_order x where x.entity_id = o.entity_id and x.seq <= ? and x.at <= ?
                   order by x.seq desc limit 1) p on true
                left join lateral (select * from pool.change x where x.seq = p.seq and x.at = p.at""", between.from().seq(), between.from().time());
        ScopedReads.limitToPlaces(sql, "x.place_id", scope, place, type);
        sql.add("""
                ) b on true left join lateral (
                  select * from pool.change_order x where x.entity_id = o.entity_id and x.seq > ? and x.at > ?
                   order by x.seq limit 1) f on true""", between.from().seq(), between.from().time());
    }

    private static List<Row> rows(Connection connection, Sql sql) throws SQLException {
        var rows = new ArrayList<Row>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                boolean before = isAlive(row.getString(8));
                boolean after = isAlive(row.getString(4));
                String title = row.getString(6) == null ? row.getString(9) : row.getString(6);
                rows.add(new Row(
                        row.getLong(1),
                        row.getLong(2),
                        row.getObject(3, OffsetDateTime.class).toInstant(),
                        kind(row, before, after),
                        title,
                        row.getObject(5, Long.class),
                        Rendering.parse(before ? row.getString(10) : null),
                        Rendering.parse(after ? row.getString(7) : null)));
            }
        }
        return rows;
    }

    private static Kind kind(ResultSet row, boolean before, boolean after) throws SQLException {
        String now = row.getString(4);
        String was = row.getString(11);
        String first = row.getString(12);
        if (first == null || before == after && !before) {
            return Kind.UNCHANGED;
        }
        if (before) {
            return after ? Kind.CHANGED : now == null ? Kind.LEFT : Kind.valueOf(now);
        }
        if (was == null) {
            return "SPLIT".equals(first) ? Kind.SPLIT : Kind.CREATED;
        }
        return isAlive(was) ? Kind.ARRIVED : Kind.RESTORED;
    }

    private static boolean isAlive(@Nullable String operation) {
        return operation != null && !operation.equals("RETIRED") && !operation.equals("MERGED");
    }

    private List<RecordDifference> render(Connection connection, EntityType type, List<Row> rows) throws SQLException {
        var referred = new LinkedHashSet<Long>();
        for (Row row : rows) {
            referred.addAll(rendering.referencesIn(type, row.before()));
            referred.addAll(rendering.referencesIn(type, row.after()));
        }
        Map<Long, Reference> references = rendering.references(connection, referred);
        return rows.stream()
                .map(row -> new RecordDifference(
                        row.id(),
                        row.kind(),
                        row.title(),
                        row.redirectTo(),
                        row.at(),
                        rendering.differences(type, row.before(), row.after(), references)))
                .toList();
    }
}
