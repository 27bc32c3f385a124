package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.postgresql.replication.LogSequenceNumber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be known of a captured database besides its changes. One short connection a question. */
final class SourceDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceDatabase.class);

    private final Connection connection;

    /** The replication slot as the database keeps it. */
    record Slot(boolean active, boolean lost, long restart, long confirmed) {}

    /**
     * A column of a table.
     *
     * @param oid identifies its type
     * @param type name of its type
     * @param builtIn whether that is one of the database's own, no domain and none that somebody has made
     * @param labels whether it is a type of labels, an enum
     */
    record Column(String name, int oid, String type, boolean builtIn, boolean labels) {}

    /** A table with the columns of its primary key, in its order. */
    record Table(Map<String, Column> columns, List<Column> key) {}

    /** Which cluster and timeline log positions belong to. */
    record Cluster(String system, long timeline) {}

    private SourceDatabase(Connection connection) {
        this.connection = connection;
    }

    /** @throws ConnectorException {@code UNREACHABLE} */
    static SourceDatabase connect(String url, String username, String password) {
        return new SourceDatabase(open(url, username, password, Map.of("socketTimeout", "60")));
    }

    /**
     * A connection of its own.
     *
     * @param parameters in the driver's words, besides those of the address
     * @throws ConnectorException {@code UNREACHABLE}
     */
    static Connection open(String url, String username, String password, Map<String, String> parameters) {
        Properties properties = new Properties();
        properties.put("user", username);
        properties.put("password", password);
        properties.put("connectTimeout", "5");
        properties.put("loginTimeout", "10");
        properties.put("ApplicationName", "yimen");
        properties.putAll(parameters);
        try {
            return DriverManager.getConnection(url, properties);
        } catch (SQLException e) {
            throw JdbcAddress.of(url, null).findRefusal(e).orElseGet(() -> failed("cannot be reached", e));
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // it was only read from
        }
    }

    /** SQLSTATE says what failed; the driver's text may quote data and is kept for the cause only. */
    static ConnectorException failed(String what, SQLException e) {
        return Authorities.findRefusal(e)
                .orElseGet(() -> new ConnectorException(
                        ConnectorException.Kind.UNREACHABLE,
                        "source-database",
                        "the source database " + what + " (SQLSTATE " + e.getSQLState() + "); trying again later",
                        e));
    }

    String setting(String name) {
        try (PreparedStatement query = connection.prepareStatement("select current_setting(?)")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        } catch (SQLException e) {
            throw failed("does not tell its settings", e);
        }
    }

    Cluster cluster() {
        String sql = "select system_identifier::text, (select timeline_id from pg_control_checkpoint())"
                + " from pg_control_system()";
        try (PreparedStatement query = connection.prepareStatement(sql);
                ResultSet rows = query.executeQuery()) {
            rows.next();
            return new Cluster(rows.getString(1), rows.getLong(2));
        } catch (SQLException e) {
            throw failed("does not tell which cluster it is", e);
        }
    }

    Optional<Slot> findSlot(String name) {
        String sql = """
                select active, coalesce(wal_status, '') = 'lost', restart_lsn::text, confirmed_flush_lsn::text
                  from pg_replication_slots where slot_name = ?
                """;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                return Optional.of(new Slot(
                        rows.getBoolean(1), rows.getBoolean(2), lsn(rows.getString(3)), lsn(rows.getString(4))));
            }
        } catch (SQLException e) {
            throw failed("does not tell its replication slots", e);
        }
    }

    private static long lsn(@org.jspecify.annotations.Nullable String text) {
        return text == null ? 0 : LogSequenceNumber.valueOf(text).asLong();
    }

    /**
     * Says that the log up to a position is no longer needed, as the slot's reader does while it reads. Left for another
     * time where a reader that was killed a moment ago still looks busy.
     */
    void advanceSlot(String slot, long position) {
        try (PreparedStatement advance = connection.prepareStatement(
                "select pg_replication_slot_advance(slot_name, ?::pg_lsn) from pg_replication_slots"
                        + " where slot_name = ? and not active and confirmed_flush_lsn < ?::pg_lsn")) {
            String lsn = LogSequenceNumber.valueOf(position).asString();
            advance.setString(1, lsn);
            advance.setString(2, slot);
            advance.setString(3, lsn);
            advance.execute();
        } catch (SQLException e) {
            LOG.debug("Slot {} is advanced later", slot, e);
        }
    }

    void dropSlot(String name) {
        try (PreparedStatement query = connection.prepareStatement("select pg_drop_replication_slot(?)")) {
            query.setString(1, name);
            query.execute();
        } catch (SQLException e) {
            throw failed("does not drop the replication slot " + name, e);
        }
    }

    /** Columns of each table, by table. */
    Map<String, Set<String>> columns(String schema) {
        String sql = "select table_name, column_name from information_schema.columns where table_schema = ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, schema);
            try (ResultSet rows = query.executeQuery()) {
                Map<String, Set<String>> columns = new TreeMap<>();
                while (rows.next()) {
                    columns.computeIfAbsent(rows.getString(1), t -> new TreeSet<>())
                            .add(rows.getString(2));
                }
                return columns;
            }
        } catch (SQLException e) {
            throw failed("does not tell its columns", e);
        }
    }

    /** Columns of each table's primary key, by table. */
    Map<String, Set<String>> primaryKeys(String schema) {
        String sql = """
                select c.relname, a.attname
                  from pg_index i
                  join pg_class c on c.oid = i.indrelid
                  join pg_namespace n on n.oid = c.relnamespace
                  join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
                 where i.indisprimary and n.nspname = ?
                """;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, schema);
            try (ResultSet rows = query.executeQuery()) {
                Map<String, Set<String>> keys = new HashMap<>();
                while (rows.next()) {
                    keys.computeIfAbsent(rows.getString(1), t -> new TreeSet<>())
                            .add(rows.getString(2));
                }
                return keys;
            }
        } catch (SQLException e) {
            throw failed("does not tell its primary keys", e);
        }
    }

    /** A table's columns with their types. */
    Table table(String schema, String table) {
        String sql = """
                select a.attname, t.oid::bigint, t.typname, t.typtype = 'b' and s.nspname = 'pg_catalog', t.typtype = 'e',
                       array_position(i.indkey::int2[], a.attnum)
                  from pg_class c
                  join pg_namespace n on n.oid = c.relnamespace
                  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                  join pg_type t on t.oid = a.atttypid
                  join pg_namespace s on s.oid = t.typnamespace
                  left join pg_index i on i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)
                 where n.nspname = ? and c.relname = ?
                 order by 6
                """;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, schema);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                Map<String, Column> columns = new HashMap<>();
                List<Column> key = new ArrayList<>();
                while (rows.next()) {
                    Column column = new Column(
                            rows.getString(1),
                            (int) rows.getLong(2),
                            rows.getString(3),
                            rows.getBoolean(4),
                            rows.getBoolean(5));
                    columns.put(column.name(), column);
                    if (rows.getObject(6) != null) {
                        key.add(column);
                    }
                }
                return new Table(columns, key);
            }
        } catch (SQLException e) {
            throw failed("does not tell the types of its columns", e);
        }
    }

    /**
     * In which order a table's keys come. Text of a database that keeps it in UTF-8 is ordered by its bytes.
     */
    KeyOrder order(String schema, String table, boolean utf8) {
        return KeyOrder.of(table(schema, table).key(), column -> {
            String name = quoted(column.name());
            return switch (column.type()) {
                case "int2", "int4", "int8" -> part(column, KeyOrder.Kind.NUMBER, name, "bigint");
                case "uuid" -> part(column, KeyOrder.Kind.UUID, name, "uuid");
                case "text", "varchar" ->
                    utf8 ? part(column, KeyOrder.Kind.TEXT, name + "::text collate \"C\"", "text") : null;
                case "bpchar" ->
                    utf8 ? part(column, KeyOrder.Kind.PADDED, name + "::text collate \"C\"", "text") : null;
                default -> null;
            };
        });
    }

    private static KeyOrder.Part part(Column column, KeyOrder.Kind kind, String expression, String type) {
        return new KeyOrder.Part(
                column.name(), kind, expression, value -> "'" + value.replace("'", "''") + "'::" + type);
    }

    /**
     * Makes the publication that the log is read through, or lets it have these tables and no others, as the engine would
     * when it starts. What happens to a table before it is published is not in the log that a slot reads.
     */
    void publish(String publication, String schema, Collection<String> tables) {
        Set<String> wanted = new TreeSet<>();
        Set<String> quoted = new TreeSet<>();
        for (String table : tables) {
            wanted.add(schema + "." + table);
            quoted.add(quoted(schema) + "." + quoted(table));
        }
        try (PreparedStatement query = connection.prepareStatement("""
                        select p.puballtables, (select array_agg(t.schemaname || '.' || t.tablename)
                                                  from pg_publication_tables t where t.pubname = p.pubname)
                          from pg_publication p where p.pubname = ?
                        """)) {
            query.setString(1, publication);
            try (ResultSet rows = query.executeQuery()) {
                boolean exists = rows.next();
                if (exists && rows.getBoolean(1)) {
                    return;
                }
                Array published = exists ? rows.getArray(2) : null;
                if (exists && published != null && wanted.equals(Set.of((Object[]) published.getArray()))) {
                    return;
                }
                try (Statement statement = connection.createStatement()) {
                    statement.execute((exists ? "alter publication " : "create publication ")
                            + quoted(publication)
                            + (exists ? " set table " : " for table ")
                            + String.join(", ", quoted));
                }
            }
        } catch (SQLException e) {
            throw failed("does not publish the tables in " + publication, e);
        }
    }

    /**
     * Rows of a table: counted while it is small, else what the planner believes.
     *
     * @param rest which of them, as a condition; empty for all
     */
    long rows(String schema, String table, String rest) {
        List<Long> estimate = new ArrayList<>();
        String sql = "select c.reltuples::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                + " where n.nspname = ? and c.relname = ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, schema);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    estimate.add(rows.getLong(1));
                }
            }
            if (!estimate.isEmpty() && estimate.get(0) > 1_000_000) {
                return estimate.get(0);
            }
            String count = "select count(*) from " + quoted(schema) + "." + quoted(table)
                    + (rest.isEmpty() ? "" : " where " + rest);
            try (PreparedStatement counting = connection.prepareStatement(count);
                    ResultSet rows = counting.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw failed("cannot be counted, table " + table, e);
        }
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
