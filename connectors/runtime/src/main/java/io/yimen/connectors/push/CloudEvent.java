package io.yimen.connectors.push;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/**
 * An event as it came. {@code toString} shows nothing of its data.
 *
 * @param attributes by name, {@code data} and {@code data_base64} not among them
 * @param data a JSON object; empty where the event has none, or none that may be looked at
 * @param fault what is wrong with it as an event, whatever its data say
 */
public record CloudEvent(Map<String, String> attributes, JsonNode data, Optional<Fault> fault) {
    /**
     * What is wrong with an event.
     *
     * @param reason stable code, e.g. {@code invalid-event}
     * @param message what to do about it, without a value of the event
     */
    public record Fault(String reason, String message) {}

    public CloudEvent {
        attributes = Map.copyOf(attributes);
    }

    /** Its id; empty where it has none. */
    public String id() {
        return attribute("id");
    }

    /** Its type; empty where it has none. */
    public String type() {
        return attribute("type");
    }

    /** An attribute; empty where the event does not have it. */
    public String attribute(String name) {
        return attributes.getOrDefault(name, "");
    }

    @Override
    public String toString() {
        return "event";
    }
}
