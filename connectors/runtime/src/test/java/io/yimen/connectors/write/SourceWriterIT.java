package io.yimen.connectors.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.write.SourceWriter.Outcome;
import io.yimen.connectors.write.SourceWriter.Result;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.simulators.CommunitySystem;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Writing into real databases. */
class SourceWriterIT {
    @TempDir
    static Path folder;

    private static final Outcome WRITTEN = new Outcome(Result.WRITTEN, null);

    private static WriteBacks.Order order(String record, String field, String says, String right) {
        String[] parts = record.split("/");
        return new WriteBacks.Order(7, new RecordRef(new StreamId(parts[0], parts[1]), parts[2]), field, says, right);
    }

    private static Outcome later(String code) {
        return new Outcome(Result.LATER, code);
    }

    private static Outcome refused(String code) {
        return new Outcome(Result.REFUSED, code);
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class IntoPostgres {
        private EmbeddedPostgres server;

        @BeforeAll
        void start() throws Exception {
            server = EmbeddedPostgres.builder()
                    .setPgBinaryResolver(
                            (system, machine) -> SourceWriterIT.class.getResourceAsStream("/postgres-linux-x86_64.txz"))
                    .setServerConfig("wal_level", "logical")
                    // A commit is in the log that others read when it returns.
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .start();
            run(
                    server.getPostgresDatabase().getConnection(),
                    """
                    create table t_jw(jw_id int primary key, jwmc varchar(20) check (jwmc <> '禁'), lx char(1),
                      xzqh char(12), qx varchar, jz varchar, tyshxydm varchar(18), zt char(1), gxsj timestamp)
                    """,
                    """
                    create table t_hxr(hxr_id int primary key, xj_id int, jw_id int, xzqh char(12), xm varchar(50),
                      xb char(1), sfzh varchar(18), csrq varchar(8), mz char(2), zzmm char(2), whcd char(2),
                      sjh varchar(20) not null, zw char(1), dps int, sfdx char(1), gxsj timestamp)
                    """,
                    """
                    insert into t_jw values (1, '北京市东城区东华门街道多福巷社区居委会', '1', '110101001001', '东城区',
                      '东华门街道', null, '0', '2024-01-01')
                    """,
                    """
                    insert into t_hxr values (1, 1, 1, '110101001001', '张三', '1', null, null, '01', '13', '20',
                      '138 0000 0000', '1', null, null, '2024-01-01')
                    """,
                    "select pg_create_logical_replication_slot('other', 'test_decoding')");
        }

        @AfterAll
        void stop() throws IOException {
            server.close();
        }

        private Connector connector(int port) {
            return Catalog.connector(
                    "election",
                    Map.of(
                            "jdbc-url",
                            "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                            "username",
                            "postgres",
                            "password",
                            "postgres"));
        }

        private Outcome write(WriteBacks.Order order) {
            return SourceWriter.of(connector(server.getPort())).write(order);
        }

        private String source(String sql) throws SQLException {
            return text(server.getPostgresDatabase().getConnection(), sql);
        }

        @Test
        void aValueIsWrittenAsItsSystemWritesItAndLeavesAMarkInItsLog() throws Exception {
            assertThat(write(order("election/committee/1", "name", "多福巷社区居委会", "银闸社区居委会")))
                    .isEqualTo(WRITTEN);
            assertThat(source("select jwmc from t_jw")).isEqualTo("北京市东城区东华门街道银闸社区居委会");
            assertThat(source(
                            "select (now() at time zone 'Asia/Shanghai' - gxsj) between '-1 s' and '1 min' from t_jw"))
                    .as("touched, in the system's zone")
                    .isEqualTo("t");
            assertThat(source("select string_agg(data, ';') from pg_logical_slot_get_changes('other', null, null)"))
                    .contains("transactional: 1 prefix: yimen, sz: 8 content:ticket/7");

            String before = source("select xmin::text from t_jw");
            assertThat(write(order("election/committee/1", "name", "多福巷社区居委会", "银闸社区居委会")))
                    .as("twice is once")
                    .isEqualTo(WRITTEN);
            assertThat(source("select xmin::text from t_jw")).isEqualTo(before);
        }

        @Test
        void whatAClerkTypedMeanwhileIsNotLost() throws Exception {
            WriteBacks.Order order = order("election/candidate-person/1", "education", "10", "30");
            assertThat(write(order)).isEqualTo(later("changed"));
            assertThat(source("select whcd from t_hxr")).isEqualTo("20");
            assertThat(write(order("election/candidate-person/404", "education", "20", "30")))
                    .isEqualTo(later("no-such-row"));
        }

        @Test
        void whatTheSystemForbidsIsRefusedAndNothingIsChanged() throws Exception {
            run(server.getPostgresDatabase().getConnection(), """
                    insert into t_jw values (2, '甲', '1', '110101001001', '东城区', '东华门街道', null, '0', '2024-01-01')
                    """);
            assertThat(write(order("election/committee/2", "name", "甲", "禁"))).isEqualTo(refused("constraint"));
            assertThat(write(order("election/committee/2", "name", "甲", "一二三四五六七八九十一二三四五六七八九十一")))
                    .isEqualTo(refused("value"));
            assertThat(write(order("election/candidate-person/1", "phone", "13800000000", "")))
                    .as("not null")
                    .isEqualTo(refused("constraint"));
            assertThat(write(order("election/candidate-person/1", "idNumber", "", "11010519491231002X")))
                    .as("the manifest does not let it")
                    .isEqualTo(refused("not-writable"));
            assertThat(write(order("election/candidate-person/1", "sex", "1", "3")))
                    .isEqualTo(refused("value"));
            assertThat(source("select jwmc || gxsj from t_jw where jw_id = 2")).isEqualTo("甲2024-01-01 00:00:00");
        }

        @Test
        void aKeyIsDataAndNothingElse() throws Exception {
            assertThat(write(order("election/candidate-person/1 or true", "education", "20", "30")))
                    .isEqualTo(refused("value"));
            assertThat(source("select whcd from t_hxr")).isEqualTo("20");
        }

        @Test
        void whoeverHoldsTheRowIsWaitedForShortlyAndASystemThatIsAwayIsTriedLater() throws Exception {
            try (Connection clerk = server.getPostgresDatabase().getConnection();
                    Statement statement = clerk.createStatement()) {
                clerk.setAutoCommit(false);
                statement.execute("select from t_hxr where hxr_id = 1 for update");
                assertThat(write(order("election/candidate-person/1", "ethnicity", "01", "02")))
                        .isEqualTo(later("sqlstate-55P03"));
                clerk.rollback();
            }
            Connector away = connector(1);
            assertThat(SourceWriter.of(away)
                            .write(order("election/candidate-person/1", "ethnicity", "01", "02"))
                            .result())
                    .isEqualTo(Result.LATER);
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
    class IntoMariaDb {
        private CommunitySystem system;

        @BeforeAll
        void start() {
            system = CommunitySystem.start(folder.resolve("community"), CommunitySystem.Options.small(7));
        }

        @AfterAll
        void stop() {
            system.close();
        }

        private Outcome write(WriteBacks.Order order) {
            return SourceWriter.of(Catalog.connector(
                            "community",
                            Map.of(
                                    "jdbc-url",
                                    system.jdbcUrl(),
                                    "username",
                                    CommunitySystem.CAPTURE_USER,
                                    "password",
                                    system.capturePassword())))
                    .write(order);
        }

        private void resident(int id, byte[] name) throws SQLException {
            try (Connection connection = system.connect();
                    PreparedStatement insert = connection.prepareStatement(
                            "replace into t_rk values (?, null, '110101001001', ?, '1', null, '1990-01-02', '01', '13',"
                                    + " '20', '无', null, '01', '1', '1', null, '2024-03-01 09:30:00', null, null)")) {
                insert.setInt(1, id);
                insert.setBytes(2, name);
                insert.executeUpdate();
            }
        }

        @Test
        void rareCharactersAreWrittenAsTheBytesOfTheColumn() throws Exception {
            Charset gb18030 = Charset.forName("GB18030");
            resident(9_000_001, "张三".getBytes(gb18030));
            assertThat(write(order("community/resident/9000001", "name", "张三", "李䶮")))
                    .isEqualTo(WRITTEN);
            assertThat(text(system.connect(), "select hex(xm) from t_rk where rk_id = 9000001"))
                    .isEqualTo(HexFormat.of().withUpperCase().formatHex("李䶮".getBytes(gb18030)));
            assertThat(write(order("community/resident/9000001", "name", "李䶮", "王五")))
                    .as("and read as such")
                    .isEqualTo(WRITTEN);
        }

        @Test
        void datesAndNothingAndTimesOfWritingAreWritten() throws Exception {
            resident(9_000_002, "abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(write(order("community/resident/9000002", "birthDate", "1990-01-02", "1990-01-03")))
                    .isEqualTo(WRITTEN);
            assertThat(write(order("community/resident/9000002", "phone", "", "13900139000")))
                    .isEqualTo(WRITTEN);
            assertThat(write(order("community/resident/9000002", "education", "20", "")))
                    .isEqualTo(WRITTEN);
            assertThat(text(
                            system.connect(),
                            "select concat(csrq, lxdh, whcd is null, gxsj > '2025-01-01') from t_rk"
                                    + " where rk_id = 9000002"))
                    .isEqualTo("1990-01-031390013900011");
        }

        @Test
        void aRightThatIsMissingIsNamedAndTheValueWaitsForIt() throws Exception {
            resident(9_000_004, "abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            String user = CommunitySystem.CAPTURE_USER + "@'127.0.0.1'";
            run(system.connect(), "revoke update (lxdh) on sqgl.t_rk from " + user);
            WriteBacks.Order order = order("community/resident/9000004", "phone", "", "13900139000");
            assertThat(write(order)).isEqualTo(later("privileges"));
            run(system.connect(), "grant update (lxdh) on sqgl.t_rk to " + user);
            assertThat(write(order)).isEqualTo(WRITTEN);
        }

        @Test
        void whatDoesNotFitIsRefusedNeverCutOff() throws Exception {
            resident(9_000_003, "abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(write(order("community/resident/9000003", "name", "abc", "长".repeat(60))))
                    .isEqualTo(refused("value"));
            assertThat(write(order("community/resident/9000003", "name", "ABC", "王五")))
                    .isEqualTo(later("changed"));
            assertThat(text(system.connect(), "select xm from t_rk where rk_id = 9000003"))
                    .isEqualTo("abc");
        }
    }
}
