package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.End;
import io.yimen.pool.correction.Evidence;
import io.yimen.pool.correction.Keep;
import io.yimen.pool.correction.Level;
import io.yimen.pool.correction.Overlay;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.Standing;
import io.yimen.pool.correction.State;
import io.yimen.pool.correction.TicketState;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Golden;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts values right within a transaction that holds the pool's lock. For one transaction. */
public final class CorrectionApplication {
    private static final int MOST_EVIDENCE = 5;

    // Numbered in the order of the requests.
    private static final String INSERT = """
            insert into pool.correction (entity_type, field, value, base, known, state, level, source, actor, at, reason,
                                         expires_on)
            select u.entity_type, u.field, u.value, u.base, array(select jsonb_array_elements_text(u.known::jsonb)),
                   'PROPOSED', u.level, u.source, a.actor, a.at, u.reason, u.expires_on::date
              from (values (?, ?::timestamptz)) a (actor, at)
             cross join unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                               ?::text[])
              with ordinality u (entity_type, field, value, base, known, level, source, reason, expires_on, place)
             order by u.place
            returning id
            """;
    private static final String INSERT_RECORDS = """
            insert into pool.correction_record (correction_id, rank, stream_id, key)
            select u.* from unnest(?::bigint[], ?::int[], ?::int[], ?::text[]) u
            """;
    private static final String INSERT_EVIDENCE = """
            insert into pool.evidence (correction_id, number, name, media_type, size, content, actor, at)
            select ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? from pool.evidence where correction_id = ?
            returning number
            """;
    // Where its records are now: the entity of the first live one.
    private static final String SELECT = """
            select c.id, c.entity_type, c.field, c.value, c.known, c.state, c.level, c.source, c.actor, c.expires_on,
                   (select s.entity_id
                      from pool.correction_record r
                      join pool.source_record s on s.stream_id = r.stream_id and s.key = r.key
                     where r.correction_id = c.id and not s.deleted
                     order by r.rank limit 1)
              from unnest(?::bigint[]) with ordinality u (id, place)
              join pool.correction c on c.id = u.id
             order by u.place
            """;
    private static final String SELECT_PUBLISHED_THEN = """
            select fields ->> ? from pool.change where entity_id = ? and version <= ? order by seq desc limit 1
            """;
    private static final String EXTEND = """
            update pool.correction set known = ? where id = ?
            """;
    private static final String SELECT_EXPIRED = """
            select id from pool.correction where expires_on < ? and state in ('PROPOSED', 'STANDING', 'IN_CONFLICT')
            """;
    private static final String ESCALATE = """
            update pool.ticket set state = 'ESCALATED'
             where closed_at is null and due_on < ? and state in ('SENT', 'ACCEPTED')
            returning id
            """;
    private static final String SELECT_TICKET = """
            select t.correction_id, t.state, s.source
              from pool.ticket t join pool.stream s on s.id = t.stream_id
             where t.id = ?
            """;
    private static final String FILE = """
            insert into pool.ticket_file (source, day) values (?, ?) on conflict do nothing
            """;
    private static final String ANSWER = """
            update pool.ticket set state = ?, answered_by = ?, answered_at = ?, answer = ? where id = ?
            """;

    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final Recognition recognition;
    private final Audit audit;
    private final Policy policy;
    private final SourceRecords records;
    private final VisibleEntities entities;
    private final CorrectionTable corrections;
    private final TicketTable tickets;
    private final WriteBackTable writeBacks;

    /** A correction as it is stored, and the entity to which it belongs; null while none of its records is live. */
    private record Row(
            Standing standing,
            EntityType type,
            State state,
            Level level,
            @Nullable String source,
            String actor,
            @Nullable LocalDate expires,
            @Nullable Long entity) {
        long id() {
            return standing.id();
        }
    }

