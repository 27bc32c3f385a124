package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.yimen.hub.command.Commands;
import io.yimen.pool.seal.Vault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that comes while the hub runs, as docs/connectors.md tells it, and what becomes of it afterwards. */
class NewSourceIT {
    private static final Pattern BLOCK = Pattern.compile("```(\\w+)(?: (\\S+))?\n(.*?)```", Pattern.DOTALL);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String FIRST_KEY = "canary-key-61f0";
    private static final String SECOND_KEY = "canary-key-97c3";
    private static final String FILE = """
            代码,上级代码,名称,级别,城乡分类,经度,纬度,区,街镇
            110000000000,100000000000,北京市,province,,116.4,39.9,,
            110101000000,110000000000,东城区,county,,116.41,39.92,东城区,
            110101001000,110101000000,东华门街道办事处,town,111,116.40,39.91,东城区,东华门街道办事处
            110101001001,110101001000,多福巷社区居委会,village,111,116.410,39.9270,东城区,东华门街道办事处
            """;

    @TempDir
    private Path folder = Path.of("");

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream output = System.out;
    private final PrintStream errors = System.err;
    private final List<String> keysSent = new CopyOnWriteArrayList<>();
    private volatile String phone = "010-6512 0001";
    private volatile String keyWanted = FIRST_KEY;
    private PoolDatabase database;
    private HttpServer service;
    private Map<String, String> keys = Map.of();

