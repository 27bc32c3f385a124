package io.yimen.bench.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.seal.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The pool. A row can be seen when the golden record stands that holds it, or when it waits in quarantine. Equal is what
 * the manifest makes of the source's rows and what the pool's claims say, opened; and every claim is behind a golden
 * record that is in force.
 */
final class PoolTarget implements CopyTarget {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUARANTINED = "quarantined";
    private static final int FETCHED_AT_ONCE = 5_000;
    /** Key by key, lest the planner, who knows nothing yet of tables that are being filled, reads them whole. */
    private static final String SEEN = """
            select k.key, e.active
              from unnest(?::text[]) k (key)
             cross join lateral (select entity_id from pool.source_record
                                  where stream_id = ? and key = k.key offset 0) r
             cross join lateral (select status = 'ACTIVE' active from pool.entity where id = r.entity_id offset 0) e
            union all
            select key, true from pool.quarantine where stream_id = ? and key = any(?) and status = 'WAITING'
            """;

    private final Manifest manifest;
    private final Path vaultKey;
    private final UnaryOperator<String> quoted;
    private final Map<Integer, Integer> streams = new HashMap<>();

    /** How many there are, and the sum of their hashes: the same in whatever order they come. */
    private static final class Content {
        private long records;
        private long waiting;
        private long hash;

        void add(String stream, String key, Map<String, String> fields) {
            records++;
            StringBuilder text = new StringBuilder(stream).append('/').append(key);
            fields.forEach((field, value) ->
                    text.append('\n').append(field).append('=').append(value));
            hash += hash(text.toString());
        }

        void addWaiting(String stream, String key) {
            waiting++;
            hash += hash(stream + '/' + key + '\n' + QUARANTINED);
        }

        private static long hash(String text) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
                return java.nio.ByteBuffer.wrap(digest).getLong();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String toString() {
            return records + " claims, " + waiting + " in quarantine, hash " + hash;
        }
    }

    /**
     * @param vaultKey file with the key under which the hub seals
     * @param quoted a column's name as the source's statements write it
     */
    PoolTarget(Manifest manifest, Path vaultKey, UnaryOperator<String> quoted) {
        this.quoted = quoted;
        this.manifest = manifest;
        this.vaultKey = vaultKey;
    }

    @Override
    public List<Long> seen(Connection looking, int table, List<Long> ids) throws SQLException {
        Integer stream = stream(looking, table);
        if (stream == null) {
            return List.of();
        }
        var keys =
                looking.createArrayOf("text", ids.stream().map(String::valueOf).toArray());
        try (PreparedStatement statement = looking.prepareStatement(SEEN)) {
            statement.setArray(1, keys);
            statement.setInt(2, stream);
            statement.setInt(3, stream);
            statement.setArray(4, keys);
            List<Long> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getBoolean(2)) {
                        found.add(Long.parseLong(rows.getString(1)));
                    }
                }
            }
            return found;
        }
    }

    /** The pool's number of a table's stream; null as long as it knows none. */
    private @Nullable Integer stream(Connection looking, int table) throws SQLException {
        Integer known = streams.get(table);
        if (known == null) {
            String name = manifest.streams().get(table).id();
            List<String> found = Pair.strings(
                    looking,
                    "select id::text from pool.stream where source = '" + manifest.id() + "' and stream = '" + name
                            + "'");
            if (!found.isEmpty()) {
                known = Integer.valueOf(found.get(0));
                streams.put(table, known);
            }
        }
        return known;
    }

    @Override
    public Optional<String> findDifference(Connection source, Connection target) throws SQLException {
        Content expected = new Content();
        for (Manifest.Stream stream : manifest.streams()) {
            expect(source, stream, expected);
        }
        Content held = held(target);
        if (expected.hash != held.hash || expected.records != held.records || expected.waiting != held.waiting) {
            return Optional.of("the source's rows make " + expected + ", the pool holds " + held);
        }
        List<String> loose = Pair.strings(target, """
                select count(*)::text from pool.source_record r left join pool.entity e on e.id = r.entity_id
                where not r.deleted and e.status is distinct from 'ACTIVE' having count(*) > 0""");
        return loose.isEmpty() ? Optional.empty() : Optional.of(loose.get(0) + " claims without a golden record");
    }

    private void expect(Connection source, Manifest.Stream stream, Content content) throws SQLException {
        Columns columns = Columns.of(List.of(stream));
        StreamMapping mapping = StreamMapping.compile(stream, manifest.id(), columns, ManifestTests.zoneOf(manifest));
        String query = "select " + columns.names().stream().map(quoted).collect(Collectors.joining(", ")) + " from "
                + stream.from();
        rows(source, query, row -> {
            @Nullable String[] values = new @Nullable String[columns.size()];
            for (int i = 0; i < values.length; i++) {
                String value = row.getString(i + 1);
                values[i] = value == null ? "" : value;
            }
            mapping.map(values, Position.of(1), new StreamMapping.Output() {
                @Override
                public void event(ChangeEvent event) {
                    Map<String, String> fields = new TreeMap<>();
                    List<String> names = event.stream().fields();
                    for (int i = 0; i < names.size(); i++) {
                        String value = event.value(i);
                        if (value != null && !value.isEmpty()) {
                            fields.put(names.get(i), value);
                        }
                    }
                    content.add(stream.id(), event.key(), fields);
                }

                @Override
                public void rejected(Rejected rejected) {
                    content.addWaiting(stream.id(), rejected.key());
                }

                @Override
                public void skipped(StreamMapping of, String key) {
                    throw new IllegalStateException("The bench skips nothing");
                }
            });
        });
    }

    private Content held(Connection target) throws SQLException {
        Vault vault = Vault.load(vaultKey);
        Content content = new Content();
        rows(
                target,
                "select s.stream, r.key, r.fields::text from pool.source_record r join pool.stream s on s.id = r.stream_id"
                        + " where not r.deleted",
                row -> content.add(row.getString(1), row.getString(2), opened(row.getString(3), vault)));
        rows(
                target,
                "select s.stream, q.key from pool.quarantine q join pool.stream s on s.id = q.stream_id"
                        + " where q.status = 'WAITING'",
                row -> content.addWaiting(row.getString(1), row.getString(2)));
        return content;
    }

    private static Map<String, String> opened(String json, Vault vault) {
        Map<String, String> fields = new TreeMap<>();
        try {
            for (Map.Entry<String, JsonNode> field : JSON.readTree(json).properties()) {
                if (!field.getValue().isNull()) {
                    String value = field.getValue().asText();
                    fields.put(field.getKey(), Vault.isSealed(value) ? vault.open(value) : value);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A claim is no JSON", e);
        }
        return fields;
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private static void rows(Connection connection, String query, RowReader reader) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCHED_AT_ONCE);
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    reader.read(rows);
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }
}
