package io.yimen.simulators;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The cameras of a district (雪亮工程), as far as a community is concerned: notices that something happened somewhere,
 * pushed with a token, numbered in their order. Now and then one carries a snapshot that nobody is to have.
 * Thread-safe.
 */
public final class BrightEyes implements LegacySystem {
    private static final String ID = "bright-eyes";
    private static final String TYPE = "cn.gov.beijing.xueliang.incident";
    private static final List<String> INCIDENTS =
            List.of("消防通道占用", "电动车进楼", "高空抛物", "人员聚集", "占道经营", "井盖缺失", "垃圾堆放", "水浸");

    private final String token = SingleWindow.secret();
    private final EventSender sender;
    private final Life life = new Life(ID, this::step);
    private final SplittableRandom random;
    private final List<Division> villages;
    private int told;

    private BrightEyes(Path folder, long seed, int communities, int incidents) {
        this.sender = new EventSender(folder, ID, token, false);
        this.told = sender.history().size();
        this.random = new SplittableRandom(seed * 17 + told);
        this.villages = ElectionSystem.committees(seed, communities, new Names()).stream()
                .map(Committee::village)
                .toList();
        LocalDateTime first = LocalDateTime.of(2026, 1, 5, 8, 0);
        for (int i = 0; i < incidents && sender.history().isEmpty(); i++) {
            tell(first.plusMinutes(i * 97L).atZone(Cases.ZONE).toInstant());
        }
    }

    /** Starts that of a folder; the first time with so many incidents behind it. */
    public static BrightEyes start(Path folder, long seed, int communities, int incidents) {
        return new BrightEyes(folder, seed, communities, incidents);
    }

    @Override
    public String connector() {
        return ID;
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(ID, Map.of("token", token));
    }

    @Override
    public void follow(URI hub) {
        sender.follow(hub);
    }

    @Override
    public void live(double perSecond) {
        // Less happens than is written down.
        life.go(perSecond / 4);
    }

    /** The events that the hub has not taken yet, each as JSON, in their order. */
    public List<String> waiting() {
        return sender.waiting();
    }

    /** How many events the hub has not taken yet. */
    public int unsent() {
        return sender.unsent();
    }

    /** So many things happen. */
    public synchronized void step(int changes) {
        for (int i = 0; i < changes; i++) {
            tell(Instant.now());
        }
    }

    private void tell(Instant at) {
        int number = ++told;
        Division village = villages.get(random.nextInt(villages.size()));
        ObjectNode event = sender.event(TYPE, ID + "-" + number, at);
        event.put("sequence", Integer.toString(number));
        ObjectNode data = event.putObject("data")
                .put("sjbh", "XL%08d".formatted(number))
                .put("sjlx", INCIDENTS.get(random.nextInt(INCIDENTS.size())))
                .put("fssj", at.atZone(Cases.ZONE).toLocalDate().toString())
                .put("xzqh", village.code())
                .put("sjzt", random.nextInt(3) == 0 ? "1" : "2")
                .put("sxjbh", "CAM" + random.nextInt(10_000));
        if (number % 40 == 0) {
            data.putObject("fj").put("faces", "c3ludGhldGlj");
        }
        sender.add(event);
    }

    @Override
    public void close() {
        life.pause();
        sender.close();
    }
}
