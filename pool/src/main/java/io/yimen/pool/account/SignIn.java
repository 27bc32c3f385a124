package io.yimen.pool.account;

import java.time.Duration;
import java.time.Instant;

/** How an attempt to sign in ended. */
public sealed interface SignIn {
    /**
     * Signed in.
     *
     * @param token shown once; only its digest is stored
     */
    record Accepted(String token, Instant expiresAt, Account account) implements SignIn {
        @Override
        public String toString() {
            return "accepted " + account.login();
        }
    }

    /** Login or password is wrong; which of them is not told. */
    record Refused() implements SignIn {}

    /** Too many failed attempts: nothing was checked. */
    record Throttled(Duration retryAfter) implements SignIn {}
}
