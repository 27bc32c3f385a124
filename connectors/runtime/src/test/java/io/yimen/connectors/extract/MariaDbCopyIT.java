package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.EmbeddedMariaDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of a MariaDB are copied in parts, whatever happens meanwhile, and its log goes on from there. */
@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class MariaDbCopyIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ROWS = 12_500;
    /** Nothing but what a capture needs. */
    private static final String USER = "reader";

    @TempDir
    private static Path folder;

    private static EmbeddedMariaDb server;
    private static int databases;

    private final String database = "copied" + ++databases;
    private final RecordingPool pool = new RecordingPool();
    /** Versions grow, whoever writes them: what was written later has the greater one. */
    private final AtomicInteger versions = new AtomicInteger();

    @BeforeAll
    static void start() {
        server = EmbeddedMariaDb.start(folder.resolve("server"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private void createDatabase(String... statements) throws SQLException {
        try (Connection connection = server.connect("mysql")) {
            execute(
                    connection,
                    "create database " + database + " character set gbk",
                    "create or replace user " + USER + "@'127.0.0.1' identified by 'known'",
                    "grant select on " + database + ".* to " + USER + "@'127.0.0.1'",
                    "grant replication slave, binlog monitor on *.* to " + USER + "@'127.0.0.1'");
        }
        sql(statements);
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = server.connect(database)) {
            execute(connection, statements);
        }
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private Connector connector(String... streams) throws IOException {
        Path own = Files.createTempDirectory(folder, "manifest");
        Files.writeString(own.resolve(Manifests.FILE), """
                apiVersion: yimen.io/v1
                kind: capture-mysql
                system: {id: records, title: 记录, titleEn: Records, owner: 某办}
                parameters:
                  jdbc-url: {required: true, description: x}
                  username: {required: true, description: x}
                  password: {required: true, secret: true, description: x}
                settings:
                  url: "${jdbc-url}"
                  username: "${username}"
                  password: "${password}"
                  timeZone: Asia/Shanghai
                streams:
                """ + String.join("", streams));
        return Catalog.connector(
                Manifests.load(own).get(0),
                Map.of("jdbc-url", server.jdbcUrl(database), "username", USER, "password", "known"));
    }

    private void awaitLive(Running running) {
        await().atMost(LONG)
                .until(() -> running.state().error().isPresent()
                        || (!pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE));
        assertThat(running.state().error()).isEmpty();
    }

    private static final Map<String, List<String>> TYPES = types();

    private static Map<String, List<String>> types() {
        Map<String, List<String>> types = new LinkedHashMap<>();
        types.put("boolean", List.of("0", "1"));
        types.put("tinyint", List.of("-128", "127"));
        types.put("tinyint(1)", List.of("1", "7"));
        types.put("tinyint unsigned", List.of("0", "255"));
        types.put("smallint", List.of("-32768", "32767"));
        types.put("smallint unsigned", List.of("65535"));
        types.put("mediumint", List.of("-8388608", "8388607"));
        types.put("mediumint unsigned", List.of("16777215"));
        types.put("int", List.of("-2147483648", "2147483647"));
        types.put("int unsigned", List.of("4294967295"));
        types.put("int(8) unsigned zerofill", List.of("42"));
        types.put("bigint", List.of("-9223372036854775808", "9223372036854775807"));
        types.put("bigint unsigned", List.of("18446744073709551615", "0"));
        types.put("float", List.of("0.1", "16777217", "-1.5e-10", "3.4028e38"));
        types.put("float(7,3)", List.of("1234.567"));
        types.put("double", List.of("0.1", "1e300", "123456789.125", "-0"));
        types.put("decimal(30,10)", List.of("0", "12345678901234567890.5", "-0.05"));
        types.put("decimal(12,0)", List.of("123456789012"));
        types.put("date", List.of("2026-11-30", "0001-01-01", "9999-12-31", "0000-00-00", "2026-00-00"));
        types.put("datetime", List.of("2026-11-30 00:00:00", "1986-05-04 00:30:00", "0000-00-00 00:00:00"));
        types.put("datetime(3)", List.of("2026-11-30 12:00:59.120", "0001-01-01 00:00:00"));
        types.put("datetime(6)", List.of("2026-11-30 12:00:59.000001"));
        types.put("timestamp null", List.of("2026-11-30 12:00:00", "1986-05-04 12:30:00", "0000-00-00 00:00:00"));
        types.put("timestamp(6) null", List.of("2026-11-30 12:00:00.123456"));
        types.put("time", List.of("00:00:00", "23:59:59"));
        types.put("time(3)", List.of("12:30:00.123"));
        types.put("year", List.of("2026", "1901", "0000"));
        types.put("char(8)", List.of("ab", "多福巷", "  x "));
        types.put("varchar(20)", List.of("  two blanks  ", "多福巷", ""));
        types.put("varchar(20) character set utf8mb4", List.of("䶮𠮷"));
        types.put("varchar(20) character set latin1", List.of("café"));
        types.put("char(10) character set ascii", List.of("ascii"));
        types.put("nchar(5)", List.of("多"));
        types.put("tinytext", List.of("街道"));
        types.put("text", List.of("a\tb", "多福巷"));
        types.put("longtext character set utf8mb4", List.of("𠮷"));
        types.put("enum('红', 'green', 'a b')", List.of("红", "green", "a b"));
        types.put("set('a', 'b', 'c')", List.of("a", "a,c", ""));
        types.put("json", List.of("{\"b\" : 1,  \"a\": \"多\"}", "null"));
        types.put("binary(4)", List.of("ab", "abcd"));
        types.put("varbinary(8)", List.of("ab", ""));
        types.put("blob", List.of("多"));
        types.put("bit(1)", List.of("1", "0"));
        types.put("bit(12)", List.of("2049"));
        types.put("bit(64)", List.of("9223372036854775809"));
        types.put("uuid", List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
        return types;
    }

    /** The same rows through the copy, then through the log: the same values, to the last character. */
    @Test
    void aCopiedValueIsTheLogsValueWhateverItsType() throws Exception {
        List<String> columns = new ArrayList<>();
        List<String> names = new ArrayList<>();
        int longest = 0;
        for (Map.Entry<String, List<String>> type : TYPES.entrySet()) {
            String name = "c" + names.size();
            names.add(name);
            columns.add(name + " " + type.getKey());
            longest = Math.max(longest, type.getValue().size());
        }
        createDatabase("create table t_value(id int primary key, bt text, " + String.join(", ", columns) + ")");
        for (int row = 0; row < longest; row++) {
            List<String> values = new ArrayList<>();
            for (Map.Entry<String, List<String>> type : TYPES.entrySet()) {
                List<String> each = type.getValue();
                String value = each.size() > row ? "'" + each.get(row).replace("'", "''") + "'" : "null";
                values.add(type.getKey().startsWith("bit") ? value.replace("'", "") : value);
            }
            sql(
                    "set session sql_mode = ''",
                    "insert into t_value values (" + row + ", 'copied', " + String.join(", ", values) + ")");
        }
        // What is no date waits with its whole row as it was read, which is what is to be compared.
        Connector connector = connector(CopiedVersions.STREAM.formatted(
                "value",
                "id",
                String.join(", ", names),
                names.stream().map(name -> "{" + name + "}").collect(Collectors.joining()),
                "date"));
        int rows = longest;
        try (Running running = new Running(connector, pool)) {
            awaitLive(running);
            assertThat(pool.rejected()).hasSize(rows);
            sql("set session sql_mode = ''", "update t_value set bt = 'logged'");
            await().atMost(LONG).until(() -> pool.rejected().size() == 2 * rows);
        }
        Map<String, Map<String, String>> copied =
                CopiedVersions.raw(pool.rejected().subList(0, rows));
        Map<String, Map<String, String>> logged =
                CopiedVersions.raw(pool.rejected().subList(rows, 2 * rows));
        assertThat(CopiedVersions.rawDifferences(copied, logged, names, columns))
                .isEmpty();
        // Not equal because neither said anything.
        Map<String, String> first = copied.getOrDefault("0", Map.of());
        assertThat(first).hasSize(names.size() + 2);
        assertThat(first.values()).contains("-32768", "ab", "2026-11-30T00:00", "红", "18446744073709551615", "䶮𠮷");
    }

    /**
     * @param columns its columns, in the order of the key
     * @param types the same with their types
     * @param values makes one out of a number {@code seq}
     */
    private record Key(String columns, String types, String values) {
        static Key of(String kind) {
            return switch (kind) {
                case "number" -> new Key("id", "id int", "seq");
                case "text" ->
                    new Key(
                            "id",
                            "id varchar(40) character set utf8mb4",
                            "concat(elt(1 + seq % 7, 'a', 'B', '''c', '多', '𠮷', '%s', '-'), seq * 7919 % 100003)");
                case "two" ->
                    new Key(
                            "dm, id",
                            "dm varchar(10) character set utf8mb3, id bigint",
                            "elt(1 + seq % 3, '东', 'B', 'a'), seq");
                // Not compared here: such a table begins anew.
                default -> new Key("id", "id varchar(10) character set gbk", "concat('多', seq)");
            };
        }

        String table() {
            return "create table t_record(" + types + ", i int, bt text, nr text, primary key (" + columns + "))";
        }
    }

    private String insert(Key key, int from, int to) {
        return "insert into t_record(" + key.columns() + ", i, bt, nr) select " + key.values() + ", seq, '"
                + versions.incrementAndGet() + "', '内容' from seq_" + from + "_to_" + to;
    }

    private String update(String where) {
        return "update t_record set bt = '" + versions.incrementAndGet() + "' where " + where;
    }

    /** Everything that could be lost, doubled, or set back, between two attempts. */
    private void change(Key key, int round) throws SQLException {
        int added = 20_000 + round * 100;
        sql(
                update("i % 10 = " + round % 10),
                "delete from t_record where i % 997 = " + round,
                insert(key, added, added + 50),
                update("i >= 20000"),
                "delete from t_record where i = " + (added + 7));
        if (key.types().equals("id int")) {
            sql("update t_record set id = id + 100000, bt = '" + versions.incrementAndGet()
                    + "' where id < 100000 and i % 499 = " + round);
        }
    }

    /** Breaks off after every batch of the copy; another reader goes on, and the table has changed meanwhile. */
    @ParameterizedTest
    @ValueSource(strings = {"number", "text", "two", "gbk"})
    void aCopyThatBreaksOffAfterEveryBatchGoesOnWhereItWas(String kind) throws Exception {
        Key key = Key.of(kind);
        createDatabase(key.table(), insert(key, 1, ROWS));
        Connector connector = connector(CopiedVersions.stream("record", key.columns(), "nr"));
        boolean goesOn = !kind.equals("gbk");
        int attempts = 0;
        boolean live = false;
        while (!live) {
            AtomicInteger taken = new AtomicInteger();
            AtomicBoolean breaks = new AtomicBoolean(goesOn || attempts < 2);
            pool.refuseOnce(
                    PoolException.Kind.INVALID,
                    b -> breaks.get() && !b.events().isEmpty() && taken.incrementAndGet() == 2);
            int runs = pool.runs().size();
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG)
                        .until(() -> running.state().failures() > 0
                                || (pool.runs().size() > runs && pool.lastRun().status() == RunStatus.LIVE));
                live = running.state().failures() == 0;
            }
            breaks.set(false);
            if (!live) {
                change(key, ++attempts);
            }
        }
        // 12,500 rows are four batches; each attempt takes one and is refused the next.
        assertThat(attempts).isEqualTo(goesOn ? 3 : 2);
        long copied = pool.batches().stream()
                .flatMap(b -> b.events().stream())
                .filter(e -> !e.isDeleted())
                .map(ChangeEvent::key)
                .count();
        assertThat(copied).isLessThan(goesOn ? 3 * ROWS / 2 : 5 * ROWS / 2);
        try (Running running = new Running(connector, pool)) {
            awaitHeld(key, Map.of());
            // Once the log is past the copies, nothing of them is kept.
            sql(update("i = 11"));
            awaitHeld(key, Map.of());
            await().atMost(LONG)
                    .until(() -> CaptureOffset.parse(pool.findOffset("records").orElseThrow())
                                    .copy()
                            == null);
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(CopiedVersions.setBack(pool)).isEmpty();
    }

    /** Writers go on all the while, readers break off anywhere; nothing is ever set back, and in the end all is the same. */
    @ParameterizedTest
    @ValueSource(longs = {7, 20261201})
    void equalsItsSourceAfterAnyHistoryOfBreaks(long seed) throws Exception {
        Key key = Key.of("number");
        createDatabase(
                key.table(), insert(key, 1, 30_000), "create table t_other(id int primary key, bt text, nr text)");
        Connector connector =
                connector(CopiedVersions.stream("record", "id", "nr"), CopiedVersions.stream("other", "id", "nr"));
        Random random = new Random(seed);
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 2; w++) {
            int own = w;
            long ownSeed = random.nextLong();
            Thread writer = new Thread(() -> {
                try {
                    write(new Random(ownSeed), own, writing);
                } catch (SQLException | RuntimeException e) {
                    faults.add(e);
                }
            });
            writers.add(writer);
            writer.start();
        }
        for (int i = 0; i < 10; i++) {
            AtomicInteger batches = new AtomicInteger();
            int after = 1 + random.nextInt(3);
            if (i > 3 && random.nextBoolean()) {
                pool.askReread("records", Set.of(random.nextBoolean() ? "record" : "other"), "somebody");
            }
            pool.refuseOnce(
                    PoolException.Kind.INVALID,
                    b -> writing.get() && !b.events().isEmpty() && batches.incrementAndGet() > after);
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG).until(() -> running.state().failures() > 0);
            }
        }
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(faults).isEmpty();
        try (Running running = new Running(connector, pool)) {
            awaitHeld(key, others());
            assertThat(running.state().connector()).isEqualTo("records");
        }
        assertThat(CopiedVersions.setBack(pool)).as("seed " + seed).isEmpty();
        assertThat(pool.counts("records", "record").isBalanced()).isTrue();
    }

    /** Each writer has rows of its own, so that versions grow in the order in which they are written. */
    private void write(Random random, int own, AtomicBoolean writing) throws SQLException {
        try (Connection connection = server.connect(database)) {
            connection.setAutoCommit(false);
            execute(connection, "set session transaction isolation level read committed");
            while (writing.get()) {
                // A record that a transaction changes twice goes through both where it is read twice, see decision 11.
                Set<Integer> touched = new HashSet<>();
                for (int i = random.nextInt(6); i >= 0; i--) {
                    int id = 2 * (1 + random.nextInt(15_000)) + own;
                    if (!touched.add(id) || !touched.add(-(id % 100))) {
                        continue;
                    }
                    String version = "'" + versions.incrementAndGet() + "'";
                    switch (random.nextInt(6)) {
                        case 0 -> execute(connection, "delete from t_record where id = " + id);
                        case 1 ->
                            execute(
                                    connection,
                                    "insert into t_record values (" + id + ", " + id + ", " + version
                                            + ", '新') on duplicate key update bt = " + version);
                        case 2 ->
                            execute(
                                    connection,
                                    "insert into t_other values (" + (id % 100) + ", " + version
                                            + ", '') on duplicate key update bt = " + version);
                        default -> {
                            List<String> ids = new ArrayList<>(List.of(Integer.toString(id)));
                            for (int each = id + 2; each < id + 40; each += 2) {
                                if (touched.add(each)) {
                                    ids.add(Integer.toString(each));
                                }
                            }
                            execute(
                                    connection,
                                    "update t_record set bt = " + version + " where id in (" + String.join(",", ids)
                                            + ")");
                        }
                    }
                }
                if (random.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
            }
        }
    }

    /**
     * A stream that the manifest gains is read while the others go on; also after it broke off. Its table looked otherwise
     * where the log of the others is read from.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamThatIsAddedIsCopiedWhileTheOthersGoOn(boolean breaksOff) throws Exception {
        Key key = Key.of("number");
        createDatabase(
                "create table t_record(id int, nr text, primary key (id))",
                "create table t_other(id int primary key, bt text, nr text)",
                "insert into t_other values (1, '1', '')");
        String record = CopiedVersions.stream("record", "id", "nr");
        String other = CopiedVersions.stream("other", "id", "nr");
        try (Running running = new Running(connector(other), pool)) {
            awaitLive(running);
        }
        sql(
                "insert into t_record values (1, 'as it was')",
                "drop table t_record",
                key.table(),
                insert(key, 1, ROWS),
                update("i = 1"),
                "alter table t_record add column zz int first",
                "insert into t_other values (2, '1', '')");
        AtomicInteger batches = new AtomicInteger();
        AtomicBoolean changed = new AtomicBoolean();
        pool.refuseOnce(PoolException.Kind.INVALID, b -> {
            if (b.events().size() < 1000 || batches.incrementAndGet() != 2) {
                return false;
            }
            try {
                change(key, 1);
                sql("insert into t_other values (3, '1', '')", "update t_other set bt = '2' where id = 1");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            changed.set(true);
            return breaksOff;
        });
        try (Running running = new Running(connector(other, record), pool)) {
            await().atMost(LONG)
                    .until(() -> pool.runs().stream().anyMatch(r -> r.kind().equals("reread")));
            await().atMost(LONG).untilTrue(changed);
            change(key, 2);
            awaitFollowed();
            change(key, 3);
            sql("update t_other set bt = '3' where id = 2", "alter table t_record drop column zz", update("i = 12"));
            awaitHeld(key, Map.of("records/other/1", "2", "records/other/2", "3", "records/other/3", "1"));
            assertThat(running.state().error()).isEmpty();
        }
        assertReadOnceAndFollowed();
    }

    private void awaitFollowed() {
        await().atMost(LONG)
                .until(() ->
                        pool.lastRun().kind().equals("stream") && pool.lastRun().status() == RunStatus.LIVE);
    }

    /** One first copy of all, nothing set back by the log. */
    private void assertReadOnceAndFollowed() {
        assertThat(pool.runs().stream().filter(r -> r.kind().equals("snapshot")))
                .hasSize(1);
        assertThat(CopiedVersions.setBack(pool)).isEmpty();
    }

    /** The others are not made to wait: their change arrives while the copy does not get on. */
    @Test
    void othersAreFollowedWhileATableIsCopied() throws Exception {
        Key key = Key.of("number");
        createDatabase(
                key.table(),
                insert(key, 1, ROWS),
                "create table t_other(id int primary key, bt text, nr text)",
                "create table t_third(id int primary key, bt text, nr text)",
                "insert into t_third values (1, '1', '')");
        String other = CopiedVersions.stream("other", "id", "nr");
        try (Running running = new Running(connector(other), pool)) {
            awaitLive(running);
        }
        Connector more = connector(
                other, CopiedVersions.stream("record", "id", "nr"), CopiedVersions.stream("third", "id", "nr"));
        try (Connection locking = server.connect(database)) {
            // Nobody may read what comes after the table that is copied first.
            pool.refuseOnce(b -> {
                try {
                    if (b.events().size() > 1_000) {
                        execute(locking, "lock tables t_third write");
                    }
                    return false;
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (Running running = new Running(more, pool)) {
                await().atMost(LONG).until(() -> pool.keys("records/record").size() == ROWS);
                sql("insert into t_other values (1, '1', '')");
                await().atMost(LONG).until(() -> pool.keys("records/other").contains("1"));
                assertThat(pool.keys("records/third")).isEmpty();
                assertThat(pool.lastRun().kind()).isEqualTo("reread");
                execute(locking, "unlock tables");
                awaitFollowed();
                awaitHeld(key, Map.of("records/other/1", "1", "records/third/1", "1"));
                assertThat(running.state().error()).isEmpty();
            }
        }
        assertReadOnceAndFollowed();
    }

    /** What happened while the log did not tell is found by reading one table again, and nothing else is held up. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTableIsReadAgainWhileTheOthersGoOn(boolean breaksOff) throws Exception {
        Key key = Key.of("number");
        createDatabase(
                key.table(),
                insert(key, 1, ROWS),
                "create table t_other(id int primary key, bt text, nr text)",
                "insert into t_other values (1, '1', '')");
        Connector connector =
                connector(CopiedVersions.stream("record", "id", "nr"), CopiedVersions.stream("other", "id", "nr"));
        try (Running running = new Running(connector, pool)) {
            awaitLive(running);
            silently(
                    update("i in (7, 12000)"),
                    "delete from t_record where i in (8, 11000)",
                    insert(key, 50_001, 50_002));
            sql(update("i = 9"), "insert into t_other values (2, '1', '')");
            await().atMost(LONG).until(() -> pool.keys("records/other").contains("2"));
            assertThat(CopiedVersions.differences(source(key), CopiedVersions.of(pool)))
                    .extracting(difference -> difference.replaceAll(":.*", ""))
                    .as("what the pool does not know")
                    .contains("records/record/7", "records/record/8", "records/record/11000", "records/record/50001")
                    .doesNotContain("records/record/9");
            assertThat(running.state().error()).isEmpty();
        }
        pool.askReread("records", Set.of("record"), "somebody");
        AtomicInteger batches = new AtomicInteger();
        AtomicBoolean changed = new AtomicBoolean();
        pool.refuseOnce(PoolException.Kind.INVALID, b -> {
            if (b.events().size() < 1000 || batches.incrementAndGet() != 2) {
                return false;
            }
            try {
                change(key, 1);
                sql("update t_other set bt = '2' where id = 1");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            changed.set(true);
            return breaksOff;
        });
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG)
                    .until(() -> pool.runs().stream().anyMatch(r -> r.kind().equals("reread")));
            assertThat(pool.runs().stream()
                            .filter(r -> r.kind().equals("reread"))
                            .findFirst())
                    .hasValueSatisfying(run -> assertThat(run.expected()).isEqualTo(ROWS));
            await().atMost(LONG).until(() -> pool.listRereads().isEmpty());
            await().atMost(LONG).untilTrue(changed);
            change(key, 2);
            awaitFollowed();
            change(key, 3);
            sql("update t_other set bt = '3' where id = 2");
            awaitHeld(key, Map.of("records/other/1", "2", "records/other/2", "3"));
            assertThat(running.state().error()).isEmpty();
        }
        assertReadOnceAndFollowed();
    }

    /** Too much would be retired: nothing is, that is said, and the log goes on. */
    @Test
    void whereAReadAgainFindsTooMuchGoneAPersonIsAskedAndTheLogGoesOn() throws Exception {
        Key key = Key.of("number");
        createDatabase(key.table(), insert(key, 1, 1_000));
        Connector connector =
                connector(CopiedVersions.stream("record", "id", "nr").replace("brake: 1.0", "brake: 0.1"));
        try (Running running = new Running(connector, pool)) {
            awaitLive(running);
            silently("delete from t_record where i <= 500", update("i = 900"));
            assertThat(running.state().error()).isEmpty();
        }
        pool.askReread("records", Set.of("record"), "somebody");
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG)
                    .until(() -> pool.runs().stream().anyMatch(r -> r.kind().equals("reread")));
            awaitFollowed();
            assertThat(pool.runs().stream().filter(r -> r.kind().equals("reread")))
                    .singleElement()
                    .satisfies(run -> {
                        assertThat(run.status()).isEqualTo(RunStatus.RED);
                        assertThat(run.message()).contains("500");
                    });
            assertThat(pool.keys("records/record")).hasSize(1_000);
            sql(update("i = 901"));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(List.of(
                                    pool.value("records/record/900", "title"),
                                    pool.value("records/record/901", "title")))
                            .isEqualTo(List.of(version(900), version(901))));
            assertThat(running.state().error()).isEmpty();
        }
    }

    private String version(int i) throws SQLException {
        return source(Key.of("number")).getOrDefault("records/record/" + i, "");
    }

    /** As somebody does who mends a table by hand: the log does not tell. */
    private void silently(String... statements) throws SQLException {
        try (Connection connection = server.connect(database)) {
            execute(connection, "set session sql_log_bin = 0");
            execute(connection, statements);
        }
    }

    private void awaitHeld(Key key, Map<String, String> besides) {
        await().atMost(LONG).untilAsserted(() -> {
            Map<String, String> expected = source(key);
            expected.putAll(besides);
            assertThat(CopiedVersions.differences(expected, CopiedVersions.of(pool)))
                    .isEmpty();
        });
    }

    private Map<String, String> others() throws SQLException {
        return versions("select id, bt from t_other", "records/other/");
    }

    private Map<String, String> source(Key key) throws SQLException {
        return versions("select concat_ws('|', " + key.columns() + "), bt from t_record", "records/record/");
    }

    private Map<String, String> versions(String sql, String prefix) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                rows.put(prefix + found.getString(1).strip(), found.getString(2));
            }
        }
        return rows;
    }
}
