package io.yimen.hub.sheet;

import io.yimen.api.UploadsApi;
import io.yimen.api.model.Upload;
import io.yimen.api.model.UploadList;
import io.yimen.api.model.UploadRowPage;
import io.yimen.api.model.UploadRowState;
import io.yimen.hub.access.Caller;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** What somebody uploaded, and what becomes of it. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class UploadsResource implements UploadsApi {
    private final Uploads uploads;
    private final UploadWork work;
    private final Caller caller;
    private final Wire wire;

    UploadsResource(Uploads uploads, UploadWork work, Caller caller, PoolModel model, Clock clock) {
        this.uploads = uploads;
        this.work = work;
        this.caller = caller;
        this.wire = new Wire(model, clock);
    }

    @Override
    public UploadList listUploads() {
        return new UploadList()
                .uploads(uploads.list(caller.scope()).stream().map(wire::from).toList());
    }

    @Override
    public Upload getUpload(String id) {
        return wire.from(uploads.find(caller.scope(), Long.parseLong(id)));
    }

    @Override
    public void discardUpload(String id) {
        uploads.discard(caller.scope(), Long.parseLong(id));
    }

    @Override
    public UploadRowPage listUploadRows(
            String id, @Nullable List<UploadRowState> state, @Nullable String cursor, Integer limit) {
        Set<UploadRow.State> states = state == null
                ? Set.of()
                : state.stream().map(s -> UploadRow.State.valueOf(s.name())).collect(Collectors.toSet());
        return Wire.from(uploads.rows(caller.scope(), Long.parseLong(id), states, cursor, limit));
    }

    @Override
    @ResponseStatus(202)
    public Upload applyUpload(String id) {
        return wire.from(work.apply(caller.authority(), Long.parseLong(id)));
    }
}
