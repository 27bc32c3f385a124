package io.yimen.hub.sheet;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.yimen.api.model.Upload;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far an upload is, as server-sent events, until it is at rest. */
@ApplicationScoped
@Path("/correction-uploads/{id}/progress")
@RolesAllowed({"worker", "officer", "admin"})
public class UploadProgress {
    private static final Duration EVERY = Duration.ofMillis(500);

    private final Uploads uploads;
    private final Caller caller;
    private final Sse sse;
    private final Wire wire;

    UploadProgress(Uploads uploads, Caller caller, Sse sse, PoolModel model, Clock clock) {
        this.uploads = uploads;
        this.caller = caller;
        this.sse = sse;
        this.wire = new Wire(model, clock);
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<OutboundSseEvent> streamUpload(@PathParam("id") String id) {
        if (!id.matches("[0-9]{1,18}")) {
            throw ProblemException.invalid("id", "is no id");
        }
        Listener listener = new Listener(caller.scope(), Long.parseLong(id));
        uploads.find(listener.scope, listener.id);
        return Multi.createFrom()
                .ticks()
                .every(EVERY)
                .onOverflow()
                .drop()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .select()
                .first(tick -> !listener.over)
                .onItem()
                .transformToIterable(tick -> listener.moved());
    }

    /** What one listener has been told. */
    private final class Listener {
        private final Scope scope;
        private final long id;
        private @Nullable Upload told;
        private boolean over;

        Listener(Scope scope, long id) {
            this.scope = scope;
            this.id = id;
        }

        List<OutboundSseEvent> moved() {
            try {
                Upload now = wire.from(uploads.find(scope, id));
                over = now.getStalled()
                        || now.getState() != Upload.StateEnum.READING && now.getState() != Upload.StateEnum.APPLYING;
                if (now.equals(told)) {
                    return List.of();
                }
                told = now;
                return List.of(sse.newEventBuilder()
                        .name("upload")
                        .id(now.getId())
                        .mediaType(MediaType.APPLICATION_JSON_TYPE)
                        .data(Upload.class, now)
                        .build());
            } catch (PoolException e) {
                over = e.kind() != PoolException.Kind.RETRY;
                return List.of();
            }
        }
    }
}
