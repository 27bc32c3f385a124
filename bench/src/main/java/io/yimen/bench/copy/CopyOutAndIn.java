package io.yimen.bench.copy;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** {@code COPY} out and in, table after table, one commit each: what nothing can be faster than. */
final class CopyOutAndIn implements CopySystem {
    private final Pair pair;
    private final TableTarget target;
    private volatile long spent;
    private @Nullable Thread copying;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    CopyOutAndIn(Pair pair) {
        this.pair = pair;
        this.target = new TableTarget(pair);
    }

    @Override
    public String name() {
        return "P4 copy";
    }

    @Override
    public boolean follows() {
        return false;
    }

    @Override
    public void prepare() throws SQLException {
        target.create();
    }

    @Override
    public void launch() {
        copying = new Thread(this::copyAll, "copy");
        copying.start();
    }

    private void copyAll() {
        try (Connection from = pair.source.connect();
                Connection to = pair.connectTarget()) {
            for (CopyTable table : pair.tables()) {
                copy(from, to, table.name());
                spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            }
        } catch (SQLException e) {
            failure.completeExceptionally(e);
        }
    }

    private static void copy(Connection from, Connection to, String table) throws SQLException {
        CopyOut out =
                from.unwrap(PGConnection.class).getCopyAPI().copyOut("copy " + table + " to stdout (format binary)");
        CopyIn in = to.unwrap(PGConnection.class).getCopyAPI().copyIn("copy " + table + " from stdin (format binary)");
        for (byte[] part = out.readFromCopy(); part != null; part = out.readFromCopy()) {
            in.writeToCopy(part, 0, part.length);
        }
        in.endCopy();
    }

    @Override
    public void stop() throws InterruptedException {
        Thread running = copying;
        if (running != null) {
            running.join();
        }
    }

    @Override
    public void pause() {
        throw new UnsupportedOperationException("It copies once");
    }

    @Override
    public void resume() {
        throw new UnsupportedOperationException("It copies once");
    }

    @Override
    public List<Long> processes() {
        return List.of();
    }

    @Override
    public long ownCpu() {
        return spent;
    }

    @Override
    public CopyTarget target() {
        return target;
    }

    @Override
    public String lastWords() {
        return failure.isCompletedExceptionally() ? "the copy failed" : "";
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
