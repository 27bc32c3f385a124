package io.yimen.hub.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.yimen.hub.ledger.Wire;
import io.yimen.pool.ledger.ChangePage;
import io.yimen.pool.model.PoolModel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A change as a CloudEvent 1.0 in structured JSON. Its id is the change's sequence number, so a repeat is known as one;
 * its key is the entity's id, so that the changes of one entity stay in order.
 */
final class CloudEvents {
    /** Below the size that brokers take as they come. */
    private static final int LARGEST = 900_000;

    private static final RecordHeader CONTENT_TYPE = new RecordHeader(
            "content-type", "application/cloudevents+json; charset=UTF-8".getBytes(StandardCharsets.UTF_8));

    private final ObjectMapper json;
    private final Wire wire;

    CloudEvents(ObjectMapper json, PoolModel model) {
        this.json = json;
        this.wire = new Wire(model);
    }

    static String topic(String entityType) {
        return "yimen." + entityType.toLowerCase(Locale.ROOT);
    }

    /** Has a compacted topic forget what it holds under the id of a change. */
    ProducerRecord<byte[], byte[]> tombstone(ChangePage.Change change) {
        return new ProducerRecord<>(topic(change.entityType()), key(change), null);
    }

    private static byte[] key(ChangePage.Change change) {
        return Long.toString(change.id()).getBytes(StandardCharsets.UTF_8);
    }

    ProducerRecord<byte[], byte[]> from(ChangePage.Change change) {
        String type = change.entityType().toLowerCase(Locale.ROOT);
        ObjectNode event = json.createObjectNode();
        event.put("specversion", "1.0");
        event.put("id", Long.toString(change.seq()));
        event.put("source", "/yimen/pool");
        event.put("type", "io.yimen." + type + "." + change.operation().name().toLowerCase(Locale.ROOT));
        event.put("subject", Long.toString(change.id()));
        event.put("time", change.at().toString());
        event.put("datacontenttype", "application/json");
        event.put("dataschema", "urn:yimen:v1:" + type);
        event.set("data", json.valueToTree(wire.from(change)));
        byte[] value = bytes(event);
        if (value.length > LARGEST) {
            // Told all the same, so that the receiver fetches it from the ledger.
            event.withObject("data").putObject("fields");
            event.put("fieldsomitted", true);
            value = bytes(event);
        }
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic(type), key(change), value);
        record.headers().add(CONTENT_TYPE);
        return record;
    }

    private byte[] bytes(ObjectNode event) {
        try {
            return json.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree that cannot be written", e);
        }
    }
}
