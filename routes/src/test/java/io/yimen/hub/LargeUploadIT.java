package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.hub.sheet.WorkbookFile;
import io.yimen.pool.Pool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.run.RunStatus;
import java.io.IOException;
import java.io.Writer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A workbook of 100,000 rows, in a hub that has little memory. */
@SuppressWarnings("NullAway.Init")
class LargeUploadIT {
    private static final Logger LOG = Logger.getLogger(LargeUploadIT.class);
    private static final int PEOPLE = 100_000;
    private static final StreamShape RESIDENTS = new StreamShape(
            new StreamId("residents", "person"),
            "Person",
            List.of("name", "idNumber", "sex", "birthDate", "phone"),
            60,
            true,
            DeletePolicy.LOG);
    private static final List<String> HEAD =
            List.of("yimen/persons", "version", "title", "name", "idNumber", "education", "reason");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static PoolDatabase database;
    private static HubProcess hub;
    private static String[] admin;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void fill() throws Exception {
        database = PoolDatabase.start(folder);
        try (Pool pool = database.open()) {
            pool.declare(new SourceInfo("residents", "居民", "Residents", "街道办"), List.of(RESIDENTS));
            long run = pool.openRun("residents", "residents", "snapshot", OptionalLong.of(PEOPLE));
            for (int from = 0; from < PEOPLE; from += 2_000) {
                List<ChangeEvent> events = new ArrayList<>();
                for (int i = from; i < from + 2_000; i++) {
                    events.add(person(i));
                }
                pool.apply(new Batch(run, "residents", Integer.toString(from), events, List.of(), List.of()));
            }
            pool.closeRun(run, RunStatus.COMPLETED, null);
        }
        Map<String, String> keys = database.keys();
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", Sessions.PASSWORD);
        hub = HubProcess.start(folder, keys, Map.of()).awaitUp();
        admin = new Sessions(hub.address()).signIn("admin");
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
        database.close();
    }

    private static ChangeEvent person(int i) {
        String born = LocalDate.of(1950, 1, 1).plusDays(i / 100).format(DateTimeFormatter.BASIC_ISO_DATE);
        String number = checked("110101" + born + "%03d".formatted(i % 100));
        String date = born.substring(0, 4) + "-" + born.substring(4, 6) + "-" + born.substring(6);
        String name = "张" + (char) ('一' + i % 2_000) + (char) ('乙' + i / 2_000);
        @Nullable String[] values = {name, number, i % 2 == 0 ? "2" : "1", date, "138%08d".formatted(i)};
        return ChangeEvent.upserted(RESIDENTS, Integer.toString(i), Position.of(i + 1), values, List.of());
    }

    private static String checked(String first) {
        int[] weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += weights[i] * (first.charAt(i) - '0');
        }
        return first + "10X98765432".charAt(sum % 11);
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(hub.address().resolve("/api/v1" + path))
                .timeout(Duration.ofMinutes(3))
                .headers(admin);
    }

    private static JsonNode json(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JSON.readTree(answer.body());
    }

    private static long peakMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + hub.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void goesThroughRowByRow() throws Exception {
        long before = peakMegabytes();
        long start = System.nanoTime();
        Path template = folder.resolve("template.xlsx");
        assertThat(HTTP.send(
                                request("/ledgers/persons/template").GET().build(),
                                HttpResponse.BodyHandlers.ofFile(template))
                        .statusCode())
                .isEqualTo(200);
        long written = System.nanoTime();
        long templateBytes = Files.size(template);
        Path filled = folder.resolve("filled.xlsx");
        Path rows = folder.resolve("rows.xml");
        int[] people = {0};
        try (Writer out = Files.newBufferedWriter(rows)) {
            WorkbookFile.forEachRow(template, (number, texts) -> {
                people[0] += number > 2 ? 1 : 0;
                out.write(WorkbookFile.row(number, number == 1 ? HEAD : number == 2 ? List.of("记录编号") : filled(texts)));
            });
        }
        WorkbookFile.write(filled, rows);
        assertThat(people[0]).isEqualTo(PEOPLE);

        long sent = System.nanoTime();
        JsonNode upload = json(request("/correction-uploads?name=large.xlsx")
                .POST(HttpRequest.BodyPublishers.ofFile(filled))
                .build());
        String path = "/correction-uploads/" + upload.get("id").asText();
        JsonNode read = Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .until(
                        () -> json(request(path).GET().build()),
                        u -> !u.get("state").asText().equals("READING"));
        long checked = System.nanoTime();
        assertThat(read.get("state").asText()).as(read.toString()).isEqualTo("READY");
        assertThat(read.get("rows").asInt()).isEqualTo(PEOPLE);
        assertThat(read.get("pending").asInt()).isEqualTo(PEOPLE);
        long peak = peakMegabytes();

        json(request(path + "/application")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
        JsonNode part = Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .until(
                        () -> json(request(path).GET().build()),
                        u -> u.get("applied").asInt() >= 5_000);
        long applied = System.nanoTime();
        long quality = System.nanoTime();
        assertThat(json(request("/quality?ledger=persons").GET().build())
                        .get("records")
                        .asInt())
                .isEqualTo(PEOPLE);
        LOG.infof(
                "100,000 rows: template %d MB in %.1f s; upload %d MB read and checked in %.1f s; %.0f rows/s applied;"
                        + " quality in %.1f s meanwhile; resident peak %d MB, %d before",
                templateBytes >> 20,
                (written - start) / 1e9,
                Files.size(filled) >> 20,
                (checked - sent) / 1e9,
                part.get("applied").asInt() / ((applied - checked) / 1e9),
                (System.nanoTime() - quality) / 1e9,
                peak,
                before);
        assertThat(peak).as("a heap of 384 MB and what a JVM has beside it").isLessThan(900);
    }

    /** Record, version, title, name and the masked number as they were, a degree, and why. */
    private static List<String> filled(List<String> row) {
        return List.of(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), "大学本科", "看过毕业证书");
    }
}
