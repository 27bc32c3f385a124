package io.yimen.pool.internal;

import io.yimen.pool.claim.StreamId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Table {@code reference}: every published reference, by what it was claimed as and what that means at present. */
public final class References {
    private static final String SELECT_OF_ENTITIES = """
            select r.entity_id, r.field, r.target_name, r.target_value, r.to_entity
              from unnest(?::bigint[]) e (id) join pool.reference r on r.entity_id = e.id
            """;
    private static final String RESOLVE_RECORDS = """
            select t.source || '/' || t.stream || '/' || t.key, r.entity_id
              from unnest(?::text[], ?::text[], ?::text[]) t (source, stream, key)
              join pool.stream s on s.source = t.source and s.stream = t.stream
              join pool.source_record r on r.stream_id = s.id and r.key = t.key
             where not r.deleted
            """;
    // What several entities hold means none of them: a wrong place would show people what they may not see.
    private static final String RESOLVE_IDENTIFIERS = """
            select t.name, t.value, min(i.entity_id)
              from unnest(?::text[], ?::text[]) t (name, value)
              join pool.identifier i on i.name = t.name and i.value = t.value
             group by t.name, t.value
            having min(i.entity_id) = max(i.entity_id)
            """;
    private static final String NAMES_IN_USE = """
            select n from unnest(?::text[]) n where exists (select from pool.reference r where r.target_name = n)
            """;
    private static final String SELECT_REFERRERS = """
            select r.entity_id, r.field, r.target_name, r.target_value, r.to_entity
              from unnest(?::text[], ?::text[]) t (name, value)
              join pool.reference r on r.target_name = t.name and r.target_value = t.value
            """;
    private static final String UPSERT = """
            insert into pool.reference (entity_id, field, target_name, target_value, to_entity)
            select * from unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[])
            on conflict (entity_id, field) do update
              set target_name = excluded.target_name, target_value = excluded.target_value,
                  to_entity = excluded.to_entity
            """;
    private static final String DELETE = """
            delete from pool.reference r
             using unnest(?::bigint[], ?::text[]) u (entity_id, field)
             where r.entity_id = u.entity_id and r.field = u.field
            """;
    static final String RECORD = "record";

    /** A published reference. */
    record Row(
            long entity,
            String field,
            Gate.Target target,
            @Nullable Long to) {}

    private final Transaction tx;

    References(Transaction tx) {
        this.tx = tx;
    }

    /** References of the given entities: entity → field → row. Filled with the answer to the next question. */
    Map<Long, Map<String, Row>> of(Collection<Long> entities) {
        Map<Long, Map<String, Row>> rows = new HashMap<>();
        if (entities.isEmpty()) {
            return rows;
        }
        tx.along(
                SELECT_OF_ENTITIES,
                found -> {
                    Row row = read(found);
                    rows.computeIfAbsent(row.entity, e -> new HashMap<>()).put(row.field, row);
                },
                Sql.ids(entities));
        return rows;
    }

    /** What targets mean at present; unresolved ones are left out. Filled with the answer to the next question. */
    Map<Gate.Target, Long> resolve(Set<Gate.Target> targets) {
        Map<Gate.Target, Long> resolved = new HashMap<>();
        Columns columns = new Columns(targets);
        if (columns.records > 0) {
            tx.along(RESOLVE_RECORDS, row -> putRecord(row, resolved), columns.sources, columns.streams, columns.keys);
        }
        if (columns.records < targets.size()) {
            tx.along(RESOLVE_IDENTIFIERS, row -> putIdentifier(row, resolved), columns.names, columns.values);
        }
        return resolved;
    }

