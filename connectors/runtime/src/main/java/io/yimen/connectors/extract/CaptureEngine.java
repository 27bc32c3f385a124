package io.yimen.connectors.extract;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.yimen.connectors.ConnectorException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of Debezium's engine, from its start until it ends, is asked to stop or has read all. */
final class CaptureEngine {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureEngine.class);
    /** For all that ends with an engine; less than a service manager, or anybody else, waits for the hub. */
    private static final Duration STOP_TIME = Duration.ofSeconds(20);

    /** Changes that are handed over at once. */
    static final int LARGEST_BATCH = 8192;
    /** How long a task waits for a change, milliseconds; it can be stopped in between. */
    static final int PATIENCE_MILLIS = 100;

    private final String connector;
    private final Properties properties;
    private final Duration longestSilence;

    /**
     * @param connector the connector's id
     * @param properties what the engine is told, see {@link #properties}
     * @param longestSilence how long a source that is followed may say nothing, heartbeats included, before the
     *     connection is held to be lost
     */
    CaptureEngine(String connector, Properties properties, Duration longestSilence) {
        this.connector = connector;
        this.properties = properties;
        this.longestSilence = longestSilence;
    }

    /**
     * What the engine is told whatever the database: batches, heartbeats, values as text, and the offset that the pool
     * has committed.
     *
     * @param schema what the tables lie in, as the engine prefixes their names
     * @param resume the offset to read on from; empty for a snapshot
     */
    static Properties properties(
            String connector,
            Class<? extends SourceConnector> connectorClass,
            String schema,
            CapturedTables tables,
            Map<String, Object> resume) {
        Properties p = new Properties();
        p.put("name", connector);
        p.put("connector.class", connectorClass.getName());
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
        p.put("offset.storage", CommittedOffsets.class.getName());
        p.put("offset.flush.interval.ms", "0");
        p.put(CommittedOffsets.OFFSET, resume.isEmpty() ? "" : CommittedOffsets.json(resume));
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

    /** Runs until the engine ends, the session is stopped or, once, all is read. */
    void follow(CaptureReader reader, Session session) throws InterruptedException {
        run(reader, session, () -> session.isOnce() && reader.isIdle());
        if (session.isOnce() && !session.stop().isRequested()) {
            session.complete(null);
        }
    }

    /** Runs until the engine ends, the session is stopped or {@code done}. */
    void run(CaptureReader reader, Session session, BooleanSupplier done) throws InterruptedException {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletableFuture<Void> polling = new CompletableFuture<>();
        DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine = DebeziumEngine.create(Connect.class)
                .using(properties)
                .using(OffsetCommitPolicy.always())
                .using(getClass().getClassLoader())
                .using(new DebeziumEngine.ConnectorCallback() {
                    @Override
                    public void pollingStarted() {
                        polling.complete(null);
                    }
                })
                .using((success, message, error) -> {
                    if (success) {
                        ended.complete(null);
                    } else {
                        ended.completeExceptionally(error == null ? new IOException(message) : error);
                    }
                })
                .notifying(reader)
                .build();
        Thread thread = new Thread(engine, "yimen-" + connector + "-capture");
        thread.setDaemon(true);
        // An engine that ends by itself while it is being closed says so by throwing.
        thread.setUncaughtExceptionHandler((t, thrown) -> ended.completeExceptionally(thrown));
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
            close(engine, thread, ended, polling);
            reader.end();
        }
        finish(reader, ended, silent, session, done);
    }

    /**
     * Ends an engine. One that does not end in time is left: it may wait for ever for a server or for its own threads.
     * Its reader takes nothing more of it.
     */
    private static void close(
            DebeziumEngine<?> engine, Thread thread, CompletableFuture<Void> ended, CompletableFuture<Void> polling)
            throws InterruptedException {
        long until = System.nanoTime() + STOP_TIME.toNanos();
        if (!ended.isDone()) {
            try {
                // An engine that is still starting cannot be closed.
                CompletableFuture.anyOf(ended, polling).get(STOP_TIME.toMillis() / 2, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                // It is told to end all the same.
            }
            Thread closing = new Thread(() -> end(engine), thread.getName() + "-end");
            closing.setDaemon(true);
            closing.start();
            join(closing, until);
        }
        join(thread, until);
    }

    private static void join(Thread thread, long until) throws InterruptedException {
        TimeUnit.NANOSECONDS.timedJoin(thread, until - System.nanoTime());
        if (thread.isAlive()) {
            LOG.warn("{} has not ended in time and is left alone", thread.getName());
        }
    }

    private static void end(DebeziumEngine<?> engine) {
        try {
            engine.close();
        } catch (IOException | RuntimeException e) {
            // It has ended by itself meanwhile, or is left.
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
