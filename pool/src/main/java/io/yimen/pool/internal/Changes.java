package io.yimen.pool.internal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code change}: history and outbox in one, append only. The writer holds the pool's lock from before the first
 * number is taken until the commit: the order of numbers is the order of commits, without gaps.
 */
final class Changes {
    private static final String LAST = """
            select coalesce(max(seq), 0) from pool.change
            """;
    private static final String APPEND = """
            insert into pool.change (seq, at, entity_id, entity_type, place_id, op, version, redirect_to, title, fields,
                                     lineage, run_id, cause, actor)
            select u.seq, ?, e.id, e.entity_type, e.place_id, u.op, e.version, e.redirect_to, e.title, e.fields,
                   e.lineage, nullif(?, 0), ?, ?
              from unnest(?::bigint[], ?::bigint[], ?::text[]) u (seq, id, op)
              join pool.entity e on e.id = u.id
             order by u.seq
            """;

    private final Transaction tx;
    private final List<Long> seqs = new ArrayList<>();
    private final List<Long> entities = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private long last;
    private @Nullable String cause;
    private @Nullable String actor;

    Changes(Transaction tx) throws SQLException {
        this.tx = tx;
        try (PreparedStatement select = tx.db().prepareStatement(LAST);
                ResultSet rows = select.executeQuery()) {
            rows.next();
            this.last = rows.getLong(1);
        }
    }

    /**
     * On whose word the changes are, where no run brings them.
     *
     * @param what {@code correction/7}, {@code decision/3}, {@code rules}
     */
    Changes because(String what, String who) {
        cause = what;
        actor = who;
        return this;
    }

    /** Notes a change; what it says is taken from the entity as it stands when all is written. */
    long note(long entity, Operation operation) {
        last++;
        seqs.add(last);
        entities.add(entity);
        operations.add(operation);
        return last;
    }

    int count() {
        return seqs.size();
    }

    long last() {
        return last;
    }

    void append() throws SQLException {
        if (seqs.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = tx.db().prepareStatement(APPEND)) {
            insert.setObject(1, tx.timestamp());
            insert.setLong(2, tx.run());
            insert.setString(3, cause);
            insert.setString(4, actor);
            Sql.set(insert, 5, seqs);
            Sql.set(insert, 6, entities);
            Sql.Texts names = new Sql.Texts();
            operations.forEach(o -> names.add(o.name()));
            names.set(insert, 7);
            insert.executeUpdate();
        }
    }
}
