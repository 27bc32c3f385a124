package io.yimen.pool.correction;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.internal.PackedClaim;
import io.yimen.pool.internal.VisibleEntities;
import io.yimen.pool.ledger.Cursors;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Mask;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.ledger.Sql;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What may be seen of corrections and tickets, values masked where they are sensitive. Thread-safe. */
public final class CorrectionReads {
    private static final int MOST = 200;

    // Its entity: that of the first of its records that is live, and may be seen.
    private static final String SELECT = """
            select c.id, c.entity_type, first.entity_id, e.title, c.field, c.value, c.base, c.state, c.ended, c.level,
                   c.source, c.against, c.actor, c.at, c.reason, c.expires_on, c.ended_at
              from pool.correction c
              left join lateral (
                select s.entity_id
                  from pool.correction_record r
                  join pool.source_record s on s.stream_id = r.stream_id and s.key = r.key
                 where r.correction_id = c.id and not s.deleted
                 order by r.rank limit 1) first on true
              left join pool.entity e on e.id = first.entity_id
             where true""";
    private static final String SELECT_TICKETS = """
            select t.id, t.correction_id, m.source, m.stream, t.key, o.owner, c.entity_type, s.entity_id, e.title, c.field,
                   s.fields::text, c.value, t.state, t.opened_at, t.due_on, t.answered_by, t.answered_at, t.answer,
                   t.closed_at, w.state, w.written_at, w.refusal
              from pool.ticket t
              join pool.correction c on c.id = t.correction_id
              join pool.stream m on m.id = t.stream_id
              join pool.source o on o.id = m.source
              left join pool.source_record s on s.stream_id = t.stream_id and s.key = t.key and not s.deleted
              left join pool.entity e on e.id = s.entity_id
              left join pool.write_back w on w.ticket_id = t.id and (t.closed_at is null or w.state = 'WRITTEN')
             where true""";

    private final ScopedReads reads;
    private final Vault vault;
    private final Cursors cursors;

    public CorrectionReads(ScopedReads reads) {
        this.reads = reads;
        this.vault = reads.vault();
        this.cursors = new Cursors(vault);
    }

    /** As {@link Corrections#list}. */
    public Corrections.Page list(Scope scope, Corrections.Query query) {
        ScopedReads.checkLimit(query.limit(), MOST);
        String question = Cursors.question(
                "corrections",
                query.states().stream().sorted().toList(),
                query.entity(),
                query.place(),
                query.source());
        var sql = new Sql().add(SELECT);
        if (!query.states().isEmpty()) {
            sql.add("and c.state = any (?)", (Object) names(query.states()));
        }
        if (query.entity() != null) {
            sql.add("and first.entity_id = ?", query.entity());
        }
        if (query.place() != null) {
            sql.add("and e.place_id in (select p.place from pool.place_scope p where p.ancestor = ?)", query.place());
        }
        if (query.source() != null) {
            sql.add("and c.source = ?", query.source());
        }
        if (query.after() != null) {
            sql.add(
                    "and c.id < ?",
                    Long.parseLong(cursors.read(query.after(), question, 1).get(0)));
        }
        sql.add("order by c.id desc limit ?", query.limit() + 1);
        var access = reads.reading(
                "LIST", "corrections", Map.of(), List.copyOf(reads.model().types()));
        return reads.read(scope, access, connection -> {
            List<Correction> found = corrections(connection, sql);
            List<Correction> page = ScopedReads.firstOf(found, query.limit());
            String next = found.size() > query.limit()
                    ? cursors.write(
                            question, Long.toString(page.get(page.size() - 1).id()))
                    : null;
            return new Corrections.Page(page, next);
        });
    }

    /** As {@link Corrections#find}. */
    public Correction.Detail find(Scope scope, long id) {
        var access = reads.reading(
                "READ", "correction/" + id, Map.of(), List.copyOf(reads.model().types()));
        return reads.read(scope, access, connection -> {
            Correction correction = corrections(
                            connection, new Sql().add(SELECT).add("and c.id = ?", id))
                    .stream()
                    .findFirst()
                    .orElseThrow(() -> ScopedReads.notFound("correction"));
            var sql = new Sql().add(SELECT_TICKETS).add("and t.correction_id = ? order by t.id", id);
            return new Correction.Detail(
                    correction, events(connection, id), exhibits(connection, id), tickets(connection, sql));
        });
    }

