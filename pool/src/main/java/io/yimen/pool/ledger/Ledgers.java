package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.Scoping;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Golden records as somebody may see them, now or as of an instant. Thread-safe. */
public final class Ledgers {
    private static final int LONGEST_SEARCH = 100;
    private static final int LONGEST_VALUE = 300;
    private static final int MOST_FILTERS = 10;
    /** No place has as many parts; whatever else stands at the top has lost its way up. */
    private static final int MOST_PARTS = 500;

    private static final int LONGEST_PURPOSE = 300;
    /** A longer sort key stands in the cursor as the record's id alone, so that cursors stay short. */
    private static final int LONGEST_KEY = 100;

    private final ScopedReads reads;
    private final Cursors cursors;
    private final Rendering rendering;
    private final PastLedger past;
    /** The questions of {@link RecordAtOnce} by type. */
    private final Map<String, ScopedReads.Together> atOnce = new ConcurrentHashMap<>();

    public Ledgers(ScopedReads reads) {
        this.reads = reads;
        this.cursors = new Cursors(reads.vault());
        this.rendering = new Rendering(reads.model(), reads.vault());
        this.past = new PastLedger(reads);
    }

    /**
     * A page of a ledger.
     *
     * @throws PoolException {@code INVALID} for a field that does not exist, a cursor of another question, a limit out
     *     of range; {@code NOT_FOUND} for an unknown entity type
     */
    public RecordPage list(Scope scope, RecordQuery query) {
        EntityType type = reads.model().getType(query.entityType());
        ScopedReads.checkLimit(query.limit(), RecordQuery.MAX_LIMIT);
        if (query.filters().size() > MOST_FILTERS) {
            throw new PoolException(PoolException.Kind.INVALID, "There are at most " + MOST_FILTERS + " filters");
        }
        ValidTime.check(type, query.validAt());
        for (RecordQuery.Filter filter : query.filters()) {
            checkFilter(type, filter);
        }
        String search = query.search() == null
                ? null
                : ScopedReads.checkText("The search", query.search().strip(), LONGEST_SEARCH);
        String question = Cursors.question(
                type.name(),
                search,
                query.place(),
                query.filters().stream()
                        .map(f -> Cursors.question(f.field(), f.value()))
                        .toList(),
                query.sort(),
                query.descending(),
                query.asOf(),
                query.validAt());
        Cursor after = query.cursor() == null ? null : cursor(query.cursor(), question);

        var detail = new LinkedHashMap<String, Object>();
        if (query.place() != null) {
            detail.put("place", query.place());
        }
        if (search != null) {
            detail.put("searched", true);
        }
        if (!query.filters().isEmpty()) {
            detail.put(
                    "filters",
                    query.filters().stream().map(RecordQuery.Filter::field).toList());
        }
        if (query.asOf() != null) {
            detail.put("asOf", query.asOf().toString());
        }
        if (query.validAt() != null) {
            detail.put("validAt", query.validAt().toString());
        }
        return reads.read(scope, reads.reading("LIST", type.name(), detail, List.of(type)), connection -> {
            Moment moment = query.asOf() == null ? null : Moment.of(connection, query.asOf());
            var sql = moment == null
                    ? current(scope, type, query, search, after)
                    : past.page(scope, type, query, search, after, moment);
            var counted = new long[] {-1};
            boolean inPage = moment != null && ScopedReads.isPlaced(scope, type, query.place());
            List<StoredRecord> found = stored(connection, sql, type, moment == null, row -> {
                if (inPage) {
                    counted[0] = row.getLong("total");
                }
            });
            List<StoredRecord> page = ScopedReads.firstOf(found, query.limit());
            Long total = null;
            if (query.total() && after == null) {
                if (found.size() <= query.limit()) {
                    total = Long.valueOf(found.size());
                } else {
                    total = inPage ? counted[0] : count(connection, scope, type, query, search, moment);
                }
            }
            if (moment != null) {
                moment.checkKept(connection, type);
            }
            String next = null;
            if (found.size() > query.limit()) {
                StoredRecord last = page.get(page.size() - 1);
                next = last.sortKey().length() > LONGEST_KEY
                        ? cursors.write(question, String.valueOf(last.id()), "id", "")
                        : cursors.write(question, String.valueOf(last.id()), "key", last.sortKey());
            }
            return new RecordPage(
                    rendering.render(connection, page, query.explain(), Map.of(), query.validAt()), next, total);
        });
    }

