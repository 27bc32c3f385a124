package io.yimen.pool.ledger;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What somebody may see, counted.
 *
 * @param entities active entities by type, in the model's order; a type without any is there with 0
 * @param sourceRecords live source records behind them
 * @param mergedRecords source records that share a golden record with another
 * @param mergedInto golden records that they share
 * @param lastChange sequence number of the pool's latest change
 */
public record Summary(
        Map<String, Long> entities, long sourceRecords, long mergedRecords, long mergedInto, long lastChange) {
    public Summary {
        entities = Collections.unmodifiableMap(new LinkedHashMap<>(entities));
    }
}
