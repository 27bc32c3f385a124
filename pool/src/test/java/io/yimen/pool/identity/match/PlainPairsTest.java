package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Records come, change and go in a {@link PairGraph}; after every few of them its pairs are those that a plain look at
 * every two records finds, and it tells exactly whose pairs changed.
 */
class PlainPairsTest {
    private static final int SEEDS = 40;
    private static final int STEPS = 12;
    private static final String[] KEYS = {
        "key: [birthDate]",
        "key: [birthDate], refine: [sex]",
        "key: [phone.line], refine: [name.surname-sound, birthDate.year]",
        "key: [ethnicity], refine: [sex, birthDate.year, name.surname-sound]",
        "key: [name.sounds, sex], refine: [birthDate.year, address.compound]",
        "key: [sex], refine: [birthDate.year, phone.line, address.compound]"
    };
    private static final String[] NAMES = {"王建国", "王健国", "汪建国", "李秀英", "李秀瑛", "张伟", ""};
    private static final String[] DAYS = {"1949-12-31", "1949-12-30", "1950-01-02", ""};
    private static final String[] NUMBERS = {
        "11010519491231002X", "110105194912310020", "110105194912310038", "110105491231002", ""
    };

    @Test
    void pairsAreThoseOfAPlainLookAtAll() {
        long first = Long.getLong("yimen.seed", 1);
        for (long seed = first; seed < first + SEEDS; seed++) {
            check(seed);
        }
    }

    /** A block of eight or fewer beyond division forgot to take newcomers for representatives. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7})
    void everySmallBlockBeyondDivisionGrows(int cap) {
        MatchRules rules = rules(KEYS[0], cap);
        PairGraph graph = new PairGraph(new Learned(rules, weights()));
        PlainPairs plain = new PlainPairs(rules, weights());
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 12; i++) {
            names.add("b/person/" + i);
        }
        // in the order of their ids: each comes after those that stand for all
        names.stream()
                .sorted((a, b) -> Long.compare(PairGraph.idOf(a), PairGraph.idOf(b)))
                .forEach(name -> {
                    String[] values = {"", "王建国", "1949-12-31", "1", "", "", ""};
                    graph.put(PairGraph.idOf(name), "b/person", values);
                    plain.put(name, "b/person", values);
                    graph.refresh();
                });

        assertThat(pairs(graph, names)).isEqualTo(pairs(plain, names));
    }

    /** They come and go in no order; a third says the day of birth, the others meet all, as long as they are not many. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void onlySomeStandForManyThatDoNotSayWhatDivides(int cap) {
        MatchRules rules = rules("key: [name.sounds], refine: [birthDate.year, address.compound]", cap);
        PairGraph graph = new PairGraph(new Learned(rules, weights()));
        PlainPairs plain = new PlainPairs(rules, weights());
        Random random = new Random(cap);
        Set<String> names = new TreeSet<>();
        Map<String, Map<String, Float>> most = Map.of();
        for (int step = 0; step < 90; step++) {
            String name = "b/person/" + random.nextInt(45);
            if (names.remove(name)) {
                graph.remove(PairGraph.idOf(name));
                plain.remove(name);
            } else {
                String born = one(random, "", "", "1949-12-31");
                String address = one(random, "和平里3号楼2单元101室", "");
                String[] values = {"", "王建国", born, "1", "13800138000", address, ""};
                graph.put(PairGraph.idOf(name), "b/person", values);
                plain.put(name, "b/person", values);
                names.add(name);
            }
            graph.refresh();
            Map<String, Map<String, Float>> now = pairs(graph, names);
            assertThat(now).as("step %d", step).isEqualTo(pairs(plain, names));
            most = now.size() > most.size() ? now : most;
        }
        int all = most.size() * (most.size() - 1);
        assertThat(most.values().stream().mapToInt(Map::size).sum())
                .as("not all meet all")
                .isBetween(1, all - 1);
    }

    private static void check(long seed) {
        Random random = new Random(seed);
        MatchRules rules = rules(KEYS[random.nextInt(KEYS.length)], 2 + random.nextInt(12));
        Weights weights = weights().withUniqueSources(List.of("a/person"));
        PairGraph graph = new PairGraph(new Learned(rules, weights));
        PlainPairs plain = new PlainPairs(rules, weights);
        Set<String> there = new TreeSet<>();
        Map<String, Map<String, Float>> before = new TreeMap<>();
        for (int step = 0; step < STEPS; step++) {
            Set<String> touched = new HashSet<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                String source = random.nextBoolean() ? "a/person" : "b/person";
                String name = source + "/" + random.nextInt(20);
                touched.add(name);
                if (random.nextInt(4) == 0) {
                    graph.remove(PairGraph.idOf(name));
                    plain.remove(name);
                    there.remove(name);
                } else {
                    @Nullable String[] values = values(random);
                    graph.put(PairGraph.idOf(name), source, values);
                    plain.put(name, source, values);
                    there.add(name);
                }
            }
            Set<Long> told = PairGraphTest.ids(graph, graph.refresh());
            Map<String, Map<String, Float>> now = pairs(plain, there);
            assertThat(pairs(graph, there))
                    .as("step %d under seed %d", step, seed)
                    .isEqualTo(now);
            for (String name : there) {
                if (!now.getOrDefault(name, Map.of()).equals(before.getOrDefault(name, Map.of()))) {
                    assertThat(told)
                            .as("whose pairs changed in step %d under seed %d", step, seed)
                            .contains(PairGraph.idOf(name));
                }
            }
            before = now;
        }
    }

    private static @Nullable String[] values(Random random) {
        return new @Nullable String[] {
            one(random, NUMBERS),
            one(random, NAMES),
            one(random, DAYS),
            one(random, "1", "2", ""),
            one(random, "13800138000", "13800138001", ""),
            one(random, "和平里3号楼2单元101室", "和平里3号楼2单元102室", null),
            one(random, "01", "03")
        };
    }

    private static @Nullable String one(Random random, @Nullable String... of) {
        return of[random.nextInt(of.length)];
    }

    private static Map<String, Map<String, Float>> pairs(PairGraph graph, Set<String> names) {
        Map<Long, String> byId = new HashMap<>();
        names.forEach(n -> byId.put(PairGraph.idOf(n), n));
        Map<String, Map<String, Float>> pairs = new TreeMap<>();
        for (String name : names) {
            graph.forEachPair(
                    PairGraph.idOf(name),
                    (other, score) -> pairs.computeIfAbsent(name, n -> new TreeMap<>())
                            .put(Objects.requireNonNull(byId.get(other)), (float) score));
        }
        return pairs;
    }

    private static Map<String, Map<String, Float>> pairs(PlainPairs plain, Set<String> names) {
        Map<String, Map<String, Float>> pairs = new TreeMap<>();
        for (PlainPairs.Pair pair : plain.possible(names, Set.of("a/person"))) {
            pairs.computeIfAbsent(pair.first(), n -> new TreeMap<>()).put(pair.second(), pair.score());
            pairs.computeIfAbsent(pair.second(), n -> new TreeMap<>()).put(pair.first(), pair.score());
        }
        return pairs;
    }

    private static MatchRules rules(String key, int cap) {
        return MatchRules.parse(
                "person",
                resource("person.yaml")
                        .replaceAll("(?s)blocking:.*never:", "blocking:\n  - {" + key + "}\nnever:")
                        .replaceAll("cap: [0-9]+", "cap: " + cap));
    }

    private static Weights weights() {
        return Weights.fromJson(resource("person.weights.json"));
    }

    private static String resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(PlainPairsTest.class.getResourceAsStream("/io/yimen/pool/rules/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
