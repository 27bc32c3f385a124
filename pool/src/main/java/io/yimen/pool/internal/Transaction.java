package io.yimen.pool.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The transaction that applies a batch.
 *
 * <p>A small batch waits more for the server than it lets it work. So statements that nobody waits for are gathered and
 * travel with the next question, in the order in which they were given: whoever asks sees what was done before, and a
 * statement that fails fails the transaction. A large batch lets the server work: what it wrote is sent ahead, and the
 * server writes it while the next records are recognised.
 */
final class Transaction {
    private static final Executor AHEAD = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "yimen-pool-ahead");
        thread.setDaemon(true);
        return thread;
    });

    private final Connection db;
    private final Streams streams;
    private final long run;
    private final Instant at;
    private final List<Waiting> waiting = new ArrayList<>();
    /** What was sent ahead and is not known to be done. */
    private @Nullable CompletableFuture<Void> ahead;

    /** A statement on its way; whoever sent it learns the rows that it gives, or how many it touched. */
    private record Waiting(String sql, Sql.@Nullable Reader reader, IntConsumer told, Sql.Parameter[] parameters) {}

    /**
     * @param run the run that counts it; 0 for the pool's own work
     * @param at the time that everything written in it carries
     */
    Transaction(Connection db, Streams streams, long run, Instant at) {
        this.db = db;
        this.streams = streams;
        this.run = run;
        this.at = at;
    }

    /** The connection, once all that waits was sent. */
    Connection db() throws SQLException {
        send();
        return db;
    }

    Streams streams() {
        return streams;
    }

    long run() {
        return run;
    }

    Instant at() {
        return at;
    }

    OffsetDateTime timestamp() {
        return at.atOffset(ZoneOffset.UTC);
    }

    /** Has a statement done by the time of the next question. */
    void later(String sql, Sql.Parameter... parameters) {
        later(sql, rows -> {}, parameters);
    }

    /**
     * Has a statement done by the time of the next question.
     *
     * @param told learns how many rows it touched
     */
    void later(String sql, IntConsumer told, Sql.Parameter... parameters) {
        waiting.add(new Waiting(sql, null, told, parameters));
    }

    /** Asks, after all that waits; the answer comes with that to the next question. */
    void along(String sql, Sql.Reader reader, Sql.Parameter... parameters) {
        waiting.add(new Waiting(sql, reader, rows -> {}, parameters));
    }

    /** Asks, after all that waits. */
    void ask(String sql, Sql.Reader reader, Sql.Parameter... parameters) throws SQLException {
        along(sql, reader, parameters);
        send();
    }

    /** Sends what waits, all in one go. */
    void send() throws SQLException {
        awaitAhead();
        if (!waiting.isEmpty()) {
            execute(takeWaiting());
        }
    }

    /**
     * Sends what waits without waiting for it; whoever asks or sends next learns whether it failed. Another thread has
     * the connection meanwhile, which is worth it for many rows only. Whoever fails before that {@link #settle settles}.
     */
    void sendAhead() throws SQLException {
        awaitAhead();
        if (!waiting.isEmpty()) {
            List<Waiting> sent = takeWaiting();
            ahead = CompletableFuture.runAsync(
                    () -> {
                        try {
                            execute(sent);
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    },
                    AHEAD);
        }
    }

    /** Waits for what was sent ahead, whatever comes of it: nobody may roll back or give away the connection before. */
    void settle() {
        CompletableFuture<Void> sent = ahead;
        ahead = null;
        if (sent != null) {
            sent.handle((done, failure) -> done).join();
        }
    }

    private void awaitAhead() throws SQLException {
        CompletableFuture<Void> sent = ahead;
        ahead = null;
        if (sent == null) {
            return;
        }
        try {
            sent.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SQLException failed) {
                throw failed;
            }
            throw e.getCause() instanceof RuntimeException failed ? failed : e;
        }
    }

    private List<Waiting> takeWaiting() {
        List<Waiting> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }

    private void execute(List<Waiting> sent) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(text(sent))) {
            int index = 1;
            for (Waiting one : sent) {
                for (Sql.Parameter parameter : one.parameters) {
                    parameter.set(statement, index++);
                }
            }
            statement.execute();
            for (int i = 0; i < sent.size(); i++) {
                if (i > 0) {
                    statement.getMoreResults();
                }
                read(sent.get(i), statement);
            }
        }
    }

    private static String text(List<Waiting> sent) {
        if (sent.size() == 1) {
            return sent.get(0).sql;
        }
        StringBuilder all = new StringBuilder(4096);
        for (Waiting one : sent) {
            all.append(one.sql).append(';');
        }
        return all.toString();
    }

    private static void read(Waiting one, PreparedStatement statement) throws SQLException {
        if (one.reader == null) {
            one.told.accept(statement.getUpdateCount());
            return;
        }
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
                one.reader.read(rows);
            }
        }
    }
}
