package io.yimen.hub.access;

import io.quarkus.security.Authenticated;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import io.yimen.api.SessionApi;
import io.yimen.api.model.Account;
import io.yimen.api.model.Credentials;
import io.yimen.api.model.Role;
import io.yimen.api.model.Session;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import io.yimen.hub.ledger.Wire;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.SignIn;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;

/** Signing in and out. */
@ApplicationScoped
public class SessionResource implements SessionApi {
    private final Accounts accounts;
    private final Ledgers ledgers;
    private final Caller caller;
    private final RoutingContext request;
    private final Clock clock;
    private final Wire wire;

    SessionResource(
            Accounts accounts, Ledgers ledgers, Caller caller, RoutingContext request, Clock clock, PoolModel model) {
        this.accounts = accounts;
        this.ledgers = ledgers;
        this.caller = caller;
        this.request = request;
        this.clock = clock;
        this.wire = new Wire(model);
    }

    @Override
    @PermitAll
    public Session signIn(Credentials credentials) {
        SignIn outcome = accounts.signIn(credentials.getLogin(), credentials.getPassword());
        if (outcome instanceof SignIn.Accepted accepted) {
            cookie(accepted.token(), Duration.between(clock.instant(), accepted.expiresAt()));
            return new Session()
                    .token(accepted.token())
                    .expiresAt(Wire.at(accepted.expiresAt()))
                    .account(from(accepted.account()));
        }
        if (outcome instanceof SignIn.Throttled throttled) {
            throw new ProblemException(
                            ProblemCode.TOO_MANY_ATTEMPTS,
                            "Too many attempts failed",
                            "Wait as long as Retry-After says")
                    .retryAfter(throttled.retryAfter());
        }
        throw new ProblemException(
                ProblemCode.SIGN_IN_REFUSED, "Login or password is wrong", "Try again, or ask an administrator");
    }

    @Override
    @Authenticated
    public Account getSession() {
        return from(caller.account());
    }

    @Override
    @Authenticated
    public void signOut() {
        SessionMechanism.find(request).ifPresent(accounts::signOut);
        cookie("", Duration.ZERO);
    }

    private Account from(io.yimen.pool.account.Account account) {
        return new Account()
                .login(account.login())
                .displayName(account.displayName())
                .roles(account.roles().stream()
                        .sorted()
                        .map(r -> Role.fromValue(r.wireName()))
                        .toList())
                .places(ledgers.roots(accounts.scopeOf(account)).stream()
                        .map(wire::from)
                        .toList())
                .everything(account.everything());
    }

    private void cookie(String token, Duration age) {
        request.response()
                .addCookie(Cookie.cookie(SessionMechanism.COOKIE, token)
                        .setPath("/")
                        .setHttpOnly(true)
                        .setSameSite(CookieSameSite.STRICT)
                        .setSecure(request.request().isSSL()
                                || "https".equals(request.request().scheme()))
                        .setMaxAge(age.toSeconds()));
    }
}
