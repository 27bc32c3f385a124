package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tables {@code source} and {@code stream}. */
public final class Streams {
    private static final String SELECT = """
            select id, source, stream, entity_type, trust, unique_records from pool.stream
            """;
    private static final String UPSERT_SOURCE = """
            insert into pool.source (id, title, title_en, owner) values (?, ?, ?, ?)
            on conflict (id) do update set title = excluded.title, title_en = excluded.title_en, owner = excluded.owner
            """;
    private static final String UPSERT_STREAM = """
            insert into pool.stream (source, stream, entity_type, fields, trust, unique_records, deletes)
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (source, stream) do update
              set fields = excluded.fields, trust = excluded.trust, unique_records = excluded.unique_records,
                  deletes = excluded.deletes
            """;

    private final PoolModel model;
    private final Map<StreamId, DeclaredStream> byId = new HashMap<>();
    private final Map<Integer, DeclaredStream> byNumber = new HashMap<>();

    private Streams(PoolModel model) {
        this.model = model;
    }

    /** All streams as they are declared at present. */
    public static Streams load(Connection db, PoolModel model) throws SQLException {
        Streams streams = new Streams(model);
        try (PreparedStatement select = db.prepareStatement(SELECT);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                streams.put(rows);
            }
        }
        return streams;
    }

    private void put(ResultSet rows) throws SQLException {
        StreamId id = new StreamId(rows.getString(2), rows.getString(3));
        EntityType type = model.findType(rows.getString(4))
                .orElseThrow(() -> new PoolException(
                        PoolException.Kind.CONFIGURATION,
                        "The pool holds stream " + id + " of a type that the model no longer has"));
        DeclaredStream stream = new DeclaredStream(rows.getInt(1), id, type, rows.getInt(5), rows.getBoolean(6));
        byId.put(id, stream);
        byNumber.put(stream.number(), stream);
    }

    /**
     * Declares streams.
     *
     * @return those whose trust or uniqueness changed: what they speak of is to be derived again
     */
    public List<StreamId> declare(Connection db, SourceInfo source, List<StreamShape> shapes) throws SQLException {
        try (PreparedStatement upsert = db.prepareStatement(UPSERT_SOURCE)) {
            upsert.setString(1, source.id());
            upsert.setString(2, source.title());
            upsert.setString(3, source.titleEn());
            upsert.setString(4, source.owner());
            upsert.executeUpdate();
        }
        List<StreamId> changed = new ArrayList<>();
        try (PreparedStatement upsert = db.prepareStatement(UPSERT_STREAM)) {
            for (StreamShape shape : shapes) {
                EntityType type = check(source, shape, model);
                DeclaredStream known = byId.get(shape.id());
                if (known != null && !known.type().equals(type)) {
                    throw new PoolException(
                            PoolException.Kind.CONFIGURATION,
                            shape.id() + " speaks of " + known.type() + " already: give the stream another id");
                }
                if (known != null
                        && (known.trust() != shape.trust() || known.uniqueRecords() != shape.uniqueRecords())) {
                    changed.add(shape.id());
                }
                upsert.setString(1, shape.id().source());
                upsert.setString(2, shape.id().stream());
                upsert.setString(3, shape.entityType());
                upsert.setArray(4, db.createArrayOf("text", shape.fields().toArray(String[]::new)));
                upsert.setInt(5, shape.trust());
                upsert.setBoolean(6, shape.uniqueRecords());
                upsert.setString(7, shape.deletes().name());
                upsert.executeUpdate();
            }
        }
        return changed;
    }

    /**
     * Checks a shape against the model.
     *
     * @throws PoolException {@code CONFIGURATION}
     */
    public static EntityType check(SourceInfo source, StreamShape shape, PoolModel model) {
        if (!shape.id().source().equals(source.id())) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION, shape.id() + " does not belong to source " + source.id());
        }
        EntityType type = model.findType(shape.entityType())
                .orElseThrow(() -> new PoolException(
                        PoolException.Kind.CONFIGURATION,
                        shape.id() + ": the model has no entity type " + shape.entityType()));
        for (String field : shape.fields()) {
            if (type.findIndex(field).isEmpty()) {
                throw new PoolException(
                        PoolException.Kind.CONFIGURATION, shape.id() + ": " + type + " has no field " + field);
            }
        }
        return type;
    }

    /** @throws PoolException {@code INVALID} if it was not declared */
    public DeclaredStream get(StreamId id) {
        DeclaredStream stream = byId.get(id);
        if (stream == null) {
            throw new PoolException(PoolException.Kind.INVALID, "Stream " + id + " was not declared to the pool");
        }
        return stream;
    }

    public Map<StreamId, DeclaredStream> all() {
        return Map.copyOf(byId);
    }

    public DeclaredStream get(int number) {
        DeclaredStream stream = byNumber.get(number);
        if (stream == null) {
            throw new IllegalStateException("No stream has the number " + number);
        }
        return stream;
    }

    /** The stream of that number; {@code null} where there is none. */
    @Nullable
    DeclaredStream find(int number) {
        return byNumber.get(number);
    }

    /** The number of a declared stream. */
    public int number(StreamId id) {
        return get(id).number();
    }
}
