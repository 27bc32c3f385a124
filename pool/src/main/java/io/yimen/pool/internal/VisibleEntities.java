package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.model.Scoping;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Entities as somebody who decides about them may see them, within the writing transaction or a read under the pool's own
 * role.
 */
public final class VisibleEntities {
    private static final int LONGEST_REASON = 1000;
    private static final String SELECT = """
            select e.id, e.entity_type, e.status, e.version, e.redirect_to
              from unnest(?::bigint[]) u (id)
              join pool.entity e on e.id = u.id
             where\s""";
    private static final String WITHIN = """
            (? or exists (select from pool.place_scope s where s.place = e.place_id and s.ancestor = any (?)))""";
    /** What is shown to those who have a place, though it lies outside: what everybody sees, and the places above. */
    private static final String BESIDE = """
            ((e.entity_type = any (?) and cardinality(?::bigint[]) > 0)
             or (e.entity_type = 'Place' and exists (
                   select from pool.place_scope s where s.ancestor = e.id and s.place = any (?))))""";

    private static final String OWNED = """
            exists (select from pool.source_record r join pool.stream m on m.id = r.stream_id
                     where r.entity_id = e.id and not r.deleted and (? or m.source = any (?)))""";

    private final Connected connected;
    private final PoolModel model;

    /** An entity as the scope shows it. */
    public record Seen(EntityType type, String status, long version, long redirectTo) {
        public boolean isActive() {
            return status.equals("ACTIVE");
        }
    }

    /** Gives the connection, once all that waits to be written was sent. */
    private interface Connected {
        Connection db() throws SQLException;
    }

    VisibleEntities(Transaction tx, PoolModel model) {
        this.connected = tx::db;
        this.model = model;
    }

    /** For a read. */
    public VisibleEntities(Connection db, PoolModel model) {
        this.connected = () -> db;
        this.model = model;
    }

    /** Those of the entities that lie within the scope's places, whatever became of them. */
    Map<Long, Seen> of(Scope scope, Collection<Long> ids) throws SQLException {
        try (PreparedStatement select = connected.db().prepareStatement(SELECT + WITHIN)) {
            within(select, scope, ids);
            return read(select);
        }
    }

    /**
     * Those of the entities whose values somebody may put right: what lies within his or her places, and of what is
     * shown besides that which a system says for which he or she answers.
     */
    public Map<Long, Seen> corrigible(Authority by, Collection<Long> ids) throws SQLException {
        try (PreparedStatement select =
                connected.db().prepareStatement(SELECT + "(" + WITHIN + " or (" + BESIDE + " and " + OWNED + "))")) {
            within(select, by.scope(), ids);
            beside(select, 4, by.scope());
            select.setBoolean(7, by.owns("*"));
            select.setObject(8, by.sources().toArray(String[]::new), Types.ARRAY);
            return read(select);
        }
    }

    /** Whether an entity outside the scope's places is shown all the same. */
    boolean isShownBeside(Scope scope, long id) throws SQLException {
        try (PreparedStatement select = connected.db().prepareStatement(SELECT + BESIDE)) {
            Sql.set(select, 1, List.of(id));
            beside(select, 2, scope);
            return !read(select).isEmpty();
        }
    }

    private static void within(PreparedStatement select, Scope scope, Collection<Long> ids) throws SQLException {
        Sql.set(select, 1, ids);
        select.setBoolean(2, scope.everything());
        Sql.set(select, 3, scope.roots());
    }

    private void beside(PreparedStatement select, int first, Scope scope) throws SQLException {
        String[] everyone = model.types().stream()
                .filter(type -> type.scoping() == Scoping.EVERYONE)
                .map(EntityType::name)
                .toArray(String[]::new);
        select.setObject(first, everyone, Types.ARRAY);
        Sql.set(select, first + 1, scope.roots());
        Sql.set(select, first + 2, scope.roots());
    }

    private Map<Long, Seen> read(PreparedStatement select) throws SQLException {
        Map<Long, Seen> seen = new HashMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                seen.put(
                        rows.getLong(1),
                        new Seen(
                                model.getType(rows.getString(2)), rows.getString(3), rows.getLong(4), rows.getLong(5)));
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
