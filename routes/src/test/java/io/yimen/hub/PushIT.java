package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events at the packaged hub's front door: who may send them, in which forms, and what they are told. */
@SuppressWarnings("NullAway.Init")
class PushIT {
    private static final String SECRET = "canary-secret-of-the-window";
    private static final String TOKEN = "canary-token-of-the-cameras";
    private static final String SINGLE = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path folder;

    private static PoolDatabase database;
    private static Contract contract;
    private static Map<String, String> keys;
    private static HubProcess hub;

    @BeforeAll
    static void start() throws Exception {
        database = PoolDatabase.start(folder);
        contract = Contract.read();
        keys = database.keysWithCatalog();
        keys.put("yimen.connectors.approve", "true");
        keys.put("yimen.connectors.enabled", "single-window,bright-eyes");
        keys.put("yimen.connector.single-window.secret", SECRET);
        keys.put("yimen.connector.bright-eyes.token", TOKEN);
        hub = HubProcess.start(folder, keys, Map.of()).awaitUp();
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(String.join("\n", hub.output())).doesNotContain(SECRET, TOKEN, "水浸");
        hub.close();
        database.close();
    }

    private static HttpResponse<String> post(String connector, String type, byte[] body, String... headers)
            throws Exception {
        return HTTP.send(request(connector, type, body, headers), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(String connector, String type, byte[] body, String... headers) {
        URI address = hub.address().resolve("/api/v1/push/" + connector);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private static String incident(int number) {
        return """
                {"specversion":"1.0","id":"i-%d","source":"/cameras","type":"cn.gov.beijing.xueliang.incident",
                 "time":"2026-03-01T00:00:00Z","sequence":"%d","data":{"sjbh":"XL%d","sjlx":"水浸","fssj":"2026-03-01",
                 "sjzt":"1","xzqh":"110101001001","nobody":"asked"}}""".formatted(number, number, number);
    }

    private static HttpResponse<String> show(String type, String body, String... more) throws Exception {
        List<String> headers = new ArrayList<>(List.of("Authorization", "Bearer " + TOKEN));
        headers.addAll(List.of(more));
        return post("bright-eyes", type, body.getBytes(StandardCharsets.UTF_8), headers.toArray(String[]::new));
    }

    private static HttpResponse<String> sign(String secret, long timestamp, byte[] signed, byte[] sent)
            throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update((timestamp + ".single-window.").getBytes(StandardCharsets.UTF_8));
        String signature = "sha256=" + HexFormat.of().formatHex(mac.doFinal(signed));
        return post(
                "single-window",
                BATCH,
                sent,
                "Yimen-Timestamp",
                Long.toString(timestamp),
                "Yimen-Signature",
                signature);
    }

    private static void asDeclared(HttpResponse<String> answer) throws Exception {
        assertThat(contract.complaints(contract.operation("pushEvents"), answer, JSON.readTree(answer.body())))
                .as(answer.body())
                .isEmpty();
    }

    private static List<String> outcomes(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        asDeclared(answer);
        return JSON.readTree(answer.body()).get("receipts").findValuesAsText("outcome");
    }

    private static void refused(HttpResponse<String> answer, int status, String code) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        asDeclared(answer);
        assertThat(JSON.readTree(answer.body()).get("code").asText()).isEqualTo(code);
        assertThat(answer.body()).doesNotContain(SECRET, TOKEN);
    }

    @Test
    void eachEventOfABatchHasItsReceipt() throws Exception {
        String batch = "[" + incident(1) + "," + incident(1) + "," + incident(2).replace("2026-03-01\"", "2026-02-30\"")
                + "," + incident(3).replace("\"nobody\":\"asked\"", "\"video\":\"AAAA\"") + "]";
        HttpResponse<String> answer = show(BATCH, batch);
        assertThat(outcomes(answer)).containsExactly("APPLIED", "STALE", "QUARANTINED", "QUARANTINED");
        assertThat(JSON.readTree(answer.body()).get("receipts").findValuesAsText("reason"))
                .containsExactly("invalid-date", "refused-content");
        assertThat(outcomes(show(BATCH, batch))).as("sent again").containsExactly("STALE", "STALE", "STALE", "STALE");
        Sessions sessions = new Sessions(hub.address());
        String[] admin = sessions.signIn("admin");
        JsonNode waiting = sessions.read(sessions.get("/api/v1/quarantine?source=bright-eyes", admin))
                .get("items");
        assertThat(waiting).hasSize(2);
        assertThat(sessions.get("/api/v1/sources", admin).body()).contains("\"LIVE\"");
    }

    @Test
    void theThreeFormsAreTaken() throws Exception {
        assertThat(outcomes(show(SINGLE, incident(11)))).containsExactly("APPLIED");
        String data = JSON.readTree(incident(12)).get("data").toString();
        assertThat(outcomes(show(
                        "application/json",
                        data,
                        "ce-specversion",
                        "1.0",
                        "ce-id",
                        "i-12",
                        "ce-source",
                        "/%E6%91%84%E5%83%8F",
                        "ce-type",
                        "cn.gov.beijing.xueliang.incident",
                        "ce-sequence",
                        "12")))
                .containsExactly("APPLIED");
        refused(show("application/json", data), 415, "unsupported-media-type");
        refused(show(SINGLE, "{"), 400, "invalid-body");
        refused(show(BATCH, incident(13)), 400, "invalid-body");
        refused(show(BATCH, "[" + "{},".repeat(600) + "{}]"), 400, "invalid-body");
    }

    @Test
    void headersOfCamelHaveNoEffect() throws Exception {
        assertThat(outcomes(show(
                        SINGLE,
                        incident(21),
                        "CamelHttpUri",
                        "http://127.0.0.1:1/",
                        "CamelFileName",
                        "../../canary",
                        "CamelBeanMethodName",
                        "close",
                        "Exchange.HTTP_METHOD",
                        "DELETE")))
                .containsExactly("APPLIED");
        assertThat(folder.resolve("canary")).doesNotExist();
    }

    @Test
    void whoIsUnknownIsToldNothing() throws Exception {
        byte[] body = ("[" + incident(31) + "]").getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> wrong = post("bright-eyes", BATCH, body, "Authorization", "Bearer " + SECRET);
        refused(wrong, 401, "unauthenticated");
        for (String connector : List.of("nothing", "single-window", "election", "bright-eyes")) {
            assertThat(post(connector, BATCH, body).body()).isEqualTo(wrong.body());
        }
        long now = Instant.now().getEpochSecond();
        byte[] other = ("[" + incident(32) + "]").getBytes(StandardCharsets.UTF_8);
        refused(sign(TOKEN, now, body, body), 401, "unauthenticated");
        refused(sign(SECRET, now, body, other), 401, "unauthenticated");
        refused(sign(SECRET, now - 3_600, body, body), 401, "unauthenticated");
        assertThat(outcomes(sign(SECRET, now, body, body))).containsExactly("QUARANTINED");
        assertThat(outcomes(sign(SECRET, now, body, body)))
                .as("replayed while it is young")
                .containsExactly("STALE");
    }

    @Test
    void aBodyHasALimit() throws Exception {
        byte[] large = new byte[(1 << 20) + 1];
        java.util.Arrays.fill(large, (byte) ' ');
        refused(post("bright-eyes", BATCH, large, "Authorization", "Bearer " + TOKEN), 413, "too-large");
        refused(post("bright-eyes", BATCH, new byte[5 << 20], "Authorization", "Bearer " + TOKEN), 413, "too-large");
    }

    /** Written by hand, since no client sends what is not whole. */
    private static Socket write(int announced, byte[] body, int sent) throws Exception {
        Socket socket = new Socket(hub.address().getHost(), hub.address().getPort());
        socket.setSoTimeout(20_000);
        String head = "POST /api/v1/push/bright-eyes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN
                + "\r\nContent-Type: " + BATCH + "\r\nConnection: close\r\nContent-Length: " + announced + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body, 0, sent);
        socket.getOutputStream().flush();
        return socket;
    }

