package io.yimen.connectors.extract;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.mapping.Columns;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * {@code capture-postgres}: follows the write-ahead log of a PostgreSQL database through Debezium's engine.
 *
 * <p>What makes it safe: the engine's offset lives in the pool, in the transaction of the data that it covers, and is
 * only ever that of a transaction's end, so that a restart sees a transaction that was cut in two from its beginning;
 * the slot is told after that. A snapshot is always taken through a slot that was made for it, so that no change falls
 * between the two; one that was not finished is begun anew, with a new slot. Each snapshot ends with a complete set,
 * for what was deleted while nobody listened.
 */
final class PostgresCapture implements Extractor {
    private static final Pattern URL = Pattern.compile("jdbc:postgresql://([^:/?]+)(?::(\\d+))?/([^?]+)(?:\\?.*)?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,63}");
    private static final Duration STOP_TIME = Duration.ofSeconds(30);
    private static final int LARGEST_BATCH = 8192;

    private final Connector connector;
    private final Manifest.Capture settings;
    private final String url;
    private final String username;
    private final String password;
    private final String slot;
    private final String publication;
    private final String host;
    private final String port;
    private final String database;
    private final Map<String, Columns> tables = new LinkedHashMap<>();
    /** Why the source has to be read as a whole whatever the offset says; null if it need not. */
    private @Nullable String distrust;

    /**
     * What an attempt begins with.
     *
     * @param resume the offset that the engine is given; empty for a snapshot
     */
    private record Start(
            CaptureOffset offset,
            Map<String, Object> resume,
            @Nullable String reread) {}

