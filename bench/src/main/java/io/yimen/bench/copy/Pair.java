package io.yimen.bench.copy;

import io.yimen.bench.Cpu;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.SimulatorException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Two PostgreSQL servers, one that is copied from and one that is copied to, each as durable as a real one. Every life
 * of a system has a database of its own on each; that of the source begins as a copy of the seeded one.
 */
final class Pair implements AutoCloseable {
    private static final String SEED = "seed";
    private static final String BENCH = "bench";
    private static final int HANDED_AT_ONCE = 1 << 16;
    private static final Map<String, String> SETTINGS =
            Map.of("max_wal_size", "8GB", "checkpoint_timeout", "30min", "log_checkpoints", "off");

    final EmbeddedDatabase source;
    final EmbeddedDatabase target;
    private final Width width;
    private final Map<Long, EmbeddedDatabase> outside = new HashMap<>();
    private final Map<EmbeddedDatabase, Long> ended = new HashMap<>();

    private Pair(EmbeddedDatabase source, EmbeddedDatabase target, Width width) {
        this.source = source;
        this.target = target;
        this.width = width;
    }

    /** Starts both and fills the seeded database. */
    static Pair start(Path folder, Width width, long seed, int rows) throws SQLException {
        EmbeddedDatabase source = EmbeddedDatabase.start(folder.resolve("source"), SETTINGS);
        try {
            Pair pair = new Pair(source, EmbeddedDatabase.start(folder.resolve("target"), SETTINGS), width);
            Runtime.getRuntime().addShutdownHook(new Thread(pair::close));
            pair.fill(seed, rows);
            return pair;
        } catch (SQLException | SimulatorException e) {
            source.close();
            throw e;
        }
    }

    List<CopyTable> tables() {
        return width.tables();
    }

    private void fill(long seed, int rows) throws SQLException {
        source.createDatabase(SEED);
        try (Connection connection = source.connect(SEED)) {
            execute(connection, tables().stream().map(CopyTable::create).toList());
            CopyText[] copies = new CopyText[tables().size()];
            List<Connection> connections = new ArrayList<>();
            for (int t = 0; t < copies.length; t++) {
                connections.add(source.connect(SEED));
                copies[t] = new CopyText(connections.get(t), tables().get(t));
            }
            Rows.forEach(width, seed, 1, rows, (table, values) -> copies[table].add(values));
            for (CopyText copy : copies) {
                copy.end();
            }
            for (Connection each : connections) {
                each.close();
            }
            execute(connection, List.of("vacuum (freeze, analyze)"));
        }
    }

    /** The database that this life copies from, and an empty one to copy to. */
    void open() throws SQLException {
        close(source, SEED);
        drop();
        try (Connection connection = source.connect("postgres")) {
            execute(connection, List.of("create database " + BENCH + " template " + SEED + " strategy file_copy"));
        }
        target.createDatabase(BENCH);
        for (EmbeddedDatabase server : List.of(source, target)) {
            try (Connection connection = server.connect("postgres")) {
                execute(connection, List.of("checkpoint"));
            }
        }
    }

    /** Removes what the last life left. */
    void drop() throws SQLException {
        outside.clear();
        try (Connection connection = source.connect("postgres")) {
            for (int attempt = 0; attempt < 100; attempt++) {
                List<String> slots = strings(
                        connection, "select slot_name from pg_replication_slots where database = '" + BENCH + "'");
                if (slots.isEmpty()) {
                    break;
                }
                execute(
                        connection,
                        List.of("select pg_terminate_backend(active_pid) from pg_replication_slots"
                                + " where active_pid is not null and database = '" + BENCH + "'"));
                execute(
                        connection,
                        List.of("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                                + " where active_pid is null and database = '" + BENCH + "'"));
            }
        }
        for (EmbeddedDatabase server : List.of(source, target)) {
            try (Connection connection = server.connect("postgres")) {
                execute(connection, List.of("drop database if exists " + BENCH + " with (force)"));
            }
        }
    }

    private static void close(EmbeddedDatabase server, String database) throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            execute(
                    connection,
                    List.of("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '" + database
                            + "'"));
        }
    }

    String sourceUrl() {
        return source.jdbcUrl(BENCH);
    }

    String targetUrl() {
        return target.jdbcUrl(BENCH);
    }

    String database() {
        return BENCH;
    }

    /** A connection of the bench itself, whose CPU is nobody's: to write, or to look. */
    Connection outside(EmbeddedDatabase server) throws SQLException {
        Connection connection = server.connect(BENCH);
        outside.put((long) connection.unwrap(PGConnection.class).getBackendPID(), server);
        return connection;
    }

    /** Ends a connection of {@link #outside}. */
    void end(Connection connection) throws SQLException {
        long pid = connection.unwrap(PGConnection.class).getBackendPID();
        long spent = Cpu.ofProcess(pid);
        connection.close();
        EmbeddedDatabase server = outside.remove(pid);
        if (server != null) {
            ended.merge(server, spent, Long::sum);
        }
    }

    /** Nanoseconds of one of the servers, without what the bench's own connections take. */
    long cpu(EmbeddedDatabase server) {
        long own = ended.getOrDefault(server, 0L);
        for (Map.Entry<Long, EmbeddedDatabase> each : outside.entrySet()) {
            own += each.getValue() == server ? Cpu.ofProcess(each.getKey()) : 0;
        }
        return Cpu.ofTree(server.pid()) - own;
    }

    /** Keeps everybody away from the tables of the source until it is closed. */
    Connection gate() throws SQLException {
        Connection connection = outside(source);
        connection.setAutoCommit(false);
        execute(
                connection,
                List.of("lock table " + tables().stream().map(CopyTable::name).collect(Collectors.joining(", "))));
        return connection;
    }

    /** Whether somebody waits at the {@link #gate}. */
    boolean isAwaited() throws SQLException {
        try (Connection connection = source.connect("postgres")) {
            return !strings(
                            connection,
                            "select pid::text from pg_stat_activity where wait_event_type = 'Lock' and datname = '"
                                    + BENCH + "'")
                    .isEmpty();
        }
    }

    static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static List<String> strings(Connection connection, String query) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    /** Writes the rows of a table that are among {@code rows} in the transaction of the connection. */
    static void copyIn(Connection connection, CopyTable table, int number, List<Rows.Row> rows) throws SQLException {
        CopyText copy = new CopyText(connection, table);
        for (Rows.Row row : rows) {
            if (row.table() == number) {
                copy.add(row.values());
            }
        }
        copy.end();
    }

    /** One statement for each table, to be given rows. */
    List<PreparedStatement> inserts(Connection connection) throws SQLException {
        List<PreparedStatement> inserts = new ArrayList<>();
        for (CopyTable table : tables()) {
            inserts.add(connection.prepareStatement(table.insert()));
        }
        return inserts;
    }

    static PreparedStatement filled(List<PreparedStatement> inserts, Rows.Row row) throws SQLException {
        PreparedStatement insert = inserts.get(row.table());
        for (int i = 0; i < row.values().length; i++) {
            insert.setString(i + 1, row.values()[i]);
        }
        return insert;
    }

    @Override
    public void close() {
        try {
            target.close();
        } finally {
            source.close();
        }
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
            byte[] bytes = text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            copy.writeToCopy(bytes, 0, bytes.length);
            text.setLength(0);
        }

        void end() throws SQLException {
            flush();
            copy.endCopy();
        }
    }
}
