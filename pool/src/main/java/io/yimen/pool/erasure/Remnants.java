package io.yimen.pool.erasure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.internal.DeclaredStream;
import io.yimen.pool.internal.Failures;
import io.yimen.pool.internal.Streams;
import io.yimen.pool.internal.Tombstones;
import io.yimen.pool.model.IdentifierRule;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Searches every store of the pool for what was erased. It reads every table that the catalogue of the database knows,
 * so that one that was added later is not forgotten, and in every row every text, JSON and byte; what is sealed it
 * opens. It knows what was erased by its tombstones: names of source records, identifiers, and numbers of people
 * wherever they stand in a text; and looks for values besides, if somebody says which.
 *
 * <p>Reads only, in one snapshot. What it tells holds no value. Not in its reach: the database's log and backups.
 */
public final class Remnants {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FETCH = 1000;
    // The months of the change log are read with it.
    private static final String SELECT_COLUMNS = """
            select table_name, column_name, data_type
              from information_schema.columns join information_schema.tables using (table_schema, table_name)
             where table_schema = 'pool' and table_type = 'BASE TABLE'
               and not (select relispartition from pg_class
                         where relname = table_name and relnamespace = 'pool'::regnamespace)
             order by table_name, ordinal_position
            """;
    private static final Set<String> IDS = Set.of("entity_id", "to_entity", "left_id", "right_id", "redirect_to");
    /** Where the id of somebody who was erased stands by right. */
    private static final Set<String> WITH_ID = Set.of("erasure", "change");

    private final DataSource dataSource;
    private final PoolModel model;
    private final Vault vault;

    /**
     * Something that should not be there.
     *
     * @param row its place in the table
     * @param what {@code record}, {@code identifier}, {@code number}, {@code id} or {@code value}
     */
    public record Found(String table, String column, String row, String what) {}

    /**
     * What a search came to.
     *
     * @param rows how many were searched, by table
     */
    public record Report(Map<String, Long> rows, List<Found> found) {
        public Report {
            found = List.copyOf(found);
        }

        public boolean isClean() {
            return found.isEmpty();
        }
    }

    public Remnants(DataSource dataSource, PoolModel model, Vault vault) {
        this.dataSource = dataSource;
        this.model = model;
        this.vault = vault;
    }

    /**
     * Searches.
     *
     * @param values in clear, that are not to occur anywhere either; of at least two characters
     */
    public Report search(List<String> values) {
        if (values.stream().anyMatch(v -> v.strip().length() < 2)) {
            throw new PoolException(PoolException.Kind.INVALID, "A value to search for has two characters or more");
        }
        try (Connection db = dataSource.getConnection()) {
            db.setAutoCommit(false);
            db.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            db.setReadOnly(true);
            try {
                return new Search(db, values).all();
            } finally {
                db.rollback();
                db.setReadOnly(false);
                db.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                db.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw Failures.of("Could not search the pool", e);
        }
    }

    private final class Search {
        private final Connection db;
        private final List<String> values;
        private final Streams streams;
        private final Tombstones tombstones;
        private final Set<Long> ids = new TreeSet<>();
        private final List<Found> found = new ArrayList<>();
        private String table = "";
        private String column = "";
        private String row = "";

        Search(Connection db, List<String> values) throws SQLException {
            this.db = db;
            this.values = values;
            this.streams = Streams.load(db, model);
            this.tombstones = Tombstones.load(db);
            try (PreparedStatement select = db.prepareStatement("select id from pool.entity where status = 'ERASED'");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getLong(1));
                }
            }
        }

