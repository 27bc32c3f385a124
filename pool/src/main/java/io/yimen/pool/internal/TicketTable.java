package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.correction.TicketState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Table {@code ticket}: what the owners of systems are told that is wrong in them. */
final class TicketTable {
    // A ticket that was refused waits no more, but it is open still: the source may be put right all the same.
    private static final String SELECT_OF_ENTITIES = """
            select t.id, t.stream_id, t.key, c.entity_type, c.field, c.value
              from unnest(?::bigint[]) e (id)
              join pool.source_record s on s.entity_id = e.id and not s.deleted
              join pool.ticket t on t.stream_id = s.stream_id and t.key = s.key and t.closed_at is null
              join pool.correction c on c.id = t.correction_id
            """;
    private static final String CLOSE_GONE = """
            update pool.ticket t
               set state = 'GONE', closed_at = ?
              from unnest(?::int[], ?::text[]) k (stream_id, key)
             where t.stream_id = k.stream_id and t.key = k.key and t.closed_at is null
            """;
    private static final String CLOSE = """
            update pool.ticket set state = ?, closed_at = ? where id = any (?)
            """;
    private static final String CANCEL = """
            update pool.ticket set state = 'CANCELLED', closed_at = ? where correction_id = any (?) and closed_at is null
            """;
    // A record that says something wrong once more gets its ticket once more.
    private static final String OPEN = """
            insert into pool.ticket as t (correction_id, stream_id, key, state, opened_at, due_on)
            select u.correction_id, u.stream_id, u.key, 'SENT', w.at, w.due
              from (select ?::timestamptz, ?::date) w (at, due), unnest(?::bigint[], ?::int[], ?::text[]) u (correction_id, stream_id, key)
            on conflict (correction_id, stream_id, key) do update
              set state = 'SENT', opened_at = excluded.opened_at, due_on = excluded.due_on, answered_by = null,
                  answered_at = null, answer = null, closed_at = null
            """;

    private final Transaction tx;

    TicketTable(Transaction tx) {
        this.tx = tx;
    }

    /** A ticket that is not closed. */
    record Open(long id, RecordRef record, String entityType, String field, String value) {
        @Override
        public String toString() {
            return "ticket " + id;
        }
    }

    /** The open ones of the live source records of these entities. */
    List<Open> ofEntities(Collection<Long> entities) throws SQLException {
        List<Open> open = new ArrayList<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_OF_ENTITIES)) {
            Sql.set(select, 1, entities);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    open.add(new Open(
                            row.getLong(1),
                            new RecordRef(tx.streams().get(row.getInt(2)).id(), row.getString(3)),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6)));
                }
            }
        }
        return open;
    }

    /** Opens one for each of the source records that a correction says are wrong. */
    void open(Map<Long, ? extends Collection<RecordRef>> byCorrection, LocalDate due) {
        Sql.Longs corrections = new Sql.Longs();
        List<RecordRef> records = new ArrayList<>();
        byCorrection.forEach((correction, of) -> {
            of.forEach(record -> corrections.add(correction));
            records.addAll(of);
        });
        if (!records.isEmpty()) {
            Keys keys = keys(records);
            tx.later(OPEN, Sql.time(tx.timestamp()), Sql.date(due), corrections, keys.streams, keys.keys);
        }
    }

    void close(Collection<Long> ids, TicketState state) {
        if (!ids.isEmpty()) {
            tx.later(CLOSE, Sql.text(state.name()), Sql.time(tx.timestamp()), Sql.ids(ids));
        }
    }

    /** Closes those of source records that are no more. */
    void closeGone(Collection<RecordRef> records) {
        if (!records.isEmpty()) {
            Keys keys = keys(records);
            tx.later(CLOSE_GONE, Sql.time(tx.timestamp()), keys.streams, keys.keys);
        }
    }

    /** Closes all of corrections that ended. */
    void cancel(Collection<Long> corrections) {
        if (!corrections.isEmpty()) {
            tx.later(CANCEL, Sql.time(tx.timestamp()), Sql.ids(corrections));
        }
    }

    private record Keys(Sql.Ints streams, Sql.Texts keys) {}

    private Keys keys(Collection<RecordRef> records) {
        Keys keys = new Keys(new Sql.Ints(), new Sql.Texts());
        for (RecordRef ref : records) {
            keys.streams.add(tx.streams().number(ref.stream()));
            keys.keys.add(ref.key());
        }
        return keys;
    }
}