    @BeforeEach
    void start() throws Exception {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/phones", this::answer);
        service.start();
        database = PoolDatabase.start(folder);
        keys = database.keysWithCatalog();
        keys.put("yimen.connectors.enabled", "divisions-2016");
        keys.put("yimen.connectors.folder", folder.resolve("connectors.d").toString());
        keys.put("yimen.connector.divisions-2016.folder", folder.resolve("drop").toString());
        keys.put("yimen.connector.divisions-2016.interval", "PT1S");
        Files.createDirectories(folder.resolve("drop"));
        Files.createDirectories(folder.resolve("connectors.d"));
        Files.writeString(folder.resolve("drop/xzqh-20260101.csv"), FILE, Charset.forName("GB18030"));
        Files.writeString(folder.resolve("drop/xzqh-20260101.csv.ok"), "4");
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
        service.stop(0);
        database.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String key = String.valueOf(exchange.getRequestHeaders().getFirst("X-Api-Key"));
        keysSent.add(key);
        if (!key.equals(keyWanted)) {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
            return;
        }
        byte[] body = """
                {"total": 1, "rows": [{"id": "1", "committee": "多福巷社区居委会", "code": "110101001001", \
                "phone": "%s", "changed_at": "2026-03-01 09:30:00", "internal": "not ours"}]}
                """.formatted(phone).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String at() {
        return "http://127.0.0.1:" + service.getAddress().getPort();
    }

    /** Runs a line as {@code ./yimen} would; returns what it said. */
    private String command(String line, int code) {
        said.reset();
        List<String> words = new ArrayList<>(List.of(line.strip().split(" ")));
        assertThat(words.remove(0)).isEqualTo("./yimen");
        int ended = Commands.run(words).orElseThrow();
        String told = said.toString(StandardCharsets.UTF_8);
        assertThat(ended).as(line + "\n" + told).isEqualTo(code);
        return told;
    }

    private static JsonNode source(Sessions sessions, String[] admin, String id) throws Exception {
        for (JsonNode source :
                sessions.read(sessions.get("/api/v1/sources", admin)).get("sources")) {
            if (source.get("id").asText().equals(id)) {
                return source;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private static void awaitState(Sessions sessions, String[] admin, String id, String state) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(
                                source(sessions, admin, id).at("/access/state").asText())
                        .isEqualTo(state));
    }

    private String organizations(Sessions sessions, String[] admin, String path) throws Exception {
        return sessions.get(path, admin).body();
    }

    @Test
    void becomesMergedRecordsAsTheGuideSays() throws Exception {
        String guide = Files.readString(Path.of("../docs/connectors.md"));
        guide = guide.substring(guide.indexOf("## A new source"), guide.indexOf("## A manifest"));
        String place = folder.resolve("connectors.d").toString();
        Path key = folder.resolve("hotlines.key");
        Files.writeString(key, FIRST_KEY + "\n");
        command("./yimen connector approve divisions-2016", 0);
        String query = "";
        try (HubProcess hub = HubProcess.start(folder, keys, Map.of()).awaitUp()) {
            Sessions sessions = new Sessions(hub.address());
            String[] admin = sessions.signIn("admin");
            StringBuilder told = new StringBuilder();
            int yaml = 0;
            Matcher blocks = BLOCK.matcher(guide);
            while (blocks.find()) {
                String text = blocks.group(3)
                        .replace("/srv/yimen/connectors.d", place)
                        .replace("http://10.0.0.8:8080", at())
                        .replace("/etc/yimen/hotlines.key", key.toString())
                        .replace("interval: PT10M", "interval: PT1S");
                if (blocks.group(2) != null) {
                    yaml += text.lines().count();
                    Files.writeString(folder.resolve("connectors.d/hotlines").resolve(blocks.group(2)), text);
                } else if (blocks.group(1).equals("sh") && text.startsWith("curl")) {
                    query = text.replaceAll("(?s).*\\$BASE([^\"]*)\".*", "$1");
                } else if (blocks.group(1).equals("sh")) {
                    for (String line : text.split("\n")) {
                        if (line.contains("approve") && !line.contains("--show")) {
                            awaitState(sessions, admin, "hotlines", "MISSING");
                            assertThat(keysSent).hasSize(1); // the check's
                        }
                        told.append(command(line, 0));
                    }
                }
            }

            assertThat(yaml).as("lines of YAML").isLessThanOrEqualTo(40);
            assertThat(told)
                    .contains("the source is reached", "of its first 1 records 1 are understood", "internal")
                    .contains("2 of 2 tests passed", "居民与部门联系社区", "Approved by wangfang");
            String path = query;
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(organizations(sessions, admin, path))
                            .contains("\"hotlines\"", "\"divisions-2016\""));
            JsonNode records = sessions.read(sessions.get(path, admin)).get("records");
            assertThat(records).hasSize(1);

            rotates(sessions, admin, key);
            comesAndGoes(hub, sessions, admin);
            hub.stop();
            assertThat(String.join("\n", hub.output())).doesNotContain(FIRST_KEY, SECOND_KEY);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("canary-key");
        assertThat(dump()).doesNotContain("canary-key", "not ours");
    }

    /** The secret is replaced while the hub runs. */
    private void rotates(Sessions sessions, String[] admin, Path key) throws Exception {
        keyWanted = SECOND_KEY;
        Files.writeString(key, SECOND_KEY + "\n");
        await().atMost(LONG).untilAsserted(() -> assertThat(keysSent).contains(SECOND_KEY));
        assertThat(organizations(sessions, admin, "/api/v1/sources")).doesNotContain("canary-key");
    }

    /** What happens to the folder afterwards; the catalog's connector goes on through all of it. */
    private void comesAndGoes(HubProcess hub, Sessions sessions, String[] admin) throws Exception {
        Path manifest = folder.resolve("connectors.d/hotlines/connector.yaml");
        String good = Files.readString(manifest);

        // It asks for more than was approved: that alone waits, and is not read.
        Files.writeString(
                manifest,
                good.replace(
                        "    tests:\n",
                        "      address: {from: internal, as: text, optional: true, purpose: 办公地址}\n    tests:\n"));
        awaitState(sessions, admin, "hotlines", "PARTIAL");
        assertThat(source(sessions, admin, "hotlines").at("/access/waiting").toString())
                .isEqualTo("[\"office.address\"]");

        // It would go somewhere else.
        Path parameters = folder.resolve("connectors.d/hotlines/parameters.yaml");
        String here = Files.readString(parameters);
        Files.writeString(manifest, good);
        Files.writeString(parameters, here.replace(at(), "http://127.0.0.2:1"));
        awaitState(sessions, admin, "hotlines", "ADDRESS");
        Files.writeString(parameters, here);
        awaitState(sessions, admin, "hotlines", "APPROVED");

        // It is broken, which is told; another one beside it comes all the same.
        Files.writeString(manifest, good.replace("as: phone", "as: fone"));
        Path other = folder.resolve("connectors.d/other");
        Files.createDirectories(other);
        Files.writeString(
                other.resolve("connector.yaml"),
                good.replace("id: hotlines", "id: other").replace("- id: office", "- id: desk"));
        Files.writeString(other.resolve("parameters.yaml"), here);
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(organizations(sessions, admin, "/api/v1/sources")).contains("unknown function", "fone");
            assertThat(source(sessions, admin, "other").at("/access/state").asText())
                    .isEqualTo("MISSING");
        });
        assertThat(source(sessions, admin, "hotlines").at("/access/state").asText())
                .isEqualTo("APPROVED");

        // Its approval comes to an end.
        Files.writeString(manifest, good);
        sql("update pool.connector_approval set until = now() where source = 'hotlines'");
        awaitState(sessions, admin, "hotlines", "EXPIRED");

        // It goes; what it brought stays.
        try (Stream<Path> files = Files.list(other)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(other);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(source(sessions, admin, "other").isMissingNode())
                        .isTrue());
        assertThat(source(sessions, admin, "divisions-2016").at("/access/state").asText())
                .isEqualTo("APPROVED");
        assertThat(String.join("\n", hub.output()))
                .contains("Connector hotlines does not run: its approval has expired");
    }

