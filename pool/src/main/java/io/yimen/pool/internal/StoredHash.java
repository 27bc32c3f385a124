package io.yimen.pool.internal;

import io.yimen.pool.lineage.ContentHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The content hash of the published entities. */
public final class StoredHash {
    static final String SELECT = """
            select e.id, e.entity_type, e.anchor, e.content_hash, r.field, t.anchor
              from pool.entity e
              left join pool.reference r on r.entity_id = e.id and r.to_entity is not null
              left join pool.entity t on t.id = r.to_entity
             where e.status = 'ACTIVE'
             order by e.id
            """;
    private static final int FETCH = 5000;

    private StoredHash() {}

    /**
     * An entity as it is published: what a derivation must come to.
     *
     * @param references field → first source record of the target
     */
    public record Entity(long id, String type, String anchor, byte[] digest, SortedMap<String, String> references) {}

    public static String of(Connection db) throws SQLException {
        ContentHash hash = new ContentHash();
        forEach(db, e -> hash.add(e.anchor, e.digest, e.references));
        return hash.hex();
    }

    /** Goes through all live entities, without holding them all at once. */
    public static void forEach(Connection db, Consumer<Entity> visitor) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(SELECT)) {
            select.setFetchSize(FETCH);
            try (ResultSet rows = select.executeQuery()) {
                Entity entity = null;
                while (rows.next()) {
                    if (entity == null || entity.id != rows.getLong(1)) {
                        if (entity != null) {
                            visitor.accept(entity);
                        }
                        entity = new Entity(
                                rows.getLong(1),
                                rows.getString(2),
                                rows.getString(3),
                                rows.getBytes(4),
                                new TreeMap<>());
                    }
                    String field = rows.getString(5);
                    if (field != null) {
                        entity.references.put(field, rows.getString(6));
                    }
                }
                if (entity != null) {
                    visitor.accept(entity);
                }
            }
        }
    }
}
