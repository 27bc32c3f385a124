package io.yimen.connectors;

import java.time.Instant;
import java.util.Optional;

/**
 * How a connector is doing.
 *
 * @param connector its id
 * @param phase what it does now
 * @param since when that began
 * @param failures attempts that failed in a row
 * @param error what went wrong last; kept until a batch is applied again
 * @param nextAttempt when it tries again, while it backs off
 * @param notice something that a person should know, e.g. a file that is not complete yet
 * @param batches batches applied since the start
 * @param lastBatch when the last of them was applied
 */
public record ConnectorState(
        String connector,
        Phase phase,
        Instant since,
        int failures,
        Optional<String> error,
        Optional<Instant> nextAttempt,
        Optional<String> notice,
        long batches,
        Optional<Instant> lastBatch) {
    /** What a connector does. */
    public enum Phase {
        STOPPED,
        CONNECTING,
        READING,
        /** Caught up and following its source. */
        LIVE,
        /** Between two pulls or files. */
        WAITING,
        /** The last attempt failed; the next comes later. */
        BACKING_OFF
    }
}
