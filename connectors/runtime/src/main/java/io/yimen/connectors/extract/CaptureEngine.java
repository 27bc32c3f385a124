package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a Debezium task, which reads a database's log: from its start until it fails, is asked to stop or has read
 * all. Its records go to the {@link CaptureReader} in batches, and it is told of what has become durable, on one thread.
 */
final class CaptureEngine {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureEngine.class);
    /** For all that ends with an engine; less than a service manager, or anybody else, waits for the hub. */
    private static final Duration STOP_TIME = Duration.ofSeconds(20);

    /** How often a source is told how far its log is no longer needed, while changes come. */
    private static final Duration TELL_EVERY = Duration.ofMillis(250);

    /** Changes that a task hands over at once. */
    static final int LARGEST_BATCH = 8192;
    /** How long a task waits for a change, milliseconds; it can be stopped in between. */
    static final int PATIENCE_MILLIS = 100;

    private final String connector;
    private final SourceTask task;
    private final Map<String, String> settings;
    private final Map<String, Object> resume;
    private final Duration longestSilence;

    /**
     * @param connector the connector's id
     * @param task for this run alone
     * @param settings what the task is told, see {@link #settings}
     * @param resume the offset to read on from
     * @param longestSilence how long a source that is followed may say nothing, heartbeats included, before the
     *     connection is held to be lost
     */
    CaptureEngine(
            String connector,
            SourceTask task,
            Map<String, String> settings,
            Map<String, Object> resume,
            Duration longestSilence) {
        this.connector = connector;
        this.task = task;
        this.settings = Map.copyOf(settings);
        this.resume = Map.copyOf(resume);
        this.longestSilence = longestSilence;
    }

    /**
     * What a task is told whatever the database: heartbeats, values as text.
     *
     * @param kind the connector whose task it is
     * @param schema what the tables lie in, as the task prefixes their names
     */
    static Map<String, String> settings(
            String connector, Class<? extends SourceConnector> kind, String schema, CapturedTables tables) {
        Map<String, String> p = new HashMap<>();
        p.put("name", connector);
        // Never made; services of a task are chosen by its name.
        p.put("connector.class", kind.getName());
        p.put("topic.prefix", connector);
        String prefix = literal(schema) + "\\.";
        p.put(
                "table.include.list",
                tables.names().stream().map(t -> prefix + literal(t)).collect(Collectors.joining(",")));
        p.put(
                "column.include.list",
                tables.names().stream()
                        .flatMap(t ->
                                tables.columnsOf(t).names().stream().map(c -> prefix + literal(t) + "\\." + literal(c)))
                        .collect(Collectors.joining(",")));
        p.put("snapshot.mode", "initial");
        p.put("tombstones.on.delete", "false");
        p.put("skipped.operations", "none");
        p.put("include.schema.changes", "false");
        p.put("decimal.handling.mode", "string");
        p.put("binary.handling.mode", "base64");
        p.put("time.precision.mode", "adaptive_time_microseconds");
        // How long it rests when the log has nothing new.
        p.put("poll.interval.ms", "3");
        // As PromptQueue wants it.
        p.put("max.batch.size", "1");
        p.put("max.queue.size", Integer.toString(LARGEST_BATCH * 4));
        p.put("errors.max.retries", "0");
        return p;
    }

    /** As a pattern, in a list that is cut at commas. */
    private static String literal(String name) {
        StringBuilder pattern = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (!Character.isLetterOrDigit(c) && c != '_') {
                pattern.append('\\');
            }
            pattern.appendCodePoint(c);
        });
        return pattern.toString();
    }

    /** Runs until the task fails, the session is stopped or, once, all is read. */
    void follow(CaptureReader reader, Session session) throws InterruptedException {
        run(reader, session, () -> session.isOnce() && reader.isIdle());
        if (session.isOnce() && !session.stop().isRequested()) {
            session.complete(null);
        }
    }

    /** Runs until the task fails, the session is stopped or {@code done}. */
    void run(CaptureReader reader, Session session, BooleanSupplier done) throws InterruptedException {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        AtomicBoolean leaving = new AtomicBoolean();
        Thread thread = new Thread(
                () -> {
                    try {
                        read(reader, leaving);
                        ended.complete(null);
                    } catch (Throwable e) {
                        ended.completeExceptionally(e);
                    }
                },
                "yimen-" + connector + "-capture");
        thread.setDaemon(true);
        thread.setContextClassLoader(getClass().getClassLoader());
        thread.start();
        boolean silent = false;
        try {
            while (!ended.isDone() && !session.stop().isRequested() && !done.getAsBoolean()) {
                silent = reader.silence().compareTo(longestSilence) > 0;
                if (silent || ended.isDone() || reader.awaitChange(Duration.ofMillis(100))) {
                    break;
                }
            }
        } finally {
            leaving.set(true);
            leave(thread);
            reader.end();
        }
        finish(reader, ended, silent, session, done);
    }

    /** Begins where the offset says, and hands over what comes until it is left. */
    private void read(CaptureReader reader, AtomicBoolean leaving) throws InterruptedException {
        ResumeContext context = new ResumeContext(settings, resume);
        task.initialize(context);
        try {
            task.start(settings);
            long toldNanos = System.nanoTime();
            while (!leaving.get()) {
                List<SourceRecord> records = poll(reader);
                if (!records.isEmpty()) {
                    reader.handle(records);
                }
                if (records.isEmpty() || System.nanoTime() - toldNanos >= TELL_EVERY.toNanos()) {
                    tell(context, reader.takeDurable());
                    toldNanos = System.nanoTime();
                }
            }
            tell(context, reader.takeDurable());
        } finally {
            end();
        }
    }

    /** That the source need not keep its log up to there; the task passes it on at its next poll, or at its end. */
    private void tell(ResumeContext context, @Nullable Map<String, Object> durable) throws InterruptedException {
        if (durable != null) {
            context.moveTo(durable);
            task.commit();
        }
    }

    /** What has come. The end of a transaction follows its last change at once: it is waited for, up to a full batch. */
    private List<SourceRecord> poll(CaptureReader reader) throws InterruptedException {
        List<SourceRecord> first = task.poll();
        if (first == null || first.isEmpty()) {
            return List.of();
        }
        List<SourceRecord> records = first;
        while (records.size() < LARGEST_BATCH && reader.isWithin(records.get(records.size() - 1))) {
            List<SourceRecord> more = task.poll();
            if (more == null || more.isEmpty()) {
                break;
            }
            if (records == first) {
                records = new ArrayList<>(first);
            }
            records.addAll(more);
        }
        return records;
    }

    private void end() {
        try {
            task.stop();
        } catch (RuntimeException e) {
            // One that did not come to start has nothing to stop; of any other, what it failed with is known.
            LOG.debug("{}: the task's end failed", connector, e);
        }
    }

    /** One that does not end in time is left: it may wait for ever for a server. Its reader takes nothing more of it. */
    private static void leave(Thread thread) throws InterruptedException {
        TimeUnit.NANOSECONDS.timedJoin(thread, STOP_TIME.toNanos() / 2);
        if (thread.isAlive()) {
            thread.interrupt();
            TimeUnit.NANOSECONDS.timedJoin(thread, STOP_TIME.toNanos() / 2);
        }
        if (thread.isAlive()) {
            LOG.warn("{} has not ended in time and is left alone", thread.getName());
        }
    }

    private static void finish(
            CaptureReader reader,
            CompletableFuture<Void> ended,
            boolean silent,
            Session session,
            BooleanSupplier done) {
        RuntimeException own = reader.findFailure().orElse(null);
        if (own != null) {
            throw own;
        }
        if (silent && !session.stop().isRequested()) {
            throw engineFailed(new IOException("nothing has come for a while, not even a heartbeat"));
        }
        try {
            if (ended.isDone()) {
                ended.join();
            }
        } catch (CompletionException e) {
            if (!session.stop().isRequested()) {
                throw engineFailed(e.getCause() == null ? e : e.getCause());
            }
        }
        if (!session.stop().isRequested() && !done.getAsBoolean()) {
            throw engineFailed(new IOException("the capture engine ended without being asked"));
        }
        reader.settle();
    }

    private static ConnectorException engineFailed(Throwable cause) {
        ConnectorException refused = Authorities.findRefusal(cause).orElse(null);
        if (refused != null) {
            return refused;
        }
        Throwable root = cause;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE,
                "capture",
                "reading the source database's log broke off ("
                        + root.getClass().getSimpleName() + "); it goes on at the committed offset",
                cause);
    }
}
