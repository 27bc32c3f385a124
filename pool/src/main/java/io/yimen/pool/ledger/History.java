package io.yimen.pool.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one record. Somebody sees the changes that were made while it lay in his or her places; an id that
 * was merged away keeps its own history. Thread-safe.
 */
public final class History {
    private final ScopedReads reads;
    private final Cursors cursors;
    private final Rendering rendering;

    public History(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
        this.rendering = new Rendering(reads.model(), reads.vault());
    }

    private record Row(
            long seq,
            Instant at,
            Operation operation,
            long version,
            @Nullable String source,
            @Nullable String sourceTitle,
            @Nullable String feed,
            @Nullable Long run,
            @Nullable Long redirectTo,
            @Nullable String cause,
            @Nullable String actor,
            JsonNode fields) {}

    /**
     * Changes, newest first, each with what it changed.
     *
     * @param cursor of the page before, or {@code null}
     * @throws PoolException {@code NOT_FOUND} if there is no such record, or none that may be seen
     */
    public HistoryPage list(Scope scope, String entityType, long id, @Nullable String cursor, int limit) {
        EntityType type = reads.model().getType(entityType);
        ScopedReads.checkLimit(limit, RecordQuery.MAX_LIMIT);
        String question = Cursors.question("history", type.name(), id);
        long before = cursor == null
                ? Long.MAX_VALUE
                : Long.parseLong(cursors.read(cursor, question, 1).get(0));
        return reads.read(
                scope, reads.reading("HISTORY", type.name() + "/" + id, Map.of(), List.of(type)), connection -> {
                    Ledgers.checkNotErased(connection, type, id);
                    // The one change more than asked for tells what the last entry of the page came from.
                    List<Row> rows = rows(connection, type, id, before, limit + 1);
                    if (rows.isEmpty()) {
                        throw ScopedReads.notFound("record");
                    }
                    var referred = new LinkedHashSet<Long>();
                    for (Row row : rows) {
                        referred.addAll(rendering.referencesIn(type, row.fields()));
                    }
                    Map<Long, Reference> references = rendering.references(connection, referred);
                    JsonNode nothing = Rendering.parse(null);
                    var entries = new ArrayList<HistoryPage.Entry>();
                    for (int i = 0; i < Math.min(limit, rows.size()); i++) {
                        Row row = rows.get(i);
                        JsonNode earlier = i + 1 < rows.size() ? rows.get(i + 1).fields() : nothing;
                        entries.add(new HistoryPage.Entry(
                                row.seq(),
                                row.at(),
                                row.operation(),
                                row.version(),
                                row.source(),
                                row.sourceTitle(),
                                row.feed(),
                                row.run(),
                                row.redirectTo(),
                                row.cause(),
                                row.actor(),
                                rendering.differences(type, earlier, row.fields(), references)));
                    }
                    String next = rows.size() > limit
                            ? cursors.write(
                                    question, String.valueOf(rows.get(limit - 1).seq()))
                            : null;
                    return new HistoryPage(entries, next);
                });
    }

    private static List<Row> rows(Connection connection, EntityType type, long id, long before, int most)
            throws SQLException {
        try (var select = connection.prepareStatement("""
                select c.seq, c.at, c.op, c.version, r.source, s.title, r.feed, c.run_id, c.redirect_to, c.fields, c.cause,
                       c.actor
                  from pool.change c
                  left join pool.run r on r.id = c.run_id
                  left join pool.source s on s.id = r.source
                 where c.entity_id = ? and c.entity_type = ? and c.seq < ?
                 order by c.seq desc
                 limit ?""")) {
            select.setLong(1, id);
            select.setString(2, type.name());
            select.setLong(3, before);
            select.setInt(4, most);
            var rows = new ArrayList<Row>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(new Row(
                            row.getLong(1),
                            row.getObject(2, OffsetDateTime.class).toInstant(),
                            Operation.valueOf(row.getString(3)),
                            row.getLong(4),
                            row.getString(5),
                            row.getString(6),
                            row.getString(7),
                            row.getObject(8, Long.class),
                            row.getObject(9, Long.class),
                            row.getString(11),
                            row.getString(12),
                            Rendering.parse(row.getString(10))));
                }
            }
            return rows;
        }
    }
}
