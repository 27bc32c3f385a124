package io.yimen.pool.account;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Somebody who may sign in.
 *
 * @param login unique, lower case
 * @param displayName as others see it
 * @param roles what it may do
 * @param scope identifiers of places, e.g. {@code place-code:2023|110101001000}; {@code *} is everything; {@code
 *     source:election} is a system that the account answers for
 */
public record Account(String login, String displayName, Set<Role> roles, List<String> scope) {
    private static final String OWNED = "source:";

    /** Scope entry that opens everything. */
    public static final String EVERYTHING = "*";

    public Account {
        if (!login.matches("[a-z0-9][a-z0-9._@-]{0,79}")) {
            throw new IllegalArgumentException("A login is 1–80 of a–z 0–9 . _ @ - and starts with a letter or digit");
        }
        if (displayName.isBlank()) {
            throw new IllegalArgumentException("An account has a display name");
        }
        for (String entry : scope) {
            if (!entry.equals(EVERYTHING) && !entry.matches("[a-z][a-z0-9-]*:.+")) {
                throw new IllegalArgumentException("A scope entry is * or IDENTIFIER:VALUE");
            }
        }
        roles = Set.copyOf(roles);
        scope = List.copyOf(scope);
    }

    /** Ids of the systems that the account answers for; {@code *} is all. */
    public Set<String> ownedSources() {
        return scope.stream()
                .filter(entry -> entry.startsWith(OWNED) || entry.equals(EVERYTHING))
                .map(entry -> entry.equals(EVERYTHING) ? entry : entry.substring(OWNED.length()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether the account sees everything. */
    public boolean everything() {
        return scope.contains(EVERYTHING);
    }
}
