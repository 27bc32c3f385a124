package io.yimen.pool.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whose value it is.
 *
 * @param source id of the system
 * @param sourceTitle its name in Chinese
 * @param observedAt when the pool took it in
 * @param statedAt when it last changed, as the source says; {@code null} if it does not say
 * @param rule survivorship rule by which it won
 */
public record Provenance(
        String source,
        String sourceTitle,
        Instant observedAt,
        @Nullable Instant statedAt,
        String rule) {}
