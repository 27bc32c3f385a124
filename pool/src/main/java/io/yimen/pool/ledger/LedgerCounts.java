package io.yimen.pool.ledger;

import java.util.List;

/**
 * How many records a ledger has.
 *
 * @param total in all
 * @param places one step down from the place that was asked for: each place with all below it
 */
public record LedgerCounts(long total, List<InPlace> places) {
    public LedgerCounts {
        places = List.copyOf(places);
    }

    /** So many in a place and all below it. */
    public record InPlace(Reference place, long count) {}
}
