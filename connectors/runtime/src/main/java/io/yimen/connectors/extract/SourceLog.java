package io.yimen.connectors.extract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** What the log of a captured database says about positions and transactions: the part in which databases differ. */
interface SourceLog {
    /**
     * Place of a change in the log's order. Asked for every change, in their order.
     *
     * @param source what the change says of where it comes from
     */
    long positionOf(SourceRecord record, Struct source);

    /** What the transaction of a change is known by, to a {@link Horizon} too. */
    long transactionOf(SourceRecord record, Struct source);

    /** The offset to resume from, if all transactions read so far are read whole at this record, which is no change. */
    Optional<Map<String, Object>> findBoundaryAt(SourceRecord record);

    /**
     * The offset to resume from, if all transactions read so far are read whole just before this change. Asked before
     * {@link #positionOf}.
     */
    Optional<Map<String, Object>> findBoundaryBefore(SourceRecord change);

    /** Whether more of the same transaction is known to follow a record at once, if only its end. */
    boolean isWithin(SourceRecord record);

    /** Place of an engine's offset in the log's order. */
    long placeOf(Map<String, ?> offset);

    /** Whether nothing that was in the log when the reading began is still to be read at this heartbeat. */
    boolean isCaughtUp(SourceRecord heartbeat);

    /** What the engine needs besides the offset in order to read on from it. */
    Optional<String> findHistory();

    /** The engine's offset of a record, as far as it concerns the log. */
    static Map<String, Object> offsetOf(SourceRecord record) {
        Map<String, Object> offset = new LinkedHashMap<>();
        record.sourceOffset().forEach((k, v) -> {
            // Counters of the transaction that has ended; the next one begins its own.
            if (!k.startsWith("transaction_")) {
                offset.put(k, v);
            }
        });
        return offset;
    }
}
