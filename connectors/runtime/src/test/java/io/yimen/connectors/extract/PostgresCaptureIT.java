package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.PoolException;
import io.yimen.pool.run.RunStatus;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.replication.LogSequenceNumber;

class PostgresCaptureIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String COMMITTEES = """
            insert into t_jw select i, '第' || i || '社区居民委员会', '1', '110101001001', '东城区', '东华门街道', null, '0',
              now(), '' from generate_series(%d, %d) i
            """;
    private static EmbeddedPostgres postgres;
    private static int databases;

    private final String database = "jwxj" + ++databases;
    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void start() throws IOException {
        postgres = server().start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    static EmbeddedPostgres.Builder server() {
        return EmbeddedPostgres.builder()
                // The simulators' jar brings the same programs along; two copies would be refused.
                .setPgBinaryResolver(
                        (system, machine) -> PostgresCaptureIT.class.getResourceAsStream("/postgres-linux-x86_64.txz"))
                .setServerConfig("wal_level", "logical")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("max_replication_slots", "20")
                .setServerConfig("max_wal_senders", "20")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on");
    }

    private Connector connector(EmbeddedPostgres server) {
        return connector(server, "");
    }

    private Connector connector(EmbeddedPostgres server, String parameters) {
        return Catalog.connector(
                "election",
                Map.of(
                        "jdbc-url",
                        "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + database + parameters,
                        "username",
                        "postgres",
                        "password",
                        "postgres",
                        "slot",
                        "slot_" + database));
    }

    private void sql(EmbeddedPostgres server, String... statements) throws SQLException {
        try (Connection connection = server.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private void createDatabase(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + database);
        }
        sql(server, "create table t_jc(jc_id int primary key, jcmc varchar, kssj date, jssj date)", """
                create table t_jw(jw_id int primary key, jwmc varchar(100), lx char(1), xzqh char(12), qx varchar,
                  jz varchar, tyshxydm varchar(18), zt char(1), gxsj timestamp, bz text)
                """, """
                create table t_xj(xj_id int primary key, jw_id int, jc_id int, xzqh char(12), jd char(2), xjrq date,
                  xjfs char(1), djxm int, fcxp int, shxp int, yxp int, jg char(1), gxsj timestamp)
                """, """
                create table t_hxr(hxr_id int primary key, xj_id int, jw_id int, xzqh char(12), xm varchar(50), xb char(1),
                  sfzh varchar(18), csrq varchar(8), mz char(2), zzmm char(2), whcd char(2), sjh varchar(20), zw char(1),
                  dps int, sfdx char(1), gxsj timestamp)
                """, """
                create table t_cy(cy_id int primary key, jw_id int, jc_id int, xzqh char(12), xm varchar(50), xb char(1),
                  sfzh varchar(18), csrq varchar(8), mz char(2), zzmm char(2), whcd char(2), sjh varchar(20), zw char(1),
                  rzrq date, lzrq date, zt char(1), gxsj timestamp)
                """);
    }

    private static String committee(int id, String name) {
        return "insert into t_jw values (" + id + ", '" + name + "', '1', '110101001001', '东城区', '东华门街道', null, '0',"
                + " now(), '备注')";
    }

    private static String candidate(int id, String name) {
        return "insert into t_hxr values (" + id + ", 1, 1, '110101001001', '" + name + "', '1', '11010118860725511x',"
                + " '18860725', '01', '13', '20', '13800000000', '1', null, null, now())";
    }

    private long confirmed(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select confirmed_flush_lsn::text from pg_replication_slots where slot_name = 'slot_" + database
                                + "'")) {
            return rows.next() ? LogSequenceNumber.valueOf(rows.getString(1)).asLong() : 0;
        }
    }

    private void awaitLive() {
        await().atMost(LONG)
                .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
    }

    /** Until the end of the last transaction that was applied is stored; before that, a restart repeats it. */
    private void awaitStored() {
        await().atMost(LONG).until(() -> {
            long applied = pool.batches().stream()
                    .flatMap(batch -> batch.events().stream())
                    .mapToLong(event -> event.position().offset())
                    .max()
                    .orElseThrow();
            return WriteAheadLog.lsn(
                            CaptureOffset.parse(pool.findOffset("election").orElseThrow())
                                    .offset())
                    > applied;
        });
    }

    @Test
    void followsFromSnapshotThroughChangesAndResumesWithoutReadingAgain() throws Exception {
        createDatabase(postgres);
        sql(postgres, committee(1, "多福巷社区居民委员会"), committee(2, "䶮𠮷社区居民委员会"), candidate(7, "张三"));
        try (Running running = new Running(connector(postgres), pool)) {
            awaitLive();
            assertThat(pool.keys("election/committee")).containsExactly("1", "2");
            assertThat(pool.value("election/committee/2", "name")).isEqualTo("䶮𠮷社区居民委员会");
            assertThat(pool.keys("election/candidate-person")).containsExactly("7");
            assertThat(pool.keys("election/candidacy")).containsExactly("7");
            assertThat(pool.value("election/candidacy/7", "votes")).isEmpty();
            assertThat(pool.lastRun().kind()).isEqualTo("snapshot");
            assertThat(pool.lastRun().expected()).isEqualTo(4);
            assertThat(running.state().notice().orElse("")).contains("t_jw.bz");

            sql(
                    postgres,
                    "update t_hxr set dps = 1204, sfdx = 'Y' where hxr_id = 7",
                    committee(3, "银闸社区居民委员会"),
                    "delete from t_jw where jw_id = 1",
                    "update t_jw set jw_id = 22 where jw_id = 2");
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(pool.keys("election/committee")).containsExactly("22", "3"));
            assertThat(pool.value("election/candidacy/7", "votes")).isEqualTo("1204");
            assertThat(pool.value("election/candidacy/7", "elected")).isEqualTo("true");
            awaitStored();
        }
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        int batches = pool.batches().size();

        sql(postgres, "update t_jw set jwmc = '银闸第一社区居民委员会' where jw_id = 3");
        try (Running running = new Running(connector(postgres), pool)) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool.value("election/committee/3", "name"))
                            .isEqualTo("银闸第一社区居民委员会"));
            assertThat(pool.lastRun().kind()).isEqualTo("stream");
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.batches().stream()
                        .skip(batches)
                        .mapToInt(b -> b.events().size())
                        .sum())
                .isEqualTo(1);
    }

    /** As after a kill between the commit in the pool and the word to the source, with nothing more to come. */
    @Test
    void aSourceThatWasNotToldIsToldAfterTheNextStart() throws Exception {
        createDatabase(postgres);
        sql(postgres, committee(1, "多福巷社区居民委员会"));
        try (Running running = new Running(connector(postgres), pool)) {
            awaitLive();
        }
        sql(postgres, "select pg_copy_logical_replication_slot('slot_" + database + "', 'before')");
        long stored;
        try (Running running = new Running(connector(postgres), pool)) {
            sql(postgres, committee(2, "银闸社区居民委员会"));
            await().atMost(LONG).until(() -> pool.keys("election/committee").contains("2"));
            awaitStored();
            stored = WriteAheadLog.lsn(
                    CaptureOffset.parse(pool.findOffset("election").orElseThrow())
                            .offset());
            long told = stored;
            await().atMost(LONG).until(() -> confirmed(postgres) >= told);
        }
        sql(
                postgres,
                "select pg_drop_replication_slot('slot_" + database + "')",
                "select pg_copy_logical_replication_slot('before', 'slot_" + database + "')",
                "select pg_drop_replication_slot('before')");
        assertThat(confirmed(postgres)).isLessThan(stored);

        try (Running running = new Running(connector(postgres), pool)) {
            await().atMost(LONG).until(() -> confirmed(postgres) >= stored);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify-full", "disable"})
    void theEngineConnectsAsTheAddressSays(String mode, @TempDir Path folder) throws Exception {
        Certificate.write(folder);
        boolean verified = mode.equals("verify-full");
        try (EmbeddedPostgres sealed = sealed(folder)) {
            createDatabase(sealed);
            String authorities = verified ? "&sslrootcert=" + folder.resolve(Certificate.CHAIN) : "";
            try (Running running = new Running(connector(sealed, "?sslmode=" + mode + authorities), pool)) {
                awaitLive();
                await().atMost(LONG).untilAsserted(() -> {
                    try (Connection connection = sealed.getPostgresDatabase().getConnection();
                            Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(
                                    "select bool_and(ssl), count(*) from pg_stat_replication join pg_stat_ssl using (pid)")) {
                        row.next();
                        assertThat(row.getInt(2)).isPositive();
                        assertThat(row.getBoolean(1)).isEqualTo(verified);
                    }
                });
                assertThat(running.state().error()).isEmpty();
            }
        }
    }

    @Test
    void aServerWithAnotherCertificateIsRefused(@TempDir Path folder, @TempDir Path other) throws Exception {
        Certificate.write(folder);
        Certificate.write(other);
        try (EmbeddedPostgres sealed = sealed(folder)) {
            createDatabase(sealed);
            String authorities = "&sslrootcert=" + other.resolve(Certificate.CHAIN);
            try (Running running = new Running(connector(sealed, "?sslmode=verify-ca" + authorities), pool)) {
                await().atMost(LONG).until(() -> running.state().error().isPresent());
                assertThat(running.state().error().orElse(""))
                        .startsWith("certificate: the certificate of the source database is not one");
            }
            assertThat(pool.runs()).isEmpty();
        }
    }

    private static EmbeddedPostgres sealed(Path certificate) throws IOException {
        return server().setServerConfig("ssl", "on")
                .setServerConfig(
                        "ssl_cert_file", certificate.resolve(Certificate.CHAIN).toString())
                .setServerConfig(
                        "ssl_key_file", certificate.resolve(Certificate.KEY).toString())
                .start();
    }

    @Test
    void takesNoParameterThatLoadsClasses() {
        assertThatThrownBy(() ->
                        connector(postgres, "?socketFactory=java.lang.String").extractor())
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("socketFactory, which is not taken");
    }

    @Test
    void acknowledgesNothingThatIsNotDurable() throws Exception {
        createDatabase(postgres);
        try (Running running = new Running(connector(postgres), pool)) {
            awaitLive();
            sql(postgres, committee(1, "多福巷社区居民委员会"));
            await().atMost(LONG).until(() -> pool.keys("election/committee").contains("1"));
            await().atMost(LONG).until(() -> confirmed(postgres) > 0);
            pool.refuseOnce(b -> !b.events().isEmpty());
            pool.refuseOnce(b -> !b.events().isEmpty());
            sql(postgres, committee(2, "银闸社区居民委员会"));
            await().atMost(LONG).until(() -> pool.keys("election/committee").contains("2"));
            assertThat(running.state().failures()).isZero();
        }
        // The same batch again, not the same run again.
        assertThat(pool.runs()).hasSize(1);
        long stored = WriteAheadLog.lsn(
                CaptureOffset.parse(pool.findOffset("election").orElseThrow()).offset());
        assertThat(confirmed(postgres)).isLessThanOrEqualTo(stored);
    }

    @Test
    void largeTransactionThatIsCutComesAgainFromItsBeginning() throws Exception {
        createDatabase(postgres);
        Running first = new Running(connector(postgres), pool);
        awaitLive();
        sql(postgres, COMMITTEES.formatted(1, 30000));
        await().atMost(LONG).until(() -> pool.keys("election/committee").size() > 0);
        first.close();
        int seen = pool.keys("election/committee").size();
        try (Running again = new Running(connector(postgres), pool)) {
            await().atMost(LONG).until(() -> pool.keys("election/committee").size() == 30000);
            assertThat(again.state().error()).isEmpty();
        }
        assertThat(seen).isPositive();
        var counts = pool.counts("election", "committee");
        assertThat(counts.isBalanced()).isTrue();
        assertThat(counts.applied()).isEqualTo(30000);
    }

    @Test
    void slotThatWasDroppedMeansANewSnapshotThatFindsDeletes() throws Exception {
        createDatabase(postgres);
        for (int i = 1; i <= 10; i++) {
            sql(postgres, committee(i, "第" + i + "社区居民委员会"));
        }
        try (Running running = new Running(connector(postgres), pool)) {
            awaitLive();
            assertThat(pool.keys("election/committee")).hasSize(10);
        }
        sql(
                postgres,
                "select pg_drop_replication_slot('slot_" + database + "')",
                "delete from t_jw where jw_id = 4",
                committee(11, "银闸社区居民委员会"));
        try (Running running = new Running(connector(postgres), pool)) {
            await().atMost(LONG).until(() -> pool.keys("election/committee").contains("11"));
            await().atMost(LONG).until(() -> !pool.keys("election/committee").contains("4"));
            assertThat(pool.keys("election/committee")).hasSize(10);
            assertThat(running.state().notice().orElse("")).contains("slot_" + database + " is gone");
            assertThat(pool.lastRun().kind()).isEqualTo("snapshot");
        }
    }

    @Test
    void sourceThatWentAwayIsFoundAgain(@TempDir Path data) throws Exception {
        EmbeddedPostgres own = server().setDataDirectory(data.resolve("pg"))
                .setCleanDataDirectory(false)
                .start();
        int port = own.getPort();
        createDatabase(own);
        sql(own, committee(1, "多福巷社区居民委员会"));
        try (Running running = new Running(connector(own), pool)) {
            awaitLive();
            own.close();
            await().atMost(LONG).until(() -> running.state().failures() > 1);
            assertThat(running.state().error().orElse("")).contains("source database");
            EmbeddedPostgres back = server().setDataDirectory(data.resolve("pg"))
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .start();
            try (back) {
                sql(back, committee(2, "银闸社区居民委员会"));
                await().atMost(LONG).until(() -> pool.keys("election/committee").contains("2"));
                assertThat(running.state().failures()).isZero();
            }
        }
        assertThat(pool.runs().get(0).status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void mappedColumnThatIsMissingFailsTheRunAndSaysWhich() throws Exception {
        createDatabase(postgres);
        sql(postgres, "alter table t_jw rename column jwmc to mc");
        try (Running running = new Running(connector(postgres), pool)) {
            await().atMost(LONG).until(() -> running.state().error().isPresent());
            assertThat(running.state().error().orElse(""))
                    .startsWith("missing-column: table t_jw has no jwmc; correct ");
            sql(postgres, "alter table t_jw rename column mc to jwmc", committee(1, "多福巷社区居民委员会"));
            awaitLive();
            // While it runs, too.
            sql(postgres, "alter table t_jw rename column jwmc to mc", "update t_jw set mc = '银闸社区居民委员会'");
            await().atMost(LONG).until(() -> running.state().error().orElse("").contains("missing-column"));
        }
    }

    @Test
    void badRowWaitsInQuarantineAndTheOthersGoOn() throws Exception {
        createDatabase(postgres);
        sql(
                postgres,
                candidate(7, "张三"),
                candidate(8, "李四"),
                "update t_hxr set sfzh = '110105189802290017' where hxr_id = 8");
        try (Running running = new Running(connector(postgres), pool)) {
            awaitLive();
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.keys("election/candidate-person")).containsExactly("7");
        assertThat(pool.keys("election/candidacy")).containsExactly("7", "8");
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.reason()).isEqualTo("invalid-id-number");
            assertThat(r.field()).isEqualTo("sfzh");
            assertThat(r.message()).doesNotContain("110105189802290017");
        });
        assertThat(pool.counts("election", "candidate-person").isBalanced()).isTrue();
    }

    @Test
    void tableThatWasEmptiedIsReadAgainAndTheBrakeAsksAPerson() throws Exception {
        createDatabase(postgres);
        sql(postgres, committee(1, "多福巷社区居民委员会"), committee(2, "银闸社区居民委员会"));
        try (Running running = new Running(connector(postgres), pool)) {
            awaitLive();
            sql(postgres, "truncate t_jw");
            await().atMost(LONG).until(() -> pool.lastRun().status() == RunStatus.RED);
            assertThat(running.state().failures()).isPositive();
        }
        assertThat(pool.keys("election/committee")).hasSize(2);
    }

    @Test
    void snapshotThatBrokeOffIsTakenAnewAndMissesNoDelete() throws Exception {
        createDatabase(postgres);
        sql(postgres, COMMITTEES.formatted(1, 20000));
        AtomicInteger batches = new AtomicInteger();
        CountDownLatch brokenOff = new CountDownLatch(1);
        CountDownLatch changed = new CountDownLatch(1);
        pool.refuseOnce(PoolException.Kind.INVALID, b -> {
            if (batches.incrementAndGet() != 2) {
                return false;
            }
            brokenOff.countDown();
            try {
                return changed.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Running running = new Running(connector(postgres), pool)) {
            assertThat(brokenOff.await(30, TimeUnit.SECONDS)).isTrue();
            sql(postgres, "delete from t_jw where jw_id = 1", "update t_jw set jwmc = '䶮社区' where jw_id = 2");
            changed.countDown();
            awaitLive();
            assertThat(running.state().error()).isEmpty();
            await().atMost(LONG).until(() -> pool.keys("election/committee").size() == 19999);
        }
        assertThat(pool.keys("election/committee")).doesNotContain("1");
        assertThat(pool.value("election/committee/2", "name")).isEqualTo("䶮社区");
        assertThat(pool.runs())
                .extracting(RecordingPool.Run::status)
                .containsExactly(RunStatus.FAILED, RunStatus.COMPLETED);
    }

    /** Writers go on while snapshots are taken and readers come and go; in the end both sides say the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 20261121})
    void equalsItsSourceAfterAnyHistory(long seed) throws Exception {
        createDatabase(postgres);
        sql(postgres, COMMITTEES.formatted(1, 5000));
        Random random = new Random(seed);
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = new ArrayList<>();
        List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());
        for (int w = 0; w < 2; w++) {
            long own = random.nextLong();
            Thread writer = new Thread(() -> {
                try {
                    write(new Random(own), writing);
                } catch (SQLException e) {
                    faults.add(e);
                }
            });
            writers.add(writer);
            writer.start();
        }
        for (int i = 0; i < 6; i++) {
            try (Running running = new Running(connector(postgres), pool)) {
                boolean refuse = random.nextBoolean();
                int after = random.nextInt(4);
                AtomicInteger batches = new AtomicInteger();
                if (refuse) {
                    pool.refuseOnce(PoolException.Kind.INVALID, b -> batches.incrementAndGet() > after);
                }
                int before = pool.batches().size();
                int enough = 1 + random.nextInt(30);
                await().atMost(LONG).until(() -> pool.batches().size() > before + enough);
                assertThat(running.state().connector()).isEqualTo("election");
            }
        }
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(faults).isEmpty();
        Map<String, String> expected = committees();
        try (Running running = new Running(connector(postgres), pool)) {
            await().atMost(LONG).untilAsserted(() -> {
                Map<String, String> names = new TreeMap<>();
                pool.records().forEach((id, values) -> names.put(id, values.getOrDefault("name", "")));
                assertThat(differences(expected, names)).as("seed " + seed).isEmpty();
            });
            assertThat(running.state().connector()).isEqualTo("election");
        }
        assertThat(pool.counts("election", "committee").isBalanced()).isTrue();
    }

    private static Set<String> differences(Map<String, String> expected, Map<String, String> actual) {
        Set<String> ids = new TreeSet<>(expected.keySet());
        ids.addAll(actual.keySet());
        ids.removeIf(id -> Objects.equals(expected.get(id), actual.get(id)));
        return ids.stream()
                .limit(20)
                .map(id -> id + ": " + expected.get(id) + " / " + actual.get(id))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void write(Random random, AtomicBoolean writing) throws SQLException {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (writing.get()) {
                // Ids in rising order within a transaction, so that two writers never wait for each other in a ring.
                int id = 1 + random.nextInt(1000);
                for (int i = random.nextInt(8); i >= 0; i--) {
                    switch (random.nextInt(4)) {
                        case 0 -> statement.execute("delete from t_jw where jw_id = " + id);
                        case 1 ->
                            statement.execute(committee(id, "新" + random.nextInt(10000) + "社区")
                                    + " on conflict (jw_id) do nothing");
                        default ->
                            statement.execute("update t_jw set jwmc = '第" + random.nextInt(10000)
                                    + "社区' where jw_id between " + id + " and " + (id + 1));
                    }
                    id += 2 + random.nextInt(500);
                }
                if (random.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
            }
        }
    }

    private Map<String, String> committees() throws SQLException {
        Map<String, String> names = new TreeMap<>();
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select jw_id, jwmc from t_jw")) {
            while (rows.next()) {
                names.put("election/committee/" + rows.getInt(1), rows.getString(2));
            }
        }
        return names;
    }
}
