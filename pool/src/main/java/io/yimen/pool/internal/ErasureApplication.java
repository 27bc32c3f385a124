package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.erasure.ErasurePolicy;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.erasure.Extent;
import io.yimen.pool.erasure.Preview;
import io.yimen.pool.erasure.State;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.lineage.Lineage;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Erases people within a transaction that holds the pool's lock: what others say is derived anew without them, and then
 * every store gives up what it holds. For one transaction.
 */
public final class ErasureApplication {
    private static final String COUNT_TYPED = """
            update pool.correction_upload u
               set rows = u.rows - gone.rows, pending = u.pending - gone.pending, faulty = u.faulty - gone.faulty,
                   applied = u.applied - gone.applied
              from (select upload_id, count(*) as rows, count(*) filter (where state = 'CHANGES') as pending,
                           count(*) filter (where state = 'FAULTY') as faulty,
                           count(*) filter (where state = 'APPLIED') as applied
                      from pool.correction_upload_row
                     where entity_id = any (?)
                     group by upload_id) gone
             where u.id = gone.upload_id
            """;
    private static final String INSERT = """
            insert into pool.erasure (entity_id, entity_type, place_id, ground, reason, state, requested_by, requested_at)
            select e.id, e.entity_type, e.place_id, ?, ?, 'REQUESTED', ?, ? from pool.entity e where e.id = ?
            on conflict (entity_id) where state = 'REQUESTED' do nothing
            returning id
            """;
    private static final String SELECT = """
            select entity_id, state, requested_by, ground from pool.erasure where id = ?
            """;
    private static final String DECIDE = """
            update pool.erasure set state = ?, decided_by = ?, decided_at = ?, reason = null where id = ?
            """;
    private static final String DONE = """
            update pool.erasure
               set state = 'DONE', decided_by = ?, decided_at = ?, reason = null, extent = ?, kept = ?, holds = ?,
                   counts = ?::jsonb
             where id = ?
            """;
    private static final String LIFT = """
            update pool.erasure set state = 'LIFTED', lifted_by = ?, lifted_at = ? where id = ?
            """;
    private static final String SELECT_REFERRERS = """
            select r.entity_id, e.entity_type, e.title, r.field, count(*) over ()
              from pool.reference r join pool.entity e on e.id = r.entity_id
             where r.to_entity = any (?)
             order by r.entity_id, r.field
             limit ?
            """;
    private static final String OF_RECORDS = """
             using unnest(?::int[], ?::text[]) k (stream_id, key)
             where t.stream_id = k.stream_id and t.key = k.key
            """;
    private static final String KEEP_APART = """
            update pool.decision
               set reason = ?, withdrawn_reason = case when withdrawn_reason is not null then ? end
             where id = any (?)
            """;
    private static final String FORGET_DECISIONS = """
            delete from pool.decision d
             where d.id = any (?) and not exists (select from pool.decision_record r where r.decision_id = d.id)
            """;
    private static final String SELECT_RULED = """
            select stream_id, key from pool.decision_record where decision_id = any (?)
            """;
    private static final String SELECT_DETACHED = """
            select c.id, c.entity_type, c.field, c.base, c.known, r.stream_id, r.key
              from pool.correction c left join pool.correction_record r on r.correction_id = c.id
             where c.id = any (?)
            """;
    private static final String DETACH = """
            update pool.correction set known = ?, base = ?, against = null where id = ?
            """;
    private static final String BURY = """
            insert into pool.tombstone (digest, erasure_id, keeps) select d, ?, ? from unnest(?::text[]) d
            on conflict (digest) do update set erasure_id = excluded.erasure_id, keeps = excluded.keeps
            """;
    private static final String BLANK = """
            update pool.entity e
               set status = 'ERASED', redirect_to = null, version = e.version + 1, title = '', fields = '{}',
                   lineage = '{}', anchor = '', content_hash = '', records = 0, created_at = w.at, updated_at = w.at,
                   change_seq = u.seq
              from (select ?::timestamptz) w (at), unnest(?::bigint[], ?::bigint[]) u (id, seq)
             where e.id = u.id
            """;
    private static final String UNANCHOR = """
            update pool.entity set anchor = '' where status <> 'ACTIVE' and anchor = any (?)
            """;
    // Others may once have published what its records say, before they were told apart.
    private static final String REDACT = """
            update pool.%1$s t
               set fields = t.fields - m.names, lineage = pool.lineage_without(t.lineage, m.names),
                   title = case when ? = any (m.names) then '' else t.title end
              from (select x.%2$s as id, array_agg(l.field) as names
                      from pool.%1$s x
                      cross join lateral pool.lineage_origins(x.lineage) l
                      join unnest(?::int[], ?::text[]) k (stream_id, key)
                        on l.stream_id = k.stream_id and l.key = k.key
                     where x.entity_type = ? and %3$s and l.field = any (?)
                     group by x.%2$s) m
             where t.%2$s = m.id
            """;
    // And a record of others may once have said its number by mistake: then nothing else leads there.
    private static final String REDACT_NUMBERS = """
            update pool.%1$s t
               set fields = t.fields - m.names, lineage = pool.lineage_without(t.lineage, m.names),
                   title = case when ? = any (m.names) then '' else t.title end
              from (select x.%2$s as id, array_agg(distinct n.field) as names
                      from pool.%1$s x
                      join unnest(?::text[], ?::text[]) n (field, value) on x.fields ->> n.field = n.value
                     where x.entity_type = ? and %3$s
                     group by x.%2$s) m
             where t.%2$s = m.id
            """;
    private static final String REDACT_OWN = """
            update pool.%1$s t
               set fields = t.fields - ?, lineage = pool.lineage_without(t.lineage, ?),
                   title = case when ? = any (?) then '' else t.title end
             where t.%2$s = any (?) and t.fields ?| ?
            """.replace("?|", "??|");

    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final Recognition recognition;
    private final Audit audit;
    private final ErasurePolicy policy;
    private final SourceRecords records;
    private final VisibleEntities entities;
    private final Map<String, Long> counts = new TreeMap<>();

