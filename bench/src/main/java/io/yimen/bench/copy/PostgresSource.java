package io.yimen.bench.copy;

import io.yimen.bench.Cpu;
import io.yimen.simulators.EmbeddedDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** PostgreSQL. */
final class PostgresSource implements CopySource {
    private static final int HANDED_AT_ONCE = 1 << 16;

    final EmbeddedDatabase server;
    private final List<CopyTable> tables;
    private final OwnConnections own = new OwnConnections(PostgresSource::cpuOf);

    PostgresSource(EmbeddedDatabase server, List<CopyTable> tables) {
        this.server = server;
        this.tables = tables;
    }

    /** A process of its own serves each connection. */
    static LongSupplier cpuOf(Connection connection) throws SQLException {
        long pid = connection.unwrap(PGConnection.class).getBackendPID();
        return () -> Cpu.ofProcess(pid);
    }

    @Override
    public void fill(Width width, long seed, int rows) throws SQLException {
        server.createDatabase(SEED);
        try (Connection connection = server.connect(SEED)) {
            Pair.execute(connection, tables.stream().map(CopyTable::create).toList());
            CopyText[] copies = new CopyText[tables.size()];
            List<Connection> connections = new ArrayList<>();
            for (int t = 0; t < copies.length; t++) {
                connections.add(server.connect(SEED));
                copies[t] = new CopyText(connections.get(t), tables.get(t));
            }
            Rows.forEach(width, seed, 1, rows, (table, values) -> copies[table].add(values));
            for (CopyText copy : copies) {
                copy.end();
            }
            for (Connection each : connections) {
                each.close();
            }
            Pair.execute(connection, List.of("vacuum (freeze, analyze)"));
        }
    }

    @Override
    public void open() throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            Pair.execute(
                    connection,
                    List.of("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '" + SEED
                            + "'"));
            Pair.execute(
                    connection,
                    List.of("create database " + BENCH + " template " + SEED + " strategy file_copy", "checkpoint"));
        }
    }

    @Override
    public void drop() throws SQLException {
        own.forget();
        try (Connection connection = server.connect("postgres")) {
            for (int attempt = 0; attempt < 100; attempt++) {
                List<String> slots = Pair.strings(
                        connection, "select slot_name from pg_replication_slots where database = '" + BENCH + "'");
                if (slots.isEmpty()) {
                    break;
                }
                Pair.execute(
                        connection,
                        List.of("select pg_terminate_backend(active_pid) from pg_replication_slots"
                                + " where active_pid is not null and database = '" + BENCH + "'"));
                Pair.execute(
                        connection,
                        List.of("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                                + " where active_pid is null and database = '" + BENCH + "'"));
            }
            Pair.execute(connection, List.of("drop database if exists " + BENCH + " with (force)"));
        }
    }

    @Override
    public Connection connect() throws SQLException {
        return server.connect(BENCH);
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
        connection.setAutoCommit(false);
        Pair.execute(
                connection,
                List.of("lock table " + tables.stream().map(CopyTable::name).collect(Collectors.joining(", "))));
        return connection;
    }

    @Override
    public boolean isAwaited() throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            return !Pair.strings(
                            connection,
                            "select pid::text from pg_stat_activity where wait_event_type = 'Lock' and datname = '"
                                    + BENCH + "'")
                    .isEmpty();
        }
    }

    @Override
    public void openGate(Connection gate) throws SQLException {
        gate.rollback();
    }

    @Override
    public String insert(CopyTable table) {
        return table.insert();
    }

    @Override
    public String fingerprint(CopyTable table) {
        return table.fingerprint();
    }

    @Override
    public void load(Connection connection, CopyTable table, int number, List<Rows.Row> rows) throws SQLException {
        CopyText copy = new CopyText(connection, table);
        for (Rows.Row row : rows) {
            if (row.table() == number) {
                copy.add(row.values());
            }
        }
        copy.end();
    }

    @Override
    public String quoted(String column) {
        return '"' + column + '"';
    }

    @Override
    public String url() {
        return server.jdbcUrl(BENCH);
    }

    @Override
    public String user() {
        return EmbeddedDatabase.SUPERUSER;
    }

    @Override
    public String password() {
        return server.password();
    }

    @Override
    public String kind() {
        return "capture-postgres";
    }

    @Override
    public Properties debezium(String prefix, Path folder) {
        Properties p = new Properties();
        p.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        p.put("plugin.name", "pgoutput");
        p.put("database.hostname", "127.0.0.1");
        p.put("database.port", Integer.toString(server.port()));
        p.put("database.dbname", BENCH);
        p.put("database.user", user());
        p.put("database.password", password());
        p.put("slot.name", "bench");
        p.put("publication.name", "bench");
        p.put("publication.autocreate.mode", "filtered");
        return p;
    }

    @Override
    public String schema() {
        return "public";
    }

    @Override
    public void close() {
        server.close();
    }

    /** Rows on their way into a table, as text. */
    private static final class CopyText {
        private final CopyIn copy;
        private final StringBuilder text = new StringBuilder();

        CopyText(Connection connection, CopyTable table) throws SQLException {
            copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn("copy " + table.name() + " from stdin");
        }

        void add(@Nullable String[] values) {
            for (int i = 0; i < values.length; i++) {
                String value = values[i];
                text.append(i == 0 ? "" : "\t").append(value == null ? "\\N" : value);
            }
            text.append('\n');
            if (text.length() > HANDED_AT_ONCE) {
                try {
                    flush();
                } catch (SQLException e) {
                    throw new IllegalStateException("The rows of the bench are not taken", e);
                }
            }
        }

        private void flush() throws SQLException {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            copy.writeToCopy(bytes, 0, bytes.length);
            text.setLength(0);
        }

        void end() throws SQLException {
            flush();
            copy.endCopy();
        }
    }
}
