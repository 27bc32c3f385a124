package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A body that is too large is refused like everything else that is wrong, whether its length was declared or not. */
@ExtendWith(SharedHub.class)
class BodyLimitIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LIMIT = 64 * 1024;

    private final HubProcess hub;

    BodyLimitIT(TestBed bed) {
        hub = bed.hub();
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void aBodyOfUndeclaredLengthThatGrowsTooLargeIsAProblem(HttpClient.Version version) throws Exception {
        HttpResponse<String> answer = send(version, credentials(LIMIT + 1));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertProblem(answer.headers().firstValue("Content-Type").orElse(""), answer.body(), 413, "too-large");
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void aBodyOfUndeclaredLengthIsReadUpToTheLimit(HttpClient.Version version) throws Exception {
        HttpResponse<String> large = send(version, credentials(LIMIT));
        assertThat(large.statusCode()).as(large.body()).isIn(400, 401);
        assertThat(send(version, "{\"login\":").statusCode()).isEqualTo(400);
        HttpResponse<String> right =
                send(version, "{\"login\":\"" + TestBed.WORKER + "\",\"password\":\"" + TestBed.PASSWORD + "\"}");
        assertThat(right.statusCode()).as(right.body()).isEqualTo(200);
    }

    /** Whoever sends without end is not listened to without end. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {"{\"login\":\" 413 too-large", "x 400 invalid-body"})
    void aBodyWithoutEndIsAnsweredAndCutOff(String beginning, int status, String code) throws Exception {
        byte[] first = (Integer.toHexString(beginning.length()) + "\r\n" + beginning + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), hub.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("""
                    POST /api/v1/session HTTP/1.1\r
                    Host: 127.0.0.1\r
                    Content-Type: application/json\r
                    Transfer-Encoding: chunked\r
                    \r
                    """.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(first);
            InputStream in = socket.getInputStream();
            StringBuilder said = new StringBuilder();
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            boolean open = true;
            while (open) {
                assertThat(System.nanoTime()).as("still listened to").isLessThan(deadline);
                try {
                    socket.getOutputStream().write(chunk);
                } catch (SocketException e) {
                    open = false;
                }
                while (in.available() > 0) {
                    said.append((char) in.read());
                }
            }
            assertThat(said)
                    .startsWith("HTTP/1.1 " + status)
                    .containsIgnoringCase("content-type: application/problem+json");
            JsonNode problem = JSON.readTree(said.substring(said.indexOf("\r\n\r\n") + 4));
            assertThat(problem.path("code").asText()).isEqualTo(code);
        }
        assertThat(hub.isReady()).isTrue();
    }

    private static String credentials(int bytes) {
        String frame = "{\"login\":\"a\",\"password\":\"\"}";
        return frame.replace("\"\"}", "\"" + "x".repeat(bytes - frame.length()) + "\"}");
    }

    private HttpResponse<String> send(HttpClient.Version version, String body)
            throws IOException, InterruptedException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        HttpClient http = HttpClient.newBuilder().version(version).build();
        // The first request agrees on the version.
        http.send(HttpRequest.newBuilder(hub.api("/health")).build(), HttpResponse.BodyHandlers.discarding());
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(hub.api("/session"))
                        .timeout(Duration.ofSeconds(20))
                        .header("Content-Type", "application/json")
                        // Of a stream the client knows no length.
                        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(version);
        return answer;
    }

    private static void assertProblem(String type, String body, int status, String code) throws IOException {
        assertThat(type).isEqualTo("application/problem+json");
        JsonNode problem = JSON.readTree(body);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("code").asText()).isEqualTo(code);
        assertThat(problem.path("type").asText()).isEqualTo("/problems/" + code);
        assertThat(problem.path("detail").asText()).contains("65536");
        assertThat(problem.path("remedy").asText()).isNotEmpty();
    }
}
