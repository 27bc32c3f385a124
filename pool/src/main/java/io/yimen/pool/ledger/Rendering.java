package io.yimen.pool.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.internal.Gate;
import io.yimen.pool.internal.PackedClaim;
import io.yimen.pool.internal.References;
import io.yimen.pool.internal.RuleStore;
import io.yimen.pool.lineage.Lineage;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.survivorship.Ranking;
import io.yimen.pool.survivorship.Rule;
import io.yimen.pool.survivorship.Survivorship;
import io.yimen.pool.survivorship.SurvivorshipRules;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns what is stored into what may be seen: sensitive values masked, references with their titles. */
final class Rendering {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PoolModel model;
    private final Vault vault;
    /** The rules that were in force when last asked for; read anew where their documents have changed. */
    private volatile @Nullable Survivorship survivorship;

    Rendering(PoolModel model, Vault vault) {
        this.model = model;
        this.vault = vault;
    }

    /** A live source record, as whoever tells where a value comes from needs it. */
    record Telling(
            int streamId,
            String key,
            String source,
            String sourceTitle,
            Instant observedAt,
            @Nullable Instant statedAt) {
        /** A row of {@link #TELLINGS}. */
        static Telling read(ResultSet row) throws SQLException {
            return new Telling(
                    row.getInt(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getObject(6, OffsetDateTime.class).toInstant(),
                    PackedClaim.readStatedAt(row, 7));
        }
    }

    /** A live source record and what it says, packed as it is stored. */
    private record Claim(
            long entityId,
            int streamId,
            String source,
            String sourceTitle,
            String stream,
            String key,
            int epoch,
            long offset,
            Instant observedAt,
            @Nullable String decision,
            @Nullable String origin,
            @Nullable String rule,
            String packed,
            @Nullable String packedFlags,
            @Nullable Instant statedAt,
            int trust) {
        boolean isOf(Lineage.@Nullable Origin origin) {
            return origin != null && origin.stream() == streamId && origin.key().equals(key);
        }

        String position() {
            return epoch + "/" + offset;
        }

        /** As the rules see it. */
        io.yimen.pool.claim.Claim said(EntityType type) {
            return new io.yimen.pool.claim.Claim(
                    new RecordRef(new StreamId(source, stream), key),
                    trust,
                    PackedClaim.readFields(packed, type),
                    PackedClaim.readFlags(packedFlags),
                    statedAt);
        }
    }

    /**
     * @param explain whether to tell provenance and flags
     * @param askedFor the id by which a record was asked for, where that may be another than its own
     * @param validAt the day for which to tell whether a record held
     */
    List<LedgerRecord> render(
            Connection connection,
            List<StoredRecord> records,
            boolean explain,
            Map<Long, Long> askedFor,
            @Nullable LocalDate validAt)
            throws SQLException {
        var fields = new ArrayList<JsonNode>();
        var referred = new LinkedHashSet<Long>();
        for (StoredRecord record : records) {
            JsonNode values = parse(record.fields());
            fields.add(values);
            if (record.placeId() != null) {
                referred.add(record.placeId());
            }
            referred.addAll(referencesIn(record.type(), values));
        }
        Map<Long, Reference> references = references(connection, referred);
        // What a source said then is not kept: as of an earlier instant there is no provenance to tell.
        Map<Long, List<Telling>> tellings = explain
                ? tellings(
                        connection,
                        records.stream()
                                .filter(StoredRecord::current)
                                .map(StoredRecord::id)
                                .toList())
                : Map.of();
        var lineages = new ArrayList<Map<String, Lineage.Origin>>();
        records.forEach(record -> lineages.add(Lineage.unpack(record.lineage())));
        Map<String, Said> said = explain ? corrections(connection, lineages) : Map.of();
        var rendered = new ArrayList<LedgerRecord>();
        for (int i = 0; i < records.size(); i++) {
            StoredRecord record = records.get(i);
            rendered.add(rendered(
                    record,
                    fields.get(i),
                    lineages.get(i),
                    references,
                    tellings.getOrDefault(record.id(), List.of()),
                    said,
                    askedFor.get(record.id()),
                    validAt));
        }
        return rendered;
    }

    /** What was read of a live record in one go, explained. */
    LedgerRecord render(
            StoredRecord record,
            Map<Long, Reference> references,
            List<Telling> tellings,
            CorrectionsOf corrections,
            @Nullable LocalDate validAt) {
        Map<String, Lineage.Origin> origins = Lineage.unpack(record.lineage());
        Map<String, Said> said = origins.values().stream().anyMatch(Lineage.Origin::isCorrection)
                ? corrections.find(connection -> corrections(connection, List.of(origins)))
                : Map.of();
        return rendered(record, parse(record.fields()), origins, references, tellings, said, null, validAt);
    }

    /** Looks for the corrections that are published, which few records have. */
    interface CorrectionsOf {
        Map<String, Said> find(ScopedReads.Work<Map<String, Said>> work);
    }

    private LedgerRecord rendered(
            StoredRecord record,
            JsonNode fields,
            Map<String, Lineage.Origin> origins,
            Map<Long, Reference> references,
            List<Telling> tellings,
            Map<String, Said> said,
            @Nullable Long asked,
            @Nullable LocalDate validAt) {
        var values = new LinkedHashMap<String, FieldValue>();
        for (Field field : record.type().fields()) {
            String text = text(fields, field);
            if (text != null) {
                Lineage.Origin origin = origins.get(field.name());
                values.put(
                        field.name(),
                        new FieldValue(
                                shown(field, text),
                                field.isSensitive(),
                                field.isReference() ? references.get(Long.valueOf(text)) : null,
                                origin == null ? List.of() : origin.flags(),
                                origin == null ? null : provenance(origin, tellings, said)));
            }
        }
        return new LedgerRecord(
                record.id(),
                record.type().name(),
                record.version(),
                record.status(),
                asked == null || asked == record.id() ? null : asked,
                record.title(),
                record.placeId() == null ? null : references.get(record.placeId()),
                values,
                record.records(),
                record.updatedAt(),
                validTime(record.type(), fields, validAt));
    }

    private static @Nullable ValidTime validTime(EntityType type, JsonNode fields, @Nullable LocalDate day) {
        return type.validity()
                .map(v -> ValidTime.of(text(fields, type.getField(v.from())), text(fields, type.getField(v.to())), day))
                .orElse(null);
    }

    private static @Nullable Provenance provenance(
            Lineage.Origin origin, List<Telling> tellings, Map<String, Said> corrections) {
        if (origin.isCorrection()) {
            Said said = corrections.get(origin.key());
            return said == null
                    ? null
                    : new Provenance(Lineage.CORRECTIONS.source(), said.actor(), said.at(), null, origin.rule());
        }
        for (Telling telling : tellings) {
            if (origin.stream() == telling.streamId() && origin.key().equals(telling.key())) {
                return new Provenance(
                        telling.source(),
                        telling.sourceTitle(),
                        telling.observedAt(),
                        telling.statedAt(),
                        origin.rule());
            }
        }
        return null;
    }

    /** Who put a value right, and when. */
    record Said(String actor, Instant at, String value) {
        @Override
        public String toString() {
            return "said by " + actor;
        }
    }

    /** The corrections of which values are published, by their numbers as lineage has them. */
    private static Map<String, Said> corrections(
            Connection connection, Collection<Map<String, Lineage.Origin>> lineages) throws SQLException {
        var ids = new LinkedHashSet<Long>();
        for (Map<String, Lineage.Origin> origins : lineages) {
            for (Lineage.Origin origin : origins.values()) {
                if (origin.isCorrection()) {
                    ids.add(Long.valueOf(origin.key()));
                }
            }
        }
        var said = new HashMap<String, Said>();
        if (ids.isEmpty()) {
            return said;
        }
        var sql = new Sql().add("select id, actor, at, value from pool.correction where id = any (?)", ids);
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                said.put(
                        row.getString(1),
                        new Said(
                                row.getString(2),
                                row.getObject(3, OffsetDateTime.class).toInstant(),
                                row.getString(4)));
            }
        }
        return said;
    }

    Explanation explain(Connection connection, StoredRecord record) throws SQLException {
        EntityType type = record.type();
        List<Claim> behind = claims(connection, List.of(record.id())).getOrDefault(record.id(), List.of());
        var said = new LinkedHashMap<RecordRef, io.yimen.pool.claim.Claim>();
        behind.forEach(claim -> {
            var one = claim.said(type);
            said.put(one.ref(), one);
        });
        Map<String, Lineage.Origin> origins = Lineage.unpack(record.lineage());
        Map<String, Said> corrections = corrections(connection, List.of(origins));
        Map<String, String> titles = titles(connection, type, said.values());
        var rankings = new HashMap<Integer, Ranking>();
        if (!said.isEmpty()) {
            rules(connection, type).explain(type, List.copyOf(said.values())).forEach(r -> rankings.put(r.field(), r));
        }
        var fields = new ArrayList<Explanation.FieldLineage>();
        for (int i = 0; i < type.fields().size(); i++) {
            Field field = type.fields().get(i);
            Lineage.Origin origin = origins.get(field.name());
            Ranking ranking = rankings.get(i);
            var told = new ArrayList<Explanation.FieldClaim>();
            for (Claim claim : behind) {
                var one = Objects.requireNonNull(
                        said.get(new RecordRef(new StreamId(claim.source(), claim.stream()), claim.key())));
                if (one.value(i) != null || one.isWithdrawn(i)) {
                    told.add(told(field, i, claim, one, claim.isOf(origin), ranking, titles));
                }
            }
            Said corrected = origin != null && origin.isCorrection() ? corrections.get(origin.key()) : null;
            if (corrected != null && origin != null) {
                told.replaceAll(claim -> claim.behind(shownOrNull(field, corrected.value())));
                told.add(told(field, origin, corrected));
            }
            if (told.isEmpty()) {
                continue;
            }
            told.sort(Comparator.comparing(Explanation.FieldClaim::won)
                    .reversed()
                    .thenComparing(c -> c.rank() == null ? Integer.MAX_VALUE : c.rank()));
            fields.add(new Explanation.FieldLineage(
                    field.name(),
                    origin == null ? "none" : origin.rule(),
                    ranking == null
                            ? List.of()
                            : ranking.criteria().stream().map(Rule::wireName).toList(),
                    ranking == null ? null : ranking.exception(),
                    told));
        }
        var sources = behind.stream()
                .map(claim -> new Explanation.SourceRecord(
                        claim.source(),
                        claim.sourceTitle(),
                        claim.stream(),
                        claim.key(),
                        claim.position(),
                        claim.observedAt(),
                        claim.statedAt(),
                        claim.decision() == null ? "NO_MATCH" : claim.decision(),
                        claim.origin() == null ? "AUTO" : claim.origin(),
                        claim.rule()))
                .toList();
        return new Explanation(record.id(), sources, fields);
    }

    private Explanation.FieldClaim told(
            Field field,
            int index,
            Claim claim,
            io.yimen.pool.claim.Claim said,
            boolean won,
            @Nullable Ranking ranking,
            Map<String, String> titles) {
        String text = said.value(index);
        String shown = null;
        if (text != null) {
            shown = field.isReference() ? titles.getOrDefault(text, text) : shown(field, text);
        }
        Ranking.Placed placed = ranking == null
                ? null
                : ranking.claims().stream()
                        .filter(p -> p.claim() == said)
                        .findFirst()
                        .orElse(null);
        Rule lostBy = placed == null || won ? null : placed.lostBy();
        return new Explanation.FieldClaim(
                shown,
                field.isSensitive(),
                won,
                placed == null ? null : placed.rank(),
                lostBy == null ? null : lostBy.wireName(),
                claim.source(),
                claim.sourceTitle(),
                claim.stream(),
                claim.key(),
                claim.position(),
                claim.observedAt(),
                claim.statedAt(),
                said.flags().stream()
                        .filter(f -> f.field().equals(field.name()))
                        .map(Flag::code)
                        .toList());
    }

    /** What a person says, before whom every source stands aside. */
    private Explanation.FieldClaim told(Field field, Lineage.Origin origin, Said correction) {
        return new Explanation.FieldClaim(
                shownOrNull(field, correction.value()),
                field.isSensitive(),
                true,
                1,
                null,
                Lineage.CORRECTIONS.source(),
                correction.actor(),
                Lineage.CORRECTIONS.stream(),
                origin.key(),
                "0/" + origin.key(),
                correction.at(),
                null,
                List.of());
    }

    private @Nullable String shownOrNull(Field field, String stored) {
        return stored.isEmpty() ? null : shown(field, stored);
    }

    /** The survivorship rules in force. */
    private Survivorship rules(Connection connection, EntityType type) throws SQLException {
        Survivorship known = survivorship;
        if (known == null) {
            known = Survivorship.bundled(model, vault);
        }
        Optional<String> document = new RuleStore(connection).findSurvivorship(type);
        if (document.isPresent() && !document.get().equals(known.rulesOf(type).document())) {
            known = known.with(SurvivorshipRules.parse(model, "survivorship rules of " + type, document.get()));
        }
        survivorship = known;
        return known;
    }

    /** Claimed reference → title of what it means at present, where that may be seen. */
    private Map<String, String> titles(
            Connection connection, EntityType type, Collection<io.yimen.pool.claim.Claim> claims) throws SQLException {
        var targets = new LinkedHashMap<String, Gate.Target>();
        for (var claim : claims) {
            for (int i = 0; i < type.fields().size(); i++) {
                String text = type.fields().get(i).isReference() ? claim.value(i) : null;
                if (text != null) {
                    targets.put(text, Gate.target(text));
                }
            }
        }
        Map<Gate.Target, Long> meant = References.resolve(connection, Set.copyOf(targets.values()));
        Map<Long, Reference> references = references(connection, Set.copyOf(meant.values()));
        var titles = new HashMap<String, String>();
        targets.forEach((text, target) -> {
            Long id = meant.get(target);
            Reference reference = id == null ? null : references.get(id);
            if (reference != null) {
                titles.put(text, reference.title());
            }
        });
        return titles;
    }

    /** Sensitive values in clear. */
    Map<String, String> open(StoredRecord record, Set<String> names) {
        JsonNode values = parse(record.fields());
        var opened = new LinkedHashMap<String, String>();
        for (String name : names) {
            Field field = record.type().getField(name);
            String text = text(values, field);
            if (text != null) {
                opened.put(name, vault.open(text));
            }
        }
        return opened;
    }

    /** What differs between two states, in the model's order. References show as titles where they may be seen. */
    List<HistoryPage.Difference> differences(
            EntityType type, JsonNode before, JsonNode after, Map<Long, Reference> references) {
        var differences = new ArrayList<HistoryPage.Difference>();
        for (Field field : type.fields()) {
            String from = text(before, field);
            String to = text(after, field);
            if (from == null ? to != null : !from.equals(to)) {
                differences.add(new HistoryPage.Difference(
                        field.name(),
                        from == null ? null : shownWithTitle(field, from, references),
                        to == null ? null : shownWithTitle(field, to, references),
                        field.isSensitive()));
            }
        }
        return differences;
    }

    /** Values as text, without the sensitive ones. */
    Map<String, String> withoutSensitive(EntityType type, String fields) {
        JsonNode values = parse(fields);
        var texts = new LinkedHashMap<String, String>();
        for (Field field : type.fields()) {
            String text = field.isSensitive() ? null : text(values, field);
            if (text != null) {
                texts.put(field.name(), text);
            }
        }
        return texts;
    }

    List<Long> referencesIn(EntityType type, JsonNode values) {
        var ids = new ArrayList<Long>();
        for (Field field : type.fields()) {
            String text = field.isReference() ? text(values, field) : null;
            if (text != null) {
                ids.add(Long.valueOf(text));
            }
        }
        return ids;
    }

    /** The entities of those ids that may be seen. */
    Map<Long, Reference> references(Connection connection, Collection<Long> ids) throws SQLException {
        if (ids.isEmpty()) {
            return Map.of();
        }
        var sql = new Sql().add("select id, entity_type, title from pool.entity where id = any (?) order by id", ids);
        var references = new LinkedHashMap<Long, Reference>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                references.put(row.getLong(1), new Reference(row.getLong(1), row.getString(2), row.getString(3)));
            }
        }
        return references;
    }

    static JsonNode parse(@Nullable String json) {
        try {
            return JSON.readTree(json == null ? "{}" : json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("jsonb is JSON", e);
        }
    }

    /** Columns of a {@link Telling}; what follows says of which records. */
    static final String TELLINGS = """
            select r.entity_id, r.stream_id, r.key, t.source, s.title, r.observed_at, r.stated_at
              from pool.source_record r
              join pool.stream t on t.id = r.stream_id
              join pool.source s on s.id = t.source
             where not r.deleted and r.entity_id =""";

    private static Map<Long, List<Telling>> tellings(Connection connection, Collection<Long> entities)
            throws SQLException {
        var tellings = new HashMap<Long, List<Telling>>();
        try (var select = new Sql().add(TELLINGS + " any (?)", entities).on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                tellings.computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                        .add(Telling.read(row));
            }
        }
        return tellings;
    }

    private Map<Long, List<Claim>> claims(Connection connection, Collection<Long> entities) throws SQLException {
        var sql = new Sql().add("""
                        select r.entity_id, r.stream_id, t.source, s.title, t.stream, r.key, r.epoch, r.position,
                               r.observed_at, r.decision, r.origin, r.link_rule, r.fields::text, r.flags::text, r.stated_at,
                               t.trust
                          from pool.source_record r
                          join pool.stream t on t.id = r.stream_id
                          join pool.source s on s.id = t.source
                         where r.entity_id = any (?) and not r.deleted
                         order by t.trust desc, t.source, t.stream, r.key""", entities);
        var claims = new HashMap<Long, List<Claim>>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                claims.computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                        .add(new Claim(
                                row.getLong(1),
                                row.getInt(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6),
                                row.getInt(7),
                                row.getLong(8),
                                row.getObject(9, OffsetDateTime.class).toInstant(),
                                row.getString(10),
                                row.getString(11),
                                row.getString(12),
                                row.getString(13),
                                row.getString(14),
                                PackedClaim.readStatedAt(row, 15),
                                row.getInt(16)));
            }
        }
        return claims;
    }

    private String shownWithTitle(Field field, String text, Map<Long, Reference> references) {
        return field.isReference() ? titleOf(text, references, text) : shown(field, text);
    }

    private static String titleOf(@Nullable String id, Map<Long, Reference> references, String otherwise) {
        Reference reference = id == null ? null : references.get(Long.valueOf(id));
        return reference == null ? otherwise : reference.title();
    }

    private String shown(Field field, String text) {
        return field.isSensitive() ? Mask.of(field.sensitivity(), vault.open(text)) : text;
    }

    private static @Nullable String text(JsonNode values, Field field) {
        JsonNode value = values.get(field.name());
        return value == null || value.isNull() || value.asText().isEmpty() ? null : value.asText();
    }
}