    @Test
    void isReplayedAndWrittenIntoAsThoseOfTheCatalogAre() throws Exception {
        keys.put("yimen.connectors.approve", "true");
        keys.put("yimen.corrections.write-back", "front");
        try (HubProcess hub = HubProcess.start(folder, keys, Map.of()).awaitUp()) {
            Sessions sessions = new Sessions(hub.address());
            String[] admin = sessions.signIn("admin");
            sql("create database front");
            sourceSql("create table desk (id int primary key, name text, code text);"
                    + " insert into desk values (1, '多福巷社区居委会', '110101001001'), (2, '银闸社区居委会', '11010100100')");
            // Called as somebody likes, not by its id.
            Path child = Files.createDirectories(folder.resolve("connectors.d/of-the-desk"));
            Files.writeString(
                    child.resolve("parameters.yaml"),
                    "database: jdbc:postgresql://127.0.0.1:" + database.server().getPort() + "/front\npassword: file:"
                            + Files.writeString(folder.resolve("front.key"), "none") + "\n");
            String manifest = """
                    apiVersion: yimen.io/v1
                    kind: capture-postgres
                    system: {id: front, title: 前台, titleEn: Front desk, owner: 区政务服务局}
                    parameters:
                      database: {required: true, description: Its address}
                      password: {required: true, secret: true, description: Its password}
                    settings: {url: "${database}", username: postgres, password: "${password}", timeZone: Asia/Shanghai}
                    streams:
                      - id: desk
                        from: desk
                        entity: Organization
                        key: id
                        trust: 40
                        uniqueRecords: true
                        deletes: log
                        writeBack: {fields: [name]}
                        fields:
                          name: {from: name, as: name, purpose: 台账显示}
                          divisionCode: {from: code, as: code, pattern: '\\d{12}', purpose: 对照}
                        tests:
                          - {name: one, given: {id: "1", name: 甲, code: "110101001001"}, expect: {key: "1"}}
                    """;
            Files.writeString(child.resolve("connector.yaml"), manifest);

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(text("select reason from pool.quarantine"))
                            .isEqualTo("pattern-mismatch"));
            String selection = "{\"selection\":{\"source\":\"front\"}";
            JsonNode tried =
                    sessions.read(sessions.send("POST", "/api/v1/quarantine/dry-runs", selection + "}", admin));
            assertThat(tried.at("/records/0/reason").asText()).as("%s", tried).isEqualTo("pattern-mismatch");
            Files.writeString(child.resolve("connector.yaml"), manifest.replace("{12}", "{11,12}"));
            assertThat(command("./yimen quarantine dry-run --source front", 0)).contains("CREATED organizations 银闸社区");
            tried = sessions.read(sessions.send("POST", "/api/v1/quarantine/dry-runs", selection + "}", admin));
            assertThat(sessions.send(
                                    "POST",
                                    "/api/v1/quarantine/replays",
                                    selection + ",\"why\":\"清单已改\",\"token\":\""
                                            + tried.at("/token").asText() + "\"}",
                                    admin)
                            .statusCode())
                    .isEqualTo(202);
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(text("select status from pool.quarantine"))
                            .isEqualTo("REPLAYED"));

