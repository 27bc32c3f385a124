package io.yimen.hub.http;

import io.vertx.core.http.HttpServerRequest;
import io.yimen.hub.access.SessionMechanism;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * A cookie goes along with requests that another site makes a browser send; so what changes something by cookie has to
 * come from this hub's own pages. Browsers say so in {@code Origin}.
 */
@ApplicationScoped
public final class SameOrigin {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    @ServerRequestFilter
    void check(ContainerRequestContext request, HttpServerRequest http) {
        if (SAFE.contains(request.getMethod())) {
            return;
        }
        String origin = request.getHeaderString("Origin");
        boolean byCookie = request.getHeaderString("Authorization") == null
                && request.getCookies().containsKey(SessionMechanism.COOKIE);
        if (origin == null ? byCookie : !isOwn(origin, http)) {
            throw new ProblemException(
                    ProblemCode.CROSS_ORIGIN,
                    origin == null ? "The request has a cookie and no Origin" : "Origin is not this hub",
                    "Send it from the hub's own pages, or with a bearer token and without Origin");
        }
    }

    private static boolean isOwn(String origin, HttpServerRequest http) {
        try {
            URI from = URI.create(origin);
            return from.getScheme() != null
                    && from.getRawAuthority() != null
                    && from.getScheme().equalsIgnoreCase(http.scheme())
                    && withPort(from.getRawAuthority(), http.scheme()).equals(withPort(authority(http), http.scheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static @Nullable String authority(HttpServerRequest http) {
        return http.authority() == null ? null : http.authority().toString();
    }

    private static String withPort(@Nullable String authority, String scheme) {
        String text = authority == null ? "" : authority.toLowerCase(Locale.ROOT);
        return text.matches(".*:\\d+") ? text : text + (scheme.equals("https") ? ":443" : ":80");
    }
}
