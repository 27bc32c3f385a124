package io.yimen.simulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The city's management of its streets (数字城管) as a service in the shape of Open311 GeoReport v2: {@code GET
 * /open311/v2/requests.json?page_size=100&updated_after=…}, a bare list, with the next page in the header Link.
 * Thread-safe.
 */
public final class CityManagement implements RowSystem {
    private static final String[] SERVICES = {"暴露垃圾", "井盖缺失", "乱停车", "无照经营", "树木倒伏", "路灯不亮", "道路破损", "违法建设"};
    private static final String[] OFFICES = {"街道城管执法队", "环卫中心", "市政养护所", "园林绿化队"};
    private static final String[] SOURCES = {"patrol", "patrol", "phone", "app"};

    private final long seed;
    private final List<Division> communities;
    private final Map<String, Division> located = new HashMap<>();
    private final JsonRecords records;
    private final Life life = new Life("city-life", this::step);
    private int steps;

    private CityManagement(long seed, int communities, Clock clock) {
        this.seed = seed;
        this.communities = ElectionSystem.committees(seed, communities, new Names()).stream()
                .map(Committee::village)
                .toList();
        Divisions.edition2016().stream().filter(Division::isVillage).forEach(d -> located.put(d.code(), d));
        this.records = new JsonRecords("/open311/v2/requests.json", "", clock, this::answer);
    }

    /** Starts it on a free port, with so many cases. */
    public static CityManagement start(long seed, int communities, int cases) {
        return start(seed, communities, cases, Clock.systemUTC());
    }

    /** As {@link #start(long, int, int)}, with this clock. */
    public static CityManagement start(long seed, int communities, int cases, Clock clock) {
        CityManagement city = new CityManagement(seed, communities, clock);
        for (int i = 0; i < cases; i++) {
            city.open(new SplittableRandom(seed * 53 + i), Duration.ofMinutes(10L * (cases - i)));
        }
        city.records.start();
        return city;
    }

    private JsonNode answer(HttpExchange exchange, List<ObjectNode> all) {
        int page = LoopbackHttp.number(exchange, "page", 1);
        int size = LoopbackHttp.number(exchange, "page_size", 50);
        if (page < 1 || size < 1) {
            throw new SimulatorException("no page");
        }
        Optional<String> since = LoopbackHttp.parameter(exchange, "updated_after");
        List<ObjectNode> found = JsonRecords.since(all, "updated_datetime", since);
        if ((long) page * size < found.size()) {
            exchange.getResponseHeaders()
                    .set(
                            "Link",
                            "</open311/v2/requests.json?page=%d&page_size=%d%s>; rel=\"next\""
                                    .formatted(
                                            page + 1,
                                            size,
                                            since.map(s -> "&updated_after="
                                                            + URLEncoder.encode(s, StandardCharsets.UTF_8))
                                                    .orElse("")));
        }
        return JsonRecords.array(JsonRecords.page(found, page, size));
    }

    private void open(SplittableRandom random, Duration ago) {
        Division village = communities.get(random.nextInt(communities.size()));
        Division point = located.get(village.code());
        int service = random.nextInt(SERVICES.length);
        Instant at = records.clock().instant().minus(ago);
        ObjectNode request = JsonRecords.object();
        String id = "CG%s%05d"
                .formatted(JsonRecords.time(at).substring(0, 10).replace("-", ""), records.size() + steps + 1);
        request.put("service_request_id", id);
        request.put("status", "open");
        request.putNull("status_notes");
        request.put("service_name", SERVICES[service]);
        request.put("service_code", "%03d".formatted(service + 1));
        request.put("description", village.name() + "附近" + SERVICES[service]);
        request.put("agency_responsible", OFFICES[service % OFFICES.length]);
        request.put("requested_datetime", JsonRecords.time(at));
        request.put("updated_datetime", JsonRecords.time(at));
        request.put("expected_datetime", JsonRecords.time(at.plus(Duration.ofDays(3))));
        request.put("address", village.county() + village.town());
        // Not every patrol has a position, and not every place a known one.
        if (point != null && !point.longitude().isEmpty() && random.nextInt(20) > 0) {
            request.put("long", Double.parseDouble(point.longitude()) + random.nextInt(100) / 1e5);
            request.put("lat", Double.parseDouble(point.latitude()) + random.nextInt(100) / 1e5);
        } else {
            request.putNull("long");
            request.putNull("lat");
        }
        request.put("source", SOURCES[random.nextInt(SOURCES.length)]);
        request.put("community_code", village.code());
        if (ago.toHours() > 48 && random.nextInt(10) < 8) {
            close(request, random, at.plus(Duration.ofHours(6 + random.nextInt(40))));
        }
        records.put(id, request);
    }

    private static void close(ObjectNode request, SplittableRandom random, Instant at) {
        request.put("status", "closed");
        request.put("status_notes", random.nextInt(15) == 0 ? "现场未发现" : "已处置");
        request.put("updated_datetime", JsonRecords.time(at));
    }

    /** Makes {@code n} changes: a case is opened, or closed. */
    public synchronized void step(int n) {
        for (int i = 0; i < n; i++) {
            SplittableRandom random = new SplittableRandom(seed * 59 + steps++);
            ObjectNode request = random.nextInt(10) < 5 ? null : records.get(records.any(random));
            if (request != null && request.path("status").asText().equals("open")) {
                close(request, random, records.clock().instant());
                records.put(request.path("service_request_id").asText(), request);
            } else {
                open(random, Duration.ZERO);
            }
        }
    }

    /** How many cases it serves. */
    public int size() {
        return records.size();
    }

    /** How many requests there have been. */
    public int requests() {
        return records.requests();
    }

    public String baseUrl() {
        return records.baseUrl();
    }

    @Override
    public List<Map<String, String>> rows() {
        return records.rows();
    }

    @Override
    public void put(Map<String, String> row) {
        records.put(row.getOrDefault("service_request_id", ""), records.record(row, "updated_datetime"));
    }

    @Override
    public void remove(String key) {
        records.remove(key);
    }

    @Override
    public String connector() {
        return "city-management";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("base-url", baseUrl(), "interval", "PT10S"));
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    @Override
    public void close() {
        life.pause();
        records.close();
    }
}
