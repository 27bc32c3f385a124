package io.yimen.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Speaks to the hub's API as a program of somebody else would, and sees the raw answers. */
final class HubClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HubProcess hub;
    private final @Nullable String authorization;
    private final BiConsumer<String, String> witness;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /**
     * An answer.
     *
     * @param text the body as it came
     */
    record Answer(String request, int status, HttpHeaders headers, String text) {
        /** The body; a missing node where it is no JSON. */
        JsonNode json() {
            try {
                JsonNode node = JSON.readTree(text);
                return node == null ? MissingNode.getInstance() : node;
            } catch (IOException e) {
                return MissingNode.getInstance();
            }
        }

        /** The body of a successful answer. */
        JsonNode body() {
            if (status / 100 != 2) {
                throw new AssertionError(request + " answered " + status + ": " + text);
            }
            return json();
        }
    }

    private HubClient(HubProcess hub, @Nullable String authorization, BiConsumer<String, String> witness) {
        this.hub = hub;
        this.authorization = authorization;
        this.witness = witness;
    }

    /** Without a session. */
    static HubClient stranger(HubProcess hub) {
        return new HubClient(hub, null, (request, body) -> {});
    }

    /** Signs in. */
    static HubClient signIn(HubProcess hub, String login, String password) {
        JsonNode session = stranger(hub)
                .post("/session", Map.of("login", login, "password", password))
                .body();
        return stranger(hub).withAuthorization("Bearer " + session.path("token").asText());
    }

    /** Sends this header. */
    HubClient withAuthorization(String header) {
        return new HubClient(hub, header, witness);
    }

    /** Tells {@code witness} every request with its answer's body. */
    HubClient witnessedBy(BiConsumer<String, String> newWitness) {
        return new HubClient(hub, authorization, newWitness);
    }

    String token() {
        if (authorization == null) {
            throw new IllegalStateException("A stranger has no session");
        }
        return authorization.substring("Bearer ".length());
    }

    Answer get(String path) {
        return send("GET", path, null);
    }

    Answer post(String path, Object body) {
        return send("POST", path, body);
    }

    Answer send(String method, String path, @Nullable Object body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(hub.api(path)).timeout(Duration.ofSeconds(30));
            if (authorization != null) {
                request.header("Authorization", authorization);
            }
            if (body == null) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                request.header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
            }
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String asked = method + " " + path;
            witness.accept(asked, answer.body());
            return new Answer(asked, answer.statusCode(), answer.headers(), answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** All items of a paged list, in order. */
    List<JsonNode> all(String path, String items) {
        List<JsonNode> all = new ArrayList<>();
        String cursor = "";
        do {
            String page = path + (path.contains("?") ? "&" : "?") + "limit=200"
                    + (cursor.isEmpty() ? "" : "&cursor=" + encode(cursor));
            JsonNode body = get(page).body();
            body.path(items).forEach(all::add);
            cursor = body.path("nextCursor").asText("");
        } while (!cursor.isEmpty());
        return all;
    }

    static String encode(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }
}
