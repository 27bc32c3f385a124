package io.yimen.pool.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Records that wait for one reason.
 *
 * @param field source field at fault, if one is
 * @param oldest when the first of them was put there
 * @param newest when the last of them was
 */
public record QuarantineFault(
        String source,
        String sourceTitle,
        String stream,
        String reason,
        @Nullable String field,
        long count,
        Instant oldest,
        Instant newest) {}
