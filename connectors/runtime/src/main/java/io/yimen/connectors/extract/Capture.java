package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.run.Reread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The course of a capture, whatever the database: its tables are copied as a snapshot shows them, then its log is
 * followed from exactly there. Tables that are wanted later, or once more, are copied while the log of all others is
 * followed.
 */
final class Capture {
    private final Connector connector;
    private final CapturedTables tables;
    private final Source source;
    /** Why the source has to be read as a whole whatever the offset says; null if it need not. */
    private @Nullable String distrust;

    /** What is done differently by each database. */
    interface Source {
        /**
         * Looks at the source before anything is read.
         *
         * @param distrust why it has to be read as a whole in any case; null if it need not
         */
        Start prepare(Session session, @Nullable String distrust) throws InterruptedException;

        /**
         * A snapshot of the source as it is now.
         *
         * @param first whether the log is followed from there
         */
        TableSnapshot open(Session session, boolean first) throws InterruptedException;

        /** How many rows a table has of which a condition is true; an empty one is true of all. */
        long rows(String table, String condition);

        /** Place of an engine's offset in the log's order. */
        long placeOf(Map<String, Object> offset);

        /**
         * Follows the log, applied by a {@link Capture#reader}.
         *
         * @param beside until when, while tables are copied; null where none are: then without end, or once to its end
         */
        void follow(
                CaptureOffset offset, Map<String, KeyOrder> orders, Session session, @Nullable BooleanSupplier beside)
                throws InterruptedException;
    }

    /**
     * What an attempt begins with.
     *
     * @param offset where the capture stands; without the engine's own offset where nothing is read yet
     * @param orders in which order the rows of each table come
     * @param reread why the source is read as a whole, if somebody should know
     * @param wishes because of which tables are read that need not be otherwise
     */
    record Start(
            CaptureOffset offset,
            Map<String, KeyOrder> orders,
            @Nullable String reread,
            List<Reread> wishes) {}

    Capture(Connector connector, CapturedTables tables, Source source) {
        this.connector = connector;
        this.tables = tables;
        this.source = source;
    }

    void run(Session session) throws InterruptedException {
        session.stop().check();
        Start start = source.prepare(session, distrust);
        try {
            CaptureOffset offset = start.offset();
            if (!offset.streaming()) {
                offset = copyFirst(start, session);
            } else if (isWaiting(offset)) {
                offset = copyBeside(start, session);
            } else {
                session.openRun("stream", OptionalLong.empty());
                session.live();
            }
            source.follow(offset, start.orders(), session, null);
        } catch (ConnectorException e) {
            if (e.kind() == ConnectorException.Kind.REREAD) {
                distrust = e.getMessage();
            }
            throw e;
        }
    }

    private static boolean isWaiting(CaptureOffset offset) {
        CopyProgress copy = offset.copy();
        return copy != null && !copy.waiting().isEmpty();
    }

    /** Copies the tables as the first snapshot shows them, or what an attempt before this one has left of them. */
    private CaptureOffset copyFirst(Start start, Session session) throws InterruptedException {
        CaptureOffset offset = start.offset();
        session.openRun("snapshot", OptionalLong.of(expected(start)));
        if (start.reread() != null) {
            session.notice(start.reread());
        }
        boolean first = offset.offset().isEmpty();
        TableSnapshot snapshot = source.open(session, first);
        if (first) {
            offset = offset.at(false, snapshot.beginning(), null);
        }
        offset = offset.through(snapshot);
        if (first || !start.wishes().isEmpty()) {
            // From now on the log is known to be read from where this copy ends.
            session.take(start.wishes(), offset.text());
            distrust = null;
        }
        CaptureOffset copied = copy(offset, snapshot, start.orders(), session, null);
        session.live();
        return copied;
    }

