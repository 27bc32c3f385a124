package io.yimen.hub.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** What stands around the operations: the limit of a body, paths that nobody serves, the portal's own paths. */
@ApplicationScoped
public final class Edge {
    private static final String API = "/api";
    private static final String REROUTED = "yimen.rerouted";

    /** How long a sender may go on after the answer. */
    private static final long FAREWELL_MILLIS = 5_000;

    private final ObjectMapper json;

    Edge(ObjectMapper json) {
        this.json = json;
    }

    void filters(@Observes Filters filters) {
        filters.register(this::limitBody, 1000);
    }

    void routes(@Observes Router router) {
        router.route().order(Integer.MAX_VALUE).handler(this::unserved);
    }

    private void limitBody(RoutingContext request) {
        String length = request.request().getHeader("Content-Length");
        if (!request.request().isEnded()) {
            request.addEndHandler(answered -> endBody(request));
        }
        // A body of undeclared length is counted while it is read.
        long limit = BodyLimit.of(request.normalizedPath());
        if (length != null && length.matches("\\d{1,18}") && Long.parseLong(length) > limit) {
            send(request, BodyLimit.problem(limit));
            return;
        }
        request.next();
    }

    /**
     * Lets a sender who is answered before the end of the body come to its end, and not for ever: closing at once could
     * take the answer away from somebody who is still sending.
     */
    private static void endBody(RoutingContext request) {
        HttpServerRequest sender = request.request();
        if (sender.isEnded()) {
            return;
        }
        sender.handler(ignored -> {}).resume();
        request.vertx().setTimer(FAREWELL_MILLIS, timer -> {
            if (!sender.isEnded()) {
                sender.connection().close();
            }
        });
    }

    /** The portal's pages live in the browser: a path without a file behind it is one of them. */
    private void unserved(RoutingContext request) {
        String path = request.normalizedPath();
        boolean page = request.request().method().equals(HttpMethod.GET)
                && !path.startsWith(API)
                && path.lastIndexOf('.') < path.lastIndexOf('/')
                && request.get(REROUTED) == null;
        if (page) {
            request.put(REROUTED, true);
            request.reroute("/index.html");
        } else {
            send(request, ProblemException.notFound("Nothing is served here"));
        }
    }

    private void send(RoutingContext request, ProblemException problem) {
        try {
            request.response()
                    .setStatusCode(problem.code().status())
                    .putHeader("Content-Type", ProblemException.MEDIA_TYPE)
                    .putHeader("Cache-Control", "no-store")
                    .end(json.writeValueAsString(problem.toProblem()));
        } catch (JsonProcessingException e) {
            request.fail(e);
        }
    }

    /** Operations declare both media types for what they produce; success is never a problem. */
    @ServerResponseFilter
    void plainJson(ContainerResponseContext response) {
        MediaType type = response.getMediaType();
        if (response.getStatus() < 400 && type != null && type.getSubtype().equals("problem+json")) {
            response.getHeaders().putSingle("Content-Type", MediaType.APPLICATION_JSON_TYPE);
        }
        response.getHeaders().putIfAbsent("Cache-Control", java.util.List.of("no-store"));
    }
}
