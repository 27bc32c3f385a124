package io.yimen.pool.internal;

import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.correction.End;
import io.yimen.pool.correction.Overlay;
import io.yimen.pool.correction.Standing;
import io.yimen.pool.correction.State;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tables {@code correction}, {@code correction_record} and {@code correction_event}, as the deriving transaction sees them. */
public final class CorrectionTable {
    /** What the pool itself does. */
    static final String ITSELF = "yimen";

    // A correction belongs to the entity of the first of its records that is live.
    private static final String SELECT_OF_ENTITIES = """
            with near as (
              select distinct r.correction_id
                from unnest(?::bigint[]) e (id)
                join pool.source_record s on s.entity_id = e.id and not s.deleted
                join pool.correction_record r on r.stream_id = s.stream_id and r.key = s.key)
            select c.id, c.entity_type, c.field, c.value, c.known, c.state, c.against, first.entity_id
              from near
              join pool.correction c on c.id = near.correction_id and c.state in ('STANDING', 'IN_CONFLICT')
              cross join lateral (
                select s.entity_id
                  from pool.correction_record r
                  join pool.source_record s on s.stream_id = r.stream_id and s.key = r.key
                 where r.correction_id = c.id and not s.deleted
                 order by r.rank limit 1) first
            """;
    private static final String SELECT_KIN = """
            select distinct s.entity_id
              from unnest(?::int[], ?::text[]) k (stream_id, key)
              join pool.correction_record r on r.stream_id = k.stream_id and r.key = k.key
              join pool.correction c on c.id = r.correction_id and c.state in ('STANDING', 'IN_CONFLICT')
              join pool.correction_record o on o.correction_id = c.id
              join pool.source_record s on s.stream_id = o.stream_id and s.key = o.key
             where not s.deleted
            """;
    private static final String SELECT_IN_FORCE = """
            select c.id, c.entity_type, c.field, c.value, c.known, s.source, s.stream, r.key
              from pool.correction c
              join pool.correction_record r on r.correction_id = c.id
              join pool.stream s on s.id = r.stream_id
             where c.state in ('STANDING', 'IN_CONFLICT')
             order by c.id, r.rank
            """;
    private static final String UPDATE = """
            update pool.correction c
               set state = u.state, ended = u.ended, against = u.against,
                   ended_at = case when u.ended is null then c.ended_at else ? end
              from unnest(?::bigint[], ?::text[], ?::text[], ?::text[]) u (id, state, ended, against)
             where c.id = u.id
            """;
    private static final String INSERT_EVENTS = """
            insert into pool.correction_event (correction_id, at, actor, what, reason)
            select u.id, ?, ?, u.what, ? from unnest(?::bigint[], ?::text[]) u (id, what) order by u.id
            """;

    private final Transaction tx;

    CorrectionTable(Transaction tx) {
        this.tx = tx;
    }

    /**
     * A correction in force.
     *
     * @param entity to which it belongs
     * @param against as it is stored
     */
    record Attached(
            Standing standing,
            long entity,
            State state,
            @Nullable String against) {}

    /** What became of a correction. */
    record Fate(
            long id,
            State state,
            @Nullable End ended,
            @Nullable String against) {}

