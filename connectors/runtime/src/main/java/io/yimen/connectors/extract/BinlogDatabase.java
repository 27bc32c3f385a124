package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
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
    /** Charsets in which text is ordered as in UTF-8. */
    private static final Set<String> UTF8 = Set.of("utf8mb4", "utf8mb3", "utf8", "ascii");

    private final Connection connection;
    private final String database;

    /** How a database is reached. */
    record Access(String url, String database, String username, String password) {
        Connection open(Map<String, String> parameters) {
            return BinlogDatabase.open(url, username, password, parameters);
        }
    }

    /** A place in the binary log. */
    record End(String file, long bytes, String gtids) {}

    /** A column of a primary key; without charset where that is not to be relied on. */
    private record KeyColumn(String name, String type, String definition, String charset) {}

    private BinlogDatabase(Connection connection, String database) {
        this.connection = connection;
        this.database = database;
    }

    /** @throws ConnectorException {@code UNREACHABLE} */
    static BinlogDatabase connect(Access access) {
        return new BinlogDatabase(access.open(Map.of("socketTimeout", "60000")), access.database());
    }

    /**
     * A connection of its own.
     *
     * @param parameters in the driver's words, besides those of the address
     * @throws ConnectorException {@code UNREACHABLE}
     */
    private static Connection open(String url, String username, String password, Map<String, String> parameters) {
        Properties properties = new Properties();
        properties.put("user", username);
        properties.put("password", password);
        properties.put("connectTimeout", "5000");
        properties.put("allowLocalInfile", "false");
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
        return Authorities.findRefusal(e).orElseGet(() -> failure(what, e));
    }

    private static ConnectorException failure(String what, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("28") || state.equals("42000")) {
            return new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "privileges",
                    "the source database " + what + " (SQLSTATE " + state + "); check user and password, and grant"
                            + " SELECT on the tables and REPLICATION SLAVE, BINLOG MONITOR on *.*",
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

    /**
     * In which order a table's keys come. Text in UTF-8 is ordered by its bytes.
     *
     * @param text whether the database knows what text columns of the table hold
     */
    KeyOrder order(String table, boolean text) {
        String sql = """
                select c.column_name, c.data_type, c.column_type, coalesce(c.character_set_name, '')
                  from information_schema.statistics s
                  join information_schema.columns c
                    on c.table_schema = s.table_schema and c.table_name = s.table_name and c.column_name = s.column_name
                 where s.table_schema = ? and s.table_name = ? and s.index_name = 'PRIMARY'
                 order by s.seq_in_index
                """;
        List<KeyColumn> key = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, database);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    key.add(new KeyColumn(
                            rows.getString(1), rows.getString(2), rows.getString(3), text ? rows.getString(4) : ""));
                }
            }
        } catch (SQLException e) {
            throw failed("does not tell its primary keys", e);
        }
        return KeyOrder.of(key, BinlogDatabase::part);
    }

    private static KeyOrder.@Nullable Part part(KeyColumn column) {
        String name = ColumnCharsets.quoted(column.name());
        return switch (column.type()) {
            case "tinyint", "smallint", "mediumint", "int" ->
                new KeyOrder.Part(column.name(), KeyOrder.Kind.NUMBER, name, value -> value);
            case "bigint" ->
                column.definition().contains("unsigned")
                        ? null
                        : new KeyOrder.Part(column.name(), KeyOrder.Kind.NUMBER, name, value -> value);
            case "char", "varchar" ->
                UTF8.contains(column.charset())
                        ? new KeyOrder.Part(
                                column.name(),
                                KeyOrder.Kind.TEXT,
                                bytes(name),
                                value -> "x'" + HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8)) + "'")
                        : null;
            default -> null;
        };
    }

    /** Text as its own bytes, whatever the connection's charset. */
    static String bytes(String expression) {
        return "cast(" + expression + " as binary)";
    }

    /**
     * Rows of a table: counted while it is small, else what the server believes.
     *
     * @param condition which of them; empty for all
     */
    long rows(String table, String condition) {
        String sql = "select table_rows from information_schema.tables where table_schema = ? and table_name = ?";
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, database);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                if (rows.next() && rows.getLong(1) > MANY_ROWS) {
                    return rows.getLong(1);
                }
            }
            try (PreparedStatement counting = connection.prepareStatement("select count(*) from "
                            + ColumnCharsets.quoted(table) + (condition.isEmpty() ? "" : " where " + condition));
                    ResultSet rows = counting.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw failed("cannot be counted, table " + table, e);
        }
    }
}
