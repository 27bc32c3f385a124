package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Connector;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.EmbeddedMariaDb;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class JdbcMariaDbIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Charset GB18030 = Charset.forName("GB18030");
    private static final String USER = "yimen@127.0.0.1";
    private static final String PASSWORD = "synthetic";

    @TempDir
    static Path folder;

    private static EmbeddedMariaDb server;
    private static int databases;

    private final RecordingPool pool = new RecordingPool();
    private final String database = "jl" + ++databases;

    @BeforeAll
    static void start() throws SQLException {
        server = EmbeddedMariaDb.start(folder.resolve("mariadb"));
        try (Connection connection = server.connect("");
                Statement statement = connection.createStatement()) {
            statement.execute("create user yimen@'127.0.0.1' identified by '" + PASSWORD + "'");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A table of GBK, with what the script says about it. */
    private Connector connector(Path manifests, String kind, String settings) throws SQLException {
        Manifest manifest = JdbcManifests.of(manifests, kind, settings);
        try (Connection connection = server.connect("");
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + database + " character set gbk");
        }
        sql(
                "create table t_jl (bh varchar(20) primary key, bt varchar(60), nr text character set latin1, rq date,"
                        + " gx timestamp not null default current_timestamp on update current_timestamp,"
                        + " bz varchar(20)) engine=InnoDB",
                JdbcScript.of(manifest, "mariadb", USER));
        return JdbcManifests.connector(manifest, server.jdbcUrl(database), "yimen", PASSWORD);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                server.jdbcUrl(database) + "?allowMultiQueries=true&sessionVariables=sql_mode=''",
                EmbeddedMariaDb.ADMIN,
                server.password());
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** Texts go in as their bytes, as the system's own programs put them there. */
    private static void put(Connection connection, String key, byte[] title, String text) throws SQLException {
        put(connection, key, title, text.getBytes(GB18030));
    }

    private static void put(Connection connection, String key, byte[] title, byte[] text) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("replace into t_jl (bh, bt, nr, rq) values (?, ?, ?, '2026-03-01')")) {
            insert.setBytes(1, key.getBytes(GB18030));
            insert.setBytes(2, title);
            insert.setBytes(3, text);
            insert.executeUpdate();
        }
    }

    private void awaitLive() {
        await().atMost(LONG)
                .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
    }

    private String title(String key) {
        return pool.value("records/record/" + key, "title");
    }

    @Test
    void pollsTablesOfGbkByKeysOfGbk(@TempDir Path manifests) throws Exception {
        Connector connector = connector(manifests, "poll-jdbc", """
                  pageSize: 7
                  whole: PT1S
                  charsets: {t_jl: GB18030}
                  tables: {t_jl: {watermark: gx, overlap: PT1M}}
                """);
        try (Connection connection = connect()) {
            for (int i = 0; i < 60; i++) {
                put(connection, (i % 2 == 0 ? "多福巷" : "啊") + i, ("标题䶮" + i).getBytes(GB18030), "内容䶮" + i);
            }
            sql("update t_jl set rq = '0000-00-00', gx = gx where bh = 'x'");
            try (Running running = new Running(connector, pool)) {
                awaitLive();
                assertThat(pool.keys("records/record")).hasSize(60);
                assertThat(IntStream.range(0, 60))
                        .allMatch(i -> title((i % 2 == 0 ? "多福巷" : "啊") + i).equals("标题䶮" + i));
                assertThat(pool.value("records/record/啊1", "text")).isEqualTo("内容䶮1");

                put(connection, "啊1", "改䶮".getBytes(GB18030), "x");
                // Half a character: a program that cuts texts by bytes leaves such.
                put(connection, "坏", "坏".getBytes(GB18030), new byte[] {(byte) 0xD5, (byte) 0xC5, (byte) 0xB2});
                put(connection, "零", "零日".getBytes(GB18030), "x");
                sql("update t_jl set rq = '0000-00-00' where bt = x'" + hex("零日") + "'");
                await().atMost(LONG)
                        .until(() -> title("啊1").equals("改䶮") && title("零").equals("零日"));
                await().atMost(LONG)
                        .until(() -> pool.rejected().stream()
                                .anyMatch(r -> r.reason().equals("undecodable")
                                        && r.key().equals("坏")));
                await().atMost(LONG)
                        .until(() -> pool.value("records/record/零", "date").isEmpty());
                sql("delete from t_jl where bt = x'" + hex("标题䶮7") + "'");
                await().atMost(LONG).until(() -> !pool.keys("records/record").contains("啊7"));
                assertThat(running.state().failures()).isZero();
            }
        }
    }

    private static String hex(String text) {
        return java.util.HexFormat.of().formatHex(text.getBytes(GB18030));
    }

    @Test
    void followsAnOutboxByTheScriptAsItIsPrinted(@TempDir Path manifests) throws Exception {
        Connector connector = connector(manifests, "outbox-jdbc", "  charsets: {t_jl: GB18030}\n");
        try (Connection connection = connect();
                Connection late = connect()) {
            put(connection, "啊1", "一".getBytes(GB18030), "x");
            put(connection, "啊2", "二".getBytes(GB18030), "x");
            try (Running running = new Running(connector, pool)) {
                awaitLive();
                late.setAutoCommit(false);
                put(late, "迟䶮", "迟到䶮".getBytes(GB18030), "䶮");
                put(connection, "早", "先到".getBytes(GB18030), "x");
                await().atMost(LONG).until(() -> title("早").equals("先到"));
                assertThat(pool.keys("records/record")).hasSize(3);
                late.commit();
                await().atMost(LONG).until(() -> title("迟䶮").equals("迟到䶮"));
                assertThat(pool.value("records/record/迟䶮", "text")).isEqualTo("䶮");
                sql(
                        "update t_jl set bh = x'" + hex("新") + "' where bh = x'" + hex("啊1") + "'",
                        "delete from t_jl where bh = x'" + hex("啊2") + "'");
                await().atMost(LONG)
                        .untilAsserted(() ->
                                assertThat(pool.keys("records/record")).containsExactlyInAnyOrder("早", "新", "迟䶮"));
                server.kill();
                await().atMost(LONG).until(() -> running.state().failures() > 0);
                server.start();
                try (Connection again = connect()) {
                    put(again, "后", "重启之后".getBytes(GB18030), "x");
                    await().atMost(LONG).until(() -> title("后").equals("重启之后"));
                    await().atMost(LONG).untilAsserted(() -> {
                        try (var rows = again.createStatement().executeQuery("select count(*) from yimen_outbox")) {
                            rows.next();
                            assertThat(rows.getInt(1)).isZero();
                        }
                    });
                }
            }
        }
    }

    @Test
    void aPlaceThatIsRememberedWaitsForNumbersThatAreMissing(@TempDir Path manifests) throws Exception {
        Connector connector = connector(manifests, "outbox-jdbc", "  acknowledge: offset\n");
        try (Connection connection = connect();
                Connection late = connect();
                Connection never = connect()) {
            put(connection, "1", "one".getBytes(GB18030), "x");
            try (Running running = new Running(connector, pool)) {
                awaitLive();
                late.setAutoCommit(false);
                never.setAutoCommit(false);
                put(late, "2", "two".getBytes(GB18030), "x");
                put(never, "3", "three".getBytes(GB18030), "x");
                put(connection, "4", "four".getBytes(GB18030), "x");
                await().atMost(LONG).until(() -> title("4").equals("four"));
                never.rollback();
                assertThat(running.state().failures()).isZero();
            }
            late.commit();
            int batches = pool.batches().size();
            try (Running running = new Running(connector, pool)) {
                await().atMost(LONG).until(() -> title("2").equals("two"));
                assertThat(running.state().failures()).isZero();
            }
            assertThat(pool.keys("records/record")).containsExactly("1", "2", "4");
            // No more than that was read again.
            assertThat(pool.batches().stream()
                            .skip(batches)
                            .mapToInt(b -> b.events().size())
                            .sum())
                    .isEqualTo(1);
        }
    }
}
