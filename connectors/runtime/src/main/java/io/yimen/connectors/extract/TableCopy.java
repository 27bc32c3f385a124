package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies the tables that wait for it out of one snapshot, in batches. A thread of its own reads, decodes and maps the
 * next batch while the pool takes the one before; with each batch the pool notes how far the copy has come.
 */
final class TableCopy {
    private static final int ROWS = 4096;
    /** Rows may be large. */
    private static final int CHARACTERS = 8 << 20;

    private final Connector connector;
    private final CapturedTables tables;
    private final Session session;
    private final TableSnapshot snapshot;
    private final Map<String, KeyOrder> orders;
    private final BlockingQueue<Chunk> ready = new ArrayBlockingQueue<>(1);
    private volatile boolean given;

    /**
     * What is handed over at once.
     *
     * @param upTo key of the last row; null where the table's order is not known, and at its end
     * @param sets what the table holds, at its end
     * @param failure why there is no more; all else is empty then
     */
    private record Chunk(
            String table,
            List<ChangeEvent> events,
            List<Rejected> rejected,
            @Nullable List<String> upTo,
            boolean last,
            List<CompleteSet> sets,
            @Nullable RuntimeException failure) {}

    /** @param orders in which order each table's rows come */
    TableCopy(
            Connector connector,
            CapturedTables tables,
            Session session,
            TableSnapshot snapshot,
            Map<String, KeyOrder> orders) {
        this.connector = connector;
        this.tables = tables;
        this.session = session;
        this.snapshot = snapshot;
        this.orders = orders;
    }

    /**
     * Copies all that waits.
     *
     * @param start where the capture stands, with what is copied already
     * @param place of its offset in the log's order
     * @param braked is told why of a table that is copied nothing is retired; null: then the copy fails
     * @return where it stands then
     */
    CaptureOffset run(CaptureOffset start, long place, @Nullable Consumer<String> braked) throws InterruptedException {
        CopyProgress before = Objects.requireNonNull(start.copy());
        Thread reader = new Thread(() -> read(before, start.epoch()), "yimen-" + connector.id() + "-copy");
        reader.setDaemon(true);
        reader.start();
        CaptureOffset offset = start;
        try {
            CopyProgress progress = before;
            while (!progress.waiting().isEmpty()) {
                Chunk chunk = next();
                progress = taken(progress, chunk);
                // Where the log is read from the very place that the snapshot shows, it brings nothing twice.
                boolean passed = progress.isPassedAt(place);
                offset = offset.with(passed ? null : progress);
                apply(offset, chunk, braked);
            }
            return offset;
        } finally {
            given = true;
            snapshot.abort();
            reader.interrupt();
            reader.join();
        }
    }

    private void apply(CaptureOffset offset, Chunk chunk, @Nullable Consumer<String> braked) {
        synchronized (session) {
            try {
                session.apply(offset.text(), chunk.events(), chunk.rejected(), chunk.sets());
            } catch (PoolException e) {
                if (braked == null || e.kind() != PoolException.Kind.BRAKE) {
                    throw e;
                }
                session.apply(offset.text(), chunk.events(), chunk.rejected(), List.of());
                braked.accept(String.valueOf(e.getMessage()));
            }
        }
    }

    private Chunk next() throws InterruptedException {
        while (true) {
            session.stop().check();
            Chunk chunk = ready.poll(100, TimeUnit.MILLISECONDS);
            if (chunk != null) {
                RuntimeException failure = chunk.failure();
                if (failure != null) {
                    throw failure;
                }
                return chunk;
            }
        }
    }

    private static CopyProgress taken(CopyProgress progress, Chunk chunk) {
        if (chunk.last()) {
            return progress.copied(chunk.table(), null);
        }
        List<String> upTo = chunk.upTo();
        return upTo == null ? progress : progress.copied(chunk.table(), upTo);
    }

    private void read(CopyProgress progress, int epoch) {
        String table = "";
        try {
            for (String each : progress.waiting()) {
                table = each;
                new Reading(each, progress, epoch).run();
            }
        } catch (RuntimeException e) {
            fail(table, e);
        } catch (InterruptedException e) {
            // nobody waits for more
        }
    }

    private void fail(String table, RuntimeException e) {
        try {
            put(new Chunk(table, List.of(), List.of(), null, false, List.of(), e));
        } catch (InterruptedException interrupted) {
            // nobody waits for more
        }
    }

    private void put(Chunk chunk) throws InterruptedException {
        if (given) {
            throw new InterruptedException();
        }
        ready.put(chunk);
    }

