package io.yimen.pool.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.FieldKind;
import io.yimen.pool.model.Sensitivity;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ledgers that were handed in. Each is computed anew from the change log whenever it is asked for, and given only if its
 * bytes have the hash that they had. The bytes are CSV (RFC 4180, UTF-8 with its mark, CRLF), ordered by title and id;
 * cells that a spreadsheet would take for formulas begin with an apostrophe. Thread-safe.
 */
public final class FrozenLedgers {
    /** More is not handed in at once. */
    public static final int MOST_ROWS = 100_000;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARK = "\uFEFF";
    private static final int LONGEST_REASON = 1000;
    private static final String SELECT = """
            select f.id, f.entity_type, f.place_id, f.places, f.columns, f.as_of, f.seq, f.valid_at, f.actor, f.reason,
                   f.at, f.sha256, f.entities, f.kept, f.everyone
              from pool.frozen_ledger f""";

    private final ScopedReads reads;
    private final Clock clock;

    public FrozenLedgers(ScopedReads reads, Clock clock) {
        this.reads = reads;
        this.clock = clock;
    }

    /** A column as it was when the ledger was frozen, whatever the model says of it since. */
    private record Column(
            String field,
            String heading,
            Map<String, String> values,
            boolean reference,
            boolean number,
            Sensitivity sensitivity,
            boolean clear) {}

    /** A frozen ledger as it is stored. */
    private record Stored(
            long id,
            EntityType type,
            @Nullable Long place,
            @Nullable List<Long> places,
            List<Column> columns,
            Moment moment,
            @Nullable LocalDate validAt,
            String actor,
            String reason,
            Instant at,
            byte[] sha256,
            List<Long> entities,
            boolean kept,
            List<String> everyone) {
        boolean isClear() {
            return columns.stream().anyMatch(Column::clear);
        }

        @Override
        public String toString() {
            return "frozen ledger " + id;
        }
    }

    /** A row: whose it is, whom it names, and its text with the end of the line. */
    private record Line(long entity, Set<Long> named, String text) {
        @Override
        public String toString() {
            return "line of " + entity;
        }
    }

    /**
     * Freezes a ledger.
     *
     * @throws PoolException {@code INVALID} for fields that do not exist, no place though the scope has limits, a
     *     missing purpose, an instant to come, more than {@value #MOST_ROWS} records; {@code NOT_FOUND} for a place
     *     outside the scope
     */
    public FrozenLedger freeze(Scope scope, FrozenLedger.Request request) {
        EntityType type = reads.model().getType(request.entityType());
        ValidTime.check(type, request.validAt());
        String reason = checkReason(request.reason());
        List<Column> columns = columns(type, request);
        Instant asOf = request.asOf() == null ? clock.instant() : request.asOf();
        if (asOf.isAfter(clock.instant())) {
            throw new PoolException(PoolException.Kind.INVALID, "What is to come cannot be frozen");
        }
        if (request.place() == null && !scope.everything()) {
            throw new PoolException(PoolException.Kind.INVALID, "Name the place whose ledger is to be frozen");
        }
        Map<String, Object> detail = new HashMap<>(Map.of("asOf", asOf.toString(), "fields", request.fields()));
        if (request.clear()) {
            detail.put("purpose", Ledgers.checkPurpose(request.purpose() == null ? "" : request.purpose()));
        }
        var access = new ScopedReads.Access("FREEZE", type.name(), detail, true, true, true);
        return reads.read(scope, access, connection -> {
            Moment moment = Moment.of(connection, asOf);
            List<Long> places = request.place() == null ? null : places(connection, scope, request.place());
            Stored draft = new Stored(
                    0,
                    type,
                    request.place(),
                    places,
                    columns,
                    moment,
                    request.validAt(),
                    scope.actor(),
                    reason,
                    clock.instant(),
                    new byte[0],
                    List.of(),
                    false,
                    reads.everyone());
            List<Line> lines = lines(connection, draft);
            moment.checkKept(connection, type);
            long id = insert(connection, draft, lines, digest(bytes(draft, lines, null)));
            return of(connection, getStored(connection, scope, id));
        });
    }

