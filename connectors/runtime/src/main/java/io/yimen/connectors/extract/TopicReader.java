package io.yimen.connectors.extract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.connectors.rows.JsonRows;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Reread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * {@code kafka-topic}: follows topics of another cluster, each a table of JSON objects by key; a record without a value
 * says that the one of its key is gone. Where reading goes on is stored with what was read, and nowhere in Kafka.
 *
 * <p>The offset of a record is its position. Kafka keeps the order of a key as long as it stays in its partition, so
 * where partitions are added the earlier ones are read to their end first, and all that follows belongs to another
 * epoch; as does a topic that was made anew. A part of a topic that went unread cannot be had back: that is said.
 */
final class TopicReader implements Extractor {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LOOK = Duration.ofSeconds(5);
    /** Begins the names of columns that are not members of a value. */
    private static final String GIVEN = "kafka-";

    private static final String KEY = GIVEN + "key";
    private static final String TIME = GIVEN + "time";
    private static final String STREAM = "stream";

    private final Connector connector;
    private final Manifest.Topic settings;
    private final Properties properties;
    private final Columns columns;
    private final ObjectMapper json = JsonRows.strict(KeptBytes.LARGEST);
    private final Map<String, List<StreamMapping>> mappings = new TreeMap<>();
    private final Map<String, Members> members = new TreeMap<>();

    TopicReader(Connector connector, Manifest.Topic settings) {
        this.connector = connector;
        this.settings = settings;
        this.properties = TopicClient.properties(connector, settings);
        this.columns = Columns.of(connector.manifest().streams());
        ZoneId zone = ManifestTests.zoneOf(connector.manifest());
        connector
                .manifest()
                .streams()
                .forEach(s -> mappings.computeIfAbsent(s.from(), from -> new ArrayList<>())
                        .add(StreamMapping.compile(s, connector.id(), columns, zone)));
        Manifest manifest = connector.manifest();
        mappings.keySet()
                .forEach(topic -> members.put(
                        topic,
                        new Members(
                                topic,
                                manifest,
                                manifest.streams().stream()
                                        .filter(s -> s.from().equals(topic))
                                        .toList(),
                                true,
                                GIVEN)));
    }

    @Override
    public void run(Session session) throws InterruptedException {
        List<Reread> wishes = session.rereads();
        session.openRun(wishes.isEmpty() ? STREAM : "reread", OptionalLong.empty());
        try (TopicClient client = new TopicClient(connector, properties)) {
            boolean caughtUp = false;
            while (!caughtUp) {
                caughtUp = new Following(client, wishes, session).follow();
                if (!caughtUp && !wishes.isEmpty()) {
                    wishes = List.of();
                    session.openRun(STREAM, OptionalLong.empty());
                }
            }
        }
        session.complete(null);
    }

    /** Reading as long as the topics stay as they are. */
    private final class Following implements StreamMapping.Output {
        private final TopicClient client;
        private final KafkaConsumer<KeptBytes, KeptBytes> consumer;
        private final Session session;
        private final List<Reread> wishes;
        private final Map<String, TopicDescription> topics;
        private final Map<String, TopicOffset.Place> places = new HashMap<>();
        /** Where what was there before a topic grew ends, by partition; empty where none has grown. */
        private final Map<TopicPartition, Long> before = new HashMap<>();

        private final List<ChangeEvent> events = new ArrayList<>();
        private final List<Rejected> rejected = new ArrayList<>();
        private Position position = Position.of(0);
        private long looked = System.nanoTime();

        /** @param wishes because of which topics are read from their beginning */
        Following(TopicClient client, List<Reread> wishes, Session session) {
            this.client = client;
            this.wishes = wishes;
            this.consumer = client.consumer();
            this.session = session;
            this.topics = client.describe(mappings.keySet());
        }