    private static String answer(Socket socket) throws Exception {
        try (socket) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            // A hub that has read enough may hang up on what is still coming.
            return "";
        }
    }

    @Test
    void whatDidNotComeWholeIsNotTakenAndWhatWasNotHeardIsNotDoubled() throws Exception {
        byte[] body = IntStream.range(5_000, 5_100)
                .mapToObj(PushIT::incident)
                .collect(java.util.stream.Collectors.joining(",", "[", "]"))
                .getBytes(StandardCharsets.UTF_8);
        long before = incidents();
        // Half a request, by an end and by a reset.
        write(body.length, body, body.length / 2).close();
        Socket reset = write(body.length, body, body.length / 2);
        reset.setSoLinger(true, 0);
        reset.close();
        // One that announces more than it sends, and one that announces less.
        Socket longer = write(body.length + 100, body, body.length);
        longer.shutdownOutput();
        assertThat(answer(longer)).doesNotStartWith("HTTP/1.1 200");
        assertThat(answer(write(body.length / 2, body, body.length))).doesNotStartWith("HTTP/1.1 200");
        assertThat(incidents()).isEqualTo(before);
        // One whose sender is gone after the commit, before it has heard of it.
        Socket unheard = write(body.length, body, body.length);
        await().atMost(java.time.Duration.ofSeconds(30)).until(() -> incidents() == before + 100);
        unheard.setSoLinger(true, 0);
        unheard.close();
        assertThat(outcomes(show(BATCH, new String(body, StandardCharsets.UTF_8))))
                .as("sent again")
                .hasSize(100)
                .containsOnly("STALE");
        assertThat(incidents()).isEqualTo(before + 100);
    }

    @Test
    void aHubThatIsKilledInTheMiddleLosesNothingThatItAnsweredAndDoublesNothing() throws Exception {
        long before = incidents();
        String[] batches = IntStream.range(0, 8)
                .mapToObj(b -> IntStream.range(0, 200)
                        .mapToObj(i -> incident(1_000 + b * 200 + i))
                        .collect(java.util.stream.Collectors.joining(",", "[", "]")))
                .toArray(String[]::new);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (String batch : batches) {
            answers.add(HTTP.sendAsync(
                    request(
                            "bright-eyes",
                            BATCH,
                            batch.getBytes(StandardCharsets.UTF_8),
                            "Authorization",
                            "Bearer " + TOKEN),
                    HttpResponse.BodyHandlers.ofString()));
        }
        CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new)).join();
        ProcessHandle.of(hub.pid()).orElseThrow().destroyForcibly();
        hub.awaitEnd(java.time.Duration.ofSeconds(30));
        hub = HubProcess.start(folder, keys, Map.of()).awaitUp();
        for (int b = 0; b < batches.length; b++) {
            HttpResponse<String> answer =
                    answers.get(b).handle((a, failure) -> a).join();
            List<String> again = outcomes(show(BATCH, batches[b]));
            if (answer != null && answer.statusCode() == 200) {
                assertThat(again).as("was answered before").containsOnly("STALE");
            }
        }
        assertThat(incidents()).isEqualTo(before + 1_600);
    }

    private static long incidents() throws Exception {
        Sessions sessions = new Sessions(hub.address());
        return sessions.read(sessions.get("/api/v1/ledgers/work-records/counts", sessions.signIn("admin")))
                .get("total")
                .asLong();
    }
}