    public CorrectionApplication(
            Connection db,
            Streams streams,
            PoolModel model,
            Vault vault,
            Recognition recognition,
            Audit audit,
            Policy policy,
            Instant now) {
        this.tx = new Transaction(db, streams, 0, now);
        this.model = model;
        this.vault = vault;
        this.recognition = recognition;
        this.audit = audit;
        this.policy = policy;
        this.records = new SourceRecords(tx);
        this.entities = new VisibleEntities(tx, model);
        this.corrections = new CorrectionTable(tx);
        this.tickets = new TicketTable(tx);
        this.writeBacks = new WriteBackTable(tx);
    }

    /** A request that is possible, with what the correction is to remember. */
    record Making(
            Request request,
            EntityType type,
            Field field,
            String value,
            String base,
            Set<String> known,
            Level level,
            @Nullable String source,
            String reason,
            List<RecordRef> records) {
        @Override
        public String toString() {
            return request.toString();
        }
    }

    /** What is to be made of a request, or why it cannot be: one of them is {@code null}. */
    record Prepared(@Nullable Making making, @Nullable PoolException fault) {}

    /**
     * Makes a correction, and accepts it where whoever makes it may.
     *
     * @return its number
     */
    public long propose(Authority by, Request request) throws SQLException {
        Prepared prepared = prepare(by, List.of(request)).get(0);
        if (prepared.making == null) {
            throw Objects.requireNonNull(prepared.fault);
        }
        long made = make(by, List.of(prepared.making)).get(0);
        for (Evidence evidence : request.evidence()) {
            insertEvidence(by, made, evidence);
        }
        return made;
    }

    /** Looks which requests are possible; writes nothing. In their order. */
    List<Prepared> prepare(Authority by, List<Request> requests) throws SQLException {
        Set<Long> ids = new LinkedHashSet<>();
        requests.forEach(request -> ids.add(request.id()));
        Map<Long, VisibleEntities.Seen> seen = entities.corrigible(by, ids);
        Map<Long, List<Claim>> claims = claims(seen.keySet());
        Map<Long, List<CorrectionTable.Attached>> attached =
                recognition.isCorrected() ? corrections.ofEntities(seen.keySet(), model) : Map.of();
        List<Prepared> prepared = new ArrayList<>();
        for (Request request : requests) {
            try {
                VisibleEntities.Seen row = seen.get(request.id());
                if (row == null && entities.isShownBeside(by.scope(), request.id())) {
                    throw new PoolException(
                            PoolException.Kind.FORBIDDEN,
                            request.entityType() + " " + request.id()
                                    + " is put right by those who answer for one of its"
                                    + " systems, or see everything");
                }
                if (row == null || !row.isActive()) {
                    entities.check(by.scope(), List.of(request.id()));
                    throw ScopedReads.notFound("record");
                }
                Making making = prepare(
                        request,
                        row,
                        claims.getOrDefault(request.id(), List.of()),
                        attached.getOrDefault(request.id(), List.of()));
                prepared.add(new Prepared(making, null));
            } catch (PoolException e) {
                prepared.add(new Prepared(null, e));
            }
        }
        return prepared;
    }

    private Making prepare(
            Request request, VisibleEntities.Seen row, List<Claim> claims, List<CorrectionTable.Attached> attached)
            throws SQLException {
        String reason = VisibleEntities.checkReason(request.reason());
        EntityType type = row.type();
        if (!type.name().equals(request.entityType())) {
            throw ScopedReads.notFound("record");
        }
        int index = type.findIndex(request.field()).orElseThrow(() -> invalid(type + " has no such field"));
        Field field = type.fields().get(index);
        String value = CorrectedValue.stored(type, field, request.value(), vault);
        if (request.expires() != null && request.expires().isBefore(today())) {
            throw invalid("A correction cannot expire before it is made");
        }
        if (request.evidence().size() > MOST_EVIDENCE) {
            throw tooMuchEvidence();
        }
        Golden golden = Overlay.over(
                recognition.survivorship().of(type, claims),
                attached.stream().map(CorrectionTable.Attached::standing).toList());
        String base = said(golden.value(index));
        if (base.equals(value)) {
            throw invalid(field.name() + " is published so already");
        }
        if (request.version() != row.version()) {
            checkUnchanged(type, field, request, row.version(), base);
        }
        Claim winner = golden.winner(index);
        RecordRef first = winner == null ? golden.anchor() : winner.ref();
        Set<String> known = new HashSet<>();
        known.add(base);
        for (Claim claim : claims) {
            known.add(said(claim.value(index)));
        }
        known.remove("");
        List<RecordRef> refs =
                new ArrayList<>(claims.stream().map(Claim::ref).sorted().toList());
        String source = null;
        if (refs.remove(first)) {
            refs.add(0, first);
            source = winner == null ? null : first.stream().source();
        }
        return new Making(request, type, field, value, base, known, policy.levelOf(source), source, reason, refs);
    }

