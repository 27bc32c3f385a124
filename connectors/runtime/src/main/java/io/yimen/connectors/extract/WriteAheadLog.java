package io.yimen.connectors.extract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** PostgreSQL's log: positions are log sequence numbers, and an end of a transaction says that it is one. */
final class WriteAheadLog implements SourceLog {
    @Override
    public long positionOf(SourceRecord record, Struct source) {
        return source.getInt64("lsn");
    }

    /** The lower half of the number that is never used twice. */
    @Override
    public long transactionOf(SourceRecord record, Struct source) {
        return source.getInt64("txId");
    }

    @Override
    public Optional<Map<String, Object>> findBoundaryAt(SourceRecord record) {
        return "COMMIT".equals(record.sourceOffset().get("messageType"))
                ? Optional.of(SourceLog.offsetOf(record))
                : Optional.empty();
    }

    @Override
    public Optional<Map<String, Object>> findBoundaryBefore(SourceRecord change) {
        return Optional.empty();
    }

    /** The server sends a transaction once it is committed, whole. */
    @Override
    public boolean isWithin(SourceRecord record) {
        Object type = record.sourceOffset().get("messageType");
        return type != null && !type.equals("COMMIT");
    }

    @Override
    public long placeOf(Map<String, ?> offset) {
        return lsn(offset);
    }

    @Override
    public boolean isCaughtUp(SourceRecord heartbeat) {
        return true;
    }

    @Override
    public Optional<String> findHistory() {
        return Optional.empty();
    }

    /** The offset of a log of which nothing has been read yet, and of which each transaction is wanted from there on. */
    static Map<String, Object> beginning(long point) {
        Map<String, Object> offset = new LinkedHashMap<>();
        offset.put("lsn", point);
        offset.put("lsn_proc", point);
        offset.put("lsn_commit", point);
        offset.put("messageType", "COMMIT");
        return offset;
    }

    /** Log position up to which all transactions are applied; 0 if none. */
    static long lsn(Map<String, ?> offset) {
        Object commit = offset.get("lsn_commit");
        Object lsn = commit == null ? offset.get("lsn") : commit;
        return lsn instanceof Number number ? number.longValue() : 0;
    }

    /**
     * The engine's offset to resume from. It looks for the place where it left off by log positions, and takes a change
     * whose position equals the stored one for the last that it has seen. The end of a transaction is the position at
     * which the next record of any other transaction may begin, whose earlier changes would then be lost: a position one
     * less is none that a record can have, and leads to the first transaction that ended later.
     *
     * <p>It refuses a position before the slot's beginning. Where that is the end of the transaction itself, as it may be
     * after the source was restarted, the record there is the slot's own, and no change can have its position.
     *
     * @param slotRestart where the slot's log begins
     */
    static Map<String, Object> resume(Map<String, Object> offset, long slotRestart) {
        Map<String, Object> resume = new LinkedHashMap<>(offset);
        if (resume.get("lsn_commit") instanceof Number commit) {
            resume.put("lsn_proc", Math.max(commit.longValue() - 1, Math.min(slotRestart, commit.longValue())));
        }
        return resume;
    }
}
