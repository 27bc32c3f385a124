package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.yimen.integration.HubClient.Answer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What stewards see and decide, through the front doors: pairs of people that the machine is not sure of, each pair
 * made of two members that an election system entered with a slip and without their numbers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StewardIT {
    private static final String SOURCE = "election";
    private static final String STREAM = "member-person";

    private final TestBed bed = new TestBed(TestBed.Size.small("steward").withoutBroker());
    private final ElectionEntries entries = new ElectionEntries(bed);
    private String own = "";
    private String other = "";
    private int serial;

    /** Two entities that may be one. */
    private record Twins(JsonNode left, JsonNode right, String leftKey, String rightKey) {
        String path() {
            return "/reviews/" + id(left) + "/" + id(right);
        }
    }

    @BeforeAll
    void fill() {
        bed.writeDrop();
        bed.hub().start();
        bed.awaitSettled();
        bed.putAccounts();
        own = bed.community().code();
        String street = own.substring(0, 9);
        other = bed
                .tables()
                .rows(
                        "select split_part(value, '|', 2) from identifier where name = 'place-code' and value like '2023|110101%'")
                .stream()
                .map(row -> row.get(0))
                .filter(code -> !code.startsWith(street) && !code.endsWith("000"))
                .sorted()
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    void close() {
        bed.close();
    }

    @Test
    void aMergerIsShownFirstThenDoneAndTheOldIdLeadsOn() {
        HubClient officer = bed.officer();
        Twins twins = twins("慕容晓峰", own, own);
        JsonNode detail = officer.get(twins.path()).body();
        assertThat(detail.at("/left/title").asText()).isEqualTo("慕容晓峰");
        JsonNode evidence = detail.at("/evidence/0");
        double sum = 0;
        for (JsonNode contribution : evidence.path("contributions")) {
            sum += contribution.path("weight").asDouble();
        }
        assertThat(sum).isCloseTo(evidence.path("weight").asDouble(), org.assertj.core.api.Assertions.within(0.01));
        assertThat(evidence.path("weight").asDouble())
                .isBetween(
                        detail.at("/thresholds/possible").asDouble(),
                        detail.at("/thresholds/match").asDouble());

        Map<String, Object> proposal = proposal("MERGE", List.of(twins.left(), twins.right()), List.of());
        JsonNode preview = officer.post("/decisions/preview", proposal).body();
        assertThat(fates(preview.path("outcomes"))).containsEntry("MERGED", 1L);
        assertThat(ids(bed.admin().all("/ledgers/persons?q=" + HubClient.encode("慕容晓峰"), "records")))
                .as("a preview changes nothing")
                .hasSize(2);

        Answer decided = officer.post("/decisions", Map.of("proposal", proposal, "reason", "同一个人"));
        assertThat(decided.status()).as(decided.text()).isEqualTo(201);
        JsonNode merged = outcome(decided.body().at("/effect/outcomes"), "MERGED");
        String gone = merged.path("id").asText();
        String kept = merged.path("into").asText();
        JsonNode record = officer.get("/ledgers/persons/" + gone).body();
        assertThat(record.path("id").asText()).isEqualTo(kept);
        assertThat(record.path("redirectedFrom").asText()).isEqualTo(gone);
        assertThat(record.path("records").asInt()).isEqualTo(2);
        assertThat(officer.get(twins.path()).status()).isEqualTo(404);

        // A worker sees why, and an id that was merged answers with what it leads to.
        JsonNode identity =
                bed.worker().get("/ledgers/persons/" + gone + "/identity").body();
        assertThat(identity.path("members")).hasSize(2);
        assertThat(identity.path("members")).anySatisfy(member -> {
            assertThat(member.path("origin").asText()).isEqualTo("MANUAL");
            assertThat(member.path("rule").asText()).isEqualTo("steward");
            assertThat(member.path("decision").asText())
                    .isEqualTo(decided.body().at("/decision/id").asText());
        });

        Map<String, Object> anyVersion =
                Map.of("action", "MERGE", "entities", List.of(seen(kept, 0), seen(gone, 0)), "records", List.of());
        Answer again = officer.post("/decisions", Map.of("proposal", anyVersion, "reason", "再来一次"));
        assertThat(again.status()).as(again.text()).isEqualTo(409);
        assertThat(again.json().path("code").asText()).isEqualTo("redirected");
        assertThat(again.json().path("redirectTo").asText()).isEqualTo(kept);
    }

    @Test
    void aSplitUndoesAMergerAndWithdrawingItDoesItAgain() {
        HubClient officer = bed.officer();
        Twins twins = twins("司徒明远", own, own);
        String before = bed.poolHash();
        JsonNode merged = decide(officer, proposal("MERGE", List.of(twins.left(), twins.right()), List.of()))
                .at("/effect/outcomes");
        String kept = outcome(merged, "MERGED").path("into").asText();
        JsonNode whole = officer.get("/ledgers/persons/" + kept).body();

        Map<String, Object> split = proposal("SPLIT", List.of(whole), List.of(twins.rightKey()));
        assertThat(fates(officer.post("/decisions/preview", split).body().path("outcomes")))
                .containsEntry("NEW", 1L);
        JsonNode decided = decide(officer, split);
        assertThat(bed.poolHash()).as("the pool as if never merged").isEqualTo(before);
        assertThat(officer.get("/ledgers/persons/" + kept)
                        .body()
                        .path("records")
                        .asInt())
                .isEqualTo(1);
        String fresh = outcome(decided.at("/effect/outcomes"), "NEW").path("id").asText();
        assertThat(fresh).isNotEmpty().isNotEqualTo(kept);

        String all = split(officer, kept, List.of(twins.leftKey()));
        assertThat(all).as("a split that leaves nothing").isEqualTo("400 invalid-request");

        String number = decided.at("/decision/id").asText();
        assertThat(fates(officer.send("POST", "/decisions/" + number + "/withdrawal/preview", null)
                        .body()
                        .path("outcomes")))
                .containsEntry("MERGED", 1L);
        officer.post("/decisions/" + number + "/withdrawal", Map.of("reason", "还是一个人"))
                .body();
        assertThat(officer.get("/ledgers/persons/" + fresh).body().path("id").asText())
                .isEqualTo(kept);
        Answer twice = officer.post("/decisions/" + number + "/withdrawal", Map.of("reason", "再撤一次"));
        assertThat(twice.status() + " " + twice.json().path("code").asText()).isEqualTo("409 conflict");
        JsonNode listed = officer.get("/decisions?entity=" + kept).body().path("decisions");
        assertThat(listed).hasSize(2);
        assertThat(listed.at("/0/withdrawn/reason").asText()).isEqualTo("还是一个人");
    }

    @Test
    void aDecisionAgainstAnOutdatedVersionChangesNothing() {
        HubClient officer = bed.officer();
        Twins twins = twins("诸葛文静", own, own);
        JsonNode seen = twins.left();
        entries.update("update t_cy set sjh = '13922223333' where cy_id = " + twins.leftKey());
        await("the new phone in the pool")
                .atMost(TestBed.PATIENCE)
                .until(() -> officer.get("/ledgers/persons/" + id(seen))
                                .body()
                                .path("version")
                                .asLong()
                        > seen.path("version").asLong());
        String before = bed.poolHash();
        long decisions = bed.tables().number("select count(*) from decision");
        for (String path : List.of("/decisions/preview", "/decisions")) {
            Map<String, Object> proposal = proposal("MERGE", List.of(seen, twins.right()), List.of());
            Answer answer = officer.post(
                    path, path.endsWith("preview") ? proposal : Map.of("proposal", proposal, "reason", "同一个人"));
            assertThat(answer.status()).as(answer.text()).isEqualTo(409);
            assertThat(answer.json().path("code").asText()).isEqualTo("stale-version");
        }
        assertThat(bed.poolHash()).isEqualTo(before);
        assertThat(bed.tables().number("select count(*) from decision")).isEqualTo(decisions);
        assertThat(officer.get(twins.path()).status()).isEqualTo(200);
    }

    @Test
    void whatIsNotTheSameLeavesTheQueueAndComesBackWhenWithdrawn() {
        HubClient officer = bed.officer();
        Twins twins = twins("上官云飞", own, own);
        assertThat(queue(officer)).contains(pair(twins));
        Map<String, Object> proposal = proposal("NOT_DUPLICATE", List.of(twins.left(), twins.right()), List.of());
        assertThat(officer.post("/decisions/preview", proposal).body().path("outcomes"))
                .as("neither ids nor values change")
                .isEmpty();
        String number = decide(officer, proposal).at("/decision/id").asText();
        assertThat(queue(officer)).doesNotContain(pair(twins));
        assertThat(officer.get(twins.path()).status()).isEqualTo(404);
        officer.post("/decisions/" + number + "/withdrawal", Map.of("reason", "再看看"))
                .body();
        assertThat(queue(officer)).contains(pair(twins));
    }

    @Test
    void whatSpeaksAgainstAMergerAsksAndChangesNothingUntilSomebodyDecides() {
        HubClient officer = bed.officer();
        Twins twins = twins("百里长风", own, own);
        JsonNode merged = decide(officer, proposal("MERGE", List.of(twins.left(), twins.right()), List.of()));
        String number = merged.at("/decision/id").asText();
        String kept =
                outcome(merged.at("/effect/outcomes"), "MERGED").path("into").asText();
        // Two numbers that are both valid are two people.
        entries.update("update t_cy set sfzh = '110101194912310032' where cy_id = " + twins.leftKey());
        entries.update("update t_cy set sfzh = '110105194912310054' where cy_id = " + twins.rightKey());

        JsonNode challenged = challenged(officer, kept);
        assertThat(challenged.path("right").asText()).isEqualTo(kept);
        assertThat(challenged.path("decision").asText()).isEqualTo(number);
        assertThat(challenged.path("weight").asDouble()).isNegative();
        JsonNode record = officer.get("/ledgers/persons/" + kept).body();
        assertThat(record.path("records").asInt())
                .as("nothing changes by itself")
                .isEqualTo(2);
        JsonNode detail = officer.get("/reviews/" + kept + "/" + kept).body();
        assertThat(detail.at("/review/kind").asText()).isEqualTo("CHALLENGED");
        assertThat(detail.at("/decisions/0/id").asText()).isEqualTo(number);
        assertThat(detail.at("/evidence/0/weight").asDouble()).isNegative();

        // Said once more, knowing what speaks against it.
        decide(officer, proposal("LINK", List.of(record), List.of(twins.leftKey(), twins.rightKey())));
        assertThat(queue(officer)).noneMatch(pair -> pair.startsWith(kept + "-" + kept));
        JsonNode upheld = officer.get("/ledgers/persons/" + kept).body();
        assertThat(upheld.path("records").asInt()).isEqualTo(2);

        decide(officer, proposal("SPLIT", List.of(upheld), List.of(twins.rightKey())));
        assertThat(officer.get("/ledgers/persons/" + kept)
                        .body()
                        .path("records")
                        .asInt())
                .isEqualTo(1);
        assertThat(queue(officer)).noneMatch(pair -> pair.contains("百里长风"));
    }

    @Test
    void whatSpeaksForAPairThatAPersonKeptApartAsksAgain() {
        HubClient officer = bed.officer();
        Twins twins = twins("东方既白", own, own);
        String number = decide(officer, proposal("NOT_DUPLICATE", List.of(twins.left(), twins.right()), List.of()))
                .at("/decision/id")
                .asText();
        assertThat(queue(officer)).doesNotContain(pair(twins));
        for (String key : List.of(twins.leftKey(), twins.rightKey())) {
            entries.update("update t_cy set sfzh = '110101194912310075', csrq = '19491231' where cy_id = " + key);
        }

        JsonNode challenged = challenged(officer, id(twins.left()));
        assertThat(challenged.path("right").asText()).isEqualTo(id(twins.right()));
        assertThat(challenged.path("decision").asText()).isEqualTo(number);
        assertThat(officer.get("/ledgers/persons/" + id(twins.right()))
                        .body()
                        .path("id")
                        .asText())
                .as("nothing changes by itself")
                .isEqualTo(id(twins.right()));
        officer.post("/decisions/" + number + "/withdrawal", Map.of("reason", "号码相同"))
                .body();
        assertThat(officer.get("/ledgers/persons/" + id(twins.right()))
                        .body()
                        .path("id")
                        .asText())
                .isEqualTo(id(twins.left()));
        assertThat(queue(officer)).noneMatch(pair -> pair.contains("东方既白"));
    }

    /** What waits because something speaks against a decision about an entity, once it does. */
    private static JsonNode challenged(HubClient client, String entity) {
        List<JsonNode> found = new ArrayList<>();
        await("a question about the decision").atMost(TestBed.PATIENCE).until(() -> {
            found.clear();
            client.all("/reviews", "reviews").stream()
                    .filter(r -> r.path("kind").asText().equals("CHALLENGED")
                            && r.path("left").asText().equals(entity))
                    .forEach(found::add);
            return found.size() == 1;
        });
        return found.get(0);
    }

    @Test
    void recordsMoveFromOneToAnother() {
        HubClient officer = bed.officer();
        Twins twins = twins("令狐志强", own, own);
        JsonNode linked = decide(officer, proposal("LINK", List.of(twins.left()), List.of(twins.rightKey())));
        assertThat(outcome(linked.at("/effect/outcomes"), "MERGED").path("into").asText())
                .isEqualTo(id(twins.left()));
        JsonNode whole = officer.get("/ledgers/persons/" + id(twins.left())).body();
        assertThat(whole.path("records").asInt()).isEqualTo(2);
        decide(officer, proposal("UNLINK", List.of(whole), List.of(twins.rightKey())));
        assertThat(officer.get("/ledgers/persons/" + id(twins.left()))
                        .body()
                        .path("records")
                        .asInt())
                .isEqualTo(1);
        assertThat(queue(officer))
                .as("a person said that they are not the same")
                .doesNotContain(pair(twins));
    }

    @Test
    void theQueueIsOrderedByLikelihoodOrByEffectAndPages() {
        twins("皇甫玉兰", own, own);
        twins("尉迟嘉木", own, own);
        List<JsonNode> byWeight = bed.admin().all("/reviews?order=weight", "reviews");
        List<JsonNode> byEffect = bed.admin().all("/reviews?order=effect&ledger=persons", "reviews");
        assertThat(byWeight.stream().map(r -> -r.path("weight").asDouble())).isSorted();
        assertThat(byEffect.stream().map(r -> -r.path("effect").asInt())).isSorted();
        assertThat(byEffect).allMatch(r -> r.path("ledger").asText().equals("persons"));
        List<String> paged = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = bed.admin()
                    .get("/reviews?limit=1&ledger=persons" + (cursor.isEmpty() ? "" : "&cursor=" + cursor))
                    .body();
            page.path("reviews").forEach(r -> paged.add(pair(r)));
            cursor = page.path("nextCursor").asText("");
        } while (!cursor.isEmpty());
        assertThat(paged)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(
                        byEffect.stream().map(StewardIT::pair).toList());
        Answer foreign = bed.admin().get("/reviews?order=effect&cursor=abc");
        assertThat(foreign.status() + " " + foreign.json().path("code").asText())
                .isEqualTo("400 invalid-cursor");
    }

    @Test
    void anOfficerOfOneStreetNeitherSeesNorDecidesAPairOfAnother() {
        HubClient officer = bed.officer();
        Twins foreign = twins("宇文思源", other, other);
        Twins across = twins("长孙若兰", own, other);
        assertThat(queue(bed.admin())).contains(pair(foreign), pair(across));
        assertThat(queue(officer)).doesNotContain(pair(foreign), pair(across));
        String before = bed.poolHash();
        for (Twins twins : List.of(foreign, across)) {
            assertThat(officer.get(twins.path()).status()).isEqualTo(404);
            for (String action : List.of("MERGE", "NOT_DUPLICATE")) {
                Map<String, Object> proposal = proposal(action, List.of(twins.left(), twins.right()), List.of());
                assertThat(officer.post("/decisions/preview", proposal).status())
                        .isEqualTo(404);
                assertThat(officer.post("/decisions", Map.of("proposal", proposal, "reason", "越权"))
                                .status())
                        .isEqualTo(404);
            }
        }
        // A record of another street is not to be had by naming its key either.
        JsonNode mine = officer.get("/ledgers/persons?q=" + HubClient.encode("长孙若兰"))
                .body()
                .at("/records/0");
        String theirs = id(mine).equals(id(across.left())) ? across.rightKey() : across.leftKey();
        Answer stolen = officer.post(
                "/decisions", Map.of("proposal", proposal("LINK", List.of(mine), List.of(theirs)), "reason", "越权"));
        assertThat(stolen.status()).as(stolen.text()).isEqualTo(404);
        assertThat(officer.get("/ledgers/persons/" + id(foreign.left()) + "/identity")
                        .status())
                .isEqualTo(404);
        assertThat(bed.poolHash()).isEqualTo(before);

        String number = decide(
                        bed.admin(), proposal("NOT_DUPLICATE", List.of(foreign.left(), foreign.right()), List.of()))
                .at("/decision/id")
                .asText();
        assertThat(officer.post("/decisions/" + number + "/withdrawal", Map.of("reason", "越权"))
                        .status())
                .isEqualTo(404);
        assertThat(officer.all("/decisions", "decisions"))
                .noneMatch(decision -> decision.path("id").asText().equals(number));
    }

    @Test
    void aWorkerDecidesNothing() {
        HubClient worker = bed.worker();
        for (String path : List.of("/reviews", "/reviews/1/2", "/decisions", "/rules")) {
            assertThat(worker.get(path).status()).as(path).isEqualTo(403);
        }
        Map<String, Object> proposal = Map.of("action", "MERGE", "entities", List.of(seen("1", 0), seen("2", 0)));
        assertThat(worker.post("/decisions/preview", proposal).status()).isEqualTo(403);
        assertThat(worker.post("/decisions", Map.of("proposal", proposal, "reason", "越权"))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void badProposalsAreToldApartAndChangeNothing() {
        HubClient admin = bed.admin();
        String before = bed.poolHash();
        JsonNode person = admin.get("/ledgers/persons?limit=1").body().at("/records/0");
        JsonNode place = admin.get("/ledgers/places?limit=1").body().at("/records/0");
        assertThat(refused(admin, proposal("MERGE", List.of(person), List.of())))
                .isEqualTo("400 invalid-request");
        assertThat(refused(admin, proposal("MERGE", List.of(person, person), List.of())))
                .isEqualTo("400 invalid-request");
        assertThat(refused(admin, proposal("MERGE", List.of(person, place), List.of())))
                .isEqualTo("400 invalid-request");
        assertThat(refused(admin, proposal("SPLIT", List.of(person), List.of())))
                .isEqualTo("400 invalid-request");
        assertThat(refused(admin, proposal("UNLINK", List.of(person), List.of("no-such-key"))))
                .isIn("404 not-found", "400 invalid-request");
        assertThat(refused(
                        admin,
                        Map.of("action", "MERGE", "entities", List.of(seen(id(person), 0), seen("999999999999", 0)))))
                .isEqualTo("404 not-found");
        assertThat(refused(admin, Map.of("action", "MARRY", "entities", List.of(seen("1", 0)))))
                .isEqualTo("400 invalid-body");
        assertThat(admin.post(
                                "/decisions",
                                Map.of("proposal", proposal("MERGE", List.of(person), List.of()), "reason", ""))
                        .json()
                        .path("code")
                        .asText())
                .isEqualTo("invalid-body");
        assertThat(bed.poolHash()).isEqualTo(before);
    }

    @Test
    void rulesAreReadByOfficersAndChangedByAdministratorsOnly() {
        HubClient officer = bed.officer();
        HubClient admin = bed.admin();
        JsonNode inForce = rules(officer);
        int version = inForce.path("version").asInt();
        String document = inForce.path("document").asText();
        Map<String, Object> same =
                Map.of("kind", "MATCH", "ledger", "persons", "basedOn", version, "document", document);
        assertThat(officer.post("/rules/preview", same).status()).isEqualTo(403);
        assertThat(officer.post("/rules", Map.of("change", same, "note", "越权")).status())
                .isEqualTo(403);

        JsonNode preview = admin.post("/rules/preview", same).body();
        assertThat(preview.path("merged").asLong() + preview.path("split").asLong())
                .as("the same rules change nothing")
                .isZero();
        assertThat(preview.path("records").asLong()).isPositive();

        String wrong = document.replaceFirst("kind: han-name", "kind: colour");
        int line = (int) document.substring(0, document.indexOf("kind: han-name"))
                .lines()
                .count();
        for (Answer answer : List.of(
                admin.post(
                        "/rules/preview",
                        Map.of("kind", "MATCH", "ledger", "persons", "basedOn", version, "document", wrong)),
                admin.post(
                        "/rules",
                        Map.of(
                                "change",
                                Map.of("kind", "MATCH", "ledger", "persons", "basedOn", version, "document", wrong),
                                "note",
                                "错误的规则")))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.json().path("code").asText()).isEqualTo("invalid-document");
            assertThat(answer.json().path("line").asInt()).isEqualTo(line);
            assertThat(answer.json().path("remedy").asText()).isNotBlank();
        }

        // Everything that is possible is a match now: pairs become one, and go back when the rules do.
        Twins twins = twins("淳于海棠", own, own);
        String before = bed.poolHash();
        String loose = document.replaceFirst("match: 0\\.\\d+", "match: 0.06");
        assertThat(loose).isNotEqualTo(document);
        Map<String, Object> change =
                Map.of("kind", "MATCH", "ledger", "persons", "basedOn", version, "document", loose);
        assertThat(admin.post("/rules/preview", change).body().path("merged").asLong())
                .isPositive();
        assertThat(bed.poolHash()).as("a preview changes nothing").isEqualTo(before);
        JsonNode applied =
                admin.post("/rules", Map.of("change", change, "note", "放宽")).body();
        assertThat(applied.path("version").asInt()).isEqualTo(version + 1);
        assertThat(applied.path("actor").asText()).isEqualTo(TestBed.ADMIN);
        assertThat(officer.get(twins.path()).status()).isEqualTo(404);
        Answer stale = admin.post("/rules", Map.of("change", change, "note", "再放宽"));
        assertThat(stale.status() + " " + stale.json().path("code").asText()).isEqualTo("409 stale-version");
        assertThat(rules(officer).path("version").asInt()).isEqualTo(version + 1);

        Map<String, Object> back =
                Map.of("kind", "MATCH", "ledger", "persons", "basedOn", version + 1, "document", document);
        admin.post("/rules", Map.of("change", back, "note", "恢复")).body();
        assertThat(bed.poolHash()).isEqualTo(before);
        assertThat(bed.tables()
                        .number("select count(*) from audit where actor = ? and action like '%RULE%'", TestBed.ADMIN))
                .isPositive();
    }

    @Test
    void aStewardWorksTheQueueInTheBrowser() {
        Twins first = twins("钟离文博", own, own);
        Twins second = twins("公孙思齐", own, own);
        try (Portal portal = Portal.open(bed, 1280, 900)) {
            Page page = portal.page();
            portal.signIn(TestBed.OFFICER);
            page.getByTestId("nav-reviews").click();
            page.getByTestId("review-queue").waitFor();
            portal.shoot("steward-1-queue");
            Locator pair = page.getByTestId("review")
                    .filter(new Locator.FilterOptions().setHasText("钟离文博"))
                    .first();
            pair.focus();
            page.keyboard().press("Enter");
            page.getByTestId("waterfall").waitFor();
            assertThat(page.locator("[data-field=birthDate]").getAttribute("data-likeness"))
                    .isEqualTo("different");
            assertThat(page.locator("[data-field=name]").getAttribute("data-likeness"))
                    .isEqualTo("same");
            portal.shoot("steward-2-pair");

            page.keyboard().press("m");
            page.getByTestId("effect").waitFor();
            portal.shoot("steward-3-effect");
            page.getByTestId("decision-reason").fill("同一个人，生日有笔误");
            page.getByTestId("decision-confirm").click();
            page.waitForCondition(() -> !page.url().contains(first.path()));
            assertThat(bed.officer().get(first.path()).status()).isEqualTo(404);
            String kept = bed.officer()
                    .get("/ledgers/persons/" + id(first.right()))
                    .body()
                    .path("id")
                    .asText();
            assertThat(bed.officer()
                            .get("/ledgers/persons/" + id(first.left()))
                            .body()
                            .path("id")
                            .asText())
                    .isEqualTo(kept);

            portal.go("/ledgers/persons/" + kept + "?tab=identity");
            page.getByTestId("identity-member").first().waitFor();
            assertThat(page.getByTestId("identity-member").count()).isEqualTo(2);
            page.getByTestId("choose-member").first().click();
            portal.shoot("steward-4-identity");
            page.getByTestId("split").click();
            page.getByTestId("effect").waitFor();
            page.getByTestId("decision-reason").fill("还是两个人");
            page.getByTestId("decision-confirm").click();
            page.getByTestId("decision-dialog")
                    .waitFor(new Locator.WaitForOptions()
                            .setState(com.microsoft.playwright.options.WaitForSelectorState.DETACHED));
            page.waitForCondition(() -> page.getByTestId("identity-member").count() == 1);

            // Somebody else changes the pair while it is being looked at.
            portal.go(second.path());
            page.getByTestId("waterfall").waitFor();
            entries.update("update t_cy set xm = '公孙思琪' where cy_id = " + second.leftKey());
            await("the new name in the pool")
                    .atMost(TestBed.PATIENCE)
                    .until(() -> bed.officer()
                            .get("/ledgers/persons/" + id(second.left()))
                            .body()
                            .path("title")
                            .asText()
                            .equals("公孙思琪"));
            page.getByTestId("merge").click();
            page.getByTestId("conflict").waitFor();
            assertThat(page.getByTestId("conflict").innerText()).contains("公孙思琪");
            portal.shoot("steward-5-conflict");

            page.setViewportSize(390, 844);
            portal.go("/reviews");
            page.getByTestId("review-queue").waitFor();
            assertThat((Number) page.evaluate("document.documentElement.scrollWidth"))
                    .as("nothing is wider than the screen of a phone")
                    .isEqualTo(390);
            portal.shoot("steward-6-phone");
            // A conflict is an answer like any other; browsers report its status all the same.
            assertThat(portal.complaints()).allMatch(text -> text.contains("409") || text.contains("404"));
        }
    }

    // ---- what they work on

    /** Enters two members that may be one, and waits until they wait in the queue. */
    private Twins twins(String name, String leftPlace, String rightPlace) {
        int number = 9_100_000 + 2 * serial++;
        LocalDate born = LocalDate.of(1950 + serial, 3, 7);
        entries.member(number, name, born, leftPlace);
        entries.member(number + 1, name, born.plusDays(10), rightPlace);
        HubClient admin = bed.admin();
        await("the twins in the queue")
                .atMost(TestBed.PATIENCE)
                .until(() -> queue(admin).stream()
                        .anyMatch(Pattern.compile(Pattern.quote(name)).asPredicate()));
        List<JsonNode> records = admin.all("/ledgers/persons?q=" + HubClient.encode(name), "records").stream()
                .sorted((a, b) -> Long.compare(Long.parseLong(id(a)), Long.parseLong(id(b))))
                .toList();
        assertThat(records).as(name).hasSize(2);
        boolean inOrder = records.get(0).at("/fields/birthDate/value").asText().equals(born.toString());
        String first = Integer.toString(number);
        String second = Integer.toString(number + 1);
        return new Twins(records.get(0), records.get(1), inOrder ? first : second, inOrder ? second : first);
    }

    private static Map<String, Object> proposal(String action, List<JsonNode> entities, List<String> keys) {
        return Map.of(
                "action",
                action,
                "entities",
                entities.stream()
                        .map(e -> seen(id(e), e.path("version").asLong()))
                        .toList(),
                "records",
                keys.stream()
                        .map(key -> Map.of("source", SOURCE, "stream", STREAM, "key", key))
                        .toList());
    }

    private static Map<String, Object> seen(String id, long version) {
        return Map.of("id", id, "version", version);
    }

    private static JsonNode decide(HubClient client, Map<String, Object> proposal) {
        return client.post("/decisions", Map.of("proposal", proposal, "reason", "核对过材料"))
                .body();
    }

    private String split(HubClient client, String id, List<String> keys) {
        JsonNode record = client.get("/ledgers/persons/" + id).body();
        return refused(client, proposal("SPLIT", List.of(record), keys));
    }

    private static String refused(HubClient client, Map<String, Object> proposal) {
        Answer answer = client.post("/decisions", Map.of("proposal", proposal, "reason", "试一试"));
        return answer.status() + " " + answer.json().path("code").asText();
    }

    private JsonNode rules(HubClient client) {
        return StreamSupport.stream(client.get("/rules").body().path("versions").spliterator(), false)
                .filter(v -> v.path("inForce").asBoolean()
                        && v.path("kind").asText().equals("MATCH")
                        && v.path("ledger").asText().equals("persons"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> queue(HubClient client) {
        return client.all("/reviews", "reviews").stream().map(StewardIT::pair).toList();
    }

    private static String pair(JsonNode review) {
        return review.path("left").asText() + "-" + review.path("right").asText() + " "
                + review.path("leftTitle").asText();
    }

    private static String pair(Twins twins) {
        return id(twins.left()) + "-" + id(twins.right()) + " "
                + twins.left().path("title").asText();
    }

    private static String id(JsonNode record) {
        return record.path("id").asText();
    }

    private static Set<String> ids(List<JsonNode> records) {
        return records.stream().map(StewardIT::id).collect(Collectors.toSet());
    }

    /** How many outcomes there are of each fate. */
    private static Map<String, Long> fates(JsonNode outcomes) {
        return StreamSupport.stream(outcomes.spliterator(), false)
                .filter(o -> o.path("ledger").asText().equals("persons"))
                .collect(Collectors.groupingBy(o -> o.path("fate").asText(), Collectors.counting()));
    }

    private static JsonNode outcome(JsonNode outcomes, String fate) {
        return StreamSupport.stream(outcomes.spliterator(), false)
                .filter(o -> o.path("fate").asText().equals(fate)
                        && o.path("ledger").asText().equals("persons"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(fate + " is none of " + outcomes));
    }
}