    /**
     * Makes corrections, and accepts those that whoever makes them may accept.
     *
     * @return their numbers, in order
     */
    List<Long> make(Authority by, List<Making> makings) throws SQLException {
        if (makings.isEmpty()) {
            return List.of();
        }
        List<Long> made = insert(by, makings);
        insertRecords(made, makings);
        Map<String, Map<Long, String>> byReason = new LinkedHashMap<>();
        Map<String, Map<String, ?>> lines = new LinkedHashMap<>();
        List<Long> acceptable = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            long id = made.get(i);
            Making making = makings.get(i);
            byReason.computeIfAbsent(making.reason, r -> new TreeMap<>()).put(id, "PROPOSED");
            lines.put("correction/" + id, Map.of("entity", making.request.id(), "field", making.field.name()));
            if (by.mayAccept(making.level, making.source)) {
                acceptable.add(id);
            }
        }
        for (Map.Entry<String, Map<Long, String>> e : byReason.entrySet()) {
            corrections.note(by.scope().actor(), e.getValue(), vault.seal(e.getKey()));
        }
        audit.appendAll(tx.db(), by.scope().actor(), "PROPOSE_CORRECTION", lines);
        if (!acceptable.isEmpty()) {
            accept(by, acceptable);
        }
        return made;
    }

    /** The field must be as it was in the version that was looked at, whatever else has changed since. */
    private void checkUnchanged(EntityType type, Field field, Request request, long now, String base)
            throws SQLException {
        if (request.version() == 0) {
            return;
        }
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_PUBLISHED_THEN)) {
            select.setString(1, field.name());
            select.setLong(2, request.id());
            select.setLong(3, request.version());
            try (ResultSet row = select.executeQuery()) {
                if (request.version() > now
                        || !row.next()
                        || !said(row.getString(1)).equals(base)) {
                    throw PoolException.staleVersion(type + " " + request.id(), request.version(), now);
                }
            }
        }
    }

    /** Accepts corrections, all or none; what follows is derived in one go. */
    public void accept(Authority by, List<Long> ids) throws SQLException {
        List<Row> rows = rows(by, ids);
        Map<Long, List<Row>> byEntity = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.state != State.PROPOSED) {
                throw decided(row);
            }
            if (!by.mayAccept(row.level, row.source)) {
                throw new PoolException(
                        PoolException.Kind.INVALID,
                        "Correction " + row.id() + " is accepted by "
                                + (row.level == Level.OWNER ? "the owner of its system" : "an officer"));
            }
            if (row.entity == null) {
                throw ScopedReads.notFound("correction");
            }
            byEntity.computeIfAbsent(row.entity, e -> new ArrayList<>()).add(row);
        }
        Map<Long, List<Claim>> claims = claims(byEntity.keySet());
        Map<Long, List<CorrectionTable.Attached>> attached =
                recognition.isCorrected() ? corrections.ofEntities(byEntity.keySet(), model) : Map.of();
        List<CorrectionTable.Fate> fates = new ArrayList<>();
        Map<Long, String> accepted = new TreeMap<>();
        Map<Long, String> superseded = new TreeMap<>();
        Map<Long, List<RecordRef>> wrong = new LinkedHashMap<>();
        for (Map.Entry<Long, List<Row>> e : byEntity.entrySet()) {
            List<Claim> of = claims.getOrDefault(e.getKey(), List.of());
            Set<Integer> fields = new HashSet<>();
            for (Row row : e.getValue()) {
                checkNoNews(row, of);
                if (!fields.add(row.standing.field())) {
                    throw new PoolException(
                            PoolException.Kind.CONFLICT, "Two of the corrections speak of one field: accept one");
                }
                fates.add(new CorrectionTable.Fate(row.id(), State.STANDING, null, null));
                accepted.put(row.id(), "ACCEPTED");
                wrong.put(row.id(), wrong(of, row.standing));
            }
            for (CorrectionTable.Attached other : attached.getOrDefault(e.getKey(), List.of())) {
                if (fields.contains(other.standing().field())) {
                    superseded.put(other.standing().id(), End.SUPERSEDED.name());
                    fates.add(new CorrectionTable.Fate(other.standing().id(), State.RETIRED, End.SUPERSEDED, null));
                }
            }
        }
        tickets.open(wrong, policy.calendar().after(today(), policy.answerDays()));
        corrections.update(fates);
        corrections.note(by.scope().actor(), accepted, null);
        corrections.note(by.scope().actor(), superseded, null);
        tickets.cancel(superseded.keySet());
        recognition.corrected(tx.db(), accepted.size() - superseded.size());
        Map<String, Map<String, ?>> lines = new LinkedHashMap<>();
        rows.forEach(row -> lines.put("correction/" + row.id(), Map.of()));
        audit.appendAll(tx.db(), by.scope().actor(), "ACCEPT_CORRECTION", lines);
        writeBack(accepted.keySet());
        derive(byEntity.keySet(), cause(ids), by.scope().actor());
    }

    /** Has what these say put right by Yimen itself in the systems that take it. */
    private void writeBack(Collection<Long> ids) throws SQLException {
        if (!policy.writable().isEmpty()) {
            recognition.toWrite(tx.db(), writeBacks.open(ids, policy));
        }
    }

    /** What is to be put right in a system now. */
    public List<WriteBacks.Order> take(String source, int limit) throws SQLException {
        return writeBacks.take(source, limit, model, vault);
    }

    /** A system says what is right. */
    public void written(long ticket) throws SQLException {
        writeBacks.written(ticket);
    }

    /** A system does not take what is right. */
    public void refused(long ticket, String code) throws SQLException {
        if (writeBacks.refused(ticket, code)) {
            audit.append(
                    tx.db(), CorrectionTable.ITSELF, "WRITE_BACK_REFUSED", "ticket/" + ticket, Map.of("why", code));
        }
    }

    private void checkNoNews(Row row, List<Claim> claims) {
        Overlay.Judged judged = Overlay.judge(claims, List.of(row.standing)).get(0);
        if (judged.verdict() == Overlay.Verdict.IN_CONFLICT) {
            throw new PoolException(
                    PoolException.Kind.CONFLICT,
                    "A source says something new since correction " + row.id()
                            + " was made: reject it, or correct what is published now");
        }
    }

    /** Does not accept it. */
    public void reject(Authority by, long id, String why) throws SQLException {
        String reason = VisibleEntities.checkReason(why);
        Row row = rows(by, List.of(id)).get(0);
        if (row.state != State.PROPOSED) {
            throw decided(row);
        }
        if (!by.mayAccept(row.level, row.source)) {
            throw notHis();
        }
        corrections.update(List.of(new CorrectionTable.Fate(id, State.REJECTED, null, null)));
        corrections.note(by.scope().actor(), Map.of(id, State.REJECTED.name()), vault.seal(reason));
        audit(by, "REJECT_CORRECTION", id, Map.of());
    }

    /** Takes it back. */
    public void withdraw(Authority by, long id, String why) throws SQLException {
        String reason = VisibleEntities.checkReason(why);
        Row row = rows(by, List.of(id)).get(0);
        if (row.state != State.PROPOSED && !row.state.isInForce()) {
            throw decided(row);
        }
        if (!row.actor.equals(by.scope().actor()) && !by.mayAccept(row.level, row.source)) {
            throw notHis();
        }
        audit(by, "WITHDRAW_CORRECTION", id, Map.of());
        retire(List.of(row), End.WITHDRAWN, by.scope().actor(), vault.seal(reason));
    }

    /** Ends a conflict. */
    public void resolve(Authority by, long id, Keep keep, String why) throws SQLException {
        String reason = VisibleEntities.checkReason(why);
        Row row = rows(by, List.of(id)).get(0);
        if (row.state != State.IN_CONFLICT || row.entity == null) {
            throw new PoolException(PoolException.Kind.CONFLICT, "Correction " + id + " is not in conflict");
        }
        if (!by.mayAccept(row.level, row.source)) {
            throw notHis();
        }
        audit(by, "RESOLVE_CORRECTION", id, Map.of("keep", keep.name()));
        if (keep == Keep.SOURCE) {
            retire(List.of(row), End.SOURCE_KEPT, by.scope().actor(), vault.seal(reason));
            return;
        }
        List<Claim> claims = claims(row.entity);
        Set<String> known = new HashSet<>(row.standing.known());
        claims.forEach(c -> known.add(said(c.value(row.standing.field()))));
        known.remove("");
        try (PreparedStatement update = tx.db().prepareStatement(EXTEND)) {
            update.setArray(1, texts(known));
            update.setLong(2, id);
            update.executeUpdate();
        }
        List<Row> others = new ArrayList<>();
        List<Long> rivals = new ArrayList<>();
        for (CorrectionTable.Attached other :
                corrections.ofEntities(List.of(row.entity), model).getOrDefault(row.entity, List.of())) {
            if (other.standing().field() == row.standing.field()
                    && other.standing().id() != id) {
                rivals.add(other.standing().id());
            }
        }
        others.addAll(rows(by, rivals));
        corrections.note(by.scope().actor(), Map.of(id, "UPHELD"), vault.seal(reason));
        tickets.open(Map.of(id, wrong(claims, row.standing)), policy.calendar().after(today(), policy.answerDays()));
        writeBack(List.of(id));
        end(others, End.SUPERSEDED, by.scope().actor(), null);
        derive(Set.of(row.entity), cause(List.of(id)), by.scope().actor());
    }

    /** Adds a file that shows it. */
    public int attach(Authority by, long id, Evidence evidence) throws SQLException {
        rows(by, List.of(id));
        int number = insertEvidence(by, id, evidence);
        if (number > MOST_EVIDENCE) {
            throw tooMuchEvidence();
        }
        audit(by, "ATTACH_EVIDENCE", id, Map.of("number", number));
        return number;
    }

    /** What the owner of a system says to a ticket. */
    public void answer(Authority by, long ticket, boolean accepted, @Nullable String said) throws SQLException {
        String answer = accepted && (said == null || said.isBlank())
                ? null
                : VisibleEntities.checkReason(Objects.requireNonNullElse(said, ""));
        long correction;
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_TICKET)) {
            select.setLong(1, ticket);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || !by.owns(row.getString(3))) {
                    throw ScopedReads.notFound("ticket");
                }
                correction = row.getLong(1);
                if (!TicketState.valueOf(row.getString(2)).isOpen()) {
                    throw new PoolException(PoolException.Kind.CONFLICT, "Ticket " + ticket + " waits for no answer");
                }
            }
        }
        try (PreparedStatement update = tx.db().prepareStatement(ANSWER)) {
            update.setString(1, accepted ? "ACCEPTED" : "REFUSED");
            update.setString(2, by.scope().actor());
            update.setObject(3, tx.timestamp());
            update.setString(4, answer == null ? null : vault.seal(answer));
            update.setLong(5, ticket);
            update.executeUpdate();
        }
        audit.append(
                tx.db(),
                by.scope().actor(),
                "ANSWER_TICKET",
                "ticket/" + ticket,
                Map.of("accepted", accepted, "correction", correction));
    }

    /** Notes that tickets were handed over in a file; whether they were not before. */
    boolean file(String source, LocalDate day) throws SQLException {
        try (PreparedStatement insert = tx.db().prepareStatement(FILE)) {
            insert.setString(1, source);
            insert.setObject(2, day);
            return insert.executeUpdate() == 1;
        }
    }

    /** Ends what was made for a time that is over. */
    public int expire(LocalDate today) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_EXPIRED)) {
            select.setObject(1, today);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getLong(1));
                }
            }
        }
        retire(rows(ids), End.EXPIRED, CorrectionTable.ITSELF, null);
        return ids.size();
    }

    /** Escalates what is overdue. */
    public int escalate(LocalDate today) throws SQLException {
        int escalated = 0;
        try (PreparedStatement update = tx.db().prepareStatement(ESCALATE)) {
            update.setObject(1, today);
            try (ResultSet row = update.executeQuery()) {
                while (row.next()) {
                    escalated++;
                }
            }
        }
        return escalated;
    }

    private void retire(List<Row> rows, End end, String actor, @Nullable String reason) throws SQLException {
        end(rows, end, actor, reason);
        Set<Long> again = new HashSet<>();
        for (Row row : rows) {
            if (row.state.isInForce() && row.entity != null) {
                again.add(row.entity);
            }
        }
        derive(again, cause(rows.stream().map(Row::id).toList()), actor);
    }

    private void end(List<Row> rows, End end, String actor, @Nullable String reason) throws SQLException {
        List<CorrectionTable.Fate> fates = new ArrayList<>();
        Map<Long, String> events = new TreeMap<>();
        int fewer = 0;
        for (Row row : rows) {
            fates.add(new CorrectionTable.Fate(row.id(), State.RETIRED, end, null));
            events.put(row.id(), end.name());
            fewer += row.state.isInForce() ? 1 : 0;
        }
        corrections.update(fates);
        corrections.note(actor, events, reason);
        tickets.cancel(events.keySet());
        recognition.corrected(tx.db(), -fewer);
    }

    /** The source records that say something else than is right. */
    private static List<RecordRef> wrong(List<Claim> claims, Standing correction) {
        List<RecordRef> wrong = new ArrayList<>();
        for (Claim claim : claims) {
            String value = claim.value(correction.field());
            if (value != null && !value.equals(correction.value())) {
                wrong.add(claim.ref());
            }
        }
        return wrong;
    }

    private void derive(Collection<Long> again, String cause, String actor) throws SQLException {
        if (again.isEmpty()) {
            return;
        }
        Map<RecordRef, Long> refs = new HashMap<>();
        records.ofEntities(again)
                .forEach((ref, stored) -> refs.put(ref, stored.placed().entity()));
        new Derivation(tx, model, vault, recognition, new Changes(tx).because(cause, actor)).run(List.of(), refs);
    }

    private static String cause(List<Long> ids) {
        return ids.size() == 1 ? "correction/" + ids.get(0) : "corrections";
    }

    private List<Claim> claims(long entity) throws SQLException {
        return claims(Set.of(entity)).getOrDefault(entity, List.of());
    }

    private Map<Long, List<Claim>> claims(Collection<Long> of) throws SQLException {
        Map<Long, List<Claim>> claims = new HashMap<>();
        records.ofEntities(of)
                .forEach((ref, stored) -> claims.computeIfAbsent(stored.placed().entity(), e -> new ArrayList<>())
                        .add(stored.claim()));
        claims.values().forEach(c -> c.sort(Comparator.comparing(Claim::ref)));
        return claims;
    }

    private List<Row> rows(Authority by, List<Long> ids) throws SQLException {
        List<Row> rows = rows(ids);
        List<Long> known =
                rows.stream().map(Row::entity).filter(Objects::nonNull).toList();
        Map<Long, VisibleEntities.Seen> seen = entities.corrigible(by, known);
        for (Row row : rows) {
            boolean visible = row.entity == null ? by.scope().everything() : seen.containsKey(row.entity);
            boolean his = row.source != null && row.level == Level.OWNER && by.owns(row.source);
            if (!visible && !his) {
                throw ScopedReads.notFound("correction");
            }
        }
        if (rows.size() < Set.copyOf(ids).size()) {
            throw ScopedReads.notFound("correction");
        }
        return rows;
    }

    private List<Row> rows(Collection<Long> ids) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT)) {
            Sql.set(select, 1, ids);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    EntityType type = model.getType(row.getString(2));
                    Standing standing = new Standing(
                            row.getLong(1),
                            type.indexOf(row.getString(3)),
                            row.getString(4),
                            Set.copyOf(Arrays.asList((String[]) row.getArray(5).getArray())),
                            List.of());
                    rows.add(new Row(
                            standing,
                            type,
                            State.valueOf(row.getString(6)),
                            Level.valueOf(row.getString(7)),
                            row.getString(8),
                            row.getString(9),
                            row.getObject(10, LocalDate.class),
                            row.getObject(11, Long.class)));
                }
            }
        }
        return rows;
    }

    private List<Long> insert(Authority by, List<Making> makings) throws SQLException {
        Sql.Texts types = new Sql.Texts();
        Sql.Texts fields = new Sql.Texts();
        Sql.Texts values = new Sql.Texts();
        Sql.Texts bases = new Sql.Texts();
        Sql.Texts known = new Sql.Texts();
        Sql.Texts levels = new Sql.Texts();
        Sql.Texts sources = new Sql.Texts();
        Sql.Texts reasons = new Sql.Texts();
        Sql.Texts expiries = new Sql.Texts();
        for (Making making : makings) {
            types.add(making.type.name());
            fields.add(making.field.name());
            values.add(making.value);
            bases.add(making.base);
            JsonText all = new JsonText().array();
            making.known.stream().sorted().forEach(all::string);
            known.add(all.end().toString());
            levels.add(making.level.name());
            sources.add(making.source);
            reasons.add(vault.seal(making.reason));
            LocalDate expires = making.request.expires();
            expiries.add(expires == null ? null : expires.toString());
        }
        List<Long> made = new ArrayList<>();
        tx.ask(
                INSERT,
                row -> made.add(row.getLong(1)),
                Sql.text(by.scope().actor()),
                Sql.time(tx.timestamp()),
                types,
                fields,
                values,
                bases,
                known,
                levels,
                sources,
                reasons,
                expiries);
        Collections.sort(made);
        return made;
    }

    private void insertRecords(List<Long> made, List<Making> makings) {
        Sql.Longs ids = new Sql.Longs();
        Sql.Ints ranks = new Sql.Ints();
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (int i = 0; i < made.size(); i++) {
            int rank = 1;
            for (RecordRef ref : makings.get(i).records) {
                ids.add(made.get(i));
                ranks.add(rank++);
                streams.add(tx.streams().number(ref.stream()));
                keys.add(ref.key());
            }
        }
        tx.later(INSERT_RECORDS, ids, ranks, streams, keys);
    }

    private int insertEvidence(Authority by, long correction, Evidence evidence) throws SQLException {
        try (PreparedStatement insert = tx.db().prepareStatement(INSERT_EVIDENCE)) {
            insert.setLong(1, correction);
            insert.setString(2, vault.seal(evidence.name()));
            insert.setString(3, evidence.mediaType());
            insert.setInt(4, evidence.content().length);
            insert.setBytes(5, vault.seal(evidence.content()));
            insert.setString(6, by.scope().actor());
            insert.setObject(7, tx.timestamp());
            insert.setLong(8, correction);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private Array texts(Collection<String> values) throws SQLException {
        return tx.db().createArrayOf("text", values.stream().sorted().toArray());
    }

    private void audit(Authority by, String action, long correction, Map<String, ?> detail) throws SQLException {
        audit(by, action, "correction/" + correction, detail);
    }

    void audit(Authority by, String action, String object, Map<String, ?> detail) throws SQLException {
        audit.append(tx.db(), by.scope().actor(), action, object, detail);
    }

    private LocalDate today() {
        return LocalDate.ofInstant(tx.at(), Corrections.ZONE);
    }

    private static String said(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static PoolException decided(Row row) {
        return new PoolException(
                PoolException.Kind.CONFLICT,
                "Correction " + row.id() + " is " + row.state.name().toLowerCase(Locale.ROOT) + " already");
    }

    private static PoolException notHis() {
        return invalid("This is for whoever made the correction, or may accept it");
    }

    private static PoolException tooMuchEvidence() {
        return invalid("A correction has " + MOST_EVIDENCE + " files of evidence at most");
    }

    private static PoolException invalid(String message) {
        return new PoolException(PoolException.Kind.INVALID, message);
    }
}
