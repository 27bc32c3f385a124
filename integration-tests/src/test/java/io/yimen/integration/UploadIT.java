package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Many corrections at once, through the front doors. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UploadIT {
    private static final String XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    private static final String MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private static final String RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private static final String PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestBed bed = new TestBed(TestBed.Size.small("upload").withoutBroker());

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().start();
        bed.awaitSettled();
        bed.putAccounts();
    }

    @AfterAll
    void close() {
        bed.close();
    }

    /** A workbook whose cells are all text. */
    private static byte[] workbook(List<List<String>> rows) {
        StringBuilder sheet = new StringBuilder("<worksheet xmlns='" + MAIN + "'><sheetData>");
        for (List<String> row : rows) {
            sheet.append("<row>");
            row.forEach(text ->
                    sheet.append("<c t='inlineStr'><is><t>").append(text).append("</t></is></c>"));
            sheet.append("</row>");
        }
        sheet.append("</sheetData></worksheet>");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(
                    zip,
                    "xl/workbook.xml",
                    "<workbook xmlns='" + MAIN + "' xmlns:r='" + RELATION
                            + "'><sheets><sheet name='a' sheetId='1' r:id='a'/></sheets></workbook>");
            put(
                    zip,
                    "xl/_rels/workbook.xml.rels",
                    "<Relationships xmlns='" + PACKAGE + "'><Relationship Id='a' Type='" + RELATION
                            + "/worksheet' Target='worksheets/sheet1.xml'/></Relationships>");
            put(zip, "xl/worksheets/sheet1.xml", sheet.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String part, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(part));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String upload(byte[] workbook) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(bed.hub().api("/correction-uploads?name=people.xlsx"))
                                .header("Content-Type", XLSX)
                                .header("Authorization", "Bearer " + bed.admin().token())
                                .POST(HttpRequest.BodyPublishers.ofByteArray(workbook))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        JsonNode made = JSON.readTree(answer.body());
        return made.get("id").asText();
    }

    private JsonNode inState(String upload, String state) {
        return await(upload + " " + state)
                .atMost(TestBed.PATIENCE)
                .until(
                        () -> bed.admin().get("/correction-uploads/" + upload).body(),
                        u -> u.path("state").asText().equals(state));
    }

    @Test
    void anUploadThatIsKilledInTheMiddleGoesOnAndMakesNothingTwice() throws Exception {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("yimen/persons", "version", "address", "reason"));
        for (List<String> person : bed.tables().rows("""
                select id::text, version::text from entity
                 where entity_type = 'Person' and status = 'ACTIVE' order by id limit 1500""")) {
            rows.add(List.of(person.get(0), person.get(1), "东华门街道" + person.get(0) + "号", "入户走访"));
        }
        int people = rows.size() - 1;
        assertThat(people).as("several sets of rows").isGreaterThan(600);
        String id = upload(workbook(rows));
        assertThat(inState(id, "READY").path("pending").asInt()).isEqualTo(people);

        bed.admin()
                .post("/correction-uploads/" + id + "/application", List.of())
                .body();
        await("a part of it")
                .atMost(TestBed.PATIENCE)
                .until(() ->
                        bed.tables().number("select applied from correction_upload where id = ?::bigint", id) > 100);
        bed.hub().kill();
        long part = bed.tables().number("select applied from correction_upload where id = ?::bigint", id);
        assertThat(part).isLessThan(people);
        assertThat(bed.tables().number("select count(*) from correction where field = 'address' and actor = 'admin'"))
                .as("all of a set of rows or none of it")
                .isEqualTo(part);

        // It goes on by itself.
        bed.hub().start();
        JsonNode done = inState(id, "APPLIED");
        assertThat(done.path("applied").asInt()).isEqualTo(people);
        assertThat(
                        bed.tables()
                                .number(
                                        "select count(*) from correction where field = 'address' and actor = 'admin' and state = 'STANDING'"))
                .isEqualTo(people);
        assertThat(bed.tables().number("""
                select count(*) from (select r.stream_id, r.key from correction_record r
                  join correction c on c.id = r.correction_id and c.field = 'address' and c.actor = 'admin' and r.rank = 1
                 group by 1, 2 having count(*) > 1) twice""")).isZero();
        assertThat(bed.hub().log()).doesNotContain("东华门街道" + rows.get(1).get(0) + "号");
        bed.rebuildVerify();
    }

    @Test
    void aWorkerPutsManyRightInTheBrowserAndLooksAtTheQuality() throws Exception {
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.WORKER);
            portal.go("/ledgers/persons");
            page.getByTestId("ledger-row").first().waitFor();
            Download template =
                    page.waitForDownload(() -> page.getByTestId("template").click());
            assertThat(template.suggestedFilename()).endsWith(".xlsx");
            assertThat(Files.size(template.path())).isGreaterThan(1000);

            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("yimen/persons", "version", "title", "name", "education", "address", "reason"));
            JsonNode people =
                    bed.worker().get("/ledgers/persons?limit=30").body().path("records");
            int number = 0;
            for (JsonNode person : people) {
                String name = person.path("title").asText();
                rows.add(List.of(
                        person.path("id").asText(),
                        person.path("version").asText(),
                        name,
                        number == 1 ? name + "英" : name,
                        number == 2
                                ? "博士后"
                                : person.at("/fields/education/value").asText(),
                        "走访路" + number + "号",
                        number == 3 ? "" : "入户走访"));
                number++;
            }
            rows.add(List.of("999999999", "1", "谁", "谁", "", "走访路", "入户走访"));
            page.getByTestId("to-uploads").click();
            page.getByTestId("upload-file").setInputFiles(new FilePayload("人员更正.xlsx", XLSX, workbook(rows)));
            page.getByTestId("upload-apply").waitFor();
            page.getByTestId("upload-row").first().waitFor();
            assertThat(page.getByTestId("upload-state").innerText()).contains("已核对");
            assertThat(page.getByTestId("upload-rows").innerText())
                    .contains("英", "education is one of", "没有写更正理由", "辖区内没有这条记录");
            portal.shoot("upload-1-preview");
            page.getByTestId("rows-FAULTY").click();
            Download errors =
                    page.waitForDownload(() -> page.getByTestId("upload-errors").click());
            assertThat(Files.size(errors.path())).isGreaterThan(1000);
            page.getByTestId("upload-apply").click();
            page.getByText("已完成").first().waitFor();
            page.getByTestId("rows-all").click();
            page.getByTestId("upload-row").first().waitFor();
            portal.shoot("upload-2-applied");
            portal.go("/uploads");
            page.getByTestId("uploads").waitFor();
            portal.shoot("upload-3-list");
            assertThat(bed.tables()
                            .number("select count(*) from correction where actor = 'worker' and field = 'address'"))
                    .isEqualTo(people.size() - 2);

            portal.go("/quality?ledger=persons");
            page.getByTestId("quality-accuracy").waitFor();
            assertThat(page.getByTestId("quality-completeness").innerText()).contains("姓名", "100%");
            assertThat(page.getByTestId("quality-freshness").innerText()).contains("member-person");
            portal.shoot("quality-1-worker");
            page.setViewportSize(390, 844);
            portal.go("/quality?ledger=persons");
            page.getByTestId("quality-accuracy").waitFor();
            assertThat((Number) page.evaluate("document.documentElement.scrollWidth"))
                    .as("nothing is wider than the screen of a phone")
                    .isEqualTo(390);
            assertThat(portal.complaints()).isEmpty();
        }
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.ADMIN);
            portal.go("/quality?ledger=organizations");
            page.getByTestId("quality-places").waitFor();
            portal.shoot("quality-2-all");
            assertThat(portal.complaints()).isEmpty();
        }
    }
}
