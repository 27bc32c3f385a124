package io.yimen.pool.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.erasure.Dossier;
import io.yimen.pool.erasure.Dossier.Entry;
import io.yimen.pool.erasure.Dossier.Kind;
import io.yimen.pool.erasure.Dossier.Section;
import io.yimen.pool.erasure.Dossier.Value;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.Label;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads all that is held on somebody, within a transaction that sees everything. For one dossier. */
public final class DossierReading {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SELECT_PUBLISHED = """
            select title, fields::text, updated_at from pool.entity where id = ?
            """;
    private static final String SELECT_RECORDS = """
            select s.stream_id, s.key, s.fields::text, s.deleted, s.observed_at
              from pool.source_record s where s.entity_id = any (?) order by s.stream_id, s.key
            """;
    private static final String SELECT_CORRECTIONS = """
            select c.id, c.field, c.value, c.base, concat_ws(' ', c.state, c.ended), c.reason, c.actor, c.at
              from pool.correction c where c.id = any (?) order by c.id
            """;
    private static final String SELECT_EVIDENCE = """
            select correction_id, name from pool.evidence where correction_id = any (?) order by correction_id, number
            """;
    private static final String SELECT_TICKETS = """
            select t.id, t.correction_id, t.stream_id, t.key, t.state, t.due_on::text, t.answer, t.answered_by, t.opened_at
              from pool.ticket t
             where t.correction_id = any (?)
             order by t.id
            """;
    private static final String SELECT_DECISIONS = """
            select d.id, d.action, d.reason, d.withdrawn_by, d.withdrawn_reason, d.actor, d.at
              from pool.decision d where d.id = any (?) order by d.id
            """;
    private static final String SELECT_REFERRERS = """
            select r.entity_id, e.entity_type, e.title, r.field
              from pool.reference r join pool.entity e on e.id = r.entity_id
             where r.to_entity = any (?) order by r.entity_id, r.field
            """;
    private static final String SELECT_HISTORY = """
            select c.entity_id, c.op, c.fields::text, c.cause, c.actor, c.at, r.source
              from pool.change c left join pool.run r on r.id = c.run_id
             where c.entity_id = any (?) order by c.seq
            """;
    private static final String SELECT_DELIVERIES = """
            select d.name, count(*), max(c.seq), d.updated_at
              from pool.delivery_cursor d join pool.change c on c.seq <= d.seq
             where c.entity_id = any (?)
             group by d.name, d.updated_at order by d.name
            """;
    private static final String SELECT_USES = """
            select object, action, coalesce(detail ->> 'purpose', detail ->> 'why', ''), actor, at
              from pool.audit where object = any (?) order by id
            """;

    private final Transaction tx;
    private final PoolModel model;
    private final Vault vault;
    private final Instant now;

    public DossierReading(Connection db, PoolModel model, Vault vault, Instant now) throws SQLException {
        this.tx = new Transaction(db, Streams.load(db, model), 0, now);
        this.model = model;
        this.vault = vault.remembering();
        this.now = now;
    }