        /** Whether it has caught up, and nothing is to be waited for; if not, the topics are not what they were. */
        boolean follow() throws InterruptedException {
            Map<TopicPartition, Long> end = begin();
            boolean live = false;
            while (true) {
                session.stop().check();
                ConsumerRecords<KeptBytes, KeptBytes> records;
                try {
                    records = client.poll(POLL);
                } catch (OffsetOutOfRangeException e) {
                    return false;
                }
                if (!records.isEmpty() || System.nanoTime() - looked > LOOK.toNanos()) {
                    // Records of a topic that is another one by now could stand anywhere.
                    if (!isSame()) {
                        return false;
                    }
                    looked = System.nanoTime();
                }
                if (!records.isEmpty()) {
                    apply(records);
                }
                if (!before.isEmpty() && isThrough(before)) {
                    grown();
                    return false;
                }
                if (!live && before.isEmpty() && isThrough(end)) {
                    if (session.isOnce()) {
                        return true;
                    }
                    if (!wishes.isEmpty()) {
                        session.openRun(STREAM, OptionalLong.empty());
                    }
                    session.live();
                    live = true;
                }
            }
        }

        /** Goes where reading is to go on; what it finds there decides whether that is the place. */
        private Map<TopicPartition, Long> begin() {
            Map<String, TopicOffset.Place> stored = session.findOffset()
                    .map(TopicOffset::parse)
                    .map(TopicOffset::topics)
                    .orElse(Map.of());
            Map<TopicPartition, Long> next = new HashMap<>();
            Map<TopicPartition, Long> end = new HashMap<>();
            List<String> lost = new ArrayList<>();
            for (Map.Entry<String, TopicDescription> topic : topics.entrySet()) {
                List<TopicPartition> all = partitions(topic.getValue());
                Map<TopicPartition, Long> first = client.calling(() -> consumer.beginningOffsets(all));
                Map<TopicPartition, Long> last = client.calling(() -> consumer.endOffsets(all));
                TopicOffset.Place place = place(topic.getValue(), stored.get(topic.getKey()), first, last, lost);
                places.put(topic.getKey(), place);
                boolean grown = place.next().size() < all.size();
                for (TopicPartition partition : all.subList(0, place.next().size())) {
                    next.put(partition, place.next().get(partition.partition()));
                    end.put(partition, last.getOrDefault(partition, 0L));
                    if (grown) {
                        before.put(partition, last.getOrDefault(partition, 0L));
                    }
                }
            }
            consumer.assign(next.keySet());
            next.forEach(consumer::seek);
            if (!lost.isEmpty()) {
                session.fail(String.join("; ", lost));
                session.openRun(STREAM, OptionalLong.empty());
            }
            if (!wishes.isEmpty()) {
                session.take(wishes, new TopicOffset(places).text());
            }
            return end;
        }

        private TopicOffset.Place place(
                TopicDescription topic,
                TopicOffset.@Nullable Place stored,
                Map<TopicPartition, Long> first,
                Map<TopicPartition, Long> last,
                List<String> lost) {
            String id = topic.topicId().toString();
            List<TopicPartition> all = partitions(topic);
            List<Long> beginning =
                    all.stream().map(p -> first.getOrDefault(p, 0L)).toList();
            if (stored == null) {
                return new TopicOffset.Place(id, 0, beginning);
            }
            if (isWished(topic.name())) {
                // In an epoch of its own, for what is known by its offset would else pass for a repeat.
                return new TopicOffset.Place(id, stored.epoch() + 1, beginning);
            }
            boolean shrunk = stored.next().size() > all.size();
            for (int p = 0; !shrunk && p < stored.next().size(); p++) {
                shrunk = stored.next().get(p) > last.getOrDefault(all.get(p), 0L);
            }
            if (!stored.id().equals(id) || shrunk) {
                boolean anew = !stored.id().equals(id);
                session.notice(topic.name() + (anew ? " was made anew" : " holds less than was read of it")
                        + ": it is read from its beginning; what it does not hold any more stays until it says that"
                        + " it is gone");
                return new TopicOffset.Place(id, stored.epoch() + 1, beginning);
            }
            List<Long> next = new ArrayList<>();
            for (int p = 0; p < stored.next().size(); p++) {
                long gap = beginning.get(p) - stored.next().get(p);
                if (gap > 0) {
                    lost.add("records-lost: " + gap + " offsets of " + all.get(p)
                            + " are gone that were not read; ask its owner to send what they held again, and to keep"
                            + " records longer");
                }
                next.add(Math.max(beginning.get(p), stored.next().get(p)));
            }
            return new TopicOffset.Place(id, stored.epoch(), next);
        }

