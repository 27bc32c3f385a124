package io.yimen.connectors.extract;

import io.debezium.connector.mariadb.MariaDbConnector;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.run.Reread;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code capture-mysql}: follows the binary log of a MariaDB through Debezium's engine.
 *
 * <p>What makes it safe: offset and structure of the tables live in the pool, in the transaction of the data that they
 * cover, and the offset is only ever that of a place between two transactions. The server keeps its log by time and
 * knows of no reader: before the engine starts it is asked whether the log still holds that place and whether it is the
 * same log. If not, the source is read as a whole again, in an epoch of its own, and the complete set at the end of that
 * finds what was deleted while nobody listened.
 */
final class MysqlCapture implements Extractor {
    private static final Pattern URL = Pattern.compile("jdbc:mariadb://([^:/?]+)(?::(\\d+))?/([^?/]+)(?:\\?.*)?");
    /** What the engine knows of sealed connections, under the names of the driver. */
    private static final Set<String> MODES = Set.of("disable", "trust", "verify-ca", "verify-full");

    private static final String MODE = "sslMode";
    private static final Set<String> PARAMETERS = Set.of(MODE, "serverSslCert");
    /** An address whose name the engine would ask others for, and then look for that in the certificate. */
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");

    /** The server says something every second, if only that it has nothing to say. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);
    /** Numbers above those that people give to their servers. */
    private static final int FIRST_SERVER_ID = 1 << 24;
    /** A file's first event; what the server says of the place before it is what it says of none. */
    private static final long FILE_HEAD = 4;

    private final Connector connector;
    private final Manifest.MysqlCapture settings;
    private final String username;
    private final String password;
    private final JdbcAddress address;
    private final String host;
    private final String port;
    private final String database;
    private final CapturedTables tables;
    /** Why the source has to be read as a whole whatever the offset says; null if it need not. */
    private @Nullable String distrust;

    /**
     * What an attempt begins with.
     *
     * @param end where the log ends
     * @param reread why the source is read as a whole again; null if it is not
     * @param wishes because of which it is
     */
    private record Start(
            CaptureOffset offset,
            BinlogDatabase.End end,
            @Nullable String reread,
            List<Reread> wishes) {}

