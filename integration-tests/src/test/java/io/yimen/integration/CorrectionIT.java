package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.yimen.integration.HubClient.Answer;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Role;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What people put right, through the front doors: a worker, an officer, and the election system that goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorrectionIT {
    private final TestBed bed = new TestBed(TestBed.Size.small("correction").withoutBroker());
    private final ElectionEntries entries = new ElectionEntries(bed);
    private String own = "";
    private int serial = 9_300_000;

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().with("yimen.corrections.level", "street").start();
        bed.awaitSettled();
        bed.putAccounts();
        own = bed.community().code();
    }

    @AfterAll
    void close() {
        bed.close();
    }

    /** A member of the community as the election system has it, by its key there. */
    private String person(int key, String name) {
        entries.member(key, name, LocalDate.of(1961, 5, 4).plusDays(key % 1000), own);
        awaitTitle(key, name);
        return id(key);
    }

    private String id(int key) {
        return bed.tables()
                .rows(
                        "select r.entity_id::text from source_record r join stream s on s.id = r.stream_id"
                                + " where s.stream = 'member-person' and r.key = ?",
                        Integer.toString(key))
                .get(0)
                .get(0);
    }

    private void awaitTitle(int key, String title) {
        await(title + " in the pool")
                .atMost(TestBed.PATIENCE)
                .until(() -> bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                          join entity e on e.id = r.entity_id
                         where s.stream = 'member-person' and r.key = ? and e.title = ?""", Integer.toString(key), title) == 1);
    }

    /** Waits until the pool has what the election system says of a member now. */
    private void awaitSaid(int key, String name) {
        await(name + " from the source")
                .atMost(TestBed.PATIENCE)
                .until(() -> bed.tables().number("""
                        select count(*) from source_record r join stream s on s.id = r.stream_id
                         where s.stream = 'member-person' and r.key = ? and r.fields ->> 'name' = ?""", Integer.toString(key), name) == 1);
    }

    private void renames(int key, String name) {
        entries.update("update t_cy set xm = '" + name + "' where cy_id = " + key);
        awaitSaid(key, name);
    }

    private JsonNode propose(HubClient by, String id, String field, String value) {
        Answer made = by.post(
                "/corrections",
                Map.of("ledger", "persons", "id", id, "field", field, "value", value, "reason", "核对过身份证"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json();
    }

    private String title(String id) {
        return bed.admin().get("/ledgers/persons/" + id).body().path("title").asText();
    }

    private JsonNode correction(JsonNode made) {
        return bed.admin().get("/corrections/" + made.path("id").asText()).body();
    }

    @Test
    void whatAWorkerPutsRightSurvivesTheSourceAndTheHubUntilTheSourceAgrees() {
        int key = serial++;
        String id = person(key, "诸葛明日");
        JsonNode made = propose(bed.worker(), id, "name", "诸葛明月");
        assertThat(made.path("state").asText()).isEqualTo("PROPOSED");
        assertThat(title(id)).isEqualTo("诸葛明日");
        String path = "/corrections/" + made.path("id").asText();
        Answer own = bed.worker().post(path + "/acceptance", Map.of());
        assertThat(own.status()).as("not by who made it").isEqualTo(400);
        bed.officer().post(path + "/acceptance", Map.of()).body();
        assertThat(title(id)).isEqualTo("诸葛明月");

        entries.update("update t_cy set whcd = '30' where cy_id = " + key);
        entries.update("update t_cy set xm = xm, whcd = '20' where cy_id = " + key);
        await("the source's repetition")
                .atMost(TestBed.PATIENCE)
                .until(() -> bed.admin()
                        .get("/ledgers/persons/" + id)
                        .body()
                        .at("/fields/education/value")
                        .asText()
                        .equals("20"));
        assertThat(title(id)).isEqualTo("诸葛明月");
        bed.hub().kill();
        bed.hub().start();
        assertThat(title(id)).isEqualTo("诸葛明月");
        bed.rebuildVerify();

        JsonNode ticket = correction(made).at("/tickets/0");
        assertThat(ticket.path("state").asText()).isEqualTo("SENT");
        assertThat(ticket.path("says").asText()).isEqualTo("诸葛明日");
        renames(key, "诸葛明月");
        JsonNode ended = correction(made);
        assertThat(ended.at("/correction/ended").asText()).isEqualTo("AGREED");
        assertThat(ended.at("/tickets/0/state").asText()).isEqualTo("FIXED");
        JsonNode lineage =
                bed.worker().get("/ledgers/persons/" + id + "/lineage").body();
        assertThat(lineage.findValuesAsText("source"))
                .as("the source's own again")
                .doesNotContain("yimen");
        bed.rebuildVerify();
        assertThat(bed.tables()
                        .number(
                                "select count(*) from audit where object = ? and action like '%CORRECTION'",
                                path.substring(1).replace("corrections", "correction")))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void newsOfTheSourceWaitsForAPerson() {
        int key = serial++;
        String id = person(key, "闻人静好");
        JsonNode made = propose(bed.officer(), id, "name", "闻人静姝");
        assertThat(made.path("state").asText()).as("an officer's own").isEqualTo("STANDING");

        renames(key, "闻人静女");
        JsonNode conflict = bed.officer()
                .get("/corrections?state=IN_CONFLICT&entity=" + id)
                .body()
                .at("/corrections/0");
        assertThat(conflict.at("/against/0/value").asText()).isEqualTo("闻人静女");
        assertThat(title(id)).as("nobody wins in silence").isEqualTo("闻人静姝");
        bed.officer()
                .post(
                        "/corrections/" + made.path("id").asText() + "/resolution",
                        Map.of("keep", "SOURCE", "reason", "本人已改名"))
                .body();
        assertThat(title(id)).isEqualTo("闻人静女");
        bed.rebuildVerify();
    }

    @Test
    void theOwnerOfASystemAnswersItsTicketsAndSeesNothingElse() {
        int key = serial++;
        String id = person(key, "上官明霞");
        JsonNode made = propose(bed.officer(), id, "name", "上官明夏");
        HubClient owner = account("owner", Role.WORKER, "source:election");
        HubClient other = account("other-owner", Role.WORKER, "source:credit-codes");
        JsonNode ticket = owner.all("/tickets", "tickets").stream()
                .filter(t -> t.path("correction").equals(made.path("id")))
                .findFirst()
                .orElseThrow();
        assertThat(ticket.path("says").asText()).isEqualTo("上官明霞");
        assertThat(ticket.path("answerable").asBoolean()).isTrue();
        assertThat(other.all("/tickets", "tickets")).isEmpty();
        assertThat(owner.get("/ledgers/persons/" + id).status()).isEqualTo(404);

        String answer = "/tickets/" + ticket.path("id").asText() + "/answer";
        Map<String, Object> refusal = Map.of("accepted", false, "answer", "户籍系统就是这样写的");
        assertThat(other.post(answer, refusal).status()).isEqualTo(404);
        assertThat(bed.officer().post(answer, refusal).status())
                .as("not his system")
                .isEqualTo(404);
        assertThat(owner.post(answer, refusal).body().path("state").asText()).isEqualTo("REFUSED");
        assertThat(owner.post(answer, Map.of("accepted", true)).status())
                .as("answered")
                .isEqualTo(409);
        assertThat(title(id)).as("stands until a person decides").isEqualTo("上官明夏");
    }

    private HubClient account(String login, Role role, String scope) {
        bed.put(new Account(login, login, Set.of(role), List.of(scope)));
        return bed.client(login);
    }

    @Test
    void acceptingManyWhileTheHubIsKilledIsAllOrNothing() {
        List<String> waiting = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int key = serial++;
            entries.member(
                    key, "公羊" + (char) ('甲' + i), LocalDate.of(1950, 1, 1).plusDays(37L * i), own);
            awaitSaid(key, "公羊" + (char) ('甲' + i));
            waiting.add(
                    propose(bed.worker(), id(key), "education", "20").path("id").asText());
        }
        for (int round = 0; round < 4; round++) {
            Map<String, Object> all = Map.of("corrections", waiting);
            HubClient officer = bed.officer();
            CompletableFuture<Void> asked = CompletableFuture.runAsync(() -> {
                try {
                    officer.post("/corrections/acceptances", all);
                } catch (RuntimeException e) {
                    // The hub was killed before it answered.
                }
            });
            long before = bed.tables().number("select count(*) from audit where action = 'ACCEPT_CORRECTION'");
            await("some time")
                    .pollDelay(java.time.Duration.ofMillis(10L + 35L * round))
                    .until(() -> true);
            bed.hub().kill();
            asked.join();
            long standing = bed.tables()
                    .number("select count(*) from correction where state = 'STANDING' and field = 'education'");
            assertThat(standing).isIn(0L, (long) waiting.size());
            assertThat(bed.tables().number("select count(*) from audit where action = 'ACCEPT_CORRECTION'") - before)
                    .isEqualTo(standing);
            bed.hub().start();
            if (standing > 0) {
                break;
            }
        }
        Answer last = bed.officer().post("/corrections/acceptances", Map.of("corrections", waiting));
        assertThat(last.status()).isIn(200, 409);
        assertThat(bed.tables()
                        .number("select count(*) from correction where state = 'STANDING' and field = 'education'"))
                .isEqualTo(waiting.size());
        bed.rebuildVerify();
    }

    @Test
    void evidenceIsSeenByWhoMaySeeThePersonAndByNobodyElse() {
        int key = serial++;
        String id = person(key, "东方既白");
        JsonNode made = propose(bed.worker(), id, "name", "东方既明");
        String path = "/corrections/" + made.path("id").asText() + "/evidence";
        byte[] pdf = "%PDF-1.7 东方既明的户口簿".getBytes(StandardCharsets.UTF_8);
        Map<String, Object> file = Map.of(
                "name",
                "户口簿.pdf",
                "mediaType",
                "application/pdf",
                "content",
                Base64.getEncoder().encodeToString(pdf));
        assertThat(bed.worker().post(path, file).status()).isEqualTo(201);

        assertThat(bed.officer().get(path + "/1").body().path("content").asText())
                .isEqualTo(Base64.getEncoder().encodeToString(pdf));
        assertThat(bed.tables()
                        .number("select count(*) from audit where action = 'EVIDENCE' and actor = ?", TestBed.OFFICER))
                .isPositive();
        HubClient stranger = account("stranger", Role.OFFICER, "place-code:2023|110105000000");
        for (String hidden :
                List.of(path + "/1", "/corrections/" + made.path("id").asText())) {
            assertThat(stranger.get(hidden).status()).as(hidden).isEqualTo(404);
        }
        assertThat(stranger.post(path, file).status()).isEqualTo(404);
        assertThat(stranger.all("/corrections", "corrections")).isEmpty();
        assertThat(bed.hub().log()).doesNotContain("户口簿").doesNotContain("东方既明");
    }

    @Test
    void aWorkerPutsItRightInTheBrowserAndAnOfficerAcceptsIt() {
        int key = serial++;
        String id = person(key, "南宫问雅");
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.WORKER);
            portal.go("/ledgers/persons/" + id);
            page.getByTestId("correct-name").click();
            page.getByTestId("correct-dialog").waitFor();
            page.locator("#correct-value").fill("南宫问月");
            page.getByTestId("correct-confirm").click();
            assertThat(page.getByTestId("correct-dialog").isVisible())
                    .as("no reason yet")
                    .isTrue();
            page.locator("#correct-reason").fill("看过身份证原件");
            page.locator("#correct-file")
                    .setInputFiles(new com.microsoft.playwright.options.FilePayload(
                            "身份证.pdf", "application/pdf", "%PDF-1.7".getBytes(StandardCharsets.US_ASCII)));
            portal.shoot("correction-1-dialog");
            page.getByTestId("correct-confirm").click();
            page.getByTestId("correct-dialog")
                    .waitFor(new Locator.WaitForOptions()
                            .setState(com.microsoft.playwright.options.WaitForSelectorState.DETACHED));
            assertThat(portal.complaints()).isEmpty();
        }
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.OFFICER);
            page.getByTestId("nav-corrections").click();
            Locator item = page.getByTestId("correction").filter(new Locator.FilterOptions().setHasText("南宫问月"));
            item.waitFor();
            item.getByTestId("correction-more").click();
            item.getByTestId("evidence").waitFor();
            portal.shoot("correction-2-waiting");
            item.getByTestId("correction-acceptance").click();
            item.waitFor(new Locator.WaitForOptions()
                    .setState(com.microsoft.playwright.options.WaitForSelectorState.DETACHED));
            assertThat(title(id)).isEqualTo("南宫问月");

            portal.go("/ledgers/persons/" + id + "?tab=lineage");
            page.getByTestId("lineage-people").waitFor();
            portal.shoot("correction-3-lineage");
            portal.go("/ledgers/persons/" + id + "?tab=history");
            page.getByTestId("history-entry").first().waitFor();
            assertThat(page.getByTestId("history-entry").first().innerText()).contains(TestBed.OFFICER, "南宫问月");
            portal.go("/tickets");
            page.getByTestId("ticket").first().waitFor();
            portal.shoot("correction-4-tickets");

            renames(key, "南宫问天");
            portal.go("/corrections");
            Locator conflict = page.getByTestId("correction").filter(new Locator.FilterOptions().setHasText("南宫问天"));
            conflict.waitFor();
            portal.shoot("correction-5-conflict");
            conflict.getByTestId("correction-keep-correction").click();
            page.getByTestId("reason").fill("再次核对过身份证");
            page.getByTestId("reason-confirm").click();
            conflict.waitFor(new Locator.WaitForOptions()
                    .setState(com.microsoft.playwright.options.WaitForSelectorState.DETACHED));
            assertThat(title(id)).isEqualTo("南宫问月");
            page.setViewportSize(390, 844);
            portal.go("/corrections?part=standing");
            page.getByTestId("correction").first().waitFor();
            assertThat((Number) page.evaluate("document.documentElement.scrollWidth"))
                    .as("nothing is wider than the screen of a phone")
                    .isEqualTo(390);
            portal.shoot("correction-6-phone");
            assertThat(portal.complaints()).isEmpty();
        }
    }
}