        private boolean isWished(String topic) {
            Set<String> streams = Reread.streamsOf(wishes);
            return connector.manifest().streams().stream()
                    .anyMatch(s -> s.from().equals(topic) && streams.contains(s.id()));
        }

        private static List<TopicPartition> partitions(TopicDescription topic) {
            return topic.partitions().stream()
                    .map(p -> new TopicPartition(topic.name(), p.partition()))
                    .toList();
        }

        private boolean isSame() {
            Map<String, TopicDescription> now = client.describe(mappings.keySet());
            return topics.entrySet().stream().allMatch(known -> {
                TopicDescription other = Objects.requireNonNull(now.get(known.getKey()));
                return other.topicId().equals(known.getValue().topicId())
                        && other.partitions().size()
                                == known.getValue().partitions().size();
            });
        }

        private boolean isThrough(Map<TopicPartition, Long> ends) {
            return ends.entrySet().stream()
                    .allMatch(e -> client.calling(() -> consumer.position(e.getKey())) >= e.getValue());
        }

        /** What was there before is read: keys may stand in another partition from here on. */
        private void grown() {
            Map<String, TopicOffset.Place> all = new HashMap<>(now());
            Set<TopicPartition> old = before.keySet();
            topics.forEach((name, topic) -> {
                if (old.stream().anyMatch(p -> p.topic().equals(name))) {
                    TopicOffset.Place place = Objects.requireNonNull(all.get(name));
                    List<Long> next = new ArrayList<>(place.next());
                    while (next.size() < topic.partitions().size()) {
                        next.add(0L);
                    }
                    all.put(name, new TopicOffset.Place(place.id(), place.epoch() + 1, next));
                }
            });
            session.apply(new TopicOffset(all).text(), List.of(), List.of(), List.of());
        }

        /** Where reading has come by now. */
        private Map<String, TopicOffset.Place> now() {
            Map<String, TopicOffset.Place> now = new HashMap<>();
            places.forEach((name, place) -> {
                List<Long> next = new ArrayList<>();
                for (int p = 0; p < place.next().size(); p++) {
                    TopicPartition partition = new TopicPartition(name, p);
                    next.add(client.calling(() -> consumer.position(partition)));
                }
                now.put(name, new TopicOffset.Place(place.id(), place.epoch(), next));
            });
            return now;
        }

        private void apply(ConsumerRecords<KeptBytes, KeptBytes> records) {
            records.partitions().forEach(partition -> add(partition, records.records(partition)));
            session.apply(new TopicOffset(now()).text(), events, rejected, List.of());
            events.clear();
            rejected.clear();
            members.values().forEach(each -> each.tell(session));
        }

        /** As far as there was room for them; the next poll begins with the first that there was none for. */
        private void add(TopicPartition partition, List<ConsumerRecord<KeptBytes, KeptBytes>> records) {
            for (ConsumerRecord<KeptBytes, KeptBytes> record : records) {
                if (isLeft(record.key()) || isLeft(record.value())) {
                    consumer.seek(partition, record.offset());
                    return;
                }
                add(record);
            }
        }

        private static boolean isLeft(@Nullable KeptBytes part) {
            return part != null && part.isLeft();
        }