    /** A request as it is stored. */
    private record Row(long id, long entity, State state, String requestedBy, String ground) {}

    /** How much may be erased, and why not all of it. */
    private record Verdict(Extent extent, Set<String> kept, List<Preview.Kept> holds) {
        List<String> codes() {
            return holds.stream().map(Preview.Kept::code).toList();
        }
    }

    public ErasureApplication(
            Connection db,
            Streams streams,
            PoolModel model,
            Vault vault,
            Recognition recognition,
            Audit audit,
            ErasurePolicy policy,
            Instant now) {
        this.tx = new Transaction(db, streams, 0, now);
        this.model = model;
        this.vault = vault;
        this.recognition = recognition;
        this.audit = audit;
        this.policy = policy;
        this.records = new SourceRecords(tx);
        this.entities = new VisibleEntities(tx, model);
    }

    /** As {@link Erasures#request}; the number of the request. */
    public long request(Scope by, Erasures.Request request) throws SQLException {
        String reason = VisibleEntities.checkReason(request.reason());
        if (!policy.rules().grounds().containsKey(request.ground())) {
            throw invalid("There is no such ground: use one of "
                    + new TreeSet<>(policy.rules().grounds().keySet()));
        }
        VisibleEntities.Seen seen = seen(by, request.id());
        if (!seen.type().name().equals(request.entityType())) {
            throw ScopedReads.notFound("record");
        }
        if (!policy.rules().types().contains(seen.type().name())) {
            throw invalid(seen.type() + " is not about one person: the rules for erasing name "
                    + new TreeSet<>(policy.rules().types()));
        }
        VisibleEntities.checkVersion(request.id(), request.version(), Map.of(request.id(), seen));
        long[] id = {0};
        tx.ask(
                INSERT,
                row -> id[0] = row.getLong(1),
                Sql.text(request.ground()),
                Sql.text(vault.seal(reason)),
                Sql.text(by.actor()),
                Sql.time(tx.timestamp()),
                Sql.number(request.id()));
        if (id[0] == 0) {
            throw new PoolException(
                    PoolException.Kind.CONFLICT, seen.type() + " " + request.id() + " is asked to be erased already");
        }
        audit(by, "REQUEST_ERASURE", id[0], Map.of("entity", request.id(), "ground", request.ground()));
        return id[0];
    }