            String entity = text("select entity_id::text from pool.source_record r join pool.stream s on s.id ="
                    + " r.stream_id where s.source = 'front' and r.key = '1'");
            var corrected = sessions.send(
                    "POST",
                    "/api/v1/corrections",
                    "{\"ledger\":\"organizations\",\"id\":\"" + entity
                            + "\",\"field\":\"name\",\"value\":\"多福巷社区居民委员会\",\"reason\":\"挂牌名称\"}",
                    admin);
            assertThat(corrected.statusCode()).as(corrected.body()).isEqualTo(201);
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(sourceText("select name from desk where id = 1"))
                            .isEqualTo("多福巷社区居民委员会"));
            hub.stop();
        }
    }

    @Test
    void runsOnceAndOnlyWhatIsApproved() throws Exception {
        assertThat(command("./yimen connector run divisions-2016 --once", 1))
                .contains("divisions-2016 may not run (MISSING)");
        assertThat(command("./yimen connector approve divisions-2016 --show", 0))
                .contains("place → Place")
                .doesNotContain("Approved by");
        command("./yimen connector run divisions-2016 --once", 1);
        command("./yimen connector approve divisions-2016", 0);
        assertThat(command("./yimen connector run divisions-2016 --once", 0)).contains("divisions-2016 has caught up");
        assertThat(text("select count(*)::text from pool.source_record")).isEqualTo("5");
        assertThat(command("./yimen connector run divisions-2016 --once", 0)).contains("divisions-2016 has caught up");
        assertThat(command("./yimen connector run nobody --once", 1)).contains("there is no connector nobody");
        command("./yimen connector approve divisions-2016 --until tomorrow", 2);
    }

    private void sourceSql(String statement) throws SQLException {
        try (Connection db = database.server().getDatabase("postgres", "front").getConnection();
                Statement update = db.createStatement()) {
            update.execute(statement);
        }
    }

    private String sourceText(String sql) throws SQLException {
        try (Connection db = database.server().getDatabase("postgres", "front").getConnection();
                Statement statement = db.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "nothing";
        }
    }

    private void sql(String statement) throws SQLException {
        try (Connection db = database.server().getPostgresDatabase().getConnection();
                Statement update = db.createStatement()) {
            update.execute(statement);
        }
    }

    private String text(String sql) throws SQLException {
        try (Connection db = database.server().getPostgresDatabase().getConnection();
                Statement statement = db.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "nothing";
        }
    }

    /** All tables of the pool as text. */
    private String dump() throws SQLException {
        List<String> tables =
                List.of(text("select string_agg(quote_ident(tablename), ',') from pg_tables where schemaname = 'pool'")
                        .split(","));
        StringBuilder all = new StringBuilder();
        for (String table : tables) {
            all.append(text("select string_agg(t::text, ' ') from pool." + table + " t"));
        }
        assertThat(tables).contains("audit", "source_record");
        return all.toString();
    }
}
