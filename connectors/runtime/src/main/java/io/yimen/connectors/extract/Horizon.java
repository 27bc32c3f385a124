package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a snapshot of a PostgreSQL database shows, told in the words of its log.
 *
 * @param position the position of its rows: just before the log of the slot that it was made with, so that no change
 *     that it does not show has an earlier one
 * @param point the place in the log up to which each committed transaction is shown, and none that committed later
 * @param transactions the same told by transaction ids, as {@code txid_current_snapshot} writes it: the first that was
 *     still running, the first not yet begun, and those between that are not shown
 */
record Horizon(
        @JsonProperty("position") long position,
        @JsonProperty("point") long point,
        @JsonProperty("transactions") String transactions) {

    /**
     * Whether the snapshot shows a committed transaction.
     *
     * @param transaction its id as the log has it, which is the lower half of the one that is never used twice
     */
    boolean shows(long transaction) {
        String[] parts = transactions.split(":", -1);
        if (isBefore(transaction, Long.parseLong(parts[0]))) {
            return true;
        }
        if (!isBefore(transaction, Long.parseLong(parts[1]))) {
            return false;
        }
        for (String running : parts[2].split(",", -1)) {
            if (!running.isEmpty() && (int) Long.parseLong(running) == (int) transaction) {
                return false;
            }
        }
        return true;
    }

    /** Ids are numbers on a circle: half of it lies before any of them. */
    private static boolean isBefore(long transaction, long other) {
        return (int) transaction - (int) other < 0;
    }
}
