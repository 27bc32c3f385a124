package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records that could not be applied. None of them has a place yet, so that only a scope that sees everything sees any.
 * Their keys may be personal: every look leaves a line in the audit. Thread-safe.
 */
public final class Quarantine {
    private static final String ITEM = """
            select q.id, t.source, s.title, t.stream, q.key, q.epoch, q.position, q.reason, q.field, q.message, q.status,
                   q.at, q.outcome, q.replay_run, q.decided_at, q.decided_by, q.decided_why
              from pool.quarantine q
              join pool.stream t on t.id = q.stream_id
              join pool.source s on s.id = t.source""";

    private final ScopedReads reads;
    private final Cursors cursors;

    public Quarantine(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
    }

    /**
     * The record as it was received, and as it was taken in if somebody mended it.
     *
     * @param edited {@code null} if it was not
     */
    public record RawForm(String received, @Nullable String edited) {
        @Override
        public String toString() {
            return "raw form";
        }
    }

    /** Records, newest first, without their raw form. */
    public QuarantinePage list(Scope scope, QuarantineQuery query) {
        ScopedReads.checkLimit(query.limit(), RecordQuery.MAX_LIMIT);
        String question = Cursors.question(
                "quarantine",
                query.source(),
                query.stream(),
                query.reason(),
                query.key(),
                query.status(),
                query.since(),
                query.until(),
                query.replay());
        String cursor = query.cursor();
        long before = cursor == null
                ? Long.MAX_VALUE
                : Long.parseLong(cursors.read(cursor, question, 1).get(0));
        if (!scope.everything()) {
            return new QuarantinePage(List.of(), null);
        }
        return reads.read(scope, look("LIST", "quarantine"), connection -> {
            Sql sql = where(query, new Sql().add(ITEM).add("where q.id < ?", before));
            List<QuarantinePage.Item> items =
                    items(connection, sql.add("order by q.id desc limit ?", query.limit() + 1));
            List<QuarantinePage.Item> page = ScopedReads.firstOf(items, query.limit());
            String next = items.size() > query.limit()
                    ? cursors.write(
                            question, String.valueOf(page.get(page.size() - 1).id()))
                    : null;
            return new QuarantinePage(page, next);
        });
    }

    private static Sql where(QuarantineQuery query, Sql sql) {
        String source = query.source();
        if (source != null) {
            sql.add("and t.source = ?", ScopedReads.checkText("The source", source, 80));
        }
        String stream = query.stream();
        if (stream != null) {
            sql.add("and t.stream = ?", ScopedReads.checkText("The stream", stream, 80));
        }
        String reason = query.reason();
        if (reason != null) {
            sql.add("and q.reason = ?", ScopedReads.checkText("The reason", reason, 80));
        }
        String key = query.key();
        if (key != null) {
            String text = ScopedReads.checkText("The key", key, 500);
            if (text.endsWith("*")) {
                sql.add("and starts_with(q.key, ?)", text.substring(0, text.length() - 1));
            } else {
                sql.add("and q.key = ?", text);
            }
        }
        QuarantinePage.Status status = query.status();
        if (status != null) {
            sql.add("and q.status = ?", status.name());
        }
        Instant since = query.since();
        if (since != null) {
            sql.add("and q.at >= ?", since.atOffset(ZoneOffset.UTC));
        }
        Instant until = query.until();
        if (until != null) {
            sql.add("and q.at < ?", until.atOffset(ZoneOffset.UTC));
        }
        Long replay = query.replay();
        return replay == null ? sql : sql.add("and q.replay_run = ?", replay);
    }

    /** What waits, by its fault, the most frequent first. */
    public List<QuarantineFault> faults(Scope scope) {
        if (!scope.everything()) {
            return List.of();
        }
        return reads.read(scope, ScopedReads.operations(), connection -> {
            var faults = new ArrayList<QuarantineFault>();
            try (var select = connection.prepareStatement("""
                            select t.source, s.title, t.stream, q.reason, q.field, count(*), min(q.at), max(q.at)
                              from pool.quarantine q
                              join pool.stream t on t.id = q.stream_id
                              join pool.source s on s.id = t.source
                             where q.status = 'WAITING'
                             group by t.source, s.title, t.stream, q.reason, q.field
                             order by 6 desc, 1, 3, 4, 5""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    faults.add(new QuarantineFault(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            row.getLong(6),
                            row.getObject(7, OffsetDateTime.class).toInstant(),
                            row.getObject(8, OffsetDateTime.class).toInstant()));
                }
            }
            return faults;
        });
    }

    /** @throws PoolException {@code NOT_FOUND} */
    public QuarantinePage.Item get(Scope scope, long id) {
        if (!scope.everything()) {
            throw ScopedReads.notFound("record in quarantine");
        }
        return reads.read(
                scope,
                look("READ", "quarantine/" + id),
                connection -> items(connection, new Sql().add(ITEM).add("where q.id = ?", id)).stream()
                        .findFirst()
                        .orElseThrow(() -> ScopedReads.notFound("record in quarantine")));
    }

    /**
     * The raw form. The audit line, with the purpose, is on disk before it is returned.
     *
     * @throws PoolException {@code NOT_FOUND}; {@code INVALID} for a missing purpose
     */
    public RawForm raw(Scope scope, long id, String purpose) {
        String stated = Ledgers.checkPurpose(purpose);
        var access = new ScopedReads.Access("UNMASK", "quarantine/" + id, Map.of("purpose", stated), true, true, true);
        return reads.read(scope, access, connection -> {
            if (!scope.everything()) {
                throw ScopedReads.notFound("record in quarantine");
            }
            try (var select = connection.prepareStatement("select raw, edited from pool.quarantine where id = ?")) {
                select.setLong(1, id);
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw ScopedReads.notFound("record in quarantine");
                    }
                    byte[] edited = row.getBytes(2);
                    return new RawForm(open(row.getBytes(1)), edited == null ? null : open(edited));
                }
            }
        });
    }

    private String open(byte[] sealed) {
        return new String(reads.vault().open(sealed), StandardCharsets.UTF_8);
    }

    private static ScopedReads.Access look(String action, String object) {
        return new ScopedReads.Access(action, object, Map.of(), true, false, false);
    }

    private static List<QuarantinePage.Item> items(Connection connection, Sql sql) throws SQLException {
        var items = new ArrayList<QuarantinePage.Item>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String outcome = row.getString(13);
                OffsetDateTime decidedAt = row.getObject(15, OffsetDateTime.class);
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
                        row.getObject(12, OffsetDateTime.class).toInstant(),
                        outcome == null ? null : Outcome.valueOf(outcome),
                        row.getObject(14, Long.class),
                        decidedAt == null ? null : decidedAt.toInstant(),
                        row.getString(16),
                        row.getString(17)));
            }
        }
        return items;
    }
}
