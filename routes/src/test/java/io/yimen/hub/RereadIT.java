package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.hub.command.Commands;
import io.yimen.pool.seal.Vault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table is read again because somebody asks for it: while the hub runs, while it does not, and though it is killed. */
class RereadIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int ROWS = 20_000;
    private static final String STREAM = """
              - id: %1$s
                from: %1$s
                entity: WorkRecord
                key: id
                trust: 40
                uniqueRecords: true
                deletes: log
                fields:
                  title: {from: title, as: text, purpose: 台账显示}
                tests:
                  - {name: one, given: {id: "1", title: 甲}, expect: {key: "1"}}
            """;
    private static final String MANIFEST = """
            apiVersion: yimen.io/v1
            kind: capture-postgres
            system: {id: front, title: 前台, titleEn: Front desk, owner: 区政务服务局}
            parameters:
              database: {required: true, description: Its address}
              password: {required: true, secret: true, description: Its password}
            settings: {url: "${database}", username: postgres, password: "${password}", timeZone: Asia/Shanghai}
            streams:
            """ + STREAM.formatted("desk") + STREAM.formatted("log");

    @TempDir
    private Path folder = Path.of("");

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream output = System.out;
    private final PrintStream errors = System.err;
    private PoolDatabase database;
    private Map<String, String> keys = Map.of();

    @BeforeEach
    void start() throws Exception {
        database = PoolDatabase.start(folder);
        keys = database.keysWithCatalog();
        keys.put("yimen.connectors.enabled", "bright-eyes");
        keys.put("yimen.connectors.folder", folder.resolve("connectors.d").toString());
        keys.put("yimen.connector.bright-eyes.token", "a token that nobody knows");
        try (Connection db = database.server().getPostgresDatabase().getConnection();
                Statement create = db.createStatement()) {
            create.execute("create database front");
        }
        front(
                "create table desk (id int primary key, title text)",
                "create table log (id int primary key, title text)",
                "insert into desk select i, '第' || i from generate_series(1, " + ROWS + ") i",
                "insert into log select i, '开始' from generate_series(1, 20) i");
        Path child = Files.createDirectories(folder.resolve("connectors.d/front"));
        Files.writeString(child.resolve("connector.yaml"), MANIFEST);
        Files.writeString(
                child.resolve("parameters.yaml"),
                "database: jdbc:postgresql://127.0.0.1:" + database.server().getPort() + "/front\npassword: file:"
                        + Files.writeString(folder.resolve("front.key"), "none") + "\n");
        var unused = Vault.loadOrCreate(Path.of(keys.getOrDefault("yimen.vault.key-file", "")));
        keys.forEach(System::setProperty);
        PrintStream captured = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(captured);
        System.setErr(captured);
    }

    @AfterEach
    void stop() throws IOException {
        System.setOut(output);
        System.setErr(errors);
        keys.keySet().forEach(System::clearProperty);
        database.close();
    }

    /** Runs a line as {@code ./yimen} would; returns what it said. */
    private String command(String line, int code) {
        said.reset();
        int ended = Commands.run(List.of(line.split(" "))).orElseThrow();
        String told = said.toString(StandardCharsets.UTF_8);
        assertThat(ended).as(line + "\n" + told).isEqualTo(code);
        return told;
    }

    private void front(String... statements) throws SQLException {
        try (Connection db = database.server().getDatabase("postgres", "front").getConnection();
                Statement statement = db.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** As somebody does who has changed the publication: its log does not tell of this. */
    private void silently(String table, String... statements) throws SQLException {
        front("alter publication yimen_front drop table " + table);
        front(statements);
        front("alter publication yimen_front add table " + table);
    }

    private String pool(String sql) throws SQLException {
        try (Connection db = database.server().getPostgresDatabase().getConnection();
                Statement statement = db.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "nothing";
        }
    }

    private String title(String stream, int key) throws SQLException {
        return pool("select e.fields ->> 'title' from pool.source_record r join pool.stream s on s.id = r.stream_id"
                + " join pool.entity e on e.id = r.entity_id where s.source = 'front' and s.stream = '" + stream
                + "' and r.key = '" + key + "' and e.status = 'ACTIVE'");
    }

    private void awaitTitle(String stream, int key, String title) {
        await().atMost(LONG).untilAsserted(() -> assertThat(title(stream, key)).isEqualTo(title));
    }

    private void awaitFollowing() {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(
                                pool(
                                        "select kind || ' ' || status from pool.run where source = 'front' order by id desc limit 1"))
                        .isEqualTo("stream LIVE"));
    }

    @Test
    void isReadAgainBesideTheRestAndAKillNeitherLosesNorDoublesIt() throws Exception {
        command("connector approve bright-eyes", 0);
        assertThat(command("connector reread bright-eyes", 1)).contains("sends its events by itself", "ask its owner");
        assertThat(command("connector reread nobody", 1)).contains("there is no connector nobody");
        assertThat(command("connector reread front", 1)).contains("front may not run (MISSING)");
        command("connector approve front", 0);
        assertThat(command("connector reread front --stream desks", 1))
                .contains("front has no stream desks; it has desk, log");
        command("connector reread front --streams desk", 2);
        command("connector reread front --stream", 2);
        command("connector reread", 2);
        assertThat(pool("select count(*) from pool.reread")).isEqualTo("0");

        try (HubProcess hub = HubProcess.start(folder, keys, Map.of()).awaitUp()) {
            Sessions sessions = new Sessions(hub.address());
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool("select status from pool.run where source = 'front'"))
                            .isEqualTo("LIVE"));
            silently(
                    "desk",
                    "update desk set title = '改过' where id in (7, 19000)",
                    "delete from desk where id in (8, 18000)",
                    "insert into desk values (30001, '新')");
            front("insert into log values (102, '之后')");
            awaitTitle("log", 102, "之后");
            assertThat(title("desk", 7)).isEqualTo("第7");
            askedOverHttp(sessions);
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> assertThat(Long.parseLong(pool(
                                    "select coalesce(sum(read), 0) from pool.run_count where run_id = (select max(id)"
                                            + " from pool.run where kind = 'reread')")))
                            .isBetween(1L, ROWS - 1L));
            ProcessHandle.of(hub.pid()).orElseThrow().destroyForcibly();
            hub.awaitEnd(LONG);
        }
        assertThat(pool("select count(*) from pool.reread where taken_at is null"))
                .isEqualTo("0");
        front("update desk set title = '又改' where id = 9", "insert into log values (103, '死后')");

        try (HubProcess hub = HubProcess.start(folder, keys, Map.of()).awaitUp()) {
            awaitTitle("desk", 7, "改过");
            awaitFollowing();
            for (int key : List.of(8, 18_000)) {
                assertThat(title("desk", key)).isEqualTo("nothing");
            }
            assertThat(List.of(title("desk", 19_000), title("desk", 30_001))).containsExactly("改过", "新");
            // What the log brings once the copy is whole.
            awaitTitle("desk", 9, "又改");
            awaitTitle("log", 103, "死后");
            assertThat(pool("select count(*) from pool.source_record r join pool.stream s on s.id = r.stream_id where"
                            + " s.stream = 'desk' and not r.deleted"))
                    .isEqualTo(Integer.toString(ROWS - 1));
            assertThat(Long.parseLong(pool("select sum(c.read) from pool.run_count c join pool.run r on r.id ="
                            + " c.run_id where r.kind = 'reread'")))
                    .as("what was read before the kill is not read again")
                    .isLessThan(ROWS * 3L / 2);
            assertThat(pool("select count(*) from pool.run_count where read <> applied + unchanged + stale +"
                            + " quarantined + withheld"))
                    .isEqualTo("0");

            // By the command, while the hub runs.
            silently("log", "update log set title = '悄悄' where id = 1");
            assertThat(command("connector reread front --stream log --by wangfang", 0))
                    .contains("To be read again: log of front");
            awaitTitle("log", 1, "悄悄");
            awaitFollowing();
            assertThat(hub.output()).anyMatch(line -> line.contains("Connector front reads again"));
            hub.stop();
        }
        // While it does not run.
        silently("log", "delete from log where id = 103", "update log set title = '停时' where id = 1");
        command("connector reread front", 0);
        command("connector run front --once", 0);
        assertThat(title("log", 1)).isEqualTo("停时");
        assertThat(title("log", 103)).isEqualTo("nothing");
        assertThat(pool("select string_agg(actor, ',' order by id) from pool.audit where action = 'REREAD'"))
                .isEqualTo("admin,wangfang," + System.getProperty("user.name"));
        assertThat(pool("select count(*) from pool.reread where taken_at is null or run_id is null"))
                .isEqualTo("0");
        assertThat(pool("select count(*) from pool.run where kind = 'snapshot'"))
                .isEqualTo("1");
    }

    private void askedOverHttp(Sessions sessions) throws Exception {
        Contract contract = Contract.read();
        String path = Contract.BASE + "/sources/front/rereads";
        String[] admin = sessions.signIn("admin");
        String desk = "{\"streams\":[\"desk\"]}";
        JsonNode sources =
                sessions.read(sessions.get(Contract.BASE + "/sources", admin)).get("sources");
        assertThat(sources.findValuesAsText("kind")).contains("capture-postgres", "push");
        for (String login : List.of("duofuxiang", "dongcheng")) {
            refused(contract, sessions, sessions.send("POST", path, desk, sessions.signIn(login)), 403, "forbidden");
        }
        refused(
                contract,
                sessions,
                sessions.send("POST", path.replace("front", "nobody"), desk, admin),
                404,
                "not-found");
        refused(
                contract,
                sessions,
                sessions.send("POST", path, desk.replace("desk", "desks"), admin),
                400,
                "invalid-parameter");
        refused(
                contract,
                sessions,
                sessions.send("POST", path.replace("front", "bright-eyes"), "{}", admin),
                409,
                "conflict");
        assertThat(pool("select count(*) from pool.reread")).isEqualTo("0");
        HttpResponse<String> asked = sessions.send("POST", path, desk, admin);
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(202);
        JsonNode wish = sessions.read(asked);
        assertThat(contract.complaints(contract.operation("askReread"), asked, wish))
                .isEmpty();
        assertThat(wish.get("streams").toString()).isEqualTo("[\"desk\"]");
        assertThat(wish.get("askedBy").asText()).isEqualTo("admin");
    }

    private static void refused(
            Contract contract, Sessions sessions, HttpResponse<String> answer, int status, String code)
            throws Exception {
        JsonNode problem = sessions.read(answer);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(problem.get("code").asText()).isEqualTo(code);
        assertThat(contract.complaints(contract.operation("askReread"), answer, problem))
                .isEmpty();
    }
}
