package io.yimen.simulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Records of a system that serves them as JSON: what the three systems of the web have in common. Each knows its id and
 * when it last changed. Thread-safe.
 */
final class JsonRecords implements AutoCloseable {
    static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How a system words its answers. */
    interface Wording {
        /** The answer to one request; {@code records} in the order in which they were put. */
        JsonNode answer(HttpExchange exchange, List<ObjectNode> records);
    }

    private final String authorization;
    private final Wording wording;
    private final LoopbackHttp http;
    private final Map<String, ObjectNode> records = new LinkedHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final Clock clock;

    /** @param authorization the header that whoever asks has to send; empty for none */
    JsonRecords(String path, String authorization, Clock clock, Wording wording) {
        this.authorization = authorization;
        this.clock = clock;
        this.wording = wording;
        this.http = new LoopbackHttp(path, this::answer);
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static ArrayNode array(List<ObjectNode> items) {
        ArrayNode array = JSON.createArrayNode();
        items.forEach(array::add);
        return array;
    }

    void start() {
        http.start();
    }

    String baseUrl() {
        return http.baseUrl();
    }

    int requests() {
        return requests.get();
    }

    Clock clock() {
        return clock;
    }

    /** The time of a change, as these systems write it. */
    String now() {
        return time(clock.instant());
    }

    static String time(Instant at) {
        return OffsetDateTime.ofInstant(at, ZONE)
                .truncatedTo(ChronoUnit.SECONDS)
                .format(java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    }

    synchronized void put(String id, ObjectNode record) {
        records.put(id, record);
    }

    synchronized @Nullable ObjectNode get(String id) {
        ObjectNode record = records.get(id);
        return record == null ? null : record.deepCopy();
    }

    synchronized void remove(String id) {
        records.remove(id);
    }

    synchronized List<ObjectNode> all() {
        return records.values().stream().map(ObjectNode::deepCopy).toList();
    }

    /** Its records as rows of text: what is nested is called by its path, as {@code /votes/for}; nothing is empty. */
    List<Map<String, String>> rows() {
        return all().stream()
                .map(record -> {
                    Map<String, String> row = new LinkedHashMap<>();
                    record.properties().forEach(e -> flatten(e.getKey(), e.getValue(), row));
                    return row;
                })
                .toList();
    }

    private static void flatten(String name, JsonNode value, Map<String, String> row) {
        if (value.isObject()) {
            String path = name.startsWith("/") ? name : "/" + name;
            value.properties().forEach(e -> flatten(path + "/" + e.getKey(), e.getValue(), row));
        } else {
            row.put(name, value.isNull() ? "" : value.asText());
        }
    }

    /** The record of a row as {@link #rows} tells them. */
    static ObjectNode record(Map<String, String> row) {
        ObjectNode record = object();
        row.forEach((name, value) -> {
            int end = name.lastIndexOf('/');
            ObjectNode holder = end > 0 ? record.withObject(name.substring(0, end)) : record;
            holder.put(name.substring(end + 1), value);
        });
        return record;
    }

    /** As {@link #record}; one that does not tell when it changed is of this moment. */
    ObjectNode record(Map<String, String> row, String changed) {
        ObjectNode record = record(row);
        return record.has(changed) ? record : record.put(changed, now());
    }

    synchronized int size() {
        return records.size();
    }

    /** One of them. */
    synchronized String any(SplittableRandom random) {
        return List.copyOf(records.keySet()).get(random.nextInt(records.size()));
    }

    /** Those that changed at a time or later; all where none is given. */
    static List<ObjectNode> since(List<ObjectNode> records, String column, Optional<String> since) {
        if (since.isEmpty()) {
            return records;
        }
        Instant from = OffsetDateTime.parse(since.get()).toInstant();
        return records.stream()
                .filter(r -> !OffsetDateTime.parse(r.path(column).asText())
                        .toInstant()
                        .isBefore(from))
                .toList();
    }

    /** A page of a list, of which the first has the number 1. */
    static List<ObjectNode> page(List<ObjectNode> records, int page, int size) {
        int from = (int) Math.min(records.size(), (page - 1L) * size);
        return records.subList(from, Math.min(records.size(), from + size));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            if (!authorization.isEmpty()
                    && !authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            byte[] body;
            try {
                body = JSON.writeValueAsBytes(wording.answer(exchange, all()));
            } catch (java.time.DateTimeException | SimulatorException e) {
                exchange.sendResponseHeaders(400, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
