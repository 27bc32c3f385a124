package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamShape;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private @Nullable Copied copied;
    private final CaptureOffset start;
    private final CapturedTables tables;
    private final Map<String, List<StreamMapping>> mappings = new HashMap<>();
    private final Map<Schema, TableReader> readers = new IdentityHashMap<>();
    private final Map<Schema, Envelope> envelopes = new IdentityHashMap<>();
    private final List<ChangeEvent> events = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private final CountDownLatch failed = new CountDownLatch(1);

    private Position position = Position.of(0);
    /** End of a transaction that is applied but not stored yet, because it came alone. */
    private @Nullable Map<String, Object> pending;
    /** What is stored and the source has not been told of. */
    private @Nullable Map<String, Object> durable;

    private long storedPlace;
    private volatile long readPlace;
    private volatile int quietBeats;
    private volatile boolean handling;
    private volatile boolean ended;
    private volatile long heardNanos = System.nanoTime();
    private volatile @Nullable RuntimeException failure;

    /** Which changes a copy of the tables, made apart from the engine, shows already. */
    interface Copied {
        /**
         * @param key the columns of the record's key; others may be missing
         * @param transaction the one that the change belongs to, see {@link SourceLog#transactionOf}
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
            @Nullable Copied copied) {
        this.connector = connector;
        this.session = session;
        this.start = start;
        this.log = log;
        this.copied = copied;
        this.tables = tables;
        this.storedPlace = log.placeOf(start.offset());
        ZoneId zone = ManifestTests.zoneOf(connector.manifest());
        connector.manifest().streams().forEach(stream -> {
            Columns columns = tables.columnsOf(stream.from());
            StreamMapping mapping = StreamMapping.compile(stream, connector.id(), columns, zone);
            mappings.computeIfAbsent(stream.from(), t -> new ArrayList<>()).add(mapping);
        });
    }

    Optional<RuntimeException> findFailure() {
        return Optional.ofNullable(failure);
    }

    /** Whether all is read and nothing more has come for a while. */
    boolean isIdle() {
        return quietBeats >= QUIET_BEATS;
    }

    /** Whether each transaction before a place of the log is applied, whatever of it is stored. */
    boolean hasRead(long place) {
        return readPlace >= place;
    }

    /** How long nothing has come, not even a heartbeat. */
    Duration silence() {
        return handling ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - heardNanos);
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
        return log.isWithin(last);
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
                log.findBoundaryBefore(record).filter(this::isProgress).ifPresent(end -> pending = end);
                change(record, (Struct) record.value(), envelope);
                continue;
            }
            boolean heartbeat = record.topic().startsWith("__debezium-heartbeat");
            beat |= heartbeat;
            caughtUp |= heartbeat && log.isCaughtUp(record);
            // Only here does an offset say that a transaction is read whole.
            Map<String, Object> end = log.findBoundaryAt(record).orElse(null);
            if (end != null && isProgress(end)) {
                pending = end;
            }
        }
        boolean data = !events.isEmpty() || !rejected.isEmpty();
        if (data) {
            quietBeats = 0;
        } else if (caughtUp) {
            quietBeats = quietBeats + 1;
        }
        boolean holding = isHolding();
        Map<String, Object> end = pending;
        if (data || (!holding && beat && end != null)) {
            apply(holding ? null : end);
        }
        if (end != null) {
            readPlace = log.placeOf(end);
        }
    }

    /** An engine that has just connected may go back to the beginning of a file for a moment. */
    private boolean isProgress(Map<String, Object> offset) {
        return log.placeOf(offset) > storedPlace;
    }

    /** Stores the end of the last transaction where that is still to be done; for a reader that ends well. */
    void settle() {
        Map<String, Object> offset = pending;
        if (offset != null && !isHolding()) {
            apply(offset);
        }
    }

    private void apply(@Nullable Map<String, Object> offset) {
        String text = offset == null ? null : at(offset);
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

    private String at(Map<String, Object> offset) {
        CaptureOffset next = start.at(true, offset, log.findHistory().orElse(null));
        CopyProgress copy = next.copy();
        // Once the log has been read so far, it brings nothing any more that a copy shows.
        return (copy != null && copy.isPassedAt(log.placeOf(offset)) ? next.with(null) : next).text();
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

    private void change(SourceRecord record, Struct value, Envelope envelope) {
        Struct source = value.getStruct(envelope.source().name());
        String table = source.getString("table");
        List<StreamMapping> streams = table == null ? null : mappings.get(table);
        String op = value.getString(envelope.op().name());
        if (streams == null || op == null) {
            return;
        }
        Columns columns = tables.columnsOf(table);
        position = new Position(start.epoch(), log.positionOf(record, source));
        switch (op) {
            case "c", "u" -> {
                @Nullable
                String[] row = reader(envelope.after().schema(), columns, table)
                        .read(value.getStruct(envelope.after().name()));
                if (isShown(table, columns, row, record, source)) {
                    return;
                }
                for (StreamMapping mapping : streams) {
                    mapping.map(row, position, this);
                }
            }
            case "d" -> {
                @Nullable String[] key = TableReader.readKey((Struct) record.key(), columns);
                if (isShown(table, columns, key, record, source)) {
                    return;
                }
                for (StreamMapping mapping : streams) {
                    deleted(mapping.shape(), mapping.keyOf(key));
                }
            }
            case "r" ->
                throw new ConnectorException(
                        ConnectorException.Kind.UNEXPECTED,
                        "snapshot",
                        "the log's reader began a snapshot though it was told where to read on; it is started again");
            case "t" ->
                throw new ConnectorException(
                        ConnectorException.Kind.REREAD,
                        "truncated-table",
                        "table " + table + " was emptied as a whole: the source is read again");
            default -> {
                // messages that others put into the log
            }
        }
    }

    private boolean isShown(String table, Columns columns, @Nullable String[] key, SourceRecord record, Struct source) {
        Copied copy = copied;
        return copy != null && copy.shows(table, columns, key, log.transactionOf(record, source));
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
        events.add(event);
    }

    @Override
    public void rejected(Rejected rejection) {
        rejected.add(rejection);
    }

    @Override
    public void skipped(StreamMapping mapping, String key) {
        // It may have belonged to the stream until this change.
        deleted(mapping.shape(), key);
    }
}