        private void add(ConsumerRecord<KeptBytes, KeptBytes> record) {
            position = new Position(
                    Objects.requireNonNull(places.get(record.topic())).epoch(), record.offset());
            List<StreamMapping> streams = Objects.requireNonNull(mappings.get(record.topic()));
            @Nullable String[] row = new @Nullable String[columns.size()];
            put(row, TIME, Instant.ofEpochMilli(Math.max(0, record.timestamp())).toString());
            Set<String> sent =
                    Objects.requireNonNull(members.get(record.topic())).sent();
            boolean keyed = fillKey(row, record.key(), sent);
            KeptBytes value = record.value();
            if (value == null) {
                streams.forEach(stream -> gone(stream, row));
                return;
            }
            Optional<JsonNode> object = object(value);
            if (!keyed || object.isEmpty()) {
                poison(streams.get(0), row, record, keyed);
                return;
            }
            JsonRows.fill(row, object.get(), columns, sent);
            streams.forEach(stream -> stream.map(row, position, this));
        }

        private void put(@Nullable String[] row, String column, String value) {
            int index = columns.indexOf(column);
            if (index >= 0) {
                row[index] = value;
            }
        }

        /** Whether the key could be read. */
        private boolean fillKey(@Nullable String[] row, @Nullable KeptBytes key, Set<String> sent) {
            if (key == null) {
                return true;
            }
            if (settings.jsonKey()) {
                Optional<JsonNode> object = object(key);
                object.ifPresent(o -> JsonRows.fill(row, o, columns, sent));
                return object.isPresent();
            }
            if (key.bytes() == null) {
                return false;
            }
            try {
                put(
                        row,
                        KEY,
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(key.bytes()))
                                .toString());
                return true;
            } catch (CharacterCodingException e) {
                return false;
            }
        }

        private Optional<JsonNode> object(KeptBytes text) {
            if (text.bytes() == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(json.readTree(text.bytes())).filter(JsonNode::isObject);
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        private void gone(StreamMapping stream, @Nullable String[] row) {
            String key = stream.keyOf(row);
            if (key.isEmpty()) {
                rejected.add(stream.reject(
                        row,
                        key,
                        position,
                        "missing-key",
                        null,
                        "a record without a value has no key that identifies"));
            } else {
                skipped(stream, key);
            }
        }

        /** Under the record's own key, where that is known, so that a right one settles it. */
        private void poison(
                StreamMapping stream,
                @Nullable String[] row,
                ConsumerRecord<KeptBytes, KeptBytes> record,
                boolean keyed) {
            KeptBytes value = record.value();
            byte[] raw = Objects.requireNonNullElse(value.bytes(), new byte[0]);
            KeptBytes large = value.isTooLarge() ? value : record.key();
            boolean isLarge = large != null && large.isTooLarge();
            String key = stream.keyOf(row);
            // A value that was not kept tells nothing by which it could be known; its place does.
            String known = raw.length > 0
                    ? StreamMapping.digest(raw)
                    : record.topic() + "-" + record.partition() + "-" + record.offset();
            rejected.add(new Rejected(
                    stream.shape().id(),
                    key.isEmpty() ? known : key,
                    position,
                    isLarge ? "too-large" : "malformed-json",
                    null,
                    isLarge
                            ? "a " + (large == value ? "value" : "key") + " of " + large + ", more than "
                                    + KeptBytes.LARGEST + "; it was not kept"
                            : (keyed ? "its value" : "its key") + " is no JSON object in UTF-8",
                    isLarge ? new byte[0] : raw));
        }

        @Override
        public void event(ChangeEvent event) {
            events.add(event);
        }

        @Override
        public void rejected(Rejected rejection) {
            rejected.add(rejection);
        }

        /** It may have belonged to the stream until this record. */
        @Override
        public void skipped(StreamMapping stream, String key) {
            if (stream.shape().deletes() == DeletePolicy.LOG) {
                events.add(ChangeEvent.deleted(stream.shape(), key, position));
            }
        }
    }
}
