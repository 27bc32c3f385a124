package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What has to be known of a captured MariaDB besides its changes. One short connection a question. */
final class BinlogDatabase implements AutoCloseable {
    /** Above so many rows the server's estimate does. */
    private static final long MANY_ROWS = 1_000_000;

    private final Connection connection;
    private final String database;

    /** A place in the binary log. */
    record End(String file, long bytes, String gtids) {}

    private BinlogDatabase(Connection connection, String database) {
        this.connection = connection;
        this.database = database;
    }

    /** @throws ConnectorException {@code UNREACHABLE} */
    static BinlogDatabase connect(String url, String database, String username, String password) {
        Properties properties = new Properties();
        properties.put("user", username);
        properties.put("password", password);
        properties.put("connectTimeout", "5000");
        properties.put("socketTimeout", "60000");
        properties.put("allowLocalInfile", "false");
        try {
            return new BinlogDatabase(DriverManager.getConnection(url, properties), database);
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
    private static ConnectorException failed(String what, SQLException e) {
        return Authorities.findRefusal(e).orElseGet(() -> failure(what, e));
    }

    private static ConnectorException failure(String what, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("28") || state.equals("42000")) {
            return new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "privileges",
                    "the source database " + what + " (SQLSTATE " + state + "); check user and password, and grant"
                            + " SELECT on the tables and RELOAD, REPLICATION SLAVE, BINLOG MONITOR on *.*",
                    e);
        }
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                "source-database",
                "the source database " + what + " (SQLSTATE " + state + "); trying again later",
                e);
    }

    /** A variable of the server; empty if it has none of that name. */
    Optional<String> findSetting(String name) {
        try (PreparedStatement query = connection.prepareStatement("show global variables where variable_name = ?")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? Optional.ofNullable(rows.getString(2)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw failed("does not tell its settings", e);
        }
    }

    /** Whether it is MariaDB and not another database that speaks the same protocol. */
    boolean isMariaDb() {
        try {
            return connection.getMetaData().getDatabaseProductName().equalsIgnoreCase("MariaDB");
        } catch (SQLException e) {
            throw failed("does not tell what it is", e);
        }
    }

    /** Where the binary log ends now. */
    End end() {
        try (PreparedStatement query = connection.prepareStatement("show master status");
                ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                throw new ConnectorException(
                        ConnectorException.Kind.UNEXPECTED,
                        "binary-log",
                        "the source database has no binary log; set log_bin and restart it");
            }
            return new End(
                    rows.getString(1),
                    rows.getLong(2),
                    findSetting("gtid_binlog_pos").orElse(""));
        } catch (SQLException e) {
            throw failed("does not tell where its binary log ends", e);
        }
    }

    /** The files of the binary log that are there, with their sizes, the oldest first. */
    Map<String, Long> binaryLogs() {
        try (PreparedStatement query = connection.prepareStatement("show binary logs");
                ResultSet rows = query.executeQuery()) {
            Map<String, Long> files = new LinkedHashMap<>();
            while (rows.next()) {
                files.put(rows.getString(1), rows.getLong(2));
            }
            return files;
        } catch (SQLException e) {
            throw failed("does not tell its binary logs", e);
        }
    }

    /** Which transactions are in the binary log before a place; null if it does not say. */
    @Nullable
    String gtidsBefore(String file, long bytes) {
        try (PreparedStatement query = connection.prepareStatement("select binlog_gtid_pos(?, ?)")) {
            query.setString(1, file);
            query.setLong(2, bytes);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        } catch (SQLException e) {
            // A place that is the beginning of no event, among others.
            return null;
        }
    }

    /** Columns of each table, by table. */
    Map<String, Set<String>> columns() {
        return names("select table_name, column_name from information_schema.columns where table_schema = ?");
    }

    /** Columns of each table's primary key, by table. */
    Map<String, Set<String>> primaryKeys() {
        return names("select table_name, column_name from information_schema.columns"
                + " where table_schema = ? and column_key = 'PRI'");
    }

    private Map<String, Set<String>> names(String sql) {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, database);
            try (ResultSet rows = query.executeQuery()) {
                Map<String, Set<String>> names = new TreeMap<>();
                while (rows.next()) {
                    names.computeIfAbsent(rows.getString(1), t -> new TreeSet<>())
                            .add(rows.getString(2));
                }
                return names;
            }
        } catch (SQLException e) {
            throw failed("does not tell its columns", e);
        }
    }

    /** Charset of each text column of a table, by column; other columns are not in it. */
    Map<String, String> charsets(String table) {
        try {
            return ColumnCharsets.names(connection, database, table);
        } catch (SQLException e) {
            throw failed("does not tell its charsets", e);
        }
    }

    /** Rows of a table: counted while it is small, else what the server believes. */
    long rows(String table) {
        String sql = "select table_rows from information_schema.tables where table_schema = ? and table_name = ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, database);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                if (rows.next() && rows.getLong(1) > MANY_ROWS) {
                    return rows.getLong(1);
                }
            }
            try (PreparedStatement counting =
                            connection.prepareStatement("select count(*) from " + ColumnCharsets.quoted(table));
                    ResultSet rows = counting.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw failed("cannot be counted, table " + table, e);
        }
    }
}
