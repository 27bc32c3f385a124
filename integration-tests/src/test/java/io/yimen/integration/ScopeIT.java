package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.yimen.client.ApiClient;
import io.yimen.client.ApiException;
import io.yimen.client.LedgersApi;
import io.yimen.client.OperationsApi;
import io.yimen.client.model.EntityCount;
import io.yimen.client.model.RecordPage;
import io.yimen.integration.HubClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.yaml.snakeyaml.Yaml;

/** Nobody sees, counts, finds or opens what lies outside of his or her places, and nothing sensitive in clear. */
@ExtendWith(SharedHub.class)
class ScopeIT {
    private static final List<String> LEDGERS =
            List.of("places", "organizations", "persons", "memberships", "elections", "candidacies");
    private static final String UNKNOWN = "999999999999999";

    private final TestBed bed;

    ScopeIT(TestBed bed) {
        this.bed = bed;
    }

    @Test
    void everyPathOfTheContractAsksForASession() throws IOException {
        HubClient stranger = HubClient.stranger(bed.hub());
        List<String> asked = new ArrayList<>();
        Map<String, Object> contract =
                new Yaml().load(Files.readString(Places.root().resolve("openapi/yimen.yaml"), StandardCharsets.UTF_8));
        for (Map.Entry<String, Object> path : map(contract.get("paths")).entrySet()) {
            for (Map.Entry<String, Object> operation : map(path.getValue()).entrySet()) {
                if (operation.getKey().equals("parameters")) {
                    continue;
                }
                boolean open = List.of().equals(map(operation.getValue()).get("security"));
                if (open) {
                    continue;
                }
                String method = operation.getKey().toUpperCase(java.util.Locale.ROOT);
                String concrete =
                        path.getKey().replace("{ledger}", "organizations").replaceAll("\\{[a-z]+}", "1000");
                Answer answer = stranger.send(
                        method,
                        concrete,
                        method.equals("POST") ? Map.of("purpose", "试一试", "fields", List.of("phone")) : null);
                asked.add(method + " " + concrete);
                assertThat(answer.status())
                        .as("%s: %s", answer.request(), answer.text())
                        .isEqualTo(401);
                assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                        .as(answer.request())
                        .startsWith("application/problem+json");
                assertThat(answer.json().path("code").asText())
                        .as(answer.request())
                        .isEqualTo("unauthenticated");
            }
        }
        assertThat(asked).hasSizeGreaterThanOrEqualTo(14);
    }

    @Test
    void aTokenThatIsNoneOpensNothing() {
        for (String header : List.of("Bearer x", "Bearer ", "Basic d29ya2VyOnB3", "Bearer " + "A".repeat(43))) {
            HubClient client = HubClient.stranger(bed.hub()).withAuthorization(header);
            assertThat(client.get("/summary").status()).as(header).isEqualTo(401);
        }
    }

    @Test
    void aSessionThatWasEndedOpensNothing() {
        HubClient worker = HubClient.signIn(bed.hub(), TestBed.WORKER, TestBed.PASSWORD);
        assertThat(worker.get("/summary").status()).isEqualTo(200);
        assertThat(worker.send("DELETE", "/session", null).status()).isEqualTo(204);
        assertThat(worker.get("/summary").status()).isEqualTo(401);
    }

    @Test
    void aWrongPasswordAndAnUnknownLoginLookAlike() {
        HubClient stranger = HubClient.stranger(bed.hub());
        Answer wrong = stranger.post("/session", Map.of("login", TestBed.OTHER_WORKER, "password", "not the password"));
        Answer unknown = stranger.post("/session", Map.of("login", "nobody-at-all", "password", "not the password"));
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(plain(unknown)).isEqualTo(plain(wrong));
    }