    /** What an erasure does; for a transaction that is taken back. */
    public Result tried(Scope by, long id) throws SQLException {
        Row row = open(by, id);
        ErasedSubject subject = subject(by, row.entity);
        Verdict verdict = verdict(subject);
        String token = token(row, subject, verdict);
        List<Preview.Referrer> referrers = new ArrayList<>();
        int[] all = {0};
        tx.ask(
                SELECT_REFERRERS,
                found -> {
                    all[0] = found.getInt(5);
                    referrers.add(new Preview.Referrer(
                            found.getLong(1), found.getString(2), found.getString(3), found.getString(4)));
                },
                Sql.ids(subject.ids),
                Sql.number(Preview.MOST));
        if (verdict.extent != Extent.REFUSED) {
            erase(by, row, subject, verdict);
        }
        return new Result(token, verdict.extent, verdict.kept, verdict.holds, counts, referrers, all[0]);
    }

    /** What {@link #tried} found. */
    public record Result(
            String token,
            Extent extent,
            Set<String> kept,
            List<Preview.Kept> holds,
            Map<String, Long> counts,
            List<Preview.Referrer> referrers,
            int allReferrers) {}

    /** As {@link Erasures#accept}. */
    public void accept(Scope by, long id, String token) throws SQLException {
        Row row = open(by, id);
        if (policy.fourEyes() && row.requestedBy.equals(by.actor())) {
            throw invalid("Whoever asks for an erasure does not accept it: have somebody else accept it");
        }
        ErasedSubject subject = subject(by, row.entity);
        Verdict verdict = verdict(subject);
        if (!token.equals(token(row, subject, verdict))) {
            throw PoolException.stale(subject.toString());
        }
        if (verdict.extent == Extent.REFUSED) {
            Preview.Kept first = verdict.holds.stream()
                    .filter(h -> ruleOf(h).keeps() == null)
                    .findFirst()
                    .orElseThrow();
            throw PoolException.retained(
                    subject + " is to be kept: " + verdict.codes() + "; "
                            + first.law().zh() + " (" + first.law().en() + ")",
                    first.reason().zh() + " (" + first.reason().en() + ")");
        }
        erase(by, row, subject, verdict);
        Map<String, Object> detail = new TreeMap<>();
        detail.put("erasure", id);
        detail.put("ground", row.ground);
        detail.put("requestedBy", row.requestedBy);
        detail.put("extent", verdict.extent.name());
        detail.put("holds", verdict.codes());
        detail.put("counts", counts);
        audit.append(tx.db(), by.actor(), "ERASE", subject.type + "/" + subject.id, detail);
    }

    /** As {@link Erasures#withdraw}. */
    public void withdraw(Scope by, long id, String why) throws SQLException {
        VisibleEntities.checkReason(why);
        Row row = row(by, id);
        if (row.state != State.REQUESTED) {
            throw decided(row);
        }
        tx.later(
                DECIDE,
                Sql.text(State.WITHDRAWN.name()),
                Sql.text(by.actor()),
                Sql.time(tx.timestamp()),
                Sql.number(id));
        audit(by, "WITHDRAW_ERASURE", id, Map.of());
    }

