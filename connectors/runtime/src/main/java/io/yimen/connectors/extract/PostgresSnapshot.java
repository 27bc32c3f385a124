package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A PostgreSQL at one place of its log: a transaction in the snapshot that was exported when a replication slot was made.
 * The slot's log brings what the snapshot does not show, and nothing else.
 */
final class PostgresSnapshot implements TableSnapshot {
    private static final Duration LONG_WAIT = Duration.ofSeconds(5);

    private final Connection reading;
    private final Horizon horizon;
    private final Tables tables;

    /**
     * What is read.
     *
     * @param engine makes the text of types that are not decoded here; closed with the snapshot
     */
    record Tables(String schema, Map<String, SourceDatabase.Table> described, EngineText engine) {}

    /** How a source database is reached. */
    record Access(String url, String username, String password) {
        SourceDatabase connect() {
            return SourceDatabase.connect(url, username, password);
        }

        /** For statements that take as long as they take. */
        private Connection open(Map<String, String> parameters) {
            return SourceDatabase.open(url, username, password, parameters);
        }
    }

    /** What the source says of a slot that it has made. */
    private record Made(long point, String snapshot) {}

    private PostgresSnapshot(Connection reading, Horizon horizon, Tables tables) {
        this.reading = reading;
        this.horizon = horizon;
        this.tables = tables;
    }

    /**
     * Makes a slot and the snapshot that goes with it. The source waits with it until all transactions that have begun
     * before have ended.
     *
     * @param slot its name; there is none yet
     * @param temporary whether it is gone when this returns: only its snapshot is wanted
     */
    static TableSnapshot open(Access access, String slot, boolean temporary, Tables tables, Session session)
            throws InterruptedException {
        Connection exporting = access.open(Map.of(
                "replication",
                "database",
                "assumeMinServerVersion",
                "9.4",
                "preferQueryMode",
                "simple",
                "tcpKeepAlive",
                "true"));
        Connection reading = null;
        try {
            Made made = make(exporting, slot, temporary, session);
            long restart;
            try (SourceDatabase source = access.connect()) {
                restart = source.findSlot(slot)
                        .map(SourceDatabase.Slot::restart)
                        .orElseThrow(() -> new ConnectorException(
                                ConnectorException.Kind.UNEXPECTED,
                                "slot",
                                "the replication slot " + slot + " vanished as soon as it was made"));
            }
            reading = access.open(Map.of("tcpKeepAlive", "true"));
            String transactions = begin(reading, made.snapshot());
            TableSnapshot snapshot =
                    new PostgresSnapshot(reading, new Horizon(restart - 1, made.point(), transactions, null), tables);
            reading = null;
            return snapshot;
        } catch (SQLException e) {
            throw SourceDatabase.failed("does not make the replication slot " + slot, e);
        } finally {
            // The transaction that reads has taken the snapshot over.
            TableSnapshot.abort(exporting);
            TableSnapshot.abort(reading);
        }
    }

    private static Made make(Connection exporting, String slot, boolean temporary, Session session)
            throws InterruptedException, SQLException {
        String sql = "CREATE_REPLICATION_SLOT " + SourceDatabase.quoted(slot) + (temporary ? " TEMPORARY" : "")
                + " LOGICAL pgoutput EXPORT_SNAPSHOT";
        Statement statement = exporting.createStatement();
        CompletableFuture<Made> made = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (ResultSet row = statement.executeQuery(sql)) {
                        row.next();
                        made.complete(new Made(
                                LogSequenceNumber.valueOf(row.getString("consistent_point"))
                                        .asLong(),
                                row.getString("snapshot_name")));
                    } catch (SQLException | RuntimeException e) {
                        made.completeExceptionally(e);
                    }
                },
                "yimen-" + session.connector().id() + "-slot");
        thread.setDaemon(true);
        thread.start();
        long began = System.nanoTime();
        boolean told = false;
        try {
            while (true) {
                Made slotAndSnapshot = wait(made);
                if (slotAndSnapshot != null) {
                    return slotAndSnapshot;
                }
                session.stop().check();
                if (!told && System.nanoTime() - began > LONG_WAIT.toNanos()) {
                    told = true;
                    session.notice("waiting for transactions that are open in the source database: it lets tables be"
                            + " copied when all that began before have ended");
                }
            }
        } finally {
            if (!made.isDone()) {
                // A server that waits does not notice that nobody wants its answer.
                statement.cancel();
            }
        }
    }

    private static @Nullable Made wait(CompletableFuture<Made> made) throws InterruptedException, SQLException {
        try {
            return made.get(100, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException sqlException) {
                throw sqlException;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static String begin(Connection reading, String snapshot) throws SQLException {
        reading.setAutoCommit(false);
        try (Statement statement = reading.createStatement()) {
            statement.execute("set transaction isolation level repeatable read, read only");
            statement.execute("set transaction snapshot '" + snapshot.replace("'", "''") + "'");
            statement.execute("set local standard_conforming_strings = on");
            statement.execute("set local statement_timeout = 0");
            statement.execute("set local idle_in_transaction_session_timeout = 0");
            try (ResultSet row = statement.executeQuery("select txid_current_snapshot()::text")) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** A slot that is made moves the log on. */
    @Override
    public Horizon horizon(long after) {
        return horizon;
    }

    @Override
    public Map<String, Object> beginning() {
        return WriteAheadLog.beginning(horizon.point());
    }

    /** The log says itself what its rows look like. */
    @Override
    public @Nullable String history(@Nullable String before, Collection<String> names) {
        return before;
    }

    /** In the database's binary form. */
    @Override
    public Rows rows(String table, List<String> names, String rest) {
        SourceDatabase.Table described =
                Objects.requireNonNull(tables.described().get(table));
        List<String> expressions = new ArrayList<>();
        ColumnText[] texts = new ColumnText[names.size()];
        for (int i = 0; i < texts.length; i++) {
            SourceDatabase.Column column = described.columns().get(names.get(i));
            if (column == null) {
                throw tables.engine().missing(table, names.get(i));
            }
            ColumnText.Asked asked = ColumnText.of(column, c -> tables.engine().textOf(table, c));
            expressions.add(asked.expression());
            texts[i] = asked.text();
        }
        String query = "select " + String.join(", ", expressions) + " from " + SourceDatabase.quoted(tables.schema())
                + "." + SourceDatabase.quoted(table) + rest;
        try {
            CopyOut rows = reading.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("copy (" + query + ") to stdout (format binary)");
            return new BinaryRows(rows, texts);
        } catch (SQLException e) {
            throw SourceDatabase.failed("does not let a table be copied", e);
        }
    }

    @Override
    public void abort() {
        TableSnapshot.abort(reading);
    }

    @Override
    public void close() {
        TableSnapshot.abort(reading);
        tables.engine().close();
    }
}
