package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The binary log of MariaDB: numbered files, and in them transactions, each at its place. Servers tell where a
 * transaction begins, but from 11.4 on no longer where the events in it stand; so a change is known by its number in its
 * transaction, which is the same whenever it is read, since reading begins between two transactions. A change takes more
 * than a byte, so that the place of its transaction plus its number is before the next transaction: one number that
 * grows with the log, file by file.
 *
 * <p>For one reader, on one thread at a time.
 */
final class BinaryLog implements SourceLog {
    /** An event's place is a number of 32 bits. */
    private static final int PLACE_BITS = 32;
    /**
     * Before the first change of a transaction there is more than this, the event that says where it begins. Copies of
     * tables at that place have their positions there.
     */
    static final int ROOM = 32;
    /** So many heartbeats at one place say that what follows it in the log is nothing that is read. */
    private static final int STILL_BEATS = 10;

    private final CommittedHistory.Kept history;
    private final long end;
    private long transaction;
    private long changes;
    private long stillAt = -1;
    private int still;

    /**
     * @param history the tables' structure over time, as the engine notes it down
     * @param end where the log ended when the reading began, see {@link #place}
     */
    BinaryLog(CommittedHistory.Kept history, long end) {
        this.history = history;
        this.end = end;
    }

    /** Place of a byte of a file in the log's order. */
    static long place(String file, long byteInFile) {
        int dot = file.lastIndexOf('.');
        try {
            return (Long.parseLong(file.substring(dot + 1)) << PLACE_BITS) + byteInFile;
        } catch (NumberFormatException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "binary-log",
                    "the binary log file " + file + " has no number at its end");
        }
    }

    @Override
    public long positionOf(SourceRecord record, Struct source) {
        long begin = placeOf(record.sourceOffset());
        changes = begin == transaction ? changes + 1 : 1;
        transaction = begin;
        return begin + ROOM + changes;
    }

    /** A transaction is whole at its place, and none that committed later is before it. */
    @Override
    public long transactionOf(SourceRecord record, Struct source) {
        return placeOf(record.sourceOffset());
    }

    /** Between two transactions nothing of the next one is to be passed over. */
    @Override
    public Optional<Map<String, Object>> findBoundaryAt(SourceRecord record) {
        Map<String, ?> offset = record.sourceOffset();
        return offset.containsKey("file") && !offset.containsKey("event") && !offset.containsKey("row")
                ? Optional.of(SourceLog.offsetOf(record))
                : Optional.empty();
    }

    /** The offset of a change is the beginning of its transaction, and how much of that is read. */
    @Override
    public Optional<Map<String, Object>> findBoundaryBefore(SourceRecord change) {
        if (placeOf(change.sourceOffset()) == transaction) {
            return Optional.empty();
        }
        Map<String, Object> begin = SourceLog.offsetOf(change);
        begin.remove("event");
        begin.remove("row");
        return Optional.of(begin);
    }

    /** Nothing is said of its end but by what comes after it. */
    @Override
    public boolean isWithin(SourceRecord record) {
        return false;
    }

    @Override
    public long placeOf(Map<String, ?> offset) {
        return placeIn(offset);
    }

    /** Place of an engine's offset in the log's order. */
    static long placeIn(Map<String, ?> offset) {
        return offset.get("file") instanceof String file && offset.get("pos") instanceof Number pos
                ? place(file, pos.longValue())
                : 0;
    }

    @Override
    public boolean isCaughtUp(SourceRecord heartbeat) {
        long place = placeOf(heartbeat.sourceOffset());
        still = place == stillAt ? still + 1 : 1;
        stillAt = place;
        // A statement at the end of the log, as one that alters a table, does not move the place.
        return place >= end || still >= STILL_BEATS;
    }

    @Override
    public Optional<String> findHistory() {
        return Optional.of(history.text());
    }
}
