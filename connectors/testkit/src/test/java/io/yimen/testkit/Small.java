package io.yimen.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.yimen.connectors.Connector;
import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Door;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A small system of its own, pages of JSON, whose connector may be broken on purpose. */
final class Small implements Fixture {
    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    private final UnaryOperator<Extractor> broken;
    private final boolean rereads;

    Small(UnaryOperator<Extractor> broken, boolean rereads) throws IOException {
        this.broken = broken;
        this.rereads = rereads;
        for (int i = 1_000; i < 3_000; i++) {
            Map<String, String> row = row(i);
            rows.put(keyOf(row), row);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/rows", this::answer);
        server.start();
    }

    private static String keyOf(Map<String, String> row) {
        return row.getOrDefault("id", "");
    }

    private void answer(HttpExchange exchange) throws IOException {
        int page = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*page=(\\d+).*", "$1"));
        List<Map<String, String>> all;
        synchronized (this) {
            all = new ArrayList<>(rows.values());
        }
        List<Map<String, String>> some =
                all.subList(Math.min(all.size(), (page - 1) * 200), Math.min(all.size(), page * 200));
        byte[] body = JSON.writeValueAsBytes(Map.of("total", all.size(), "rows", some));
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public String connector() {
        return "small";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return Map.of(
                "yimen.connector.small.base-url",
                door.through("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    @Override
    public String stream() {
        return "unit";
    }

    @Override
    public synchronized Set<String> keys(Manifest.Stream stream) {
        return Set.copyOf(rows.keySet());
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "id", Integer.toString(number), "name", "站" + number, "kind", "1", "changed", "2026-03-01 09:00:00");
    }

    @Override
    public synchronized void put(List<Map<String, String>> changed) {
        changed.forEach(row -> rows.put(keyOf(row), new HashMap<>(row)));
    }

    @Override
    public synchronized void remove(Map<String, String> row) {
        rows.remove(keyOf(row));
    }

    @Override
    public boolean rereads() {
        return rereads;
    }

    @Override
    public Probe text() {
        return new Probe("name", "䶮𠮷喆", "name", "䶮𠮷喆");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(new Probe("changed", "2024-02-29 23:30:00", Probe.UPDATED, "2024-02-29T15:30:00Z")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("kind", "9", "kind", "unknown-code"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(new Drift() {
            @Override
            public void add(String column) {
                each(row -> row.put(column, "1"));
            }

            @Override
            public void remove(String column) {
                each(row -> row.remove(column));
            }

            @Override
            public void rename(String from, String to) {
                each(row -> row.put(to, row.remove(from)));
            }
        });
    }

    private synchronized void each(java.util.function.Consumer<Map<String, String>> change) {
        Map<String, Map<String, String>> changed = rows.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, e -> new HashMap<>(e.getValue()), (a, b) -> a, LinkedHashMap::new));
        changed.values().forEach(change);
        rows.putAll(changed);
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> {
            String text = "村".repeat(1_500);
            for (int i = 10_000; i < 22_000; i++) {
                Map<String, String> row = new HashMap<>(row(i));
                row.put("name", text);
                put(List.of(row));
            }
        });
    }

    @Override
    public Extractor extractor(Connector connector) {
        return broken.apply(connector.extractor());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
