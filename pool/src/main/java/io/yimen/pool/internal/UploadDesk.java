package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Upload;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.ledger.Cursors;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.ledger.Sql;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.seal.Vault;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where many corrections are made at once: rows are checked within the scope, kept beside it, applied in the pool's turn. */
public final class UploadDesk implements Uploads {
    private static final int LONGEST_NAME = 200;
    private static final int MOST = 1000;
    private static final Set<Upload.State> KEEPING =
            EnumSet.of(Upload.State.READING, Upload.State.READY, Upload.State.APPLYING);

    private final ScopedReads reads;
    private final Vault vault;
    private final Cursors cursors;
    private final Audit audit;
    private final Clock clock;
    private final Turn turn;

    /** Work inside a transaction. */
    public interface Turn {
        /** On the kept rows alone. */
        interface Keeping<T> {
            T with(UploadTable uploads) throws SQLException;
        }

        /** In the pool's turn to write. */
        interface Applying<T> {
            T with(UploadApplication application) throws SQLException;
        }

        <T> T keep(String what, Keeping<T> work);

        <T> T apply(String what, Applying<T> work);
    }

    public UploadDesk(ScopedReads reads, Audit audit, Clock clock, Turn turn) {
        this.reads = reads;
        this.vault = reads.vault();
        this.cursors = new Cursors(vault);
        this.audit = audit;
        this.clock = clock;
        this.turn = turn;
    }

