package io.yimen.pool;

import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamShape;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A random history of several sources: what each stream said, in its own order, over a world so small that records
 * collide: few names, few codes, few people. The same history can be told in any interleaving of the streams.
 */
final class History {
    private static final String[] NAMES = {"多福巷", "银闸", "永安里", "永安里东", "东厂"};
    private static final String[] STYLES = {"社区", "社区居委会", "社区居民委员会", "居委会"};
    private static final String[] TOWNS = {"东华门街道", "东华门街道办事处", "建外街道"};
    private static final String[] CODES = {"110101001001", "110101001002", "110101002001"};
    private static final String[] CREDIT_CODES = {"", "551101015858589614", "91620100719023721L", "91340621MA2PEMUHX8"};
    private static final String[] IDS = {"110101189408250556", "11010118860725511X", "110105189708132135", ""};
    private static final String[] KEYS = {"1", "2", "3", "10"};

    private final Random random;
    private final Map<StreamShape, List<Step>> told = new HashMap<>();

    /** One thing that a stream says: an event, or the end of a full read. */
    record Step(@Nullable ChangeEvent event, @Nullable CompleteSet set) {}

    private History(long seed) {
        this.random = new Random(seed);
    }

    static History of(long seed, int steps) {
        History history = new History(seed);
        for (StreamShape stream : Fixture.ALL) {
            history.tell(stream, steps);
        }
        return history;
    }

    private void tell(StreamShape stream, int steps) {
        List<Step> story = new ArrayList<>();
        Map<String, Boolean> live = new TreeMap<>();
        long position = 0;
        for (int i = 0; i < steps; i++) {
            position++;
            String key = one(KEYS);
            int what = random.nextInt(20);
            if (what < 3) {
                story.add(new Step(Fixture.gone(stream, key, position), null));
                live.remove(key);
            } else if (what == 3 && !story.isEmpty()) {
                // A repeat of something earlier, at its old position.
                story.add(story.get(random.nextInt(story.size())));
            } else if (what == 4) {
                HashSet<String> kept = new HashSet<>(live.keySet());
                kept.removeIf(k -> random.nextInt(4) == 0);
                live.keySet().retainAll(kept);
                story.add(new Step(null, new CompleteSet(stream, kept, Position.of(position), 1)));
            } else {
                story.add(new Step(says(stream, key, position), null));
                live.put(key, true);
            }
        }
        told.put(stream, story);
    }

    private ChangeEvent says(StreamShape stream, String key, long position) {
        @Nullable String[] values = new String[stream.fields().size()];
        for (int i = 0; i < values.length; i++) {
            int what = random.nextInt(12);
            values[i] =
                    what == 0 ? null : what == 1 ? "" : value(stream.fields().get(i));
        }
        List<Flag> flags = random.nextInt(6) == 0
                ? List.of(new Flag(stream.fields().get(random.nextInt(values.length)), "check-digit"))
                : List.of();
        Instant statedAt = random.nextInt(3) == 0 ? null : Instant.ofEpochSecond(random.nextInt(4), 1_234_567);
        return ChangeEvent.upserted(stream, key, Position.of(position), values, flags, statedAt);
    }

    private String value(String field) {
        return switch (field) {
            case "name" -> one(NAMES) + one(STYLES);
            case "level" -> "village";
            case "county" -> "东城区";
            case "town" -> one(TOWNS);
            case "code", "divisionCode" -> one(CODES);
            case "edition" -> random.nextBoolean() ? "2016" : "2023";
            case "creditCode" -> one(CREDIT_CODES);
            case "idNumber" -> one(IDS);
            case "parent", "place" ->
                random.nextInt(3) == 0
                        ? "record:divisions-2023/place/" + one(KEYS)
                        : "place-code:" + (random.nextBoolean() ? "2016" : "2023") + "|" + one(CODES);
            case "person" ->
                random.nextBoolean()
                        ? "record:election/member-person/" + one(KEYS)
                        : "id-number:" + IDS[random.nextInt(3)];
            case "organization" -> "record:election/committee/" + one(KEYS);
            case "from", "validFrom", "validTo" -> "2021-06-0" + (1 + random.nextInt(3));
            case "longitude", "latitude" -> "116." + random.nextInt(3);
            default -> "v" + random.nextInt(3);
        };
    }

    private String one(String[] of) {
        return of[random.nextInt(of.length)];
    }

    /** Tells the history in some interleaving, cut into batches of at most {@code size}, some batches twice. */
    void tellTo(Pool pool, long seed, int size) {
        tellTo(pool, seed, size, () -> {}, () -> {});
    }

    /** The same; {@code before} and {@code after} each batch something else may be done. */
    void tellTo(Pool pool, long seed, int size, Runnable before, Runnable after) {
        Random order = new Random(seed);
        long run = Fixture.run(pool);
        Map<StreamShape, Integer> next = new HashMap<>();
        List<StreamShape> open = new ArrayList<>(Fixture.ALL);
        while (!open.isEmpty()) {
            List<ChangeEvent> events = new ArrayList<>();
            List<CompleteSet> sets = new ArrayList<>();
            int target = 1 + order.nextInt(size);
            while (events.size() < target && sets.isEmpty() && !open.isEmpty()) {
                StreamShape stream = open.get(order.nextInt(open.size()));
                int at = next.merge(stream, 1, Integer::sum) - 1;
                List<Step> story = told.getOrDefault(stream, List.of());
                if (at >= story.size()) {
                    open.remove(stream);
                } else if (story.get(at).event() != null) {
                    events.add(story.get(at).event());
                } else if (story.get(at).set() != null) {
                    // What a full read has seen was applied before its end is told.
                    if (!events.isEmpty()) {
                        before.run();
                        pool.apply(Fixture.batch(run, events));
                        after.run();
                        events = new ArrayList<>();
                    }
                    sets.add(story.get(at).set());
                }
            }
            Batch batch = new Batch(run, "test", null, events, List.of(), sets);
            before.run();
            pool.apply(batch);
            after.run();
            if (sets.isEmpty() && order.nextInt(8) == 0) {
                pool.apply(batch);
            }
        }
    }
}
