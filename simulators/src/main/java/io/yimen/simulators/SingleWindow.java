package io.yimen.simulators;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The windows of a district where any case can be handed in (单窗通办综合受理系统): it pushes every case that it accepts,
 * and each step of it, as signed CloudEvents. It knows the residents of the community system of the same seed, and its
 * cases are those of {@link Cases}. Thread-safe.
 */
public final class SingleWindow implements LegacySystem {
    private static final String ID = "single-window";
    private static final String SAVED = "cn.gov.beijing.window.case.saved";
    private static final String REMOVED = "cn.gov.beijing.window.case.removed";

    private final String secret = secret();
    private final EventSender sender;
    private final Life life = new Life(ID, this::step);
    private final List<Cases.Case> open = new ArrayList<>();
    private final SplittableRandom random;
    private int sent;

    private SingleWindow(Path folder, CommunitySystem.Options people, int communities, int each) {
        this.sender = new EventSender(folder, ID, secret, true);
        this.sent = sender.history().size();
        this.random = new SplittableRandom(people.seed() + sent);
        List<Cases.Case> cases = Cases.of(people, communities, each);
        // Each was told once; what was told of one after all of them has ended it.
        Set<String> ended = sender.history().stream()
                .skip(cases.size())
                .map(event -> event.path("data").path("slbh").asText())
                .collect(Collectors.toSet());
        for (Cases.Case next : cases) {
            if (sender.history().isEmpty()) {
                sender.add(saved(next, next.touched().atZone(Cases.ZONE).toInstant()));
            }
            if (next.closed() == null && !ended.contains(next.number())) {
                open.add(next);
            }
        }
    }

    /**
     * Starts that of a folder; the first time with so many cases of each of the first communities.
     *
     * @param people the community system whose residents it knows
     */
    public static SingleWindow start(Path folder, CommunitySystem.Options people, int communities, int each) {
        return new SingleWindow(folder, people, communities, each);
    }

    static String secret() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Override
    public String connector() {
        return ID;
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(ID, Map.of("secret", secret));
    }

    @Override
    public void follow(URI hub) {
        sender.follow(hub);
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    /** The events that the hub has not taken yet, each as JSON, in their order. */
    public List<String> waiting() {
        return sender.waiting();
    }

    /** How many events the hub has not taken yet. */
    public int unsent() {
        return sender.unsent();
    }

    /** Goes on with so many cases: most are closed, some are withdrawn. */
    public synchronized void step(int changes) {
        for (int i = 0; i < changes && !open.isEmpty(); i++) {
            Cases.Case next = open.remove(random.nextInt(open.size()));
            Instant now = Instant.now();
            if (random.nextInt(10) == 0) {
                ObjectNode removed = sender.event(REMOVED, ID + "-" + ++sent, now);
                removed.putObject("data").put("slbh", next.number());
                sender.add(removed);
            } else {
                sender.add(saved(
                        new Cases.Case(
                                next.number(),
                                next.item(),
                                next.village(),
                                next.applicant(),
                                next.channel(),
                                next.accepted(),
                                LocalDate.now(Cases.ZONE)),
                        now));
            }
        }
    }

    private ObjectNode saved(Cases.Case c, Instant at) {
        ObjectNode event = sender.event(SAVED, ID + "-" + ++sent, at);
        Neighbourhood.Resident applicant = c.applicant();
        event.putObject("data")
                .put("slbh", c.number())
                .put("sxbm", c.item().code())
                .put("sxmc", c.item().name())
                .put("cbbm", c.item().department())
                .put("sqr", applicant.name())
                .put("sqrzjh", applicant.idNumber())
                .put("sqrdh", applicant.phone())
                .put("slqd", Integer.toString(c.channel()))
                .put("bjzt", c.closed() == null ? "2" : "3")
                .put("slrq", c.accepted().toString())
                .put("cnrq", c.due().toString())
                .put("bjrq", c.closed() == null ? "" : c.closed().toString())
                .put("bljg", c.closed() == null ? "" : "已办结，结果已送达申请人")
                .put("xzqh", c.village().code())
                .put("ckbh", "W" + (1 + random.nextInt(20)));
        return event;
    }

    @Override
    public void close() {
        life.pause();
        sender.close();
    }
}
