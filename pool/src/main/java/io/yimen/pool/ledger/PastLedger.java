package io.yimen.pool.ledger;

import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ledgers as they stood, read from the change log. Whether a change was the last one then is asked past row-level
 * security: a later one may lie in another place, and ends this one all the same.
 */
final class PastLedger {
    private static final String THEN = """
            select c.entity_id as id, c.version,
                   case c.op when 'RETIRED' then 'RETIRED' when 'MERGED' then 'REDIRECTED' else 'ACTIVE' end as status,
                   c.redirect_to, c.title, c.place_id, c.fields, c.lineage,
                   coalesce((select e.records from pool.entity e where e.id = c.entity_id), 0) as records,
                   c.at as updated_at,""";

    /** The last change by the moment of the record of {@code c}. */
    private static final String LAST = """
            select case when l.change_seq <= ? then l.change_seq
                        else (select o.seq from pool.change_order o
                               where o.entity_id = c.entity_id and o.at >= c.at and o.at <= ? and o.seq <= ?
                               order by o.seq desc limit 1) end
              from pool.last_change l where l.id = c.entity_id""";

    private final ScopedReads reads;

    PastLedger(ScopedReads reads) {
        this.reads = reads;
    }

    /** A page and one more; of some places each row tells, in {@code total}, how many there are from the cursor on. */
    Sql page(
            Scope scope,
            EntityType type,
            RecordQuery query,
            @Nullable String search,
            Ledgers.@Nullable Cursor after,
            Moment moment) {
        boolean byTitle = query.sort() == RecordQuery.Sort.TITLE;
        String compare = query.descending() ? "<" : ">";
        String direction = query.descending() ? "desc" : "asc";
        boolean placed = ScopedReads.isPlaced(scope, type, query.place());
        var sql = new Sql().add(THEN).add(byTitle ? "c.title as sort_key" : "c.seq::text as sort_key");
        if (placed) {
            sql.add(", t.total from (select c.seq, c.at, count(*) over () as total");
        }
        limit(sql, scope, type, query, search, moment);
        if (after != null) {
            if (!byTitle) {
                sql.add("and c.seq " + compare + " ?", after.seq());
            } else if (after.key() != null) {
                sql.add("and (c.title, c.entity_id) " + compare + " (?, ?)", after.key(), after.id());
            } else {
                sql.add(
                        "and (c.title, c.entity_id) " + compare + " (select title, entity_id from pool.change"
                                + " where entity_id = ? and seq <= ? order by seq desc limit 1)",
                        after.id(),
                        moment.seq());
            }
        }
        String order = byTitle
                ? "order by c.title " + direction + ", c.entity_id " + direction
                : "order by c.seq " + direction;
        sql.add(order).add("limit ?", query.limit() + 1);
        return placed
                ? sql.add(") t join pool.change c on c.seq = t.seq and c.at = t.at")
                        .add(order)
                : sql;
    }

    /** How many there were. */
    Sql count(Scope scope, EntityType type, RecordQuery query, @Nullable String search, Moment moment) {
        boolean all = !ScopedReads.isPlaced(scope, type, query.place())
                && search == null
                && query.filters().isEmpty()
                && query.validAt() == null;
        if (all) {
            return new Sql().add("""
                    select (select count(*) from pool.entity e where e.entity_type = ? and e.status = 'ACTIVE')
                         - (select count(*) filter (where c.op in ('CREATED', 'SPLIT', 'RESTORED'))
                                 - count(*) filter (where c.op in ('RETIRED', 'MERGED'))
                              from pool.change c
                             where c.entity_type = ? and c.op <> 'UPDATED' and c.seq > ? and c.at > ?)""", type.name(), type.name(), moment.seq(), moment.time());
        }
        var sql = new Sql().add("select count(*)");
        if (ScopedReads.isPlaced(scope, type, query.place())) {
            limit(sql, scope, type, query, search, moment);
        } else {
            conditions(sql.add("from pool.change c where true"), scope, type, query, search, moment);
            wasLastOfAll(sql, moment);
        }
        return sql;
    }

    /** How many there were in each of some places and all below it: rows of place and count. */
    Sql countIn(List<Long> places, Scope scope, EntityType type, RecordQuery query, Moment moment) {
        var sql = new Sql()
                .add(
                        "select a.ancestor, count(*) from pool.place_scope a join pool.change c on c.place_id = a.place"
                                + " where a.ancestor = any (?)",
                        places);
        conditions(sql, scope, type, query, null, moment);
        wasLastOfAll(sql, moment);
        return sql.add("group by a.ancestor");
    }

