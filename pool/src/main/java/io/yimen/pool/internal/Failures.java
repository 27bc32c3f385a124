package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a failure of the database means for the caller. */
public final class Failures {
    private Failures() {}

    /**
     * {@code RETRY} for a lost connection, a deadlock, a server that is full, starting or stopping; {@code INVALID} for
     * everything else. The server's message is kept as cause only, for it may quote values.
     */
    public static PoolException of(String what, SQLException e) {
        String state = e.getSQLState();
        if (isPassing(state)) {
            return new PoolException(
                    PoolException.Kind.RETRY, what + ": the database is not ready (" + state + "); try again", e);
        }
        return new PoolException(PoolException.Kind.INVALID, what + ": the database refused it (" + state + ")", e);
    }

    private static boolean isPassing(@Nullable String state) {
        // A connection pool that has none to give says so without a state.
        return state == null
                || state.startsWith("08")
                || state.startsWith("40")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.equals("55P03")
                || state.equals("25006");
    }
}
