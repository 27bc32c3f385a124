package io.yimen.bench.copy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** PostgreSQL's own logical replication, which nothing but another PostgreSQL can take. */
final class LogicalReplication implements CopySystem {
    private final Pair pair;
    private final PostgresSource source;
    private final TableTarget target;
    private CompletableFuture<Void> subscribing = CompletableFuture.completedFuture(null);

    LogicalReplication(Pair pair, PostgresSource source) {
        this.pair = pair;
        this.source = source;
        this.target = new TableTarget(pair);
    }

    @Override
    public String name() {
        return "P3 logical replication";
    }

    @Override
    public boolean restarts() {
        return false;
    }

    @Override
    public void prepare() throws SQLException {
        target.create();
        try (Connection connection = pair.source.connect()) {
            Pair.execute(
                    connection,
                    List.of("create publication bench for table "
                            + pair.tables().stream().map(CopyTable::name).collect(Collectors.joining(", "))));
        }
    }

    @Override
    public void launch() {
        // It waits for its slot, and the slot for whoever holds the tables.
        subscribing = CompletableFuture.runAsync(() -> subscribe("create subscription bench connection 'host=127.0.0.1"
                + " port=" + source.server.port() + " dbname=" + CopySource.BENCH + " user=postgres password="
                + source.password() + "' publication bench with (streaming = parallel)"));
    }

    private void subscribe(String sql) {
        try (Connection connection = pair.connectTarget()) {
            Pair.execute(connection, List.of(sql));
        } catch (SQLException e) {
            throw new IllegalStateException("The subscription of the bench failed", e);
        }
    }

    @Override
    public void stop() {
        subscribing.join();
        pause();
    }

    @Override
    public void pause() {
        subscribe("alter subscription bench disable");
    }

    @Override
    public void resume() {
        subscribe("alter subscription bench enable");
    }

    @Override
    public List<Long> processes() {
        return List.of();
    }

    @Override
    public CopyTarget target() {
        return target;
    }

    @Override
    public String lastWords() {
        return pair.target.lastWords();
    }

    @Override
    public void close() {
        stop();
        subscribe("alter subscription bench set (slot_name = none)");
        subscribe("drop subscription bench");
    }
}
