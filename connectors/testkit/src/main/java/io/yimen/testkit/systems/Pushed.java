package io.yimen.testkit.systems;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.yimen.connectors.Connector;
import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.extract.PushInbox;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.push.CloudEvent;
import io.yimen.connectors.push.CloudEventReader;
import io.yimen.connectors.push.Receipt;
import io.yimen.connectors.push.Unreadable;
import io.yimen.simulators.Door;
import io.yimen.simulators.LegacySystem;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Sending;
import io.yimen.testkit.Trouble;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the fixtures of systems that push have in common. Events go into the connector's inbox as the hub hands them
 * over, and are kept until there are receipts for them. A row's columns are members of an event's data, but for
 * {@code ce-time}, the event's own time.
 */
abstract class Pushed implements Fixture, Sending {
    private static final int AT_ONCE = 400;
    private static final int MOST_REPEATED = 200;
    private static final String TIME = "ce-time";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LegacySystem system;
    private final String type;
    private final String key;
    private final Map<String, String> sample = new HashMap<>();
    private final Set<String> held = new HashSet<>();
    private final Deque<String> unsent = new ArrayDeque<>();
    private final Deque<String> taken = new ArrayDeque<>();
    private final CloudEventReader reader = new CloudEventReader(1 << 20, 1);
    private Instant last = Instant.EPOCH;
    private int sequence;
    private volatile @Nullable PushInbox inbox;
    /** One that was shut when its read ended; what a sender finds while the connector stands still. */
    private @Nullable PushInbox shut;

    private boolean down;
    /** Whether an answer takes longer than the system waits for it. */
    private boolean impatient;

    private @Nullable CompletableFuture<List<Receipt>> underWay;
    /** Over HTTP, while requests go wrong. */
    private @Nullable RudeRequests rude;

    private @Nullable CompletableFuture<Boolean> rudely;
    private int sentRudely;

    /**
     * @param waiting events that the system has sent to nobody yet
     * @param type of an event that tells of a record, and begins the type of one that takes it back
     * @param key the member of data that identifies a record
     */
    Pushed(LegacySystem system, List<String> waiting, String type, String key) {
        this.system = system;
        this.type = type;
        this.key = key;
        unsent.addAll(waiting);
        sequence = waiting.size();
        for (String event : waiting) {
            JsonNode data = tree(event).path("data");
            held.add(data.path(key).asText());
            if (sample.isEmpty()) {
                data.properties()
                        .forEach(member ->
                                sample.put(member.getKey(), member.getValue().asText()));
            }
        }
    }

    private static JsonNode tree(String event) {
        try {
            return JSON.readTree(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public final String connector() {
        return system.connector();
    }

    @Override
    public final Map<String, String> configuration(Door door) {
        return system.keys();
    }

    @Override
    public Extractor extractor(Connector connector) {
        PushInbox made = (PushInbox) connector.extractor();
        shut = inbox;
        inbox = made;
        return made;
    }

    @Override
    public final Optional<Sending> sending() {
        return Optional.of(this);
    }

    @Override
    public final boolean sendMore() {
        RudeRequests requests = rude;
        if (requests != null) {
            return sendMore(requests);
        }
        CompletableFuture<List<Receipt>> answer = underWay;
        underWay = null;
        if (answer != null && answer.isDone() && !answer.isCompletedExceptionally()) {
            taken(answer.join().size());
        }
        PushInbox open = down ? shut : inbox;
        if (unsent.isEmpty() || open == null) {
            return false;
        }
        List<CloudEvent> next = unsent.stream().limit(AT_ONCE).map(this::read).toList();
        if (impatient) {
            // Whoever hears nothing in time sends the same again: what was taken all the same, and what was not.
            var unused = open.put(next);
            open.put(next).cancel(false);
        }
        underWay = open.put(next);
        return true;
    }

    private boolean sendMore(RudeRequests requests) {
        CompletableFuture<Boolean> answer = rudely;
        if (answer != null && !answer.isDone()) {
            return true;
        }
        rudely = null;
        if (answer != null && answer.join()) {
            taken(sentRudely);
        }
        if (unsent.isEmpty()) {
            return false;
        }
        List<String> next = unsent.stream().limit(AT_ONCE).toList();
        sentRudely = next.size();
        rudely = requests.send(next);
        return true;
    }

    private void taken(int events) {
        for (int i = 0; i < events; i++) {
            taken.add(unsent.remove());
        }
        while (taken.size() > MOST_REPEATED) {
            taken.remove();
        }
    }

    private CloudEvent read(String event) {
        try {
            return reader.read(CloudEventReader.SINGLE, Map.of(), event.getBytes(StandardCharsets.UTF_8))
                    .get(0);
        } catch (Unreadable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public final void repeat() {
        new ArrayList<>(taken).forEach(unsent::add);
    }

    @Override
    public final Set<String> keys(Manifest.Stream stream) {
        return Set.copyOf(held);
    }

    /** A row that the system held at its start; a copy. */
    final Map<String, String> sample() {
        return new HashMap<>(sample);
    }

    @Override
    public final void put(List<Map<String, String>> rows) {
        for (Map<String, String> row : rows) {
            held.add(row.getOrDefault(key, ""));
            tell(type, row);
        }
    }

    @Override
    public final void remove(Map<String, String> row) {
        held.remove(row.getOrDefault(key, ""));
        tell(type.replaceFirst("\\.saved$", "") + ".removed", Map.of(key, row.getOrDefault(key, "")));
    }

    private void tell(String what, Map<String, String> row) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        last = now.isAfter(last) ? now : last.plus(1, ChronoUnit.MICROS);
        ObjectNode event = JSON.createObjectNode()
                .put("specversion", "1.0")
                .put("id", "kit-" + ++sequence)
                .put("source", "/" + connector())
                .put("type", what)
                .put("time", row.getOrDefault(TIME, last.toString()))
                .put("sequence", Integer.toString(sequence))
                .put("datacontenttype", "application/json");
        ObjectNode data = event.putObject("data");
        row.forEach((name, value) -> {
            if (!name.equals(TIME)) {
                data.put(name, value);
            }
        });
        unsent.add(event.toString());
    }

    @Override
    public final boolean rereads() {
        return false;
    }

    @Override
    public final Part<Drift> drift() {
        return Part.of(RowDrift.ofOne(this, this::put));
    }

    @Override
    public final Part<Crowd> large() {
        return Part.of(() -> Crowded.rows(this).forEach(row -> put(List.of(row))));
    }

    @Override
    public final Part<Trouble> down(Door door) {
        return Part.of(new Trouble() {
            @Override
            public void begin() {
                down = true;
            }

            @Override
            public void end() {
                down = false;
            }
        });
    }

    @Override
    public final Part<Trouble> slow(Door door) {
        return Part.of(new Trouble() {
            @Override
            public void begin() {
                impatient = true;
            }

            @Override
            public void end() {
                impatient = false;
            }
        });
    }

    @Override
    public final Part<Trouble> rude(Door door) {
        return Part.of(new Trouble() {
            @Override
            public void begin() {
                rude = new RudeRequests(() -> inbox);
            }

            @Override
            public void end() {
                RudeRequests requests = Objects.requireNonNull(rude);
                rude = null;
                requests.close();
                if (!requests.isThrough()) {
                    throw new IllegalStateException("not every manner was tried");
                }
            }
        });
    }

    @Override
    public final void close() throws Exception {
        system.close();
    }
}