    /** What is held on somebody whom the scope shows. */
    public Dossier of(Scope scope, EntityType type, long asked, String purpose) throws SQLException {
        long id = find(scope, type, asked, true);
        ErasedSubject subject = new ErasedSubject(tx, model, vault, id, type, 0);
        Sql.Parameter ids = Sql.ids(subject.ids);
        List<Long> corrections =
                subject.corrections.stream().map(ErasedSubject.Correction::id).toList();
        TreeSet<String> objects = new TreeSet<>();
        subject.ids.forEach(one -> objects.add(type + "/" + one));
        List<Section> sections = new ArrayList<>();
        String[] title = {""};
        List<Entry> published = new ArrayList<>();
        tx.ask(
                SELECT_PUBLISHED,
                row -> {
                    title[0] = row.getString(1);
                    published.add(
                            new Entry(type + "/" + id, at(row, 3), null, fields(type, parse(row.getString(2)), null)));
                },
                Sql.number(id));
        sections.add(new Section(Kind.PUBLISHED, published));
        sections.add(entries(
                Kind.RECORDS,
                SELECT_RECORDS,
                row -> {
                    List<Value> values = fields(type, parse(row.getString(3)), null);
                    if (row.getBoolean(4)) {
                        values.add(value("deleted", "来源已删除", "Deleted at its source", "true"));
                    }
                    return new Entry(ref(row.getInt(1), row.getString(2)).path(), at(row, 5), null, values);
                },
                ids));
        Map<Long, List<String>> evidence = new TreeMap<>();
        tx.ask(
                SELECT_EVIDENCE,
                row -> evidence.computeIfAbsent(row.getLong(1), c -> new ArrayList<>())
                        .add(vault.open(row.getString(2))),
                Sql.ids(corrections));
        sections.add(entries(
                Kind.CORRECTIONS,
                SELECT_CORRECTIONS,
                row -> {
                    Field field = type.getField(row.getString(2));
                    List<Value> values = new ArrayList<>();
                    values.add(value("field", "字段", "Field", field.label().zh() + " " + field.name()));
                    add(values, "value", "更正为", "Put right as", clear(row.getString(3)));
                    add(values, "base", "原公布", "Published before", clear(row.getString(4)));
                    values.add(value("state", "状态", "State", row.getString(5)));
                    add(values, "reason", "理由", "Reason", clear(row.getString(6)));
                    evidence.getOrDefault(row.getLong(1), List.of())
                            .forEach(name -> values.add(value("evidence", "证明材料", "Evidence", name)));
                    objects.add("correction/" + row.getLong(1));
                    return new Entry("correction/" + row.getLong(1), at(row, 8), row.getString(7), values);
                },
                Sql.ids(corrections)));
        sections.add(entries(
                Kind.TICKETS,
                SELECT_TICKETS,
                row -> {
                    List<Value> values = new ArrayList<>();
                    values.add(value("correction", "更正", "Correction", "correction/" + row.getLong(2)));
                    values.add(value(
                            "record",
                            "来源记录",
                            "Source record",
                            ref(row.getInt(3), row.getString(4)).path()));
                    values.add(value("state", "状态", "State", row.getString(5)));
                    values.add(value("due", "答复期限", "Due", row.getString(6)));
                    add(values, "answer", "答复", "Answer", clear(row.getString(7)));
                    objects.add("ticket/" + row.getLong(1));
                    return new Entry("ticket/" + row.getLong(1), at(row, 9), row.getString(8), values);
                },
                Sql.ids(corrections)));
        sections.add(entries(
                Kind.DECISIONS,
                SELECT_DECISIONS,
                row -> {
                    List<Value> values = new ArrayList<>();
                    values.add(value("action", "决定", "Decision", row.getString(2)));
                    add(values, "reason", "理由", "Reason", clear(row.getString(3)));
                    add(values, "withdrawnBy", "撤回人", "Withdrawn by", clear(row.getString(4)));
                    add(values, "withdrawnReason", "撤回理由", "Why withdrawn", clear(row.getString(5)));
                    objects.add("decision/" + row.getLong(1));
                    return new Entry("decision/" + row.getLong(1), at(row, 7), row.getString(6), values);
                },
                Sql.ids(subject.decisions)));
        sections.add(quarantine(subject, objects));
        sections.add(entries(
                Kind.REFERRERS,
                SELECT_REFERRERS,
                row -> new Entry(
                        row.getString(2) + "/" + row.getLong(1),
                        null,
                        null,
                        List.of(
                                value("title", "名称", "Title", row.getString(3)),
                                value("field", "字段", "Field", row.getString(4)))),
                ids));
        sections.add(history(type, ids));
        sections.add(entries(
                Kind.DELIVERIES,
                SELECT_DELIVERIES,
                row -> new Entry(
                        row.getString(1),
                        at(row, 4),
                        null,
                        List.of(
                                value("changes", "已提供的变更数", "Changes delivered", Long.toString(row.getLong(2))),
                                value("last", "最后一条变更", "Last change", Long.toString(row.getLong(3))))),
                ids));
        Sql.Texts named = new Sql.Texts();
        objects.forEach(named::add);
        sections.add(entries(
                Kind.USES,
                SELECT_USES,
                row -> {
                    List<Value> values = new ArrayList<>();
                    values.add(value("action", "操作", "Action", row.getString(2)));
                    add(values, "purpose", "目的", "Purpose", row.getString(3));
                    return new Entry(row.getString(1), at(row, 5), row.getString(4), values);
                },
                named));
        return new Dossier(type.name(), id, title[0], purpose, now, scope.actor(), sections);
    }