    PostgresCapture(Connector connector, Manifest.Capture settings) {
        this.connector = connector;
        this.settings = settings;
        this.url = connector.parameters().getFilled(settings.url());
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw connector.wrong(settings.url(), "is no address; write it like jdbc:postgresql://host:port/database");
        }
        this.host = matcher.group(1);
        this.port = matcher.group(2) == null ? "5432" : matcher.group(2);
        this.database = matcher.group(3);
        this.username = connector.parameters().getFilled(settings.username());
        this.password = connector.parameters().getFilled(settings.password());
        this.slot = name(settings.slot());
        this.publication = name(settings.publication());
        connector.manifest().streams().stream()
                .collect(Collectors.groupingBy(Manifest.Stream::from, LinkedHashMap::new, Collectors.toList()))
                .forEach((table, streams) -> tables.put(table, Columns.of(streams)));
    }

    private String name(String template) {
        String name = connector.parameters().getFilled(template);
        if (!NAME.matcher(name).matches()) {
            ManifestException wrong =
                    connector.wrong(template, "is no name; use small letters, digits and underscores");
            throw wrong;
        }
        return name;
    }

    @Override
    public void run(Session session) throws InterruptedException {
        session.stop().check();
        Start start = prepare(session);
        CaptureReader reader =
                new CaptureReader(connector, tables, session, start.offset(), this::slotRestart, this::snapshotEnded);
        if (start.offset().streaming()) {
            session.openRun("stream", OptionalLong.empty());
            session.live();
        } else {
            session.openRun("snapshot", OptionalLong.of(expected()));
            if (start.reread() != null) {
                session.notice(start.reread());
            }
        }
        try {
            follow(reader, start, session);
        } catch (ConnectorException e) {
            if (e.kind() == ConnectorException.Kind.REREAD) {
                distrust = e.getMessage();
            }
            throw e;
        }
    }

    /** Looks at the source before the engine does, whose own start would pass over most of what can be wrong. */
    private Start prepare(Session session) throws InterruptedException {
        try (SourceDatabase source = SourceDatabase.connect(url, username, password)) {
            String level = source.setting("wal_level");
            if (!level.equals("logical")) {
                throw unexpected(
                        "wal-level",
                        "the source database has wal_level = " + level + "; set it to logical and restart it");
            }
            checkTables(source, session);
            SourceDatabase.Cluster cluster = source.cluster();
            Optional<SourceDatabase.Slot> found = source.findSlot(slot);
            CaptureOffset offset =
                    session.findOffset().map(CaptureOffset::parse).orElse(null);
            String reread = distrust;
            int epoch = offset == null ? 0 : offset.epoch();
            if (offset != null && !offset.system().equals(cluster.system())) {
                epoch++;
                reread = "another database cluster answers than before: it is read again as a whole";
            } else if (offset != null && offset.timeline() != cluster.timeline()) {
                epoch++;
            }
            if (reread == null && offset != null && offset.streaming()) {
                reread = reasonToReread(offset, found);
            }
            if (reread == null && offset != null && offset.streaming()) {
                long restart = found.map(SourceDatabase.Slot::restart).orElse(0L);
                return new Start(
                        new CaptureOffset(epoch, cluster.system(), cluster.timeline(), true, offset.offset()),
                        offset.resume(restart),
                        null);
            }
            if (found.isPresent()) {
                dropSlot(source, session);
            }
            return new Start(
                    new CaptureOffset(epoch, cluster.system(), cluster.timeline(), false, Map.of()), Map.of(), reread);
        }
    }

    private @Nullable String reasonToReread(CaptureOffset offset, Optional<SourceDatabase.Slot> found) {
        if (found.isEmpty()) {
            return "the replication slot " + slot + " is gone: the source is read again as a whole, deletes included";
        }
        if (found.get().lost()) {
            return "the source no longer keeps the log that slot " + slot + " needs: it is read again as a whole";
        }
        if (found.get().confirmed() > offset.lsn()) {
            return "somebody else has read from slot " + slot + ": the source is read again as a whole";
        }
        return null;
    }

    /** A slot whose reader was killed a moment ago may still look busy. */
    private void dropSlot(SourceDatabase source, Session session) throws InterruptedException {
        for (int attempt = 0; attempt < 50; attempt++) {
            Optional<SourceDatabase.Slot> found = source.findSlot(slot);
            if (found.isEmpty()) {
                return;
            }
            if (!found.get().active()) {
                source.dropSlot(slot);
                return;
            }
            if (session.stop().await(Duration.ofMillis(200))) {
                session.stop().check();
            }
        }
        throw unexpected(
                "slot-in-use",
                "another process reads from slot " + slot + "; stop it, or give this connector a slot of its own");
    }

    private void checkTables(SourceDatabase source, Session session) {
        Map<String, Set<String>> present = source.columns(settings.schema());
        Map<String, Set<String>> keys = source.primaryKeys(settings.schema());
        String manifest = connector.manifest().file();
        Set<String> unread = new TreeSet<>();
        tables.forEach((table, columns) -> {
            Set<String> has = present.get(table);
            if (has == null) {
                throw unexpected(
                        "missing-table",
                        "there is no table " + settings.schema() + "." + table + " that " + username
                                + " may read; grant it or correct " + manifest);
            }
            List<String> missing =
                    columns.names().stream().filter(c -> !has.contains(c)).toList();
            if (!missing.isEmpty()) {
                throw unexpected(
                        "missing-column",
                        "table " + table + " has no " + String.join(", ", missing) + "; correct " + manifest);
            }
            for (Manifest.Stream stream : connector.manifest().streams()) {
                if (stream.from().equals(table)
                        && !Set.copyOf(stream.key()).equals(keys.getOrDefault(table, Set.of()))) {
                    throw unexpected(
                            "key-not-primary",
                            "the key of stream " + stream.id() + " is not the primary key of " + table
                                    + ": deletes could not be told; correct " + manifest);
                }
            }
            has.stream().filter(c -> columns.indexOf(c) < 0).forEach(c -> unread.add(table + "." + c));
        });
        if (!unread.isEmpty()) {
            session.notice("columns that nobody asked for, not read: " + String.join(", ", unread));
        }
    }

    private long expected() {
        try (SourceDatabase source = SourceDatabase.connect(url, username, password)) {
            long expected = 0;
            for (String table : tables.keySet()) {
                long streams = connector.manifest().streams().stream()
                        .filter(s -> s.from().equals(table))
                        .count();
                expected += source.rows(settings.schema(), table) * streams;
            }
            return expected;
        }
    }

    private void snapshotEnded() {
        distrust = null;
    }

    /** Where the slot's log begins: no change that the snapshot does not show has an earlier position. */
    private long slotRestart() {
        try (SourceDatabase source = SourceDatabase.connect(url, username, password)) {
            return source.findSlot(slot)
                    .map(SourceDatabase.Slot::restart)
                    .orElseThrow(() -> unexpected("slot", "the replication slot " + slot + " vanished"));
        }
    }

    /** Runs the engine until it ends, the session is stopped or, once, all is read. */
    private void follow(CaptureReader reader, Start start, Session session) throws InterruptedException {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletableFuture<Void> polling = new CompletableFuture<>();
        DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine = DebeziumEngine.create(Connect.class)
                .using(properties(start))
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
        Thread thread = new Thread(engine, "yimen-" + connector.id() + "-capture");
        thread.setDaemon(true);
        thread.start();
        try {
            while (!ended.isDone() && !session.stop().isRequested() && !(session.isOnce() && reader.isIdle())) {
                if (ended.isDone() || reader.awaitChange(Duration.ofMillis(100))) {
                    break;
                }
            }
        } finally {
            close(engine, ended, polling);
        }
        thread.join(STOP_TIME.toMillis());
        finish(reader, ended, session);
    }

    private static void close(
            DebeziumEngine<?> engine, CompletableFuture<Void> ended, CompletableFuture<Void> polling) {
        if (ended.isDone()) {
            return;
        }
        try {
            // An engine that is still starting cannot be closed.
            CompletableFuture.anyOf(ended, polling).get(STOP_TIME.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
        try {
            engine.close();
        } catch (IOException | IllegalStateException e) {
            // it has ended by itself meanwhile
        }
    }

    private void finish(CaptureReader reader, CompletableFuture<Void> ended, Session session) {
        RuntimeException own = reader.findFailure().orElse(null);
        if (own != null) {
            throw own;
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
        if (!session.stop().isRequested() && !(session.isOnce() && reader.isIdle())) {
            throw engineFailed(new IOException("the capture engine ended without being asked"));
        }
        reader.settle();
        if (session.isOnce() && !session.stop().isRequested()) {
            session.complete(null);
        }
    }

    private static ConnectorException engineFailed(Throwable cause) {
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

    private Properties properties(Start start) {
        Properties p = new Properties();
        p.put("name", connector.id());
        p.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        p.put("topic.prefix", connector.id());
        p.put("database.hostname", host);
        p.put("database.port", port);
        p.put("database.dbname", database);
        p.put("database.user", username);
        p.put("database.password", password);
        p.put("plugin.name", "pgoutput");
        p.put("slot.name", slot);
        p.put("slot.max.retries", "3");
        p.put("slot.retry.delay.ms", "1000");
        p.put("publication.name", publication);
        p.put("publication.autocreate.mode", "filtered");
        p.put("lsn.flush.mode", "connector");
        p.put("table.include.list", tables.keySet().stream().map(this::pattern).collect(Collectors.joining(",")));
        p.put(
                "column.include.list",
                tables.entrySet().stream()
                        .flatMap(t -> t.getValue().names().stream().map(c -> pattern(t.getKey()) + "\\." + literal(c)))
                        .collect(Collectors.joining(",")));
        p.put("snapshot.mode", "initial");
        p.put("provide.transaction.metadata", "true");
        p.put("tombstones.on.delete", "false");
        p.put("skipped.operations", "none");
        p.put("include.schema.changes", "false");
        p.put("decimal.handling.mode", "string");
        p.put("interval.handling.mode", "string");
        p.put("binary.handling.mode", "base64");
        p.put("time.precision.mode", "adaptive_time_microseconds");
        p.put("heartbeat.interval.ms", "1000");
        p.put("poll.interval.ms", "5");
        p.put("max.batch.size", Integer.toString(LARGEST_BATCH));
        p.put("max.queue.size", Integer.toString(LARGEST_BATCH * 4));
        p.put("errors.max.retries", "0");
        p.put("offset.storage", CommittedOffsets.class.getName());
        p.put("offset.flush.interval.ms", "0");
        p.put(CommittedOffsets.OFFSET, start.offset().streaming() ? CommittedOffsets.json(start.resume()) : "");
        return p;
    }

    private String pattern(String table) {
        return literal(settings.schema()) + "\\." + literal(table);
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

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