    /** What was frozen of the places of the scope, the latest first. */
    public FrozenLedger.Page list(Scope scope, @Nullable String entityType, @Nullable String cursor, int limit) {
        ScopedReads.checkLimit(limit, RecordQuery.MAX_LIMIT);
        String question = Cursors.question("frozen", entityType);
        Cursors cursors = new Cursors(reads.vault());
        long before = cursor == null
                ? Long.MAX_VALUE
                : Long.parseLong(cursors.read(cursor, question, 1).get(0));
        return reads.read(scope, access("LIST_FROZEN", "frozen-ledgers", Map.of()), connection -> {
            var sql = new Sql().add(SELECT).add("where f.id < ?", before);
            if (entityType != null) {
                sql.add(
                        "and f.entity_type = ?",
                        reads.model().getType(entityType).name());
            }
            visible(sql, scope);
            List<Stored> found = stored(connection, sql.add("order by f.id desc limit ?", limit + 1));
            var page = new ArrayList<FrozenLedger>();
            for (Stored one : ScopedReads.firstOf(found, limit)) {
                page.add(of(connection, one));
            }
            String next = found.size() > limit
                    ? cursors.write(question, String.valueOf(page.get(limit - 1).id()))
                    : null;
            return new FrozenLedger.Page(page, next);
        });
    }

    /**
     * The bytes that were handed in.
     *
     * @param purpose needed where sensitive values stand in clear
     * @param remainder whether what is left is wanted where they cannot be given any more
     * @throws PoolException {@code INVALID}, {@code NOT_WHOLE} where rows of it were erased since and no remainder is
     *     wanted; {@code NOT_FOUND}
     */
    public FrozenLedger.Content content(Scope scope, long id, @Nullable String purpose, boolean remainder) {
        Map<String, Object> detail =
                purpose == null || purpose.isBlank() ? Map.of() : Map.of("purpose", Ledgers.checkPurpose(purpose));
        return reads.read(scope, access("DOWNLOAD_FROZEN", "frozen-ledger/" + id, detail), connection -> {
            Stored frozen = getStored(connection, scope, id);
            if (frozen.isClear() && detail.isEmpty()) {
                throw new PoolException(
                        PoolException.Kind.INVALID, "It holds sensitive values in clear: state a purpose");
            }
            List<Line> lines = frozen.kept ? kept(connection, frozen) : lines(connection, frozen);
            byte[] bytes = bytes(frozen, lines, null);
            if (MessageDigest.isEqual(digest(bytes), frozen.sha256)) {
                return new FrozenLedger.Content(of(connection, frozen), bytes, true);
            }
            String why = why(connection, frozen, lines);
            if (!remainder) {
                throw PoolException.notWhole(why);
            }
            return new FrozenLedger.Content(of(connection, frozen), bytes(frozen, lines, why), false);
        });
    }

    /**
     * Keeps what the log will not tell any more: called by whoever compacts it, before, in the same transaction.
     *
     * @param horizon before which the log of the type is about to be compacted
     */
    public void keep(Connection connection, EntityType type, Instant horizon) throws SQLException {
        var sql = new Sql()
                .add(SELECT)
                .add(
                        "where not f.kept and f.as_of < ?::timestamptz order by f.id",
                        horizon.atOffset(ZoneOffset.UTC).toString());
        for (Stored frozen : stored(connection, sql)) {
            boolean names = frozen.type.fields().stream()
                    .anyMatch(field -> type.name().equals(field.to())
                            && frozen.columns.stream().anyMatch(c -> c.field.equals(field.name())));
            if (frozen.type.equals(type) || names) {
                keep(connection, frozen);
            }
        }
    }

