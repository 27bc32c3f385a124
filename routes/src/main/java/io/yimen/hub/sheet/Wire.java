package io.yimen.hub.sheet;

import static io.yimen.hub.ledger.Wire.at;

import io.yimen.api.model.Upload;
import io.yimen.api.model.UploadChange;
import io.yimen.api.model.UploadFault;
import io.yimen.api.model.UploadRow;
import io.yimen.api.model.UploadRowPage;
import io.yimen.api.model.UploadRowState;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.model.PoolModel;
import java.time.Clock;
import java.time.Duration;

/** The one hop between uploads in the pool and the contract's records. */
final class Wire {
    /** What has not moved for so long moves no more by itself. */
    private static final Duration STALLED = Duration.ofSeconds(60);

    private final PoolModel model;
    private final Clock clock;

    Wire(PoolModel model, Clock clock) {
        this.model = model;
        this.clock = clock;
    }

    Upload from(io.yimen.pool.correction.Upload upload) {
        boolean moving = upload.state() == io.yimen.pool.correction.Upload.State.READING
                || upload.state() == io.yimen.pool.correction.Upload.State.APPLYING;
        return new Upload()
                .id(Long.toString(upload.id()))
                .ledger(model.getType(upload.entityType()).ledger())
                .name(upload.fileName())
                .state(Upload.StateEnum.fromValue(upload.state().name()))
                .message(upload.message())
                .rows(upload.rows())
                .pending(upload.pending())
                .faulty(upload.faulty())
                .applied(upload.applied())
                .corrections(upload.corrections())
                .at(at(upload.at()))
                .updatedAt(at(upload.updatedAt()))
                .stalled(moving && upload.updatedAt().plus(STALLED).isBefore(clock.instant()));
    }

    static UploadRowPage from(Uploads.RowPage page) {
        return new UploadRowPage()
                .rows(page.rows().stream().map(Wire::from).toList())
                .nextCursor(page.next());
    }

    private static UploadRow from(io.yimen.pool.correction.UploadRow row) {
        return new UploadRow()
                .number(row.entry().number())
                .state(UploadRowState.fromValue(row.state().name()))
                .record(row.entity() == null ? null : Long.toString(row.entity()))
                .title(row.entry().title())
                .reason(row.entry().reason().isBlank() ? null : row.entry().reason())
                .changes(row.changes().stream()
                        .map(c -> new UploadChange()
                                .field(c.field())
                                .from(c.from())
                                .to(c.to())
                                .masked(c.masked() ? true : null))
                        .toList())
                .faults(row.faults().stream()
                        .map(f -> new UploadFault()
                                .column(f.column())
                                .cell(f.cell().isEmpty() ? null : f.cell())
                                .code(f.code())
                                .message(f.message()))
                        .toList());
    }
}
