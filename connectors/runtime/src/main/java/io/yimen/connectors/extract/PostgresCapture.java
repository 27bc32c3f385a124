package io.yimen.connectors.extract;

import io.debezium.connector.postgresql.PostgresConnector;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.run.Reread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    /** The engine itself notices a connection that is lost. */
    private static final Duration LONGEST_SILENCE = Duration.ofDays(1);

    private final Connector connector;
    private final Manifest.Capture settings;
    private final TableSnapshot.Access access;
    private final String username;
    private final String password;
    private final String slot;
    private final String publication;
    private final String host;
    private final String port;
    private final String database;
    /** What the address says of every connection, the one that reads the log among them. */
    private final Map<String, String> parameters;

    private final CapturedTables tables;
    /** Why the source has to be read as a whole whatever the offset says; null if it need not. */
    private @Nullable String distrust;

    /**
     * What an attempt begins with.
     *
     * @param offset where the capture stands; without the engine's own offset where there is no slot yet
     * @param described the tables as they are now
     * @param reread why the source is read as a whole, if somebody should know
     * @param wishes because of which tables are read that need not be otherwise
     */
    private record Start(
            CaptureOffset offset,
            TableCopy.Described described,
            @Nullable String reread,
            List<Reread> wishes) {}

    PostgresCapture(Connector connector, Manifest.Capture settings) {
        this.connector = connector;
        this.settings = settings;
        String url = connector.parameters().getFilled(settings.url());
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw connector.wrong(settings.url(), "is no address; write it like jdbc:postgresql://host:port/database");
        }
        try {
            this.parameters = JdbcAddress.of(url, null).parameters();
        } catch (IllegalArgumentException e) {
            throw connector.wrong(settings.url(), String.valueOf(e.getMessage()));
        }
        this.host = matcher.group(1);
        this.port = matcher.group(2) == null ? "5432" : matcher.group(2);
        this.database = matcher.group(3);
        this.username = connector.parameters().getFilled(settings.username());
        this.password = connector.parameters().getFilled(settings.password());
        this.access = new TableSnapshot.Access(url, username, password);
        this.slot = name(settings.slot());
        this.publication = name(settings.publication());
        this.tables = new CapturedTables(connector);
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
            engine(offset).follow(reader(offset, start.described(), session), session);
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

    /** Copies the tables as a new slot's snapshot shows them, or what an attempt before this one has left of them. */
    private CaptureOffset copyFirst(Start start, Session session) throws InterruptedException {
        CaptureOffset offset = start.offset();
        CopyProgress progress = Objects.requireNonNull(offset.copy());
        session.openRun("snapshot", OptionalLong.of(expected(progress, start.described())));
        if (start.reread() != null) {
            session.notice(start.reread());
        }
        boolean first = offset.offset().isEmpty();
        TableSnapshot snapshot = TableSnapshot.open(access, first ? slot : passingSlot(session), !first, session);
        CopyProgress through = progress.through(snapshot.horizon());
        offset = first
                ? offset.at(false, WriteAheadLog.beginning(snapshot.horizon().point()), null)
                        .with(through)
                : offset.with(through);
        if (first || !start.wishes().isEmpty()) {
            // From now on the slot is known to be this copy's own.
            session.take(start.wishes(), offset.text());
            distrust = null;
        }
        CaptureOffset copied = copy(offset, snapshot, start.described(), session, null);
        session.live();
        return copied;
    }

    /**
     * Copies the tables that wait, those of new streams and those that are to be read again, while the log of all others
     * is followed. What the log says of those that wait is passed
     * over, and with it the end of what has been read: when they are copied it is read once more from where it stood. Of
     * the others that repeats what is known by its position; of the copied ones it brings what the copy does not show.
     */
    private CaptureOffset copyBeside(Start start, Session session) throws InterruptedException {
        CaptureOffset offset = start.offset();
        CopyProgress progress = Objects.requireNonNull(offset.copy());
        session.openRun("reread", OptionalLong.of(expected(progress, start.described())));
        // From here on the offset stays, whatever happens.
        session.take(start.wishes(), offset.text());
        List<String> braked = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<CaptureOffset> copied = new CompletableFuture<>();
        Thread copying = new Thread(
                () -> {
                    try {
                        TableSnapshot snapshot = TableSnapshot.open(access, passingSlot(session), true, session);
                        CaptureOffset through = offset.with(progress.through(snapshot.horizon()));
                        copied.complete(copy(
                                through, snapshot, start.described(), session, session.isOnce() ? null : braked::add));
                    } catch (RuntimeException | InterruptedException e) {
                        copied.completeExceptionally(e);
                    }
                },
                "yimen-" + connector.id() + "-reread");
        copying.setDaemon(true);
        copying.start();
        try {
            engine(offset).run(reader(offset, start.described(), session), session, copied::isDone);
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
            TableCopy.Described described,
            Session session,
            @Nullable Consumer<String> braked)
            throws InterruptedException {
        try (EngineText engine = new EngineText(
                settings(), settings.schema(), connector.manifest().file())) {
            return new TableCopy(
                            connector, tables, session, snapshot, described, engine, settings.schema(), offset.epoch())
                    .run(offset, braked);
        }
    }

    /** The name of a slot that is wanted for its snapshot alone. A killed reader's may still be there. */
    private String passingSlot(Session session) {
        String suffix = "_copy_" + Long.toString(session.clock().millis(), 36);
        return slot.substring(0, Math.min(slot.length(), 63 - suffix.length())) + suffix;
    }

    private CaptureEngine engine(CaptureOffset offset) {
        long restart = slotRestart();
        return new CaptureEngine(
                connector.id(),
                new PromptPostgresTask(),
                settings(),
                WriteAheadLog.resume(offset.offset(), restart),
                LONGEST_SILENCE);
    }

    private CaptureReader reader(CaptureOffset offset, TableCopy.Described described, Session session) {
        CopyProgress copy = offset.copy();
        return new CaptureReader(
                connector,
                tables,
                session,
                offset,
                new WriteAheadLog(),
                () -> {},
                copy == null ? null : new CopiedTables(copy, described.orders()));
    }

    /** Asks for settings, tables, columns and keys; makes no slot. */
    @Override
    public void inspect(Session session) {
        try (SourceDatabase source = access.connect()) {
            check(source, session);
        }
    }

    private void check(SourceDatabase source, Session session) {
        String level = source.setting("wal_level");
        if (!level.equals("logical")) {
            throw unexpected(
                    "wal-level", "the source database has wal_level = " + level + "; set it to logical and restart it");
        }
        String schema = settings.schema();
        tables.check(session, schema, username, source.columns(schema), source.primaryKeys(schema));
    }

    /** Looks at the source before the engine does, whose own start would pass over most of what can be wrong. */
    private Start prepare(Session session) throws InterruptedException {
        try (SourceDatabase source = access.connect()) {
            check(source, session);
            TableCopy.Described described = TableCopy.Described.of(source, settings.schema(), tables.names());
            source.publish(publication, settings.schema(), tables.names());
            SourceDatabase.Cluster cluster = source.cluster();
            Optional<SourceDatabase.Slot> found = source.findSlot(slot);
            CaptureOffset offset =
                    session.findOffset().map(CaptureOffset::parse).orElse(null);
            List<Reread> wishes = session.rereads();
            String reread = distrust;
            int epoch = offset == null ? 0 : offset.epoch();
            if (offset != null && !offset.system().equals(cluster.system())) {
                epoch++;
                reread = "another database cluster answers than before: it is read again as a whole";
            } else if (offset != null && offset.timeline() != cluster.timeline()) {
                epoch++;
            }
            // A copy by a version that could not go on with it has left no place in the log.
            boolean begun = offset != null && !offset.offset().isEmpty();
            if (reread == null && offset != null && begun) {
                reread = reasonToReread(offset, found);
            }
            if (reread == null && offset != null && begun) {
                // Whoever was killed may have stored more than the source was told of, and nothing more may come.
                source.advanceSlot(slot, WriteAheadLog.lsn(offset.offset()));
                CaptureOffset moved = new CaptureOffset(
                        epoch,
                        cluster.system(),
                        cluster.timeline(),
                        offset.streaming(),
                        offset.offset(),
                        null,
                        offset.copy(),
                        offset.streams());
                return new Start(grown(moved, tables.of(Reread.streamsOf(wishes)), described), described, null, wishes);
            }
            if (found.isPresent()) {
                dropSlot(source, session);
            }
            CaptureOffset beginning = CaptureOffset.beforeStreaming(epoch, cluster.system(), cluster.timeline())
                    .with(CopyProgress.of(List.copyOf(tables.names())))
                    .reading(streams());
            return new Start(beginning, described, reread, wishes);
        }
    }

    private List<String> streams() {
        return connector.manifest().streams().stream().map(Manifest.Stream::id).toList();
    }

    /**
     * The tables of streams that were not read before have to be copied, whatever else is, and those that are to be read
     * again.
     */
    private CaptureOffset grown(CaptureOffset offset, Set<String> again, TableCopy.Described described) {
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
            KeyOrder order = Objects.requireNonNull(described.orders().get(table));
            int columns = progress.findEnd(table).map(List::size).orElse(0);
            if (columns > 0 && columns != order.columns().size()) {
                progress = progress.anew(table);
            }
        }
        boolean over = progress.isPassedAt(WriteAheadLog.lsn(offset.offset()));
        return offset.with(over ? null : progress).reading(streams());
    }

    private @Nullable String reasonToReread(CaptureOffset offset, Optional<SourceDatabase.Slot> found) {
        if (found.isEmpty()) {
            return "the replication slot " + slot + " is gone: the source is read again as a whole, deletes included";
        }
        if (found.get().lost()) {
            return "the source no longer keeps the log that slot " + slot + " needs: it is read again as a whole";
        }
        if (found.get().confirmed() > WriteAheadLog.lsn(offset.offset())) {
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

    private long expected(CopyProgress progress, TableCopy.Described described) {
        try (SourceDatabase source = access.connect()) {
            return tables.expected(progress.waiting(), table -> {
                KeyOrder order = Objects.requireNonNull(described.orders().get(table));
                String rest = progress.findEnd(table).map(order::after).orElse("");
                return source.rows(settings.schema(), table, rest);
            });
        }
    }

    /** Where the slot's log begins. */
    private long slotRestart() {
        try (SourceDatabase source = access.connect()) {
            return source.findSlot(slot)
                    .map(SourceDatabase.Slot::restart)
                    .orElseThrow(() -> unexpected("slot", "the replication slot " + slot + " vanished"));
        }
    }

    private Map<String, String> settings() {
        Map<String, String> p =
                CaptureEngine.settings(connector.id(), PostgresConnector.class, settings.schema(), tables);
        p.put("database.hostname", host);
        p.put("database.port", port);
        p.put("database.dbname", database);
        p.put("database.user", username);
        p.put("database.password", password);
        // The engine asks now and then whether the line is alive, and would wait for the answer without end.
        p.put("database.socketTimeout", "60");
        parameters.forEach((name, value) -> p.put("database." + name, value));
        p.put("plugin.name", "pgoutput");
        p.put("slot.name", slot);
        p.put("slot.max.retries", "3");
        p.put("slot.retry.delay.ms", "1000");
        p.put("publication.name", publication);
        p.put("publication.autocreate.mode", "filtered");
        p.put("lsn.flush.mode", "connector");
        p.put("provide.transaction.metadata", "true");
        p.put("interval.handling.mode", "string");
        p.put("heartbeat.interval.ms", "1000");
        return p;
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
