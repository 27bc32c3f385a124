package io.yimen.pool.internal;

import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.Upload;
import io.yimen.pool.correction.UploadRow;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes corrections of the rows of an upload within a transaction that holds the pool's lock. For one transaction. */
public final class UploadApplication {
    private final UploadTable uploads;
    private final CorrectionApplication corrections;

    public UploadApplication(UploadTable uploads, CorrectionApplication corrections) {
        this.uploads = uploads;
        this.corrections = corrections;
    }

    /** As {@link io.yimen.pool.correction.Uploads#applyNext}. */
    Upload applyNext(Authority by, long id, int most) throws SQLException {
        String actor = by.scope().actor();
        UploadTable.Kept kept =
                uploads.get(actor, id, true, Upload.State.READY, Upload.State.APPLYING, Upload.State.APPLIED);
        if (kept.upload().state() == Upload.State.READY) {
            corrections.audit(
                    by,
                    "APPLY_UPLOAD",
                    "upload/" + id,
                    Map.of("rows", kept.upload().pending()));
        }
        List<UploadRow> rows = uploads.rows(id, EnumSet.of(UploadRow.State.CHANGES), 0, most);
        if (!rows.isEmpty()) {
            apply(by, kept, rows);
        }
        uploads.move(actor, id, rows.size() < most ? Upload.State.APPLIED : Upload.State.APPLYING, null);
        return uploads.get(actor, id, false).upload();
    }

    /** A row is applied whole or not at all. */
    private void apply(Authority by, UploadTable.Kept kept, List<UploadRow> rows) throws SQLException {
        List<Request> requests = new ArrayList<>();
        for (UploadRow row : rows) {
            row.changes().forEach(change -> requests.add(request(kept, row, change)));
        }
        List<CorrectionApplication.Prepared> prepared = corrections.prepare(by, requests);
        List<CorrectionApplication.Making> makings = new ArrayList<>();
        List<Integer> applied = new ArrayList<>();
        Map<Integer, List<UploadRow.Fault>> spoiled = new LinkedHashMap<>();
        int at = 0;
        for (UploadRow row : rows) {
            List<CorrectionApplication.Making> mine = new ArrayList<>();
            List<UploadRow.Fault> faults = new ArrayList<>();
            for (UploadRow.Change change : row.changes()) {
                CorrectionApplication.Prepared one = prepared.get(at++);
                if (one.making() != null) {
                    mine.add(one.making());
                }
                if (one.fault() != null) {
                    faults.add(new UploadRow.Fault(
                            change.field(),
                            "",
                            "overtaken",
                            String.valueOf(one.fault().getMessage())));
                }
            }
            if (faults.isEmpty()) {
                makings.addAll(mine);
                applied.add(row.entry().number());
            } else {
                spoiled.put(row.entry().number(), faults);
            }
        }
        corrections.make(by, makings);
        long id = kept.upload().id();
        uploads.applied(id, applied);
        uploads.spoiled(id, spoiled);
        uploads.count(by.scope().actor(), id, 0, -rows.size(), spoiled.size(), applied.size(), makings.size());
    }

    private static Request request(UploadTable.Kept kept, UploadRow row, UploadRow.Change change) {
        Long entity = row.entity();
        if (entity == null) {
            throw new IllegalStateException("A row that changes something names its record");
        }
        String expires = row.entry().expires().strip();
        return new Request(
                kept.type().name(),
                entity,
                row.version(),
                change.field(),
                change.to(),
                row.entry().reason(),
                expires.isEmpty() ? null : LocalDate.parse(expires),
                List.of());
    }
}
