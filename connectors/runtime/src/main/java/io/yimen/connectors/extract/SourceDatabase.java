package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.postgresql.replication.LogSequenceNumber;

/** What has to be known of a captured database besides its changes. One short connection a question. */
final class SourceDatabase implements AutoCloseable {
    private final Connection connection;

    /** The replication slot as the database keeps it. */
    record Slot(boolean active, boolean lost, long restart, long confirmed) {}

    /** Which cluster and timeline log positions belong to. */
    record Cluster(String system, long timeline) {}

    private SourceDatabase(Connection connection) {
        this.connection = connection;
    }

    /** @throws ConnectorException {@code UNREACHABLE} */
    static SourceDatabase connect(String url, String username, String password) {
        Properties properties = new Properties();
        properties.put("user", username);
        properties.put("password", password);
        properties.put("connectTimeout", "5");
        properties.put("loginTimeout", "10");
        properties.put("socketTimeout", "60");
        properties.put("ApplicationName", "yimen");
        try {
            return new SourceDatabase(DriverManager.getConnection(url, properties));
        } catch (SQLException e) {
            throw failed("cannot be reached", e);
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

    /** Rows of a table: counted while it is small, else what the planner believes. */
    long rows(String schema, String table) {
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
            String count = "select count(*) from " + quoted(schema) + "." + quoted(table);
            try (PreparedStatement counting = connection.prepareStatement(count);
                    ResultSet rows = counting.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw failed("cannot be counted, table " + table, e);
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
