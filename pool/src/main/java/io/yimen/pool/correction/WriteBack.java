package io.yimen.pool.correction;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of writing a correction back into the system that says otherwise.
 *
 * @param writtenAt when the system took it
 * @param refusal why the system did not, a code as {@code constraint}; then the ticket is for its owner
 */
public record WriteBack(
        State state, @Nullable Instant writtenAt, @Nullable String refusal) {
    /** How far it is. */
    public enum State {
        /** It waits for its turn, or for the system. */
        WAITING,
        /** It is being written; what comes back of it from now on is no news. */
        WRITING,
        /** The system took it. */
        WRITTEN,
        /** The system does not take it. */
        REFUSED
    }
}
