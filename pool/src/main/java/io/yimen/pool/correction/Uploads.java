package io.yimen.pool.correction;

import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Many corrections at once: the rows of a spreadsheet, checked against the records that they speak of, kept as they were
 * typed, and applied as corrections. An upload belongs to whoever uploaded it; to everybody else it is not there.
 * Thread-safe.
 */
public interface Uploads {
    /** Rows of the largest upload. */
    int MOST_ROWS = 100_000;

    /** Uploads that one person may keep. */
    int MOST_KEPT = 20;

    /** How long an upload is kept after it last moved. */
    Duration KEPT = Duration.ofDays(14);

    /** The fields that a sheet of a type has, in order. References are not corrected. */
    static List<Field> columns(EntityType type) {
        return type.fields().stream().filter(f -> !f.isReference()).toList();
    }

    /**
     * A record as the row of a sheet.
     *
     * @param values by column: masked where sensitive, the meaning of a code, empty where there is none
     */
    record Line(long id, long version, String title, List<String> values) {
        public Line {
            values = List.copyOf(values);
        }

        @Override
        public String toString() {
            return "line of " + id;
        }
    }

    /** @param next cursor of the next page; {@code null} on the last */
    record RowPage(List<UploadRow> rows, @Nullable String next) {
        public RowPage {
            rows = List.copyOf(rows);
        }
    }

    /**
     * The next records of a ledger, by title; fewer than {@code limit} are the last.
     *
     * @param place only those of this place and below; {@code null}: all of the scope
     * @param after the last one of the lines before; {@code null} for the first, which leaves the audit line
     */
    List<Line> template(Scope scope, String entityType, @Nullable Long place, @Nullable Line after, int limit);

    /**
     * Begins an upload.
     *
     * @param fields of the columns, in their order
     * @throws PoolException {@code INVALID} if a field is none that can be corrected; {@code CONFLICT} if too many
     *     uploads are kept
     */
    long open(Scope by, String entityType, List<String> fields, String fileName);

    /** Checks rows and keeps them as they are typed. */
    void add(Scope by, long upload, List<UploadRow.Entry> rows);

    /** All rows are there. */
    Upload close(Scope by, long upload);

    /** The rest of the file cannot be read: nothing of it is kept but why. */
    void refuse(Scope by, long upload, String why);

    /** One's own uploads, latest first. */
    List<Upload> list(Scope by);

    /** @throws PoolException {@code NOT_FOUND} if it is none of one's own */
    Upload find(Scope by, long upload);

    /** The fields of its columns, in their order. */
    List<Field> fieldsOf(Scope by, long upload);

    /**
     * Its rows, in order.
     *
     * @param states empty: all
     * @param after cursor of the page before; {@code null} for the first
     */
    RowPage rows(Scope by, long upload, Set<UploadRow.State> states, @Nullable String after, int limit);

    /**
     * Makes corrections of the next rows, in one transaction; accepts those that {@code by} may accept. A row that has
     * become wrong since it was checked is faulty from then on. Asked again, it goes on from where it was: no row is
     * applied twice.
     *
     * @param most rows
     * @return as it is now; {@link Upload.State#APPLIED} once nothing is left
     * @throws PoolException {@code CONFLICT} if it is not checked yet, or is refused
     */
    Upload applyNext(Authority by, long upload, int most);

    /** An upload that somebody had begun to apply. */
    record Begun(String actor, long upload) {}

    /** Those whose applying was begun and is not over, of everybody; for the hub, after its start. */
    List<Begun> begun();

    /** Forgets it with all its rows; the corrections that were made of it stay. */
    void discard(Scope by, long upload);

    /** Forgets all that have not moved since {@code before}. */
    int forget(Instant before);
}
