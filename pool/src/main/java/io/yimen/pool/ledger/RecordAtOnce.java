package io.yimen.pool.ledger;

import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record that is neither merged away nor erased with all that is told of it: itself, where its references lead,
 * who tells its values. One round trip to the database for what most often is asked for.
 */
final class RecordAtOnce implements ScopedReads.Asking<RecordAtOnce.Found> {
    private static final String RECORD = """
            select e.id, e.version, e.status, e.title, e.place_id, e.fields, e.lineage, e.records, e.updated_at,
                   exists (select from pool.place_scope s where s.place = e.place_id and s.ancestor = any (?)), %s
              from pool.entity e
             where e.id = ? and e.entity_type = ? and e.status in ('ACTIVE', 'RETIRED') and %s""".formatted(ScopedReads.FOUND, ScopedReads.READERS);
    /** The ids first: what they are made of must not keep PostgreSQL from looking each up. */
    private static final String REFERENCES = """
            select t.id, t.entity_type, t.title
              from pool.entity t
             where t.id = any (array (select unnest(array[%s]) from pool.entity e where e.id = ?))""";

    private final Scope scope;
    private final EntityType type;
    private final long id;
    private @Nullable StoredRecord record;
    private boolean inside;
    private final Map<Long, Reference> references = new HashMap<>();

    /** @param inside whether it lies within the places of the scope, and is not only shown besides them */
    record Found(
            StoredRecord record, boolean inside, Map<Long, Reference> references, List<Rendering.Telling> tellings) {}

    RecordAtOnce(Scope scope, EntityType type, long id) {
        this.scope = scope;
        this.type = type;
        this.id = id;
    }

    /** The questions about any record of a type. */
    static ScopedReads.Together questions(EntityType type, boolean audited) {
        String referred = Stream.concat(
                        Stream.of("e.place_id"),
                        type.fields().stream()
                                .filter(Field::isReference)
                                .map(field -> "nullif(e.fields ->> '" + field.name() + "', '')::bigint"))
                .collect(Collectors.joining(", "));
        return ScopedReads.Together.of(
                List.of(RECORD, REFERENCES.formatted(referred), Rendering.TELLINGS + " ?"), 5, audited);
    }

    @Override
    public void fill(PreparedStatement statement, int first) throws SQLException {
        Array roots =
                statement.getConnection().createArrayOf("bigint", scope.roots().toArray());
        statement.setArray(first, roots);
        statement.setLong(first + 1, id);
        statement.setString(first + 2, type.name());
        statement.setLong(first + 3, id);
        statement.setLong(first + 4, id);
    }

    @Override
    public @Nullable Found take(int question, ResultSet rows) throws SQLException {
        if (question == 0) {
            takeRecord(rows);
            return null;
        }
        if (question == 1) {
            while (rows.next()) {
                references.put(rows.getLong(1), new Reference(rows.getLong(1), rows.getString(2), rows.getString(3)));
            }
            return null;
        }
        if (record == null) {
            return null;
        }
        List<Rendering.Telling> tellings = new ArrayList<>();
        while (rows.next()) {
            tellings.add(Rendering.Telling.read(rows));
        }
        return new Found(record, inside, references, tellings);
    }

    private void takeRecord(ResultSet row) throws SQLException {
        if (row.next()) {
            record = new StoredRecord(
                    row.getLong(1),
                    type,
                    row.getLong(2),
                    RecordStatus.valueOf(row.getString(3)),
                    null,
                    row.getString(4),
                    row.getObject(5, Long.class),
                    row.getString(6),
                    row.getString(7),
                    row.getInt(8),
                    row.getObject(9, OffsetDateTime.class).toInstant(),
                    "",
                    true);
            inside = row.getBoolean(10);
        }
    }
}
