package io.yimen.pool.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Upload;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tables {@code correction_upload} and {@code correction_upload_row}. Every statement names whose upload it is. */
public final class UploadTable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<List<@Nullable String>>> LISTS = new TypeReference<>() {};
    private static final TypeReference<List<String>> LIST = new TypeReference<>() {};

    private static final String SELECT = """
            select id, entity_type, file_name, state, message, rows, pending, faulty, applied, corrections, at,
                   updated_at, fields
              from pool.correction_upload
             where actor = ?""";
    private static final String INSERT = """
            insert into pool.correction_upload (entity_type, file_name, fields, actor, state, at, updated_at)
            values (?, ?, ?, ?, 'READING', ?, ?)
            returning id
            """;
    private static final String INSERT_ROWS = """
            insert into pool.correction_upload_row (upload_id, number, entity_id, version, state, typed, changes, faults)
            select ?, u.* from unnest(?::int[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[]) u
            """;
    private static final String COUNT = """
            update pool.correction_upload
               set rows = rows + ?, pending = pending + ?, faulty = faulty + ?, applied = applied + ?,
                   corrections = corrections + ?, updated_at = ?
             where id = ? and actor = ?
            """;
    private static final String MOVE = """
            update pool.correction_upload set state = ?, message = ?, updated_at = ? where id = ? and actor = ?
            """;
    // The first row that speaks of a record is the one that counts.
    private static final String MARK_TWICE = """
            update pool.correction_upload_row r
               set state = 'FAULTY',
                   faults = jsonb_build_array(jsonb_build_array('record', '', 'twice',
                     'The record stands in row ' || o.number || ' already: leave one of them'))::text
              from (select entity_id, min(number) as number
                      from pool.correction_upload_row
                     where upload_id = ? and state <> 'NOTHING' and entity_id is not null
                     group by entity_id having count(*) > 1) o
             where r.upload_id = ? and r.entity_id = o.entity_id and r.number > o.number and r.state = 'CHANGES'
            """;
    private static final String SELECT_ROWS = """
            select number, entity_id, version, state, typed, changes, faults
              from pool.correction_upload_row
             where upload_id = ? and state = any (?) and number > ?
             order by number limit ?
            """;
    // What was typed is in the corrections now.
    private static final String APPLIED = """
            update pool.correction_upload_row
               set state = 'APPLIED', typed = null, changes = null
             where upload_id = ? and number = any (?)
            """;
    private static final String SPOILED = """
            update pool.correction_upload_row r
               set state = 'FAULTY', faults = u.faults
              from unnest(?::int[], ?::text[]) u (number, faults)
             where r.upload_id = ? and r.number = u.number
            """;

    private final Connection db;
    private final PoolModel model;
    private final Vault vault;
    private final OffsetDateTime now;

    public UploadTable(Connection db, PoolModel model, Vault vault, Instant now) {
        this.db = db;
        this.model = model;
        this.vault = vault;
        this.now = now.atOffset(ZoneOffset.UTC);
    }

    /** An upload with its columns. */
    record Kept(Upload upload, EntityType type, List<String> fields) {}

    long insert(String actor, EntityType type, List<String> fields, String fileName) throws SQLException {
        try (PreparedStatement insert = db.prepareStatement(INSERT)) {
            insert.setString(1, type.name());
            insert.setString(2, vault.seal(fileName));
            insert.setArray(3, db.createArrayOf("text", fields.toArray()));
            insert.setString(4, actor);
            insert.setObject(5, now);
            insert.setObject(6, now);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /**
     * One's own, latest first.
     *
     * @param id {@code null}: all
     * @param lock whether nobody else may change it until the transaction ends
     */
    List<Uploads.Begun> begun() throws SQLException {
        List<Uploads.Begun> found = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(
                        "select actor, id from correction_upload where state = 'APPLYING' order by id");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(new Uploads.Begun(row.getString(1), row.getLong(2)));
            }
        }
        return found;
    }

    List<Kept> of(String actor, @Nullable Long id, boolean lock) throws SQLException {
        String sql = SELECT + (id == null ? " order by id desc" : " and id = ?") + (lock ? " for update" : "");
        List<Kept> found = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(sql)) {
            select.setString(1, actor);
            if (id != null) {
                select.setLong(2, id);
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    EntityType type = model.getType(row.getString(2));
                    Upload upload = new Upload(
                            row.getLong(1),
                            type.name(),
                            vault.open(row.getString(3)),
                            Upload.State.valueOf(row.getString(4)),
                            row.getString(5),
                            row.getInt(6),
                            row.getInt(7),
                            row.getInt(8),
                            row.getInt(9),
                            row.getInt(10),
                            row.getObject(11, OffsetDateTime.class).toInstant(),
                            row.getObject(12, OffsetDateTime.class).toInstant());
                    found.add(new Kept(
                            upload, type, List.of((String[]) row.getArray(13).getArray())));
                }
            }
        }
        return found;
    }

    /** @throws PoolException {@code NOT_FOUND} if it is none of one's own; {@code CONFLICT} if it is in another state */
    Kept get(String actor, long id, boolean lock, Upload.State... states) throws SQLException {
        Kept kept = of(actor, id, lock).stream().findFirst().orElseThrow(() -> ScopedReads.notFound("upload"));
        if (states.length > 0 && !Arrays.asList(states).contains(kept.upload.state())) {
            throw new PoolException(
                    PoolException.Kind.CONFLICT,
                    "Upload " + id + " is " + kept.upload.state().name().toLowerCase(Locale.ROOT));
        }
        return kept;
    }

    void insertRows(String actor, long upload, List<UploadRow> rows) throws SQLException {
        Sql.Ints numbers = new Sql.Ints();
        Sql.Longs entities = new Sql.Longs();
        Sql.Longs versions = new Sql.Longs();
        Sql.Texts states = new Sql.Texts();
        Sql.Texts typed = new Sql.Texts();
        Sql.Texts changes = new Sql.Texts();
        Sql.Texts faults = new Sql.Texts();
        int pending = 0;
        int faulty = 0;
        for (UploadRow row : rows) {
            numbers.add(row.entry().number());
            entities.add(row.entity());
            versions.add(row.version());
            states.add(row.state().name());
            typed.add(vault.seal(cells(row.entry())));
            changes.add(row.changes().isEmpty() ? null : vault.seal(changes(row.changes())));
            faults.add(faults(row.faults()));
            pending += row.state() == UploadRow.State.CHANGES ? 1 : 0;
            faulty += row.state() == UploadRow.State.FAULTY ? 1 : 0;
        }
        try (PreparedStatement insert = db.prepareStatement(INSERT_ROWS)) {
            insert.setLong(1, upload);
            numbers.set(insert, 2);
            entities.set(insert, 3);
            versions.set(insert, 4);
            states.set(insert, 5);
            typed.set(insert, 6);
            changes.set(insert, 7);
            faults.set(insert, 8);
            insert.executeUpdate();
        }
        count(actor, upload, rows.size(), pending, faulty, 0, 0);
    }

    /** Moves the counts of an upload by so much. */
    void count(String actor, long upload, int rows, int pending, int faulty, int applied, int corrections)
            throws SQLException {
        try (PreparedStatement update = db.prepareStatement(COUNT)) {
            update.setInt(1, rows);
            update.setInt(2, pending);
            update.setInt(3, faulty);
            update.setInt(4, applied);
            update.setInt(5, corrections);
            update.setObject(6, now);
            update.setLong(7, upload);
            update.setString(8, actor);
            update.executeUpdate();
        }
    }

    void move(String actor, long upload, Upload.State state, @Nullable String message) throws SQLException {
        try (PreparedStatement update = db.prepareStatement(MOVE)) {
            update.setString(1, state.name());
            update.setString(2, message);
            update.setObject(3, now);
            update.setLong(4, upload);
            update.setString(5, actor);
            update.executeUpdate();
        }
    }

    /** Finds records of which more than one row speaks. */
    void markTwice(String actor, long upload) throws SQLException {
        try (PreparedStatement update = db.prepareStatement(MARK_TWICE)) {
            update.setLong(1, upload);
            update.setLong(2, upload);
            int marked = update.executeUpdate();
            count(actor, upload, 0, -marked, marked, 0, 0);
        }
    }

    /** Rows after {@code number}, in order; {@code to} of their changes is in clear. */
    List<UploadRow> rows(long upload, Set<UploadRow.State> states, int number, int limit) throws SQLException {
        Object[] names = (states.isEmpty() ? Set.of(UploadRow.State.values()) : states)
                .stream().map(Enum::name).toArray();
        List<UploadRow> rows = new ArrayList<>();
        try (PreparedStatement select = db.prepareStatement(SELECT_ROWS)) {
            select.setLong(1, upload);
            select.setArray(2, db.createArrayOf("text", names));
            select.setInt(3, number);
            select.setInt(4, limit);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String typed = row.getString(5);
                    String changes = row.getString(6);
                    String faults = row.getString(7);
                    rows.add(new UploadRow(
                            entry(row.getInt(1), typed == null ? null : vault.open(typed)),
                            row.getObject(2, Long.class),
                            row.getLong(3),
                            UploadRow.State.valueOf(row.getString(4)),
                            changes == null ? List.of() : readChanges(vault.open(changes)),
                            faults == null ? List.of() : readFaults(faults)));
                }
            }
        }
        return rows;
    }

    void applied(long upload, Collection<Integer> numbers) throws SQLException {
        try (PreparedStatement update = db.prepareStatement(APPLIED)) {
            update.setLong(1, upload);
            update.setArray(2, db.createArrayOf("int", numbers.toArray()));
            update.executeUpdate();
        }
    }

    void spoiled(long upload, Map<Integer, List<UploadRow.Fault>> spoiled) throws SQLException {
        Sql.Ints numbers = new Sql.Ints();
        Sql.Texts faults = new Sql.Texts();
        spoiled.forEach((number, of) -> {
            numbers.add(number);
            faults.add(faults(of));
        });
        try (PreparedStatement update = db.prepareStatement(SPOILED)) {
            numbers.set(update, 1);
            faults.set(update, 2);
            update.setLong(3, upload);
            update.executeUpdate();
        }
    }

    /** Takes its rows out. */
    void drop(long upload) throws SQLException {
        try (PreparedStatement delete =
                db.prepareStatement("delete from pool.correction_upload_row where upload_id = ?")) {
            delete.setLong(1, upload);
            delete.executeUpdate();
        }
    }

    void delete(String actor, long upload) throws SQLException {
        try (PreparedStatement delete =
                db.prepareStatement("delete from pool.correction_upload where id = ? and actor = ?")) {
            delete.setLong(1, upload);
            delete.setString(2, actor);
            delete.executeUpdate();
        }
    }

    int deleteBefore(Instant before) throws SQLException {
        try (PreparedStatement delete =
                db.prepareStatement("delete from pool.correction_upload where updated_at < ?")) {
            delete.setObject(1, before.atOffset(ZoneOffset.UTC));
            return delete.executeUpdate();
        }
    }

    private static String cells(UploadRow.Entry entry) {
        JsonText json = new JsonText().array();
        json.string(entry.record()).string(entry.version()).string(entry.title());
        json.string(entry.reason()).string(entry.expires());
        entry.values().forEach(json::string);
        return json.end().toString();
    }

    private static UploadRow.Entry entry(int number, @Nullable String cells) {
        if (cells == null) {
            return new UploadRow.Entry(number, "", "", "", List.of(), "", "", List.of());
        }
        List<String> read = read(cells, LIST);
        return new UploadRow.Entry(
                number,
                read.get(0),
                read.get(1),
                read.get(2),
                read.subList(5, read.size()),
                read.get(3),
                read.get(4),
                List.of());
    }

    private static String changes(List<UploadRow.Change> changes) {
        JsonText json = new JsonText().array();
        for (UploadRow.Change change : changes) {
            json.array().string(change.field());
            add(json, change.from());
            add(json, change.to());
            json.string(Boolean.toString(change.masked())).end();
        }
        return json.end().toString();
    }

    private static void add(JsonText json, @Nullable String text) {
        if (text == null) {
            json.nothing();
        } else {
            json.string(text);
        }
    }

    private static List<UploadRow.Change> readChanges(String json) {
        return read(json, LISTS).stream()
                .map(c -> new UploadRow.Change(
                        String.valueOf(c.get(0)), c.get(1), c.get(2), Boolean.parseBoolean(c.get(3))))
                .toList();
    }

    private static @Nullable String faults(List<UploadRow.Fault> faults) {
        if (faults.isEmpty()) {
            return null;
        }
        JsonText json = new JsonText().array();
        faults.forEach(f -> json.array()
                .string(f.column())
                .string(f.cell())
                .string(f.code())
                .string(f.message())
                .end());
        return json.end().toString();
    }

    private static List<UploadRow.Fault> readFaults(String json) {
        return read(json, LISTS).stream()
                .map(f -> new UploadRow.Fault(
                        String.valueOf(f.get(0)),
                        String.valueOf(f.get(1)),
                        String.valueOf(f.get(2)),
                        String.valueOf(f.get(3))))
                .toList();
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A kept row is JSON", e);
        }
    }
}