    /** What targets mean at present, as far as the connection's role may see; unresolved ones are left out. */
    public static Map<Gate.Target, Long> resolve(Connection db, Set<Gate.Target> targets) throws SQLException {
        Map<Gate.Target, Long> resolved = new HashMap<>();
        Columns columns = new Columns(targets);
        if (columns.records > 0) {
            try (PreparedStatement select = db.prepareStatement(RESOLVE_RECORDS)) {
                columns.sources.set(select, 1);
                columns.streams.set(select, 2);
                columns.keys.set(select, 3);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        putRecord(rows, resolved);
                    }
                }
            }
        }
        if (columns.records < targets.size()) {
            try (PreparedStatement select = db.prepareStatement(RESOLVE_IDENTIFIERS)) {
                columns.names.set(select, 1);
                columns.values.set(select, 2);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        putIdentifier(rows, resolved);
                    }
                }
            }
        }
        return resolved;
    }

    private static void putRecord(ResultSet row, Map<Gate.Target, Long> resolved) throws SQLException {
        resolved.put(new Gate.Target(RECORD, row.getString(1)), row.getLong(2));
    }

    private static void putIdentifier(ResultSet row, Map<Gate.Target, Long> resolved) throws SQLException {
        resolved.put(new Gate.Target(row.getString(1), row.getString(2)), row.getLong(3));
    }

    /** Targets as columns of the two questions. */
    private static final class Columns {
        private final Sql.Texts sources = new Sql.Texts();
        private final Sql.Texts streams = new Sql.Texts();
        private final Sql.Texts keys = new Sql.Texts();
        private final Sql.Texts names = new Sql.Texts();
        private final Sql.Texts values = new Sql.Texts();
        private int records;

        Columns(Set<Gate.Target> targets) {
            for (Gate.Target target : targets) {
                if (target.name().equals(RECORD)) {
                    int first = target.value().indexOf('/');
                    int second = target.value().indexOf('/', first + 1);
                    sources.add(target.value().substring(0, first));
                    streams.add(target.value().substring(first + 1, second));
                    keys.add(target.value().substring(second + 1));
                    records++;
                } else {
                    names.add(target.name());
                    values.add(target.value());
                }
            }
        }
    }

    /** Which of the names are used by any reference: spares the search for referrers of what nobody refers to. */
    Set<String> inUse(Collection<String> names) throws SQLException {
        Set<String> used = new HashSet<>();
        Sql.Texts all = new Sql.Texts();
        names.forEach(all::add);
        tx.ask(NAMES_IN_USE, row -> used.add(row.getString(1)), all);
        return used;
    }

    /** References that were claimed as one of the targets. */
    List<Row> referrers(Set<Gate.Target> targets) throws SQLException {
        Sql.Texts names = new Sql.Texts();
        Sql.Texts values = new Sql.Texts();
        for (Gate.Target target : targets) {
            names.add(target.name());
            values.add(target.value());
        }
        List<Row> found = new ArrayList<>();
        tx.ask(SELECT_REFERRERS, row -> found.add(read(row)), names, values);
        return found;
    }

    void save(Collection<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        Sql.Longs entities = new Sql.Longs();
        Sql.Texts fields = new Sql.Texts();
        Sql.Texts names = new Sql.Texts();
        Sql.Texts values = new Sql.Texts();
        Sql.Longs to = new Sql.Longs();
        for (Row row : rows) {
            entities.add(row.entity);
            fields.add(row.field);
            names.add(row.target.name());
            values.add(row.target.value());
            to.add(row.to);
        }
        tx.later(UPSERT, entities, fields, names, values, to);
    }

    void delete(Collection<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        Sql.Longs entities = new Sql.Longs();
        Sql.Texts fields = new Sql.Texts();
        for (Row row : rows) {
            entities.add(row.entity);
            fields.add(row.field);
        }
        tx.later(DELETE, entities, fields);
    }

    /** The target that names a record. */
    static Gate.Target record(StreamId stream, String key) {
        return new Gate.Target(RECORD, stream + "/" + key);
    }

    private static Row read(ResultSet row) throws SQLException {
        return new Row(
                row.getLong(1),
                row.getString(2),
                new Gate.Target(row.getString(3), row.getString(4)),
                row.getObject(5, Long.class));
    }
}
