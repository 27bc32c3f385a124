package io.yimen.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client of the hub with nothing but the JDK, so that nothing is smoothed over. */
final class Sessions {
    static final String PASSWORD = "correct horse";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI hub;

    Sessions(URI hub) {
        this.hub = hub;
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, null, headers);
    }

    HttpResponse<String> send(
            String method, String path, @org.jspecify.annotations.Nullable String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(hub.resolve(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null && !java.util.List.of(headers).contains("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    /** Signs in and returns the header to send. */
    String[] signIn(String login) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                send("POST", "/api/v1/session", "{\"login\":\"" + login + "\",\"password\":\"" + PASSWORD + "\"}");
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("sign-in answered " + answer.statusCode() + " " + answer.body());
        }
        return new String[] {
            "Authorization", "Bearer " + read(answer).get("token").asText()
        };
    }

    /** Opens a stream of events and returns the first, name and data on a line each. */
    String firstEvent(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(hub.resolve(path)).headers(headers).build();
        HttpResponse<java.util.stream.Stream<String>> answer = http.send(request, HttpResponse.BodyHandlers.ofLines());
        try (var lines = answer.body()) {
            return lines.dropWhile(line -> !line.startsWith("event:"))
                    .takeWhile(line -> !line.isEmpty())
                    .collect(java.util.stream.Collectors.joining("\n"));
        }
    }

    JsonNode read(HttpResponse<String> answer) throws IOException {
        return json.readTree(answer.body());
    }
}