    /** As {@link Erasures#lift}. */
    public void lift(Scope by, long id, String why) throws SQLException {
        VisibleEntities.checkReason(why);
        Row row = row(by, id);
        if (row.state != State.DONE) {
            throw new PoolException(
                    PoolException.Kind.CONFLICT,
                    "Erasure " + id + " is " + row.state.name().toLowerCase(Locale.ROOT)
                            + ": there is nothing to lift");
        }
        tx.later(
                "delete from pool.tombstone where erasure_id = ?",
                rows -> counts.put("tombstone", (long) rows),
                Sql.number(id));
        tx.later(LIFT, Sql.text(by.actor()), Sql.time(tx.timestamp()), Sql.number(id));
        recognition.erased(tx.db());
        audit(by, "LIFT_ERASURE", id, Map.of("tombstones", counts.getOrDefault("tombstone", 0L)));
    }

    private Row open(Scope by, long id) throws SQLException {
        Row row = row(by, id);
        if (row.state != State.REQUESTED) {
            throw decided(row);
        }
        return row;
    }

    private Row row(Scope by, long id) throws SQLException {
        List<Row> rows = new ArrayList<>();
        tx.ask(
                SELECT,
                row -> rows.add(new Row(
                        id, row.getLong(1), State.valueOf(row.getString(2)), row.getString(3), row.getString(4))),
                Sql.number(id));
        if (rows.isEmpty() || entities.of(by, List.of(rows.get(0).entity)).isEmpty()) {
            throw ScopedReads.notFound("erasure");
        }
        return rows.get(0);
    }

    /** The entity, live or retired; a retired one is held all the same. */
    private VisibleEntities.Seen seen(Scope by, long id) throws SQLException {
        VisibleEntities.Seen seen = entities.of(by, List.of(id)).get(id);
        if (seen == null || !seen.status().equals("RETIRED")) {
            entities.check(by, List.of(id));
        }
        return Objects.requireNonNull(seen);
    }

    private ErasedSubject subject(Scope by, long id) throws SQLException {
        VisibleEntities.Seen seen = seen(by, id);
        return new ErasedSubject(tx, model, vault, id, seen.type(), seen.version());
    }

    private Verdict verdict(ErasedSubject subject) throws SQLException {
        List<Preview.Kept> holds = new Holds(tx, policy.rules()).of(subject);
        Set<String> kept = new TreeSet<>();
        for (Preview.Kept hold : holds) {
            Set<String> keeps = ruleOf(hold).keeps();
            if (keeps == null) {
                return new Verdict(Extent.REFUSED, Set.of(), holds);
            }
            kept.addAll(keeps);
        }
        return new Verdict(holds.isEmpty() ? Extent.WHOLE : Extent.PARTIAL, kept, holds);
    }

    private ErasureRules.Hold ruleOf(Preview.Kept hold) {
        return policy.rules().holds().stream()
                .filter(h -> h.code().equals(hold.code()))
                .findFirst()
                .orElseThrow();
    }

    private String token(Row row, ErasedSubject subject, Verdict verdict) {
        return vault.digest(
                "erasure-preview", row.id + "\n" + verdict.codes() + "\n" + verdict.kept + "\n" + subject.state());
    }

    // Doing it

    private void erase(Scope by, Row row, ErasedSubject subject, Verdict verdict) throws SQLException {
        boolean whole = verdict.extent == Extent.WHOLE;
        Set<String> cut = subject.fieldsBut(verdict.kept);
        List<String> digests = new ArrayList<>(subject.digests(vault));
        Map<RecordRef, Long> again = new HashMap<>();
        if (whole) {
            forgetDecisions(subject, again);
        }
        List<Long> forgotten = forgetCorrections(subject, cut, whole, again);
        digests.addAll(forgetQuarantine(subject));
        derive(by, row, subject, cut, whole, again);
        if (whole) {
            blank(by, row, subject);
        }
        redact(subject, cut, whole, forgotten);
        forgetCopies(subject);
        tx.later(BURY, count("tombstone"), Sql.number(row.id), array(whole ? null : verdict.kept), texts(digests));
        recognition.erased(tx.db());
        counts.remove("tombstone");
        counts.values().removeIf(n -> n == 0);
        tx.later(
                DONE,
                Sql.text(by.actor()),
                Sql.time(tx.timestamp()),
                Sql.text(verdict.extent.name()),
                array(whole ? null : verdict.kept),
                texts(verdict.codes()),
                Sql.text(json(counts)),
                Sql.number(row.id));
        tx.send();
    }

