package io.yimen.hub.access;

import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.ledger.Scope;
import jakarta.enterprise.context.RequestScoped;

/** Who asks, and what he or she may see. */
@RequestScoped
public class Caller {
    private final SecurityIdentity identity;
    private final Accounts accounts;
    private final Authorities authorities;

    Caller(SecurityIdentity identity, Accounts accounts, Authorities authorities) {
        this.identity = identity;
        this.accounts = accounts;
        this.authorities = authorities;
    }

    /** The signed-in account. */
    public Account account() {
        Account account = identity.getAttribute(SessionProvider.ACCOUNT);
        if (account == null) {
            throw new UnauthorizedException();
        }
        return account;
    }

    /** Its places. */
    public Scope scope() {
        return accounts.scopeOf(account());
    }

    /** What he or she may accept and answer. */
    public Authority authority() {
        return authorities.of(account());
    }
}
