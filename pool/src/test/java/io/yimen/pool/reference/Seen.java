package io.yimen.pool.reference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What the database shows after a transaction: of one history, or of all. */
record Seen(
        Map<RecordRef, Place> places,
        Map<Long, Entity> entities,
        List<Change> changes,
        Map<List<Long>, Review> reviews,
        Map<Long, String> corrections) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where a live record is. */
    record Place(
            long entity,
            String decision,
            String origin,
            @Nullable String rule) {}

    record Entity(
            long id,
            String type,
            String status,
            long redirect,
            long version,
            String anchor,
            int records,
            Map<String, String> fields) {}

    record Change(long seq, long entity, String operation, long redirect) {}

    /** By the ids of both. */
    record Review(String type, String kind, float weight, int effect, long decision) {}

    /**
     * @param keys start of the keys of the records to look at; empty for all
     * @param since the last change that was looked at before
     */
    static Seen of(DataSource source, String keys, long since) {
        try (Connection db = source.getConnection()) {
            return new Seen(
                    places(db, keys), entities(db, keys), changes(db, since), reviews(db, keys), corrections(db, keys));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<RecordRef, Place> places(Connection db, String keys) throws SQLException {
        Map<RecordRef, Place> places = new HashMap<>();
        String sql = """
                select s.source, s.stream, r.key, r.entity_id, r.decision, r.origin, r.link_rule
                  from pool.source_record r join pool.stream s on s.id = r.stream_id
                 where not r.deleted and r.key like ?
                """;
        try (PreparedStatement select = db.prepareStatement(sql)) {
            select.setString(1, keys + "%");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    places.put(
                            new RecordRef(new StreamId(rows.getString(1), rows.getString(2)), rows.getString(3)),
                            new Place(rows.getLong(4), rows.getString(5), rows.getString(6), rows.getString(7)));
                }
            }
        }
        return places;
    }

    private static Map<Long, Entity> entities(Connection db, String keys) throws SQLException {
        Map<Long, Entity> entities = new HashMap<>();
        String sql = """
                select id, entity_type, status, redirect_to, version, anchor, records, fields::text
                  from pool.entity where anchor like ? or anchor = '' and status <> 'ERASED'
                """;
        try (PreparedStatement select = db.prepareStatement(sql)) {
            select.setString(1, "%/" + keys + "%");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    entities.put(
                            rows.getLong(1),
                            new Entity(
                                    rows.getLong(1),
                                    rows.getString(2),
                                    rows.getString(3),
                                    rows.getLong(4),
                                    rows.getLong(5),
                                    rows.getString(6),
                                    rows.getInt(7),
                                    fields(rows.getString(8))));
                }
            }
        }
        return entities;
    }

    private static Map<String, String> fields(String json) {
        Map<String, String> fields = new TreeMap<>();
        try {
            for (Map.Entry<String, JsonNode> field : JSON.readTree(json).properties()) {
                fields.put(field.getKey(), field.getValue().asText());
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        return fields;
    }

    private static List<Change> changes(Connection db, long since) throws SQLException {
        List<Change> changes = new ArrayList<>();
        String sql = "select seq, entity_id, op, redirect_to from pool.change where seq > ? order by seq";
        try (PreparedStatement select = db.prepareStatement(sql)) {
            select.setLong(1, since);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    changes.add(new Change(rows.getLong(1), rows.getLong(2), rows.getString(3), rows.getLong(4)));
                }
            }
        }
        return changes;
    }

    private static Map<List<Long>, Review> reviews(Connection db, String keys) throws SQLException {
        Map<List<Long>, Review> reviews = new HashMap<>();
        String sql = """
                select r.left_id, r.right_id, r.entity_type, r.kind, r.weight, r.effect, r.decision_id
                  from pool.review r left join pool.entity e on e.id = r.left_id
                 where coalesce(e.anchor, ?) like ?
                """;
        try (PreparedStatement select = db.prepareStatement(sql)) {
            select.setString(1, "/" + keys);
            select.setString(2, "%/" + keys + "%");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    reviews.put(
                            List.of(rows.getLong(1), rows.getLong(2)),
                            new Review(
                                    rows.getString(3),
                                    rows.getString(4),
                                    rows.getFloat(5),
                                    rows.getInt(6),
                                    rows.getLong(7)));
                }
            }
        }
        return reviews;
    }

    /** State of every correction, with why it ended. */
    private static Map<Long, String> corrections(Connection db, String keys) throws SQLException {
        Map<Long, String> states = new TreeMap<>();
        String sql = """
                select distinct c.id, concat_ws(' ', c.state, c.ended)
                  from pool.correction c join pool.correction_record r on r.correction_id = c.id
                 where r.key like ?
                """;
        try (PreparedStatement select = db.prepareStatement(sql)) {
            select.setString(1, keys + "%");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    states.put(rows.getLong(1), rows.getString(2));
                }
            }
        }
        return states;
    }
}
