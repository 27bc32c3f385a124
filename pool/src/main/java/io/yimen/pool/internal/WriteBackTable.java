package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Table {@code write_back}: what is to be put right in systems that take it, and how its echo is known. */
final class WriteBackTable {
    // One for every open ticket of these corrections whose system takes the field; once more where there was one
    // before,
    // whose echo may still be on its way.
    private static final String OPEN = """
            insert into pool.write_back as w (ticket_id, state, next_at)
            select t.id, 'WAITING', ?
              from pool.ticket t
              join pool.correction c on c.id = t.correction_id
              join unnest(?::int[], ?::text[]) takes (stream_id, field)
                on takes.stream_id = t.stream_id and takes.field = c.field
             where t.correction_id = any (?) and t.closed_at is null
            on conflict (ticket_id) do update
              set state = case when w.state in ('WRITING', 'WRITTEN') and w.echo_at is null then 'WRITING'
                               else 'WAITING' end,
                  attempts = 0, next_at = excluded.next_at, written_at = null, refusal = null
            """;
    // Only what still stands is written, and only against what the pool knows: 5 s, 10 s … up to an hour apart.
    private static final String TAKE = """
            with due as (
              select w.ticket_id, m.source, m.stream, t.key, c.entity_type, c.field, c.value, s.fields
                from pool.write_back w
                join pool.ticket t on t.id = w.ticket_id and t.state in ('SENT', 'ACCEPTED', 'ESCALATED')
                join pool.correction c on c.id = t.correction_id and c.state = 'STANDING'
                join pool.stream m on m.id = t.stream_id and m.source = ?
                join pool.source_record s on s.stream_id = t.stream_id and s.key = t.key and not s.deleted
               where w.state in ('WAITING', 'WRITING') and w.next_at <= ?
               order by w.next_at, w.ticket_id limit ?
                 for update of w skip locked)
            update pool.write_back w
               set state = 'WRITING', attempts = w.attempts + 1, echo_at = null, stated_at = null,
                   next_at = ?::timestamptz + least(interval '5 s' * power(2, least(w.attempts, 20)), interval '1 h')
              from due
             where w.ticket_id = due.ticket_id
            returning w.ticket_id, due.source, due.stream, due.key, due.entity_type, due.field, due.value,
                      due.fields::text
            """;
    // With its line in the audit: the one is never there without the other, whoever learns of it first.
    private static final String WRITTEN = """
            with written as (
              update pool.write_back set state = 'WRITTEN', written_at = ? where ticket_id = any (?) and state = 'WRITING'
              returning ticket_id, written_at)
            insert into pool.audit (at, actor, action, object, detail)
            select written_at, ?, 'WRITE_BACK', 'ticket/' || ticket_id, '{}' from written order by ticket_id
            """;
    private static final String ANSWER = """
            update pool.ticket set state = 'ACCEPTED', answered_by = ?, answered_at = ?
             where id = ? and closed_at is null and state in ('SENT', 'ESCALATED')
            """;
    private static final String REFUSED = """
            update pool.write_back set state = 'REFUSED', refusal = ? where ticket_id = ? and state = 'WRITING'
            """;
    private static final String SELECT_OF_RECORDS = """
            select w.ticket_id, t.stream_id, t.key, c.entity_type, c.field, c.value, w.echo_at, w.stated_at
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.ticket t on t.stream_id = k.stream_id and t.key = k.key
              join pool.write_back w on w.ticket_id = t.id and w.state in ('WRITING', 'WRITTEN')
              join pool.correction c on c.id = t.correction_id
             order by w.ticket_id
            """;
    private static final String HEARD = """
            update pool.write_back set echo_at = ?, stated_at = ? where ticket_id = any (?)
            """;

    private final Transaction tx;

    WriteBackTable(Transaction tx) {
        this.tx = tx;
    }

    /**
     * Something that was, or is being, written into a source record.
     *
     * @param field index in the type
     * @param right as it is stored
     * @param echoAt when the record changed by its own account, as it told of it; {@code null} while it has not
     * @param statedAt the same before
     */
    record Written(
            long ticket,
            int field,
            String right,
            @Nullable Instant echoAt,
            @Nullable Instant statedAt) {
        @Override
        public String toString() {
            return "write-back of ticket " + ticket;
        }
    }

