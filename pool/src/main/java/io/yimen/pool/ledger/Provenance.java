package io.yimen.pool.ledger;

import java.time.Instant;

/**
 * Whose value it is.
 *
 * @param source id of the system
 * @param sourceTitle its name in Chinese
 * @param observedAt when the pool took it in
 */
public record Provenance(String source, String sourceTitle, Instant observedAt) {}
