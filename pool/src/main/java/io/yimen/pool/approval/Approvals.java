package io.yimen.pool.approval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Keeps approvals. Thread-safe. */
public final class Approvals {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Map<String, String>>> FIELDS = new TypeReference<>() {};

    private final DataSource dataSource;
    private final Audit audit;

    /** @param dataSource connections of the pool's owner */
    public Approvals(DataSource dataSource, Audit audit) {
        this.dataSource = dataSource;
        this.audit = audit;
    }

    /**
     * The newest approval of every system that has one, be it expired.
     *
     * @throws PoolException {@code RETRY} if the pool cannot be reached
     */
    public Map<String, Approval> latest() {
        Map<String, Approval> latest = new TreeMap<>();
        try (Connection connection = dataSource.getConnection();
                var select = connection.prepareStatement("""
                        select distinct on (source) source, owner, fields::text, addresses, until, approved_by, approved_at
                          from pool.connector_approval
                         order by source, id desc""");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                latest.put(
                        row.getString(1),
                        new Approval(
                                row.getString(1),
                                row.getString(2),
                                JSON.readValue(row.getString(3), FIELDS),
                                Set.of((String[]) row.getArray(4).getArray()),
                                instant(row.getTimestamp(5)),
                                row.getString(6),
                                row.getTimestamp(7).toInstant()));
            }
            return latest;
        } catch (SQLException e) {
            throw new PoolException(PoolException.Kind.RETRY, "The approvals of connectors could not be read", e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an approval's fields are no longer understood", e);
        }
    }

    /**
     * Adds an approval, which replaces the one before, with its line in the audit.
     *
     * @throws PoolException {@code RETRY} if the pool cannot be reached
     */
    public void put(Approval approval) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (var insert = connection.prepareStatement("""
                    insert into pool.connector_approval
                           (source, owner, fields, addresses, until, approved_by, approved_at)
                    values (?, ?, ?::jsonb, ?, ?, ?, ?)""")) {
                insert.setString(1, approval.source());
                insert.setString(2, approval.owner());
                insert.setString(3, JSON.writeValueAsString(approval.fields()));
                insert.setArray(
                        4, connection.createArrayOf("text", approval.addresses().toArray()));
                insert.setTimestamp(5, approval.until() == null ? null : Timestamp.from(approval.until()));
                insert.setString(6, approval.approvedBy());
                insert.setTimestamp(7, Timestamp.from(approval.approvedAt()));
                insert.executeUpdate();
                audit.append(
                        connection,
                        approval.approvedBy(),
                        "APPROVE_CONNECTOR",
                        approval.source(),
                        Map.of("streams", approval.fields().keySet()));
                connection.commit();
            } catch (SQLException | JsonProcessingException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw new PoolException(PoolException.Kind.RETRY, "The approval could not be written", e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Instant instant(@Nullable Timestamp time) {
        return time == null ? null : time.toInstant();
    }
}
