package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a source database whose sessions are in UTC. Each statement is a transaction of its own, read only
 * unless it was opened for writing, and ends within the timeout.
 */
final class JdbcDatabase implements AutoCloseable {
    private static final int FETCH = 500;
    /** A statement was ended because it took too long, or because the server's time for it was over. */
    private static final Set<String> SLOW = Set.of("57014", "70100", "HYT00", "XX904");

    private final Connection connection;
    private final JdbcDialect dialect;
    private final int seconds;

    /** Makes something of a row; told the row's result set, which stands on it. */
    @FunctionalInterface
    interface Reading<T> {
        T read(ResultSet row) throws SQLException;
    }

    private JdbcDatabase(Connection connection, JdbcDialect dialect, int seconds) {
        this.connection = connection;
        this.dialect = dialect;
        this.seconds = seconds;
    }

    /** @throws ConnectorException {@code UNREACHABLE}, or {@code UNEXPECTED} where the user is refused */
    static JdbcDatabase open(JdbcAddress address, String username, String password, Duration timeout, boolean writing) {
        Connection connection = null;
        try {
            connection = address.connect(username, password, timeout);
            try (Statement statement = connection.createStatement()) {
                if (address.dialect() == JdbcDialect.POSTGRESQL) {
                    statement.execute("set time zone 'UTC'");
                    statement.execute("set statement_timeout = " + timeout.toMillis());
                } else if (address.dialect() == JdbcDialect.MARIADB) {
                    statement.execute("set time_zone = '+00:00'");
                    if (!writing) {
                        statement.execute("set session transaction read only");
                    }
                }
            }
            connection.setReadOnly(!writing);
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            return new JdbcDatabase(connection, address.dialect(), (int) Math.max(1, timeout.toSeconds()));
        } catch (SQLException e) {
            closeQuietly(connection);
            throw address.findRefusal(e).orElseGet(() -> failed("cannot be reached", e));
        }
    }

    JdbcDialect dialect() {
        return dialect;
    }

    /** What a statement answers, row by row. */
    <T> List<T> ask(String what, JdbcStatement statement, Reading<T> reading) {
        try (PreparedStatement query = connection.prepareStatement(statement.sql())) {
            query.setQueryTimeout(seconds);
            query.setFetchSize(FETCH);
            statement.bind(query);
            List<T> answer = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    answer.add(reading.read(rows));
                }
            }
            connection.commit();
            return answer;
        } catch (SQLException e) {
            throw rolledBack(what, e);
        }
    }

    /** Changes what the user may change. */
    void change(String what, JdbcStatement statement) {
        try (PreparedStatement update = connection.prepareStatement(statement.sql())) {
            update.setQueryTimeout(seconds);
            statement.bind(update);
            update.executeUpdate();
            connection.commit();
        } catch (SQLException e) {
            throw rolledBack(what, e);
        }
    }

    /** What the one row of an answer holds in its one column; null for none or NULL. */
    @Nullable
    String askOne(String what, String sql) {
        List<@Nullable String> answer =
                this.<@Nullable String>ask(what, new JdbcStatement(dialect, sql), r -> r.getString(1));
        return answer.isEmpty() ? null : answer.get(0);
    }

    /** The connection, for what the driver alone knows. */
    Connection connection() {
        return connection;
    }

    /** Longest time for a statement. */
    int seconds() {
        return seconds;
    }

    /** As {@link #failed}, with nothing left behind. */
    ConnectorException rolledBack(String what, SQLException e) {
        try {
            connection.rollback();
        } catch (SQLException gone) {
            e.addSuppressed(gone);
        }
        return failed(what, e);
    }

    /** SQLSTATE says what failed; the driver's text may quote data and is kept for the cause only. */
    private static ConnectorException failed(String what, SQLException e) {
        return Authorities.findRefusal(e).orElseGet(() -> failure(what, e));
    }

    private static ConnectorException failure(String what, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String message = "the source database " + what + " (SQLSTATE " + state + ")";
        if (e instanceof SQLTimeoutException || SLOW.contains(state)) {
            return new ConnectorException(
                    ConnectorException.Kind.UNREACHABLE,
                    "source-slow",
                    message + ": it did not answer in time; trying again later with smaller pages",
                    e);
        }
        if (state.startsWith("28") || state.equals("42501") || state.equals("42000")) {
            return new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "privileges",
                    message + "; check user, password and rights: ./yimen connector script prints what is needed",
                    e);
        }
        if (state.startsWith("42") || state.startsWith("22") || state.startsWith("25") || state.startsWith("3D")) {
            return new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED, "source-database", message + "; correct the manifest", e);
        }
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE, "source-database", message + "; trying again later", e);
    }

    static boolean isSlow(RuntimeException e) {
        return e instanceof ConnectorException c && c.code().equals("source-slow");
    }

    @Override
    public void close() {
        closeQuietly(connection);
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // every statement has been committed or rolled back
            }
        }
    }
}