    MysqlCapture(Connector connector, Manifest.MysqlCapture settings) {
        this.connector = connector;
        this.settings = settings;
        String url = connector.parameters().getFilled(settings.url()).replaceFirst("^jdbc:mysql:", "jdbc:mariadb:");
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw connector.wrong(settings.url(), "is no address; write it like jdbc:mariadb://host:port/database");
        }
        try {
            this.address = JdbcAddress.of(url, null);
            checkSealing(address, matcher.group(1));
        } catch (IllegalArgumentException e) {
            throw connector.wrong(settings.url(), String.valueOf(e.getMessage()));
        }
        this.host = matcher.group(1);
        this.port = matcher.group(2) == null ? "3306" : matcher.group(2);
        this.database = matcher.group(3);
        this.username = connector.parameters().getFilled(settings.username());
        this.password = connector.parameters().getFilled(settings.password());
        this.tables = new CapturedTables(connector);
    }

    /** What the connection that reads the log cannot be told stops the start, so that none is less than it looks. */
    private static void checkSealing(JdbcAddress address, String host) {
        address.parameters().keySet().stream()
                .filter(name -> !PARAMETERS.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("has the parameter " + name
                            + ", which the connection that reads the log does not know; allowed are serverSslCert,"
                            + " sslMode");
                });
        String mode = mode(address);
        if (!MODES.contains(mode)) {
            throw new IllegalArgumentException(
                    "has another sslMode than disable, trust, verify-ca or verify-full; write one of them");
        }
        if (mode.startsWith("verify") && address.authorities().isEmpty()) {
            throw new IllegalArgumentException("has sslMode=" + mode
                    + " without serverSslCert; name the file with the certificates of those who sign for the server");
        }
        if (mode.equals("verify-full") && NUMBERS.matcher(host).matches()) {
            throw new IllegalArgumentException(
                    "has sslMode=verify-full and an IP address for host, which the connection"
                            + " that reads the log cannot compare with a certificate; write the server's name, or verify-ca");
        }
    }

    private static String mode(JdbcAddress address) {
        return address.parameters().getOrDefault(MODE, "disable");
    }

    private BinlogDatabase connect() {
        return BinlogDatabase.connect(address.url(), database, username, password);
    }

    @Override
    public void run(Session session) throws InterruptedException {
        session.stop().check();
        Start start = prepare(session);
        try (CommittedHistory.Kept history =
                        new CommittedHistory.Kept(start.offset().history());
                Authorities.@Nullable Store trusted =
                        address.authorities().map(Authorities::store).orElse(null)) {
            SourceLog log = new BinaryLog(
                    history, BinaryLog.place(start.end().file(), start.end().bytes()));
            CaptureReader reader =
                    new CaptureReader(connector, tables, session, start.offset(), log, this::snapshotEnded, null);
            if (start.offset().streaming()) {
                session.openRun("stream", OptionalLong.empty());
                session.live();
            } else {
                boolean asked = !start.wishes().isEmpty() && start.reread() != null;
                session.openRun(asked ? "reread" : "snapshot", OptionalLong.of(expected()));
                if (!start.wishes().isEmpty()) {
                    // From now on the log is not gone on with before all is read.
                    session.take(start.wishes(), start.offset().text());
                }
                if (start.reread() != null) {
                    session.notice(start.reread());
                }
            }
            new CaptureEngine(
                            connector.id(),
                            new PromptMariaDbTask(),
                            settings(history, trusted),
                            start.offset().streaming() ? start.offset().offset() : Map.of(),
                            LONGEST_SILENCE)
                    .follow(reader, session);
        } catch (ConnectorException e) {
            if (e.kind() == ConnectorException.Kind.REREAD) {
                distrust = e.getMessage();
            }
            throw e;
        }
    }

    private void snapshotEnded() {
        distrust = null;
    }

    private long expected() {
        try (BinlogDatabase source = connect()) {
            return tables.expected(source::rows);
        }
    }

    /** Asks for settings, tables, columns, keys and charsets; locks nothing. */
    @Override
    public void inspect(Session session) {
        try (BinlogDatabase source = connect()) {
            check(source, session);
        }
    }

    private void check(BinlogDatabase source, Session session) {
        checkServer(source);
        tables.check(session, database, username, source.columns(), source.primaryKeys());
        checkCharsets(source);
    }

    /** Looks at the source before the engine does, whose own start would pass over most of what can be wrong. */
    private Start prepare(Session session) {
        try (BinlogDatabase source = connect()) {
            check(source, session);
            // What the server calls its unique id changes with its port; whether it is the same log is looked at below.
            String system = source.findSetting("server_id").orElse("");
            BinlogDatabase.End end = source.end();
            CaptureOffset offset =
                    session.findOffset().map(CaptureOffset::parse).orElse(null);
            List<Reread> wishes = session.rereads();
            if (offset == null) {
                return new Start(CaptureOffset.beforeStreaming(0, system, 0), end, distrust, wishes);
            }
            String reread = distrust;
            if (reread == null && !wishes.isEmpty()) {
                reread = "somebody wants " + String.join(", ", Reread.streamsOf(wishes))
                        + " to be read again: a MariaDB is read again as a whole, deletes included, and its log from then"
                        + " on";
            }
            if (reread == null && !offset.system().equals(system)) {
                reread = "another database server answers than before: it is read again as a whole";
            }
            if (reread == null && offset.streaming()) {
                reread = reasonToReread(offset, source);
            }
            if (reread == null && offset.streaming()) {
                return new Start(offset, end, null, List.of());
            }
            // Whatever was read before is older than what is read now, wherever the log may stand.
            return new Start(CaptureOffset.beforeStreaming(offset.epoch() + 1, system, 0), end, reread, wishes);
        }
    }

    private static void checkServer(BinlogDatabase source) {
        if (!source.isMariaDb()) {
            throw unexpected(
                    "server",
                    "the source database is no MariaDB; capture-mysql has been tried with MariaDB only and does not"
                            + " follow other servers");
        }
        require(source, "log_bin", "ON");
        require(source, "binlog_format", "ROW");
        require(source, "binlog_row_image", "FULL");
        if (source.end().gtids().isEmpty()) {
            // Debezium takes such a server for one without transaction ids, and fails over the first of them.
            throw unexpected(
                    "log-empty",
                    "the source's binary log holds no transaction yet, and cannot be followed before the first; write"
                            + " anything to the server, such as create database x; drop database x");
        }
    }

    private static void require(BinlogDatabase source, String setting, String value) {
        String is = source.findSetting(setting).orElse("");
        if (!is.toUpperCase(Locale.ROOT).startsWith(value)) {
            throw unexpected(
                    setting.replace('_', '-'),
                    "the source database has " + setting + " = " + is + "; set it to " + value + " and restart it");
        }
    }

    /** A charset that nobody can read would spoil every value without a word. */
    private void checkCharsets(BinlogDatabase source) {
        settings.charsets().keySet().stream()
                .filter(table -> !tables.names().contains(table))
                .findFirst()
                .ifPresent(table -> {
                    throw unexpected("charset", "a charset is declared for table " + table + ", which no stream reads");
                });
        for (String table : tables.names()) {
            if (settings.charsets().containsKey(table)) {
                continue;
            }
            source.charsets(table).forEach((column, charset) -> {
                if (tables.columnsOf(table).indexOf(column) >= 0
                        && RawText.charset(charset).isEmpty()) {
                    throw unexpected(
                            "charset",
                            "column " + table + "." + column + " has charset " + charset
                                    + ", which is not known; declare what it holds under charsets in "
                                    + connector.manifest().file());
                }
            });
        }
    }

    private static @Nullable String reasonToReread(CaptureOffset offset, BinlogDatabase source) {
        String again = ": the source is read again as a whole, deletes included";
        String file = String.valueOf(offset.offset().get("file"));
        long bytes = offset.offset().get("pos") instanceof Number pos ? pos.longValue() : 0;
        Long size = source.binaryLogs().get(file);
        if (size == null) {
            return "the source no longer keeps its binary log from " + file + " on" + again;
        }
        String gtids = String.valueOf(offset.offset().getOrDefault("gtids", ""));
        String now = bytes > FILE_HEAD && size >= bytes ? source.gtidsBefore(file, bytes) : null;
        boolean begunAnew = size < bytes
                || (bytes > FILE_HEAD && (now == null || !sorted(now).equals(sorted(gtids))));
        if (begunAnew) {
            return "the source has begun its binary log anew" + again;
        }
        return offset.history() == null ? "the structure of the tables was not kept" + again : null;
    }

    private static List<String> sorted(String gtids) {
        return Arrays.stream(gtids.split(","))
                .map(String::strip)
                .filter(g -> !g.isEmpty())
                .sorted()
                .toList();
    }

    private Map<String, String> settings(CommittedHistory.Kept history, Authorities.@Nullable Store trusted) {
        Map<String, String> p = CaptureEngine.settings(connector.id(), MariaDbConnector.class, database, tables);
        p.put("database.hostname", host);
        p.put("database.port", port);
        p.put("database.user", username);
        p.put("database.password", password);
        p.put("database.include.list", database);
        p.put("database.ssl.mode", mode(address));
        if (trusted != null) {
            p.put("database.ssl.truststore", trusted.file().toString());
        }
        p.put(
                "database.server.id",
                Integer.toString(ThreadLocalRandom.current().nextInt(FIRST_SERVER_ID, Integer.MAX_VALUE)));
        p.put("bigint.unsigned.handling.mode", "precise");
        p.put("heartbeat.interval.ms", "500");
        // A connection that is lost is for us to make again, after a look at what answers then.
        p.put("connect.keep.alive", "false");
        p.put("connect.keep.alive.interval.ms", "1250");
        p.put("schema.history.internal", CommittedHistory.class.getName());
        p.put(CommittedHistory.KEPT, history.name());
        p.put("schema.history.internal.store.only.captured.tables.ddl", "true");
        p.put("converters", "text");
        p.put("text.type", RawText.class.getName());
        settings.charsets().forEach((table, charset) -> p.put("text." + RawText.DECLARED + table, charset.name()));
        selects(p);
        return p;
    }

    /** What a snapshot reads: text as its own bytes. */
    private void selects(Map<String, String> p) {
        try (BinlogDatabase source = connect()) {
            for (String table : tables.names()) {
                Map<String, String> charsets = source.charsets(table);
                String select = tables.columnsOf(table).names().stream()
                        .map(column -> charsets.containsKey(column)
                                ? RawText.select(ColumnCharsets.quoted(column))
                                : ColumnCharsets.quoted(column))
                        .collect(Collectors.joining(", "));
                String name = "snapshot.select.statement.overrides." + database + "." + table;
                p.put(
                        name,
                        "select " + select + " from " + ColumnCharsets.quoted(database) + "."
                                + ColumnCharsets.quoted(table));
            }
        }
        p.put(
                "snapshot.select.statement.overrides",
                tables.names().stream().map(t -> database + "." + t).collect(Collectors.joining(",")));
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
