package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot of a captured database shows, told in the words of its log.
 *
 * @param position the position of its rows: no change that it does not show has an earlier one
 * @param point the place in the log up to which each committed transaction is shown, and none that committed later
 * @param transactions the same told by transaction ids, as PostgreSQL's {@code txid_current_snapshot} writes it: the first
 *     that was still running, the first not yet begun, and those between that are not shown; null where the log knows a
 *     transaction by its place
 * @param offset the engine's offset at that place; null where it reads on from elsewhere
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Horizon(
        @JsonProperty("position") long position,
        @JsonProperty("point") long point,
        @JsonProperty("transactions") @Nullable String transactions,
        @JsonProperty("offset") @Nullable Map<String, Object> offset) {

    /**
     * Whether the snapshot shows a committed transaction.
     *
     * @param transaction what the log knows it by, see {@link SourceLog#transactionOf}
     */
    boolean shows(long transaction) {
        if (transactions == null) {
            return transaction < point;
        }
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
