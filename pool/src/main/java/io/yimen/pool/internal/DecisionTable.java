package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.identity.Ruling;
import io.yimen.pool.seal.Vault;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Decision;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tables {@code decision} and {@code decision_record}, as they are read. */
public final class DecisionTable {
    /** To be followed by conditions on {@code d} and by an order. */
    public static final String SELECT = """
            select d.id, d.entity_type, d.action, d.actor, d.at, d.reason, d.withdrawn_by, d.withdrawn_at,
                   d.withdrawn_reason
              from pool.decision d
             where true""";

    private static final String SELECT_RECORDS = """
            select r.decision_id, r.side, s.source, s.stream, r.key
              from pool.decision_record r
              join pool.decision d on d.id = r.decision_id
              join pool.stream s on s.id = r.stream_id
             where %s
             order by r.decision_id, r.side, s.source, s.stream, r.key
            """;
    private static final String IN_FORCE = SELECT_RECORDS.formatted("d.withdrawn_at is null");
    private static final String OF_SOME = SELECT_RECORDS.formatted("d.id = any (?)");

    private DecisionTable() {}

    /** All that is in force, oldest first. */
    public static List<Ruling> inForce(Connection db) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(IN_FORCE)) {
            return List.copyOf(rulings(select).values());
        }
    }

    /** The decisions that a statement made of {@link #SELECT} finds, in its order. */
    public static List<Decision> read(PreparedStatement select, Vault vault) throws SQLException {
        record Row(
                long id,
                String type,
                Action action,
                String actor,
                OffsetDateTime at,
                String reason,
                Decision.@Nullable Withdrawal withdrawn) {}
        List<Row> rows = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                OffsetDateTime withdrawn = row.getObject(8, OffsetDateTime.class);
                rows.add(new Row(
                        row.getLong(1),
                        row.getString(2),
                        Action.valueOf(row.getString(3)),
                        row.getString(4),
                        row.getObject(5, OffsetDateTime.class),
                        vault.open(row.getString(6)),
                        withdrawn == null
                                ? null
                                : new Decision.Withdrawal(
                                        row.getString(7), withdrawn.toInstant(), vault.open(row.getString(9)))));
            }
        }
        Map<Long, Ruling> sides =
                sides(select.getConnection(), rows.stream().map(Row::id).toList());
        List<Decision> decisions = new ArrayList<>();
        for (Row row : rows) {
            Ruling of = sides.getOrDefault(row.id, new Ruling(row.id, List.of(), List.of(), List.of()));
            decisions.add(new Decision(
                    row.id,
                    row.type,
                    row.action,
                    row.actor,
                    row.at.toInstant(),
                    row.reason,
                    of.same(),
                    of.left(),
                    of.right(),
                    row.withdrawn));
        }
        return decisions;
    }

    private static Map<Long, Ruling> sides(Connection db, Collection<Long> decisions) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(OF_SOME)) {
            Sql.set(select, 1, decisions);
            return rulings(select);
        }
    }

    private static Map<Long, Ruling> rulings(PreparedStatement select) throws SQLException {
        Map<Long, Map<String, List<RecordRef>>> sides = new TreeMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                sides.computeIfAbsent(rows.getLong(1), d -> new HashMap<>())
                        .computeIfAbsent(rows.getString(2), s -> new ArrayList<>())
                        .add(new RecordRef(new StreamId(rows.getString(3), rows.getString(4)), rows.getString(5)));
            }
        }
        Map<Long, Ruling> rulings = new TreeMap<>();
        sides.forEach((number, side) -> rulings.put(
                number,
                new Ruling(
                        number,
                        side.getOrDefault("SAME", List.of()),
                        side.getOrDefault("LEFT", List.of()),
                        side.getOrDefault("RIGHT", List.of()))));
        return rulings;
    }
}
