package io.yimen.connectors.extract;

import io.debezium.connector.postgresql.PostgresConnector;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.run.Reread;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
final class PostgresCapture implements Extractor, Capture.Source {
    private static final Pattern URL = Pattern.compile("jdbc:postgresql://([^:/?]+)(?::(\\d+))?/([^?]+)(?:\\?.*)?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,63}");
    /** The engine itself notices a connection that is lost. */
    private static final Duration LONGEST_SILENCE = Duration.ofDays(1);

    private final Connector connector;
    private final Manifest.Capture settings;
    private final PostgresSnapshot.Access access;
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
    private final Capture capture;

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
        this.access = new PostgresSnapshot.Access(url, username, password);
        this.slot = name(settings.slot());
        this.publication = name(settings.publication());
        this.tables = new CapturedTables(connector);
        this.capture = new Capture(connector, tables, this);
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
        capture.run(session);
    }

    /** The first is that of a slot that stays; any other is wanted for itself alone, and its slot is gone at once. */
    @Override
    public TableSnapshot open(Session session, boolean first) throws InterruptedException {
        Map<String, SourceDatabase.Table> described = new HashMap<>();
        try (SourceDatabase source = access.connect()) {
            tables.names().forEach(table -> described.put(table, source.table(settings.schema(), table)));
        }
        EngineText engine = new EngineText(
                settings(), settings.schema(), connector.manifest().file());
        return PostgresSnapshot.open(
                access,
                first ? slot : passingSlot(session),
                !first,
                new PostgresSnapshot.Tables(settings.schema(), described, engine),
                session);
    }

    /** The name of a slot that is wanted for its snapshot alone. A killed reader's may still be there. */
    private String passingSlot(Session session) {
        String suffix = "_copy_" + Long.toString(session.clock().millis(), 36);
        return slot.substring(0, Math.min(slot.length(), 63 - suffix.length())) + suffix;
    }

    @Override
    public void follow(
            CaptureOffset offset, Map<String, KeyOrder> orders, Session session, @Nullable BooleanSupplier beside)
            throws InterruptedException {
        CaptureEngine engine = new CaptureEngine(
                connector.id(),
                new PromptPostgresTask(),
                settings(),
                WriteAheadLog.resume(offset.offset(), slotRestart()),
                LONGEST_SILENCE);
        CaptureReader reader = capture.reader(offset, orders, new WriteAheadLog(), session, beside != null);
        if (beside != null) {
            engine.run(reader, session, beside);
        } else {
            engine.follow(reader, session);
        }
    }

    @Override
    public long placeOf(Map<String, Object> offset) {
        return WriteAheadLog.lsn(offset);
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
    @Override
    public Capture.Start prepare(Session session, @Nullable String distrust) throws InterruptedException {
        try (SourceDatabase source = access.connect()) {
            check(source, session);
            boolean utf8 = source.setting("server_encoding").equals("UTF8");
            Map<String, KeyOrder> orders = new HashMap<>();
            tables.names().forEach(table -> orders.put(table, source.order(settings.schema(), table, utf8)));
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
                        offset.copied(),
                        offset.streams());
                return new Capture.Start(capture.grown(moved, wishes, orders), orders, null, wishes);
            }
            if (found.isPresent()) {
                dropSlot(source, session);
            }
            CaptureOffset beginning = capture.beginning(epoch, cluster.system(), cluster.timeline());
            return new Capture.Start(beginning, orders, reread, wishes);
        }
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

    @Override
    public long rows(String table, String condition) {
        try (SourceDatabase source = access.connect()) {
            return source.rows(settings.schema(), table, condition);
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
