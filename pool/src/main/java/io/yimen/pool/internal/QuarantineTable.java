package io.yimen.pool.internal;

import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.seal.Vault;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Table {@code quarantine}: where records wait that could not be applied. At most one waits for a key: the newest. */
final class QuarantineTable {
    // The same fault seen again moves on the item that waits, or that was discarded; another fault takes its place.
    private static final String MOVE = """
            update pool.quarantine q
               set epoch = u.epoch, position = u.position, run_id = ?
              from unnest(?::int[], ?::text[], ?::int[], ?::bigint[], ?::text[], ?::text[], ?::bytea[])
                   u (stream_id, key, epoch, position, reason, field, raw)
             where q.id = (select o.id from pool.quarantine o
                            where o.status in ('WAITING', 'DISCARDED') and o.stream_id = u.stream_id and o.key = u.key
                              and o.reason = u.reason and o.field is not distinct from u.field and o.raw = u.raw
                            order by o.status desc, o.id desc
                            limit 1)
               and (q.epoch, q.position) < (u.epoch, u.position)
            """;
    // Key by key: the planner, who takes the table for small, would compare all that waits with all of the batch.
    private static final String SUPERSEDE = """
            update pool.quarantine q
               set status = case when (q.epoch, q.position) = (w.epoch, w.position) then w.same else 'SUPERSEDED' end
              from (select o.id, u.epoch, u.position, u.same
                      from (select unnest(?::int[]) as stream_id, unnest(?::text[]) as key, unnest(?::int[]) as epoch,
                                   unnest(?::bigint[]) as position, unnest(?::text[]) as same) u
                     cross join lateral (select id from pool.quarantine
                                          where status = 'WAITING' and stream_id = u.stream_id and key = u.key
                                         offset 0) o) w
             where q.id = w.id and (q.epoch, q.position) <= (w.epoch, w.position)
            """;
    private static final String INSERT = """
            insert into pool.quarantine (stream_id, key, epoch, position, reason, field, message, raw, status, run_id, at)
            select u.stream_id, u.key, u.epoch, u.position, u.reason, u.field, u.message, u.raw, 'WAITING', ?, ?
              from unnest(?::int[], ?::text[], ?::int[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bytea[])
                   u (stream_id, key, epoch, position, reason, field, message, raw)
             where not exists (select from pool.quarantine q
                                where q.stream_id = u.stream_id and q.key = u.key
                                  and ((q.epoch, q.position) = (u.epoch, u.position)
                                       or q.status = 'WAITING' and (q.epoch, q.position) > (u.epoch, u.position)))
            """;

    private static final String NEWEST = """
            select u.stream_id, u.key, q.epoch, q.position
              from unnest(?::int[], ?::text[]) u (stream_id, key)
             cross join lateral (select epoch, position from pool.quarantine
                                  where stream_id = u.stream_id and key = u.key
                                  order by epoch desc, position desc limit 1) q
            """;

    private final Transaction tx;
    private final Vault vault;

    QuarantineTable(Transaction tx, Vault vault) {
        this.tx = tx;
        this.vault = vault;
    }

    /** The newest position at which each of the records was ever put here. */
    Map<RecordRef, Position> newest(Collection<RecordRef> refs) throws SQLException {
        Map<RecordRef, Position> newest = new HashMap<>();
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (RecordRef ref : refs) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }
        tx.ask(
                NEWEST,
                row -> newest.put(
                        new RecordRef(tx.streams().get(row.getInt(1)).id(), row.getString(2)),
                        new Position(row.getInt(3), row.getLong(4))),
                streams,
                keys);
        return newest;
    }

    /** Lets records wait; at most one a key. */
    void put(List<Rejected> rejected) {
        if (rejected.isEmpty()) {
            return;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Ints epochs = new Sql.Ints();
        Sql.Longs positions = new Sql.Longs();
        Sql.Texts reasons = new Sql.Texts();
        Sql.Texts fields = new Sql.Texts();
        Sql.Texts messages = new Sql.Texts();
        Sql.Bytes raws = new Sql.Bytes();
        Sql.Texts same = new Sql.Texts();
        for (Rejected item : rejected) {
            streams.add(tx.streams().number(item.stream()));
            keys.add(item.key());
            epochs.add(item.position().epoch());
            positions.add(item.position().offset());
            reasons.add(item.reason());
            fields.add(item.field());
            messages.add(item.message());
            raws.add(vault.seal(item.raw()));
            same.add("WAITING");
        }
        tx.later(MOVE, Sql.number(tx.run()), streams, keys, epochs, positions, reasons, fields, raws);
        tx.later(SUPERSEDE, streams, keys, epochs, positions, same);
        tx.later(
                INSERT,
                Sql.number(tx.run()),
                Sql.time(tx.timestamp()),
                streams,
                keys,
                epochs,
                positions,
                reasons,
                fields,
                messages,
                raws);
    }

    /** What waited for records that have now been taken in at the same or a newer position waits no longer. */
    void settle(Collection<Draft> taken) {
        if (taken.isEmpty()) {
            return;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Ints epochs = new Sql.Ints();
        Sql.Longs positions = new Sql.Longs();
        Sql.Texts same = new Sql.Texts();
        for (Draft draft : taken) {
            streams.add(draft.stream().number());
            keys.add(draft.ref().key());
            epochs.add(draft.position().epoch());
            positions.add(draft.position().offset());
            same.add("REPLAYED");
        }
        tx.later(SUPERSEDE, streams, keys, epochs, positions, same);
    }
}
