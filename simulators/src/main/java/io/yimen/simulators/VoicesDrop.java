package io.yimen.simulators;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What people say and do on the net (网上"13社区"): a file of JSON lines at a time, {@code w13-000001.jsonl} with its MD5
 * beside it, each with what is new: opinions and activities, quickly typed and never checked. Thread-safe.
 */
public final class VoicesDrop implements LegacySystem {
    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final String[] OPINIONS = {
        "楼下的路灯又不亮了", "希望多放几个垃圾桶", "电梯总是坏，谁来管", "菜市场什么时候开门", "晚上广场舞声音太大", "谢谢社区帮忙办了老年卡"
    };
    private static final String[][] ACTIVITIES = {
        {"志愿者清扫楼道", "志愿"}, {"书画展", "文体"}, {"免费理发", "便民"}, {"居民代表会", "会议"}, {"太极晨练", "文体"}
    };

    private final Path folder;
    private final long seed;
    private final Clock clock;
    private final List<Division> communities;
    private final Map<String, String> told = new HashMap<>();
    private final Life life = new Life("voices-life", this::write);
    private int records;
    private long draws;
    private int files;

    private VoicesDrop(Path folder, long seed, int communities, Clock clock) {
        this.folder = folder;
        this.seed = seed;
        this.clock = clock;
        this.communities = ElectionSystem.committees(seed, communities, new Names()).stream()
                .map(Committee::village)
                .toList();
    }

    /** The drop of a folder, which is created; the first file has so many records. */
    public static VoicesDrop start(Path folder, long seed, int communities, int records) {
        return start(folder, seed, communities, records, Clock.systemUTC());
    }

    /** As {@link #start(Path, long, int, int)}, with this clock. */
    public static VoicesDrop start(Path folder, long seed, int communities, int records, Clock clock) {
        VoicesDrop drop = new VoicesDrop(folder, seed, communities, clock);
        try {
            Files.createDirectories(folder);
            try (Stream<Path> all = Files.list(folder)) {
                drop.files =
                        (int) all.filter(f -> f.toString().endsWith(".jsonl")).count();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (drop.files == 0) {
            drop.write(records);
        } else {
            // Numbers go on behind those of the files that are there.
            drop.records = 1_000_000 * drop.files;
            drop.draws = drop.records;
        }
        return drop;
    }

    public Path folder() {
        return folder;
    }

    /** Leaves a file with {@code n} records, some of which say again what others said before. */
    public synchronized void write(int n) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < n; i++) {
            SplittableRandom random = new SplittableRandom(seed * 79 + draws++);
            boolean again = !told.isEmpty() && random.nextInt(15) == 0;
            lines.append(
                            again
                                    ? List.copyOf(told.values()).get(random.nextInt(told.size()))
                                    : record(random, Duration.ofMinutes(7L * (n - i))))
                    .append('\n');
        }
        String name = "w13-%06d.jsonl".formatted(++files);
        byte[] content = lines.toString().getBytes(StandardCharsets.UTF_8);
        try {
            Drops.leave(folder, name, content, ".md5", Drops.digest("MD5", content));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name, e);
        }
    }

    private String record(SplittableRandom random, Duration ago) {
        String id = "w" + ++records;
        Division village = communities.get(random.nextInt(communities.size()));
        Instant at = clock.instant().minus(ago);
        List<String> fields = new ArrayList<>(List.of(
                "\"id\":\"" + id + "\"",
                "\"sq\":\"" + village.code() + "\"",
                "\"rq\":\"" + LocalDate.ofInstant(at, ZONE) + "\""));
        if (random.nextInt(10) < 7) {
            String said = OPINIONS[random.nextInt(OPINIONS.length)];
            fields.add("\"lx\":\"opinion\"");
            fields.add("\"bt\":\"" + said + "\"");
            fields.add("\"nr\":\"" + village.name() + "：" + said + "！\"");
            fields.add("\"zt\":\"" + (random.nextInt(3) == 0 ? "closed" : "open") + "\"");
        } else {
            String[] activity = ACTIVITIES[random.nextInt(ACTIVITIES.length)];
            fields.add("\"lx\":\"activity\"");
            fields.add("\"bt\":\"" + activity[0] + "\"");
            fields.add("\"hdlx\":\"" + activity[1] + "\"");
            fields.add("\"rs\":" + (5 + random.nextInt(60)));
        }
        String record = "{" + String.join(",", fields) + "}";
        if (told.size() < 200) {
            told.put(id, record);
        }
        return record;
    }

    @Override
    public String connector() {
        return "voices-13";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector(), Map.of("folder", folder.toString(), "interval", "PT5S"));
    }

    /** A file is left every ten seconds at most. */
    @Override
    public void live(double perSecond) {
        life.go(Math.min(perSecond, 1) / 10);
    }

    @Override
    public void close() {
        life.pause();
    }
}
