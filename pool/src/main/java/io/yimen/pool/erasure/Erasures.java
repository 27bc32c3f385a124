package io.yimen.pool.erasure;

import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where officers have somebody erased: requested by one, accepted by another after a preview, done in one transaction.
 * Every act leaves an audit line, without values. What lies outside the scope is answered as if it were not there.
 * Thread-safe.
 */
public interface Erasures {
    /** Which requests; {@code after} is the cursor of the page before. */
    record Query(@Nullable State state, @Nullable String after, int limit) {}

    /** @param next cursor of the next page; {@code null} on the last */
    record Page(List<Erasure> erasures, @Nullable String next) {
        public Page {
            erasures = List.copyOf(erasures);
        }
    }

    /**
     * Whose erasure is asked for.
     *
     * @param version that was looked at; 0: whatever it is
     * @param ground code of a legal ground
     */
    record Request(String entityType, long id, long version, String ground, String reason) {
        @Override
        public String toString() {
            return "request to erase " + entityType + " " + id;
        }
    }

    /** The grounds and holds in force. */
    ErasureRules rules();

    /**
     * Asks for it; nothing is erased yet.
     *
     * @throws PoolException {@code NOT_FOUND}, with code {@code ERASED} where it is erased already; {@code CONFLICT} if
     *     the id leads elsewhere, the record has changed since, or a request waits already; {@code INVALID} for a
     *     type or ground of which the rules know nothing
     */
    Erasure request(Scope by, Request request);

    /** What it would do; the audit keeps a trace. */
    Preview preview(Scope by, long erasure);

    /**
     * Erases, in one transaction.
     *
     * @param token of the preview that was looked at
     * @throws PoolException {@code CONFLICT} if it was decided before, if it would do otherwise by now than the preview
     *     told, if it has to be somebody else who accepts, or, with code {@code RETAINED}, if a law says to keep it
     */
    Erasure accept(Scope by, long erasure, String token);

    /** Takes the request back, or does not grant it. */
    Erasure withdraw(Scope by, long erasure, String reason);

    /**
     * Lets in again what an erasure keeps away; it comes with what the sources say next.
     *
     * @throws PoolException {@code CONFLICT} if it is not done, or was lifted before
     */
    Erasure lift(Scope by, long erasure, String reason);

    /** Requests, latest first. */
    Page list(Scope scope, Query query);

    /** One of them. */
    Erasure find(Scope scope, long erasure);
}
