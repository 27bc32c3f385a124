package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.ConnectorException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where reading topics stands.
 *
 * @param topics by name
 */
record TopicOffset(@JsonProperty("topics") Map<String, Place> topics) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A place in one topic.
     *
     * @param id of the topic: one that is made anew under the same name has another
     * @param epoch raised whenever offsets begin anew, or keys may have moved to another partition
     * @param next offset to be read next, by partition
     */
    record Place(
            @JsonProperty("id") String id,
            @JsonProperty("epoch") int epoch,
            @JsonProperty("next") List<Long> next) {
        Place {
            next = List.copyOf(next);
        }
    }

    TopicOffset {
        topics = Map.copyOf(topics);
    }

    static TopicOffset parse(String text) {
        try {
            return JSON.readValue(text, TopicOffset.class);
        } catch (JsonProcessingException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION, "offset", "the stored offset is not one of kafka-topic", e);
        }
    }

    String text() {
        try {
            return JSON.writeValueAsString(Map.of("topics", new TreeMap<>(topics)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
