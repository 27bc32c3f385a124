package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whoever is to be erased: all ids, all source records, all that is said of them by others. Read, not changed. */
final class ErasedSubject {
    private static final String SELECT_IDS = """
            select id from pool.entity where id = ? or redirect_to = ? order by id
            """;
    private static final String SELECT_RECORDS = """
            select stream_id, key from pool.source_record where entity_id = any (?)
            """;
    // What somebody else has as well tells nobody apart, and keeps nobody away.
    private static final String SELECT_IDENTIFIERS = """
            select distinct i.name, i.value
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.identifier i on i.stream_id = k.stream_id and i.key = k.key
             where not exists (select from pool.identifier o
                                where o.name = i.name and o.value = i.value and o.entity_id <> all (?))
            """;
    private static final String SELECT_OTHERS = """
            select count(*) from pool.identifier where name = ? and value = ? and entity_id <> all (?)
            """;
    private static final String SELECT_CITING = """
            select stream_id, key from pool.source_record
             where stream_id = any (?) and not deleted and fields ->> ? = any (?)
            """;
    // About it is what belongs to it: a correction belongs to the entity of the first of its records that is live.
    private static final String SELECT_CORRECTIONS = """
            select c.id, c.field, c.state,
                   coalesce((select s.entity_id = any (?)
                               from pool.correction_record r
                               join pool.source_record s on s.stream_id = r.stream_id and s.key = r.key
                              where r.correction_id = c.id
                              order by s.deleted, r.rank limit 1), true),
                   (select count(*) from pool.ticket t
                     where t.correction_id = c.id and t.state in ('SENT', 'ACCEPTED', 'ESCALATED'))
              from (select distinct r.correction_id
                      from unnest(?::int[], ?::text[]) k (stream_id, key)
                      join pool.correction_record r on r.stream_id = k.stream_id and r.key = k.key) near
              join pool.correction c on c.id = near.correction_id
             order by c.id
            """;
    private static final String SELECT_DECISIONS = """
            select distinct d.decision_id
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.decision_record d on d.stream_id = k.stream_id and d.key = k.key
             order by 1
            """;

    private static final String SELECT_QUARANTINE = """
            select id, stream_id, key, raw, edited, reason, status, at from pool.quarantine order by id
            """;

    /**
     * A correction that speaks of one of the records.
     *
     * @param isAbout whether it belongs to the subject, and not to somebody else who had one of the records once
     * @param tickets that wait for an answer
     */
    record Correction(long id, String field, String state, boolean isAbout, int tickets) {
        boolean isInForce() {
            return state.equals("STANDING") || state.equals("IN_CONFLICT");
        }

        boolean isOpen() {
            return state.equals("PROPOSED") || state.equals("IN_CONFLICT");
        }
    }

    final long id;
    final EntityType type;
    final long version;
    /** Its id and those that lead to it. */
    final List<Long> ids = new ArrayList<>();
    /** Its source records, deleted ones included, as they are stored. */
    final Map<RecordRef, Draft> records;
    /** What others may have claimed references to it as. */
    final List<Gate.Target> targets = new ArrayList<>();
    /** What tells it from everybody else, as it stands in published fields: values by the field's name. */
    final Map<String, Set<String>> numbers = new TreeMap<>();
    /** Source records of others that claim such a reference, each with the fields that do. */
    final Map<RecordRef, List<Integer>> citing = new TreeMap<>();

    final List<Correction> corrections = new ArrayList<>();
    final List<Long> decisions = new ArrayList<>();
    /** Its records, as columns of a question. */
    final Sql.Ints streams = new Sql.Ints();

    final Sql.Texts keys = new Sql.Texts();

