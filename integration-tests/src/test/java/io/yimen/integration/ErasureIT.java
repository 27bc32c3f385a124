package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.yimen.integration.HubClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** People whom the hub has to forget while the election system goes on speaking of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErasureIT {
    private final TestBed bed = new TestBed(TestBed.Size.small("erasure"));
    private final ElectionEntries entries = new ElectionEntries(bed);
    private String own = "";
    private int serial = 9_500_000;

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().start();
        bed.awaitSettled();
        bed.putAccounts();
        own = bed.community().code();
    }

    @AfterAll
    void close() {
        bed.close();
    }

    /** Somebody who has left the committee, so that no law says to keep anything. */
    private String person(int key, String name) {
        entries.member(key, name, LocalDate.of(1961, 5, 4).plusDays(key % 1000), own);
        entries.update("update t_cy set zt = '2', sjh = '13900" + key % 1_000_000 + "' where cy_id = " + key);
        await(name + " in the pool")
                .atMost(TestBed.PATIENCE)
                .until(() -> bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                         where s.stream = 'membership' and r.key = ? and r.fields ->> 'status' = 'LEFT'""", Integer.toString(key)) == 1);
        return bed.tables().rows("""
                        select r.entity_id::text from source_record r join stream s on s.id = r.stream_id
                         where s.stream = 'member-person' and r.key = ?""", Integer.toString(key)).get(0).get(0);
    }

    private String request(String id) {
        Answer asked = bed.officer()
                .post(
                        "/erasures",
                        Map.of("ledger", "persons", "id", id, "ground", "consent-withdrawn", "reason", "本人书面申请"));
        assertThat(asked.status()).as(asked.text()).isEqualTo(201);
        return "/erasures/" + asked.json().path("id").asText();
    }

    private Answer accept(String erasure) {
        JsonNode preview = bed.admin().post(erasure + "/preview", Map.of()).body();
        assertThat(preview.path("extent").asText()).isEqualTo("WHOLE");
        return bed.admin()
                .post(
                        erasure + "/acceptance",
                        Map.of("token", preview.path("token").asText()));
    }

    private long withheld() {
        return bed.tables().number("select coalesce(sum(withheld), 0) from run_count");
    }

    private List<List<String>> holding(String text) {
        List<List<String>> found = new ArrayList<>();
        bed.tables().forEachRow((table, row) -> {
            if (row.contains(text)) {
                found.add(List.of(table, row));
            }
        });
        return found;
    }

    @Test
    void whoeverIsErasedStaysAwayHoweverOftenTheSourceSpeaks() {
        int key = serial++;
        String id = person(key, "申屠长空");
        String erasure = request(id);
        assertThat(bed.officer()
                        .post(erasure + "/acceptance", Map.of("token", "x"))
                        .status())
                .as("not by who asked for it")
                .isIn(400, 409);

        JsonNode done = accept(erasure).body();

        assertThat(done.path("state").asText()).isEqualTo("DONE");
        assertThat(holding("申屠长空")).isEmpty();
        Answer gone = bed.officer().get("/ledgers/persons/" + id);
        assertThat(gone.status()).isEqualTo(410);
        assertThat(gone.json().path("code").asText()).isEqualTo("erased");
        bed.rebuildVerify();
        long before = withheld();
        entries.update("update t_cy set xm = '申屠长天', whcd = '20' where cy_id = " + key);
        await("the source's word was heard").atMost(TestBed.PATIENCE).until(() -> withheld() > before);
        bed.hub().kill();
        bed.hub().start();
        long then = withheld();
        entries.update("update t_cy set xm = '申屠长地' where cy_id = " + key);
        await("and again after a restart").atMost(TestBed.PATIENCE).until(() -> withheld() > then);
        for (String name : List.of("申屠长空", "申屠长天", "申屠长地")) {
            assertThat(holding(name)).isEmpty();
        }
        assertThat(bed.tables().unbalancedRuns()).isEmpty();
        assertThat(bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                         where s.stream = 'membership' and r.key = ? and r.fields ->> 'person' is null""", Integer.toString(key)))
                .as("the post stays, without the person")
                .isEqualTo(1);
        bed.rebuildVerify();
        await("Kafka is told to forget").atMost(TestBed.PATIENCE).untilAsserted(() -> {
            List<ChangeTopics.Message> told = ChangeTopics.readAll(bed.broker().bootstrapServers()).stream()
                    .filter(m -> m.topic().equals("yimen.person") && id.equals(m.key()))
                    .toList();
            assertThat(told).hasSizeGreaterThan(2);
            assertThat(told.get(told.size() - 1).value()).as("a tombstone").isEmpty();
            assertThat(told.get(told.size() - 2).attribute("type")).isEqualTo("io.yimen.person.erased");
            assertThat(told.get(told.size() - 2).text()).doesNotContain("申屠");
        });
        assertThat(bed.hub().log()).doesNotContain("申屠");
    }

    @Test
    void killedWhileErasingItIsAllOrNothing() {
        int key = serial++;
        String id = person(key, "公羊问天");
        String erasure = request(id);
        for (int round = 0; round < 4; round++) {
            HubClient admin = bed.admin();
            String token = admin.post(erasure + "/preview", Map.of())
                    .body()
                    .path("token")
                    .asText();
            CompletableFuture<Void> asked = CompletableFuture.runAsync(() -> {
                try {
                    admin.post(erasure + "/acceptance", Map.of("token", token));
                } catch (RuntimeException e) {
                    // The hub was killed before it answered.
                }
            });
            await("some time").pollDelay(Duration.ofMillis(5L + 15L * round)).until(() -> true);
            bed.hub().kill();
            asked.join();
            boolean done = bed.tables()
                            .number(
                                    "select count(*) from erasure where entity_id = ? and state = 'DONE'",
                                    Long.valueOf(id))
                    == 1;
            assertThat(holding("公羊问天").isEmpty()).as("all or nothing").isEqualTo(done);
            assertThat(bed.tables()
                            .number("select count(*) from audit where action = 'ERASE' and object = ?", "Person/" + id))
                    .isEqualTo(done ? 1 : 0);
            bed.hub().start();
            bed.rebuildVerify();
            if (done) {
                return;
            }
        }
        assertThat(accept(erasure).status()).isEqualTo(200);
        assertThat(holding("公羊问天")).isEmpty();
        bed.rebuildVerify();
    }

    @Test
    void officersClickItThroughInTheBrowser() throws IOException {
        int key = serial++;
        String id = person(key, "濮阳若水");
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.OFFICER);
            portal.go("/ledgers/persons/" + id);
            Download download = page.waitForDownload(() -> {
                page.getByTestId("dossier").click();
                page.getByTestId("purpose").fill("本人要求查阅");
                page.getByTestId("purpose-confirm").click();
            });
            assertThat(Files.readString(download.path()))
                    .contains("濮阳若水", "election/member-person/" + key, "Who looked", "本人要求查阅");
            page.getByTestId("erase").click();
            page.getByTestId("erase-dialog").waitFor();
            page.getByTestId("erase-confirm").click();
            assertThat(page.getByTestId("erase-dialog").isVisible())
                    .as("no ground and no reason yet")
                    .isTrue();
            page.getByTestId("ground-consent-withdrawn").check();
            page.locator("#erase-reason").fill("本人书面申请");
            portal.shoot("erasure-1-dialog");
            page.getByTestId("erase-confirm").click();
            page.getByTestId("erasure").first().waitFor();
            assertThat(portal.complaints()).isEmpty();
        }
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.ADMIN);
            portal.go("/erasures");
            Locator item = page.getByTestId("erasure").filter(new Locator.FilterOptions().setHasText(id));
            item.getByTestId("preview").click();
            page.getByTestId("accept-erasure").waitFor();
            portal.shoot("erasure-2-preview");
            page.getByTestId("accept-erasure").click();
            page.getByTestId("accept-erasure")
                    .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
            item.getByTestId("lift").waitFor();
            portal.shoot("erasure-3-done");
            assertThat(holding("濮阳若水")).isEmpty();
            page.setViewportSize(390, 844);
            portal.go("/erasures");
            page.getByTestId("erasure").first().waitFor();
            assertThat((Number) page.evaluate("document.documentElement.scrollWidth"))
                    .as("nothing is wider than the screen of a phone")
                    .isEqualTo(390);
            assertThat(portal.complaints()).isEmpty();
        }
    }
}