    /**
     * Row by row, so that a page that is read in its order is full long before the log is read. What has not changed
     * since needs no look into the log.
     */
    static void wasLast(Sql sql, Moment moment) {
        sql.add("and c.seq = (" + LAST + ")", moment.seq(), moment.time(), moment.seq());
    }

    /** The same for a whole log: all of it is looked at once. */
    private static void wasLastOfAll(Sql sql, Moment moment) {
        sql.add(
                "and not exists (select from pool.change_order n where n.entity_id = c.entity_id and n.seq > c.seq"
                        + " and n.at <= ? and n.seq <= ?)",
                moment.time(),
                moment.seq());
    }

    private void limit(
            Sql sql, Scope scope, EntityType type, RecordQuery query, @Nullable String search, Moment moment) {
        if (!ScopedReads.isPlaced(scope, type, query.place())) {
            conditions(sql.add("from pool.change c where true"), scope, type, query, search, moment);
            wasLast(sql, moment);
            return;
        }
        // Whose next change lies in the places too, and after the moment, needs no look at the rest of the log.
        boolean byFields = query.validAt() != null || !query.filters().isEmpty();
        sql.add("from (select x.seq, x.at, x.entity_id, x.entity_type, x.version, x.op, x.title, x.place_id,")
                .add(byFields ? "x.fields," : "")
                .add(
                        "lead(x.seq) over w as next_seq, lead(x.version) over w as next_version"
                                + " from pool.change x where x.entity_type = ?",
                        type.name());
        ScopedReads.limitToPlaces(sql, "x.place_id", scope, query.place(), type);
        sql.add("window w as (partition by x.entity_id order by x.seq)) c where true");
        conditions(sql, scope, type, query, search, moment);
        sql.add(
                "and (c.next_seq is null or c.next_seq > ?) and (c.next_version = c.version + 1 or c.seq = (" + LAST
                        + "))",
                moment.seq(),
                moment.seq(),
                moment.time(),
                moment.seq());
    }

    private void conditions(
            Sql sql, Scope scope, EntityType type, RecordQuery query, @Nullable String search, Moment moment) {
        sql.add("and c.entity_type = ? and c.at <= ? and c.seq <= ?", type.name(), moment.time(), moment.seq())
                .add("and c.op not in ('RETIRED', 'MERGED', 'ERASED')");
        ScopedReads.limitToPlaces(sql, "c.place_id", scope, query.place(), type);
        Ledgers.search(sql, "c.title", search);
        ValidTime.limit(sql, "c.fields", type, query.validAt());
        for (RecordQuery.Filter filter : query.filters()) {
            Field field = type.getField(filter.field());
            if (field.isReference()) {
                // Who does not refer to it now, and did then, has changed since.
                sql.add("""
                        and c.entity_id in (
                              select r.entity_id from pool.reference r where r.to_entity = ? and r.field = ?
                               union all
                              select o.entity_id from pool.change_order o
                               where o.entity_type = ? and o.seq > ? and o.at > ?)""", Long.parseLong(filter.value()), field.name(), type.name(), moment.seq(), moment.time());
            }
            sql.add("and c.fields ->> ? = ?", field.name(), Ledgers.stored(reads, field, filter.value()));
        }
    }

    /** One record; an id that was merged by then leads on. */
    StoredRecord get(Connection connection, EntityType type, long id, Moment moment) throws SQLException {
        long at = id;
        for (int step = 0; step < 1000; step++) {
            var sql = new Sql()
                    .add(THEN)
                    .add(
                            "'' as sort_key from pool.change c where c.entity_id = ? and c.entity_type = ?",
                            at,
                            type.name())
                    .add(
                            "and c.seq = (select max(o.seq) from pool.change_order o where o.entity_id = ? and o.seq <= ?)",
                            at,
                            moment.seq());
            Optional<StoredRecord> found =
                    Ledgers.stored(connection, sql, type, false).stream().findFirst();
            if (found.isPresent() && found.get().redirectTo() == null) {
                return found.get();
            }
            // Merged by then, maybe out of sight: go where it led.
            Long next = found.map(StoredRecord::redirectTo).orElse(null);
            if (next == null) {
                next = redirect(connection, at, moment);
            }
            if (next == null) {
                throw ScopedReads.notFound("record");
            }
            at = next;
        }
        throw ScopedReads.notFound("record");
    }

    private static @Nullable Long redirect(Connection connection, long id, Moment moment) throws SQLException {
        try (var select = connection.prepareStatement("""
                select redirect_to from pool.change_order where entity_id = ? and seq <= ? order by seq desc limit 1""")) {
            select.setLong(1, id);
            select.setLong(2, moment.seq());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getObject(1, Long.class) : null;
            }
        }
    }
}
