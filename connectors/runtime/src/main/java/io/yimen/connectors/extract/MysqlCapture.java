package io.yimen.connectors.extract;

import io.debezium.connector.mariadb.MariaDbConnector;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.run.Reread;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
final class MysqlCapture implements Extractor, Capture.Source {
    private static final Pattern URL = Pattern.compile("jdbc:mariadb://([^:/?]+)(?::(\\d+))?/([^?/]+)(?:\\?.*)?");
    /** What the engine knows of sealed connections, under the names of the driver. */
    private static final Set<String> MODES = Set.of("disable", "trust", "verify-ca", "verify-full");

    private static final String MODE = "sslMode";
    private static final Set<String> PARAMETERS = Set.of(MODE, "serverSslCert");
    /** An address whose name the engine would ask others for, and then look for that in the certificate. */
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");

    /** The server says something every second, if only that it has nothing to say. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);
    /** How often it is looked whether a copy is done where nothing is read beside it. */
    private static final Duration BREATH = Duration.ofMillis(100);
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
    private final Capture capture;

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
        this.capture = new Capture(connector, tables, this);
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

    private BinlogDatabase.Access access() {
        return new BinlogDatabase.Access(address.url(), database, username, password);
    }

    private BinlogDatabase connect() {
        return BinlogDatabase.connect(access());
    }

    @Override
    public void run(Session session) throws InterruptedException {
        capture.run(session);
    }

    @Override
    public TableSnapshot open(Session session, boolean first) {
        return MariaDbSnapshot.open(
                access(),
                connector.id(),
                new BinlogText(settings(tables), database, connector.manifest().file()));
    }

    /** What is done with the log; false if that is all. */
    private interface Reading {
        boolean with(CaptureEngine engine, CaptureReader reader) throws InterruptedException;
    }

    /**
     * How a table looks that is copied is known from the place on that its copy shows, and nothing that stands before is
     * wanted of it: it is left out until the log of the others has been read so far, and then the log is read on from
     * exactly there.
     */
    @Override
    public void follow(
            CaptureOffset from, Map<String, KeyOrder> orders, Session session, @Nullable BooleanSupplier beside)
            throws InterruptedException {
        if (beside != null) {
            Reading untilCopied = (engine, reader) -> {
                engine.run(reader, session, beside);
                return false;
            };
            if (read(from, orders, session, untilCopied).isPresent()) {
                // All tables are copied.
                while (!beside.getAsBoolean() && !session.stop().await(BREATH)) {
                    // and nothing else is to be done
                }
            }
            return;
        }
        CaptureOffset offset = from;
        for (Optional<Horizon> next = findNext(offset); next.isPresent(); next = findNext(offset)) {
            long place = next.get().point();
            Reading thereto = (engine, reader) -> {
                engine.run(reader, session, () -> reader.hasRead(place) || session.isOnce() && reader.isIdle());
                return reader.hasRead(place);
            };
            Optional<String> history = read(offset, orders, session, thereto);
            if (history.isEmpty()) {
                if (session.isOnce() && !session.stop().isRequested()) {
                    session.complete(null);
                }
                return;
            }
            offset = offset.at(true, Objects.requireNonNull(next.get().offset()), history.get());
        }
        read(offset, orders, session, (engine, reader) -> {
            engine.follow(reader, session);
            return false;
        });
    }

    private static Optional<Horizon> findNext(CaptureOffset offset) {
        CopyProgress copy = offset.copy();
        return copy == null ? Optional.empty() : copy.findNext(BinaryLog.placeIn(offset.offset()));
    }

