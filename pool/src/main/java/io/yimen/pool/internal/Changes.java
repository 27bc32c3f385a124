package io.yimen.pool.internal;

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
            select seq from pool.change_head
            """;
    // Clocks are set back now and then; the log's times are not.
    private static final String HEAD = """
            update pool.change_head set seq = ?, at = greatest(at, ?)
            """;
    // The numbers come in their order, and so are the rows written: sorting them would copy each once more.
    private static final String APPEND = """
            insert into pool.change (seq, at, entity_id, entity_type, place_id, op, version, redirect_to, title, fields,
                                     lineage, run_id, cause, actor)
            select u.seq, h.at, e.id, e.entity_type, e.place_id, u.op, e.version, e.redirect_to, e.title, e.fields,
                   e.lineage, nullif(?, 0), ?, ?
              from (select unnest(?::bigint[]) as seq, unnest(?::bigint[]) as id, unnest(?::text[]) as op) u
              join pool.entity e on e.id = u.id
             cross join pool.change_head h
            """;

    private final Transaction tx;
    private final List<Long> seqs = new ArrayList<>();
    private final List<Long> entities = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    /** -1 until the answer is there. */
    private long last = -1;
    /** How many are appended. */
    private int appended;

    private @Nullable String cause;
    private @Nullable String actor;

    Changes(Transaction tx) {
        this.tx = tx;
        tx.along(LAST, row -> last = row.getLong(1));
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
        if (last < 0) {
            throw new IllegalStateException("The number of the last change is not known yet");
        }
        last++;
        seqs.add(last);
        entities.add(entity);
        operations.add(operation);
        return last;
    }

    /** How many were noted. */
    int count() {
        return appended + seqs.size();
    }

    long last() throws SQLException {
        if (last < 0) {
            tx.send();
        }
        return last;
    }

    /** Writes what was noted since the last time. */
    void append() {
        if (seqs.isEmpty()) {
            return;
        }
        Sql.Texts names = new Sql.Texts();
        operations.forEach(o -> names.add(o.name()));
        tx.later(HEAD, Sql.number(last), Sql.time(tx.timestamp()));
        tx.later(
                APPEND,
                Sql.number(tx.run()),
                Sql.text(cause),
                Sql.text(actor),
                Sql.ids(List.copyOf(seqs)),
                Sql.ids(List.copyOf(entities)),
                names);
        appended += seqs.size();
        seqs.clear();
        entities.clear();
        operations.clear();
    }
}