    /** Corrections, in this order, as whoever just acted on them sees them. */
    public List<Correction> of(Authority by, List<Long> ids) {
        var access = new ScopedReads.Access("", "", Map.of(), false, false, owner(by));
        return reads.read(by.scope(), access, connection -> {
            Map<Long, Correction> found = new HashMap<>();
            corrections(connection, new Sql().add(SELECT).add("and c.id = any (?)", ids))
                    .forEach(c -> found.put(c.id(), c));
            List<Correction> asked = new ArrayList<>();
            for (long id : ids) {
                Correction correction = found.get(id);
                if (correction == null) {
                    throw ScopedReads.notFound("correction");
                }
                asked.add(correction);
            }
            return asked;
        });
    }

    /** As {@link Corrections#mayCorrect}. */
    public boolean mayCorrect(Authority by, long entity) {
        if (by.scope().everything()) {
            return true;
        }
        var access = new ScopedReads.Access("", "", Map.of(), false, false, true);
        return reads.read(
                by.scope(),
                access,
                connection -> new VisibleEntities(connection, reads.model())
                        .corrigible(by, List.of(entity))
                        .containsKey(entity));
    }

    /** As {@link Corrections#evidence}. */
    public Evidence evidence(Scope scope, long id, int number) {
        // Who may see the correction may see its files; their content no reader may select.
        find(scope, id);
        var access = new ScopedReads.Access("EVIDENCE", "correction/" + id, Map.of("number", number), true, true, true);
        return reads.read(scope, access, connection -> {
            var sql = new Sql()
                    .add(
                            "select name, media_type, content from pool.evidence where correction_id = ? and number = ?",
                            id,
                            number);
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw ScopedReads.notFound("evidence");
                }
                return new Evidence(vault.open(row.getString(1)), row.getString(2), vault.open(row.getBytes(3)));
            }
        });
    }

    /** As {@link Corrections#tickets}. */
    public Corrections.TicketPage tickets(Authority by, Corrections.TicketQuery query) {
        var access = new ScopedReads.Access("LIST", "tickets", Map.of(), true, false, owner(by));
        return tickets(by, query, access, source -> false);
    }

    /** In clear where {@code by} answers for the system. */
    public Corrections.TicketPage tickets(Authority by, Corrections.TicketQuery query, String purpose) {
        String stated = Ledgers.checkPurpose(purpose);
        var access = new ScopedReads.Access("UNMASK", "tickets", Map.of("purpose", stated), true, true, owner(by));
        return tickets(by, query, access, by::owns);
    }

    private Corrections.TicketPage tickets(
            Authority by, Corrections.TicketQuery query, ScopedReads.Access access, Predicate<String> clear) {
        ScopedReads.checkLimit(query.limit(), MOST);
        String question =
                Cursors.question("tickets", query.states().stream().sorted().toList(), query.source());
        var sql = new Sql().add(SELECT_TICKETS);
        limitToOwned(sql, by);
        if (!query.states().isEmpty()) {
            sql.add("and t.state = any (?)", (Object) names(query.states()));
        }
        if (query.source() != null) {
            sql.add("and m.source = ?", query.source());
        }
        if (query.after() != null) {
            List<String> keys = cursors.read(query.after(), question, 2);
            sql.add("and (t.due_on, t.id) > (?::date, ?)", keys.get(0), Long.parseLong(keys.get(1)));
        }
        sql.add("order by t.due_on, t.id limit ?", query.limit() + 1);
        return reads.read(by.scope(), access, connection -> {
            List<Ticket> found = tickets(connection, sql, clear);
            List<Ticket> page = ScopedReads.firstOf(found, query.limit());
            String next = null;
            if (found.size() > query.limit()) {
                Ticket last = page.get(page.size() - 1);
                next = cursors.write(question, last.due().toString(), Long.toString(last.id()));
            }
            return new Corrections.TicketPage(page, next);
        });
    }

    /** One ticket, as the owner of its system sees it. */
    public Ticket ticket(Authority by, long id) {
        var access = new ScopedReads.Access("READ", "ticket/" + id, Map.of(), true, false, owner(by));
        var sql = new Sql().add(SELECT_TICKETS).add("and t.id = ?", id);
        limitToOwned(sql, by);
        return reads.read(
                by.scope(),
                access,
                connection -> tickets(connection, sql).stream()
                        .findFirst()
                        .orElseThrow(() -> ScopedReads.notFound("ticket")));
    }

    /** As {@link Corrections#isFiled}. */
    public boolean isFiled(String source, LocalDate day) {
        var access = new ScopedReads.Access("", "", Map.of(), false, false, true);
        return reads.read(Scope.nothing(""), access, connection -> {
            var sql = new Sql().add("select from pool.ticket_file where source = ? and day = ?", source, day);
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                return row.next();
            }
        });
    }

    /** Who looks past the scope of places sees the tickets of his or her systems and no other. */
    private static void limitToOwned(Sql sql, Authority by) {
        if (owner(by)) {
            sql.add("and m.source = any (?)", (Object) by.sources().toArray(new String[0]));
        }
    }

    /** Whether somebody looks as the owner of systems, past the scope of places. */
    private static boolean owner(Authority by) {
        return !by.sources().isEmpty() && !by.scope().everything();
    }

    private static String[] names(Set<? extends Enum<?>> values) {
        return values.stream().map(Enum::name).toArray(String[]::new);
    }

    private List<Correction> corrections(Connection connection, Sql sql) throws SQLException {
        List<Long> disputed = new ArrayList<>();
        List<Function<List<Correction.Against>, Correction>> rows = new ArrayList<>();
        List<Long> ids = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                ids.add(row.getLong(1));
                rows.add(correction(row));
                if (row.getString(12) != null) {
                    disputed.add(row.getLong(1));
                }
            }
        }
        Map<Long, List<Correction.Against>> against = disputed.isEmpty() ? Map.of() : against(connection, disputed);
        List<Correction> found = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            found.add(rows.get(i).apply(against.getOrDefault(ids.get(i), List.of())));
        }
        return found;
    }

    /** Waits for what speaks against it. */
    private Function<List<Correction.Against>, Correction> correction(ResultSet row) throws SQLException {
        EntityType type = reads.model().getType(row.getString(2));
        Field field = type.getField(row.getString(5));
        long id = row.getLong(1);
        Long entity = row.getObject(3, Long.class);
        String title = row.getString(4);
        String value = shown(field, row.getString(6));
        String base = shown(field, row.getString(7));
        State state = State.valueOf(row.getString(8));
        String ended = row.getString(9);
        Level level = Level.valueOf(row.getString(10));
        String source = row.getString(11);
        String actor = row.getString(13);
        Instant at = instant(row, 14);
        String reason = vault.open(row.getString(15));
        LocalDate expires = row.getObject(16, LocalDate.class);
        Instant endedAt = instantOrNull(row, 17);
        return against -> new Correction(
                id,
                type.name(),
                entity,
                title == null ? "" : title,
                field.name(),
                value,
                base,
                field.isSensitive(),
                state,
                ended == null ? null : End.valueOf(ended),
                level,
                source,
                against,
                actor,
                at,
                reason,
                expires,
                endedAt);
    }

    /** What sources say by now against corrections, by their numbers. */
    private Map<Long, List<Correction.Against>> against(Connection connection, List<Long> ids) throws SQLException {
        var sql = new Sql().add("""
                select c.id, c.entity_type, c.field, m.source, m.stream, s.key, s.fields::text
                  from pool.correction c
                  cross join lateral jsonb_array_elements(c.against::jsonb) a (pair)
                  join pool.source_record s on s.stream_id = (a.pair ->> 0)::int and s.key = a.pair ->> 1
                  join pool.stream m on m.id = s.stream_id
                 where c.id = any (?) and not s.deleted
                 order by c.id, m.source, m.stream, s.key""", ids);
        Map<Long, List<Correction.Against>> said = new HashMap<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                EntityType type = reads.model().getType(row.getString(2));
                said.computeIfAbsent(row.getLong(1), c -> new ArrayList<>())
                        .add(new Correction.Against(
                                new RecordRef(new StreamId(row.getString(4), row.getString(5)), row.getString(6)),
                                said(type, type.getField(row.getString(3)), row.getString(7), true)));
            }
        }
        return said;
    }

    private List<Correction.Event> events(Connection connection, long id) throws SQLException {
        var sql = new Sql()
                .add(
                        "select at, actor, what, reason from pool.correction_event where correction_id = ? order by id",
                        id);
        List<Correction.Event> events = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                events.add(new Correction.Event(
                        instant(row, 1), row.getString(2), row.getString(3), opened(row.getString(4))));
            }
        }
        return events;
    }

    private List<Correction.Exhibit> exhibits(Connection connection, long id) throws SQLException {
        var sql = new Sql().add("""
                select number, name, media_type, size, actor, at
                  from pool.evidence where correction_id = ? order by number""", id);
        List<Correction.Exhibit> exhibits = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                exhibits.add(new Correction.Exhibit(
                        row.getInt(1),
                        vault.open(row.getString(2)),
                        row.getString(3),
                        row.getInt(4),
                        row.getString(5),
                        instant(row, 6)));
            }
        }
        return exhibits;
    }

    private List<Ticket> tickets(Connection connection, Sql sql) throws SQLException {
        return tickets(connection, sql, source -> false);
    }

    /** @param clear sources of which values are not masked */
    private List<Ticket> tickets(Connection connection, Sql sql, Predicate<String> clear) throws SQLException {
        List<Ticket> tickets = new ArrayList<>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                EntityType type = reads.model().getType(row.getString(7));
                Field field = type.getField(row.getString(10));
                String title = row.getString(9);
                String fields = row.getString(11);
                boolean masked = field.isSensitive() && !clear.test(row.getString(3));
                tickets.add(new Ticket(
                        row.getLong(1),
                        row.getLong(2),
                        new RecordRef(new StreamId(row.getString(3), row.getString(4)), row.getString(5)),
                        row.getString(6),
                        type.name(),
                        row.getObject(8, Long.class),
                        title == null ? "" : title,
                        field.name(),
                        fields == null ? null : said(type, field, fields, masked),
                        shown(field, row.getString(12), masked),
                        masked,
                        TicketState.valueOf(row.getString(13)),
                        instant(row, 14),
                        row.getObject(15, LocalDate.class),
                        row.getString(16),
                        instantOrNull(row, 17),
                        opened(row.getString(18)),
                        instantOrNull(row, 19),
                        writeBack(row)));
            }
        }
        return tickets;
    }

    private static @Nullable WriteBack writeBack(ResultSet row) throws SQLException {
        String state = row.getString(20);
        return state == null
                ? null
                : new WriteBack(WriteBack.State.valueOf(state), instantOrNull(row, 21), row.getString(22));
    }

    private static @Nullable Instant instantOrNull(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private @Nullable String opened(@Nullable String sealed) {
        return sealed == null ? null : vault.open(sealed);
    }

    private @Nullable String said(EntityType type, Field field, String packed, boolean masked) {
        String value = PackedClaim.readFields(packed, type)[type.indexOf(field.name())];
        return value == null ? null : shown(field, value, masked);
    }

    private @Nullable String shown(Field field, String stored) {
        return shown(field, stored, true);
    }

    private @Nullable String shown(Field field, String stored, boolean masked) {
        if (stored.isEmpty()) {
            return null;
        }
        if (!field.isSensitive()) {
            return stored;
        }
        String open = vault.open(stored);
        return masked ? Mask.of(field.sensitivity(), open) : open;
    }
}
