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
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of a PostgreSQL are copied in parts, whatever happens meanwhile, and its log goes on from there. */
class PostgresCopyIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ROWS = 12_500;
    private static EmbeddedPostgres postgres;
    private static int databases;

    private final String database = "copied" + ++databases;
    private final RecordingPool pool = new RecordingPool();
    /** Versions grow, whoever writes them: what was written later has the greater one. */
    private final AtomicInteger versions = new AtomicInteger();

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setPgBinaryResolver(
                        (system, machine) -> PostgresCopyIT.class.getResourceAsStream("/postgres-linux-x86_64.txz"))
                .setServerConfig("wal_level", "logical")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("max_replication_slots", "20")
                .setServerConfig("max_wal_senders", "20")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    private void createDatabase(String... statements) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            // An order of text that is not that of its bytes.
            statement.execute("create database " + database
                    + " template template0 locale_provider icu icu_locale 'zh-CN' locale 'C.UTF-8'");
        }
        sql(statements);
    }

    private Connection connect() throws SQLException {
        return postgres.getDatabase("postgres", database).getConnection();
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private Connector connector(String... streams) throws IOException {
        Path own = Files.createTempDirectory(folder, "manifest");
        Files.writeString(own.resolve(Manifests.FILE), """
                apiVersion: yimen.io/v1
                kind: capture-postgres
                system: {id: records, title: 记录, titleEn: Records, owner: 某办}
                parameters:
                  jdbc-url: {required: true, description: x}
                  username: {required: true, description: x}
                  password: {required: true, secret: true, description: x}
                settings:
                  url: "${jdbc-url}"
                  username: "${username}"
                  password: "${password}"
                  slot: slot_%s
                  timeZone: Asia/Shanghai
                streams:
                """.formatted(database) + String.join("", streams));
        return Catalog.connector(
                Manifests.load(own).get(0),
                Map.of(
                        "jdbc-url",
                        "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/" + database,
                        "username",
                        "postgres",
                        "password",
                        "postgres"));
    }

    private void awaitLive() {
        await().atMost(LONG)
                .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
    }

    private static final Map<String, List<String>> TYPES = types();

    private static Map<String, List<String>> types() {
        Map<String, List<String>> types = new LinkedHashMap<>();
        types.put("bool", List.of("true", "false"));
        types.put("int2", List.of("-32768", "32767"));
        types.put("int4", List.of("-2147483648", "2147483647"));
        types.put("int8", List.of("-9223372036854775808", "9223372036854775807"));
        types.put("oid", List.of("0", "4294967295"));
        types.put("float4", List.of("0.1", "1e38", "-0", "NaN", "Infinity"));
        types.put("float8", List.of("0.1", "1e300", "123456789.125", "NaN", "-Infinity"));
        types.put("numeric", List.of("0", "0.0000001", "100000000000000000000.50", "-1.10", "NaN", "Infinity"));
        types.put("numeric(12,2)", List.of("0", "1234567890.1", "-0.05", "NaN"));
        types.put("money", List.of("12.34", "-1234.50"));
        types.put("text", List.of("", "䶮𠮷", "a\tb\\n", "\uFFFD"));
        types.put("varchar(20)", List.of("  two blanks  ", "多福巷"));
        types.put("char(8)", List.of("ab", "多福巷"));
        types.put("name", List.of("a_name"));
        types.put("\"char\"", List.of("x"));
        types.put("citext", List.of("MiXed"));
        types.put("date", List.of("2026-11-30", "0001-01-01", "9999-12-31", "0044-03-15 BC"));
        types.put("time", List.of("00:00", "23:59:59.999999", "12:30:00"));
        types.put("time(3)", List.of("23:59:59.123", "12:30:00"));
        types.put("timetz", List.of("08:00:00+08", "23:59:59.5-03:30"));
        types.put("timestamp", List.of("2026-11-30 00:00", "2026-11-30 12:00:00.000001", "1899-12-31 23:59:59.9"));
        types.put("timestamp(0)", List.of("2026-11-30 12:00:59", "9999-12-31 23:59:59"));
        types.put("timestamp(3)", List.of("2026-11-30 12:00:59.12", "0001-01-01 00:00"));
        types.put("timestamptz", List.of("2026-11-30 12:00:00+08", "1900-01-01 00:00:00.123456+00"));
        types.put("timestamptz(3)", List.of("2026-11-30 12:00:00.1+08"));
        types.put("interval", List.of("1 year 2 mons -3 days 04:05:06.789", "0"));
        types.put("uuid", List.of("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"));
        types.put("json", List.of("{\"b\" : 1,  \"a\": \"䶮\"}", "null"));
        types.put("jsonb", List.of("{\"b\" : 1.0,  \"a\": \"䶮\"}", "[]"));
        types.put("xml", List.of("<a>多</a>"));
        types.put("bytea", List.of("\\x", "\\x00ff80"));
        types.put("bit(1)", List.of("1", "0"));
        types.put("bit(12)", List.of("100000000001"));
        types.put("varbit(12)", List.of("101"));
        types.put("inet", List.of("10.0.0.5", "10.0.0.5/8", "::1"));
        types.put("cidr", List.of("10.0.0.0/8"));
        types.put("macaddr", List.of("08:00:2b:01:02:03"));
        types.put("int4range", List.of("[1,5)", "empty"));
        types.put("numrange", List.of("[1.0,5)"));
        types.put("daterange", List.of("[2026-01-01,2026-02-01)"));
        types.put("tsrange", List.of("[2026-01-01 00:00,2026-02-01 12:30]"));
        types.put("colour", List.of("红", "green"));
        types.put("short_text", List.of("多福巷", ""));
        types.put("padded", List.of("ab"));
        types.put("amount", List.of("1.5"));
        types.put("a_day", List.of("2026-11-30"));
        types.put("int4[]", List.of("{1,NULL,3}", "{}"));
        types.put("text[]", List.of("{a,\"b,c\",NULL,䶮}"));
        types.put("numeric[]", List.of("{1.50,2}"));
        types.put("uuid[]", List.of("{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"));
        types.put("date[]", List.of("{2026-11-30}"));
        types.put("colour[]", List.of("{红,green}"));
        types.put("point", List.of("(1,2.5)"));
        types.put("hstore", List.of("a=>1,b=>NULL"));
        types.put("ltree", List.of("Top.Science"));
        types.put("tsvector", List.of("a:1 b:2"));
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
        createDatabase(
                "create extension citext",
                "create extension hstore",
                "create extension ltree",
                "create type colour as enum ('红', 'green')",
                "create domain short_text as varchar(10)",
                "create domain padded as char(6)",
                "create domain amount as numeric(8,3)",
                "create domain a_day as date",
                "create table t_value(id int primary key, bt text, " + String.join(", ", columns) + ")");
        for (int row = 0; row < longest; row++) {
            List<String> values = new ArrayList<>();
            for (List<String> each : TYPES.values()) {
                values.add(each.size() > row ? "'" + each.get(row).replace("'", "''") + "'" : "null");
            }
            sql("insert into t_value values (" + row + ", 'copied', " + String.join(", ", values) + ")");
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
            awaitLive();
            assertThat(running.state().error()).isEmpty();
            assertThat(pool.rejected()).hasSize(rows);
            sql("update t_value set bt = 'logged'");
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
        assertThat(first.values()).contains("-32768", "ab      ", "2026-11-30T00:00", "红", "10.0.0.5", "[1, null, 3]");
    }

    /**
     * @param columns its columns, in the order of the key
     * @param types the same with their types
     * @param values makes one out of a number {@code i}
     */
    private record Key(String columns, String types, String values) {
        static Key of(String kind) {
            return switch (kind) {
                case "number" -> new Key("id", "id int", "i");
                case "text" ->
                    new Key(
                            "id",
                            "id varchar(40)",
                            "(array['a','B','''c','多','𠮷','%s','-'])[1 + i % 7] || (i * 7919 % 100003)");
                case "padded" -> new Key("id", "id char(14)", "'a' || (i * 7919 % 100003)");
                case "two" -> new Key("dm, id", "dm varchar(10), id bigint", "(array['东','B','a'])[1 + i % 3], i");
                case "uuid" -> new Key("id", "id uuid", "md5(i::text)::uuid");
                // Not compared here: such a table begins anew.
                default -> new Key("id", "id date", "date '2000-01-01' + i");
            };
        }

        String table() {
            return "create table t_record(" + types + ", i int, bt text, nr text, primary key (" + columns + "))";
        }
    }

    private String insert(Key key, int from, int to) {
        return "insert into t_record(" + key.columns() + ", i, bt, nr) select " + key.values() + ", i, '"
                + versions.incrementAndGet() + "', '内容' from generate_series(" + from + ", " + to + ") i";
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
    @ValueSource(strings = {"number", "text", "padded", "two", "uuid", "date"})
    void aCopyThatBreaksOffAfterEveryBatchGoesOnWhereItWas(String kind) throws Exception {
        Key key = Key.of(kind);
        createDatabase(key.table(), insert(key, 1, ROWS));
        Connector connector = connector(CopiedVersions.stream("record", key.columns(), "nr"));
        boolean goesOn = !kind.equals("date");
        int attempts = 0;
        int batches = 0;
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
                batches = pool.batches().stream()
                        .mapToInt(b -> b.events().isEmpty() ? 0 : 1)
                        .sum();
            }
            breaks.set(false);
            if (!live) {
                change(key, ++attempts);
            }
        }
        // 12,500 rows are four batches; each attempt takes one and is refused the next.
        assertThat(attempts).isEqualTo(goesOn ? 3 : 2);
        assertThat(batches).isGreaterThanOrEqualTo(goesOn ? 4 : 6);
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
        assertThat(slots()).containsExactly("slot_" + database);
    }

    /** Transactions that were open before the slot was made, and that end during and after the copy. */
    @Test
    void transactionsThatAreOpenAllTheWhileAreNeitherLostNorSetBack() throws Exception {
        Key key = Key.of("number");
        createDatabase(key.table(), insert(key, 1, ROWS));
        Connector connector = connector(CopiedVersions.stream("record", "id", "nr"));
        try (Connection before = connect();
                Connection during = connect();
                Connection after = connect()) {
            for (Connection each : List.of(before, during, after)) {
                each.setAutoCommit(false);
            }
            execute(before, update("i = 1"), "delete from t_record where i = 2", insert(key, 30_001, 30_001));
            AtomicInteger batches = new AtomicInteger();
            pool.refuseOnce(b -> b.events().size() > 1 && duringTheCopy(batches, during, after, key));
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG)
                        .until(() -> running.state().notice().orElse("").startsWith("waiting for transactions"));
                assertThat(pool.batches()).isEmpty();
                before.commit();
                awaitLive();
                assertThat(batches.get()).isGreaterThanOrEqualTo(2);
                execute(after, update("i = 5"), "update t_record set id = 40005 where id = 6");
                after.commit();
                awaitHeld(key, Map.of());
                assertThat(running.state().error()).isEmpty();
            }
        }
        assertThat(CopiedVersions.setBack(pool)).isEmpty();
    }

    /** With the first batch two transactions begin, with the second one of them ends. */
    private boolean duringTheCopy(AtomicInteger batches, Connection during, Connection after, Key key) {
        try {
            if (batches.incrementAndGet() == 1) {
                execute(during, update("i in (3, 12000)"), insert(key, 30_002, 30_002));
                execute(after, update("i in (4, 12001)"), "delete from t_record where i = 12002");
            } else if (batches.get() == 2) {
                during.commit();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return false;
    }

    /** Changes that a later snapshot shows, though its rows have an earlier position: made while it was waited for. */
    @Test
    void whatALaterSnapshotShowsIsNotSetBackByTheLog() throws Exception {
        Key key = Key.of("number");
        createDatabase(key.table(), insert(key, 1, ROWS));
        Connector connector = connector(CopiedVersions.stream("record", "id", "nr"));
        AtomicInteger batches = new AtomicInteger();
        pool.refuseOnce(PoolException.Kind.INVALID, b -> !b.events().isEmpty() && batches.incrementAndGet() == 2);
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG).until(() -> running.state().failures() > 0);
        }
        try (Connection open = connect()) {
            open.setAutoCommit(false);
            execute(open, update("i = 12400"));
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG)
                        .until(() -> running.state().notice().orElse("").startsWith("waiting for transactions"));
                // One record was read through the first snapshot, the others are yet to be read.
                sql(update("i in (5, 10000)"), insert(key, 30_001, 30_001), update("i in (5, 10000)"));
                sql("delete from t_record where i = 30001");
                open.commit();
                awaitHeld(key, Map.of());
                assertThat(running.state().error()).isEmpty();
            }
        }
        assertThat(CopiedVersions.setBack(pool)).isEmpty();
        // It came and went before the snapshot, which does not show it.
        assertThat(pool.batches().stream().flatMap(b -> b.events().stream()).map(ChangeEvent::key))
                .doesNotContain("30001");
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** Writers go on all the while, readers break off anywhere; nothing is ever set back, and in the end all is the same. */
    @ParameterizedTest
    @ValueSource(longs = {7, 20261130})
    void equalsItsSourceAfterAnyHistoryOfBreaks(long seed) throws Exception {
        Key key = Key.of("number");
        createDatabase(key.table(), insert(key, 1, 30_000));
        Connector connector = connector(CopiedVersions.stream("record", "id", "nr"));
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
        for (int i = 0; i < 8; i++) {
            AtomicInteger batches = new AtomicInteger();
            int after = 1 + random.nextInt(3);
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
            awaitHeld(key, Map.of());
            assertThat(running.state().connector()).isEqualTo("records");
        }
        assertThat(CopiedVersions.setBack(pool)).as("seed " + seed).isEmpty();
        assertThat(pool.counts("records", "record").isBalanced()).isTrue();
    }

    /** Each writer has rows of its own, so that versions grow in the order in which they are written. */
    private void write(Random random, int own, AtomicBoolean writing) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            while (writing.get()) {
                for (int i = random.nextInt(6); i >= 0; i--) {
                    int id = 2 * (1 + random.nextInt(15_000)) + own;
                    String version = "'" + versions.incrementAndGet() + "'";
                    switch (random.nextInt(5)) {
                        case 0 -> execute(connection, "delete from t_record where id = " + id);
                        case 1 ->
                            execute(
                                    connection,
                                    "insert into t_record values (" + id + ", " + id + ", " + version
                                            + ", '新') on conflict (id) do update set bt = excluded.bt");
                        default ->
                            execute(
                                    connection,
                                    "update t_record set bt = " + version + " where id % 2 = " + own
                                            + " and id between " + id + " and " + (id + 40));
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

    /** A stream that the manifest gains is read while the others go on; also after it broke off. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamThatIsAddedIsCopiedWhileTheOthersGoOn(boolean breaksOff) throws Exception {
        Key key = Key.of("number");
        createDatabase(
                key.table(),
                insert(key, 1, ROWS),
                "create table t_other(id int primary key, bt text, nr text)",
                "insert into t_other values (1, '1', '')");
        String record = CopiedVersions.stream("record", "id", "nr");
        String other = CopiedVersions.stream("other", "id", "nr");
        try (Running running = new Running(connector(other), pool)) {
            awaitLive();
            assertThat(running.state().error()).isEmpty();
        }
        sql(update("i = 1"), "insert into t_other values (2, '1', '')");
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
            sql("update t_other set bt = '3' where id = 2");
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

    /** One first copy of all, nothing set back by the log, no slot left over. */
    private void assertReadOnceAndFollowed() throws SQLException {
        assertThat(pool.runs().stream().filter(r -> r.kind().equals("snapshot")))
                .hasSize(1);
        assertThat(CopiedVersions.setBack(pool)).isEmpty();
        assertThat(slots()).containsExactly("slot_" + database);
    }

    /** The others are not made to wait: their change arrives while the copy has not even begun. */
    @Test
    void othersAreFollowedWhileATableIsCopied() throws Exception {
        Key key = Key.of("number");
        createDatabase(key.table(), insert(key, 1, ROWS), "create table t_other(id int primary key, bt text, nr text)");
        String other = CopiedVersions.stream("other", "id", "nr");
        try (Running running = new Running(connector(other), pool)) {
            awaitLive();
            assertThat(running.state().error()).isEmpty();
        }
        try (Connection open = connect();
                Running running = new Running(connector(other, CopiedVersions.stream("record", "id", "nr")), pool)) {
            // The source lets nothing be copied while a transaction is open that began before.
            open.setAutoCommit(false);
            execute(open, update("i = 1"));
            await().atMost(LONG)
                    .until(() -> pool.runs().stream().anyMatch(r -> r.kind().equals("reread")));
            sql("insert into t_other values (1, '1', '')");
            await().atMost(LONG).until(() -> pool.keys("records/other").contains("1"));
            open.commit();
            awaitHeld(key, Map.of("records/other/1", "1"));
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(CopiedVersions.setBack(pool)).isEmpty();
    }

    /** What happened while the source did not tell is found by reading one table again, and nothing else is held up. */
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
            awaitLive();
            awaitRead();
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
        if (breaksOff) {
            pool.refuseOnce(PoolException.Kind.INVALID, b -> !b.rereads().isEmpty());
        }
        AtomicInteger batches = new AtomicInteger();
        AtomicBoolean changed = new AtomicBoolean();
        pool.refuseOnce(PoolException.Kind.INVALID, b -> {
            if (b.events().size() < 1000 || batches.incrementAndGet() != 2) {
                return false;
            }
            try {
                change(key, 1);
                silently("delete from t_record where i = 12001", update("i = 3"));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            changed.set(true);
            return breaksOff;
        });
        try (Connection open = connect();
                Running running = new Running(connector, pool)) {
            // Until it ends nothing can be copied; the other table is followed all the same.
            open.setAutoCommit(false);
            execute(open, update("i = 1"));
            await().atMost(LONG)
                    .until(() -> pool.runs().stream().anyMatch(r -> r.kind().equals("reread")));
            assertThat(pool.lastRun().expected()).isEqualTo(ROWS);
            sql("update t_other set bt = '2' where id = 1", update("i = 10"));
            await().atMost(LONG)
                    .until(() -> pool.value("records/other/1", "title").equals("2"));
            await().atMost(LONG).until(() -> pool.listRereads().isEmpty());
            open.commit();
            await().atMost(LONG).untilTrue(changed);
            change(key, 2);
            awaitFollowed();
            change(key, 3);
            sql("update t_other set bt = '3' where id = 2");
            // What happened silently meanwhile the snapshot does not show.
            pool.askReread("records", Set.of("record"), "somebody");
            assertThat(running.state().error()).isEmpty();
        }
        try (Running running = new Running(connector, pool)) {
            awaitHeld(key, Map.of("records/other/1", "2", "records/other/2", "3"));
            awaitFollowed();
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.listRereads()).isEmpty();
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
            awaitLive();
            awaitRead();
            silently("delete from t_record where i <= 500", update("i = 900"));
            assertThat(running.state().error()).isEmpty();
        }
        pool.askReread("records", Set.of("record"), "somebody");
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG)
                    .until(() -> pool.lastRun().kind().equals("stream")
                            && pool.lastRun().status() == RunStatus.LIVE
                            && pool.runs().stream().anyMatch(r -> r.kind().equals("reread")));
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

    /** The engine makes the publication right when it starts, which is over when it reads. */
    private void awaitRead() throws SQLException {
        sql(update("i = 5"));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(pool.value("records/record/5", "title")).isEqualTo(version(5)));
    }

    /** What the source's log does not bring, as a publication that somebody has changed. */
    private void silently(String... statements) throws SQLException {
        String publication = "alter publication yimen_records";
        sql(publication + " drop table t_record");
        sql(statements);
        sql(publication + " add table t_record");
    }

    private void awaitHeld(Key key, Map<String, String> besides) {
        await().atMost(LONG).untilAsserted(() -> {
            Map<String, String> expected = source(key);
            expected.putAll(besides);
            assertThat(CopiedVersions.differences(expected, CopiedVersions.of(pool)))
                    .isEmpty();
        });
    }

    private Map<String, String> source(Key key) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery("select concat_ws('|', " + key.columns() + "), bt from t_record")) {
            while (found.next()) {
                rows.put("records/record/" + found.getString(1).strip(), found.getString(2));
            }
        }
        return rows;
    }

    private List<String> slots() throws SQLException {
        List<String> slots = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "select slot_name from pg_replication_slots where database = current_database()")) {
            while (found.next()) {
                slots.add(found.getString(1));
            }
        }
        return slots;
    }
}
