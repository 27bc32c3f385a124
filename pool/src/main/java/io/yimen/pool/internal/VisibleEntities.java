package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Entities as somebody who decides about them may see them, within the writing transaction. */
final class VisibleEntities {
    private static final int LONGEST_REASON = 1000;
    private static final String SELECT = """
            select e.id, e.entity_type, e.status, e.version, e.redirect_to
              from unnest(?::bigint[]) u (id)
              join pool.entity e on e.id = u.id
             where ? or exists (select from pool.place_scope s where s.place = e.place_id and s.ancestor = any (?))
            """;

    private final Transaction tx;
    private final PoolModel model;

    /** An entity as the scope shows it. */
    record Seen(EntityType type, String status, long version, long redirectTo) {
        boolean isActive() {
            return status.equals("ACTIVE");
        }
    }

    VisibleEntities(Transaction tx, PoolModel model) {
        this.tx = tx;
        this.model = model;
    }

    /** Those of the entities that may be seen, whatever became of them. */
    Map<Long, Seen> of(Scope scope, Collection<Long> ids) throws SQLException {
        Map<Long, Seen> seen = new HashMap<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT)) {
            Sql.set(select, 1, ids);
            select.setBoolean(2, scope.everything());
            Sql.set(select, 3, scope.roots());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    seen.put(
                            rows.getLong(1),
                            new Seen(
                                    model.getType(rows.getString(2)),
                                    rows.getString(3),
                                    rows.getLong(4),
                                    rows.getLong(5)));
                }
            }
        }
        return seen;
    }

    /**
     * Those entities, all of which are there and live.
     *
     * @throws PoolException {@code NOT_FOUND}, or {@code CONFLICT} where an id leads elsewhere
     */
    Map<Long, Seen> check(Scope scope, Collection<Long> ids) throws SQLException {
        Map<Long, Seen> seen = of(scope, ids);
        for (long id : ids) {
            Seen row = seen.get(id);
            if (row != null && row.status.equals("ERASED")) {
                throw PoolException.erased(row.type + " " + id);
            }
            if (row == null || row.status.equals("RETIRED")) {
                throw ScopedReads.notFound("record");
            }
            if (!row.isActive()) {
                Seen to = of(scope, List.of(row.redirectTo)).get(row.redirectTo);
                if (to == null || !to.isActive()) {
                    throw ScopedReads.notFound("record");
                }
                throw PoolException.redirected(row.type + " " + id, row.redirectTo);
            }
        }
        return seen;
    }

    /**
     * @param version 0: whatever it is
     * @throws PoolException {@code CONFLICT} if the entity is in another one
     */
    static void checkVersion(long id, long version, Map<Long, Seen> seen) {
        Seen row = seen.get(id);
        if (row != null && version != 0 && version != row.version) {
            throw PoolException.staleVersion(row.type + " " + id, version, row.version);
        }
    }

    /** A reason that may be kept. */
    static String checkReason(String reason) {
        String text = reason.strip();
        if (text.isEmpty() || text.length() > LONGEST_REASON || text.indexOf('\0') >= 0) {
            throw new PoolException(PoolException.Kind.INVALID, "A decision needs a reason of 1 to 1000 characters");
        }
        return text;
    }
}
