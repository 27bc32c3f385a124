package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records that could not be applied. None of them has a place yet, so that only a scope that sees everything sees any.
 * Thread-safe.
 */
public final class Quarantine {
    private final ScopedReads reads;
    private final Cursors cursors;

    public Quarantine(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
    }

    /**
     * Records, newest first, without their raw form.
     *
     * @param source only of this source, or {@code null}
     * @param status only in this state, or {@code null}
     * @param cursor of the page before, or {@code null}
     */
    public QuarantinePage list(
            Scope scope,
            @Nullable String source,
            QuarantinePage.@Nullable Status status,
            @Nullable String cursor,
            int limit) {
        ScopedReads.checkLimit(limit, RecordQuery.MAX_LIMIT);
        String question = Cursors.question("quarantine", source, status);
        long before = cursor == null
                ? Long.MAX_VALUE
                : Long.parseLong(cursors.read(cursor, question, 1).get(0));
        if (!scope.everything()) {
            return new QuarantinePage(List.of(), null);
        }
        return reads.read(scope, ScopedReads.operations(), connection -> {
            var sql = new Sql().add(ITEM).add("where q.id < ?", before);
            if (source != null) {
                sql.add("and t.source = ?", ScopedReads.checkText("The source", source, 80));
            }
            if (status != null) {
                sql.add("and q.status = ?", status.name());
            }
            List<QuarantinePage.Item> items = items(connection, sql.add("order by q.id desc limit ?", limit + 1));
            List<QuarantinePage.Item> page = ScopedReads.firstOf(items, limit);
            String next = items.size() > limit
                    ? cursors.write(
                            question, String.valueOf(page.get(page.size() - 1).id()))
                    : null;
            return new QuarantinePage(page, next);
        });
    }

    /** @throws PoolException {@code NOT_FOUND} */
    public QuarantinePage.Item get(Scope scope, long id) {
        if (!scope.everything()) {
            throw ScopedReads.notFound("record in quarantine");
        }
        return reads.read(
                scope,
                ScopedReads.operations(),
                connection -> items(connection, new Sql().add(ITEM).add("where q.id = ?", id)).stream()
                        .findFirst()
                        .orElseThrow(() -> ScopedReads.notFound("record in quarantine")));
    }

    /**
     * The record as it was received. The audit line, with the purpose, is on disk before it is returned.
     *
     * @throws PoolException {@code NOT_FOUND}; {@code INVALID} for a missing purpose
     */
    public String raw(Scope scope, long id, String purpose) {
        String stated = Ledgers.checkPurpose(purpose);
        var access = new ScopedReads.Access("UNMASK", "quarantine/" + id, Map.of("purpose", stated), true, true, true);
        return reads.read(scope, access, connection -> {
            if (!scope.everything()) {
                throw ScopedReads.notFound("record in quarantine");
            }
            try (var select = connection.prepareStatement("select raw from pool.quarantine where id = ?")) {
                select.setLong(1, id);
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw ScopedReads.notFound("record in quarantine");
                    }
                    return new String(reads.vault().open(row.getBytes(1)), StandardCharsets.UTF_8);
                }
            }
        });
    }

    private static final String ITEM = """
            select q.id, t.source, s.title, t.stream, q.key, q.epoch, q.position, q.reason, q.field, q.message, q.status,
                   q.at
              from pool.quarantine q
              join pool.stream t on t.id = q.stream_id
              join pool.source s on s.id = t.source""";

    private static List<QuarantinePage.Item> items(Connection connection, Sql sql) throws SQLException {
        var items = new ArrayList<QuarantinePage.Item>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                items.add(new QuarantinePage.Item(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getInt(6) + "/" + row.getLong(7),
                        row.getString(8),
                        row.getString(9),
                        row.getString(10),
                        QuarantinePage.Status.valueOf(row.getString(11)),
                        row.getObject(12, OffsetDateTime.class).toInstant()));
            }
        }
        return items;
    }
}