    /**
     * Reads the log of all tables that are not ahead of it. Where there are such, the offset stays where it is.
     *
     * @return what the engine knows of the tables' structure then, if more is to be read; also if there is none of them
     */
    private Optional<String> read(CaptureOffset offset, Map<String, KeyOrder> orders, Session session, Reading reading)
            throws InterruptedException {
        CopyProgress copy = offset.copy();
        Set<String> ahead = copy == null ? Set.of() : copy.ahead(BinaryLog.placeIn(offset.offset()));
        CapturedTables others = tables.without(ahead);
        if (others.names().isEmpty()) {
            return Optional.of(String.valueOf(offset.history()));
        }
        try (CommittedHistory.Kept history = new CommittedHistory.Kept(offset.history());
                Authorities.@Nullable Store trusted =
                        address.authorities().map(Authorities::store).orElse(null)) {
            SourceLog log = new BinaryLog(history, end());
            CaptureReader reader = capture.reader(offset, orders, log, session, !ahead.isEmpty());
            Map<String, String> told = settings(others);
            told.put(CommittedHistory.KEPT, history.name());
            if (trusted != null) {
                told.put("database.ssl.truststore", trusted.file().toString());
            }
            CaptureEngine engine =
                    new CaptureEngine(connector.id(), new PromptMariaDbTask(), told, offset.offset(), LONGEST_SILENCE);
            return reading.with(engine, reader) ? Optional.of(history.text()) : Optional.empty();
        }
    }

    /** Where the log ends now. */
    private long end() {
        try (BinlogDatabase source = connect()) {
            BinlogDatabase.End end = source.end();
            return BinaryLog.place(end.file(), end.bytes());
        }
    }

    @Override
    public long placeOf(Map<String, Object> offset) {
        return BinaryLog.placeIn(offset);
    }

    @Override
    public long rows(String table, String condition) {
        try (BinlogDatabase source = connect()) {
            return source.rows(table, condition);
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
    @Override
    public Capture.Start prepare(Session session, @Nullable String distrust) {
        try (BinlogDatabase source = connect()) {
            check(source, session);
            Map<String, KeyOrder> orders = new HashMap<>();
            tables.names()
                    .forEach(table -> orders.put(
                            table, source.order(table, !settings.charsets().containsKey(table))));
            // What the server calls its unique id changes with its port; whether it is the same log is looked at below.
            String system = source.findSetting("server_id").orElse("");
            CaptureOffset offset =
                    session.findOffset().map(CaptureOffset::parse).orElse(null);
            List<Reread> wishes = session.rereads();
            if (offset == null) {
                return new Capture.Start(capture.beginning(0, system, 0), orders, distrust, wishes);
            }
            // A snapshot by a version that could not go on with it has left no place in the log.
            boolean begun = !offset.offset().isEmpty();
            String reread = distrust;
            if (reread == null && !offset.system().equals(system)) {
                reread = "another database server answers than before: it is read again as a whole";
            }
            if (reread == null && begun) {
                reread = reasonToReread(offset, source);
            }
            if (reread == null && begun) {
                return new Capture.Start(capture.grown(offset, wishes, orders), orders, null, wishes);
            }
            // Whatever was read before is older than what is read now, wherever the log may stand.
            return new Capture.Start(capture.beginning(offset.epoch() + 1, system, 0), orders, reread, wishes);
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

    /** What the engine is told, but for what belongs to one run of it. */
    private Map<String, String> settings(CapturedTables read) {
        Map<String, String> p = CaptureEngine.settings(connector.id(), MariaDbConnector.class, database, read);
        p.put("database.hostname", host);
        p.put("database.port", port);
        p.put("database.user", username);
        p.put("database.password", password);
        p.put("database.include.list", database);
        p.put("database.ssl.mode", mode(address));
        p.put(
                "database.server.id",
                Integer.toString(ThreadLocalRandom.current().nextInt(FIRST_SERVER_ID, Integer.MAX_VALUE)));
        p.put("bigint.unsigned.handling.mode", "precise");
        p.put("heartbeat.interval.ms", "500");
        // A connection that is lost is for us to make again, after a look at what answers then.
        p.put("connect.keep.alive", "false");
        p.put("connect.keep.alive.interval.ms", "1250");
        p.put("schema.history.internal", CommittedHistory.class.getName());
        p.put("schema.history.internal.store.only.captured.tables.ddl", "true");
        p.put("converters", "text");
        p.put("text.type", RawText.class.getName());
        settings.charsets().forEach((table, charset) -> p.put("text." + RawText.DECLARED + table, charset.name()));
        return p;
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
