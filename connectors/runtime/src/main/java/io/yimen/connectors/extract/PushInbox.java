package io.yimen.connectors.extract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.connectors.push.CloudEvent;
import io.yimen.connectors.push.Receipt;
import io.yimen.connectors.push.Sender;
import io.yimen.connectors.rows.JsonRows;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code push}: takes in what a system sends of its own accord. Requests wait here in a short queue; the run's thread
 * takes as many as have come, applies them as one batch, and tells each what became of its events. While the pool is
 * away the batch at hand is tried again and the queue fills: then nobody is let in any more.
 *
 * <p>An event's time, or its sequence, is its position: a repeat changes nothing, whoever sends it.
 *
 * <p>{@link #put} may be called by any thread.
 */
public final class PushInbox implements Extractor {
    /** {@link ConnectorException#code} of {@link #put}: too many wait already. */
    public static final String BUSY = "busy";

    /** {@link ConnectorException#code} of {@link #put}: the connector does not run just now. */
    public static final String AWAY = "away";

    private static final int BATCH = 1_000;
    private static final int MOST_WAITING = 4_000;
    private static final int MOST_REQUESTS = 64;
    private static final Duration LOOK = Duration.ofMillis(200);
    /** How far a sender's clock may go ahead of ours; what comes from later would outdate all that follows. */
    private static final Duration AHEAD = Duration.ofMinutes(5);

    /** Begins the names of columns that are attributes, not members of the data. */
    private static final String ATTRIBUTE = "ce-";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connector connector;
    private final Manifest.Push settings;
    private final Columns columns;
    private final Map<String, StreamMapping> mappings = new TreeMap<>();
    /** By type of event. */
    private final Map<String, Members> members = new TreeMap<>();

    private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>(MOST_REQUESTS);
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean open;

    private record Request(List<CloudEvent> events, CompletableFuture<List<Receipt>> receipts) {}

    PushInbox(Connector connector, Manifest.Push settings) {
        this.connector = connector;
        this.settings = settings;
        this.columns = Columns.of(connector.manifest().streams());
        ZoneId zone = ManifestTests.zoneOf(connector.manifest());
        connector
                .manifest()
                .streams()
                .forEach(s -> mappings.put(s.id(), StreamMapping.compile(s, connector.id(), columns, zone)));
        Manifest manifest = connector.manifest();
        settings.events()
                .forEach((type, meaning) -> members.put(
                        type,
                        new Members(
                                type,
                                manifest,
                                manifest.streams().stream()
                                        .filter(s -> meaning.streams().contains(s.id()))
                                        .toList(),
                                !meaning.deleted(),
                                ATTRIBUTE)));
        // A secret that does not do is said at the start.
        var unused = new Sender(connector, settings);
    }

    /**
     * Hands over events. What comes back is completed once they are durable, with a receipt each, in their order; or
     * with an exception, after which some of them may be durable all the same: sending them again does no harm. Whoever
     * waits no longer cancels it.
     *
     * @throws ConnectorException {@code UNREACHABLE}, with {@link #BUSY} or {@link #AWAY}: nothing was taken, try later
     */
    public CompletableFuture<List<Receipt>> put(List<CloudEvent> events) {
        Request request = new Request(List.copyOf(events), new CompletableFuture<>());
        if (!open) {
            throw away();
        }
        if (waiting.getAndAdd(events.size()) > MOST_WAITING || !requests.offer(request)) {
            waiting.addAndGet(-events.size());
            throw new ConnectorException(
                    ConnectorException.Kind.UNREACHABLE, BUSY, connector + ": too many events wait; send them later");
        }
        if (!open) {
            // It has closed meanwhile, perhaps after it emptied the queue.
            clear();
        }
        return request.receipts;
    }

    private ConnectorException away() {
        return new ConnectorException(
                ConnectorException.Kind.UNREACHABLE, AWAY, connector + " takes no events just now; send them later");
    }

    @Override
    public void run(Session session) throws InterruptedException {
        session.openRun("push", OptionalLong.empty());
        session.live();
        open = true;
        try {
            while (true) {
                List<Request> taken = take(session);
                if (taken.isEmpty()) {
                    session.complete(null);
                    return;
                }
                apply(taken, session);
            }
        } finally {
            open = false;
            clear();
        }
    }

    private void clear() {
        for (Request left = requests.poll(); left != null; left = requests.poll()) {
            waiting.addAndGet(-left.events.size());
            left.receipts.completeExceptionally(away());
        }
    }

    /** What waits, up to a batch; empty if nothing does and nothing is to be waited for. */
    private List<Request> take(Session session) throws InterruptedException {
        List<Request> taken = new ArrayList<>();
        int events = 0;
        while (events < BATCH) {
            Request next = taken.isEmpty() ? requests.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS) : requests.poll();
            session.stop().check();
            if (next == null) {
                if (!taken.isEmpty() || session.isOnce()) {
                    break;
                }
                continue;
            }
            waiting.addAndGet(-next.events.size());
            if (!next.receipts.isDone()) {
                taken.add(next);
                events += next.events.size();
            }
        }
        return taken;
    }

    private void apply(List<Request> taken, Session session) {
        try {
            Reading reading = new Reading(session.clock());
            taken.forEach(request -> request.events.forEach(reading::add));
            List<Outcome> outcomes = session.apply(null, reading.events, reading.rejected, List.of());
            members.values().forEach(each -> each.tell(session));
            List<Receipt> receipts = reading.receipts(outcomes);
            int from = 0;
            for (Request request : taken) {
                int to = from + request.events.size();
                request.receipts.complete(receipts.subList(from, to));
                from = to;
            }
        } catch (RuntimeException e) {
            taken.forEach(request -> request.receipts.completeExceptionally(e));
            throw e;
        }
    }

    /** From events to what is applied, and back from what became of it to receipts. */
    private final class Reading implements StreamMapping.Output {
        private final Clock clock;
        private final List<ChangeEvent> events = new ArrayList<>();
        private final List<Rejected> rejected = new ArrayList<>();
        private final List<Part> parts = new ArrayList<>();
        private Position position = Position.of(0);

        /** Which of the events and the rejected records came of an event. */
        private record Part(String id, int firstEvent, int firstRejected) {}

        Reading(Clock clock) {
            this.clock = clock;
        }

        void add(CloudEvent event) {
            parts.add(new Part(event.id(), events.size(), rejected.size()));
            Manifest.Push.Meaning meaning = settings.events().get(event.type());
            if (event.fault().isPresent()) {
                reject(event, event.fault().get());
                return;
            }
            if (meaning == null) {
                reject(
                        event,
                        new CloudEvent.Fault(
                                "unknown-type", "the manifest declares no such type of event; its data were not kept"));
                return;
            }
            Position placed = position(event);
            if (placed == null) {
                reject(event, unplaced());
                return;
            }
            position = placed;
            @Nullable String[] row = new @Nullable String[columns.size()];
            event.attributes().forEach((name, value) -> put(row, ATTRIBUTE + name, value));
            JsonRows.fill(
                    row,
                    event.data(),
                    columns,
                    Objects.requireNonNull(members.get(event.type())).sent());
            String refused = refusedIn(event.data());
            for (String stream : meaning.streams()) {
                StreamMapping mapping = mappings.get(stream);
                if (mapping == null) {
                    // Not approved.
                    continue;
                }
                if (refused != null) {
                    rejected.add(mapping.reject(
                            row,
                            mapping.keyOf(row),
                            position,
                            "refused-content",
                            null,
                            "the data hold \"" + refused + "\", which must not be sent; it was not kept"));
                } else if (meaning.deleted()) {
                    delete(row, mapping);
                } else {
                    mapping.map(row, position, this);
                }
            }
        }

        private void put(@Nullable String[] row, String column, String value) {
            int index = columns.indexOf(column);
            if (index >= 0) {
                row[index] = value;
            }
        }

        private void delete(@Nullable String[] row, StreamMapping mapping) {
            String key = mapping.keyOf(row);
            if (key.isEmpty()) {
                rejected.add(mapping.reject(
                        row, key, position, "missing-key", null, "what identifies the record is missing"));
            } else {
                events.add(ChangeEvent.deleted(mapping.shape(), key, position));
            }
        }

        private CloudEvent.Fault unplaced() {
            return settings.sequenced()
                    ? new CloudEvent.Fault("invalid-sequence", "sequence is no whole number of at most 18 digits")
                    : new CloudEvent.Fault(
                            "invalid-time", "time is missing, is none of RFC 3339, or lies ahead of the hub's clock");
        }

        private @Nullable Position position(CloudEvent event) {
            if (settings.sequenced()) {
                String sequence = event.attribute("sequence");
                return sequence.matches("\\d{1,18}") ? Position.of(Long.parseLong(sequence)) : null;
            }
            try {
                Instant time = OffsetDateTime.parse(event.attribute("time")).toInstant();
                long micros =
                        Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
                return micros < 0 || time.isAfter(clock.instant().plus(AHEAD)) ? null : Position.of(micros);
            } catch (DateTimeParseException | ArithmeticException e) {
                return null;
            }
        }

        /** An event that is none, or of no known type: its attributes are kept, never its data. */
        private void reject(CloudEvent event, CloudEvent.Fault fault) {
            byte[] raw;
            try {
                raw = JSON.writeValueAsString(new TreeMap<>(event.attributes())).getBytes(StandardCharsets.UTF_8);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a map of texts is JSON", e);
            }
            Manifest.Push.Meaning meaning = settings.events().get(event.type());
            StreamMapping first = (meaning == null ? mappings.keySet() : meaning.streams())
                    .stream()
                            .map(mappings::get)
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElseGet(() -> mappings.values().iterator().next());
            rejected.add(new Rejected(
                    first.shape().id(),
                    StreamMapping.digest(raw),
                    Position.of(0),
                    fault.reason(),
                    null,
                    fault.message(),
                    raw));
        }

        private @Nullable String refusedIn(JsonNode data) {
            for (Map.Entry<String, JsonNode> member : data.properties()) {
                if (settings.refuse().contains(member.getKey().toLowerCase(Locale.ROOT))) {
                    return member.getKey().toLowerCase(Locale.ROOT);
                }
            }
            for (JsonNode inner : data) {
                String refused = refusedIn(inner);
                if (refused != null) {
                    return refused;
                }
            }
            return null;
        }

        @Override
        public void event(ChangeEvent event) {
            events.add(event);
        }

        @Override
        public void rejected(Rejected rejection) {
            rejected.add(rejection);
        }

        /** It may have belonged to the stream until this event. */
        @Override
        public void skipped(StreamMapping mapping, String key) {
            if (mapping.shape().deletes() == DeletePolicy.LOG) {
                events.add(ChangeEvent.deleted(mapping.shape(), key, position));
            }
        }

        /** @param outcomes of the events, then of the rejected records */
        List<Receipt> receipts(List<Outcome> outcomes) {
            if (outcomes.size() != events.size() + rejected.size()) {
                throw new ConnectorException(
                        ConnectorException.Kind.CONFIGURATION,
                        "no-outcomes",
                        "the route of " + connector + " does not hand back what the pool said of its batch");
            }
            List<Receipt> receipts = new ArrayList<>(parts.size());
            for (int i = 0; i < parts.size(); i++) {
                Part part = parts.get(i);
                boolean last = i + 1 == parts.size();
                int toEvent = last ? events.size() : parts.get(i + 1).firstEvent;
                int toRejected = last ? rejected.size() : parts.get(i + 1).firstRejected;
                EnumSet<Outcome> said = EnumSet.noneOf(Outcome.class);
                said.addAll(outcomes.subList(part.firstEvent, toEvent));
                Rejected waits = null;
                for (int r = part.firstRejected; r < toRejected; r++) {
                    Outcome outcome = outcomes.get(events.size() + r);
                    said.add(outcome);
                    waits = outcome == Outcome.QUARANTINED ? rejected.get(r) : waits;
                }
                receipts.add(new Receipt(
                        part.id,
                        together(said),
                        waits == null ? null : waits.reason(),
                        waits == null ? null : waits.message()));
            }
            return receipts;
        }

        /** An event may speak of several records: what most concerns its sender. */
        private static Outcome together(EnumSet<Outcome> said) {
            return Stream.of(Outcome.QUARANTINED, Outcome.APPLIED, Outcome.STALE)
                    .filter(said::contains)
                    .findFirst()
                    .orElse(Outcome.UNCHANGED);
        }
    }
}