    /** A decision goes on speaking of the records of others; its words may name whoever was erased. */
    private void forgetDecisions(ErasedSubject subject, Map<RecordRef, Long> again) throws SQLException {
        if (subject.decisions.isEmpty()) {
            return;
        }
        String nothing = vault.seal("");
        tx.later(
                "delete from pool.decision_record t" + OF_RECORDS,
                count("decision_record"),
                subject.streams,
                subject.keys);
        tx.later(KEEP_APART, Sql.text(nothing), Sql.text(nothing), Sql.ids(subject.decisions));
        tx.later(FORGET_DECISIONS, count("decision"), Sql.ids(subject.decisions));
        Set<RecordRef> others = new HashSet<>();
        tx.ask(SELECT_RULED, row -> others.add(ref(row.getInt(1), row.getString(2))), Sql.ids(subject.decisions));
        again.putAll(records.entitiesOf(others));
        recognition.rulingsChanged(tx.db());
    }

    /** Those about it go; of those of others goes what its records say, and their words. */
    private List<Long> forgetCorrections(
            ErasedSubject subject, Set<String> cut, boolean whole, Map<RecordRef, Long> again) throws SQLException {
        List<Long> forgotten = new ArrayList<>();
        List<Long> detached = new ArrayList<>();
        int fewer = 0;
        for (ErasedSubject.Correction correction : subject.corrections) {
            if (whole ? correction.isAbout() : correction.isAbout() && cut.contains(correction.field())) {
                forgotten.add(correction.id());
                fewer += correction.isInForce() ? 1 : 0;
            } else if (whole || cut.contains(correction.field())) {
                detached.add(correction.id());
            }
        }
        for (String table : List.of("evidence", "ticket", "correction_event", "correction_record")) {
            tx.later("delete from pool." + table + " where correction_id = any (?)", count(table), Sql.ids(forgotten));
        }
        tx.later("delete from pool.correction where id = any (?)", count("correction"), Sql.ids(forgotten));
        if (whole) {
            tx.later("delete from pool.ticket t" + OF_RECORDS, count("ticket"), subject.streams, subject.keys);
            tx.later(
                    "delete from pool.correction_record t" + OF_RECORDS,
                    count("correction_record"),
                    subject.streams,
                    subject.keys);
        }
        detach(detached, again);
        recognition.corrected(tx.db(), -fewer);
        return forgotten;
    }

    private record Detached(
            long id, EntityType type, String field, String base, Set<String> known, Set<RecordRef> refs) {}

    /** What a correction knows is from now on no more than what its own records say. */
    private void detach(List<Long> corrections, Map<RecordRef, Long> again) throws SQLException {
        Map<Long, Detached> found = new TreeMap<>();
        tx.ask(
                SELECT_DETACHED,
                row -> {
                    Detached one = found.get(row.getLong(1));
                    if (one == null) {
                        one = new Detached(
                                row.getLong(1),
                                model.getType(row.getString(2)),
                                row.getString(3),
                                row.getString(4),
                                new TreeSet<>(
                                        Arrays.asList((String[]) row.getArray(5).getArray())),
                                new HashSet<>());
                        found.put(one.id, one);
                    }
                    if (row.getString(7) != null) {
                        one.refs.add(ref(row.getInt(6), row.getString(7)));
                    }
                },
                Sql.ids(corrections));
        for (Detached one : found.values()) {
            Set<String> said = new HashSet<>();
            int index = one.type.indexOf(one.field);
            for (Claim claim : records.claims(one.refs).values()) {
                String value = claim.value(index);
                if (value != null) {
                    said.add(value);
                }
            }
            one.known.retainAll(said);
            tx.later(
                    DETACH,
                    array(one.known),
                    Sql.text(one.known.contains(one.base) ? one.base : ""),
                    Sql.number(one.id));
            again.putAll(records.entitiesOf(one.refs));
        }
    }

