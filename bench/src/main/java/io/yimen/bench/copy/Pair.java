package io.yimen.bench.copy;

import io.yimen.bench.Cpu;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.EmbeddedMariaDb;
import io.yimen.simulators.SimulatorException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two servers, one that is copied from and a PostgreSQL that is copied to, each as durable as a real one. Every life of a
 * system has a database of its own on each.
 */
final class Pair implements AutoCloseable {
    private static final Map<String, String> SETTINGS =
            Map.of("max_wal_size", "8GB", "checkpoint_timeout", "30min", "log_checkpoints", "off");
    private static final Map<String, String> MARIADB_SETTINGS =
            Map.of("innodb-buffer-pool-size", "1G", "innodb-log-file-size", "2G", "max-allowed-packet", "64M");

    final CopySource source;
    final EmbeddedDatabase target;
    private final Width width;
    private final OwnConnections own = new OwnConnections(PostgresSource::cpuOf);

    private Pair(CopySource source, EmbeddedDatabase target, Width width) {
        this.source = source;
        this.target = target;
        this.width = width;
    }

    /** Starts both and fills the seeded database. */
    static Pair start(Path folder, SourceKind kind, Width width, long seed, int rows) throws SQLException {
        CopySource source = switch (kind) {
            case POSTGRES ->
                new PostgresSource(EmbeddedDatabase.start(folder.resolve("source"), SETTINGS), width.tables());
            case MARIADB ->
                new MariaDbSource(EmbeddedMariaDb.start(folder.resolve("source"), MARIADB_SETTINGS), width.tables());
        };
        try {
            Pair pair = new Pair(source, EmbeddedDatabase.start(folder.resolve("target"), SETTINGS), width);
            Runtime.getRuntime().addShutdownHook(new Thread(pair::close));
            source.fill(width, seed, rows);
            return pair;
        } catch (SQLException | SimulatorException e) {
            source.close();
            throw e;
        }
    }

    List<CopyTable> tables() {
        return width.tables();
    }

    /** The database that this life copies from, and an empty one to copy to. */
    void open() throws SQLException {
        drop();
        source.open();
        target.createDatabase(CopySource.BENCH);
        try (Connection connection = target.connect("postgres")) {
            execute(connection, List.of("checkpoint"));
        }
    }

    /** Removes what the last life left. */
    void drop() throws SQLException {
        source.drop();
        own.forget();
        try (Connection connection = target.connect("postgres")) {
            execute(connection, List.of("drop database if exists " + CopySource.BENCH + " with (force)"));
        }
    }

    String targetUrl() {
        return target.jdbcUrl(CopySource.BENCH);
    }

    /** To this life's database on the target. */
    Connection connectTarget() throws SQLException {
        return target.connect(CopySource.BENCH);
    }

    /** A connection of the bench itself that looks at the target, whose CPU is nobody's. */
    Connection looking() throws SQLException {
        return own.add(connectTarget());
    }

    /** Nanoseconds of the target, without what the bench's own connections take. */
    long targetCpu() {
        return Cpu.ofTree(target.pid()) - own.cpu();
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

    /** One statement for each table, to be given rows. */
    List<PreparedStatement> inserts(Connection connection) throws SQLException {
        List<PreparedStatement> inserts = new ArrayList<>();
        for (CopyTable table : tables()) {
            inserts.add(connection.prepareStatement(source.insert(table)));
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
}