    /**
     * One record with the provenance of its values. An id that was merged away answers with the record it leads to.
     *
     * @param asOf the instant as of which to read, or {@code null} for now
     * @param validAt the day for which to tell whether it held, or {@code null}
     * @throws PoolException {@code NOT_FOUND} if there is none, or none within the scope: the same answer;
     *     {@code INVALID} for a day where records of the type have no dates
     */
    public LedgerRecord get(
            Scope scope, String entityType, long id, @Nullable Instant asOf, @Nullable LocalDate validAt) {
        return look(scope, entityType, id, asOf, validAt).record();
    }

    /**
     * One record, and whether it is known to lie within the places of the scope.
     *
     * @param inside false as well where it was not looked for
     */
    public record Looked(LedgerRecord record, boolean inside) {}

    /** As {@link #get(Scope, String, long, Instant, LocalDate)}. */
    public Looked look(Scope scope, String entityType, long id, @Nullable Instant asOf, @Nullable LocalDate validAt) {
        EntityType type = reads.model().getType(entityType);
        ValidTime.check(type, validAt);
        if (asOf == null) {
            var access = reads.reading("READ", type.name() + "/" + id, Map.of(), List.of(type));
            Optional<RecordAtOnce.Found> found = reads.readAtOnce(
                    scope,
                    access,
                    atOnce.computeIfAbsent(type.name(), name -> RecordAtOnce.questions(type, access.audited())),
                    new RecordAtOnce(scope, type, id));
            if (found.isPresent()) {
                RecordAtOnce.Found all = found.get();
                LedgerRecord record = rendering.render(
                        all.record(),
                        all.references(),
                        all.tellings(),
                        work -> reads.read(scope, ScopedReads.operations(), work),
                        validAt);
                return new Looked(record, all.inside());
            }
        }
        var detail = new LinkedHashMap<String, Object>();
        if (asOf != null) {
            detail.put("asOf", asOf.toString());
        }
        return reads.read(scope, reads.reading("READ", type.name() + "/" + id, detail, List.of(type)), connection -> {
            StoredRecord record;
            if (asOf == null) {
                record = getStored(connection, type, id);
            } else {
                Moment moment = Moment.of(connection, asOf);
                moment.checkKept(connection, type);
                record = past.get(connection, type, id, moment);
                moment.checkKept(connection, type);
            }
            LedgerRecord rendered = rendering
                    .render(connection, List.of(record), true, Map.of(record.id(), id), validAt)
                    .get(0);
            return new Looked(rendered, false);
        });
    }

    /** As it stood, or now. */
    public LedgerRecord get(Scope scope, String entityType, long id, @Nullable Instant asOf) {
        return get(scope, entityType, id, asOf, null);
    }

    /** One record, within a read that somebody else began. */
    public LedgerRecord read(Connection connection, EntityType type, long id) throws SQLException {
        StoredRecord record = getStored(connection, type, id);
        return rendering
                .render(connection, List.of(record), true, Map.of(record.id(), id), null)
                .get(0);
    }

    /** Now, as {@link #get(Scope, String, long, Instant)}. */
    public LedgerRecord get(Scope scope, String entityType, long id) {
        return get(scope, entityType, id, null);
    }

