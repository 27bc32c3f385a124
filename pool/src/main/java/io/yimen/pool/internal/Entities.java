package io.yimen.pool.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Table {@code entity}: the golden records. */
final class Entities {
    private static final String SELECT = """
            select e.id, e.entity_type, e.status, e.version, e.place_id, e.anchor, e.content_hash, e.records
              from unnest(?::bigint[]) i (id) join pool.entity e on e.id = i.id
            """;
    private static final String NEXT_IDS = """
            select nextval('pool.entity_id') from generate_series(1, ?)
            """;
    private static final String WRITTEN = """
            (select unnest(?::bigint[]) as id, unnest(?::text[]) as entity_type, unnest(?::bigint[]) as version,
                    unnest(?::bigint[]) as place_id, unnest(?::text[]) as title, unnest(?::text[]) as fields,
                    unnest(?::text[]) as lineage, unnest(?::text[]) as anchor, unnest(?::bytea[]) as content_hash,
                    unnest(?::int[]) as records, unnest(?::bigint[]) as change_seq) u""";
    private static final String INSERT = """
            insert into pool.entity (id, entity_type, status, redirect_to, version, place_id, title, fields, lineage,
                                     anchor, content_hash, records, created_at, updated_at, change_seq)
            select u.id, u.entity_type, 'ACTIVE', null, u.version, u.place_id, u.title, u.fields::jsonb,
                   u.lineage::jsonb, u.anchor, u.content_hash, u.records, w.at, w.at, u.change_seq
              from (select ?::timestamptz) w (at), %s
            """.formatted(WRITTEN);
    private static final String UPDATE = """
            update pool.entity e
               set status = 'ACTIVE', redirect_to = null, version = u.version, place_id = u.place_id, title = u.title,
                   fields = u.fields::jsonb, lineage = u.lineage::jsonb, anchor = u.anchor,
                   content_hash = u.content_hash, records = u.records,
                   updated_at = case when u.change_seq = 0 then e.updated_at else w.at end,
                   change_seq = case when u.change_seq = 0 then e.change_seq else u.change_seq end
              from (select ?::timestamptz) w (at), %s
             where e.id = u.id
            """.formatted(WRITTEN);
    private static final String END = """
            update pool.entity e
               set status = case when u.redirect_to is null then 'RETIRED' else 'REDIRECTED' end,
                   redirect_to = u.redirect_to, version = e.version + 1, records = 0, updated_at = ?,
                   change_seq = u.change_seq
              from unnest(?::bigint[], ?::bigint[], ?::bigint[]) u (id, redirect_to, change_seq)
             where e.id = u.id
            """;
    // Whoever led to an entity that is gone leads on to where that one leads now: one hop, always.
    private static final String FOLLOW = """
            update pool.entity e
               set redirect_to = u.redirect_to
              from unnest(?::bigint[], ?::bigint[]) u (id, redirect_to)
             where e.redirect_to = u.id and u.redirect_to is not null
            """;
    private static final String PATCH = """
            update pool.entity e
               set fields = jsonb_strip_nulls(e.fields || u.patch::jsonb),
                   place_id = case when u.replace_place then u.place_id else e.place_id end,
                   version = e.version + 1, updated_at = ?, change_seq = u.change_seq
              from unnest(?::bigint[], ?::text[], ?::boolean[], ?::bigint[], ?::bigint[])
                   u (id, patch, replace_place, place_id, change_seq)
             where e.id = u.id
            """;

    /** What is known of an entity before the batch. */
    record Row(
            long id,
            String type,
            String status,
            long version,
            @Nullable Long place,
            String anchor,
            byte[] hash,
            int records) {
        boolean isActive() {
            return status.equals("ACTIVE");
        }

        boolean isRetired() {
            return status.equals("RETIRED");
        }
    }

    /**
     * A golden record to be written.
     *
     * @param isNew whether its id was never used
     * @param changeSeq 0 where nothing that is published changed
     */
    record Write(
            long id,
            boolean isNew,
            String type,
            long version,
            @Nullable Long place,
            String title,
            String fields,
            String lineage,
            String anchor,
            byte[] hash,
            int records,
            long changeSeq) {}