    @Override
    public List<Line> template(Scope scope, String entityType, @Nullable Long place, @Nullable Line after, int limit) {
        ScopedReads.checkLimit(limit, MOST);
        EntityType type = reads.model().getType(entityType);
        List<Field> columns = Uploads.columns(type);
        var sql = new Sql()
                .add(
                        "select e.id, e.version, e.title, e.fields::text from pool.entity e"
                                + " where e.entity_type = ? and e.status = 'ACTIVE'",
                        type.name());
        ScopedReads.limitToPlaces(sql, "e.place_id", scope, place);
        if (after != null) {
            sql.add("and (e.title, e.id) > (?, ?)", after.title(), after.id());
        }
        sql.add("order by e.title, e.id limit ?", limit);
        var access = after == null
                ? reads.reading(
                        "TEMPLATE", type.name(), place == null ? Map.of() : Map.of("place", place), List.of(type))
                : ScopedReads.operations();
        return reads.read(scope, access, connection -> {
            List<Line> lines = new ArrayList<>();
            try (var select = sql.on(connection);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    @Nullable String[] stored = PackedClaim.readFields(row.getString(4), type);
                    lines.add(new Line(
                            row.getLong(1),
                            row.getLong(2),
                            row.getString(3),
                            columns.stream()
                                    .map(f -> SheetText.of(f, stored[type.indexOf(f.name())], vault))
                                    .toList()));
                }
            }
            return lines;
        });
    }

    @Override
    public long open(Scope by, String entityType, List<String> fields, String fileName) {
        EntityType type = reads.model().getType(entityType);
        for (String name : fields) {
            Optional<Field> field = type.findField(name);
            if (field.isEmpty() || field.get().isReference()) {
                throw new PoolException(PoolException.Kind.INVALID, type + " has no field " + name + " to correct");
            }
        }
        if (Set.copyOf(fields).size() < fields.size()) {
            throw new PoolException(PoolException.Kind.INVALID, "A column stands twice in the sheet");
        }
        String name = fileName.length() > LONGEST_NAME ? fileName.substring(0, LONGEST_NAME) : fileName;
        long id = turn.keep("open an upload", uploads -> {
            long kept = uploads.of(by.actor(), null, false).stream()
                    .filter(k ->
                            KEEPING.contains(k.upload().state()) || k.upload().faulty() > 0)
                    .count();
            if (kept >= MOST_KEPT) {
                throw new PoolException(
                        PoolException.Kind.CONFLICT,
                        MOST_KEPT + " uploads wait to be applied or mended: discard one of them first");
            }
            return uploads.insert(by.actor(), type, fields, name);
        });
        audit.append(by.actor(), "UPLOAD", "upload/" + id, Map.of("entityType", type.name()));
        return id;
    }

    @Override
    public void add(Scope by, long upload, List<UploadRow.Entry> rows) {
        UploadTable.Kept kept = turn.keep(
                "find upload " + upload, uploads -> uploads.get(by.actor(), upload, false, Upload.State.READING));
        UploadCheck check = check(kept);
        List<UploadRow> checked = reads.read(by, ScopedReads.operations(), connection -> check.check(connection, rows));
        turn.keep("keep rows of upload " + upload, uploads -> {
            UploadTable.Kept now = uploads.get(by.actor(), upload, true, Upload.State.READING);
            if (now.upload().rows() + rows.size() > MOST_ROWS) {
                throw new PoolException(PoolException.Kind.INVALID, "An upload has at most " + MOST_ROWS + " rows");
            }
            uploads.insertRows(by.actor(), upload, checked);
            return upload;
        });
    }

    private UploadCheck check(UploadTable.Kept kept) {
        return new UploadCheck(
                kept.type(),
                kept.fields().stream().map(kept.type()::getField).toList(),
                vault,
                LocalDate.ofInstant(clock.instant(), Corrections.ZONE));
    }

    @Override
    public Upload close(Scope by, long upload) {
        return turn.keep("close upload " + upload, uploads -> {
            uploads.get(by.actor(), upload, true, Upload.State.READING);
            uploads.markTwice(by.actor(), upload);
            uploads.move(by.actor(), upload, Upload.State.READY, null);
            return uploads.get(by.actor(), upload, false).upload();
        });
    }

    @Override
    public void refuse(Scope by, long upload, String why) {
        turn.keep("refuse upload " + upload, uploads -> {
            Upload read =
                    uploads.get(by.actor(), upload, true, Upload.State.READING).upload();
            uploads.drop(upload);
            uploads.count(by.actor(), upload, -read.rows(), -read.pending(), -read.faulty(), 0, 0);
            uploads.move(by.actor(), upload, Upload.State.REFUSED, why);
            return upload;
        });
    }

    @Override
    public List<Upload> list(Scope by) {
        return turn.keep(
                "list uploads",
                uploads -> uploads.of(by.actor(), null, false).stream()
                        .map(UploadTable.Kept::upload)
                        .toList());
    }

    @Override
    public Upload find(Scope by, long upload) {
        return turn.keep(
                "find upload " + upload,
                uploads -> uploads.get(by.actor(), upload, false).upload());
    }

    @Override
    public List<Field> fieldsOf(Scope by, long upload) {
        UploadTable.Kept kept = turn.keep("find upload " + upload, uploads -> uploads.get(by.actor(), upload, false));
        return kept.fields().stream().map(kept.type()::getField).toList();
    }

    @Override
    public RowPage rows(Scope by, long upload, Set<UploadRow.State> states, @Nullable String after, int limit) {
        ScopedReads.checkLimit(limit, MOST);
        String question =
                Cursors.question("upload", upload, states.stream().sorted().toList());
        int number = after == null
                ? 0
                : Integer.parseInt(cursors.read(after, question, 1).get(0));
        if (after == null) {
            audit.append(by.actor(), "READ", "upload/" + upload, Map.of());
        }
        return turn.keep("read upload " + upload, uploads -> {
            UploadCheck check = check(uploads.get(by.actor(), upload, false));
            List<UploadRow> found = uploads.rows(upload, states, number, limit + 1);
            List<UploadRow> page = ScopedReads.firstOf(found, limit);
            String next = found.size() > limit
                    ? cursors.write(
                            question,
                            Integer.toString(page.get(page.size() - 1).entry().number()))
                    : null;
            return new RowPage(
                    page.stream()
                            .map(r -> new UploadRow(
                                    r.entry(),
                                    r.entity(),
                                    r.version(),
                                    r.state(),
                                    r.changes().stream().map(check::shown).toList(),
                                    r.faults()))
                            .toList(),
                    next);
        });
    }

    @Override
    public Upload applyNext(Authority by, long upload, int most) {
        ScopedReads.checkLimit(most, MOST);
        return turn.apply("apply upload " + upload, application -> application.applyNext(by, upload, most));
    }

    @Override
    public List<Begun> begun() {
        return turn.keep("find uploads that were begun", UploadTable::begun);
    }

    @Override
    public void discard(Scope by, long upload) {
        turn.keep("discard upload " + upload, uploads -> {
            uploads.get(by.actor(), upload, true);
            uploads.delete(by.actor(), upload);
            return upload;
        });
        audit.append(by.actor(), "DISCARD", "upload/" + upload, Map.of());
    }

    @Override
    public int forget(Instant before) {
        return turn.keep("forget uploads", uploads -> uploads.deleteBefore(before));
    }
}
