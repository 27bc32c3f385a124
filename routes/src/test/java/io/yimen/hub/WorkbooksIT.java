package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.hub.sheet.WorkbookFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Templates, uploads and tickets as workbooks, through the hub's front door. */
@SuppressWarnings("NullAway.Init")
class WorkbooksIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static PoolDatabase database;
    private static Path tickets;
    private static HubProcess hub;
    private static Sessions sessions;
    private static String[] admin;
    private static String[] worker;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        database = PoolDatabase.start(folder);
        database.fill();
        tickets = Files.createDirectory(folder.resolve("tickets"));
        Files.writeString(folder.resolve("days.yaml"), "holidays: ['" + today() + "']");
        hub = startHub();
        sessions = new Sessions(hub.address());
        admin = sessions.signIn("admin");
        worker = sessions.signIn("duofuxiang");
    }

    private static HubProcess startHub() throws Exception {
        Map<String, String> keys = database.keys();
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", Sessions.PASSWORD);
        keys.put("yimen.corrections.ticket-folder", tickets.toString());
        keys.put("yimen.corrections.working-days", folder.resolve("days.yaml").toString());
        return HubProcess.start(folder, keys, Map.of()).awaitUp();
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
        database.close();
    }

    private static HttpResponse<byte[]> send(String method, String path, byte[] body, String[] who)
            throws IOException, InterruptedException {
        URI uri = hub.address().resolve("/api/v1" + path);
        return HTTP.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                        .header(
                                "Content-Type",
                                body.length > 0 && body[0] == '{'
                                        ? "application/json"
                                        : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                        .headers(who)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static List<List<String>> rows(HttpResponse<byte[]> answer) throws IOException {
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .isEqualTo("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        return WorkbookFile.read(new ByteArrayInputStream(answer.body()));
    }

    private static byte[] workbook(List<List<String>> rows) throws IOException {
        StringBuilder all = new StringBuilder();
        int number = 1;
        for (List<String> row : rows) {
            all.append(WorkbookFile.row(number++, row));
        }
        return WorkbookFile.workbook(all.toString());
    }

    private static JsonNode json(HttpResponse<byte[]> answer, int status) throws IOException {
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        return JSON.readTree(answer.body());
    }

    private static JsonNode settled(JsonNode upload) {
        String path = "/correction-uploads/" + upload.get("id").asText();
        return Awaitility.await()
                .until(
                        () -> json(send("GET", path, new byte[0], worker), 200),
                        u -> !List.of("READING", "APPLYING")
                                .contains(u.get("state").asText()));
    }

    private static JsonNode upload(byte[] workbook) throws Exception {
        return settled(json(send("POST", "/correction-uploads?name=%E4%BA%BA%E5%91%98.xlsx", workbook, worker), 202));
    }

    private static List<String> typed(List<String> row, int size, Map<Integer, String> changes) {
        List<String> typed = new ArrayList<>(row);
        while (typed.size() < size) {
            typed.add("");
        }
        changes.forEach(typed::set);
        return typed;
    }

    @Test
    void aTemplateIsFilledInUploadedLookedAtAndApplied() throws Exception {
        List<List<String>> sheet = rows(send("GET", "/ledgers/organizations/template", new byte[0], worker));
        List<String> head = sheet.get(0);
        assertThat(head.get(0)).isEqualTo("yimen/organizations");
        assertThat(head).contains("legalPerson", "reason").doesNotContain("place");
        assertThat(sheet.get(1)).contains("法定代表人");
        int phone = head.indexOf("phone");
        List<String> row =
                sheet.stream().filter(r -> r.get(2).contains("多福巷")).findFirst().orElseThrow();
        assertThat(row.get(head.indexOf("kind"))).isEqualTo("居民委员会");
        List<String> right =
                typed(row, head.size(), Map.of(head.indexOf("legalPerson"), "'=王芳", head.indexOf("reason"), "证书原件"));
        List<String> wrong = typed(
                row,
                head.size(),
                Map.of(0, "999999999", head.indexOf("address"), "某街1号", head.indexOf("reason"), "证书"));
        assertThat(phone).isPositive();

        JsonNode upload = upload(workbook(List.of(head, sheet.get(1), right, wrong)));

        assertThat(upload.get("state").asText()).as(upload.toString()).isEqualTo("READY");
        assertThat(upload.get("name").asText()).isEqualTo("人员.xlsx");
        assertThat(upload.get("pending").asInt()).isEqualTo(1);
        assertThat(upload.get("faulty").asInt()).isEqualTo(1);
        String path = "/correction-uploads/" + upload.get("id").asText();
        JsonNode preview = json(send("GET", path + "/rows?limit=10", new byte[0], worker), 200)
                .get("rows");
        assertThat(preview.at("/0/changes/0/to").asText()).isEqualTo("=王芳");
        assertThat(preview.at("/1/faults/0/code").asText()).isEqualTo("unknown-record");
        assertThat(preview.at("/1/number").asInt()).isEqualTo(4);
        List<List<String>> errors = rows(send("GET", path + "/workbook", new byte[0], worker));
        assertThat(errors.get(3)).contains("某街1号", "证书").last().asString().contains("没有这条记录");
        assertThat(errors.get(2)).contains("'=王芳");
        assertThat(send("GET", path, new byte[0], admin).statusCode())
                .as("nobody else's")
                .isEqualTo(404);
        assertThat(send("GET", path + "/workbook", new byte[0], admin).statusCode())
                .isEqualTo(404);
        assertThat(sessions.firstEvent("/api/v1" + path + "/progress", worker)).startsWith("event:upload");

        json(send("POST", path + "/application", new byte[0], worker), 202);
        JsonNode done = settled(upload);
        assertThat(done.get("state").asText()).isEqualTo("APPLIED");
        assertThat(done.get("applied").asInt()).isEqualTo(1);
        assertThat(done.get("corrections").asInt()).isEqualTo(1);
        JsonNode record = json(send("GET", "/ledgers/organizations/" + row.get(0), new byte[0], worker), 200);
        assertThat(record.at("/fields/legalPerson/value").asText()).isEqualTo("=王芳");
        assertThat(hub.output()).noneMatch(line -> line.contains("王芳") || line.contains("某街"));
        try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.filter(f -> f.getFileName().toString().startsWith("yimen-upload-")))
                    .isEmpty();
        }
        // Mended and uploaded again: only what is still wrong is left.
        List<List<String>> rest = rows(send("GET", path + "/workbook", new byte[0], worker));
        assertThat(rest).hasSize(3);
        assertThat(upload(workbook(rest)).get("faulty").asInt()).isEqualTo(1);
        assertThat(send("DELETE", path, new byte[0], worker).statusCode()).isEqualTo(204);
        assertThat(send("GET", path, new byte[0], worker).statusCode()).isEqualTo(404);
    }

    @Test
    void numbersAndFormulasAreToldByTheirCells() throws Exception {
        List<List<String>> sheet = rows(send("GET", "/ledgers/persons/template", new byte[0], worker));
        List<String> head = sheet.get(0);
        List<String> known = numbered(sheet);
        String record = known.get(0);
        String version = known.get(1);
        String rows = WorkbookFile.row(1, head) + WorkbookFile.row(2, sheet.get(1))
                + "<row r='3'><c r='A3' t='inlineStr'><is><t>" + record
                + "</t></is></c><c r='B3' t='inlineStr'><is><t>" + version + "</t></is></c>"
                + cell(head, "idNumber", "><v>1.1010119900307803E17</v>") + cell(head, "phone", "><f>1+1</f><v>2</v>")
                + cell(head, "reason", " t='inlineStr'><is><t>看过</t></is>") + "</row>";
        JsonNode upload = upload(WorkbookFile.workbook(rows));
        JsonNode faults = json(
                        send(
                                "GET",
                                "/correction-uploads/" + upload.get("id").asText() + "/rows?state=FAULTY",
                                new byte[0],
                                worker),
                        200)
                .at("/rows/0/faults");
        Map<String, String> byCode = new HashMap<>();
        faults.forEach(f -> byCode.put(
                f.get("code").asText(),
                f.get("cell").asText() + " " + f.get("message").asText()));
        assertThat(byCode.get("numeric-cell")).startsWith("E3 E3 holds a number");
        assertThat(byCode.get("formula-cell")).contains("holds a formula");
    }

    private static String cell(List<String> head, String column, String rest) {
        char letter = (char) ('A' + head.indexOf(column));
        return "<c r='" + letter + "3'" + rest + "</c>";
    }

    @Test
    void whatIsNoTemplateIsRefusedAtOnce() throws Exception {
        for (byte[] body : List.of(
                "hello".getBytes(StandardCharsets.UTF_8),
                WorkbookFile.workbook(WorkbookFile.row(1, List.of("姓名", "电话"))),
                WorkbookFile.workbook(""))) {
            JsonNode problem = json(send("POST", "/correction-uploads", body, worker), 400);
            assertThat(problem.get("code").asText()).isEqualTo("invalid-document");
            assertThat(problem.get("detail").asText()).containsAnyOf("template", "Excel workbook");
        }
        HttpResponse<byte[]> large = send("POST", "/correction-uploads", new byte[(32 << 20) + 1], worker);
        assertThat(json(large, 413).get("code").asText()).isEqualTo("too-large");
        JsonNode refused = upload(WorkbookFile.workbook(
                WorkbookFile.row(1, List.of("yimen/persons", "version", "name", "reason")) + "<row/>".repeat(10_002)));
        assertThat(refused.get("state").asText()).isEqualTo("REFUSED");
        assertThat(refused.get("message").asText()).contains("empty rows");
        assertThat(send(
                                "POST",
                                "/correction-uploads/" + refused.get("id").asText() + "/application",
                                new byte[0],
                                worker)
                        .statusCode())
                .isEqualTo(409);
    }

    /** A ticket of the election system is answered in a workbook, and stands in the day's file. */
    @Test
    void ticketsAreAnsweredInAWorkbook() throws Exception {
        List<List<String>> persons = rows(send("GET", "/ledgers/persons/template", new byte[0], worker));
        String[] body = new String[1];
        body[0] = "{\"ledger\":\"persons\",\"id\":\"" + numbered(persons).get(0)
                + "\",\"field\":\"phone\",\"value\":\"13712345678\",\"reason\":\"打过电话\"}";
        assertThat(sessions.send("POST", "/api/v1/corrections", body[0], worker).statusCode())
                .isEqualTo(201);
        byte[] masked = "{\"source\":\"election\"}".getBytes(StandardCharsets.UTF_8);
        byte[] open = "{\"source\":\"election\",\"purpose\":\"改正系统\"}".getBytes(StandardCharsets.UTF_8);
        List<String> row = phone(rows(send("POST", "/tickets/workbook", masked, admin)));
        assertThat(row.get(6)).isEqualTo("137****5678");
        assertThat(phone(rows(send("POST", "/tickets/workbook", open, admin))).get(6))
                .isEqualTo("13712345678");
        assertThat(phone(rows(send("POST", "/tickets/workbook", open, worker))).get(6))
                .as("not his system")
                .isEqualTo("137****5678");
        assertThat(count("select count(*) from pool.audit where action = 'UNMASK' and object = 'tickets'"))
                .isEqualTo(2);

        List<List<String>> sheet = rows(send("POST", "/tickets/workbook", masked, admin));
        List<List<String>> answered = new ArrayList<>(sheet);
        int at = sheet.indexOf(phone(sheet));
        answered.set(at, typed(sheet.get(at), 11, Map.of(9, "拒绝")));
        JsonNode refused = json(send("POST", "/ticket-answers", workbook(answered), admin), 200);
        assertThat(refused.at("/faults/0/message").asText()).contains("reason");
        assertThat(refused.at("/faults/0/number").asInt()).isEqualTo(at + 1);
        answered.set(at, typed(sheet.get(at), 11, Map.of(9, "接受", 10, "下周改")));
        assertThat(json(send("POST", "/ticket-answers", workbook(answered), admin), 200)
                        .get("answered")
                        .asInt())
                .isEqualTo(1);
        JsonNode again = json(send("POST", "/ticket-answers", workbook(answered), admin), 200);
        assertThat(again.get("answered").asInt()).isZero();
        assertThat(again.get("faults")).isEmpty();
        List<List<String>> otherwise = new ArrayList<>(sheet);
        otherwise.set(at, typed(sheet.get(at), 11, Map.of(9, "拒绝", 10, "不改")));
        assertThat(json(send("POST", "/ticket-answers", workbook(otherwise), worker), 200)
                        .at("/faults/0/message")
                        .asText())
                .as("not his system")
                .contains("no such ticket");

        restart("holidays: ['" + today() + "']");
        restart("worked: ['" + today() + "']");
        Path file = tickets.resolve("tickets-election-" + today() + ".xlsx");
        Awaitility.await().until(() -> Files.exists(file));
        assertThat(phone(WorkbookFile.read(Files.newInputStream(file))).get(6)).isEqualTo("137****5678");
        Awaitility.await().until(() -> count("select count(*) from pool.ticket_file where source = 'election'") == 1);
        // Its owner takes it away.
        Files.delete(file);
        restart("worked: ['" + today() + "']");
        // A sweep comes to its end before the hub does.
        restart("holidays: ['" + today() + "']");
        assertThat(file).as("handed over once").doesNotExist();
        try (Stream<Path> left = Files.list(tickets)) {
            assertThat(left).noneMatch(f -> f.toString().endsWith(".part"));
        }
        admin = sessions.signIn("admin");
        worker = sessions.signIn("duofuxiang");
    }

    /** With another calendar. */
    private static void restart(String calendar) throws Exception {
        Files.writeString(folder.resolve("days.yaml"), calendar);
        hub.close();
        hub = startHub();
        sessions = new Sessions(hub.address());
    }

    private static LocalDate today() {
        return LocalDate.now(ZoneId.of("Asia/Shanghai"));
    }

    /** Somebody whose ID number is known; it is masked. */
    private static List<String> numbered(List<List<String>> sheet) {
        int number = sheet.get(0).indexOf("idNumber");
        return sheet.stream()
                .filter(r -> r.size() > number && r.get(number).contains("***"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> phone(List<List<String>> rows) {
        return rows.stream()
                .filter(r -> r.size() > 4 && r.get(4).equals("电话"))
                .findFirst()
                .orElseThrow();
    }

    private static long count(String sql) throws SQLException {
        try (Connection db = database.server().getPostgresDatabase().getConnection();
                Statement statement = db.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
