package io.yimen.simulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The residents' council and their small proposals (网上议事厅、微提案) as a service: {@code GET
 * /api/topics?limit=50&cursor=…} with a bearer token; a word in each answer leads to the next. Thread-safe.
 */
public final class OnlineCouncil implements RowSystem {
    private static final String[] TOPICS = {"加装电梯", "停车位划线", "晾衣杆更换", "增设充电桩", "楼道堆物清理", "公益金购置长椅", "小花园改造", "宠物文明饲养"};
    private static final String[] STATES = {"collecting", "passed", "failed", "implemented"};

    private final long seed;
    private final String token;
    private final List<Division> communities;
    private final JsonRecords records;
    private final Life life = new Life("council-life", this::step);
    private int steps;

    private OnlineCouncil(long seed, int communities, String token, Clock clock) {
        this.seed = seed;
        this.token = token;
        this.communities = ElectionSystem.committees(seed, communities, new Names()).stream()
                .map(Committee::village)
                .toList();
        this.records = new JsonRecords("/api/topics", "Bearer " + token, clock, OnlineCouncil::answer);
    }

    /** Starts it on a free port, with the topics of so many communities. */
    public static OnlineCouncil start(long seed, int communities) {
        return start(seed, communities, Clock.systemUTC());
    }

    /** As {@link #start(long, int)}, with this clock. */
    public static OnlineCouncil start(long seed, int communities, Clock clock) {
        OnlineCouncil council =
                new OnlineCouncil(seed, communities, "council-" + Long.toHexString(seed * 2_654_435_761L), clock);
        for (int i = 0; i < communities * 3; i++) {
            SplittableRandom random = new SplittableRandom(seed * 61 + i);
            council.topic("t" + i, random, Duration.ofDays(random.nextInt(900)));
        }
        council.records.start();
        return council;
    }

    private static JsonNode answer(HttpExchange exchange, List<ObjectNode> all) {
        int size = Math.min(200, LoopbackHttp.number(exchange, "limit", 20));
        int from = LoopbackHttp.parameter(exchange, "cursor")
                .map(OnlineCouncil::position)
                .orElse(0);
        if (size < 1) {
            throw new SimulatorException("no page");
        }
        int end = Math.min(all.size(), from + size);
        ObjectNode body = JsonRecords.object();
        body.set("items", JsonRecords.array(all.subList(Math.min(from, end), end)));
        if (end < all.size()) {
            body.put("next", Base64.getUrlEncoder().encodeToString(("at:" + end).getBytes(StandardCharsets.US_ASCII)));
        } else {
            body.putNull("next");
        }
        return body;
    }

    private static int position(String cursor) {
        try {
            return Integer.parseInt(
                    new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII).substring(3));
        } catch (RuntimeException e) {
            throw new SimulatorException("no cursor");
        }
    }

    private void topic(String id, SplittableRandom random, Duration ago) {
        Division village = communities.get(random.nextInt(communities.size()));
        boolean council = random.nextInt(10) < 6;
        ObjectNode topic = JsonRecords.object();
        topic.put("id", id);
        topic.put("type", council ? "council" : "proposal");
        topic.put("community", village.code());
        topic.put("title", (council ? "关于" : "建议：") + TOPICS[random.nextInt(TOPICS.length)]);
        topic.put(
                "heldOn",
                LocalDate.ofInstant(records.clock().instant().minus(ago), JsonRecords.ZONE)
                        .toString());
        topic.put("attendees", council ? 8 + random.nextInt(40) : 0);
        topic.putObject("votes").put("for", 0).put("against", 0);
        topic.putNull("resolution");
        topic.put("state", STATES[0]);
        if (ago.toDays() > 14) {
            decide(topic, random);
        }
        records.put(id, topic);
    }

    private static void decide(ObjectNode topic, SplittableRandom random) {
        int all = Math.max(5, topic.path("attendees").asInt());
        int against = random.nextInt(all / 2 + 2);
        boolean passed = all - against > against;
        topic.putObject("votes").put("for", all - against).put("against", against);
        topic.put("resolution", passed ? "同意，由居委会组织实施" : "暂不实施，继续协商");
        topic.put("state", passed ? STATES[1 + 2 * random.nextInt(2)] : STATES[2]);
    }

    /** Makes {@code n} changes: a topic is brought up, or voted on. */
    public synchronized void step(int n) {
        for (int i = 0; i < n; i++) {
            SplittableRandom random = new SplittableRandom(seed * 67 + steps++);
            ObjectNode topic = random.nextBoolean() ? null : records.get(records.any(random));
            if (topic != null && topic.path("state").asText().equals(STATES[0])) {
                decide(topic, random);
                records.put(topic.path("id").asText(), topic);
            } else {
                topic("s" + steps, random, Duration.ZERO);
            }
        }
    }

    /** How many topics it serves. */
    public int size() {
        return records.size();
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
        records.put(row.getOrDefault("id", ""), JsonRecords.record(row));
    }

    @Override
    public void remove(String key) {
        records.remove(key);
    }

    @Override
    public String connector() {
        return "online-council";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(
                connector(), Map.of("base-url", baseUrl(), "authorization", "Bearer " + token, "interval", "PT15S"));
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
