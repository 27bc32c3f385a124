package io.yimen.hub.access;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.Role;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.stream.Collectors;

/** Asks the pool whose session a token is, off the I/O thread. */
@ApplicationScoped
public final class SessionProvider implements IdentityProvider<SessionMechanism.Token> {
    static final String ACCOUNT = "yimen.account";

    private final Accounts accounts;

    SessionProvider(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public Class<SessionMechanism.Token> getRequestType() {
        return SessionMechanism.Token.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(SessionMechanism.Token token, AuthenticationRequestContext context) {
        return context.runBlocking(() -> identity(token.value()));
    }

    private SecurityIdentity identity(String token) {
        Account account =
                accounts.authenticate(token).orElseThrow(() -> new AuthenticationFailedException("no such session"));
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(account.login()))
                .addRoles(account.roles().stream().map(Role::wireName).collect(Collectors.toSet()))
                .addAttribute(ACCOUNT, account)
                .build();
    }
}