    /**
     * How many records there are, in all and one step down the places.
     *
     * @param place whose parts are counted; {@code null}: those from which the scope starts
     * @param asOf the instant as of which to count, or {@code null} for now; what lies below which place is always
     *     as of now
     * @param validAt only what held on that day, or {@code null}
     * @throws PoolException {@code INVALID} as {@link #list}
     */
    public LedgerCounts counts(
            Scope scope, String entityType, @Nullable Long place, @Nullable Instant asOf, @Nullable LocalDate validAt) {
        EntityType type = reads.model().getType(entityType);
        ValidTime.check(type, validAt);
        RecordQuery query =
                RecordQuery.of(type.name()).withPlace(place).withAsOf(asOf).withValidAt(validAt);
        return reads.read(scope, ScopedReads.operations(), connection -> {
            Moment moment = asOf == null ? null : Moment.of(connection, asOf);
            List<Long> parts = parts(connection, scope, place);
            Sql sql;
            if (moment == null) {
                sql = new Sql()
                        .add(
                                "select a.ancestor, count(*) from pool.place_scope a join pool.entity e on e.place_id ="
                                        + " a.place where a.ancestor = any (?) and e.entity_type = ? and e.status = 'ACTIVE'",
                                parts,
                                type.name());
                limit(sql, scope, type, query, null);
                sql.add("group by a.ancestor");
            } else {
                sql = past.countIn(parts, scope, type, query, moment);
            }
            var counted = new HashMap<Long, Long>();
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    counted.put(row.getLong(1), row.getLong(2));
                }
            }
            long total = count(connection, scope, type, query, null, moment);
            if (moment != null) {
                moment.checkKept(connection, type);
            }
            return new LedgerCounts(
                    total,
                    rendering.references(connection, parts).values().stream()
                            .map(part -> new LedgerCounts.InPlace(part, counted.getOrDefault(part.id(), 0L)))
                            .toList());
        });
    }

    /** The places one step down, or those at the top. */
    private List<Long> parts(Connection connection, Scope scope, @Nullable Long place) throws SQLException {
        if (place == null && !scope.everything()) {
            return scope.roots();
        }
        EntityType places = reads.model().types().stream()
                .filter(type -> type.scoping() == Scoping.SELF)
                .findFirst()
                .orElseThrow();
        String upward = places.fields().get(places.placeField().orElseThrow()).name();
        var sql = new Sql()
                .add("select e.id from pool.entity e where e.entity_type = ? and e.status = 'ACTIVE'", places.name());
        if (place == null) {
            sql.add(
                    "and not exists (select from pool.reference r where r.entity_id = e.id and r.field = ? and"
                            + " r.to_entity is not null)",
                    upward);
        } else {
            sql.add(
                    "and e.id in (select r.entity_id from pool.reference r where r.to_entity = ? and r.field = ?)",
                    place,
                    upward);
        }
        var found = new ArrayList<Long>();
        try (var select = sql.add("order by e.title, e.id limit ?", MOST_PARTS).on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(row.getLong(1));
            }
        }
        return found;
    }

    /**
     * Where every value of a record comes from, why it won, and what the others say. Follows redirects.
     *
     * @throws PoolException {@code NOT_FOUND} as {@link #get}
     */
    public Explanation lineage(Scope scope, String entityType, long id) {
        EntityType type = reads.model().getType(entityType);
        return reads.read(
                scope,
                reads.reading("LINEAGE", type.name() + "/" + id, Map.of(), List.of(type)),
                connection -> rendering.explain(connection, getStored(connection, type, id)));
    }

    /**
     * Opens sensitive values. The audit line, with fields and purpose, is on disk before anything is returned.
     *
     * @return values in clear by field; a field without a value is absent
     * @throws PoolException {@code INVALID} for a field that is not sensitive or a missing purpose; {@code NOT_FOUND} as
     *     {@link #get}
     */
    public Map<String, String> unmask(Scope scope, String entityType, long id, List<String> fields, String purpose) {
        EntityType type = reads.model().getType(entityType);
        String stated = checkPurpose(purpose);
        var asked = new LinkedHashSet<>(fields);
        if (asked.isEmpty()) {
            throw new PoolException(PoolException.Kind.INVALID, "Name the fields to open");
        }
        for (String name : asked) {
            if (!type.findField(name).map(Field::isSensitive).orElse(false)) {
                throw new PoolException(
                        PoolException.Kind.INVALID, type.name() + " has no sensitive field of the name that was given");
            }
        }
        var access = new ScopedReads.Access(
                "UNMASK",
                type.name() + "/" + id,
                Map.of("fields", List.copyOf(asked), "purpose", stated),
                true,
                true,
                false);
        return reads.read(scope, access, connection -> rendering.open(getStored(connection, type, id), asked));
    }

    /** The places that a scope starts from, for showing them; none for one that sees everything. */
    public List<Reference> roots(Scope scope) {
        if (scope.roots().isEmpty()) {
            return List.of();
        }
        return reads.read(
                scope,
                ScopedReads.operations(),
                connection -> List.copyOf(
                        rendering.references(connection, scope.roots()).values()));
    }

    /** A purpose that may be kept. */
    public static String checkPurpose(String purpose) {
        String stated = ScopedReads.checkText("The purpose", purpose.strip(), LONGEST_PURPOSE);
        if (stated.length() < 2) {
            throw new PoolException(PoolException.Kind.INVALID, "State a purpose");
        }
        return stated;
    }

    /** Where the page before ended: its last id, and its sort key unless that was too long. */
    record Cursor(long id, @Nullable String key) {
        long seq() {
            return key == null ? 0 : Long.parseLong(key);
        }
    }

    private Cursor cursor(String text, String question) {
        List<String> parts = cursors.read(text, question, 3);
        return new Cursor(Long.parseLong(parts.get(0)), parts.get(1).equals("key") ? parts.get(2) : null);
    }

    private void checkFilter(EntityType type, RecordQuery.Filter filter) {
        Optional<Field> field = type.findField(filter.field());
        if (field.isEmpty()) {
            throw new PoolException(
                    PoolException.Kind.INVALID, type.name() + " has no field of the name that was filtered by");
        }
        ScopedReads.checkText("A filter's value", filter.value(), LONGEST_VALUE);
        if (field.get().isReference() && !filter.value().matches("[0-9]{1,18}")) {
            throw new PoolException(PoolException.Kind.INVALID, filter.field() + " is a reference: filter it by an id");
        }
    }

    private static final String CURRENT = """
            select e.id, e.version, e.status, e.redirect_to, e.title, e.place_id, e.fields, e.lineage, e.records,
                   e.updated_at,""";

    private Sql current(
            Scope scope, EntityType type, RecordQuery query, @Nullable String search, @Nullable Cursor after) {
        boolean whole = !ScopedReads.isPlaced(scope, type, query.place());
        return query.sort() == RecordQuery.Sort.UPDATED_AT
                ? currentByUpdate(whole, scope, type, query, search, after)
                : currentByTitle(whole, scope, type, query, search, after);
    }

    private Sql currentByTitle(
            boolean whole,
            Scope scope,
            EntityType type,
            RecordQuery query,
            @Nullable String search,
            @Nullable Cursor after) {
        String compare = query.descending() ? "<" : ">";
        String direction = query.descending() ? "desc" : "asc";
        String order = "order by e.title " + direction + ", e.id " + direction;
        // Trigrams do not find two characters, which is what Chinese names are searched by: then every title is looked
        // at, in the index alone.
        boolean idsFirst = whole && search != null && query.filters().isEmpty();
        var sql = new Sql()
                .add(idsFirst ? "select e.id" : CURRENT + " e.title as sort_key")
                .add("from pool.entity e where e.entity_type = ? and e.status = 'ACTIVE'", type.name());
        limit(sql, scope, type, query, search);
        if (after != null && after.key() != null) {
            sql.add("and (e.title, e.id) " + compare + " (?, ?)", after.key(), after.id());
        } else if (after != null) {
            sql.add("and (e.title, e.id) " + compare + " (select title, id from pool.entity where id = ?)", after.id());
        }
        sql.add(order).add("limit ?", query.limit() + 1);
        return idsFirst
                ? sql.within(CURRENT + " e.title as sort_key from pool.entity e where e.id in (", ") " + order)
                : sql;
    }

    /**
     * Entity has no index by time, which every update would have to move. Of everything, the latest are read off the
     * end of the log; of some places, all are few enough to be sorted.
     */
    private Sql currentByUpdate(
            boolean whole,
            Scope scope,
            EntityType type,
            RecordQuery query,
            @Nullable String search,
            @Nullable Cursor after) {
        var sql = new Sql().add(CURRENT);
        if (whole) {
            sql.add("""
                    c.seq::text as sort_key from pool.change c join pool.entity e on e.id = c.entity_id
                     where c.entity_type = ?
                       and c.seq = (select x.change_seq from pool.entity x where x.id = c.entity_id and x.status = 'ACTIVE')""", type.name());
        } else {
            sql.add(
                    "e.change_seq::text as sort_key from pool.entity e where e.entity_type = ? and e.status = 'ACTIVE'",
                    type.name());
        }
        limit(sql, scope, type, query, search);
        String seq = whole ? "c.seq" : "e.change_seq";
        if (after != null) {
            sql.add("and " + seq + (query.descending() ? " < ?" : " > ?"), after.seq());
        }
        return sql.add("order by " + seq + (query.descending() ? " desc" : " asc"))
                .add("limit ?", query.limit() + 1);
    }

    private void limit(Sql sql, Scope scope, EntityType type, RecordQuery query, @Nullable String search) {
        ScopedReads.limitToPlaces(sql, "e.place_id", scope, query.place(), type);
        search(sql, "e.title", search);
        ValidTime.limit(sql, "e.fields", type, query.validAt());
        for (RecordQuery.Filter filter : query.filters()) {
            Field field = type.getField(filter.field());
            Optional<IdentifierRule> identifier = identifier(type, field);
            if (field.isReference()) {
                sql.add(
                        "and e.id in (select r.entity_id from pool.reference r where r.to_entity = ? and r.field = ?)",
                        Long.parseLong(filter.value()),
                        field.name());
            } else if (identifier.isPresent()) {
                sql.add(
                        "and e.id in (select i.entity_id from pool.identifier i where i.name = ? and i.value = ?)",
                        identifier.get().name(),
                        identifier
                                .get()
                                .valueOf(normalised(field, filter.value()), reads.vault())
                                .orElse(""));
                // A source may say so without being believed.
                sql.add("and e.fields ->> ? = ?", field.name(), stored(reads, field, filter.value()));
            } else {
                sql.add("and e.fields ->> ? = ?", field.name(), stored(reads, field, filter.value()));
            }
        }
    }

    /** The identifier that consists of this field alone: an index to find it by. */
    private static Optional<IdentifierRule> identifier(EntityType type, Field field) {
        return type.identifiers().stream()
                .filter(rule -> rule.parts().size() == 1
                        && type.fields().get(rule.parts().get(0).field()).equals(field)
                        && rule.sensitive())
                .findFirst();
    }

    /** The text as golden records hold it: what is sensitive is sealed, and equal texts seal alike. */
    static String stored(ScopedReads reads, Field field, String value) {
        return field.isSensitive() ? reads.vault().seal(normalised(field, value)) : value;
    }

    private static String normalised(Field field, String value) {
        return field.isSensitive() ? value.strip().toUpperCase(Locale.ROOT) : value;
    }

    static void search(Sql sql, String column, @Nullable String search) {
        if (search != null && !search.isEmpty()) {
            String pattern = "%" + search.replaceAll("([\\\\%_])", "\\\\$1") + "%";
            // Folding case costs more than the rest of the comparison, and Chinese has none.
            boolean cased = search.chars().anyMatch(c -> Character.toLowerCase(c) != Character.toUpperCase(c));
            sql.add("and " + column + (cased ? " ilike ?" : " like ?"), pattern);
        }
    }

    private long count(
            Connection connection,
            Scope scope,
            EntityType type,
            RecordQuery query,
            @Nullable String search,
            @Nullable Moment moment)
            throws SQLException {
        Sql sql;
        if (moment == null) {
            sql = new Sql()
                    .add(
                            "select count(*) from pool.entity e where e.entity_type = ? and e.status = 'ACTIVE'",
                            type.name());
            limit(sql, scope, type, query, search);
        } else {
            sql = past.count(scope, type, query, search, moment);
        }
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private StoredRecord getStored(Connection connection, EntityType type, long id) throws SQLException {
        checkNotErased(connection, type, id);
        Optional<StoredRecord> found = findStored(connection, type, id);
        if (found.isPresent() && found.get().redirectTo() == null) {
            return found.get();
        }
        // The old id may have lain elsewhere: where it leads is asked past row-level security, what is there is not.
        try (var select = connection.prepareStatement("select redirect_to from pool.redirected where id = ?")) {
            select.setLong(1, id);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw ScopedReads.notFound("record");
                }
                return findStored(connection, type, row.getLong(1))
                        .filter(record -> record.redirectTo() == null)
                        .orElseThrow(() -> ScopedReads.notFound("record"));
            }
        }
    }

    /** What was erased is told from what never was, to whoever may see its place. */
    static void checkNotErased(Connection connection, EntityType type, long id) throws SQLException {
        var sql = new Sql()
                .add("select from pool.entity where id = ? and entity_type = ? and status = 'ERASED'", id, type.name());
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            if (row.next()) {
                throw PoolException.erased(type + " " + id);
            }
        }
    }

    private Optional<StoredRecord> findStored(Connection connection, EntityType type, long id) throws SQLException {
        var sql = new Sql()
                .add(CURRENT)
                .add("'' as sort_key from pool.entity e where e.id = ? and e.entity_type = ?", id, type.name());
        return stored(connection, sql, type, true).stream().findFirst();
    }

    static List<StoredRecord> stored(Connection connection, Sql sql, EntityType type, boolean current)
            throws SQLException {
        return stored(connection, sql, type, current, row -> {});
    }

    /** Sees each row as well. */
    private interface Onlooker {
        void row(ResultSet row) throws SQLException;
    }

    private static List<StoredRecord> stored(
            Connection connection, Sql sql, EntityType type, boolean current, Onlooker onlooker) throws SQLException {
        var found = new ArrayList<StoredRecord>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                onlooker.row(row);
                found.add(new StoredRecord(
                        row.getLong("id"),
                        type,
                        row.getLong("version"),
                        RecordStatus.valueOf(row.getString("status")),
                        row.getObject("redirect_to", Long.class),
                        row.getString("title"),
                        row.getObject("place_id", Long.class),
                        row.getString("fields"),
                        row.getString("lineage"),
                        row.getInt("records"),
                        row.getObject("updated_at", OffsetDateTime.class).toInstant(),
                        row.getString("sort_key"),
                        current));
            }
        }
        return found;
    }
}