    /** An entity that lost its records: to another, or altogether. */
    record Ending(long id, @Nullable Long redirectTo, long changeSeq) {}

    /** References that came to mean something else, in an entity that is otherwise as it was. */
    record Patch(
            long id,
            String fields,
            boolean replacePlace,
            @Nullable Long place,
            long changeSeq) {}

    private final Transaction tx;

    Entities(Transaction tx) {
        this.tx = tx;
    }

    /** Entities as they are stored; the map is filled with the answer to the next question. */
    Map<Long, Row> load(Collection<Long> ids) {
        Map<Long, Row> found = new HashMap<>();
        if (ids.isEmpty()) {
            return found;
        }
        tx.along(SELECT, row -> found.put(row.getLong(1), row(row)), Sql.ids(ids));
        return found;
    }

    /** Of an answer whose first columns are those of {@link #SELECT}. */
    static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getLong(4),
                row.getObject(5, Long.class),
                row.getString(6),
                row.getBytes(7),
                row.getInt(8));
    }

    List<Long> nextIds(int count) throws SQLException {
        List<Long> ids = new ArrayList<>(count);
        if (count == 0) {
            return ids;
        }
        tx.ask(NEXT_IDS, row -> ids.add(row.getLong(1)), Sql.number(count));
        return ids;
    }

    void save(Collection<Write> writes) {
        write(INSERT, writes.stream().filter(Write::isNew).toList());
        write(UPDATE, writes.stream().filter(w -> !w.isNew).toList());
    }

    private void write(String sql, List<Write> writes) {
        if (writes.isEmpty()) {
            return;
        }
        Sql.Longs ids = new Sql.Longs();
        Sql.Texts types = new Sql.Texts();
        Sql.Longs versions = new Sql.Longs();
        Sql.Longs places = new Sql.Longs();
        Sql.Texts titles = new Sql.Texts();
        Sql.Texts fields = new Sql.Texts();
        Sql.Texts lineages = new Sql.Texts();
        Sql.Texts anchors = new Sql.Texts();
        Sql.Bytes hashes = new Sql.Bytes();
        Sql.Ints records = new Sql.Ints();
        Sql.Longs changes = new Sql.Longs();
        for (Write w : writes) {
            ids.add(w.id);
            types.add(w.type);
            versions.add(w.version);
            places.add(w.place);
            titles.add(w.title);
            fields.add(w.fields);
            lineages.add(w.lineage);
            anchors.add(w.anchor);
            hashes.add(w.hash);
            records.add(w.records);
            changes.add(w.changeSeq);
        }
        tx.later(
                sql,
                Sql.time(tx.timestamp()),
                ids,
                types,
                versions,
                places,
                titles,
                fields,
                lineages,
                anchors,
                hashes,
                records,
                changes);
    }

    void end(Collection<Ending> endings) {
        if (endings.isEmpty()) {
            return;
        }
        Sql.Longs ids = new Sql.Longs();
        Sql.Longs redirects = new Sql.Longs();
        Sql.Longs changes = new Sql.Longs();
        for (Ending ending : endings) {
            ids.add(ending.id);
            redirects.add(ending.redirectTo);
            changes.add(ending.changeSeq);
        }
        tx.later(END, Sql.time(tx.timestamp()), ids, redirects, changes);
        tx.later(FOLLOW, ids, redirects);
    }

    void patch(Collection<Patch> patches) {
        if (patches.isEmpty()) {
            return;
        }
        Sql.Longs ids = new Sql.Longs();
        Sql.Texts fields = new Sql.Texts();
        Sql.Booleans replace = new Sql.Booleans();
        Sql.Longs places = new Sql.Longs();
        Sql.Longs changes = new Sql.Longs();
        for (Patch patch : patches) {
            ids.add(patch.id);
            fields.add(patch.fields);
            replace.add(patch.replacePlace);
            places.add(patch.place);
            changes.add(patch.changeSeq);
        }
        tx.later(PATCH, Sql.time(tx.timestamp()), ids, fields, replace, places, changes);
    }
}
