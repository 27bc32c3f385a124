package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.pool.PoolException;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.EmbeddedMariaDb;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class MysqlCaptureIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Charset GB18030 = Charset.forName("GB18030");

    @TempDir
    static Path folder;

    private static CommunitySystem system;

    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void start() {
        system = CommunitySystem.start(folder.resolve("community"), CommunitySystem.Options.small(7));
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    /** Every test begins with the tables that it fills itself. */
    @BeforeEach
    void empty() throws SQLException {
        sql("delete from t_rk", "delete from t_hu", "delete from t_fw", "delete from t_dw", "delete from t_ry");
    }

    private static Connector connector() {
        return connector(system.jdbcUrl());
    }

    private static Connector connector(String url) {
        return connector(url, Map.of());
    }

    private static Connector connector(String url, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("jdbc-url", url);
        parameters.put("username", CommunitySystem.CAPTURE_USER);
        parameters.put("password", system.capturePassword());
        return Catalog.connector("community", parameters);
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static String home(int id, String compound) {
        return "insert into t_fw values (" + id + ", '110101001001', '" + compound
                + "', '3号楼', '2单元', '501', '1', 61.5," + " '1', '2024-03-01 09:30:00')";
    }

    /** Homes {@code from} to {@code to}, in one transaction. */
    private static void homes(int from, int to) throws SQLException {
        sql("insert into t_fw select seq, '110101001001', concat('第', seq, '小区'), '3号楼', '2单元', '501', '1', 61.5, '1',"
                + " '2024-03-01 09:30:00' from seq_" + from + "_to_" + to);
    }

    private void awaitLive() {
        await().atMost(LONG)
                .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
    }

    private static Map<String, String> names() throws SQLException {
        Map<String, String> names = new TreeMap<>();
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select fw_id, concat(xqmc, lh, dy, mph) from t_fw")) {
            while (rows.next()) {
                names.put("community/home/" + rows.getInt(1), rows.getString(2));
            }
        }
        return names;
    }

    private static Set<String> differences(Map<String, String> expected, RecordingPool pool) {
        Map<String, String> actual = new TreeMap<>();
        pool.records().forEach((id, values) -> {
            if (id.startsWith("community/home/")) {
                actual.put(id, values.getOrDefault("name", ""));
            }
        });
        Set<String> ids = new TreeSet<>(expected.keySet());
        ids.addAll(actual.keySet());
        ids.removeIf(id -> Objects.equals(expected.get(id), actual.get(id)));
        return ids.stream()
                .limit(20)
                .map(id -> id + ": " + expected.get(id) + " / " + actual.get(id))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void followsFromSnapshotThroughChangesAndResumesWithoutReadingAgain() throws Exception {
        sql(
                home(1, "多福巷小区"),
                home(2, "银闸小区"),
                "insert into t_hu values (5, 1, '110101001001', '00105', '张三', '1', 3, '1', '2024-03-01 09:30:00')");
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            assertThat(pool.keys("community/home")).containsExactly("1", "2");
            assertThat(pool.value("community/home/2", "name")).isEqualTo("银闸小区3号楼2单元501");
            assertThat(pool.value("community/home/2", "area")).isEqualTo("61.5");
            assertThat(pool.value("community/household/5", "home")).isEqualTo("record:community/home/1");
            assertThat(pool.lastRun().kind()).isEqualTo("snapshot");
            assertThat(pool.lastRun().expected()).isEqualTo(3);
            assertThat(running.state().notice().orElse("")).contains("t_rk.bz");

            sql(
                    "update t_fw set fwyt = '2' where fw_id = 1",
                    home(3, "韶九小区"),
                    "delete from t_hu where hu_id = 5",
                    "update t_fw set fw_id = 22 where fw_id = 2");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool.keys("community/home")).containsExactly("1", "22", "3"));
            await().atMost(LONG)
                    .until(() -> pool.value("community/home/1", "use").equals("RENTED"));
            assertThat(pool.keys("community/household")).isEmpty();
            awaitStored();
        }
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        int batches = pool.batches().size();

        sql("update t_fw set xqmc = '韶九东小区' where fw_id = 3");
        try (Running running = new Running(connector(), pool)) {
            await().atMost(LONG)
                    .until(() -> pool.value("community/home/3", "compound").equals("韶九东小区"));
            assertThat(pool.lastRun().kind()).isEqualTo("stream");
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.batches().stream()
                        .skip(batches)
                        .mapToInt(b -> b.events().size())
                        .sum())
                .isEqualTo(1);
        assertThat(differences(names(), pool)).isEmpty();
    }

    @Test
    void everyTextIsReadFromItsOwnBytesInSnapshotAndStreamAlike() throws Exception {
        units(1, "䶮王小学".getBytes(GB18030), "张三".getBytes(GB18030));
        // Half a character: a program that cuts texts by bytes leaves such.
        units(2, "多福巷幼儿园".getBytes(GB18030), new byte[] {(byte) 0xD5, (byte) 0xC5, (byte) 0xB2});
        residents(1, "李䶮".getBytes(GB18030));
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            units(3, "䶮王小学".getBytes(GB18030), "张三".getBytes(GB18030));
            units(4, "多福巷幼儿园".getBytes(GB18030), new byte[] {(byte) 0xD5, (byte) 0xC5, (byte) 0xB2});
            residents(2, "李䶮".getBytes(GB18030));
            await().atMost(LONG).until(() -> pool.keys("community/resident").contains("2"));
            await().atMost(LONG).until(() -> pool.rejected().size() == 2);
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.keys("community/unit")).containsExactly("1", "3");
        for (String key : List.of("1", "3")) {
            assertThat(pool.value("community/unit/" + key, "name")).isEqualTo("䶮王小学");
            assertThat(pool.value("community/unit/" + key, "legalPerson")).isEqualTo("张三");
        }
        assertThat(pool.value("community/resident/1", "name")).isEqualTo("李䶮");
        assertThat(pool.records().get("community/resident/2"))
                .isEqualTo(pool.records().get("community/resident/1"));
        assertThat(pool.rejected()).allSatisfy(r -> {
            assertThat(r.reason()).isEqualTo("undecodable");
            assertThat(r.field()).isEqualTo("fzr");
            assertThat(r.message()).isEqualTo("fzr holds bytes that are no text in GB18030");
            assertThat(new String(r.raw(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("d5c5b2");
        });
        assertThat(pool.counts("community", "unit").isBalanced()).isTrue();
    }

    @Test
    void timesAndNullsAreTheSameInSnapshotAndStream() throws Exception {
        residents(1, "张三".getBytes(GB18030));
        sql("set sql_mode = ''", "update t_rk set gxsj = '2024-03-01 09:30:00', csrq = '1980-05-06'");
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            residents(2, "张三".getBytes(GB18030));
            sql("update t_rk set gxsj = '2024-03-01 09:30:00', csrq = '1980-05-06' where rk_id = 2");
            await().atMost(LONG)
                    .until(() -> pool.value("community/resident/2", "birthDate").equals("1980-05-06"));
            assertThat(running.state().error()).isEmpty();
        }
        var stated = pool.batches().stream()
                .flatMap(b -> b.events().stream())
                .filter(e -> e.stream().id().stream().equals("resident") && !e.isDeleted())
                .collect(Collectors.toMap(e -> e.key(), e -> String.valueOf(e.statedAt()), (a, b) -> b));
        // A TIMESTAMP knows its instant: half past nine in the server's zone, UTC+8.
        assertThat(stated).containsEntry("1", "2024-03-01T01:30:00Z").containsEntry("2", "2024-03-01T01:30:00Z");
        assertThat(pool.records().get("community/resident/2"))
                .isEqualTo(pool.records().get("community/resident/1"));
        assertThat(pool.value("community/resident/1", "phone")).isEmpty();
    }

    @Test
    void largeTransactionThatIsCutComesAgainFromItsBeginning() throws Exception {
        Running first = new Running(connector(), pool);
        awaitLive();
        homes(1, 30_000);
        await().atMost(LONG).until(() -> !pool.keys("community/home").isEmpty());
        first.close();
        int seen = pool.keys("community/home").size();
        try (Running again = new Running(connector(), pool)) {
            await().atMost(LONG).until(() -> pool.keys("community/home").size() == 30_000);
            assertThat(again.state().error()).isEmpty();
            assertThat(pool.lastRun().kind()).isEqualTo("stream");
        }
        assertThat(seen).isPositive();
        var counts = pool.counts("community", "home");
        assertThat(counts.isBalanced()).isTrue();
        assertThat(counts.applied()).isEqualTo(30_000);
    }

    @Test
    void nothingIsLostThatThePoolRefuses() throws Exception {
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            pool.refuseOnce(b -> !b.events().isEmpty());
            pool.refuseOnce(b -> !b.events().isEmpty());
            sql(home(1, "多福巷小区"));
            await().atMost(LONG).until(() -> pool.keys("community/home").contains("1"));
            assertThat(running.state().failures()).isZero();
            // The same batch again, not the same run again.
            assertThat(pool.runs()).hasSize(1);
            pool.refuseOnce(PoolException.Kind.INVALID, b -> !b.events().isEmpty());
            sql(home(2, "银闸小区"));
            await().atMost(LONG).until(() -> pool.keys("community/home").contains("2"));
            assertThat(pool.lastRun().kind()).isEqualTo("stream");
        }
        assertThat(differences(names(), pool)).isEmpty();
    }

    @Test
    void logThatWasPurgedMeansANewSnapshotThatFindsDeletes() throws Exception {
        homes(1, 10);
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            assertThat(pool.keys("community/home")).hasSize(10);
        }
        sql("delete from t_fw where fw_id = 4", home(11, "银闸小区"), "flush binary logs", "flush binary logs");
        await().atMost(LONG).until(MysqlCaptureIT::purged);
        try (Running running = new Running(connector(), pool)) {
            await().atMost(LONG).until(() -> pool.keys("community/home").contains("11"));
            await().atMost(LONG).until(() -> !pool.keys("community/home").contains("4"));
            assertThat(running.state().notice().orElse("")).contains("no longer keeps its binary log from binlog.");
            assertThat(pool.lastRun().kind()).isEqualTo("snapshot");
            sql("delete from t_fw where fw_id = 5");
            await().atMost(LONG).until(() -> !pool.keys("community/home").contains("5"));
        }
        assertThat(differences(names(), pool)).isEmpty();
    }

    /** Whether all files but the latest are gone; one that is still being sent to a reader stays. */
    private static boolean purged() throws SQLException {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            String latest;
            try (ResultSet row = statement.executeQuery("show master status")) {
                row.next();
                latest = row.getString(1);
            }
            statement.execute("purge binary logs to '" + latest + "'");
            try (ResultSet row = statement.executeQuery("show binary logs")) {
                row.next();
                return row.getString(1).equals(latest);
            }
        }
    }

    /** Waits until the end of the log is stored, as it is a moment after the last change. */
    private void awaitStored() throws SQLException {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show master status")) {
            row.next();
            long end = BinaryLog.place(row.getString(1), row.getLong(2));
            BinaryLog log = new BinaryLog(new CommittedHistory.Kept(null), 0);
            await().atMost(LONG)
                    .until(() -> log.placeOf(CaptureOffset.parse(
                                            pool.findOffset("community").orElseThrow())
                                    .offset())
                            >= end);
        }
    }

    @Test
    void logThatWasBegunAnewIsNoticedWhateverItHolds() throws Exception {
        homes(1, 10);
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            sql(home(11, "银闸小区"));
            await().atMost(LONG).until(() -> pool.keys("community/home").contains("11"));
        }
        sql("reset master", "delete from t_fw where fw_id = 3");
        // More than the log held before, so that the old place exists again.
        homes(1_001, 9_000);
        homes(9_001, 20_000);
        try (Running running = new Running(connector(), pool)) {
            await().atMost(LONG).until(() -> pool.keys("community/home").size() == 19_010);
            assertThat(running.state().notice().orElse("")).contains("the source is read again as a whole");
            sql("delete from t_fw where fw_id = 5");
            await().atMost(LONG).until(() -> !pool.keys("community/home").contains("5"));
        }
        assertThat(pool.keys("community/home")).doesNotContain("3");
        assertThat(differences(names(), pool)).isEmpty();
    }

    @Test
    void logWithoutAnyTransactionIsSaidAndFollowedFromTheFirstOn() throws Exception {
        homes(1, 2);
        sql("reset master");
        try (Running running = new Running(connector(), pool)) {
            await().atMost(LONG).until(() -> running.state().error().orElse("").startsWith("log-empty: "));
            sql(home(3, "银闸小区"));
            awaitLive();
            sql(home(4, "多福巷小区"));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool.keys("community/home")).containsExactly("1", "2", "3", "4"));
        }
        assertThat(pool.runs()).filteredOn(run -> run.kind().equals("snapshot")).hasSize(1);
    }

    @Test
    void serverThatWentAwayIsFoundAgainAndNothingIsMissed(@TempDir Path own) throws Exception {
        try (CommunitySystem other = CommunitySystem.start(own, CommunitySystem.Options.small(9))) {
            Connector connector = Catalog.connector(
                    "community",
                    Map.of(
                            "jdbc-url",
                            other.jdbcUrl(),
                            "username",
                            CommunitySystem.CAPTURE_USER,
                            "password",
                            other.capturePassword()));
            try (Running running = new Running(connector, pool)) {
                awaitLive();
                other.database().kill();
                await().atMost(LONG).until(() -> running.state().failures() > 0);
                assertThat(running.state().error().orElse("")).contains("source database");
                other.database().start();
                other.step(20);
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(counts(pool)).isEqualTo(counts(other)));
                assertThat(running.state().failures()).isZero();
                // In order, and while it is followed.
                other.database().stop();
                await().atMost(LONG).until(() -> running.state().failures() > 0);
                other.database().start();
                other.step(20);
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(counts(pool)).isEqualTo(counts(other)));
                assertThat(pool.lastRun().kind()).isEqualTo("stream");
            }
        }
        assertThat(pool.runs()).filteredOn(r -> r.kind().equals("snapshot")).hasSize(1);
    }

    /** Live records a table, with those that wait in quarantine. */
    private static Map<String, Long> counts(RecordingPool pool) {
        Map<String, Long> counts = new TreeMap<>();
        for (String stream : List.of("home", "household", "resident", "unit", "worker", "post")) {
            Set<String> keys = new TreeSet<>(pool.keys("community/" + stream));
            pool.rejected().stream()
                    .filter(r -> r.stream().stream().equals(stream))
                    .forEach(r -> keys.add(r.key()));
            counts.put(stream, (long) keys.size());
        }
        return counts;
    }

    private static Map<String, Long> counts(CommunitySystem source) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> each : Map.of(
                            "home",
                            "t_fw",
                            "household",
                            "t_hu",
                            "resident",
                            "t_rk",
                            "unit",
                            "t_dw",
                            "worker",
                            "t_ry",
                            "post",
                            "t_ry")
                    .entrySet()) {
                try (ResultSet row = statement.executeQuery("select count(*) from " + each.getValue())) {
                    row.next();
                    counts.put(each.getKey(), row.getLong(1));
                }
            }
        }
        return counts;
    }

    @Test
    void columnsThatChangeWhileNobodyListensAreFollowed() throws Exception {
        sql(home(1, "多福巷小区"));
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
        }
        try {
            sql(
                    home(2, "银闸小区"),
                    "alter table t_fw add column cx varchar(10) after fw_id",
                    "insert into t_fw values (3, '南', '110101001001', '韶九小区', '3号楼', '2单元', '501', '1', 61.5, '1',"
                            + " '2024-03-01 09:30:00')");
            try (Running running = new Running(connector(), pool)) {
                await().atMost(LONG).until(() -> pool.keys("community/home").contains("3"));
                assertThat(running.state().error()).isEmpty();
                assertThat(pool.lastRun().kind()).isEqualTo("stream");
                assertThat(differences(names(), pool)).isEmpty();
                // While it listens, too.
                sql("alter table t_fw drop column cx", home(4, "东厂小区"));
                await().atMost(LONG).until(() -> pool.keys("community/home").contains("4"));
            }
            assertThat(differences(names(), pool)).isEmpty();
        } finally {
            sql("alter table t_fw drop column if exists cx");
        }
    }

    @Test
    void mappedColumnThatIsMissingFailsTheRunAndSaysWhich() throws Exception {
        sql("alter table t_fw change xqmc mc varchar(60)");
        try (Running running = new Running(connector(), pool)) {
            await().atMost(LONG).until(() -> running.state().error().isPresent());
            assertThat(running.state().error().orElse(""))
                    .startsWith("missing-column: table t_fw has no xqmc; correct ");
            sql("alter table t_fw change mc xqmc varchar(60)", home(1, "多福巷小区"));
            awaitLive();
            sql("alter table t_fw change xqmc mc varchar(60)", "update t_fw set mc = '银闸小区'");
            await().atMost(LONG).until(() -> running.state().error().orElse("").contains("missing-column"));
        } finally {
            sql("alter table t_fw change mc xqmc varchar(60)");
        }
    }

    @Test
    void tableThatWasEmptiedIsReadAgainAndTheBrakeAsksAPerson() throws Exception {
        homes(1, 2);
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            sql("truncate t_fw");
            await().atMost(LONG).until(() -> pool.lastRun().status() == RunStatus.RED);
            assertThat(running.state().failures()).isPositive();
        }
        assertThat(pool.keys("community/home")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheLogDidNotTellIsFoundByReadingAgain(boolean breaksOff) throws Exception {
        homes(1, 5_000);
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            // As somebody does who mends a table by hand.
            sql(
                    "set session sql_log_bin = 0",
                    "update t_fw set xqmc = '银闸小区' where fw_id = 7",
                    "delete from t_fw where fw_id = 8",
                    home(5_001, "韶九小区"));
            sql("update t_fw set xqmc = '多福巷小区' where fw_id = 9");
            await().atMost(LONG)
                    .until(() -> pool.value("community/home/9", "compound").equals("多福巷小区"));
            assertThat(differences(names(), pool))
                    .extracting(difference -> difference.replaceAll(":.*", ""))
                    .containsExactly("community/home/5001", "community/home/7", "community/home/8");
            assertThat(running.state().error()).isEmpty();
        }
        pool.askReread("community", Set.of("home"), "somebody");
        AtomicInteger batches = new AtomicInteger();
        pool.refuseOnce(
                PoolException.Kind.INVALID, b -> breaksOff && !b.events().isEmpty() && batches.incrementAndGet() == 1);
        if (breaksOff) {
            // Killed after the wish was taken: whoever comes next must not go on with the log.
            try (Running running = new Running(connector(), pool)) {
                await().atMost(LONG).until(() -> running.state().failures() > 0);
            }
            assertThat(pool.listRereads()).isEmpty();
        }
        try (Running running = new Running(connector(), pool)) {
            awaitLive();
            sql("update t_fw set xqmc = '多福巷东小区' where fw_id = 10");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(differences(names(), pool)).isEmpty());
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.listRereads()).isEmpty();
        assertThat(pool.runs()).extracting(RecordingPool.Run::kind).contains("reread");
    }

    @Test
    void snapshotThatBrokeOffIsTakenAnewAndMissesNoDelete() throws Exception {
        homes(1, 20_000);
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
        try (Running running = new Running(connector(), pool)) {
            assertThat(brokenOff.await(30, TimeUnit.SECONDS)).isTrue();
            sql("delete from t_fw where fw_id = 1", "update t_fw set xqmc = '银闸小区' where fw_id = 2");
            changed.countDown();
            awaitLive();
            assertThat(running.state().error()).isEmpty();
            await().atMost(LONG).until(() -> pool.keys("community/home").size() == 19_999);
        }
        assertThat(differences(names(), pool)).isEmpty();
        assertThat(pool.runs())
                .extracting(RecordingPool.Run::status)
                .containsExactly(RunStatus.FAILED, RunStatus.COMPLETED);
    }

    @Test
    void readsOnceUpToTheEndAndReturns() throws Exception {
        homes(1, 50);
        ConnectorRun.once(connector(), pool, pool, Clock.systemUTC());
        assertThat(pool.keys("community/home")).hasSize(50);
        homes(51, 20_000);
        sql("delete from t_fw where fw_id = 7");
        ConnectorRun.once(connector(), pool, pool, Clock.systemUTC());
        assertThat(pool.lastRun().kind()).isEqualTo("stream");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(differences(names(), pool)).isEmpty();
    }

    @Test
    void saysWhatTheServerLacks(@TempDir Path own) {
        try (EmbeddedMariaDb other = EmbeddedMariaDb.start(own, Map.of("binlog-row-image", "MINIMAL"))) {
            Connector connector = Catalog.connector(
                    "community",
                    Map.of(
                            "jdbc-url",
                            other.jdbcUrl("mysql"),
                            "username",
                            EmbeddedMariaDb.ADMIN,
                            "password",
                            other.password()));
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG).until(() -> running.state().error().isPresent());
                assertThat(running.state().error().orElse(""))
                        .contains("binlog_row_image = MINIMAL; set it to FULL and restart it");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Writers go on while snapshots are taken and readers come and go; in the end both sides say the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 20261122})
    void equalsItsSourceAfterAnyHistory(long seed) throws Exception {
        homes(1, 5_000);
        // Between a snapshot that was broken off and the one that ends, the writers may well delete a fifth of all.
        Connector writtenTo = connector(system.jdbcUrl(), Map.of("brake", "1"));
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
            try (Running running = new Running(writtenTo, pool)) {
                boolean refuse = random.nextBoolean();
                int after = random.nextInt(4);
                AtomicInteger batches = new AtomicInteger();
                if (refuse) {
                    pool.refuseOnce(PoolException.Kind.INVALID, b -> batches.incrementAndGet() > after);
                }
                int before = pool.batches().size();
                int enough = 1 + random.nextInt(30);
                await().atMost(LONG).until(() -> pool.batches().size() > before + enough);
                assertThat(running.state().connector()).isEqualTo("community");
            }
        }
        writing.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(faults).isEmpty();
        Map<String, String> expected = names();
        try (Running running = new Running(writtenTo, pool)) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(differences(expected, pool))
                            .as("seed %s, %s", seed, running.state())
                            .isEmpty());
            assertThat(running.state().connector()).isEqualTo("community");
        }
        assertThat(pool.counts("community", "home").isBalanced()).isTrue();
    }

    private static void write(Random random, AtomicBoolean writing) throws SQLException {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (writing.get()) {
                // Ids in rising order within a transaction, so that two writers never wait for each other in a ring.
                int id = 1 + random.nextInt(1000);
                for (int i = random.nextInt(8); i >= 0; i--) {
                    switch (random.nextInt(4)) {
                        case 0 -> statement.execute("delete from t_fw where fw_id = " + id);
                        case 1 ->
                            statement.execute(home(id, "新" + random.nextInt(10000) + "小区")
                                    .replace("insert into", "insert ignore into"));
                        default ->
                            statement.execute("update t_fw set xqmc = '第" + random.nextInt(10000)
                                    + "小区' where fw_id between " + id + " and " + (id + 1));
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

    private static void units(int id, byte[] name, byte[] head) throws SQLException {
        try (Connection connection = system.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "insert into t_dw values (?, '110101001001', null, null, ?, '2', null, ?, null, null, '1',"
                                + " '2024-03-01 09:30:00')")) {
            insert.setInt(1, id);
            insert.setBytes(2, name);
            insert.setBytes(3, head);
            insert.executeUpdate();
        }
    }

    private static void residents(int id, byte[] name) throws SQLException {
        try (Connection connection = system.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "insert into t_rk values (?, null, '110101001001', ?, '1', null, null, '01', '13', '20', null,"
                                + " null, '01', '1', '1', null, '2024-03-01 09:30:00',"
                                + " null, null)")) {
            insert.setInt(1, id);
            insert.setBytes(2, name);
            insert.executeUpdate();
        }
    }
}
