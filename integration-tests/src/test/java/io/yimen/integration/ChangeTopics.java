package io.yimen.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads what the hub published, all of it, from the beginning. */
final class ChangeTopics {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ChangeTopics() {}

    /** A message. {@code text} holds headers and value, as they travelled. */
    record Message(
            String topic,
            int partition,
            long offset,
            @Nullable String key,
            Map<String, String> headers,
            String value) {
        JsonNode json() {
            try {
                return JSON.readTree(value);
            } catch (IOException e) {
                throw new UncheckedIOException("No JSON on " + topic, e);
            }
        }

        /** An attribute of the CloudEvent, whether it travels as a header or in the body. */
        String attribute(String name) {
            String header = headers.get("ce_" + name);
            return header != null ? header : json().path(name).asText("");
        }

        /** The CloudEvent's data. */
        JsonNode data() {
            return headers.containsKey("ce_id") ? json() : json().path("data");
        }

        String text() {
            return topic + " " + key + " " + headers + " " + value;
        }
    }

    static List<Message> readAll(String bootstrapServers) {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", bootstrapServers);
        properties.setProperty("enable.auto.commit", "false");
        properties.setProperty("auto.offset.reset", "earliest");
        properties.setProperty("isolation.level", "read_committed");
        List<Message> messages = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.listTopics(Duration.ofSeconds(20)).entrySet().stream()
                    .filter(topic -> !topic.getKey().startsWith("_"))
                    .flatMap(topic -> topic.getValue().stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .collect(Collectors.toList());
            if (partitions.isEmpty()) {
                return messages;
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    messages.add(message(record));
                }
            }
        }
        return messages;
    }

    private static Message message(ConsumerRecord<String, String> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return new Message(
                record.topic(),
                record.partition(),
                record.offset(),
                record.key(),
                headers,
                record.value() == null ? "" : record.value());
    }
}
