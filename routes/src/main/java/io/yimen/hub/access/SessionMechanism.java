package io.yimen.hub.access;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Finds the session's token in a request: {@code Authorization: Bearer}, else the cookie. */
@ApplicationScoped
public final class SessionMechanism implements HttpAuthenticationMechanism {
    public static final String COOKIE = "yimen-session";

    private static final String BEARER = "bearer ";

    /** A token that somebody says is a session's. */
    static final class Token extends BaseAuthenticationRequest {
        private final String value;

        Token(String value) {
            this.value = value;
        }

        String value() {
            return value;
        }
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager providers) {
        return find(request)
                .map(token ->
                        providers.authenticate(HttpSecurityUtils.setRoutingContextAttribute(new Token(token), request)))
                .orElseGet(() -> Uni.createFrom().optional(Optional.empty()));
    }

    static Optional<String> find(RoutingContext request) {
        String header = request.request().getHeader("Authorization");
        if (header != null) {
            boolean bearer = header.toLowerCase(Locale.ROOT).startsWith(BEARER);
            return bearer ? Optional.of(header.substring(BEARER.length()).strip()) : Optional.empty();
        }
        return Optional.ofNullable(request.request().getCookie(COOKIE)).map(Cookie::getValue);
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom()
                .item(new ChallengeData(HttpResponseStatus.UNAUTHORIZED.code(), "WWW-Authenticate", "Bearer"));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of(Token.class);
    }
}
