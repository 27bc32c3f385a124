package io.yimen.pool.internal;

import java.sql.PreparedStatement;
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
    private static final String UPSERT = """
            insert into pool.entity as e (id, entity_type, status, redirect_to, version, place_id, title, fields, lineage,
                                          anchor, content_hash, records, created_at, updated_at, change_seq)
            select u.id, u.entity_type, 'ACTIVE', null, u.version, u.place_id, u.title, u.fields::jsonb,
                   u.lineage::jsonb, u.anchor, u.content_hash, u.records, ?, ?, u.change_seq
              from unnest(?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
                          ?::bytea[], ?::int[], ?::bigint[])
                   u (id, entity_type, version, place_id, title, fields, lineage, anchor, content_hash, records,
                      change_seq)
            on conflict (id) do update
              set status = 'ACTIVE', redirect_to = null, version = excluded.version, place_id = excluded.place_id,
                  title = excluded.title, fields = excluded.fields, lineage = excluded.lineage,
                  anchor = excluded.anchor, content_hash = excluded.content_hash, records = excluded.records,
                  updated_at = case when excluded.change_seq = 0 then e.updated_at else excluded.updated_at end,
                  change_seq = case when excluded.change_seq = 0 then e.change_seq else excluded.change_seq end
            """;
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
     * @param changeSeq 0 where nothing that is published changed
     */
    record Write(
            long id,
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

    Map<Long, Row> load(Collection<Long> ids) throws SQLException {
        Map<Long, Row> found = new HashMap<>();
        if (ids.isEmpty()) {
            return found;
        }
        try (PreparedStatement select = tx.db().prepareStatement(SELECT)) {
            Sql.set(select, 1, ids);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(
                            rows.getLong(1),
                            new Row(
                                    rows.getLong(1),
                                    rows.getString(2),
                                    rows.getString(3),
                                    rows.getLong(4),
                                    rows.getObject(5, Long.class),
                                    rows.getString(6),
                                    rows.getBytes(7),
                                    rows.getInt(8)));
                }
            }
        }
        return found;
    }

    List<Long> nextIds(int count) throws SQLException {
        List<Long> ids = new ArrayList<>(count);
        if (count == 0) {
            return ids;
        }
        try (PreparedStatement select = tx.db().prepareStatement(NEXT_IDS)) {
            select.setInt(1, count);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getLong(1));
                }
            }
        }
        return ids;
    }

    void save(Collection<Write> writes) throws SQLException {
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
        try (PreparedStatement upsert = tx.db().prepareStatement(UPSERT)) {
            upsert.setObject(1, tx.timestamp());
            upsert.setObject(2, tx.timestamp());
            ids.set(upsert, 3);
            types.set(upsert, 4);
            versions.set(upsert, 5);
            places.set(upsert, 6);
            titles.set(upsert, 7);
            fields.set(upsert, 8);
            lineages.set(upsert, 9);
            anchors.set(upsert, 10);
            hashes.set(upsert, 11);
            records.set(upsert, 12);
            changes.set(upsert, 13);
            upsert.executeUpdate();
        }
    }

    void end(Collection<Ending> endings) throws SQLException {
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
        try (PreparedStatement update = tx.db().prepareStatement(END)) {
            update.setObject(1, tx.timestamp());
            ids.set(update, 2);
            redirects.set(update, 3);
            changes.set(update, 4);
            update.executeUpdate();
        }
        try (PreparedStatement update = tx.db().prepareStatement(FOLLOW)) {
            ids.set(update, 1);
            redirects.set(update, 2);
            update.executeUpdate();
        }
    }

    void patch(Collection<Patch> patches) throws SQLException {
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
        try (PreparedStatement update = tx.db().prepareStatement(PATCH)) {
            update.setObject(1, tx.timestamp());
            ids.set(update, 2);
            fields.set(update, 3);
            replace.set(update, 4);
            places.set(update, 5);
            changes.set(update, 6);
            update.executeUpdate();
        }
    }
}