    private void keep(Connection connection, Stored frozen) throws SQLException {
        List<Line> lines = lines(connection, frozen);
        try (var insert = connection.prepareStatement(
                        "insert into pool.frozen_row (frozen_id, number, entities, line) values (?, ?, ?, ?)");
                var update = connection.prepareStatement("update pool.frozen_ledger set kept = true where id = ?")) {
            int number = 0;
            for (Line line : lines) {
                insert.setLong(1, frozen.id);
                insert.setInt(2, ++number);
                var all = new LinkedHashSet<Long>(line.named);
                all.add(line.entity);
                insert.setArray(3, connection.createArrayOf("bigint", all.toArray()));
                insert.setBytes(
                        4, reads.vault().seal((line.entity + "\n" + line.text).getBytes(StandardCharsets.UTF_8)));
                insert.addBatch();
                if (number % 1_000 == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
            update.setLong(1, frozen.id);
            update.executeUpdate();
        }
    }

    private List<Line> kept(Connection connection, Stored frozen) throws SQLException {
        var lines = new ArrayList<Line>();
        var sql = new Sql().add("select line from pool.frozen_row where frozen_id = ? order by number", frozen.id);
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                String text = new String(reads.vault().open(row.getBytes(1)), StandardCharsets.UTF_8);
                int end = text.indexOf('\n');
                lines.add(new Line(Long.parseLong(text.substring(0, end)), Set.of(), text.substring(end + 1)));
            }
        }
        return lines;
    }

