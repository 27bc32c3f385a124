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
import java.util.Optional;
import java.util.stream.Collectors;

/** Asks the pool whose session a token is, off the I/O thread unless the session is remembered. */
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
        Optional<Account> remembered = accounts.findRemembered(token.value());
        return remembered.isPresent()
                ? Uni.createFrom().item(identity(remembered.get()))
                : context.runBlocking(() -> identity(accounts.authenticate(token.value())
                        .orElseThrow(() -> new AuthenticationFailedException("no such session"))));
    }

    private static SecurityIdentity identity(Account account) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(account.login()))
                .addRoles(account.roles().stream().map(Role::wireName).collect(Collectors.toSet()))
                .addAttribute(ACCOUNT, account)
                .build();
    }
}
