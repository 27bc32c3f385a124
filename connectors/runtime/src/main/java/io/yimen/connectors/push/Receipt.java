package io.yimen.connectors.push;

import io.yimen.pool.run.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What became of one event; durable by the time that it is told. What was kept away because somebody was erased is told
 * as unchanged: that is nobody's business but the pool's.
 *
 * @param id the event's
 * @param reason of a quarantined one: why, a stable code
 * @param message of a quarantined one: what to do, without a value of the event
 */
public record Receipt(
        String id,
        Outcome outcome,
        @Nullable String reason,
        @Nullable String message) {}