    /** The corrections in force that belong to these entities. */
    Map<Long, List<Attached>> ofEntities(Collection<Long> entities, PoolModel model) throws SQLException {
        Set<Long> wanted = new HashSet<>(entities);
        Map<Long, List<Attached>> found = new HashMap<>();
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_OF_ENTITIES)) {
            Sql.set(select, 1, wanted);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long entity = row.getLong(8);
                    if (wanted.contains(entity)) {
                        found.computeIfAbsent(entity, e -> new ArrayList<>())
                                .add(new Attached(
                                        standing(row, model, List.of()),
                                        entity,
                                        State.valueOf(row.getString(6)),
                                        row.getString(7)));
                    }
                }
            }
        }
        return found;
    }

    /** The entities of all source records that corrections in force name beside these. */
    Set<Long> kin(Collection<RecordRef> refs) throws SQLException {
        Set<Long> entities = new HashSet<>();
        if (refs.isEmpty()) {
            return entities;
        }
        Sql.Ints streams = new Sql.Ints();
        Sql.Texts keys = new Sql.Texts();
        for (RecordRef ref : refs) {
            streams.add(tx.streams().number(ref.stream()));
            keys.add(ref.key());
        }
        try (PreparedStatement select = tx.db().prepareStatement(SELECT_KIN)) {
            streams.set(select, 1);
            keys.set(select, 2);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    entities.add(row.getLong(1));
                }
            }
        }
        return entities;
    }

    /** All corrections in force, by entity type, with their records. */
    public static Map<String, List<Standing>> inForce(Connection db, PoolModel model) throws SQLException {
        Map<String, List<Standing>> byType = new HashMap<>();
        try (PreparedStatement select = db.prepareStatement(SELECT_IN_FORCE);
                ResultSet row = select.executeQuery()) {
            List<RecordRef> records = new ArrayList<>();
            Standing last = null;
            String type = "";
            while (row.next()) {
                if (last != null && last.id() != row.getLong(1)) {
                    add(byType, type, last, records);
                }
                records.add(new RecordRef(new StreamId(row.getString(6), row.getString(7)), row.getString(8)));
                type = row.getString(2);
                last = standing(row, model, List.of());
            }
            if (last != null) {
                add(byType, type, last, records);
            }
        }
        return byType;
    }

    private static void add(
            Map<String, List<Standing>> byType, String type, Standing standing, List<RecordRef> records) {
        byType.computeIfAbsent(type, t -> new ArrayList<>())
                .add(new Standing(
                        standing.id(), standing.field(), standing.value(), standing.known(), List.copyOf(records)));
        records.clear();
    }

    private static Standing standing(ResultSet row, PoolModel model, List<RecordRef> records) throws SQLException {
        EntityType type = model.getType(row.getString(2));
        Array known = row.getArray(5);
        return new Standing(
                row.getLong(1),
                type.indexOf(row.getString(3)),
                row.getString(4),
                Set.copyOf(Arrays.asList((String[]) known.getArray())),
                records);
    }

    /** How a judgment is stored. */
    @Nullable
    String against(Overlay.Judged judged) {
        if (judged.against().isEmpty()) {
            return null;
        }
        JsonText json = new JsonText().array();
        judged.against()
                .forEach(ref -> json.array()
                        .number(tx.streams().number(ref.stream()))
                        .string(ref.key())
                        .end());
        return json.end().toString();
    }

    /** Writes what became of corrections. */
    void update(Collection<Fate> fates) {
        if (fates.isEmpty()) {
            return;
        }
        Sql.Longs ids = new Sql.Longs();
        Sql.Texts states = new Sql.Texts();
        Sql.Texts ends = new Sql.Texts();
        Sql.Texts against = new Sql.Texts();
        for (Fate fate : fates) {
            ids.add(fate.id);
            states.add(fate.state.name());
            ends.add(fate.ended == null ? null : fate.ended.name());
            against.add(fate.against);
        }
        tx.later(UPDATE, Sql.time(tx.timestamp()), ids, states, ends, against);
    }

    /**
     * Notes what befell corrections.
     *
     * @param reason sealed
     */
    void note(String actor, Map<Long, String> what, @Nullable String reason) {
        if (what.isEmpty()) {
            return;
        }
        Sql.Longs ids = new Sql.Longs();
        Sql.Texts names = new Sql.Texts();
        what.forEach((id, name) -> {
            ids.add(id);
            names.add(name);
        });
        tx.later(INSERT_EVENTS, Sql.time(tx.timestamp()), Sql.text(actor), Sql.text(reason), ids, names);
    }
}
