package io.yimen.bench.copy;

import io.yimen.bench.Cpu;
import io.yimen.simulators.EmbeddedMariaDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB. Its binary log holds what a life writes and nothing of how the life's database was made.
 */
final class MariaDbSource implements CopySource {
    /** Sixty of them fit into a row. */
    private static final String TEXT = "varchar(200)";

    private static final int HANDED_AT_ONCE = 5_000;
    /** In one packet each, with its rows; written as rows beside each other into the log. */
    private static final String BULK = "?useBulkStmts=true";

    private static final List<String> UNTOLD = List.of("set session sql_log_bin = 0");

    private final EmbeddedMariaDb server;
    private final List<CopyTable> tables;
    private final OwnConnections own;

    MariaDbSource(EmbeddedMariaDb server, List<CopyTable> tables) {
        this.server = server;
        this.tables = tables;
        this.own = new OwnConnections(this::cpuOf);
    }

    /** A thread serves each connection, and another one when that has ended. */
    private LongSupplier cpuOf(Connection connection) throws SQLException {
        long thread = Long.parseLong(
                Pair.strings(connection, "select tid from information_schema.processlist where id = connection_id()")
                        .get(0));
        return () -> Cpu.ofThread(server.pid(), thread);
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(server.jdbcUrl(database) + BULK, EmbeddedMariaDb.ADMIN, server.password());
    }

    private String create(String database, CopyTable table) {
        return table.columns().stream()
                .map(c -> quoted(c.name()) + " " + (c.type().equals("text") ? TEXT : c.type())
                        + (c == table.columns().get(0) ? " primary key" : ""))
                .collect(Collectors.joining(
                        ", ", "create table " + database + "." + table.name() + " (", ") character set utf8mb4"));
    }

