package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.yimen.hub.sheet.WorkbookFile;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The running hub answers what {@code openapi/yimen.yaml} says, for success and for errors, and nothing beyond it. */
@SuppressWarnings("NullAway.Init")
class ContractIT {
    private static final byte[] LARGE_PDF = Arrays.copyOf("%PDF-1.7".getBytes(StandardCharsets.US_ASCII), 5 << 20);
    private static final String JSON_BODY = "{\"purpose\":\"核对\"}";

    @TempDir
    private static Path folder;

    private static PoolDatabase database;
    private static HubProcess hub;
    private static Sessions sessions;
    private static Contract contract;
    private static String[] admin;
    private static String[] officer;
    private static String[] worker;
    private static String place;
    private static String person;
    private static String left;
    private static String right;
    private static String organization;
    private static String quarantined;

    @BeforeAll
    static void start() throws Exception {
        database = PoolDatabase.start(folder);
        database.fill();
        Map<String, String> keys = database.keys();
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", Sessions.PASSWORD);
        keys.put("yimen.corrections.level", "street");
        keys.put("yimen.corrections.levels", "election=street,service=self");
        hub = HubProcess.start(folder, keys, Map.of()).awaitUp();
        sessions = new Sessions(hub.address());
        contract = Contract.read();
        admin = sessions.signIn("admin");
        officer = sessions.signIn("dongcheng");
        worker = sessions.signIn("duofuxiang");
        place = id("places?q=%E5%A4%9A%E7%A6%8F%E5%B7%B7");
        person = id("persons?filter=idNumber:" + PoolDatabase.ID_NUMBER);
        JsonNode waiting = sessions.read(sessions.get("/api/v1/reviews?ledger=persons", admin))
                .at("/reviews/0");
        left = waiting.get("left").asText();
        right = waiting.get("right").asText();
        organization = id("organizations?q=%E5%A4%9A%E7%A6%8F%E5%B7%B7");
        quarantined = sessions.read(sessions.get("/api/v1/quarantine", admin))
                .at("/items/0/id")
                .asText();
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
        database.close();
    }

    private static String id(String query) throws Exception {
        return sessions.read(sessions.get("/api/v1/ledgers/" + query, admin))
                .at("/records/0/id")
                .asText();
    }

    private static JsonNode checked(String operation, HttpResponse<String> answer) throws Exception {
        JsonNode body = answer.body().isEmpty() ? null : sessions.read(answer);
        assertThat(contract.complaints(contract.operation(operation), answer, body))
                .as(answer.body())
                .isEmpty();
        return body == null ? com.fasterxml.jackson.databind.node.MissingNode.getInstance() : body;
    }

    @Test
    void everyOperationSucceedsAsDeclared() throws Exception {
        Set<String> done = new TreeSet<>();
        Map<String, String> reads = new LinkedHashMap<>();
        reads.put("getSession", "/session");
        reads.put("listLedgers", "/ledgers");
        reads.put(
                "listRecords",
                "/ledgers/organizations?explain=true&sort=updatedAt&order=desc&limit=2&filter=kind:JWH&place=" + place);
        reads.put("getRecord", "/ledgers/organizations/" + organization);
        reads.put("getLineage", "/ledgers/organizations/" + organization + "/lineage");
        reads.put("listHistory", "/ledgers/organizations/" + organization + "/history?limit=1");
        reads.put("countRecords", "/ledgers/organizations/counts?validAt=2026-01-01&asOf=2099-01-01T00:00:00Z");
        String between = "?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z";
        reads.put("listDifferences", "/ledgers/organizations/differences" + between + "&limit=2&place=" + place);
        reads.put("getDifference", "/ledgers/organizations/" + organization + "/difference" + between);
        reads.put("listFrozen", "/frozen-ledgers?ledger=organizations&limit=1");
        reads.put("listChanges", "/changes?after=0&ledger=places&ledger=organizations&limit=3");
        reads.put("listSources", "/sources");
        reads.put("listRuns", "/runs?limit=1");
        reads.put("listQuarantine", "/quarantine?status=WAITING&source=election");
        reads.put("listFaults", "/quarantine/faults");
        reads.put("getQuarantined", "/quarantine/" + quarantined);
        reads.put("getIdentity", "/ledgers/persons/" + person + "/identity");
        reads.put("listReviews", "/reviews?ledger=persons&kind=POSSIBLE_DUPLICATE&order=effect&limit=1");
        reads.put("getReview", "/reviews/" + left + "/" + right);
        reads.put("listDecisions", "/decisions?entity=" + organization + "&limit=1");
        reads.put("listRules", "/rules");
        reads.put("getSummary", "/summary");
        reads.put("getQuality", "/quality?ledger=organizations&place=" + place);
        reads.put("listUploads", "/correction-uploads");
        reads.put("getHealth", "/health");
        for (Map.Entry<String, String> read : reads.entrySet()) {
            HttpResponse<String> answer = sessions.get(Contract.BASE + read.getValue(), admin);
            assertThat(answer.statusCode())
                    .as(read.getKey() + " " + answer.body())
                    .isEqualTo(200);
            checked(read.getKey(), answer);
            done.add(read.getKey());
        }
        HttpResponse<String> unmasked = sessions.send(
                "POST",
                "/api/v1/ledgers/persons/" + person + "/unmask",
                "{\"fields\":[\"idNumber\"],\"purpose\":\"核对\"}",
                worker);
        assertThat(unmasked.statusCode()).as(unmasked.body()).isEqualTo(200);
        assertThat(checked("unmask", unmasked).at("/fields/idNumber").asText()).isEqualTo(PoolDatabase.ID_NUMBER);
        done.add("unmask");
        HttpResponse<String> raw =
                sessions.send("POST", "/api/v1/quarantine/" + quarantined + "/raw", JSON_BODY, admin);
        assertThat(raw.statusCode()).as(raw.body()).isEqualTo(200);
        assertThat(checked("openQuarantined", raw).get("text").asText()).contains("sfzh");
        done.add("openQuarantined");
        done.addAll(freezingSucceeds());
        done.addAll(quarantineSucceeds());
        done.addAll(decidingSucceeds());
        done.addAll(changingRulesSucceeds());
        done.addAll(correctingSucceeds());
        done.addAll(uploadingSucceeds());
        done.addAll(erasingSucceeds());
        // Needs a connector, which this hub has none of: PushIT holds it to the contract.
        done.add("pushEvents");
        // Likewise: RereadIT.
        failed("askReread", sessions.send("POST", "/api/v1/sources/election/rereads", "{}", admin), 404, "not-found");
        done.add("askReread");
        HttpResponse<String> signedIn = sessions.send(
                "POST", "/api/v1/session", "{\"login\":\"chaoyang\",\"password\":\"" + Sessions.PASSWORD + "\"}");
        String token = checked("signIn", signedIn).get("token").asText();
        done.add("signIn");
        HttpResponse<String> signedOut =
                sessions.send("DELETE", "/api/v1/session", null, "Authorization", "Bearer " + token);
        assertThat(signedOut.statusCode()).isEqualTo(204);
        checked("signOut", signedOut);
        done.add("signOut");
        assertThat(sessions.get("/api/v1/session", "Authorization", "Bearer " + token)
                        .statusCode())
                .isEqualTo(401);
        assertThat(sessions.firstEvent("/api/v1/progress", officer))
                .startsWith("event:run")
                .contains("\"status\":\"COMPLETED\"");
        done.add("streamProgress");
        assertThat(done).isEqualTo(contract.operations().keySet());
    }

