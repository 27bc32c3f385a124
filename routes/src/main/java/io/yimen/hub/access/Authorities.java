package io.yimen.hub.access;

import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.Role;
import io.yimen.pool.correction.Authority;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/** What accounts may accept and answer, by what they are now. Thread-safe. */
@Singleton
public class Authorities {
    private final Accounts accounts;

    Authorities(Accounts accounts) {
        this.accounts = accounts;
    }

    /** Of an account. */
    public Authority of(Account account) {
        Set<Role> roles = account.roles();
        return new Authority(
                accounts.scopeOf(account),
                roles.contains(Role.OFFICER) || roles.contains(Role.ADMIN),
                account.ownedSources());
    }

    /** Of whoever has the login; empty if nobody has it any more. */
    public Optional<Authority> find(String login) {
        return accounts.find(login).map(this::of);
    }
}
