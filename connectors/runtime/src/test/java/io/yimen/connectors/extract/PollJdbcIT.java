package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.PoolException;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.ServicePlatform;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PollJdbcIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static ServicePlatform system;

    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void start() {
        system = ServicePlatform.start(folder.resolve("centre"), ServicePlatform.Options.of(7, 600));
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    private static Connector connector(Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.putIfAbsent("jdbc-url", system.jdbcUrl());
        parameters.putIfAbsent("interval", "PT0.1S");
        parameters.put("username", ServicePlatform.READER);
        parameters.put("password", system.password());
        return Catalog.connector("service-platform", parameters);
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set time zone 'Asia/Shanghai'");
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static void insert(int id, String stamp) throws SQLException {
        sql("insert into t_bj select " + id + ", 'SQ2026-9" + id + "', 1, '居住证申领', '李䶮𠮷', '11010119860725997X',"
                + " null, '110101001001', '1', '01', current_date, null, null, null, null, " + stamp);
    }

    private void awaitLive() {
        await().atMost(LONG)
                .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
    }

    /** What the cases say in the source, by key. */
    private static Map<String, String> states() throws SQLException {
        Map<String, String> states = new TreeMap<>();
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select bj_id, slbh || coalesce(bljg, '') from t_bj")) {
            while (rows.next()) {
                states.put(rows.getString(1), rows.getString(2));
            }
        }
        return states;
    }

    private Map<String, String> known() {
        Map<String, String> states = new TreeMap<>();
        pool.keys("service-platform/case")
                .forEach(key -> states.put(
                        key,
                        pool.value("service-platform/case/" + key, "number")
                                + pool.value("service-platform/case/" + key, "result")));
        return states;
    }

    @Test
    void readsAllFollowsWhatChangesAndResumesWithoutReadingItAgain() throws Exception {
        long cases = states().size();
        try (Running running = new Running(connector(Map.of("whole", "P1D")), pool)) {
            awaitLive();
            assertThat(known()).isEqualTo(states());
            assertThat(pool.keys("service-platform/item")).hasSize(ServicePlatform.ITEMS);
            assertThat(pool.keys("service-platform/applicant").size()).isBetween((int) cases - 20, (int) cases);
            assertThat(pool.runs().get(0).kind()).isEqualTo("snapshot");
            assertThat(pool.runs().get(0).expected())
                    .isEqualTo(ServicePlatform.ITEMS
                            + 2 * cases
                            + pool.keys("service-platform/figure").size());
            assertThat(running.state().notice().orElse("")).contains("t_bj.bz");

            insert(900_001, "now()");
            sql(
                    "update t_yb set sls = 4711, bbh = nextval('s_bbh') where (sqbm, sx_id, yf) = (select sqbm, sx_id, yf"
                            + " from t_yb order by sqbm, sx_id, yf limit 1)",
                    "update t_bj set bljg = '已补正', gxsj = now() where bj_id = 2");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool.value("service-platform/case/2", "result"))
                            .isEqualTo("已补正"));
            await().atMost(LONG)
                    .until(() -> pool.records().entrySet().stream()
                            .anyMatch(e -> e.getKey().startsWith("service-platform/figure/")
                                    && "4711".equals(e.getValue().get("accepted"))));
            assertThat(pool.value("service-platform/applicant/900001", "name")).isEqualTo("李䶮𠮷");
        }
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        int batches = pool.batches().size();
        sql("update t_bj set bljg = '又补正', gxsj = now() where bj_id = 3");
        try (Running running = new Running(connector(Map.of("whole", "P1D")), pool)) {
            await().atMost(LONG)
                    .until(() -> pool.value("service-platform/case/3", "result").equals("又补正"));
            assertThat(pool.lastRun().kind()).isEqualTo("poll");
            assertThat(running.state().error()).isEmpty();
        }
        // What lies within the overlap comes again, and no more.
        assertThat(pool.batches().stream().skip(batches).flatMap(b -> b.events().stream()))
                .noneMatch(e -> e.stream().id().stream().equals("item"))
                .noneMatch(
                        e -> e.stream().id().stream().equals("case") && e.key().equals("7"));
        assertThat(pool.counts("service-platform", "case").isBalanced()).isTrue();
        sql("delete from t_bj where bj_id = 900001");
    }

    @Test
    void whatTheWatermarkDidNotTellIsFoundByReadingAgain() throws Exception {
        Connector connector = connector(Map.of("whole", "P1D"));
        insert(900_003, "now()");
        try (Running running = new Running(connector, pool)) {
            awaitLive();
            sql(
                    "update t_bj set bljg = '手工改过', gxsj = gxsj - interval '1 year' where bj_id = 4",
                    "delete from t_bj where bj_id = 900003",
                    "update t_bj set bljg = '已补正', gxsj = now() where bj_id = 5");
            await().atMost(LONG)
                    .until(() -> pool.value("service-platform/case/5", "result").equals("已补正"));
            assertThat(known()).isNotEqualTo(states());
            assertThat(running.state().error()).isEmpty();
        }
        pool.askReread("service-platform", Set.of("case"), "somebody");
        AtomicInteger batches = new AtomicInteger();
        // Killed after it was taken: what is left of the read is gone on with.
        pool.refuseOnce(PoolException.Kind.INVALID, b -> b.events().size() > 50 && batches.incrementAndGet() == 1);
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG).until(() -> running.state().failures() > 0);
            assertThat(pool.listRereads()).isEmpty();
        }
        int before = pool.runs().size();
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG)
                    .until(() -> pool.runs().size() > before && pool.lastRun().status() == RunStatus.LIVE);
            assertThat(known()).isEqualTo(states());
            assertThat(pool.lastRun().kind()).isEqualTo("poll");
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(pool.runs().subList(before, pool.runs().size()))
                .extracting(RecordingPool.Run::kind)
                .containsExactly("reread", "poll");
        assertThat(pool.batches().stream().flatMap(b -> b.events().stream()))
                .as("other tables are not read again")
                .filteredOn(e -> e.stream().id().stream().equals("item"))
                .hasSize(ServicePlatform.ITEMS);
    }

    @Test
    void aSecondStartReadsNothingAgain() throws Exception {
        ConnectorRun.once(connector(Map.of("whole", "P1D")), pool, pool, Clock.systemUTC());
        int batches = pool.batches().size();
        assertThat(pool.keys("service-platform/item")).hasSize(ServicePlatform.ITEMS);
        ConnectorRun.once(connector(Map.of("whole", "P1D")), pool, pool, Clock.systemUTC());
        assertThat(pool.batches().stream()
                        .skip(batches)
                        .mapToInt(b -> b.events().size()))
                .allMatch(events -> events == 0);
        assertThat(pool.counts("service-platform", "item").applied()).isEqualTo(ServicePlatform.ITEMS);
        assertThat(pool.counts("service-platform", "item").unchanged()).isZero();
    }

    @Test
    void withoutAPauseEveryReadThatEndsFindsWhatIsGone() throws Exception {
        Clock first = Clock.fixed(Instant.now(), ZoneOffset.UTC);
        insert(900_005, "now()");
        ConnectorRun.once(connector(Map.of("whole", "PT0S")), pool, pool, first);
        assertThat(pool.keys("service-platform/case")).contains("900005");
        sql("delete from t_bj where bj_id = 900005");
        Clock second = Clock.offset(first, Duration.ofMillis(1));
        ConnectorRun.once(connector(Map.of("whole", "PT0S")), pool, pool, second);
        assertThat(pool.keys("service-platform/case")).doesNotContain("900005");
    }

    @Test
    void aTransactionThatEndsLateIsReadAllTheSame() throws Exception {
        try (Running running = new Running(connector(Map.of()), pool);
                Connection late = system.connect()) {
            awaitLive();
            late.setAutoCommit(false);
            try (Statement statement = late.createStatement()) {
                statement.execute("set time zone 'Asia/Shanghai'");
                statement.execute(
                        "insert into t_bj select 900011, 'SQ2026-900011', sx_id, sxmc, sqrxm, sqrsfzh, sqrdh, sqbm, slqd,"
                                + " zt, slrq, cnrq, bjrq, bljg, bz, now() - interval '90 seconds' from t_bj where bj_id = 5");
            }
            insert(900_012, "now()");
            await().atMost(LONG).until(() -> pool.keys("service-platform/case").contains("900012"));
            assertThat(pool.keys("service-platform/case")).doesNotContain("900011");
            late.commit();
            await().atMost(LONG).until(() -> pool.keys("service-platform/case").contains("900011"));
            assertThat(running.state().failures()).isZero();
        }
        sql("delete from t_bj where bj_id > 900000");
    }

    @Test
    void aTimeInTheFarFutureHidesNothing() throws Exception {
        try (Running running = new Running(connector(Map.of()), pool)) {
            awaitLive();
            insert(900_021, "'2099-01-01 00:00:00'");
            await().atMost(LONG).until(() -> pool.keys("service-platform/case").contains("900021"));
            insert(900_022, "now()");
            await().atMost(LONG).until(() -> pool.keys("service-platform/case").contains("900022"));
            assertThat(running.state().failures()).isZero();
        }
        sql("delete from t_bj where bj_id > 900000");
    }

    @Test
    void aComparisonFindsWhatIsGoneAndRetiresNothingBeyondTheBrake() throws Exception {
        sql("create table away as select * from t_bj where bj_id between 10 and 60");
        try (Running running = new Running(connector(Map.of("whole", "PT1S")), pool)) {
            awaitLive();
            sql("delete from t_bj where bj_id = 10");
            await().atMost(LONG).until(() -> !pool.keys("service-platform/case").contains("10"));
            assertThat(pool.keys("service-platform/applicant")).doesNotContain("10");

            sql("delete from t_bj where bj_id between 11 and 60");
            await().atMost(LONG).until(() -> pool.runs().stream().anyMatch(r -> r.status() == RunStatus.RED));
            assertThat(pool.keys("service-platform/case")).contains("11", "60");
            assertThat(running.state().notice().orElse("")).isNotEmpty();
            // A person decides about what is missing; meanwhile changes come.
            insert(900_031, "now()");
            await().atMost(LONG).until(() -> pool.keys("service-platform/case").contains("900031"));
            assertThat(running.state().failures()).isZero();
        }
        assertThatThrownBy(() -> ConnectorRun.once(connector(Map.of("whole", "PT1S")), pool, pool, Clock.systemUTC()))
                .isInstanceOf(PoolException.class);
        // Raised by a person, it is done.
        ConnectorRun.once(connector(Map.of("whole", "PT1S", "brake", "1")), pool, pool, Clock.systemUTC());
        assertThat(pool.keys("service-platform/case")).doesNotContain("11", "60");
        sql("insert into t_bj select * from away", "drop table away", "delete from t_bj where bj_id > 900000");
    }

    @Test
    void aSourceThatIsKilledInTheMiddleIsReadOn() throws Exception {
        try (Running running = new Running(connector(Map.of("whole", "PT1S")), pool)) {
            awaitLive();
            for (int i = 0; i < 3; i++) {
                system.step(20);
                system.database().kill();
                await().atMost(LONG).until(() -> running.state().failures() > 0);
                system.database().start();
            }
            // The last of them ends what a clerk has left open.
            system.step(30);
            await().atMost(LONG).untilAsserted(() -> assertThat(known()).isEqualTo(states()));
        }
    }

    @Test
    void aRowThatWasCorrectedByHandIsFoundWhereAllRowsAreRead() throws Exception {
        ConnectorRun.once(connector(Map.of("whole", "PT1S")), pool, pool, Clock.systemUTC());
        sql("update t_sx set sxmc = '居住证申领（新）' where sx_id = 1");
        try (Running running = new Running(connector(Map.of("whole", "PT1S")), pool)) {
            await().atMost(LONG)
                    .until(() -> pool.value("service-platform/item/1", "name").contains("新"));
            assertThat(running.state().failures()).isZero();
        }
        sql("update t_sx set sxmc = '居住证申领' where sx_id = 1");
    }

    @Test
    void aSlowSourceIsAskedForLessAndLater(@TempDir Path manifests) throws Exception {
        EmbeddedDatabase database = system.database();
        database.createDatabase("slow");
        try (Connection admin = database.connect("slow");
                Statement statement = admin.createStatement()) {
            statement.execute("create table t_jl (bh int primary key, bt text, nr text, rq date, gx timestamptz)");
            statement.execute(
                    "insert into t_jl select i, '标题' || i, '内容', '2026-01-01', now() from generate_series(1, 1000) i");
            statement.execute("grant select on t_jl to " + ServicePlatform.READER);
            Connector connector = JdbcManifests.connector(
                    JdbcManifests.of(manifests, "poll-jdbc", """
                              timeout: PT1S
                              pageSize: 100
                              whole: PT1S
                              tables: {t_jl: {watermark: gx}}
                            """),
                    database.jdbcUrl("slow"),
                    ServicePlatform.READER,
                    system.password());
            admin.setAutoCommit(false);
            statement.execute("lock table t_jl in access exclusive mode");
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG)
                        .until(() -> running.state().error().orElse("").startsWith("source-slow"));
                admin.commit();
                await().atMost(LONG)
                        .untilAsserted(
                                () -> assertThat(pool.keys("records/record")).hasSize(1000));
                // A large table is never held as a whole.
                assertThat(pool.batches()).allMatch(b -> b.events().size() <= 100);
                // The first pages are read again once it answers; a column that is gone is said by name.
                statement.execute("alter table t_jl drop column nr");
                admin.commit();
            }
            assertThatThrownBy(() -> ConnectorRun.once(connector, pool, pool, Clock.systemUTC()))
                    .isInstanceOf(ConnectorException.class)
                    .hasMessageContaining("missing-column")
                    .hasMessageContaining("nr");
        }
    }

    @Test
    void hostileAddressesStopTheStart() {
        assertThatThrownBy(() -> connector(Map.of(
                        "jdbc-url", system.jdbcUrl() + "?socketFactory=java.io.FileOutputStream&socketFactoryArg=x")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("yimen.connector.service-platform.jdbc-url")
                .hasMessageContaining("socketFactory");
    }
}