    private static Set<String> freezingSucceeds() throws Exception {
        String request = "{\"ledger\":\"persons\",\"fields\":[\"name\",\"idNumber\"],\"reason\":\"半年报\"}";
        HttpResponse<String> made = sessions.send("POST", "/api/v1/frozen-ledgers", request, admin);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        JsonNode frozen = checked("freeze", made);
        String content = "/api/v1/frozen-ledgers/" + frozen.get("id").asText() + "/content";
        JsonNode given = checked("downloadFrozen", sessions.send("POST", content, "{}", admin));
        assertThat(given.get("whole").asBoolean()).isTrue();
        assertThat(given.get("ledger")).isEqualTo(frozen);
        failed("freeze", sessions.send("POST", "/api/v1/frozen-ledgers", request, worker), 400, "invalid-request");
        failed("downloadFrozen", sessions.send("POST", content, "{}", worker), 404, "not-found");
        return Set.of("freeze", "downloadFrozen");
    }

    /** Nothing in this hub's catalog reads the record: it goes on waiting, and is discarded at last. */
    private static Set<String> quarantineSucceeds() throws Exception {
        String selection = "\"selection\":{\"source\":\"election\",\"ids\":[\"" + quarantined + "\"]}";
        JsonNode dry =
                checked("dryRun", sessions.send("POST", "/api/v1/quarantine/dry-runs", "{" + selection + "}", admin));
        assertThat(dry.at("/records/0/outcome").asText()).isEqualTo("QUARANTINED");
        assertThat(dry.at("/records/0/reason").asText()).isEqualTo("no-mapping");
        String request = "{" + selection + ",\"why\":\"核对\",\"token\":\""
                + dry.get("token").asText() + "\"}";
        HttpResponse<String> started = sessions.send("POST", "/api/v1/quarantine/replays", request, admin);
        assertThat(started.statusCode()).as(started.body()).isEqualTo(202);
        String run = checked("startReplay", started).get("id").asText();
        Awaitility.await()
                .until(() -> checked("getReplay", sessions.get("/api/v1/quarantine/replays/" + run, admin))
                        .hasNonNull("endedAt"));
        assertThat(sessions.send("DELETE", "/api/v1/quarantine/replays/" + run, null, admin)
                        .statusCode())
                .as("it has ended")
                .isEqualTo(204);
        String otherwise = request.replace("\"ids\"", "\"reason\":\"no-mapping\",\"ids\"");
        failed("startReplay", sessions.send("POST", "/api/v1/quarantine/replays", otherwise, admin), 409, "conflict");
        JsonNode discarded = checked(
                "discardQuarantined",
                sessions.send("POST", "/api/v1/quarantine/discards", "{" + selection + ",\"why\":\"已由来源更正\"}", admin));
        assertThat(discarded.get("discarded").asInt()).isEqualTo(1);
        return Set.of("dryRun", "startReplay", "getReplay", "stopReplay", "discardQuarantined");
    }

    /** Asked for by an officer, accepted by an administrator, and let in again. */
    private static Set<String> erasingSucceeds() throws Exception {
        String she = id("persons?q=" + URLEncoder.encode("端木清扬", StandardCharsets.UTF_8));
        String record = "/api/v1/ledgers/persons/" + she;
        JsonNode dossier = checked("openDossier", sessions.send("POST", record + "/dossier", JSON_BODY, officer));
        assertThat(dossier.at("/sections/0/code").asText()).isEqualTo("PUBLISHED");
        assertThat(dossier.get("sections").toString()).contains("端木清扬", "service/resident/5");
        String html = checked("printDossier", sessions.send("POST", record + "/dossier/document", JSON_BODY, officer))
                .get("html")
                .asText();
        assertThat(html)
                .startsWith("<!doctype html>")
                .contains("端木清扬", "Who looked")
                .doesNotContain("<script");
        assertThat(checked("listGrounds", sessions.get("/api/v1/erasures/grounds", officer))
                        .at("/ledgers/0")
                        .asText())
                .isEqualTo("persons");
        String request = "{\"ledger\":\"persons\",\"id\":\"%s\",\"ground\":\"consent-withdrawn\",\"reason\":\"本人申请\"}";
        String asked = request.formatted(she);
        String erasures = "/api/v1/erasures";
        failed("requestErasure", sessions.send("POST", erasures, asked, worker), 403, "forbidden");
        failed(
                "requestErasure",
                sessions.send("POST", erasures, request.formatted("999999"), officer),
                404,
                "not-found");
        failed(
                "requestErasure",
                sessions.send("POST", erasures, asked.replace("consent-withdrawn", "because"), officer),
                400,
                "invalid-request");
        HttpResponse<String> made = sessions.send("POST", erasures, asked, officer);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        String path = erasures + "/" + checked("requestErasure", made).get("id").asText();
        failed("requestErasure", sessions.send("POST", erasures, asked, admin), 409, "conflict");
        JsonNode preview = checked("previewErasure", sessions.send("POST", path + "/preview", null, admin));
        assertThat(preview.get("extent").asText()).isEqualTo("WHOLE");
        assertThat(preview.at("/counts/source_record").asInt()).isEqualTo(1);
        String token = "{\"token\":\"" + preview.get("token").asText() + "\"}";
        failed(
                "acceptErasure",
                sessions.send("POST", path + "/acceptance", "{\"token\":\"other\"}", admin),
                409,
                "stale-version");
        failed("acceptErasure", sessions.send("POST", path + "/acceptance", token, officer), 400, "invalid-request");
        JsonNode done = checked("acceptErasure", sessions.send("POST", path + "/acceptance", token, admin));
        assertThat(done.get("state").asText()).isEqualTo("DONE");
        assertThat(done.has("reason")).isFalse();
        failed("getRecord", sessions.get(record, officer), 410, "erased");
        failed("listHistory", sessions.get(record + "/history", officer), 410, "erased");
        failed("openDossier", sessions.send("POST", record + "/dossier", JSON_BODY, officer), 410, "erased");
        failed("requestErasure", sessions.send("POST", erasures, asked, officer), 410, "erased");
        failed("getRecord", sessions.get(record, sessions.signIn("chaoyang")), 404, "not-found");
        failed("acceptErasure", sessions.send("POST", path + "/acceptance", token, admin), 409, "conflict");
        assertThat(checked("getErasure", sessions.get(path, officer))
                        .get("decidedBy")
                        .asText())
                .isEqualTo("admin");
        assertThat(checked("listErasures", sessions.get(erasures + "?state=DONE&limit=1", officer))
                        .at("/erasures/0/entity")
                        .asText())
                .isEqualTo(she);
        failed(
                "withdrawErasure",
                sessions.send("POST", path + "/withdrawal", "{\"reason\":\"不必了\"}", officer),
                409,
                "conflict");
        checked("liftErasure", sessions.send("POST", path + "/lifting", "{\"reason\":\"重新登记\"}", officer));
        HttpResponse<String> other = sessions.send("POST", erasures, request.formatted(person), officer);
        checked(
                "withdrawErasure",
                sessions.send(
                        "POST",
                        erasures + "/"
                                + checked("requestErasure", other).get("id").asText() + "/withdrawal",
                        "{\"reason\":\"不必了\"}",
                        officer));
        return Set.of(
                "openDossier",
                "printDossier",
                "listGrounds",
                "requestErasure",
                "previewErasure",
                "acceptErasure",
                "getErasure",
                "listErasures",
                "liftErasure",
                "withdrawErasure");
    }

