package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
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
    private final String url;
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
        SourceLog log = new WriteAheadLog(this::slotRestart);
        CaptureReader reader = new CaptureReader(connector, tables, session, start.offset(), log, this::snapshotEnded);
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
            new CaptureEngine(connector.id(), properties(start), LONGEST_SILENCE).follow(reader, session);
        } catch (ConnectorException e) {
            if (e.kind() == ConnectorException.Kind.REREAD) {
                distrust = e.getMessage();
            }
            throw e;
        }
    }

    /** Asks for settings, tables, columns and keys; makes no slot. */
    @Override
    public void inspect(Session session) {
        try (SourceDatabase source = SourceDatabase.connect(url, username, password)) {
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
        try (SourceDatabase source = SourceDatabase.connect(url, username, password)) {
            check(source, session);
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
                        new CaptureOffset(epoch, cluster.system(), cluster.timeline(), true, offset.offset(), null),
                        WriteAheadLog.resume(offset.offset(), restart),
                        null);
            }
            if (found.isPresent()) {
                dropSlot(source, session);
            }
            return new Start(
                    CaptureOffset.beforeStreaming(epoch, cluster.system(), cluster.timeline()), Map.of(), reread);
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

    private long expected() {
        try (SourceDatabase source = SourceDatabase.connect(url, username, password)) {
            return tables.expected(table -> source.rows(settings.schema(), table));
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

    private Properties properties(Start start) {
        Properties p = CaptureEngine.properties(
                connector.id(),
                PromptPostgresConnector.class,
                settings.schema(),
                tables,
                start.offset().streaming() ? start.resume() : Map.of());
        p.put("database.hostname", host);
        p.put("database.port", port);
        p.put("database.dbname", database);
        p.put("database.user", username);
        p.put("database.password", password);
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
