package io.yimen.pool.account;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * Hears from PostgreSQL that sessions ended, in whatever process that was: {@link Accounts} tells of it in the very
 * transaction. A thread and a connection of its own; where the connection is cut, no session is remembered until there
 * is another.
 */
public final class SessionEnds implements AutoCloseable {
    static final String CHANNEL = "yimen_session";

    private static final int WAIT_MILLIS = 1_000;
    private static final int ALIVE_SECONDS = 1;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final DataSource dataSource;
    private final KnownSessions sessions;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    SessionEnds(DataSource dataSource, KnownSessions sessions) {
        this.dataSource = dataSource;
        this.sessions = sessions;
        this.thread = new Thread(this::run, "session-ends");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        boolean open = true;
        while (open) {
            try (Connection connection = dataSource.getConnection()) {
                listen(connection);
            } catch (SQLException e) {
                // The next attempt says whether it was for good; until then every request looks for its session itself.
                sessions.listening(false);
            }
            open = !isClosedWithin(PAUSE.toMillis());
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("listen " + CHANNEL);
            PGConnection heard = connection.unwrap(PGConnection.class);
            sessions.listening(true);
            while (!isClosedWithin(0)) {
                if (heard.getNotifications(WAIT_MILLIS).length > 0) {
                    sessions.forget();
                } else if (!connection.isValid(ALIVE_SECONDS)) {
                    throw new SQLException("The connection that listens for sessions is cut", "08006");
                }
            }
            statement.execute("unlisten " + CHANNEL);
        } finally {
            sessions.listening(false);
        }
    }

    private boolean isClosedWithin(long millis) {
        try {
            return closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(3L * WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