    @Test
    void everyOperationButTwoAsksForASession() throws Exception {
        Set<String> open = new TreeSet<>();
        for (Contract.Operation operation : contract.operations().values()) {
            String path = Contract.BASE
                    + operation.path().replace("{ledger}", "places").replaceAll("\\{[a-z]+}", "1");
            String body = operation.method().equals("POST") ? "{}" : null;
            for (String[] headers : new String[][] {
                {}, {"Authorization", "Bearer nonsense"}, {"Authorization", "Basic YTpi"}, {"Cookie", "yimen-session=x"}
            }) {
                boolean cookieWrite = headers.length > 0
                        && headers[0].equals("Cookie")
                        && !operation.method().equals("GET");
                HttpResponse<String> answer = sessions.send(operation.method(), path, body, headers);
                if (operation.open()) {
                    open.add(operation.id());
                    assertThat(answer.statusCode()).as(operation.toString()).isNotEqualTo(401);
                } else if (cookieWrite) {
                    assertThat(answer.statusCode()).as(operation.toString()).isIn(401, 403);
                } else {
                    assertThat(answer.statusCode()).as(operation.toString()).isEqualTo(401);
                    assertThat(checked(operation.id(), answer).get("code").asText())
                            .isEqualTo("unauthenticated");
                }
            }
        }
        assertThat(open).containsExactly("getHealth", "signIn");
    }

