package io.yimen.pool.internal;

import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.EntityType;

/**
 * A stream as the pool knows it.
 *
 * @param number its number in table {@code stream}
 */
public record DeclaredStream(int number, StreamId id, EntityType type, int trust, boolean uniqueRecords) {}
