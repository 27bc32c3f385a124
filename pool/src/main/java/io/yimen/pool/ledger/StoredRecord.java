package io.yimen.pool.ledger;

import io.yimen.pool.model.EntityType;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A golden record as a table holds it: of now from {@code entity}, of then from {@code change}.
 *
 * @param sortKey what the list it was read for is ordered by
 * @param current whether it is of now
 */
record StoredRecord(
        long id,
        EntityType type,
        long version,
        RecordStatus status,
        @Nullable Long redirectTo,
        String title,
        @Nullable Long placeId,
        String fields,
        String lineage,
        int records,
        Instant updatedAt,
        String sortKey,
        boolean current) {
    @Override
    public String toString() {
        return type.name() + "/" + id;
    }
}