    @Test
    void wrongRequestsAreToldWhatIsWrong() throws Exception {
        fails("listRecords", "/ledgers/nothing", 404, "not-found");
        fails("listRecords", "/ledgers/places?colour=red", 400, "unknown-parameter");
        fails("listRecords", "/ledgers/places?limit=abc", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?limit=0", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?limit=5&limit=6", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?sort=colour", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?order=sideways", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?cursor=abc", 400, "invalid-cursor");
        fails("listRecords", "/ledgers/places?asOf=yesterday", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?validAt=2026-01-01", 400, "invalid-request");
        fails("listRecords", "/ledgers/memberships?validAt=2026-02-30", 400, "invalid-parameter");
        fails("listDifferences", "/ledgers/places/differences?from=2026-01-01T00:00:00Z", 400, "invalid-parameter");
        fails(
                "listDifferences",
                "/ledgers/places/differences?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
                400,
                "invalid-request");
        fails("listRecords", "/ledgers/places?explain=perhaps", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?filter=nocolon", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?filter=colour:red", 400, "invalid-request");
        fails("listRecords", "/ledgers/places?place=here", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/places?q=", 400, "invalid-parameter");
        fails("listRecords", "/ledgers/PLACES", 400, "invalid-parameter");
        fails("getRecord", "/ledgers/places/abc", 400, "invalid-parameter");
        fails("getRecord", "/ledgers/places/999999999", 404, "not-found");
        fails("getRecord", "/ledgers/persons/" + place, 404, "not-found");
        fails("getLineage", "/ledgers/places/999999999/lineage", 404, "not-found");
        fails("listHistory", "/ledgers/places/999999999/history", 404, "not-found");
        fails("listHistory", "/ledgers/places/" + place + "/history?cursor=abc", 400, "invalid-cursor");
        fails("listChanges", "/changes?after=-1", 400, "invalid-parameter");
        fails("listChanges", "/changes?ledger=nothing", 400, "invalid-parameter");
        fails("listQuarantine", "/quarantine?status=LOST", 400, "invalid-parameter");
        fails("listQuarantine", "/quarantine?since=yesterday", 400, "invalid-parameter");
        fails("listQuarantine", "/quarantine?replay=last", 400, "invalid-parameter");
        fails("getQuarantined", "/quarantine/999999999", 404, "not-found");
        fails("getReplay", "/quarantine/replays/1", 404, "not-found");
        fails("listRuns", "/runs?cursor=abc", 400, "invalid-cursor");
        fails("getSummary", "/summary?x=1", 400, "unknown-parameter");
    }

    /** Two committees become one and two again. */
    private static Set<String> decidingSucceeds() throws Exception {
        String neighbour = id("organizations?q=%E9%93%B6%E9%97%B8");
        String proposal = proposal("MERGE", organization, neighbour);
        JsonNode preview =
                checked("previewDecision", sessions.send("POST", "/api/v1/decisions/preview", proposal, officer));
        assertThat(preview.get("outcomes").findValuesAsText("fate")).contains("MERGED", "CHANGED");
        HttpResponse<String> decided = sessions.send("POST", "/api/v1/decisions", because(proposal), officer);
        assertThat(decided.statusCode()).as(decided.body()).isEqualTo(201);
        JsonNode decision = checked("decide", decided).get("decision");
        assertThat(decision.get("actor").asText()).isEqualTo("dongcheng");
        assertThat(decision.get("same")).hasSize(3);
        HttpResponse<String> again = sessions.send("POST", "/api/v1/decisions", because(proposal), officer);
        failed("decide", again, 409, "redirected");
        assertThat(sessions.read(again).get("redirectTo").asText()).isIn(organization, neighbour);

        String withdrawal = "/api/v1/decisions/" + decision.get("id").asText() + "/withdrawal";
        assertThat(checked("previewWithdrawal", sessions.send("POST", withdrawal + "/preview", null, officer))
                        .get("outcomes")
                        .findValuesAsText("fate"))
                .contains("NEW");
        String reason = "{\"reason\":\"两个居委会\"}";
        HttpResponse<String> withdrawn = sessions.send("POST", withdrawal, reason, officer);
        assertThat(withdrawn.statusCode()).as(withdrawn.body()).isEqualTo(200);
        assertThat(checked("withdrawDecision", withdrawn)
                        .at("/decision/withdrawn/reason")
                        .asText())
                .isEqualTo("两个居委会");
        failed("withdrawDecision", sessions.send("POST", withdrawal, reason, officer), 409, "conflict");
        return Set.of("previewDecision", "decide", "previewWithdrawal", "withdrawDecision");
    }

    /** A worker puts values right, an officer accepts, the owner of the system answers. */
    private static Set<String> correctingSucceeds() throws Exception {
        String corrections = "/api/v1/corrections";
        String wrong = made(correction("legalPerson", "李海"));
        checked(
                "rejectCorrection",
                sessions.send("POST", corrections + "/" + wrong + "/rejection", "{\"reason\":\"查无此人\"}", officer));
        String right = made(correction("legalPerson", "李玫"));
        String file = "{\"name\":\"证书.pdf\",\"mediaType\":\"application/pdf\",\"content\":\""
                + Base64.getEncoder().encodeToString(LARGE_PDF) + "\"}";
        String evidence = corrections + "/" + right + "/evidence";
        HttpResponse<String> attached = sessions.send("POST", evidence, file, worker);
        assertThat(attached.statusCode()).as(attached.body()).isEqualTo(201);
        assertThat(checked("attachEvidence", attached).get("size").asInt()).isEqualTo(LARGE_PDF.length);
        assertThat(checked("getEvidence", sessions.get(evidence + "/1", officer))
                        .get("content")
                        .binaryValue())
                .isEqualTo(LARGE_PDF);
        failed(
                "acceptCorrection",
                sessions.send("POST", corrections + "/" + right + "/acceptance", null, worker),
                400,
                "invalid-request");
        JsonNode accepted = checked(
                "acceptCorrection", sessions.send("POST", corrections + "/" + right + "/acceptance", null, officer));
        assertThat(accepted.get("state").asText()).isEqualTo("STANDING");
        assertThat(sessions.read(sessions.get("/api/v1/ledgers/organizations/" + organization, worker))
                        .at("/fields/legalPerson/value")
                        .asText())
                .isEqualTo("李玫");
        JsonNode detail = checked("getCorrection", sessions.get(corrections + "/" + right, worker));
        assertThat(detail.findValuesAsText("what")).containsExactly("PROPOSED", "ACCEPTED");
        assertThat(detail.at("/tickets/0/says").asText()).isEqualTo("李梅");
        JsonNode listed = checked(
                "listCorrections",
                sessions.get(corrections + "?state=STANDING&entity=" + organization + "&source=codes&limit=5", worker));
        assertThat(listed.get("corrections")).hasSize(1);
        JsonNode ticket = checked("listTickets", sessions.get("/api/v1/tickets?state=SENT&source=codes", admin))
                .at("/tickets/0");
        HttpResponse<String> answered = sessions.send(
                "POST", "/api/v1/tickets/" + ticket.get("id").asText() + "/answer", "{\"accepted\":true}", admin);
        assertThat(checked("answerTicket", answered).get("state").asText()).isEqualTo("ACCEPTED");
        String address = made(correction("address", "东华门街道1号"));
        JsonNode both = checked(
                "acceptCorrections",
                sessions.send(
                        "POST", corrections + "/acceptances", "{\"corrections\":[\"" + address + "\"]}", officer));
        assertThat(both.at("/corrections/0/state").asText()).isEqualTo("STANDING");
        JsonNode withdrawn = checked(
                "withdrawCorrection",
                sessions.send("POST", corrections + "/" + address + "/withdrawal", "{\"reason\":\"写错了\"}", worker));
        assertThat(withdrawn.get("ended").asText()).isEqualTo("WITHDRAWN");
        JsonNode conflict = sessions.read(sessions.get(corrections + "?state=IN_CONFLICT", officer))
                .at("/corrections/0");
        assertThat(conflict.at("/against/0/value").asText()).isEqualTo("1991-05-05");
        JsonNode resolved = checked(
                "resolveCorrection",
                sessions.send(
                        "POST",
                        corrections + "/" + conflict.get("id").asText() + "/resolution",
                        "{\"keep\":\"CORRECTION\",\"reason\":\"看过户口簿\"}",
                        officer));
        assertThat(resolved.get("state").asText()).isEqualTo("STANDING");
        return Set.of(
                "correct",
                "listCorrections",
                "getCorrection",
                "acceptCorrection",
                "acceptCorrections",
                "rejectCorrection",
                "withdrawCorrection",
                "resolveCorrection",
                "attachEvidence",
                "getEvidence",
                "listTickets",
                "answerTicket");
    }

    /** The organisations as a workbook, one of them put right. */
    private static Set<String> uploadingSucceeds() throws Exception {
        HttpResponse<String> template = sessions.get("/api/v1/ledgers/organizations/template?place=" + place, worker);
        assertThat(template.statusCode()).isEqualTo(200);
        assertThat(template.headers().firstValue("Content-Disposition").orElse(""))
                .startsWith("attachment; filename*=UTF-8''");
        JsonNode record = sessions.read(sessions.get("/api/v1/ledgers/organizations/" + organization, worker));
        String rows = WorkbookFile.row(1, List.of("yimen/organizations", "version", "address", "reason"))
                + WorkbookFile.row(
                        2, List.of(organization, record.get("version").asText(), "东华门街道9号", "走访"));
        JsonNode upload = checked("uploadCorrections", upload("/api/v1/correction-uploads?name=a", rows, worker));
        String path = "/api/v1/correction-uploads/" + upload.get("id").asText();
        Awaitility.await()
                .until(() -> checked("getUpload", sessions.get(path, worker))
                        .get("state")
                        .asText()
                        .equals("READY"));
        assertThat(checked("listUploadRows", sessions.get(path + "/rows?state=CHANGES&limit=5", worker))
                        .at("/rows/0/changes/0/to")
                        .asText())
                .isEqualTo("东华门街道9号");
        assertThat(sessions.get(path + "/workbook", worker).statusCode()).isEqualTo(200);
        assertThat(checked("applyUpload", sessions.send("POST", path + "/application", null, worker))
                        .get("corrections")
                        .asInt())
                .isEqualTo(1);
        assertThat(sessions.firstEvent(path + "/progress", worker)).startsWith("event:upload");
        assertThat(sessions.send("DELETE", path, null, worker).statusCode()).isEqualTo(204);
        failed("getUpload", sessions.get(path, worker), 404, "not-found");
        assertThat(sessions.send("POST", "/api/v1/tickets/workbook", "{}", admin)
                        .statusCode())
                .isEqualTo(200);
        String answers = WorkbookFile.row(1, List.of("yimen/tickets", "answer", "reason"))
                + WorkbookFile.row(2, List.of("1", "", ""));
        assertThat(checked("uploadTicketAnswers", upload("/api/v1/ticket-answers", answers, admin))
                        .get("unchanged")
                        .asInt())
                .isEqualTo(1);
        failed("downloadTemplate", sessions.get("/api/v1/ledgers/nothing/template", worker), 404, "not-found");
        failed("getQuality", sessions.get("/api/v1/quality?ledger=nothing", worker), 404, "not-found");
        failed("getQuality", sessions.get("/api/v1/quality", worker), 400, "invalid-parameter");
        return Set.of(
                "downloadTemplate",
                "uploadCorrections",
                "getUpload",
                "listUploadRows",
                "downloadUpload",
                "applyUpload",
                "streamUpload",
                "discardUpload",
                "downloadTickets",
                "uploadTicketAnswers");
    }

    private static HttpResponse<String> upload(String path, String rows, String[] who) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(hub.address().resolve(path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(WorkbookFile.workbook(rows)))
                .headers(who)
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String correction(String field, String value) {
        return "{\"ledger\":\"organizations\",\"id\":\"" + organization + "\",\"field\":\"" + field + "\",\"value\":\""
                + value + "\",\"reason\":\"证书原件\"}";
    }

    private static String made(String correction) throws Exception {
        HttpResponse<String> answer = sessions.send("POST", "/api/v1/corrections", correction, worker);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        JsonNode made = checked("correct", answer);
        assertThat(made.get("state").asText()).isEqualTo("PROPOSED");
        return made.get("id").asText();
    }

    @Test
    void whoCorrectsIsToldWhatIsWrong() throws Exception {
        String corrections = "/api/v1/corrections";
        String right = correction("address", "东华门街道2号");
        failed(
                "correct",
                sessions.send("POST", corrections, right.replace("address", "colour"), worker),
                400,
                "invalid-request");
        failed(
                "correct",
                sessions.send("POST", corrections, right.replace("address", "place"), worker),
                400,
                "invalid-request");
        failed(
                "correct",
                sessions.send("POST", corrections, right.replace("organizations", "nothing"), worker),
                404,
                "not-found");
        failed(
                "correct",
                sessions.send("POST", corrections, right.replace("organizations", "persons"), worker),
                404,
                "not-found");
        failed("correct", sessions.send("POST", corrections, right.replace("证书原件", ""), worker), 400, "invalid-body");
        failed(
                "correct",
                sessions.send("POST", corrections, right.replace("{\"ledger", "{\"version\":77,\"ledger"), worker),
                409,
                "stale-version");
        failed("correct", sessions.send("POST", corrections, right, sessions.signIn("chaoyang")), 404, "not-found");
        failed("getCorrection", sessions.get(corrections + "/999999999", worker), 404, "not-found");
        failed("listCorrections", sessions.get(corrections + "?state=LOST", worker), 400, "invalid-parameter");
        failed("listCorrections", sessions.get(corrections + "?cursor=abc", worker), 400, "invalid-cursor");
        failed("listTickets", sessions.get("/api/v1/tickets?cursor=abc", admin), 400, "invalid-cursor");
        failed(
                "acceptCorrection",
                sessions.send("POST", corrections + "/999999999/acceptance", null, officer),
                404,
                "not-found");
        failed(
                "answerTicket",
                sessions.send("POST", "/api/v1/tickets/999999999/answer", "{\"accepted\":true}", admin),
                404,
                "not-found");
        String file = "{\"name\":\"../a.pdf\",\"mediaType\":\"application/pdf\",\"content\":\"JVBERi0=\"}";
        failed(
                "attachEvidence",
                sessions.send("POST", corrections + "/1/evidence", file, worker),
                400,
                "invalid-request");
        String large = file.replace("../", "").replace("JVBERi0=", "A".repeat(8_000_000));
        failed("attachEvidence", sessions.send("POST", corrections + "/1/evidence", large, worker), 413, "too-large");
    }

    /** The rules in force are put in force once more, as another version. */
    private static Set<String> changingRulesSucceeds() throws Exception {
        JsonNode version = sessions.read(sessions.get("/api/v1/rules", admin)).at("/versions/0");
        assertThat(version.get("inForce").asBoolean()).isTrue();
        String change = "{\"kind\":\"" + version.get("kind").asText() + "\",\"ledger\":\""
                + version.get("ledger").asText() + "\",\"basedOn\":"
                + version.get("version").asInt() + ",\"document\":" + version.get("document") + "}";
        JsonNode preview = checked("previewRules", sessions.send("POST", "/api/v1/rules/preview", change, admin));
        assertThat(preview.get("merged").asInt()).isZero();
        String application = "{\"change\":" + change + ",\"note\":\"核对\"}";
        HttpResponse<String> applied = sessions.send("POST", "/api/v1/rules", application, admin);
        assertThat(applied.statusCode()).as(applied.body()).isEqualTo(201);
        assertThat(checked("applyRules", applied).get("version").asInt())
                .isEqualTo(version.get("version").asInt() + 1);
        failed("applyRules", sessions.send("POST", "/api/v1/rules", application, admin), 409, "stale-version");
        return Set.of("previewRules", "applyRules");
    }

    private static String proposal(String action, String... entities) {
        return "{\"action\":\"" + action + "\",\"entities\":["
                + Stream.of(entities)
                        .map(id -> "{\"id\":\"" + id + "\",\"version\":0}")
                        .collect(Collectors.joining(","))
                + "]}";
    }

    private static String because(String proposal) {
        return "{\"proposal\":" + proposal + ",\"reason\":\"核对过材料\"}";
    }

    @Test
    void aPairStandsSideBySideWithWhatSpeaksForIt() throws Exception {
        JsonNode review = checked("getReview", sessions.get("/api/v1/reviews/" + left + "/" + right, officer));
        assertThat(review.at("/left/fields/name/value").asText()).isEqualTo("欧阳建国");
        JsonNode evidence = review.at("/evidence/0");
        double sum = 0;
        for (JsonNode contribution : evidence.get("contributions")) {
            sum += contribution.get("weight").asDouble();
        }
        assertThat(sum).isCloseTo(evidence.get("weight").asDouble(), within(0.01));
        assertThat(evidence.get("weight").asDouble())
                .isBetween(
                        review.at("/thresholds/possible").asDouble(),
                        review.at("/thresholds/match").asDouble());
        assertThat(evidence.at("/contributions/0/level").asText()).isEqualTo("prior");
        JsonNode members = checked(
                        "getIdentity",
                        sessions.get("/api/v1/ledgers/organizations/" + organization + "/identity", worker))
                .get("members");
        assertThat(members.findValuesAsText("rule")).isNotEmpty();
        assertThat(members.get(0).at("/evidence/identifier").asText()).isNotEmpty();
    }

    @Test
    void stewardsAreToldWhatIsWrong() throws Exception {
        fails("listReviews", "/reviews?order=colour", 400, "invalid-parameter");
        fails("listReviews", "/reviews?kind=NICE", 400, "invalid-parameter");
        fails("listReviews", "/reviews?ledger=nothing", 400, "invalid-parameter");
        fails("listReviews", "/reviews?cursor=abc", 400, "invalid-cursor");
        fails("getReview", "/reviews/1/999999999", 404, "not-found");
        fails("getReview", "/reviews/a/b", 400, "invalid-parameter");
        fails("getIdentity", "/ledgers/persons/999999999/identity", 404, "not-found");
        fails("getIdentity", "/ledgers/nothing/1/identity", 404, "not-found");
        fails("listDecisions", "/decisions?entity=x", 400, "invalid-parameter");
        fails("listDecisions", "/decisions?cursor=abc", 400, "invalid-cursor");
        String decisions = "/api/v1/decisions";
        for (String path : List.of(decisions, decisions + "/preview")) {
            String operation = path.equals(decisions) ? "decide" : "previewDecision";
            refused(operation, path, proposal("MERGE", left), 400, "invalid-request");
            refused(operation, path, proposal("MERGE", left, place), 400, "invalid-request");
            refused(operation, path, proposal("SPLIT", left), 400, "invalid-request");
            refused(operation, path, proposal("MERGE", left, "999999999"), 404, "not-found");
            refused(operation, path, proposal("MERGE", left, "x"), 400, "invalid-body");
            refused(operation, path, proposal("MARRY", left, right), 400, "invalid-body");
            refused(
                    operation,
                    path,
                    proposal("MERGE", left, right).replaceFirst("\"version\":0", "\"version\":77"),
                    409,
                    "stale-version");
        }
        failed(
                "decide",
                sessions.send(
                        "POST",
                        decisions,
                        because(proposal("MERGE", left, right)).replace("核对过材料", ""),
                        admin),
                400,
                "invalid-body");
        failed(
                "withdrawDecision",
                sessions.send("POST", decisions + "/999999999/withdrawal", "{\"reason\":\"无\"}", admin),
                404,
                "not-found");
        failed(
                "previewWithdrawal",
                sessions.send("POST", decisions + "/999999999/withdrawal/preview", null, admin),
                404,
                "not-found");
        String change =
                "{\"kind\":\"MATCH\",\"ledger\":\"persons\",\"basedOn\":1,\"document\":\"rules: person\\ncolour: red\\n\"}";
        HttpResponse<String> wrong = sessions.send("POST", "/api/v1/rules/preview", change, admin);
        failed("previewRules", wrong, 400, "invalid-document");
        assertThat(sessions.read(wrong).get("line").asInt()).isPositive();
        failed(
                "previewRules",
                sessions.send("POST", "/api/v1/rules/preview", change.replace("persons", "nothing"), admin),
                404,
                "not-found");
        failed(
                "previewRules",
                sessions.send("POST", "/api/v1/rules/preview", change.replace("\"basedOn\":1,", ""), admin),
                400,
                "invalid-body");
    }

    private static void refused(String operation, String path, String proposal, int status, String code)
            throws Exception {
        String body = operation.equals("decide") ? because(proposal) : proposal;
        failed(operation, sessions.send("POST", path, body, admin), status, code);
    }

    @Test
    void identityIsDecidedByOfficersAndRulesByAdministratorsOnly() throws Exception {
        for (String path : Set.of("/reviews", "/reviews/" + left + "/" + right, "/decisions", "/rules")) {
            assertThat(sessions.get(Contract.BASE + path, worker).statusCode())
                    .as(path)
                    .isEqualTo(403);
            assertThat(sessions.get(Contract.BASE + path, officer).statusCode())
                    .as(path)
                    .isEqualTo(200);
        }
        String proposal = proposal("NOT_DUPLICATE", left, right);
        failed(
                "previewDecision",
                sessions.send("POST", "/api/v1/decisions/preview", proposal, worker),
                403,
                "forbidden");
        failed("decide", sessions.send("POST", "/api/v1/decisions", because(proposal), worker), 403, "forbidden");
        String change = "{\"kind\":\"MATCH\",\"ledger\":\"persons\",\"basedOn\":1,\"learn\":true}";
        failed("previewRules", sessions.send("POST", "/api/v1/rules/preview", change, officer), 403, "forbidden");
        failed(
                "applyRules",
                sessions.send("POST", "/api/v1/rules", "{\"change\":" + change + ",\"note\":\"x\"}", officer),
                403,
                "forbidden");

        String[] chaoyang = sessions.signIn("chaoyang");
        failed("getReview", sessions.get("/api/v1/reviews/" + left + "/" + right, chaoyang), 404, "not-found");
        failed("decide", sessions.send("POST", "/api/v1/decisions", because(proposal), chaoyang), 404, "not-found");
        failed(
                "getIdentity",
                sessions.get("/api/v1/ledgers/persons/" + person + "/identity", chaoyang),
                404,
                "not-found");
        assertThat(checked("listReviews", sessions.get("/api/v1/reviews", chaoyang))
                        .get("reviews"))
                .isEmpty();
    }

    private static void fails(String operation, String path, int status, String code) throws Exception {
        failed(operation, sessions.get(Contract.BASE + path, admin), status, code);
    }

    private static void failed(String operation, HttpResponse<String> answer, int status, String code)
            throws Exception {
        JsonNode problem = checked(operation, answer);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("code").asText()).as(answer.body()).isEqualTo(code);
        assertThat(problem.get("type").asText()).isEqualTo("/problems/" + code);
        assertThat(problem.hasNonNull("detail")).isTrue();
        assertThat(problem.hasNonNull("remedy")).isTrue();
    }

    @Test
    void wrongBodiesAreToldWhatIsWrong() throws Exception {
        String path = "/api/v1/session";
        failed("signIn", sessions.send("POST", path, "{\"login\":"), 400, "invalid-body");
        failed("signIn", sessions.send("POST", path, "[]"), 400, "invalid-body");
        failed("signIn", sessions.send("POST", path, ""), 400, "invalid-body");
        failed("signIn", sessions.send("POST", path, "{\"login\":\"a\"}"), 400, "invalid-body");
        failed(
                "signIn",
                sessions.send("POST", path, "{\"login\":\"a\",\"password\":\"b\",\"c\":1}"),
                400,
                "invalid-body");
        failed("signIn", sessions.send("POST", path, "{\"login\":{},\"password\":\"b\"}"), 400, "invalid-body");
        String large = "{\"login\":\"a\",\"password\":\"" + "x".repeat(70_000) + "\"}";
        failed("signIn", sessions.send("POST", path, large), 413, "too-large");
        failed(
                "signIn",
                sessions.send("POST", path, "login=a", "Content-Type", "application/x-www-form-urlencoded"),
                415,
                "unsupported-media-type");
        failed("getSession", sessions.get(path, "Accept", "text/html", admin[0], admin[1]), 406, "not-acceptable");
        failed(
                "unmask",
                sessions.send(
                        "POST",
                        "/api/v1/ledgers/persons/" + person + "/unmask",
                        "{\"fields\":[],\"purpose\":\"x\"}",
                        worker),
                400,
                "invalid-body");
        failed(
                "unmask",
                sessions.send(
                        "POST",
                        "/api/v1/ledgers/persons/" + person + "/unmask",
                        "{\"fields\":[\"name\"],\"purpose\":\"核对\"}",
                        worker),
                400,
                "invalid-request");
    }

    @Test
    void passwordsCannotBeTriedOutForLong() throws Exception {
        String body = "{\"login\":\"nobody\",\"password\":\"wrong password\"}";
        failed("signIn", sessions.send("POST", "/api/v1/session", body), 401, "sign-in-refused");
        HttpResponse<String> answer = sessions.send("POST", "/api/v1/session", body);
        for (int i = 0; i < 30 && answer.statusCode() == 401; i++) {
            answer = sessions.send("POST", "/api/v1/session", body);
        }
        failed("signIn", answer, 429, "too-many-attempts");
        assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
    }

    @Test
    void rolesOpenWhatTheyAreFor() throws Exception {
        for (String path : Set.of("/sources", "/runs", "/quarantine", "/progress")) {
            assertThat(sessions.get(Contract.BASE + path, worker).statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
        failed("listSources", sessions.get("/api/v1/sources", worker), 403, "forbidden");
        assertThat(sessions.get("/api/v1/sources", officer).statusCode()).isEqualTo(200);
        failed(
                "openQuarantined",
                sessions.send("POST", "/api/v1/quarantine/" + quarantined + "/raw", JSON_BODY, officer),
                403,
                "forbidden");
        String all = "{\"selection\":{\"source\":\"election\"},\"why\":\"核对\",\"token\":\"x\"}";
        for (String[] who : new String[][] {officer, worker}) {
            failed("startReplay", sessions.send("POST", "/api/v1/quarantine/replays", all, who), 403, "forbidden");
            failed("stopReplay", sessions.send("DELETE", "/api/v1/quarantine/replays/1", null, who), 403, "forbidden");
            failed(
                    "dryRun",
                    sessions.send(
                            "POST", "/api/v1/quarantine/dry-runs", "{\"selection\":{\"source\":\"election\"}}", who),
                    403,
                    "forbidden");
            failed(
                    "discardQuarantined",
                    sessions.send(
                            "POST",
                            "/api/v1/quarantine/discards",
                            "{\"selection\":{\"source\":\"election\"},\"why\":\"核对\"}",
                            who),
                    403,
                    "forbidden");
        }
    }

    @Test
    void whatLiesOutsideThePlacesDoesNotExist() throws Exception {
        String[] chaoyang = sessions.signIn("chaoyang");
        failed("getRecord", sessions.get("/api/v1/ledgers/organizations/" + organization, chaoyang), 404, "not-found");
        failed("getRecord", sessions.get("/api/v1/ledgers/persons/" + person, chaoyang), 404, "not-found");
        failed(
                "unmask",
                sessions.send(
                        "POST",
                        "/api/v1/ledgers/persons/" + person + "/unmask",
                        "{\"fields\":[\"idNumber\"],\"purpose\":\"核对\"}",
                        chaoyang),
                404,
                "not-found");
        JsonNode own = checked("listRecords", sessions.get("/api/v1/ledgers/organizations", chaoyang));
        assertThat(own.get("records").findValuesAsText("title")).allMatch(t -> t.startsWith("永安里"));
        assertThat(own.get("total").asInt()).isEqualTo(1);
        JsonNode account = checked("getSession", sessions.get("/api/v1/session", chaoyang));
        assertThat(account.at("/places/0/title").asText()).isEqualTo("朝阳区");
    }

    @Test
    void mergedValuesAreExplainedAndSensitiveOnesMasked() throws Exception {
        JsonNode record = checked("getRecord", sessions.get("/api/v1/ledgers/organizations/" + organization, worker));
        assertThat(record.get("records").asInt()).isEqualTo(2);
        assertThat(record.at("/fields/creditCode/source").asText()).isEqualTo("codes");
        assertThat(record.at("/fields/creditCode/flags/0").asText()).isEqualTo("check-digit");
        assertThat(record.at("/fields/phone/masked").asBoolean()).isTrue();
        assertThat(record.at("/fields/place/reference/title").asText()).isEqualTo("多福巷社区");
        JsonNode lineage = checked(
                "getLineage", sessions.get("/api/v1/ledgers/organizations/" + organization + "/lineage", worker));
        assertThat(lineage.get("sourceRecords").findValuesAsText("source"))
                .containsExactlyInAnyOrder("codes", "election");
        for (JsonNode field : lineage.get("fields")) {
            assertThat(field.get("criteria")).as("%s", field).isNotEmpty();
            assertThat(field.at("/claims/0/rank").asInt()).as("%s", field).isEqualTo(1);
            assertThat(field.at("/claims/0/won").asBoolean()).as("%s", field).isTrue();
            assertThat(field.at("/claims/0/lostBy").isMissingNode()).isTrue();
        }
        assertThat(record.at("/fields/name/rule").asText()).isNotEmpty();
        for (String path :
                Set.of("/changes?limit=200", "/ledgers/persons?explain=true", "/ledgers/persons/" + person)) {
            assertThat(sessions.get(Contract.BASE + path, admin).body())
                    .doesNotContain(PoolDatabase.ID_NUMBER, "13800138000", "enc1:");
        }
    }

    @Test
    void listsPageToTheEndWithoutRepeats() throws Exception {
        Set<String> seen = new TreeSet<>();
        String cursor = "";
        for (int pages = 0; pages < 20 && cursor != null; pages++) {
            JsonNode page = checked("listRecords", sessions.get("/api/v1/ledgers/places?limit=3" + cursor, admin));
            page.get("records")
                    .forEach(r -> assertThat(seen.add(r.get("id").asText())).isTrue());
            assertThat(page.has("total")).isEqualTo(pages == 0);
            cursor =
                    page.has("nextCursor") ? "&cursor=" + page.get("nextCursor").asText() : null;
        }
        assertThat(seen).hasSize(8);
        JsonNode first = checked("listChanges", sessions.get("/api/v1/changes?limit=4", admin));
        JsonNode second = checked(
                "listChanges",
                sessions.get("/api/v1/changes?after=" + first.get("last").asText(), admin));
        assertThat(second.at("/changes/0/seq").asLong())
                .isGreaterThan(first.at("/changes/3/seq").asLong());
    }

    @Test
    void cookiesServeThePortalAndNoOtherSite() throws Exception {
        String own = hub.address().toString().replaceAll("/$", "");
        HttpResponse<String> signedIn = sessions.send(
                "POST",
                "/api/v1/session",
                "{\"login\":\"dongcheng\",\"password\":\"" + Sessions.PASSWORD + "\"}",
                "Origin",
                own);
        assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(200);
        String header = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(header)
                .containsIgnoringCase("HttpOnly")
                .contains("SameSite=Strict", "Path=/")
                .doesNotContain("Secure");
        String cookie = header.substring(0, header.indexOf(';'));
        assertThat(sessions.get("/api/v1/session", "Cookie", cookie).statusCode())
                .isEqualTo(200);
        String path = "/api/v1/ledgers/persons/" + person + "/unmask";
        String body = "{\"fields\":[\"idNumber\"],\"purpose\":\"核对\"}";
        failed("unmask", sessions.send("POST", path, body, "Cookie", cookie), 403, "cross-origin");
        failed(
                "unmask",
                sessions.send("POST", path, body, "Cookie", cookie, "Origin", "https://evil.example"),
                403,
                "cross-origin");
        assertThat(sessions.send("POST", path, body, "Cookie", cookie, "Origin", own)
                        .statusCode())
                .isEqualTo(200);
        failed(
                "signIn",
                sessions.send("POST", "/api/v1/session", "{\"login\":\"a\",\"password\":\"b\"}", "Origin", "null"),
                403,
                "cross-origin");
        HttpResponse<String> preflight = sessions.send(
                "OPTIONS",
                "/api/v1/session",
                null,
                "Origin",
                "https://evil.example",
                "Access-Control-Request-Method",
                "GET");
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }

    @Test
    void nothingIsServedBeyondTheContract() throws Exception {
        for (String path : contract.paths()) {
            Set<String> known = new TreeSet<>();
            String concrete = Contract.BASE + path.replace("{ledger}", "places").replaceAll("\\{[a-z]+}", "1");
            // Another path of the contract may fit as well: /quarantine/{id} fits /quarantine/discards.
            contract.operations().values().stream()
                    .filter(o -> concrete.matches(Contract.BASE + o.path().replaceAll("\\{[a-z]+}", "[^/]+")))
                    .forEach(o -> known.add(o.method()));
            for (String method : Set.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
                if (!known.contains(method)) {
                    HttpResponse<String> answer =
                            sessions.send(method, concrete, method.equals("GET") ? null : "{}", admin);
                    assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(405);
                    assertThat(sessions.read(answer).get("code").asText()).isEqualTo("method-not-allowed");
                }
            }
        }
        Map<String, Integer> others = new HashMap<>();
        for (String path : Set.of(
                "/api/v1",
                "/api/v1/",
                "/api/v1/nothing",
                "/api/v1/session/x",
                "/api/v2/ledgers",
                "/q/health.json",
                "/openapi.yaml",
                "/application.properties",
                "/../pom.xml")) {
            HttpResponse<String> answer = sessions.get(path, admin);
            others.put(path, answer.statusCode());
            assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                    .as(path)
                    .contains("problem+json");
        }
        assertThat(others.values()).containsOnly(404);
        for (String path : Set.of("/q/health", "/q/metrics", "/q/dev", "/q/swagger-ui", "/q/arc/beans")) {
            assertThat(sessions.get(path, admin).body()).as(path).doesNotContain("status", "jvm_", "bean");
        }
    }

    @Test
    void answersCarryTheHeadersThatProtectThem() throws Exception {
        for (String path : Set.of("/", "/api/v1/health", "/api/v1/nothing")) {
            Map<String, String> headers = new HashMap<>();
            sessions.get(path).headers().map().forEach((name, values) -> headers.put(name, values.get(0)));
            assertThat(headers.get("x-content-type-options")).isEqualTo("nosniff");
            assertThat(headers.get("x-frame-options")).isEqualTo("DENY");
            assertThat(headers.get("referrer-policy")).isEqualTo("no-referrer");
            assertThat(headers.get("content-security-policy")).contains("default-src 'self'");
        }
        assertThat(sessions.get("/api/v1/ledgers", admin).headers().firstValue("Cache-Control"))
                .contains("no-store");
    }

    @Test
    void operatorsSeeHealthAndMetricsOnTheirOwnPort() throws Exception {
        Sessions management = new Sessions(hub.management());
        assertThat(management.get("/q/health/live").statusCode()).isEqualTo(200);
        assertThat(management
                        .read(management.get("/q/health/ready"))
                        .get("status")
                        .asText())
                .isEqualTo("UP");
        assertThat(management.get("/q/metrics").body()).contains("jvm_memory_used_bytes");
        assertThat(management.get("/api/v1/ledgers").statusCode()).isEqualTo(404);
    }

    @Test
    void logsHoldNoPersonalData() {
        assertThat(String.join("\n", hub.output()))
                .doesNotContain(PoolDatabase.ID_NUMBER, "13800138000", "欧阳建国", Sessions.PASSWORD);
    }
}
