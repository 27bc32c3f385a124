package io.yimen.connectors.push;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.yimen.connectors.rows.JsonRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * CloudEvents 1.0 in the modes of their HTTP binding: structured (JSON), batch (JSON), and binary, where the attributes
 * stand in headers and the body is the data. Data are JSON objects. Thread-safe.
 */
public final class CloudEventReader {
    /** Media type of one event. */
    public static final String SINGLE = "application/cloudevents+json";

    /** Media type of a list of events. */
    public static final String BATCH = "application/cloudevents-batch+json";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,40}");
    private static final Pattern JSON_TYPE = Pattern.compile("application/([a-z0-9.-]+\\+)?json");
    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");
    private static final int LONGEST_ATTRIBUTE = 1_000;
    private static final int MOST_ATTRIBUTES = 40;
    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    private final ObjectMapper json;
    private final int mostEvents;

    /**
     * @param maxBytes of a body
     * @param mostEvents in a batch
     */
    public CloudEventReader(int maxBytes, int mostEvents) {
        this.json = JsonRows.strict(maxBytes);
        this.mostEvents = mostEvents;
    }

    /**
     * The events of a request, in their order; what is wrong with a single one is said in it.
     *
     * @param contentType as sent
     * @param headers the {@code ce-} headers by the name behind that, decoded; of no matter in the other modes
     * @throws Unreadable if the request as a whole cannot be understood
     */
    public List<CloudEvent> read(String contentType, Map<String, String> headers, byte[] body) throws Unreadable {
        String[] type = contentType.toLowerCase(Locale.ROOT).replace(" ", "").split(";", 2);
        if (type.length > 1 && type[1].contains("charset=") && !type[1].matches(".*charset=\"?utf-8\"?(;.*)?")) {
            throw new Unreadable(Unreadable.Kind.MEDIA_TYPE, "JSON comes as UTF-8");
        }
        if (type[0].equals(SINGLE)) {
            return List.of(structured(tree(body)));
        }
        if (type[0].equals(BATCH)) {
            return batch(tree(body));
        }
        if (JSON_TYPE.matcher(type[0]).matches() && headers.containsKey("specversion")) {
            return List.of(event(new HashMap<>(headers), body.length == 0 ? NOTHING : tree(body)));
        }
        throw new Unreadable(
                Unreadable.Kind.MEDIA_TYPE, "Send " + SINGLE + ", " + BATCH + ", or JSON with headers ce-…");
    }

    private List<CloudEvent> batch(JsonNode root) throws Unreadable {
        if (!root.isArray()) {
            throw new Unreadable(Unreadable.Kind.BODY, "A batch is a JSON array of events");
        }
        if (root.size() > mostEvents) {
            throw new Unreadable(Unreadable.Kind.BODY, "A batch has at most " + mostEvents + " events");
        }
        List<CloudEvent> events = new ArrayList<>(root.size());
        for (JsonNode item : root) {
            events.add(structured(item));
        }
        return events;
    }

    private JsonNode tree(byte[] body) throws Unreadable {
        try {
            return json.readTree(body);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw new Unreadable(
                    Unreadable.Kind.BODY,
                    "The body is no JSON"
                            + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
        } catch (IOException e) {
            throw new Unreadable(Unreadable.Kind.BODY, "The body is no JSON in UTF-8");
        }
    }

    private static CloudEvent structured(JsonNode item) {
        Map<String, String> attributes = new HashMap<>();
        if (!item.isObject()) {
            return faulty(attributes, "invalid-event", "an event is a JSON object");
        }
        for (Map.Entry<String, JsonNode> member : item.properties()) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (name.equals("data") || name.equals("data_base64") || value.isNull()) {
                continue;
            }
            if (value.isContainerNode()) {
                return faulty(attributes, "invalid-event", "an attribute is a plain value");
            }
            attributes.put(name, value.asText());
        }
        if (item.has("data_base64")) {
            return faulty(attributes, "binary-data", "data come as a JSON object, never as bytes");
        }
        return event(attributes, item.path("data"));
    }

    private static CloudEvent event(Map<String, String> attributes, JsonNode data) {
        if (attributes.size() > MOST_ATTRIBUTES
                || !attributes.keySet().stream().allMatch(n -> NAME.matcher(n).matches())
                || attributes.values().stream().anyMatch(v -> v.length() > LONGEST_ATTRIBUTE || v.indexOf('\0') >= 0)) {
            attributes.keySet().retainAll(REQUIRED);
            return faulty(attributes, "invalid-event", "an attribute's name or value is none of CloudEvents");
        }
        for (String name : REQUIRED) {
            if (attributes.getOrDefault(name, "").isBlank()) {
                return faulty(attributes, "invalid-event", "the attribute " + name + " is missing");
            }
        }
        if (!"1.0".equals(attributes.get("specversion"))) {
            return faulty(attributes, "invalid-event", "specversion is not 1.0");
        }
        String type = attributes.getOrDefault("datacontenttype", "application/json");
        if (!JSON_TYPE
                .matcher(type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip())
                .matches()) {
            return faulty(attributes, "binary-data", "data come as a JSON object");
        }
        if (data.isMissingNode() || data.isNull()) {
            return new CloudEvent(attributes, NOTHING, Optional.empty());
        }
        return data.isObject()
                ? new CloudEvent(attributes, data, Optional.empty())
                : faulty(attributes, "invalid-event", "data are no JSON object");
    }

    private static CloudEvent faulty(Map<String, String> attributes, String reason, String message) {
        attributes.values().removeIf(v -> v.length() > LONGEST_ATTRIBUTE);
        return new CloudEvent(attributes, NOTHING, Optional.of(new CloudEvent.Fault(reason, message)));
    }
}
