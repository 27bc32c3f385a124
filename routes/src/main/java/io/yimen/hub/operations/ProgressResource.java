package io.yimen.hub.operations;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.yimen.hub.access.Caller;
import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.Run;
import io.yimen.pool.ledger.Runs;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Progress as server-sent events: every feed's latest run at the start, then every run that moves. */
@ApplicationScoped
@Path("/progress")
@RolesAllowed({"officer", "admin"})
public class ProgressResource {
    private static final Logger LOG = Logger.getLogger(ProgressResource.class);
    private static final Duration EVERY = Duration.ofMillis(500);
    /** A comment goes out when nothing else does, so that a listener that has gone is noticed. */
    private static final int QUIET_TICKS = 30;

    private final Runs runs;
    private final Caller caller;
    private final Sse sse;

    ProgressResource(Runs runs, Caller caller, Sse sse) {
        this.runs = runs;
        this.caller = caller;
        this.sse = sse;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<OutboundSseEvent> streamProgress() {
        String actor = caller.account().login();
        Listener listener = new Listener(actor);
        return Multi.createFrom()
                .ticks()
                .every(EVERY)
                .onOverflow()
                .drop()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .onItem()
                .transformToIterable(tick -> listener.moved());
    }

    /** What one listener has been told. */
    private final class Listener {
        private final String actor;
        private Map<Long, Run> told = Map.of();
        private int quiet;

        Listener(String actor) {
            this.actor = actor;
        }

        List<OutboundSseEvent> moved() {
            try {
                List<Run> now = told.isEmpty()
                        ? runs.latest(actor)
                        : runs.since(
                                actor,
                                Collections.max(told.keySet()),
                                told.values().stream()
                                        .filter(run -> run.endedAt() == null)
                                        .map(Run::id)
                                        .toList());
                List<OutboundSseEvent> events = now.stream()
                        .filter(run -> !run.equals(told.get(run.id())))
                        .map(Wire::from)
                        .map(this::event)
                        .toList();
                told = now.stream().collect(Collectors.toMap(Run::id, run -> run));
                quiet = events.isEmpty() ? quiet + 1 : 0;
                if (quiet < QUIET_TICKS) {
                    return events;
                }
                quiet = 0;
                return List.of(sse.newEventBuilder().comment("still here").build());
            } catch (PoolException e) {
                LOG.debugf("Progress skips a beat: %s", e.getMessage());
                return List.of();
            }
        }

        private OutboundSseEvent event(io.yimen.api.model.Run run) {
            return sse.newEventBuilder()
                    .name("run")
                    .id(run.getId())
                    .mediaType(MediaType.APPLICATION_JSON_TYPE)
                    .data(io.yimen.api.model.Run.class, run)
                    .build();
        }
    }
}
