package io.yimen.pool.internal;

import java.sql.Connection;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * The transaction that applies a batch.
 *
 * @param run the run that counts it; 0 for the pool's own work
 * @param at the time that everything written in it carries
 */
record Transaction(Connection db, Streams streams, long run, Instant at) {
    OffsetDateTime timestamp() {
        return at.atOffset(ZoneOffset.UTC);
    }
}
