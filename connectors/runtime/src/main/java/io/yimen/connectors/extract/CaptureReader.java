package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamShape;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Takes a task's batches, hands them over mapped, and tells what of them has become durable. */
final class CaptureReader implements StreamMapping.Output {
    private static final int QUIET_BEATS = 2;

    private final Connector connector;
    private final Session session;
    private final SourceLog log;
    private final Runnable snapshotEnded;
    private @Nullable Copied copied;
    private final CaptureOffset start;
    private final CapturedTables tables;
    private final Map<String, List<StreamMapping>> mappings = new HashMap<>();
    private final Map<Schema, TableReader> readers = new IdentityHashMap<>();
    private final Map<Schema, Envelope> envelopes = new IdentityHashMap<>();
    private final Map<StreamShape, Set<String>> snapshotKeys = new LinkedHashMap<>();
    private final List<ChangeEvent> events = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private final CountDownLatch failed = new CountDownLatch(1);

    private volatile boolean streaming;
    private Position snapshotPosition = Position.of(0);
    private Position position = Position.of(0);
    private boolean inSnapshot;
    /** End of a transaction that is applied but not stored yet, because it came alone. */
    private @Nullable Map<String, Object> pending;
    /** What is stored and the source has not been told of. */
    private @Nullable Map<String, Object> durable;

    private long storedPlace;
    private volatile int quietBeats;
    private volatile boolean handling;
    private volatile boolean ended;
    private volatile long heardNanos = System.nanoTime();
    private volatile @Nullable RuntimeException failure;

    /** Which changes a copy of the tables, made apart from the engine, shows already. */
    interface Copied {
        /**
         * @param key the columns of the record's key; others may be missing
         * @param transaction the one that the change belongs to
         */
        boolean shows(String table, Columns columns, @Nullable String[] key, long transaction);

        /**
         * Whether tables are still being copied. Their changes are passed over until then; so that they come once more,
         * the offset stays where it is, and repeats of all others are known by their position.
         */
        boolean isHolding();
    }

    /** Where the parts of a change stand in its struct. */
    private record Envelope(Field op, Field before, Field after, Field source) {}

    CaptureReader(
            Connector connector,
            CapturedTables tables,
            Session session,
            CaptureOffset start,
            SourceLog log,
            Runnable snapshotEnded,
            @Nullable Copied copied) {
        this.connector = connector;
        this.session = session;
        this.start = start;
        this.log = log;
        this.snapshotEnded = snapshotEnded;
        this.copied = copied;
        this.tables = tables;
        this.streaming = start.streaming();
        this.storedPlace = log.placeOf(start.offset());
        ZoneId zone = ManifestTests.zoneOf(connector.manifest());
        connector.manifest().streams().forEach(stream -> {
            Columns columns = tables.columnsOf(stream.from());
            StreamMapping mapping = StreamMapping.compile(stream, connector.id(), columns, zone);
            mappings.computeIfAbsent(stream.from(), t -> new ArrayList<>()).add(mapping);
            snapshotKeys.put(mapping.shape(), new HashSet<>());
        });
    }

    Optional<RuntimeException> findFailure() {
        return Optional.ofNullable(failure);
    }

    /** Whether all is read and nothing more has come for a while. */
    boolean isIdle() {
        return quietBeats >= QUIET_BEATS;
    }