    @Test
    void whatLiesOutsideAnswersAsIfItDidNotExist() {
        HubClient admin = bed.admin();
        HubClient worker = bed.worker();
        int tried = 0;
        for (String ledger : LEDGERS) {
            Set<String> own = ids(worker.all("/ledgers/" + ledger, "records"));
            List<String> foreign = ids(admin.all("/ledgers/" + ledger, "records")).stream()
                    .filter(id -> !own.contains(id))
                    .filter(id -> !isAbove(worker, ledger, id))
                    .limit(5)
                    .toList();
            assertThat(foreign)
                    .as("%s outside of the worker's community", ledger)
                    .isNotEmpty();
            for (String id : foreign) {
                for (String tail : List.of("", "/lineage", "/history")) {
                    assertThat(admin.get("/ledgers/" + ledger + "/" + id + tail).status())
                            .isEqualTo(200);
                    assertHidden(
                            worker.get("/ledgers/" + ledger + "/" + id + tail),
                            worker.get("/ledgers/" + ledger + "/" + UNKNOWN + tail));
                }
                Map<String, Object> request = Map.of("fields", List.of(sensitiveField(ledger)), "purpose", "核对联系方式");
                assertHidden(
                        worker.post("/ledgers/" + ledger + "/" + id + "/unmask", request),
                        worker.post("/ledgers/" + ledger + "/" + UNKNOWN + "/unmask", request));
                tried++;
            }
        }
        assertThat(tried).isGreaterThanOrEqualTo(LEDGERS.size());
    }