    /**
     * Copies the tables that wait, those of new streams and those that are to be read again, while the log of all others
     * is followed. What the log says of those that wait is passed over, and with it the end of what has been read: when
     * they are copied it is read once more from where it stood. Of the others that repeats what is known by its position;
     * of the copied ones it brings what the copy does not show.
     */
    private CaptureOffset copyBeside(Start start, Session session) throws InterruptedException {
        CaptureOffset offset = start.offset();
        session.openRun("reread", OptionalLong.of(expected(start)));
        // From here on the offset stays, whatever happens.
        session.take(start.wishes(), offset.text());
        List<String> braked = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<CaptureOffset> copied = new CompletableFuture<>();
        Thread copying = new Thread(
                () -> {
                    try {
                        TableSnapshot snapshot = source.open(session, false);
                        copied.complete(copy(
                                offset.through(snapshot),
                                snapshot,
                                start.orders(),
                                session,
                                session.isOnce() ? null : braked::add));
                    } catch (RuntimeException | InterruptedException e) {
                        copied.completeExceptionally(e);
                    }
                },
                "yimen-" + connector.id() + "-reread");
        copying.setDaemon(true);
        copying.start();
        try {
            source.follow(offset, start.orders(), session, copied::isDone);
        } finally {
            copying.interrupt();
            copying.join();
        }
        try {
            CaptureOffset end = copied.join();
            if (!braked.isEmpty()) {
                // What is there is read, and the log goes on; a person decides about what is missing.
                session.ask(String.join("; ", braked));
            }
            session.openRun("stream", OptionalLong.empty());
            session.live();
            return end;
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            session.stop().check();
            throw e;
        }
    }

    /** @param braked is told where too much would be retired, and nothing is; null: then the copy fails */
    private CaptureOffset copy(
            CaptureOffset offset,
            TableSnapshot snapshot,
            Map<String, KeyOrder> orders,
            Session session,
            @Nullable Consumer<String> braked)
            throws InterruptedException {
        try (snapshot) {
            return new TableCopy(connector, tables, session, snapshot, orders)
                    .run(offset, source.placeOf(offset.offset()), braked);
        }
    }

    private long expected(Start start) {
        CopyProgress progress = Objects.requireNonNull(start.offset().copy());
        return tables.expected(progress.waiting(), table -> {
            KeyOrder order = Objects.requireNonNull(start.orders().get(table));
            return source.rows(table, progress.findEnd(table).map(order::after).orElse(""));
        });
    }

    /** What applies the log, with what copies of tables show of it left out. */
    CaptureReader reader(
            CaptureOffset offset, Map<String, KeyOrder> orders, SourceLog log, Session session, boolean holding) {
        CopyProgress copy = offset.copy();
        return new CaptureReader(
                connector, tables, session, offset, log, copy == null ? null : new CopiedTables(copy, orders, holding));
    }

    /** Nothing is read yet. */
    CaptureOffset beginning(int epoch, String system, long timeline) {
        return CaptureOffset.beforeStreaming(epoch, system, timeline)
                .with(CopyProgress.of(List.copyOf(tables.names())))
                .reading(streams());
    }

    private List<String> streams() {
        return connector.manifest().streams().stream().map(Manifest.Stream::id).toList();
    }

    /**
     * The tables of streams that were not read before have to be copied, whatever else is, and those that are to be read
     * again.
     */
    CaptureOffset grown(CaptureOffset offset, List<Reread> wishes, Map<String, KeyOrder> orders) {
        Set<String> again = tables.of(Reread.streamsOf(wishes));
        List<String> known = offset.streams() == null ? streams() : offset.streams();
        CopyProgress progress = offset.copy() == null ? CopyProgress.of(List.of()) : offset.copy();
        progress = progress.only(tables.names());
        for (Manifest.Stream stream : connector.manifest().streams()) {
            if (!known.contains(stream.id())) {
                progress = progress.anew(stream.from());
            }
        }
        for (String table : again) {
            progress = progress.anew(table);
        }
        for (String table : progress.waiting()) {
            KeyOrder order = Objects.requireNonNull(orders.get(table));
            int columns = progress.findEnd(table).map(List::size).orElse(0);
            if (columns > 0 && columns != order.columns().size()) {
                progress = progress.anew(table);
            }
        }
        boolean over = progress.isPassedAt(source.placeOf(offset.offset()));
        return offset.with(over ? null : progress).reading(streams());
    }
}
