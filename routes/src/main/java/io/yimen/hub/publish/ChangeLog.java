package io.yimen.hub.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.ChangePage;
import io.yimen.pool.ledger.Operation;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The change log as an outbox: what is to be delivered next, and how far a delivery has come. */
final class ChangeLog {
    private final DataSource dataSource;
    private final PoolModel model;
    private final ObjectMapper json;

    ChangeLog(DataSource dataSource, PoolModel model, ObjectMapper json) {
        this.dataSource = dataSource;
        this.model = model;
        this.json = json;
    }

    /** Sequence number up to which the delivery is done; 0 before the first. */
    long cursor(String delivery) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select =
                        connection.prepareStatement("select seq from pool.delivery_cursor where name = ?")) {
            select.setString(1, delivery);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** Moves the cursor on; never back. */
    void move(String delivery, long seq) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement upsert = connection.prepareStatement("""
                        insert into pool.delivery_cursor as mine (name, seq, updated_at) values (?, ?, now())
                        on conflict (name) do update set seq = excluded.seq, updated_at = excluded.updated_at
                         where mine.seq < excluded.seq""")) {
            upsert.setString(1, delivery);
            upsert.setLong(2, seq);
            upsert.executeUpdate();
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** Sequence number of the latest change. */
    long last() {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement("select seq from pool.change_head");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** The changes after {@code seq}, in the order of their commits, without sensitive fields. */
    List<ChangePage.Change> after(long seq, int limit) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement("""
                        select seq, at, entity_id, entity_type, op, version, redirect_to, title, fields
                          from pool.change where seq > ? order by seq limit ?""")) {
            select.setLong(1, seq);
            select.setInt(2, limit);
            List<ChangePage.Change> changes = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    EntityType type = model.getType(row.getString("entity_type"));
                    long redirectTo = row.getLong("redirect_to");
                    changes.add(new ChangePage.Change(
                            row.getLong("seq"),
                            row.getObject("at", OffsetDateTime.class).toInstant(),
                            row.getLong("entity_id"),
                            type.name(),
                            Operation.valueOf(row.getString("op")),
                            row.getLong("version"),
                            row.getString("title"),
                            redirectTo == 0 ? null : redirectTo,
                            open(type, row.getString("fields"))));
                }
            }
            return changes;
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private Map<String, String> open(EntityType type, String text) {
        try {
            JsonNode all = json.readTree(text);
            Map<String, String> fields = new LinkedHashMap<>();
            for (Field field : type.fields()) {
                JsonNode value = all.get(field.name());
                boolean open = value != null && !value.isNull() && !field.isSensitive();
                if (open && !Vault.isSealed(value.asText())) {
                    fields.put(field.name(), value.asText());
                }
            }
            return fields;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A change of " + type + " holds no JSON");
        }
    }

    private static PoolException unreachable(SQLException e) {
        return new PoolException(PoolException.Kind.RETRY, "The change log could not be read or written", e);
    }
}
