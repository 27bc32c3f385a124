package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import java.sql.ResultSet;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;

/** The change feed. Thread-safe. */
public final class Changes {
    /** More at once than of a ledger: feeds are read by programs. */
    public static final int MAX_LIMIT = 1000;

    private final ScopedReads reads;
    private final Rendering rendering;

    public Changes(ScopedReads reads) {
        this.reads = reads;
        this.rendering = new Rendering(reads.model(), reads.vault());
    }

    /**
     * Changes within the scope, in the order of their commits.
     *
     * @param after sequence number after which to go on; 0 from the beginning
     * @param entityTypes only these; empty for all
     * @throws PoolException {@code INVALID} for a limit out of range; {@code NOT_FOUND} for an unknown type
     */
    public ChangePage list(Scope scope, long after, Collection<String> entityTypes, int limit) {
        ScopedReads.checkLimit(limit, MAX_LIMIT);
        if (after < 0) {
            throw new PoolException(PoolException.Kind.INVALID, "after is not negative");
        }
        Collection<EntityType> types = entityTypes.isEmpty()
                ? reads.model().types()
                : entityTypes.stream().map(reads.model()::getType).toList();
        String names = String.join(",", types.stream().map(EntityType::name).toList());
        return reads.read(scope, reads.reading("CHANGES", names, Map.of("after", after), types), connection -> {
            long end;
            // Read before the page: what is committed in between belongs to the next one.
            try (var select = connection.prepareStatement("select seq from pool.change_head");
                    ResultSet row = select.executeQuery()) {
                row.next();
                end = row.getLong(1);
            }
            var sql = new Sql().add("""
                            select c.seq, c.at, c.entity_id, c.entity_type, c.op, c.version, c.title, c.redirect_to,
                                   c.fields
                              from pool.change c
                             where c.seq > ? and c.seq <= ?""", after, end);
            if (!entityTypes.isEmpty()) {
                sql.add("and c.entity_type = any (?)", (Object)
                        types.stream().map(EntityType::name).toArray(String[]::new));
            }
            reads.limitToScope(sql, "c", scope);
            sql.add("order by c.seq limit ?", limit);
            var changes = new ArrayList<ChangePage.Change>();
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    EntityType type = reads.model().getType(row.getString(4));
                    changes.add(new ChangePage.Change(
                            row.getLong(1),
                            row.getObject(2, OffsetDateTime.class).toInstant(),
                            row.getLong(3),
                            type.name(),
                            Operation.valueOf(row.getString(5)),
                            row.getLong(6),
                            row.getString(7),
                            row.getObject(8, Long.class),
                            rendering.withoutSensitive(type, row.getString(9))));
                }
            }
            long last = changes.size() < limit
                    ? Math.max(after, end)
                    : changes.get(changes.size() - 1).seq();
            return new ChangePage(changes, last);
        });
    }

    /** Sequence number of the latest change. */
    public long last(Scope scope) {
        return reads.read(scope, ScopedReads.operations(), connection -> {
            try (var select = connection.prepareStatement("select seq from pool.change_head");
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }
}