    @Test
    void whatMayOnlyBeSeenIsNotOfferedForCorrectionAndNotCorrected() {
        HubClient worker = bed.worker();
        JsonNode own =
                worker.get("/ledgers/persons?limit=1").body().path("records").get(0);
        assertThat(worker.get("/ledgers/persons/" + own.path("id").asText())
                        .body()
                        .path("correctable")
                        .asBoolean())
                .isTrue();
        String above = worker.get("/ledgers/places/" + bed.communityId())
                .body()
                .path("fields")
                .path("parent")
                .path("reference")
                .path("id")
                .asText();
        JsonNode place = worker.get("/ledgers/places/" + above).body();
        assertThat(place.has("correctable")).isTrue();
        assertThat(place.path("correctable").asBoolean()).isFalse();
        Map<String, Object> request =
                Map.of("ledger", "places", "id", above, "field", "name", "value", "某某街道", "reason", "试一试");
        Answer refused = worker.post("/corrections", request);
        assertThat(refused.status()).as(refused.text()).isEqualTo(403);
        assertThat(refused.json().path("code").asText()).isEqualTo("forbidden");
        assertThat(bed.admin()
                        .get("/ledgers/places/" + above)
                        .body()
                        .path("correctable")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void listsAndCountsHoldOnesOwnPlacesOnly() {
        HubClient admin = bed.admin();
        HubClient worker = bed.worker();
        String community = bed.communityId();
        Map<String, Long> counted = counts(worker.get("/summary").body());
        for (String ledger : LEDGERS) {
            Set<String> own = ids(worker.all("/ledgers/" + ledger, "records"));
            Set<String> expected = ids(admin.all("/ledgers/" + ledger + "?place=" + community, "records"));
            if (ledger.equals("places")) {
                // Of the places above, a person may see that they are there.
                assertThat(own).as("places").containsAll(expected);
                assertThat(own.size()).isLessThanOrEqualTo(expected.size() + 6);
            } else {
                assertThat(own).as(ledger).isEqualTo(expected);
                assertThat(counted.get(ledger)).as("%s in the summary", ledger).isEqualTo(own.size());
            }
            JsonNode first = worker.get("/ledgers/" + ledger + "?limit=1").body();
            assertThat(first.path("total").asLong()).as("total of %s", ledger).isEqualTo(own.size());
        }
        assertThat(counted.get("organizations")).isPositive();
        assertThat(counts(admin.get("/summary").body()).get("organizations"))
                .isGreaterThan(counted.get("organizations"));
    }

    @Test
    void anotherPlaceCannotBeListedSearchedOrFiltered() {
        HubClient worker = bed.worker();
        HubClient admin = bed.admin();
        JsonNode foreign = foreignPerson();
        String foreignPlace = foreign.path("place").path("id").asText();
        assertThat(plain(worker.get("/ledgers/persons?place=" + foreignPlace)))
                .isEqualTo(plain(worker.get("/ledgers/persons?place=" + UNKNOWN)));

        String name = HubClient.encode(foreign.path("title").asText());
        Set<String> own = ids(worker.all("/ledgers/persons", "records"));
        assertThat(own).containsAll(ids(worker.all("/ledgers/persons?q=" + name, "records")));

        String idNumber = admin.post(
                        "/ledgers/persons/" + foreign.path("id").asText() + "/unmask",
                        Map.of("fields", List.of("idNumber"), "purpose", "核对身份"))
                .body()
                .path("fields")
                .path("idNumber")
                .asText();
        String filter = "/ledgers/persons?filter=" + HubClient.encode("idNumber:" + idNumber);
        assertThat(ids(admin.all(filter, "records")))
                .containsExactly(foreign.path("id").asText());
        assertThat(ids(worker.all(filter, "records"))).isEmpty();
    }

    @Test
    void theChangeFeedHoldsOnesOwnPlacesOnly() {
        HubClient worker = bed.worker();
        Set<String> own = new HashSet<>();
        LEDGERS.forEach(ledger -> own.addAll(ids(worker.all("/ledgers/" + ledger, "records"))));
        List<JsonNode> seen = changes(worker);
        List<JsonNode> all = changes(bed.admin());
        assertThat(seen).isNotEmpty();
        assertThat(seen.size()).isLessThan(all.size());
        Set<String> everMine = bed.tables().rows("""
                        select distinct c.entity_id from change c join place_scope s on s.place = c.place_id
                         where s.ancestor = ?""", Long.parseLong(bed.communityId())).stream()
                .map(row -> row.get(0))
                .collect(Collectors.toSet());
        assertThat(seen.stream().map(c -> c.path("id").asText()).collect(Collectors.toSet()))
                .isEqualTo(everMine);
        assertThat(everMine).containsAll(ids(worker.all("/ledgers/persons", "records")));
    }

    @Test
    void aPersonBelowOfficerDoesNotOpenQuarantine() {
        assertThat(bed.worker().get("/quarantine").status()).isEqualTo(403);
        assertThat(bed.worker()
                        .post("/quarantine/1/raw", Map.of("purpose", "看一看"))
                        .status())
                .isEqualTo(403);
        assertThat(bed.admin().get("/quarantine").status()).isEqualTo(200);
    }

    @Test
    void lookingLeavesAnAuditLine() {
        HubClient worker = bed.worker();
        JsonNode person =
                worker.get("/ledgers/persons?limit=1").body().path("records").get(0);
        String id = person.path("id").asText();
        worker.get("/ledgers/persons/" + id).body();
        worker.get("/ledgers/persons/" + id + "/lineage").body();
        worker.get("/ledgers/persons/" + id + "/history").body();
        String purpose = "核对联系方式 " + bed.hub().port();
        worker.post("/ledgers/persons/" + id + "/unmask", Map.of("fields", List.of("phone"), "purpose", purpose))
                .body();
        for (String action : List.of("SIGN_IN", "LIST", "READ", "LINEAGE", "HISTORY", "UNMASK")) {
            assertThat(bed.tables()
                            .number(
                                    "select count(*) from audit where actor = ? and action = ?",
                                    TestBed.WORKER,
                                    action))
                    .as("audit lines of %s", action)
                    .isPositive();
        }
        assertThat(bed.tables()
                        .number(
                                "select count(*) from audit where action = 'UNMASK' and object like ? and detail::text like ?",
                                "%" + id,
                                "%" + purpose + "%"))
                .isEqualTo(1);
    }

    @Test
    void unmaskingOpensTheVeryValueOfTheSource() {
        HubClient worker = bed.worker();
        JsonNode person =
                worker.get("/ledgers/persons?limit=1").body().path("records").get(0);
        JsonNode masked = person.path("fields").path("idNumber");
        assertThat(masked.path("masked").asBoolean()).isTrue();
        assertThat(masked.path("value").asText()).contains("****");
        String clear = worker.post(
                        "/ledgers/persons/" + person.path("id").asText() + "/unmask",
                        Map.of("fields", List.of("idNumber"), "purpose", "核对身份"))
                .body()
                .path("fields")
                .path("idNumber")
                .asText();
        assertThat(bed.canaries().findIn(clear))
                .as("an ID number of the election system")
                .isPresent();
        assertThat(worker.post(
                                "/ledgers/persons/" + person.path("id").asText() + "/unmask",
                                Map.of("fields", List.of("idNumber"), "purpose", ""))
                        .status())
                .as("without a purpose")
                .isEqualTo(400);
    }

    @Test
    void nothingSensitiveIsMetInClearAnywhere() {
        Canaries canaries = bed.canaries();
        Map<String, String> found = new LinkedHashMap<>();
        HubClient witnessed = bed.admin()
                .witnessedBy((request, body) -> canaries.findIn(body).ifPresent(value -> found.put(request, value)));
        for (String ledger : LEDGERS) {
            List<JsonNode> records = witnessed.all("/ledgers/" + ledger + "?explain=true", "records");
            for (JsonNode record : records.subList(0, Math.min(8, records.size()))) {
                String path = "/ledgers/" + ledger + "/" + record.path("id").asText();
                witnessed.get(path);
                witnessed.get(path + "/lineage");
                witnessed.get(path + "/history");
            }
        }
        changes(witnessed);
        for (String path : List.of("/sources", "/runs", "/quarantine", "/summary", "/session", "/ledgers", "/health")) {
            witnessed.get(path);
        }
        assertThat(found).as("answers").isEmpty();

        assertThat(canaries.findIn(bed.hub().log())).as("the hub's log").isEmpty();

        List<ChangeTopics.Message> messages = bed.awaitPublished();
        assertThat(messages).isNotEmpty();
        for (ChangeTopics.Message message : messages) {
            assertThat(canaries.findIn(message.text()))
                    .as("topic %s", message.topic())
                    .isEmpty();
        }

        Map<String, String> tables = new LinkedHashMap<>();
        bed.tables().forEachRow((table, row) -> canaries.findIn(row).ifPresent(value -> tables.put(table, value)));
        assertThat(tables).as("tables of the pool").isEmpty();
    }

    @Test
    void theGeneratedClientReadsWhatTheHubServes() throws ApiException {
        ApiClient client = new ApiClient();
        client.updateBaseUri(bed.hub().api("").toString());
        String token = bed.worker().token();
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        LedgersApi ledgers = new LedgersApi(client);
        RecordPage page =
                ledgers.listRecords("organizations", null, null, null, null, null, null, 10, null, null, true);
        assertThat(page.getRecords()).isNotEmpty();
        String id = page.getRecords().get(0).getId();
        assertThat(ledgers.getRecord("organizations", id, null, null).getId()).isEqualTo(id);
        assertThat(ledgers.getLineage("organizations", id).getSourceRecords()).isNotEmpty();
        assertThat(ledgers.listHistory("organizations", id, null, 10).getEntries())
                .isNotEmpty();
        assertThat(new OperationsApi(client).getSummary().getEntities())
                .extracting(EntityCount::getLedger)
                .containsAll(LEDGERS);
    }

    /** A person of another community. */
    private JsonNode foreignPerson() {
        Set<String> own = ids(bed.worker().all("/ledgers/persons", "records"));
        return bed.admin().all("/ledgers/persons", "records").stream()
                .filter(person -> !own.contains(person.path("id").asText()))
                .filter(person -> person.path("fields").has("idNumber"))
                .filter(person -> person.path("place").has("id"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Nobody lives elsewhere"));
    }

    private static boolean isAbove(HubClient worker, String ledger, String id) {
        return ledger.equals("places") && worker.get("/ledgers/places/" + id).status() == 200;
    }

    private static String sensitiveField(String ledger) {
        return ledger.equals("persons") ? "idNumber" : "phone";
    }

    private static void assertHidden(Answer foreign, Answer unknown) {
        assertThat(foreign.status())
                .as("%s: %s", foreign.request(), foreign.text())
                .isEqualTo(unknown.status());
        assertThat(foreign.status()).isIn(400, 404);
        assertThat(plain(foreign)).as(foreign.request()).isEqualTo(plain(unknown));
        if (!foreign.request().endsWith("/unmask")) {
            assertThat(foreign.status()).isEqualTo(404);
        }
    }

    /** Status and body without what differs from one answer to the next. */
    private static String plain(Answer answer) {
        JsonNode body = answer.json();
        if (body instanceof ObjectNode object) {
            object.remove("instance");
        }
        return answer.status() + " " + body;
    }

    private static Set<String> ids(List<JsonNode> records) {
        return records.stream().map(r -> r.path("id").asText()).collect(Collectors.toSet());
    }

    private static Map<String, Long> counts(JsonNode summary) {
        Map<String, Long> counts = new LinkedHashMap<>();
        summary.path("entities")
                .forEach(e ->
                        counts.put(e.path("ledger").asText(), e.path("count").asLong()));
        return counts;
    }

    private static List<JsonNode> changes(HubClient client) {
        List<JsonNode> changes = new ArrayList<>();
        long after = 0;
        while (true) {
            JsonNode page = client.get("/changes?limit=200&after=" + after).body();
            page.path("changes").forEach(changes::add);
            long last = page.path("last").asLong();
            if (page.path("changes").isEmpty() || last <= after) {
                return changes;
            }
            after = last;
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
