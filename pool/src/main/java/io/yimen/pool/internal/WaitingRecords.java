package io.yimen.pool.internal;

import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.quarantine.Waiting;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Table {@code quarantine}, as replaying and discarding see it: what waits, in the order of stream and key. */
public final class WaitingRecords {
    // A key has one waiting record at most, and an index in their order.
    private static final String NEXT = """
            select q.id, q.key, q.epoch, q.position, q.reason, q.field, q.raw
              from pool.quarantine q
             where q.status = 'WAITING' and q.stream_id = ? and q.key > ? and %s
             order by q.key
             limit ?
            """;
    private static final String COUNT = """
            select count(*) from pool.quarantine q where q.status = 'WAITING' and q.stream_id = ? and %s
            """;
    private static final String DISCARD = """
            update pool.quarantine q
               set status = 'DISCARDED', decided_at = ?, decided_by = ?, decided_why = ?
             where q.status = 'WAITING' and q.stream_id = ? and %s
            returning q.id
            """;
    private static final String FITS = """
            (?::text is null or q.reason = ?) and (?::text is null or q.key = ?)
            and (?::text is null or starts_with(q.key, ?)) and (?::timestamptz is null or q.at >= ?)
            and (?::timestamptz is null or q.at < ?) and (?::bigint[] is null or q.id = any (?))
            """;
    // What applying it has settled by its key already is still told who did it.
    private static final String SETTLE = """
            update pool.quarantine
               set status = ?, outcome = ?, replay_run = ?, edited = ?, decided_at = ?, decided_by = ?, decided_why = ?
             where id = ?
            """;
    private static final String STAY = """
            update pool.quarantine
               set outcome = 'QUARANTINED', replay_run = ?, decided_at = ?, decided_by = ?, decided_why = ?,
                   message = case when ?::text is null or reason = ? and field is not distinct from ? then message
                                  else ? end,
                   field = case when ?::text is null then field else ? end,
                   reason = coalesce(?, reason)
             where id = ?
            """;

    private final Connection db;
    private final Streams streams;
    private final Vault vault;
    private final OffsetDateTime now;

    public WaitingRecords(Connection db, Streams streams, Vault vault, OffsetDateTime now) {
        this.db = db;
        this.streams = streams;
        this.vault = vault;
        this.now = now;
    }