    /** What is not there any more, as far as it can be told without what is gone. */
    private String why(Connection connection, Stored frozen, List<Line> lines) throws SQLException {
        var missing = new LinkedHashSet<>(frozen.entities);
        lines.forEach(line -> missing.remove(line.entity));
        long erased = missing.size();
        if (!missing.isEmpty()) {
            var sql = new Sql().add("select count(*) from pool.entity where id = any (?)", missing);
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                row.next();
                erased -= row.getLong(1);
            }
        }
        if (missing.isEmpty()) {
            return "What some of its " + frozen.entities.size() + " rows say was erased since";
        }
        return missing.size() + " of its " + frozen.entities.size() + " rows are gone: "
                + (erased == missing.size()
                        ? "their records were erased since"
                        : "the change log does not tell of their records any more");
    }

    private List<Column> columns(EntityType type, FrozenLedger.Request request) {
        if (request.fields().isEmpty()
                || Set.copyOf(request.fields()).size() < request.fields().size()) {
            throw new PoolException(PoolException.Kind.INVALID, "Name the columns, each once");
        }
        var columns = new ArrayList<Column>();
        for (String name : request.fields()) {
            Field field = type.findField(name)
                    .orElseThrow(() -> new PoolException(
                            PoolException.Kind.INVALID, type.name() + " has no field of the name of a column"));
            boolean opened = field.isSensitive() && request.clear();
            columns.add(new Column(
                    name,
                    field.label().zh(),
                    field.values(),
                    field.isReference(),
                    field.kind() == FieldKind.INTEGER || field.kind() == FieldKind.DECIMAL,
                    field.sensitivity(),
                    opened));
        }
        if (request.clear() && columns.stream().noneMatch(Column::clear)) {
            throw new PoolException(PoolException.Kind.INVALID, "None of the columns is sensitive: nothing to open");
        }
        return columns;
    }

    /** The place and all below it, if that lies within the scope. */
    private static List<Long> places(Connection connection, Scope scope, long place) throws SQLException {
        var sql = new Sql().add("select s.place from pool.place_scope s where s.ancestor = ?", place);
        if (!scope.everything()) {
            sql.add(
                    "and exists (select from pool.place_scope o where o.place = ? and o.ancestor = any (?))",
                    place,
                    scope.roots());
        }
        var places = new ArrayList<Long>();
        try (var select = sql.add("order by 1").on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                places.add(row.getLong(1));
            }
        }
        if (places.isEmpty()) {
            throw ScopedReads.notFound("place");
        }
        return places;
    }

    private List<Line> lines(Connection connection, Stored frozen) throws SQLException {
        Moment moment = frozen.moment;
        var sql = new Sql()
                .add(
                        "select c.entity_id, c.fields from pool.change c where c.entity_type = ? and c.at <= ? and c.seq <= ?",
                        frozen.type.name(),
                        moment.time(),
                        moment.seq())
                .add("and c.op not in ('RETIRED', 'MERGED', 'ERASED')");
        if (frozen.places != null && !frozen.everyone.contains(frozen.type.name())) {
            sql.add("and c.place_id = any (?)", frozen.places);
        }
        ValidTime.limit(sql, "c.fields", frozen.type, frozen.validAt);
        PastLedger.wasLast(sql, moment);
        sql.add("order by c.title collate \"C\", c.entity_id limit ?", MOST_ROWS + 1);
        var ids = new ArrayList<Long>();
        var values = new ArrayList<JsonNode>();
        var referred = new LinkedHashSet<Long>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                JsonNode fields = Rendering.parse(row.getString(2));
                ids.add(row.getLong(1));
                values.add(fields);
                for (Column column : frozen.columns) {
                    String text = text(fields, column);
                    if (column.reference && text != null) {
                        referred.add(Long.valueOf(text));
                    }
                }
            }
        }
        if (ids.size() > MOST_ROWS) {
            throw new PoolException(
                    PoolException.Kind.INVALID,
                    "There are more than " + MOST_ROWS + " records: freeze the places below one by one");
        }
        Map<Long, String> titles = titles(connection, frozen, referred);
        var lines = new ArrayList<Line>();
        for (int i = 0; i < ids.size(); i++) {
            lines.add(line(frozen, ids.get(i), values.get(i), titles));
        }
        return lines;
    }

    /** What was referred to was called then; people and the like only where they lay in the same places. */
    private Map<Long, String> titles(Connection connection, Stored frozen, Set<Long> referred) throws SQLException {
        var titles = new HashMap<Long, String>();
        if (referred.isEmpty()) {
            return titles;
        }
        var sql = new Sql().add("""
                        select c.entity_id, c.title
                          from (select unnest(?)) r (id)
                         cross join lateral (
                           select x.entity_id, x.entity_type, x.title, x.place_id from pool.change x
                            where x.entity_id = r.id and x.at <= ? and x.seq <= ? order by x.seq desc limit 1) c""", referred, frozen.moment.time(), frozen.moment.seq());
        if (frozen.places != null) {
            sql.add(
                    "where c.place_id = any (?) or c.entity_type = 'Place' or c.entity_type = any (?)",
                    frozen.places,
                    frozen.everyone.toArray(String[]::new));
        }
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                titles.put(row.getLong(1), row.getString(2));
            }
        }
        return titles;
    }

    private Line line(Stored frozen, long id, JsonNode fields, Map<Long, String> titles) {
        var text = new StringBuilder().append(id);
        var named = new LinkedHashSet<Long>();
        for (Column column : frozen.columns) {
            String value = text(fields, column);
            String shown = "";
            if (value != null && column.reference) {
                named.add(Long.valueOf(value));
                shown = titles.getOrDefault(Long.valueOf(value), value);
            } else if (value != null) {
                shown = column.sensitivity == Sensitivity.NONE
                        ? column.values.getOrDefault(value, value)
                        : Mask.of(
                                column.clear ? Sensitivity.NONE : column.sensitivity,
                                reads.vault().open(value));
            }
            text.append(',').append(cell(shown, column.number));
        }
        return new Line(id, named, text.append("\r\n").toString());
    }

    private static @Nullable String text(JsonNode fields, Column column) {
        JsonNode value = fields.get(column.field);
        return value == null || value.isNull() || value.asText().isEmpty() ? null : value.asText();
    }

    static String cell(String value, boolean number) {
        boolean formula = !number && !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0;
        String cell = formula ? "'" + value : value;
        return cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + cell.replace("\"", "\"\"") + '"'
                : cell;
    }

    private static byte[] bytes(Stored frozen, List<Line> lines, @Nullable String why) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(MARK.getBytes(StandardCharsets.UTF_8));
        if (why != null) {
            String mark = "余下部分 REMAINDER: " + why + "; SHA-256 of the whole "
                    + HexFormat.of().formatHex(frozen.sha256);
            bytes.writeBytes((cell(mark, false) + "\r\n").getBytes(StandardCharsets.UTF_8));
        }
        var head = new StringBuilder("编号");
        frozen.columns.forEach(column -> head.append(',').append(cell(column.heading, false)));
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        lines.forEach(line -> bytes.writeBytes(line.text.getBytes(StandardCharsets.UTF_8)));
        return bytes.toByteArray();
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }

    private long insert(Connection connection, Stored draft, List<Line> lines, byte[] sha256) throws SQLException {
        try (var insert = connection.prepareStatement("""
                insert into pool.frozen_ledger (entity_type, place_id, places, columns, as_of, seq, valid_at, actor, reason,
                                                at, sha256, entities, kept, everyone)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false, ?) returning id""")) {
            insert.setString(1, draft.type.name());
            insert.setObject(2, draft.place);
            insert.setArray(
                    3, draft.places == null ? null : connection.createArrayOf("bigint", draft.places.toArray()));
            insert.setString(4, json(draft.columns));
            insert.setObject(5, draft.moment.time());
            insert.setLong(6, draft.moment.seq());
            insert.setObject(7, draft.validAt);
            insert.setString(8, draft.actor);
            insert.setString(9, reads.vault().seal(draft.reason));
            insert.setObject(10, draft.at.atOffset(ZoneOffset.UTC));
            insert.setBytes(11, sha256);
            insert.setArray(
                    12,
                    connection.createArrayOf(
                            "bigint", lines.stream().map(Line::entity).toArray()));
            insert.setArray(13, connection.createArrayOf("text", draft.everyone.toArray()));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static String json(List<Column> columns) {
        try {
            return JSON.writeValueAsString(columns);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Columns are JSON", e);
        }
    }

    private static ScopedReads.Access access(String action, String object, Map<String, Object> detail) {
        return new ScopedReads.Access(action, object, detail, true, true, true);
    }

    private Stored getStored(Connection connection, Scope scope, long id) throws SQLException {
        var sql = new Sql().add(SELECT).add("where f.id = ?", id);
        visible(sql, scope);
        return stored(connection, sql).stream().findFirst().orElseThrow(() -> ScopedReads.notFound("frozen ledger"));
    }

    private static void visible(Sql sql, Scope scope) {
        if (!scope.everything()) {
            sql.add(
                    "and exists (select from pool.place_scope s where s.place = f.place_id and s.ancestor = any (?))",
                    scope.roots());
        }
    }

    private List<Stored> stored(Connection connection, Sql sql) throws SQLException {
        var found = new ArrayList<Stored>();
        try (var select = sql.on(connection);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                var places = row.getArray(4);
                found.add(new Stored(
                        row.getLong(1),
                        reads.model().getType(row.getString(2)),
                        row.getObject(3, Long.class),
                        places == null ? null : List.of((Long[]) places.getArray()),
                        List.of(JSON.readValue(row.getString(5), Column[].class)),
                        new Moment(row.getObject(6, OffsetDateTime.class).toInstant(), row.getLong(7)),
                        row.getObject(8, LocalDate.class),
                        row.getString(9),
                        reads.vault().open(row.getString(10)),
                        row.getObject(11, OffsetDateTime.class).toInstant(),
                        row.getBytes(12),
                        Arrays.asList((Long[]) row.getArray(13).getArray()),
                        row.getBoolean(14),
                        List.of((String[]) row.getArray(15).getArray())));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Columns are JSON", e);
        }
        return found;
    }

    private FrozenLedger of(Connection connection, Stored frozen) throws SQLException {
        Reference place = null;
        if (frozen.place != null) {
            var sql = new Sql().add("select id, entity_type, title from pool.entity where id = ?", frozen.place);
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    place = new Reference(row.getLong(1), row.getString(2), row.getString(3));
                }
            }
        }
        return new FrozenLedger(
                frozen.id,
                frozen.type.name(),
                place,
                frozen.columns.stream().map(Column::field).toList(),
                frozen.isClear(),
                frozen.moment.at(),
                frozen.validAt,
                frozen.actor,
                frozen.reason,
                frozen.at,
                frozen.entities.size(),
                HexFormat.of().formatHex(frozen.sha256));
    }

    private static String checkReason(String reason) {
        String stated = ScopedReads.checkText("The reason", reason.strip(), LONGEST_REASON);
        if (stated.isEmpty()) {
            throw new PoolException(PoolException.Kind.INVALID, "Say what it is handed in for");
        }
        return stated;
    }
}