    /** Has written what may be written of these corrections; tells how much that is. */
    int open(Collection<Long> corrections, Policy policy) throws SQLException {
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts fields = new Sql.Texts();
        policy.writable().forEach((stream, names) -> {
            DeclaredStream declared = tx.streams().all().get(stream);
            if (declared != null) {
                names.forEach(name -> {
                    streams.add(declared.number());
                    fields.add(name);
                });
            }
        });
        int[] opened = {0};
        tx.later(OPEN, rows -> opened[0] = rows, Sql.time(tx.timestamp()), streams, fields, Sql.ids(corrections));
        tx.send();
        return opened[0];
    }

    /** As {@link WriteBacks#take}. */
    List<WriteBacks.Order> take(String source, int limit, PoolModel model, Vault vault) throws SQLException {
        List<WriteBacks.Order> orders = new ArrayList<>();
        tx.ask(
                TAKE,
                row -> {
                    var type = model.getType(row.getString(5));
                    Field field = type.getField(row.getString(6));
                    String says = PackedClaim.readFields(row.getString(8), type)[type.indexOf(field.name())];
                    orders.add(new WriteBacks.Order(
                            row.getLong(1),
                            new RecordRef(new StreamId(row.getString(2), row.getString(3)), row.getString(4)),
                            field.name(),
                            opened(field, says == null ? "" : says, vault),
                            opened(field, row.getString(7), vault)));
                },
                Sql.text(source),
                Sql.time(tx.timestamp()),
                Sql.number(limit),
                Sql.time(tx.timestamp()));
        return orders;
    }

    private static String opened(Field field, String stored, Vault vault) {
        return stored.isEmpty() || !field.isSensitive() ? stored : vault.open(stored);
    }

    /** The systems say what is right; of those that nobody waited for nothing is noted. */
    void written(Collection<Long> tickets) {
        if (!tickets.isEmpty()) {
            tx.later(WRITTEN, Sql.time(tx.timestamp()), Sql.ids(tickets), Sql.text(CorrectionTable.ITSELF));
        }
    }

    /** As {@link WriteBacks#written}. */
    void written(long ticket) throws SQLException {
        written(List.of(ticket));
        tx.later(ANSWER, Sql.text(CorrectionTable.ITSELF), Sql.time(tx.timestamp()), Sql.number(ticket));
        tx.send();
    }

    /** The system does not take it; false where nobody waited for that. */
    boolean refused(long ticket, String code) throws SQLException {
        int[] touched = {0};
        tx.later(REFUSED, rows -> touched[0] = rows, Sql.text(code), Sql.number(ticket));
        tx.send();
        return touched[0] > 0;
    }

    /** What was, or is being, written into these records. */
    Map<RecordRef, List<Written>> of(Set<RecordRef> refs, PoolModel model) throws SQLException {
        Map<RecordRef, List<Written>> found = new HashMap<>();
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (RecordRef ref : refs) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }
        tx.ask(
                SELECT_OF_RECORDS,
                row -> {
                    RecordRef ref =
                            new RecordRef(tx.streams().get(row.getInt(2)).id(), row.getString(3));
                    found.computeIfAbsent(ref, r -> new ArrayList<>())
                            .add(new Written(
                                    row.getLong(1),
                                    model.getType(row.getString(4)).indexOf(row.getString(5)),
                                    row.getString(6),
                                    PackedClaim.readStatedAt(row, 7),
                                    PackedClaim.readStatedAt(row, 8)));
                },
                streams,
                keys);
        return found;
    }

    /** The record told of it. */
    void heard(Collection<Long> tickets, Instant echoAt, @Nullable Instant statedAt) {
        tx.later(HEARD, Sql.time(offset(echoAt)), Sql.time(offset(statedAt)), Sql.ids(tickets));
    }

    private static @Nullable OffsetDateTime offset(@Nullable Instant at) {
        return at == null ? null : at.atOffset(java.time.ZoneOffset.UTC);
    }
}