    /** Whatever waits of its records, or names its numbers; returns what keeps away what waited under other names. */
    private List<String> forgetQuarantine(ErasedSubject subject) throws SQLException {
        List<ErasedSubject.Waiting> waiting = subject.waiting(tx, model, vault);
        tx.later(
                "delete from pool.quarantine where id = any (?)",
                count("quarantine"),
                Sql.ids(waiting.stream().map(ErasedSubject.Waiting::id).toList()));
        return waiting.stream()
                .map(ErasedSubject.Waiting::ref)
                .distinct()
                .filter(ref -> !subject.records.containsKey(ref))
                .map(ref -> Tombstones.digestOf(ref, vault))
                .toList();
    }

    /** What was typed of it into spreadsheets, and its rows in ledgers that were handed in. */
    private void forgetCopies(ErasedSubject subject) {
        tx.later(COUNT_TYPED, Sql.ids(subject.ids));
        tx.later(
                "delete from pool.correction_upload_row where entity_id = any (?)",
                count("correction_upload_row"),
                Sql.ids(subject.ids));
        tx.later("delete from pool.frozen_row where entities && ?", count("frozen_row"), Sql.ids(subject.ids));
    }

    /** Derives what is left, as if nobody had ever said what is erased. */
    private void derive(
            Scope by, Row row, ErasedSubject subject, Set<String> cut, boolean whole, Map<RecordRef, Long> again)
            throws SQLException {
        List<Draft> drafts = new ArrayList<>();
        for (Draft draft : subject.records.values()) {
            if (draft.isLive()) {
                if (whole) {
                    draft.erase();
                } else {
                    draft.cut(without(draft.values(), subject.type, cut));
                }
                drafts.add(draft);
            }
        }
        if (whole && !subject.citing.isEmpty()) {
            Map<RecordRef, Boolean> wanted = new HashMap<>();
            subject.citing.keySet().forEach(ref -> wanted.put(ref, true));
            records.drafts(wanted).forEach((ref, draft) -> {
                @Nullable String[] left = draft.values().clone();
                subject.citing.getOrDefault(ref, List.of()).forEach(field -> left[field] = "");
                draft.cut(left);
                drafts.add(draft);
            });
            counts.put("citing records", (long) subject.citing.size());
        }
        drafts.forEach(d -> again.remove(d.ref()));
        new Derivation(tx, model, vault, recognition, new Changes(tx).because("erasure/" + row.id, by.actor()))
                .run(drafts, again);
    }

    private static @Nullable String[] without(@Nullable String[] values, EntityType type, Set<String> cut) {
        @Nullable String[] left = values.clone();
        for (int i = 0; i < left.length; i++) {
            if (cut.contains(type.fields().get(i).name())) {
                left[i] = null;
            }
        }
        return left;
    }