    /** How long nothing has come, not even a heartbeat. */
    Duration silence() {
        return handling || !streaming ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - heardNanos);
    }

    /** Takes nothing more: another engine may read on from here by now. */
    void end() {
        ended = true;
    }

    /** Waits; true if reading has failed. */
    boolean awaitChange(Duration time) throws InterruptedException {
        return failed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Maps and applies a batch, in the log's order. On the task's thread. */
    void handle(List<SourceRecord> records) throws InterruptedException {
        handling = true;
        try {
            take(records);
        } catch (RuntimeException e) {
            failure = e;
            failed.countDown();
            throw e;
        } finally {
            heardNanos = System.nanoTime();
            handling = false;
        }
    }

    /** The offset that is stored, for the source to be told; null if it was told already. On the task's thread. */
    @Nullable
    Map<String, Object> takeDurable() {
        Map<String, Object> taken = durable;
        durable = null;
        return taken;
    }

    /** Whether a record is followed by others of its transaction, if only by its end. */
    boolean isWithin(SourceRecord last) {
        return streaming && log.isWithin(last);
    }

    private void take(List<SourceRecord> records) throws InterruptedException {
        session.stop().check();
        if (ended) {
            throw new IllegalStateException("the engine was left alone and still hands something over");
        }
        boolean beat = false;
        boolean caughtUp = false;
        for (SourceRecord record : records) {
            Envelope envelope = record.value() instanceof Struct value ? envelope(value.schema()) : null;
            if (envelope != null) {
                if (streaming) {
                    log.findBoundaryBefore(record).filter(this::isProgress).ifPresent(end -> pending = end);
                }
                Struct value = (Struct) record.value();
                boolean last = change(record, value, envelope);
                if (last) {
                    endSnapshot(record);
                }
                continue;
            }
            if (!streaming && isSnapshotOver(record.sourceOffset())) {
                endSnapshot(record);
            }
            boolean heartbeat = record.topic().startsWith("__debezium-heartbeat");
            beat |= heartbeat;
            caughtUp |= heartbeat && log.isCaughtUp(record);
            // Only here does an offset say that a transaction is read whole.
            Map<String, Object> end = streaming ? log.findBoundaryAt(record).orElse(null) : null;
            if (end != null && isProgress(end)) {
                pending = end;
            }
        }
        boolean data = !events.isEmpty() || !rejected.isEmpty();
        if (data) {
            quietBeats = 0;
        } else if (caughtUp && streaming) {
            quietBeats = quietBeats + 1;
        }
        boolean holding = isHolding();
        if (!data && (holding || !(beat && pending != null))) {
            return;
        }
        Map<String, Object> offset = holding ? null : pending;
        apply(offset);
    }

    /** An engine that has just connected may go back to the beginning of a file for a moment. */
    private boolean isProgress(Map<String, Object> offset) {
        return log.placeOf(offset) > storedPlace;
    }

    /** Stores the end of the last transaction where that is still to be done; for a reader that ends well. */
    void settle() {
        Map<String, Object> offset = pending;
        if (streaming && offset != null && !isHolding()) {
            apply(offset);
        }
    }

    private void apply(@Nullable Map<String, Object> offset) {
        String text;
        if (offset != null) {
            text = at(true, offset);
        } else {
            text = streaming ? null : at(false, Map.of());
        }
        synchronized (session) {
            session.apply(text, events, rejected, List.of());
        }
        events.clear();
        rejected.clear();
        if (offset != null) {
            storedPlace = log.placeOf(offset);
            durable = offset;
            pending = null;
            CopyProgress copy = start.copy();
            if (copy != null && copy.isPassedAt(storedPlace)) {
                copied = null;
            }
        }
    }

    private boolean isHolding() {
        Copied copy = copied;
        return copy != null && copy.isHolding();
    }

    private String at(boolean streams, Map<String, Object> offset) {
        String history = streams ? log.findHistory().orElse(null) : null;
        CaptureOffset next = start.at(streams, offset, history);
        CopyProgress copy = next.copy();
        // Once the log has been read so far, it brings nothing any more that a copy shows.
        return (copy != null && copy.isPassedAt(log.placeOf(offset)) ? next.with(null) : next).text();
    }

    private static boolean isSnapshotOver(Map<String, ?> offset) {
        return !offset.containsKey("snapshot") || Boolean.TRUE.equals(offset.get("snapshot_completed"));
    }

    /** The snapshot is whole: what it did not show is gone. */
    private void endSnapshot(SourceRecord record) {
        if (streaming) {
            return;
        }
        if (!events.isEmpty() || !rejected.isEmpty()) {
            apply(null);
        }
        beginSnapshot(record);
        List<CompleteSet> sets = new ArrayList<>();
        snapshotKeys.forEach((shape, keys) ->
                sets.add(new CompleteSet(shape, keys, snapshotPosition, connector.brakeOf(shape.id().stream()))));
        Map<String, Object> offset = log.snapshotEnd(record);
        session.apply(at(true, offset), List.of(), List.of(), sets);
        snapshotKeys.clear();
        snapshotEnded.run();
        streaming = true;
        storedPlace = log.placeOf(offset);
        durable = offset;
        session.live();
    }

    private void beginSnapshot(SourceRecord record) {
        if (snapshotPosition.offset() == 0) {
            snapshotPosition = new Position(start.epoch(), log.snapshotPosition(record));
        }
    }

    private @Nullable Envelope envelope(Schema schema) {
        Envelope known = envelopes.get(schema);
        if (known != null || envelopes.containsKey(schema)) {
            return known;
        }
        Field op = schema.field("op");
        Field source = schema.field("source");
        Field before = schema.field("before");
        Field after = schema.field("after");
        Envelope found = op == null || source == null || before == null || after == null
                ? null
                : new Envelope(op, before, after, source);
        envelopes.put(schema, found);
        return found;
    }

    /** Takes one change; true if it is the last row of the snapshot. */
    private boolean change(SourceRecord record, Struct value, Envelope envelope) {
        Struct source = value.getStruct(envelope.source().name());
        String table = source.getString("table");
        List<StreamMapping> streams = table == null ? null : mappings.get(table);
        String op = value.getString(envelope.op().name());
        if (streams == null || op == null) {
            return false;
        }
        Columns columns = tables.columnsOf(table);
        inSnapshot = op.equals("r");
        if (inSnapshot) {
            beginSnapshot(record);
            position = snapshotPosition;
        } else {
            if (!streaming) {
                throw new ConnectorException(
                        ConnectorException.Kind.UNEXPECTED,
                        "snapshot",
                        "a change came before the end of the snapshot; the snapshot is taken again");
            }
            position = new Position(start.epoch(), log.positionOf(record, source));
        }
        switch (op) {
            case "r", "c", "u" -> {
                @Nullable
                String[] row = reader(envelope.after().schema(), columns, table)
                        .read(value.getStruct(envelope.after().name()));
                if (isShown(table, columns, row, source)) {
                    return false;
                }
                for (StreamMapping mapping : streams) {
                    mapping.map(row, position, this);
                }
            }
            case "d" -> {
                @Nullable String[] key = TableReader.readKey((Struct) record.key(), columns);
                if (isShown(table, columns, key, source)) {
                    return false;
                }
                for (StreamMapping mapping : streams) {
                    deleted(mapping.shape(), mapping.keyOf(key));
                }
            }
            case "t" ->
                throw new ConnectorException(
                        ConnectorException.Kind.REREAD,
                        "truncated-table",
                        "table " + table + " was emptied as a whole: the source is read again");
            default -> {
                // messages that others put into the log
            }
        }
        return inSnapshot && "last".equals(source.getString("snapshot"));
    }

    private boolean isShown(String table, Columns columns, @Nullable String[] key, Struct source) {
        Copied copy = copied;
        return copy != null && copy.shows(table, columns, key, source.getInt64("txId"));
    }

    private TableReader reader(Schema row, Columns columns, String table) {
        TableReader known = readers.get(row);
        if (known == null) {
            known = TableReader.of(row, columns, table, connector.manifest().file());
            readers.put(row, known);
        }
        return known;
    }

    private void deleted(StreamShape shape, String key) {
        if (!key.isEmpty()) {
            events.add(ChangeEvent.deleted(shape, key, position));
        }
    }

    @Override
    public void event(ChangeEvent event) {
        if (inSnapshot) {
            keysOf(event.stream()).add(event.key());
        }
        events.add(event);
    }

    @Override
    public void rejected(Rejected rejection) {
        if (inSnapshot) {
            snapshotKeys.forEach((shape, keys) -> {
                if (shape.id().equals(rejection.stream())) {
                    keys.add(rejection.key());
                }
            });
        }
        rejected.add(rejection);
    }

    @Override
    public void skipped(StreamMapping mapping, String key) {
        // It may have belonged to the stream until this change; in a snapshot the complete set says so.
        if (!inSnapshot) {
            deleted(mapping.shape(), key);
        }
    }

    private Set<String> keysOf(StreamShape shape) {
        return java.util.Objects.requireNonNull(snapshotKeys.get(shape));
    }
}