    ErasedSubject(Transaction tx, PoolModel model, Vault vault, long id, EntityType type, long version)
            throws SQLException {
        this.id = id;
        this.type = type;
        this.version = version;
        tx.ask(SELECT_IDS, row -> ids.add(row.getLong(1)), Sql.number(id), Sql.number(id));
        Map<RecordRef, Boolean> refs = new LinkedHashMap<>();
        tx.ask(
                SELECT_RECORDS,
                row -> refs.put(new RecordRef(tx.streams().get(row.getInt(1)).id(), row.getString(2)), true),
                Sql.ids(ids));
        records = new TreeMap<>(refs.isEmpty() ? Map.of() : new SourceRecords(tx).drafts(refs));
        for (RecordRef ref : records.keySet()) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
            targets.add(References.record(ref.stream(), ref.key()));
        }
        tx.along(
                SELECT_IDENTIFIERS,
                row -> targets.add(new Gate.Target(row.getString(1), row.getString(2))),
                streams,
                keys,
                Sql.ids(ids));
        tx.along(
                SELECT_CORRECTIONS,
                row -> corrections.add(new Correction(
                        row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4), row.getInt(5))),
                Sql.ids(ids),
                streams,
                keys);
        tx.ask(SELECT_DECISIONS, row -> decisions.add(row.getLong(1)), streams, keys);
        addPublished(tx, vault);
        records.values().forEach(draft -> addNumbers(draft.values(), vault));
        cite(tx, model);
    }

    /** Those of its identifiers that nobody else has, as texts. */
    private void addNumbers(@Nullable String[] said, Vault vault) {
        @Nullable String[] values = said.clone();
        // What was said to be empty is no number.
        Arrays.setAll(values, i -> "".equals(said[i]) ? null : said[i]);
        type.identifiers().stream()
                .filter(Tombstones::holds)
                .filter(rule -> rule.valueOf(values, type, vault)
                        .map(value -> targets.contains(new Gate.Target(rule.name(), value)))
                        .orElse(false))
                .flatMap(rule -> rule.parts().stream())
                .forEach(part -> {
                    String value = values[part.field()];
                    if (value != null) {
                        numbers.computeIfAbsent(type.fields().get(part.field()).name(), f -> new TreeSet<>())
                                .add(value);
                    }
                });
    }

    /** Of one whose records are gone, what was published tells by which number it is known. */
    private void addPublished(Transaction tx, Vault vault) throws SQLException {
        Set<Gate.Target> published = new HashSet<>();
        List<@Nullable String[]> all = new ArrayList<>();
        tx.ask(
                "select fields::text from pool.entity where id = any (?)",
                row -> {
                    @Nullable String[] values = PackedClaim.readFields(row.getString(1), type);
                    all.add(values);
                    type.identifiers().stream()
                            .filter(Tombstones::holds)
                            .forEach(rule -> rule.valueOf(values, type, vault)
                                    .ifPresent(value -> published.add(new Gate.Target(rule.name(), value))));
                },
                Sql.ids(ids));
        targets.forEach(published::remove);
        for (Gate.Target target : published) {
            int[] others = {0};
            tx.ask(
                    SELECT_OTHERS,
                    row -> others[0] = row.getInt(1),
                    Sql.text(target.name()),
                    Sql.text(target.value()),
                    Sql.ids(ids));
            if (others[0] == 0) {
                targets.add(target);
            }
        }
        all.forEach(values -> addNumbers(values, vault));
    }

    private void cite(Transaction tx, PoolModel model) throws SQLException {
        Sql.Texts texts = new Sql.Texts();
        targets.forEach(t -> texts.add(t.name() + ":" + t.value()));
        for (EntityType other : model.types()) {
            Sql.Ints ofOther = new Sql.Ints();
            tx.streams().all().values().stream()
                    .filter(s -> s.type().equals(other))
                    .forEach(s -> ofOther.add(s.number()));
            for (int i = 0; i < other.fields().size(); i++) {
                Field field = other.fields().get(i);
                int index = i;
                if (type.name().equals(field.to())) {
                    tx.ask(
                            SELECT_CITING,
                            row -> citing.computeIfAbsent(
                                            new RecordRef(
                                                    tx.streams()
                                                            .get(row.getInt(1))
                                                            .id(),
                                                    row.getString(2)),
                                            r -> new ArrayList<>())
                                    .add(index),
                            ofOther,
                            Sql.text(field.name()),
                            texts);
                }
            }
        }
        citing.keySet().removeAll(records.keySet());
    }

    /** What keeps its source records away, and whoever has its sensitive identifiers. */
    List<String> digests(Vault vault) {
        List<String> digests = new ArrayList<>();
        for (Gate.Target target : targets) {
            boolean holds = target.name().equals(References.RECORD)
                    || type.identifiers().stream()
                            .filter(rule -> rule.name().equals(target.name()))
                            .anyMatch((IdentifierRule rule) -> Tombstones.holds(rule));
            if (holds) {
                digests.add(Tombstones.digestOf(target, vault));
            }
        }
        return digests;
    }

    /**
     * What waits in quarantine of its records, or names one of its numbers under whatever key; settled ones included.
     *
     * @param raw as received, in clear
     * @param edited as it was edited for a replay, in clear
     */
    record Waiting(
            long id,
            RecordRef ref,
            String reason,
            String status,
            Instant at,
            String raw,
            @Nullable String edited) {
        @Override
        public String toString() {
            return "quarantine " + id;
        }
    }

    /** Opens all of the quarantine: only what is inside tells whom it is about. */
    List<Waiting> waiting(Transaction tx, PoolModel model, Vault vault) throws SQLException {
        Tombstones wanted = Tombstones.of(digests(vault));
        List<Waiting> waiting = new ArrayList<>();
        tx.ask(SELECT_QUARANTINE, row -> {
            RecordRef ref = new RecordRef(tx.streams().get(row.getInt(2)).id(), row.getString(3));
            String raw = opened(row.getBytes(4), vault);
            String edited = row.getBytes(5) == null ? null : opened(row.getBytes(5), vault);
            if (records.containsKey(ref)
                    || wanted.isErasedIn(raw, model, vault)
                    || edited != null && wanted.isErasedIn(edited, model, vault)) {
                waiting.add(new Waiting(
                        row.getLong(1),
                        ref,
                        row.getString(6),
                        row.getString(7),
                        row.getObject(8, OffsetDateTime.class).toInstant(),
                        raw,
                        edited));
            }
        });
        return waiting;
    }

    private static String opened(byte[] sealed, Vault vault) {
        return new String(vault.open(sealed), StandardCharsets.UTF_8);
    }

    /** All that an erasure would go by: as long as it is the same, so is what an erasure does. */
    String state() {
        Map<String, Object> state = new HashMap<>();
        state.put("ids", ids);
        state.put("version", version);
        state.put(
                "records",
                records.values().stream()
                        .map(d -> d.ref().path() + " " + HexFormat.of().formatHex(d.hash()))
                        .toList());
        state.put(
                "citing",
                citing.entrySet().stream()
                        .map(e -> e.getKey().path() + " " + e.getValue())
                        .toList());
        state.put("corrections", corrections);
        state.put("decisions", decisions);
        return new TreeMap<>(state)
                .entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining("\n"));
    }

    /** The names of its fields that are not among those. */
    TreeSet<String> fieldsBut(Set<String> kept) {
        TreeSet<String> names = new TreeSet<>();
        type.fields().forEach(f -> names.add(f.name()));
        names.removeAll(kept);
        return names;
    }

    @Override
    public String toString() {
        return type + " " + id;
    }
}