    /** Its ids stay, and say that there was something; whoever follows the changes learns it from the last one. */
    private void blank(Scope by, Row row, ErasedSubject subject) throws SQLException {
        tx.later("delete from pool.identifier t" + OF_RECORDS, count("identifier"), subject.streams, subject.keys);
        tx.later(
                "delete from pool.source_record t" + OF_RECORDS, count("source_record"), subject.streams, subject.keys);
        tx.later("delete from pool.reference where entity_id = any (?)", count("reference"), Sql.ids(subject.ids));
        tx.later(
                "delete from pool.review where left_id = any (?) or right_id = any (?)",
                count("review"),
                Sql.ids(subject.ids),
                Sql.ids(subject.ids));
        Changes changes = new Changes(tx).because("erasure/" + row.id, by.actor());
        tx.send();
        List<Long> seqs = new ArrayList<>();
        subject.ids.forEach(id -> seqs.add(changes.note(id, Operation.ERASED)));
        tx.later(BLANK, count("entity"), Sql.time(tx.timestamp()), Sql.ids(subject.ids), Sql.ids(seqs));
        // First the last change, then those before: the log never ends earlier than it did.
        changes.append();
        tx.later(
                "delete from pool.change where entity_id = any (?) and op <> 'ERASED'",
                count("change"),
                Sql.ids(subject.ids));
    }

    /** What others published of it, and of a partial erasure what it published itself. */
    private void redact(ErasedSubject subject, Set<String> cut, boolean whole, List<Long> corrections)
            throws SQLException {
        Sql.Parameter title =
                Sql.text(subject.type.fields().get(subject.type.titleField()).name());
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        Sql.Texts paths = new Sql.Texts();
        for (RecordRef ref : subject.records.keySet()) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
            paths.add(ref.path());
        }
        for (long correction : corrections) {
            streams.add(Lineage.PEOPLE);
            keys.add(Long.toString(correction));
        }
        Sql.Parameter type = Sql.text(subject.type.name());
        Sql.Texts fields = new Sql.Texts();
        Sql.Texts numbers = new Sql.Texts();
        subject.numbers.forEach((field, values) -> {
            if (cut.contains(field)) {
                values.forEach(value -> {
                    fields.add(field);
                    numbers.add(value);
                });
            }
        });
        for (String[] table : new String[][] {{"change", "seq", "true"}, {"entity", "id", "x.status <> 'ACTIVE'"}}) {
            tx.later(
                    REDACT.formatted((Object[]) table),
                    count(table[0] + " redacted"),
                    title,
                    streams,
                    keys,
                    type,
                    texts(cut));
            tx.later(
                    REDACT_NUMBERS.formatted((Object[]) table),
                    count(table[0] + " redacted"),
                    title,
                    fields,
                    numbers,
                    type);
        }
        if (whole) {
            tx.later(UNANCHOR, paths);
            return;
        }
        for (String[] table : new String[][] {{"change", "entity_id"}, {"entity", "id"}}) {
            tx.later(
                    REDACT_OWN.formatted(table[0], table[1]),
                    count(table[0] + " redacted"),
                    texts(cut),
                    texts(cut),
                    title,
                    texts(cut),
                    Sql.ids(subject.ids),
                    texts(cut));
        }
    }

    private RecordRef ref(int stream, String key) {
        return new RecordRef(tx.streams().get(stream).id(), key);
    }

    private IntConsumer count(String store) {
        return rows -> counts.merge(store, (long) rows, Long::sum);
    }

    private static Sql.Texts texts(Collection<String> values) {
        Sql.Texts texts = new Sql.Texts();
        values.forEach(texts::add);
        return texts;
    }

    private Sql.Parameter array(@Nullable Collection<String> values) {
        return values == null ? (statement, index) -> statement.setArray(index, null) : texts(values);
    }

    private static String json(Map<String, Long> counts) {
        JsonText json = new JsonText().object();
        counts.forEach((store, rows) -> json.key(store).number(rows));
        return json.end().toString();
    }

    private void audit(Scope by, String action, long erasure, Map<String, ?> detail) throws SQLException {
        audit.append(tx.db(), by.actor(), action, "erasure/" + erasure, detail);
    }

    private static PoolException decided(Row row) {
        return new PoolException(
                PoolException.Kind.CONFLICT,
                "Erasure " + row.id + " is " + row.state.name().toLowerCase(Locale.ROOT) + " already");
    }

    private static PoolException invalid(String message) {
        return new PoolException(PoolException.Kind.INVALID, message);
    }
}