    /** How many the selection holds. */
    public long count(Selection selection) throws SQLException {
        long count = 0;
        for (DeclaredStream stream : streamsOf(selection)) {
            try (PreparedStatement select = db.prepareStatement(COUNT.formatted(FITS))) {
                select.setInt(1, stream.number());
                fits(select, 2, selection);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    count += row.getLong(1);
                }
            }
        }
        return count;
    }

    List<Waiting> next(Replay replay) throws SQLException {
        List<Waiting> page = new ArrayList<>();
        Replay.After after = replay.after();
        for (DeclaredStream stream : streamsOf(replay.selection())) {
            int order = after == null ? 1 : stream.id().stream().compareTo(after.stream());
            if (order < 0 || page.size() == replay.limit()) {
                continue;
            }
            try (PreparedStatement select = db.prepareStatement(NEXT.formatted(FITS))) {
                select.setInt(1, stream.number());
                select.setString(2, after == null || order > 0 ? "" : after.key());
                int last = fits(select, 3, replay.selection());
                select.setInt(last, replay.limit() - page.size());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        page.add(read(rows, stream.id(), replay));
                    }
                }
            }
        }
        return page;
    }

    private Waiting read(ResultSet rows, StreamId stream, Replay replay) throws SQLException {
        long id = rows.getLong(1);
        return new Waiting(
                id,
                stream,
                rows.getString(2),
                new Position(rows.getInt(3), rows.getLong(4)),
                rows.getString(5),
                rows.getString(6),
                vault.open(rows.getBytes(7)),
                replay.edits().get(id));
    }

    /** Notes what became of a record. */
    void settle(
            Waiting record,
            Replay replay,
            Outcome outcome,
            @Nullable String reason,
            @Nullable String field,
            @Nullable String message)
            throws SQLException {
        if (outcome == Outcome.QUARANTINED) {
            stay(record, replay, reason, field, message);
            return;
        }
        if (outcome == Outcome.WITHHELD) {
            try (PreparedStatement delete = db.prepareStatement("delete from pool.quarantine where id = ?")) {
                delete.setLong(1, record.id());
                delete.executeUpdate();
            }
            return;
        }
        byte[] edited = record.edited();
        try (PreparedStatement update = db.prepareStatement(SETTLE)) {
            // What is older than current was superseded, by whatever key it is known now.
            update.setString(1, outcome == Outcome.STALE ? "SUPERSEDED" : "REPLAYED");
            update.setString(2, outcome.name());
            update.setLong(3, replay.run());
            update.setBytes(4, edited == null ? null : vault.seal(edited));
            update.setObject(5, now);
            update.setString(6, replay.decision().actor());
            update.setString(7, replay.decision().why());
            update.setLong(8, record.id());
            update.executeUpdate();
        }
    }

    /** What is still wrong is said of the form that was received, not of one that somebody tried. */
    private void stay(
            Waiting record, Replay replay, @Nullable String reason, @Nullable String field, @Nullable String message)
            throws SQLException {
        boolean told = record.edited() == null && reason != null;
        Rejected sound = Gate.storable(new Rejected(
                record.stream(),
                record.key(),
                record.position(),
                reason == null ? "" : reason,
                field,
                message == null ? "" : message,
                record.raw()));
        String newReason = told ? sound.reason() : null;
        try (PreparedStatement update = db.prepareStatement(STAY)) {
            update.setLong(1, replay.run());
            update.setObject(2, now);
            update.setString(3, replay.decision().actor());
            update.setString(4, replay.decision().why());
            update.setString(5, newReason);
            update.setString(6, newReason);
            update.setString(7, sound.field());
            update.setString(8, sound.message());
            update.setString(9, newReason);
            update.setString(10, sound.field());
            update.setString(11, newReason);
            update.setLong(12, record.id());
            update.executeUpdate();
        }
    }

    /** Lets the records wait no longer; their ids. */
    public List<Long> discard(Selection selection, Decision decision) throws SQLException {
        List<Long> ids = new ArrayList<>();
        for (DeclaredStream stream : streamsOf(selection)) {
            try (PreparedStatement update = db.prepareStatement(DISCARD.formatted(FITS))) {
                update.setObject(1, now);
                update.setString(2, decision.actor());
                update.setString(3, decision.why());
                update.setInt(4, stream.number());
                fits(update, 5, selection);
                try (ResultSet rows = update.executeQuery()) {
                    while (rows.next()) {
                        ids.add(rows.getLong(1));
                    }
                }
            }
        }
        return ids;
    }

    /** The streams that are meant, by name. */
    private List<DeclaredStream> streamsOf(Selection selection) {
        return streams.all().values().stream()
                .filter(s -> s.id().source().equals(selection.source()))
                .filter(s -> selection.stream() == null || s.id().stream().equals(selection.stream()))
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
    }

    /** Sets what {@link #FITS} asks for; returns the index that follows. */
    private static int fits(PreparedStatement statement, int from, Selection selection) throws SQLException {
        int index = from;
        String key = selection.key();
        String beginning = key != null && key.endsWith("*") ? key.substring(0, key.length() - 1) : null;
        for (String text : new @Nullable String[] {selection.reason(), beginning == null ? key : null, beginning}) {
            statement.setString(index++, text);
            statement.setString(index++, text);
        }
        for (Instant time : new @Nullable Instant[] {selection.since(), selection.until()}) {
            for (int i = 0; i < 2; i++) {
                statement.setObject(
                        index++, time == null ? null : time.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE);
            }
        }
        java.sql.Array ids = selection.ids().isEmpty()
                ? null
                : statement
                        .getConnection()
                        .createArrayOf("bigint", selection.ids().toArray());
        statement.setArray(index++, ids);
        statement.setArray(index++, ids);
        return index;
    }
}