    /** One table on its way. */
    private final class Reading implements StreamMapping.Output {
        private final String table;
        private final CopyProgress progress;
        private final int epoch;
        private final Position position;
        private final Columns columns;
        private final KeyOrder order;
        private final List<StreamMapping> mappings = new ArrayList<>();
        private final Map<StreamMapping, Set<String>> keys = new LinkedHashMap<>();
        private List<ChangeEvent> events = new ArrayList<>();
        private List<Rejected> rejected = new ArrayList<>();
        private StreamMapping current;

        Reading(String table, CopyProgress progress, int epoch) {
            this.table = table;
            this.progress = progress;
            this.epoch = epoch;
            this.position = new Position(epoch, progress.last().position());
            this.columns = tables.columnsOf(table);
            this.order = Objects.requireNonNull(orders.get(table));
            ZoneId zone = ManifestTests.zoneOf(connector.manifest());
            for (Manifest.Stream stream : connector.manifest().streams()) {
                if (stream.from().equals(table)) {
                    StreamMapping mapping = StreamMapping.compile(stream, connector.id(), columns, zone);
                    mappings.add(mapping);
                    keys.put(mapping, new HashSet<>());
                }
            }
            this.current = mappings.get(0);
        }

        void run() throws InterruptedException {
            List<String> end = progress.findEnd(table).orElse(null);
            if (end != null) {
                readKeys(end);
            }
            int[] key = order.columns().stream().mapToInt(columns::indexOf).toArray();
            TableSnapshot.Rows rows = snapshot.rows(
                    table, columns.names(), (end == null ? "" : " where " + order.after(end)) + order.orderBy());
            @Nullable String[] last = null;
            int count = 0;
            long characters = 0;
            for (@Nullable String[] row = rows.next(); row != null; row = rows.next()) {
                if (count == ROWS || characters > CHARACTERS) {
                    put(new Chunk(table, events, rejected, keyOf(last, key), false, List.of(), null));
                    events = new ArrayList<>(ROWS);
                    rejected = new ArrayList<>();
                    count = 0;
                    characters = 0;
                }
                for (StreamMapping mapping : mappings) {
                    current = mapping;
                    mapping.map(row, position, this);
                }
                last = row;
                count++;
                for (String value : row) {
                    characters += value == null ? 0 : value.length();
                }
            }
            Position first = new Position(epoch, progress.firstOf(table).position());
            List<CompleteSet> sets = new ArrayList<>();
            keys.forEach((mapping, seen) -> sets.add(
                    new CompleteSet(mapping.shape(), seen, first, connector.brakeOf(mapping.shape().id().stream()))));
            put(new Chunk(table, events, rejected, null, true, sets, null));
        }

        private @Nullable List<String> keyOf(@Nullable String @Nullable [] row, int[] key) {
            if (row == null || !order.isKnown()) {
                return null;
            }
            List<String> values = new ArrayList<>();
            for (int column : key) {
                values.add(Objects.requireNonNull(row[column]));
            }
            return values;
        }

        /** What was copied before, and who may still be there. */
        private void readKeys(List<String> end) {
            Set<String> needed = new LinkedHashSet<>();
            for (Manifest.Stream stream : connector.manifest().streams()) {
                if (stream.from().equals(table)) {
                    needed.addAll(stream.key());
                    if (stream.when() != null) {
                        needed.add(stream.when().column());
                    }
                }
            }
            List<String> names = List.copyOf(needed);
            TableSnapshot.Rows rows = snapshot.rows(table, names, " where " + order.upTo(end));
            @Nullable String[] whole = new @Nullable String[columns.size()];
            for (@Nullable String[] row = rows.next(); row != null; row = rows.next()) {
                Arrays.fill(whole, "");
                for (int i = 0; i < row.length; i++) {
                    whole[columns.indexOf(names.get(i))] = row[i];
                }
                keys.forEach((mapping, seen) -> {
                    if (mapping.belongs(whole)) {
                        seen.add(mapping.keyOf(whole));
                    }
                });
            }
        }

        @Override
        public void event(ChangeEvent event) {
            keysOf(current).add(event.key());
            events.add(event);
        }

        @Override
        public void rejected(Rejected rejection) {
            keysOf(current).add(rejection.key());
            rejected.add(rejection);
        }

        @Override
        public void skipped(StreamMapping mapping, String key) {
            // It may have belonged to the stream until now; the complete set says so.
        }

        private Set<String> keysOf(StreamMapping mapping) {
            return keys.getOrDefault(mapping, Collections.emptySet());
        }
    }
}
