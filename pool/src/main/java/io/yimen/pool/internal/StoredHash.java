package io.yimen.pool.internal;

import io.yimen.pool.lineage.ContentHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.TreeMap;

/** The content hash of the published entities. */
public final class StoredHash {
    static final String SELECT =
            """
            select e.anchor, e.content_hash, r.field, t.anchor
              from pool.entity e
              left join pool.reference r on r.entity_id = e.id and r.to_entity is not null
              left join pool.entity t on t.id = r.to_entity
             where e.status = 'ACTIVE'
             order by e.id
            """;
    private static final int FETCH = 5000;

    private StoredHash() {}

    /** An entity as it is published: what a derivation must come to. */
    public interface Visitor {
        void visit(String anchor, byte[] digest, TreeMap<String, String> references);
    }

    public static String of(Connection db) throws SQLException {
        ContentHash hash = new ContentHash();
        forEach(db, hash::add);
        return hash.hex();
    }

    /** Goes through all live entities, without holding them all at once. */
    public static void forEach(Connection db, Visitor visitor) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(SELECT)) {
            select.setFetchSize(FETCH);
            try (ResultSet rows = select.executeQuery()) {
                String anchor = "";
                byte[] digest = new byte[0];
                TreeMap<String, String> references = new TreeMap<>();
                boolean any = false;
                while (rows.next()) {
                    String next = rows.getString(1);
                    if (any && !next.equals(anchor)) {
                        visitor.visit(anchor, digest, references);
                        references = new TreeMap<>();
                    }
                    any = true;
                    anchor = next;
                    digest = rows.getBytes(2);
                    String field = rows.getString(3);
                    if (field != null) {
                        references.put(field, rows.getString(4));
                    }
                }
                if (any) {
                    visitor.visit(anchor, digest, references);
                }
            }
        }
    }
}
