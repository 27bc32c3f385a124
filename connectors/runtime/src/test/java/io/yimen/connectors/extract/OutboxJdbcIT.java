package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.PoolException;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.SmartCommunity;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxJdbcIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static SmartCommunity system;

    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void start() {
        system = SmartCommunity.start(folder.resolve("centre"), SmartCommunity.Options.of(7, 600));
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    private static Connector connector(Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("jdbc-url", system.jdbcUrl());
        parameters.put("interval", "PT0.05S");
        parameters.put("username", SmartCommunity.READER);
        parameters.put("password", system.password());
        return Catalog.connector("smart-community", parameters);
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static Map<String, String> ask(Connection connection, String sql) throws SQLException {
        Map<String, String> answer = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                answer.put(rows.getString(1), rows.getString(2));
            }
        }
        return answer;
    }

    private static Map<String, String> source() throws SQLException {
        try (Connection connection = system.connect()) {
            return ask(
                    connection,
                    "select 'task/' || rw_id, case zt when '1' then 'DONE' else 'OPEN' end from t_rw union all"
                            + " select 'report/' || sb_id, bt from t_sb where lx in ('1', '2') union all"
                            + " select 'resident/' || cj_id, sqbm from t_cjry");
        }
    }

    private Map<String, String> known() {
        Map<String, String> known = new TreeMap<>();
        pool.records().forEach((id, values) -> {
            String key = id.substring("smart-community/".length());
            known.put(
                    key,
                    key.startsWith("task/")
                            ? values.get("state")
                            : key.startsWith("report/")
                                    ? values.get("title")
                                    : values.getOrDefault("place", "").replace("place-code:2023|", ""));
        });
        return known;
    }

    private static long waiting() throws SQLException {
        try (Connection connection = system.connect()) {
            return ask(connection, "select id::text, op from yimen_outbox").size();
        }
    }

    private void awaitLive() {
        await().atMost(LONG)
                .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
    }

    @Test
    void theSimulatorRanExactlyTheScriptThatIsPrinted() {
        assertThat(JdbcScript.of(Catalog.manifest("smart-community"), "postgresql", "yimen"))
                .isEqualTo(SmartCommunity.script());
    }

    @Test
    void equalsItsSourceWhateverHappensOnTheWay() throws Exception {
        try (Running running = new Running(connector(Map.of()), pool)) {
            awaitLive();
            assertThat(known()).isEqualTo(source());
            assertThat(pool.rejected()).isEmpty();
            system.step(40);
            // A pool that refuses a batch for good: it comes again, for nothing of it was acknowledged.
            pool.refuseOnce(PoolException.Kind.INVALID, b -> !b.events().isEmpty());
            system.step(40);
            await().atMost(LONG).untilAsserted(() -> assertThat(known()).isEqualTo(source()));
            assertThat(running.state().failures()).isZero();
        }
        // While nobody reads, and with the server killed in the middle of reading.
        system.step(40);
        assertThat(waiting()).isPositive();
        try (Running running = new Running(connector(Map.of()), pool)) {
            awaitLive();
            system.database().kill();
            await().atMost(LONG).until(() -> running.state().failures() > 0);
            system.database().start();
            system.step(20);
            await().atMost(LONG).untilAsserted(() -> assertThat(known()).isEqualTo(source()));
            await().atMost(LONG).untilAsserted(() -> assertThat(waiting()).isZero());
            assertThat(pool.runs().stream().filter(r -> r.kind().equals("snapshot")))
                    .hasSize(1);
        }
    }

    @Test
    void whatNoTriggerToldIsFoundByReadingAgain() throws Exception {
        sql("insert into t_rw values (90011, '任务', null, '2026-03-01', '0', '110101001001')");
        try (Running running = new Running(connector(Map.of()), pool)) {
            awaitLive();
            sql(
                    "alter table t_rw disable trigger all",
                    "update t_rw set zt = '1' where rw_id = 90011",
                    "insert into t_rw values (90012, '任务', null, '2026-03-01', '0', '110101001001')",
                    "delete from t_rw where rw_id = 1",
                    "alter table t_rw enable trigger all");
            sql("insert into t_rw values (90013, '任务', null, '2026-03-01', '0', '110101001001')");
            await().atMost(LONG).until(() -> pool.keys("smart-community/task").contains("90013"));
            assertThat(known()).isNotEqualTo(source());
            assertThat(running.state().error()).isEmpty();
        }
        pool.askReread("smart-community", Set.of("task"), "somebody");
        ConnectorRun.once(connector(Map.of()), pool, pool, Clock.systemUTC());
        assertThat(known()).isEqualTo(source());
        assertThat(pool.lastRun().kind()).isEqualTo("reread");
        assertThat(pool.listRereads()).isEmpty();
        sql("delete from t_rw where rw_id > 90000");
    }

    @Test
    void aTransactionThatEndsLateIsNotLost() throws Exception {
        try (Running running = new Running(connector(Map.of()), pool);
                Connection late = system.connect()) {
            awaitLive();
            late.setAutoCommit(false);
            try (Statement statement = late.createStatement()) {
                statement.execute("insert into t_rw values (90001, '迟到的任务', '䶮𠮷', '2026-03-01', '0', '110101001001')");
            }
            sql("insert into t_rw values (90002, '先到的任务', null, '2026-03-01', '0', '110101001001')");
            await().atMost(LONG).until(() -> pool.keys("smart-community/task").contains("90002"));
            assertThat(pool.keys("smart-community/task")).doesNotContain("90001");
            late.commit();
            await().atMost(LONG)
                    .until(() ->
                            pool.value("smart-community/task/90001", "text").equals("䶮𠮷"));
            sql("update t_rw set rw_id = 90003 where rw_id = 90001", "delete from t_rw where rw_id = 90002");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool.keys("smart-community/task"))
                            .contains("90003")
                            .doesNotContain("90001", "90002"));
            assertThat(running.state().failures()).isZero();
        }
        sql("delete from t_rw where rw_id > 90000");
    }

    @Test
    void whatLeavesItsStreamAndWhatIsTruncatedIsRetired() throws Exception {
        sql(
                "create table away as select * from t_sb",
                "insert into t_sb values (90001, '上报', '1', '2026-03-01', null, '110101001001')");
        try (Running running = new Running(connector(Map.of("brake", "1")), pool)) {
            awaitLive();
            assertThat(pool.keys("smart-community/report")).contains("90001");
            sql("update t_sb set lx = '0' where sb_id = 90001");
            await().atMost(LONG)
                    .until(() -> !pool.keys("smart-community/report").contains("90001"));
            sql("truncate t_sb");
            await().atMost(LONG).until(() -> pool.keys("smart-community/report").isEmpty());
            sql("insert into t_sb select * from away");
            await().atMost(LONG).untilAsserted(() -> assertThat(known()).isEqualTo(source()));
            assertThat(running.state().failures()).isZero();
        }
        sql("drop table away");
    }

    @Test
    void aPlaceThatIsRememberedLosesNoTransaction(@TempDir Path manifests) throws Exception {
        EmbeddedDatabase database = system.database();
        database.createDatabase("places");
        Manifest manifest = JdbcManifests.of(manifests, "outbox-jdbc", """
                  acknowledge: offset
                  pageSize: 3
                """);
        Connector connector =
                JdbcManifests.connector(manifest, database.jdbcUrl("places"), SmartCommunity.READER, system.password());
        try (Connection admin = database.connect("places");
                Connection late = database.connect("places");
                Statement statement = admin.createStatement()) {
            statement.execute("create table t_jl (bh char(12) primary key, bt text, nr text, rq date)");
            statement.execute(JdbcScript.of(manifest, "postgresql", SmartCommunity.READER));
            statement.execute("insert into t_jl select 'k' || i, '标题' from generate_series(1, 10) i");
            try (Running running = new Running(connector, pool)) {
                awaitLive();
                late.setAutoCommit(false);
                late.createStatement().execute("insert into t_jl values ('late', '迟到')");
                statement.execute("insert into t_jl values ('early', '先到')");
                statement.execute("update t_jl set bt = '改' where bh = 'k3'");
                statement.execute("delete from t_jl where bh = 'k4'");
                // What was begun before is still open: nothing behind it is taken, or it could be passed over.
                late.commit();
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(pool.keys("records/record"))
                                .contains("late", "early", "k10")
                                .doesNotContain("k4"));
                assertThat(pool.value("records/record/k3", "title")).isEqualTo("改");
                assertThat(running.state().failures()).isZero();
            }
            long kept = ask(admin, "select id::text, op from yimen_outbox").size();
            assertThat(kept).isEqualTo(14);
            int batches = pool.batches().size();
            statement.execute("insert into t_jl values ('next', '再')");
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG).until(() -> pool.keys("records/record").contains("next"));
                assertThat(running.state().failures()).isZero();
            }
            assertThat(pool.batches().stream()
                            .skip(batches)
                            .mapToInt(b -> b.events().size())
                            .sum())
                    .isEqualTo(1);
        }
    }
}
