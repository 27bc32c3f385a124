package io.yimen.pool.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;
import javax.sql.DataSource;

/** Appends to the audit. Actor, action and object are names and ids; no line holds a value that was read. */
public final class Audit {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INSERT =
            "insert into pool.audit (at, actor, action, object, detail) values (?, ?, ?, ?, ?::jsonb)";

    private final DataSource dataSource;
    private final Clock clock;

    /** @param dataSource connections of the pool's owner */
    public Audit(DataSource dataSource, Clock clock) {
        this.dataSource = dataSource;
        this.clock = clock;
    }

    /**
     * Appends a line and returns when it is durable.
     *
     * @param action what was done, e.g. {@code SIGN_IN}
     * @param object entity type, {@code type/id}, login …
     * @param detail what helps to understand it, e.g. the purpose; no values of records
     */
    public void append(String actor, String action, String object, Map<String, ?> detail) {
        try (Connection connection = dataSource.getConnection()) {
            append(connection, actor, action, object, detail);
        } catch (SQLException e) {
            throw new PoolException(PoolException.Kind.RETRY, "The audit could not be written", e);
        }
    }

    /** Appends a line within the caller's transaction. */
    public void append(Connection connection, String actor, String action, String object, Map<String, ?> detail)
            throws SQLException {
        append(connection, INSERT, actor, action, object, detail);
    }

    /**
     * Appends a line an object within the caller's transaction.
     *
     * @param details by object
     */
    public void appendAll(Connection connection, String actor, String action, Map<String, Map<String, ?>> details)
            throws SQLException {
        try (var insert = connection.prepareStatement(INSERT)) {
            for (Map.Entry<String, Map<String, ?>> line : details.entrySet()) {
                fill(insert, 1, actor, action, line.getKey(), line.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** Appends a line within the caller's transaction, which goes back from a reader's role to its owner's. */
    public void appendAsOwner(Connection connection, String actor, String action, String object, Map<String, ?> detail)
            throws SQLException {
        // One statement after the other, in one round trip.
        append(connection, "reset role; " + INSERT, actor, action, object, detail);
    }

    private void append(
            Connection connection, String sql, String actor, String action, String object, Map<String, ?> detail)
            throws SQLException {
        try (var insert = connection.prepareStatement(sql)) {
            fill(insert, 1, actor, action, object, detail);
            insert.execute();
        }
    }

    /** Sets the placeholders of a line, from {@code first} on: time, actor, action, object, detail. */
    public void fill(
            PreparedStatement insert, int first, String actor, String action, String object, Map<String, ?> detail)
            throws SQLException {
        insert.setObject(first, clock.instant().atOffset(ZoneOffset.UTC));
        insert.setString(first + 1, actor);
        insert.setString(first + 2, action);
        insert.setString(first + 3, object);
        insert.setString(first + 4, json(detail));
    }

    private static String json(Map<String, ?> detail) {
        if (detail.isEmpty()) {
            return "{}";
        }
        try {
            return JSON.writeValueAsString(detail);
        } catch (JsonProcessingException e) {
            throw new PoolException(PoolException.Kind.INVALID, "The audit's detail is not writable as JSON", e);
        }
    }
}
