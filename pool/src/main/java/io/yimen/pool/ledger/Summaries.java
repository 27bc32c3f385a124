package io.yimen.pool.ledger;

import io.yimen.pool.model.EntityType;
import java.sql.ResultSet;
import java.util.LinkedHashMap;

/** Counts over all ledgers. Thread-safe. */
public final class Summaries {
    private final ScopedReads reads;

    public Summaries(ScopedReads reads) {
        this.reads = reads;
    }

    /** What the scope holds; the places above it, shown for orientation, are not counted. */
    public Summary get(Scope scope) {
        return reads.read(scope, ScopedReads.operations(), connection -> {
            var entities = new LinkedHashMap<String, Long>();
            for (EntityType type : reads.model().types()) {
                entities.put(type.name(), 0L);
            }
            long records = 0;
            long merged = 0;
            long mergedInto = 0;
            var sql = new Sql().add("""
                            select e.entity_type, count(*), sum(e.records),
                                   coalesce(sum(e.records) filter (where e.records > 1), 0),
                                   count(*) filter (where e.records > 1)
                              from pool.entity e
                             where e.status = 'ACTIVE'""");
            reads.limitToScope(sql, "e", scope);
            try (var select = sql.add("group by e.entity_type").on(connection);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    entities.put(row.getString(1), row.getLong(2));
                    records += row.getLong(3);
                    merged += row.getLong(4);
                    mergedInto += row.getLong(5);
                }
            }
            try (var select = connection.prepareStatement("select seq from pool.change_head");
                    ResultSet row = select.executeQuery()) {
                row.next();
                return new Summary(entities, records, merged, mergedInto, row.getLong(1));
            }
        });
    }
}