    /** Where the id leads, if the scope shows it. */
    private long find(Scope scope, EntityType type, long id, boolean mayLead) throws SQLException {
        VisibleEntities.Seen seen =
                new VisibleEntities(tx, model).of(scope, List.of(id)).get(id);
        if (seen == null || !seen.type().equals(type)) {
            throw ScopedReads.notFound("record");
        }
        if (seen.status().equals("ERASED")) {
            throw PoolException.erased(type + " " + id);
        }
        if (seen.status().equals("REDIRECTED")) {
            if (!mayLead) {
                throw ScopedReads.notFound("record");
            }
            return find(scope, type, seen.redirectTo(), false);
        }
        return id;
    }

    private Section quarantine(ErasedSubject subject, TreeSet<String> objects) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        for (ErasedSubject.Waiting waiting : subject.waiting(tx, model, vault)) {
            List<Value> values = new ArrayList<>();
            values.add(value("record", "来源记录", "Source record", waiting.ref().path()));
            values.add(value("reason", "原因", "Reason", waiting.reason()));
            values.add(value("status", "状态", "State", waiting.status()));
            values.add(value("raw", "原文", "As received", waiting.raw()));
            add(values, "edited", "修改后", "As edited", waiting.edited());
            objects.add("quarantine/" + waiting.id());
            entries.add(new Entry("quarantine/" + waiting.id(), waiting.at(), null, values));
        }
        return new Section(Kind.QUARANTINE, entries);
    }

    /** Each change with what it changed. */
    private Section history(EntityType type, Sql.Parameter ids) throws SQLException {
        Map<Long, JsonNode> before = new HashMap<>();
        return entries(
                Kind.HISTORY,
                SELECT_HISTORY,
                row -> {
                    JsonNode fields = parse(row.getString(3));
                    List<Value> values = new ArrayList<>();
                    values.add(value("operation", "变更", "Change", row.getString(2)));
                    add(values, "source", "来源", "Source", row.getString(7));
                    add(values, "cause", "依据", "On whose word", row.getString(4));
                    values.addAll(fields(type, fields, before.put(row.getLong(1), fields)));
                    return new Entry(type + "/" + row.getLong(1), at(row, 6), row.getString(5), values);
                },
                ids);
    }

    /** Turns a row into an entry. */
    private interface Reader {
        Entry read(ResultSet row) throws SQLException;
    }

    private Section entries(Kind kind, String sql, Reader reader, Sql.Parameter parameter) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        tx.ask(sql, row -> entries.add(reader.read(row)), parameter);
        return new Section(kind, entries);
    }

    /** Values in clear, in the order of the model; only those that are otherwise than before, if there is one. */
    private List<Value> fields(EntityType type, JsonNode fields, @Nullable JsonNode before) {
        List<Value> values = new ArrayList<>();
        for (Field field : type.fields()) {
            JsonNode now = fields.get(field.name());
            JsonNode was = before == null ? null : before.get(field.name());
            if (Objects.equals(now, was)) {
                continue;
            }
            String text = now == null || now.isNull() ? "" : clear(now.asText());
            String meaning = field.values().get(text);
            values.add(new Value(field.name(), field.label(), meaning == null ? text : text + " " + meaning));
        }
        return values;
    }

    private String clear(@Nullable String stored) {
        return stored == null ? "" : Vault.isSealed(stored) ? vault.open(stored) : stored;
    }

    private static void add(List<Value> values, String name, String zh, String en, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            values.add(value(name, zh, en, text));
        }
    }

    private static Value value(String name, String zh, String en, String text) {
        return new Value(name, new Label(zh, en), text);
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("What the pool keeps is no JSON", e);
        }
    }

    private RecordRef ref(int stream, String key) {
        return new RecordRef(tx.streams().get(stream).id(), key);
    }

    private static Instant at(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
