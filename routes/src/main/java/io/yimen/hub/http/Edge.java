package io.yimen.hub.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** What stands around the operations: the limit of a body, paths that nobody serves, the portal's own paths. */
@ApplicationScoped
public final class Edge {
    private static final String API = "/api";
    private static final String REROUTED = "yimen.rerouted";

    private final ObjectMapper json;
    private final long limit;

    Edge(ObjectMapper json, @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        this.json = json;
        this.limit = limit.asLongValue();
    }

    void filters(@Observes Filters filters) {
        filters.register(this::limitBody, 1000);
    }

    void routes(@Observes Router router) {
        router.route().order(Integer.MAX_VALUE).handler(this::unserved);
    }

    private void limitBody(RoutingContext request) {
        String length = request.request().getHeader("Content-Length");
        // A chunked body is counted while it is read.
        if (length != null && length.matches("\\d{1,18}") && Long.parseLong(length) > limit) {
            send(
                    request,
                    new ProblemException(ProblemCode.TOO_LARGE, "A body has at most " + limit + " bytes", "Send less"));
            return;
        }
        request.next();
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
