package io.yimen.connectors.extract;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A captured database as it was at one place of its log: what that brings from there on is what this does not show. */
interface TableSnapshot extends AutoCloseable {

    /** Raw rows of a query. */
    interface Rows {
        /** The next row; null when there is none. NULL is sent as empty. */
        @Nullable
        String @Nullable [] next();
    }

    /** @param after the position of rows that were copied before, which come before those that are copied now */
    Horizon horizon(long after);

    /** The engine's offset at which it reads on from here. */
    Map<String, Object> beginning();

    /**
     * What the engine has to know besides, see {@link SourceLog#findHistory}, once these tables are read through this.
     *
     * @param before what it knew until now
     */
    @Nullable
    String history(@Nullable String before, Collection<String> tables);

    /**
     * Rows of a table; those of the query before have to be read to their end.
     *
     * @param columns in this order
     * @param rest what the query says after the table
     */
    Rows rows(String table, List<String> columns, String rest);

    /** Lets another thread that reads fail. */
    void abort();

    @Override
    void close();

    /** Gives a connection up, also one in which another thread waits. */
    static void abort(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // it is given up anyway
            }
        }
    }
}