        Report all() throws SQLException {
            Map<String, Map<String, String>> tables = new LinkedHashMap<>();
            try (PreparedStatement select = db.prepareStatement(SELECT_COLUMNS);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    tables.computeIfAbsent(rows.getString(1), t -> new LinkedHashMap<>())
                            .put(rows.getString(2), rows.getString(3));
                }
            }
            Map<String, Long> rows = new LinkedHashMap<>();
            for (Map.Entry<String, Map<String, String>> e : tables.entrySet()) {
                table = e.getKey();
                rows.put(table, table(e.getValue()));
            }
            return new Report(rows, found);
        }

        private long table(Map<String, String> columns) throws SQLException {
            boolean isRecord = "integer".equals(columns.get("stream_id")) && "text".equals(columns.get("key"));
            long count = 0;
            try (PreparedStatement select =
                    db.prepareStatement("select t.ctid::text as \"where it is\", t.* from pool.\"" + table + "\" t")) {
                select.setFetchSize(FETCH);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        count++;
                        row = rows.getString(1);
                        if (isRecord) {
                            column = "key";
                            record(streams.get(rows.getInt("stream_id")).id(), rows.getString("key"));
                        }
                        for (Map.Entry<String, String> c : columns.entrySet()) {
                            column = c.getKey();
                            cell(rows, c.getValue());
                        }
                    }
                }
            }
            return count;
        }

        private void cell(ResultSet rows, String type) throws SQLException {
            switch (type) {
                case "text", "character varying", "name" -> text(rows.getString(column));
                case "jsonb", "json" -> json(rows.getString(column));
                case "ARRAY" -> {
                    Array array = rows.getArray(column);
                    if (array != null && array.getArray() instanceof String[] texts) {
                        Arrays.asList(texts).forEach(this::text);
                    }
                }
                case "bytea" -> bytes(rows.getBytes(column));
                case "bigint" -> {
                    if (IDS.contains(column) && !WITH_ID.contains(table) && ids.contains(rows.getLong(column))) {
                        note("id");
                    }
                }
                default -> {
                    // Numbers, times and truth: nothing of anybody by themselves.
                }
            }
        }

        private void bytes(byte @Nullable [] bytes) {
            if (bytes != null) {
                byte[] clear = bytes;
                try {
                    clear = vault.open(bytes);
                } catch (PoolException e) {
                    // Not sealed: a digest, or plain content.
                }
                clear(new String(clear, StandardCharsets.UTF_8));
            }
        }

        private void text(@Nullable String text) {
            if (text == null || text.isEmpty()) {
                return;
            }
            if (text.startsWith("[") || text.startsWith("{")) {
                JsonNode tree = parse(text);
                if (tree != null) {
                    walk(tree);
                    return;
                }
            }
            leaf(text);
        }

        private void json(@Nullable String text) {
            JsonNode tree = text == null ? null : parse(text);
            if (tree != null) {
                walk(tree);
            }
        }

        private @Nullable JsonNode parse(String text) {
            try {
                return JSON.readTree(text);
            } catch (JsonProcessingException e) {
                return null;
            }
        }

        private void walk(JsonNode node) {
            if (node.isTextual()) {
                leaf(node.textValue());
            } else if (node.isArray()
                    && node.size() > 1
                    && node.get(0).isInt()
                    && node.get(1).isTextual()) {
                // As lineages have it: number of the stream, key.
                for (DeclaredStream stream : streams.all().values()) {
                    if (stream.number() == node.get(0).intValue()) {
                        record(stream.id(), node.get(1).textValue());
                    }
                }
            }
            node.forEach(this::walk);
        }

        private void leaf(String text) {
            if (Vault.isSealed(text)) {
                try {
                    clear(vault.open(text));
                } catch (PoolException e) {
                    // It only looks like something sealed.
                    clear(text);
                }
            } else {
                clear(text);
            }
        }

        private void clear(String text) {
            for (String value : values) {
                if (text.contains(value)) {
                    note("value");
                }
            }
            if (tombstones.isErasedIn(text, model, vault)) {
                note("number");
            }
            int digest = text.indexOf("mac1:");
            if (digest >= 0 && isIdentifier(text.substring(digest))) {
                note("identifier");
            }
            for (StreamId stream : streams.all().keySet()) {
                String start = stream + "/";
                int at = text.indexOf(start);
                if (at >= 0) {
                    record(stream, text.substring(at + start.length()));
                }
            }
        }

        private boolean isIdentifier(String stored) {
            return model.identifierNames().stream()
                    .map(name -> model.findIdentifier(name).orElseThrow().rule())
                    .filter(IdentifierRule::sensitive)
                    .anyMatch(rule -> tombstones.isErased(rule.name(), stored, vault));
        }

        private void record(StreamId stream, String key) {
            if (!key.isEmpty() && tombstones.isErased(new RecordRef(stream, key), vault)) {
                note("record");
            }
        }

        private void note(String what) {
            found.add(new Found(table, column, row, what));
        }
    }
}
