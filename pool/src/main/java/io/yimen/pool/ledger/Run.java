package io.yimen.pool.ledger;

import io.yimen.pool.run.Counts;
import io.yimen.pool.run.RunStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run and its counts.
 *
 * @param expected records expected, where the source can tell
 * @param counts by stream id within the source
 */
public record Run(
        long id,
        String source,
        String feed,
        String kind,
        RunStatus status,
        @Nullable Long expected,
        Instant startedAt,
        Instant updatedAt,
        @Nullable Instant endedAt,
        @Nullable String message,
        Map<String, Counts> counts) {
    public Run {
        counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }

    Run withCounts(Map<String, Counts> other) {
        return new Run(id, source, feed, kind, status, expected, startedAt, updatedAt, endedAt, message, other);
    }
}
