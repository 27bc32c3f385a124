package io.yimen.connectors.extract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/**
 * The capture engine's view of the offset that the pool has committed: filled at start, and moved on only after a
 * batch has become durable. The engine reads it back to tell the source what need not be kept.
 *
 * <p>Public with a constructor without arguments because the engine makes it by name.
 */
public final class CommittedOffsets extends MemoryOffsetBackingStore {
    static final String OFFSET = "yimen.offset";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public void configure(WorkerConfig config) {
        super.configure(config);
        Object offset = config.originals().get(OFFSET);
        if (offset instanceof String text && !text.isEmpty()) {
            String name = String.valueOf(config.originals().get("name"));
            String server = String.valueOf(config.originals().get("topic.prefix"));
            data.put(key(name, server), ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    static String json(Map<String, Object> offset) {
        try {
            return JSON.writeValueAsString(offset);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As the engine's JSON converter writes the name and the partition. */
    private static ByteBuffer key(String name, String server) {
        try {
            return ByteBuffer.wrap(JSON.writeValueAsBytes(List.of(name, Map.of("server", server))));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
