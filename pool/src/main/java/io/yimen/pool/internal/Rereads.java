package io.yimen.pool.internal;

import io.yimen.pool.run.Reread;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Table {@code reread}. */
public final class Rereads {
    private static final String ASK = """
            insert into pool.reread (source, streams, asked_by, asked_at) values (?, ?, ?, ?) returning id
            """;
    private static final String WAITING = """
            select id, source, streams, asked_by, asked_at from pool.reread where taken_at is null order by id
            """;
    private static final String TAKE = """
            update pool.reread set taken_at = ?, run_id = ? where id = any (?) and taken_at is null
            """;

    private final Connection db;

    public Rereads(Connection db) {
        this.db = db;
    }

    /** Notes a wish; returns its number. */
    public long ask(String source, Collection<String> streams, String actor, OffsetDateTime now) throws SQLException {
        try (PreparedStatement insert = db.prepareStatement(ASK)) {
            insert.setString(1, source);
            insert.setArray(2, db.createArrayOf("text", streams.toArray()));
            insert.setString(3, actor);
            insert.setObject(4, now);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Those that nobody has taken, oldest first. */
    public List<Reread> waiting() throws SQLException {
        List<Reread> waiting = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(WAITING);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                waiting.add(new Reread(
                        row.getLong(1),
                        row.getString(2),
                        new TreeSet<>(Arrays.asList((String[]) row.getArray(3).getArray())),
                        row.getString(4),
                        row.getObject(5, OffsetDateTime.class).toInstant()));
            }
        }
        return waiting;
    }

    /** They are taken by what else the transaction holds. */
    static void take(Transaction tx, Collection<Long> wishes, long run) {
        tx.later(TAKE, Sql.time(tx.timestamp()), Sql.number(run), Sql.ids(wishes));
    }
}
