package io.yimen.simulators;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The part of a legacy system that pushes: keeps what is to be told until the hub has taken it, in its order, and sends
 * it again for as long as that takes. What has happened, and how much of it was taken, is in its folder: after a restart
 * it goes on where it was. Thread-safe.
 */
final class EventSender implements AutoCloseable {
    private static final int BATCH = 200;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final String connector;
    private final String secret;
    private final boolean signing;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Path taken;
    private final List<ObjectNode> history;
    private final BufferedWriter journal;
    private final Deque<ObjectNode> unsent = new ArrayDeque<>();
    private int sent;
    private @Nullable URI hub;
    private @Nullable ScheduledExecutorService pump;

    /**
     * @param folder of its own, which is made
     * @param signing whether it signs what it sends, or shows the secret
     */
    EventSender(Path folder, String connector, String secret, boolean signing) {
        this.connector = connector;
        this.secret = secret;
        this.signing = signing;
        this.taken = folder.resolve("taken");
        Path events = folder.resolve("events.jsonl");
        try {
            Files.createDirectories(folder);
            this.history = Files.exists(events) ? read(events) : List.of();
            this.sent = Files.exists(taken)
                    ? Integer.parseInt(Files.readString(taken).strip())
                    : 0;
            // Whole lines only: one that a kill has cut is written over.
            replace(events, history.stream().map(event -> event + "\n").collect(Collectors.joining()));
            this.journal = Files.newBufferedWriter(events, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new SimulatorException("The events of " + connector + " cannot be kept", e);
        }
        unsent.addAll(history.subList(Math.min(sent, history.size()), history.size()));
    }

    private List<ObjectNode> read(Path events) throws IOException {
        List<ObjectNode> read = new ArrayList<>();
        for (String line : Files.readAllLines(events)) {
            try {
                read.add((ObjectNode) json.readTree(line));
            } catch (JsonProcessingException e) {
                break;
            }
        }
        return List.copyOf(read);
    }

    /** All at once: whoever is killed meanwhile finds the one or the other. */
    private static void replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What had happened when it was started, in its order; nothing the first time. */
    List<ObjectNode> history() {
        return history;
    }

    ObjectNode event(String type, String id, Instant time) {
        return json.createObjectNode()
                .put("specversion", "1.0")
                .put("id", id)
                .put("source", "/" + connector)
                .put("type", type)
                .put("time", time.toString())
                .put("datacontenttype", "application/json");
    }

    synchronized void add(ObjectNode event) {
        try {
            journal.write(event.toString());
            journal.newLine();
            journal.flush();
        } catch (IOException e) {
            throw new SimulatorException("The events of " + connector + " cannot be kept", e);
        }
        unsent.add(event);
    }

    /** How many events the hub has not taken yet. */
    synchronized int unsent() {
        return unsent.size();
    }

    /** The events that the hub has not taken yet, each as JSON. */
    synchronized List<String> waiting() {
        return unsent.stream().map(ObjectNode::toString).toList();
    }

    /** Goes on sending to the hub at this address, from now on. */
    synchronized void follow(URI address) {
        hub = address;
        if (pump == null) {
            ScheduledExecutorService sending = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, connector + "-sender");
                thread.setDaemon(true);
                return thread;
            });
            pump = sending;
            sending.execute(() -> send(sending));
        }
    }

    private void send(ScheduledExecutorService sending) {
        Duration pause = PAUSE;
        try {
            List<ObjectNode> batch = next();
            if (!batch.isEmpty()) {
                pause = post(batch) ? Duration.ZERO : AFTER_FAILURE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!sending.isShutdown()) {
            var unused = sending.schedule(() -> send(sending), pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized List<ObjectNode> next() {
        List<ObjectNode> batch = new ArrayList<>();
        for (ObjectNode event : unsent) {
            if (batch.size() == BATCH) {
                break;
            }
            batch.add(event);
        }
        return batch;
    }

    /** Whether the hub has taken them. */
    private boolean post(List<ObjectNode> batch) throws InterruptedException {
        ArrayNode array = json.createArrayNode().addAll(batch);
        try {
            byte[] body = json.writeValueAsBytes(array);
            URI address;
            synchronized (this) {
                address = java.util.Objects.requireNonNull(hub).resolve("/api/v1/push/" + connector);
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(address)
                    .timeout(Duration.ofSeconds(60))
                    .header("Content-Type", "application/cloudevents-batch+json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            if (signing) {
                String now = Long.toString(Instant.now().getEpochSecond());
                request.header("Yimen-Timestamp", now).header("Yimen-Signature", "sha256=" + sign(now, body));
            } else {
                request.header("Authorization", "Bearer " + secret);
            }
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                return false;
            }
            JsonNode receipts = json.readTree(answer.body()).path("receipts");
            synchronized (this) {
                for (int i = 0; i < receipts.size(); i++) {
                    unsent.remove();
                }
                sent += receipts.size();
                replace(taken, Integer.toString(sent));
            }
            return !receipts.isEmpty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            // The hub is away.
            return false;
        }
    }

    private String sign(String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((timestamp + "." + connector + ".").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        ScheduledExecutorService sending;
        synchronized (this) {
            sending = pump;
            pump = null;
        }
        if (sending != null) {
            sending.shutdownNow();
        }
        try {
            journal.close();
        } catch (IOException e) {
            throw new SimulatorException("The events of " + connector + " cannot be kept", e);
        }
    }
}
