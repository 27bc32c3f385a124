package io.yimen.testkit.systems;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.CityBrain;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.Door;
import io.yimen.simulators.EmbeddedBroker;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** {@code city-brain}: residents and homes on topics of another Kafka cluster. */
public final class DistrictPlatform implements Fixture {
    private static final String PEOPLE = "csdn.renkou";
    private static final String KEY = "kafka-key";

    /** A client goes where the cluster tells it to: through this door, which is there before the cluster is. */
    private final Door entrance = new Door();

    private final EmbeddedBroker broker;
    private final CityBrain system;
    private final KafkaProducer<byte[], byte[]> producer;
    private final ObjectMapper json = new ObjectMapper();

    public DistrictPlatform(Path folder) {
        broker = EmbeddedBroker.start(folder, entrance::portTo);
        system = CityBrain.start(
                broker.bootstrapServers(), new CommunitySystem.Options(7, 4, 300, Clock.systemUTC()), 4);
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", broker.bootstrapServers());
        properties.setProperty("acks", "all");
        producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public String connector() {
        return system.connector();
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return system.keys();
    }

    @Override
    public String stream() {
        return "resident";
    }

    /** Reads the topic to its end: a key holds whose last record has a value. */
    @Override
    public Set<String> keys(Manifest.Stream stream) {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", broker.bootstrapServers());
        properties.setProperty("enable.auto.commit", "false");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(stream.from()).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Set<String> keys = new HashSet<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(found -> {
                    String key = new String(found.key(), StandardCharsets.UTF_8);
                    if (found.value() == null) {
                        keys.remove(key);
                    } else {
                        keys.add(key);
                    }
                });
            }
            return keys;
        }
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = new TreeMap<>();
        row.put(KEY, "KIT%06d".formatted(number));
        row.put("xm", "第" + number + "人");
        row.put("sfzh", "");
        row.put("xb", "女");
        row.put("csrq", "19490101");
        row.put("jzdz", "多福巷小区");
        row.put("ghbq", "独居");
        row.put("xzqh", "110101001001");
        row.put("gxsj", "2026-03-01 09:00:00");
        return row;
    }

    @Override
    public void put(List<Map<String, String>> rows) {
        rows.forEach(row -> send(row.getOrDefault(KEY, ""), row));
        producer.flush();
    }

    @Override
    public void remove(Map<String, String> row) {
        send(row.getOrDefault(KEY, ""), null);
        producer.flush();
    }

    private void send(String key, @Nullable Map<String, String> row) {
        byte[] value = null;
        if (row != null) {
            Map<String, String> members = new TreeMap<>(row);
            members.remove(KEY);
            try {
                value = json.writeValueAsBytes(members);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
        var unused = producer.send(new ProducerRecord<>(PEOPLE, key.getBytes(StandardCharsets.UTF_8), value));
    }

    @Override
    public boolean rereads() {
        return false;
    }

    @Override
    public Probe text() {
        return new Probe("jzdz", "䶮𠮷喆é&<小区", "address", "䶮𠮷喆é&<小区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("csrq", "20240229", "birthDate", "2024-02-29"),
                new Probe("gxsj", "2025-12-31 07:59:59", Probe.UPDATED, "2025-12-30T23:59:59Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("csrq", "20210230", "birthDate", "invalid-date"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(RowDrift.ofOne(this, this::put));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> {
            String text = "村".repeat(1_500);
            for (int i = 1_000; i < 16_000; i++) {
                Map<String, String> row = row(i);
                row.put("jzdz", text);
                send(row.getOrDefault(KEY, ""), row);
            }
            producer.flush();
        });
    }

    @Override
    public Door line(Door door) {
        return entrance;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        system.close();
        broker.close();
        entrance.close();
    }
}