    @Override
    public void fill(Width width, long seed, int rows) throws SQLException {
        try (Connection connection = connect("")) {
            // Debezium cannot begin with a log in which nothing was ever written.
            Pair.execute(connection, List.of("create database " + SEED, "use " + SEED));
            Pair.execute(connection, UNTOLD);
            Pair.execute(connection, tables.stream().map(t -> create(SEED, t)).toList());
            connection.setAutoCommit(false);
            List<Loading> loading = new ArrayList<>();
            for (CopyTable table : tables) {
                loading.add(new Loading(connection, table));
            }
            Rows.forEach(width, seed, 1, rows, (table, values) -> {
                try {
                    if (loading.get(table).add(values)) {
                        connection.commit();
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException("The rows of the bench are not taken", e);
                }
            });
            for (Loading each : loading) {
                each.end();
            }
            connection.commit();
        }
    }

    @Override
    public void open() throws SQLException {
        try (Connection connection = connect("")) {
            Pair.execute(connection, UNTOLD);
            Pair.execute(connection, List.of("create database " + BENCH));
            for (CopyTable table : tables) {
                Pair.execute(
                        connection,
                        List.of(
                                create(BENCH, table),
                                "insert into " + BENCH + "." + table.name() + " select * from " + SEED + "."
                                        + table.name(),
                                "analyze no_write_to_binlog table " + BENCH + "." + table.name()));
            }
            // Every page goes to its file before that is granted.
            Pair.execute(
                    connection,
                    List.of(
                            "flush no_write_to_binlog tables "
                                    + tables.stream()
                                            .map(t -> BENCH + "." + t.name())
                                            .collect(Collectors.joining(", "))
                                    + " for export",
                            "unlock tables"));
        }
    }

    @Override
    public void drop() throws SQLException {
        own.forget();
        try (Connection connection = connect("")) {
            Pair.execute(connection, UNTOLD);
            Pair.execute(connection, List.of("drop database if exists " + BENCH));
        }
    }

    @Override
    public Connection connect() throws SQLException {
        return connect(BENCH);
    }

    @Override
    public Connection outside() throws SQLException {
        return own.add(connect());
    }

    @Override
    public void end(Connection connection) throws SQLException {
        own.end(connection);
    }

    @Override
    public long cpu() {
        return Cpu.ofTree(server.pid()) - own.cpu();
    }

    @Override
    public Connection gate() throws SQLException {
        Connection connection = outside();
        Pair.execute(
                connection,
                List.of("lock tables "
                        + tables.stream().map(t -> t.name() + " write").collect(Collectors.joining(", "))));
        return connection;
    }

    @Override
    public boolean isAwaited() throws SQLException {
        try (Connection connection = connect("")) {
            // Between two locks nobody has more to ask than what takes a moment.
            return !Pair.strings(
                            connection,
                            "select id from information_schema.processlist where command = 'Query'"
                                    + " and id <> connection_id() and time_ms > 200")
                    .isEmpty();
        }
    }

    @Override
    public void openGate(Connection gate) throws SQLException {
        Pair.execute(gate, List.of("unlock tables"));
    }

    @Override
    public String insert(CopyTable table) {
        return table.columns().stream()
                .map(c -> "?")
                .collect(Collectors.joining(", ", "insert into " + table.name() + " values (", ")"));
    }

    @Override
    public String fingerprint(CopyTable table) {
        return table.columns().stream()
                .map(c -> "coalesce(cast(" + quoted(c.name()) + " as char), '\\\\N')")
                .collect(Collectors.joining(
                        ", ",
                        "select concat(count(*), ' rows, hash ', coalesce(sum(cast(conv(left(md5(concat_ws('\t', ",
                        ")), 15), 16, 10) as unsigned)), 0)) from " + table.name()));
    }

    @Override
    public void load(Connection connection, CopyTable table, int number, List<Rows.Row> rows) throws SQLException {
        Loading loading = new Loading(connection, table);
        for (Rows.Row row : rows) {
            if (row.table() == number) {
                loading.add(row.values());
            }
        }
        loading.end();
    }

    @Override
    public String quoted(String column) {
        return '`' + column + '`';
    }

    @Override
    public String url() {
        return server.jdbcUrl(BENCH);
    }

    @Override
    public String user() {
        return EmbeddedMariaDb.ADMIN;
    }

    @Override
    public String password() {
        return server.password();
    }

    @Override
    public String kind() {
        return "capture-mysql";
    }

    @Override
    public Properties debezium(String prefix, Path folder) {
        Properties p = new Properties();
        p.put("connector.class", "io.debezium.connector.mariadb.MariaDbConnector");
        p.put("database.hostname", "127.0.0.1");
        p.put("database.port", Integer.toString(server.port()));
        p.put("database.user", user());
        p.put("database.password", password());
        p.put("database.server.id", "4711");
        p.put("database.include.list", BENCH);
        p.put("include.schema.changes", "false");
        p.put("snapshot.lock.timeout.ms", "600000");
        p.put("schema.history.internal", "io.debezium.storage.file.history.FileSchemaHistory");
        p.put(
                "schema.history.internal.file.filename",
                folder.resolve(prefix + "-history").toString());
        p.put("schema.history.internal.store.only.captured.tables.ddl", "true");
        return p;
    }

    @Override
    public String schema() {
        return BENCH;
    }

    @Override
    public void close() {
        server.close();
    }

    /** Rows on their way into a table, many in one packet. */
    private final class Loading {
        private final PreparedStatement insert;
        private int waiting;

        Loading(Connection connection, CopyTable table) throws SQLException {
            insert = connection.prepareStatement(insert(table));
        }

        /** Returns whether rows were handed over. */
        boolean add(@Nullable String[] values) throws SQLException {
            for (int i = 0; i < values.length; i++) {
                insert.setString(i + 1, values[i]);
            }
            insert.addBatch();
            waiting++;
            if (waiting < HANDED_AT_ONCE) {
                return false;
            }
            insert.executeBatch();
            waiting = 0;
            return true;
        }

        void end() throws SQLException {
            if (waiting > 0) {
                insert.executeBatch();
            }
            insert.close();
        }
    }
}
