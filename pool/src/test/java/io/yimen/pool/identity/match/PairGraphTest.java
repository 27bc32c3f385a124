package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What comes one by one, in any order, ends as what comes at once. */
class PairGraphTest {
    private static final String RULES = """
            rules: test
            version: 1
            entity: Person
            fields:
              idNumber: {kind: id-number}
              name: {kind: han-name, tf: true}
              birthDate: {kind: date, derive: idNumber, impliedBy: [idNumber]}
              phone: {kind: phone, shared: true}
            blocking:
              - {key: [idNumber]}
              - {key: [name.surname], refine: [birthDate.year, name.sound, phone]}
              - {key: [birthDate]}
              - {key: [phone.line], refine: [birthDate.year]}
            never:
              - {field: idNumber, levels: [both valid and different]}
            thresholds: {match: 0.6, possible: 0.05}
            unique: UNIQUE
            cap: 5
            """;

    private record Row(long id, String source, String[] values) {}

    private static String number(SplittableRandom dice, int person) {
        String body = "110101" + (1950 + person % 9 * 5) + String.format("%02d%02d", 1 + person % 12, 1 + person % 27)
                + String.format("%03d", person);
        int[] w = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (body.charAt(i) - '0') * w[i];
        }
        String id = body + "10X98765432".charAt(sum % 11);
        return dice.nextInt(8) == 0 ? id.substring(0, 16) + (id.charAt(16) == '9' ? '0' : '9') + id.substring(17) : id;
    }

    private static Row row(SplittableRandom dice, long id) {
        int person = dice.nextInt(40);
        String given = "伟玮芳强明军国文丽敏".substring(person % 10, person % 10 + 1);
        String name = "王李张".charAt(person % 3) + (dice.nextInt(6) == 0 ? "大" : "") + given;
        String born = (1950 + person % 9 * 5) + String.format("-%02d-%02d", 1 + person % 12, 1 + person % 27);
        return new Row(id, "s" + Long.remainderUnsigned(id, 3), new String[] {
            dice.nextInt(2) == 0 ? number(dice, person) : "",
            dice.nextInt(10) == 0 ? "" : name,
            dice.nextInt(4) == 0 ? "" : born,
            dice.nextInt(2) == 0 ? "" : "138000011" + String.format("%02d", person % 25)
        });
    }

    /** All pairs that a comparison of all candidates finds. */
    private static Map<Long, Map<Long, Float>> batch(MatchRules rules, Weights weights, List<Row> rows) {
        MatchIndex index = new MatchIndex(rules);
        rows.forEach(r -> index.add(r.id(), r.source(), r.values(), null));
        Pairs pairs = Matching.of(index, weights).pairs();
        Map<Long, Map<Long, Float>> found = new TreeMap<>();
        rows.forEach(r -> found.put(r.id(), new TreeMap<>()));
        for (int i = 0; i < pairs.size(); i++) {
            long a = index.id(pairs.first(i));
            long b = index.id(pairs.second(i));
            found.computeIfAbsent(a, r -> new TreeMap<>()).put(b, (float) pairs.score(i));
            found.computeIfAbsent(b, r -> new TreeMap<>()).put(a, (float) pairs.score(i));
        }
        return found;
    }

    private static Map<Long, Map<Long, Float>> pairs(PairGraph graph, List<Row> rows) {
        Map<Long, Map<Long, Float>> found = new TreeMap<>();
        for (Row r : rows) {
            Map<Long, Float> of = new TreeMap<>();
            graph.forEachPair(r.id(), (other, score) -> of.put(other, (float) score));
            found.put(r.id(), of);
        }
        return found;
    }

    @Test
    void endsAsTheBatchDoesWhateverTheHistory() {
        for (long seed = 1; seed <= 120; seed++) {
            history(seed, MatchRules.parse("test", RULES.replace("UNIQUE", seed % 2 == 0 ? "all" : "none")));
        }
    }

    private static void history(long seed, MatchRules rules) {
        SplittableRandom dice = new SplittableRandom(seed);
        Map<Long, Row> rows = new HashMap<>();
        MatchIndex sample = new MatchIndex(rules);
        for (long i = 0; i < 300; i++) {
            Row r = row(dice, Hash.mix(i + seed * 1000));
            sample.add(r.id(), r.source(), r.values(), null);
        }
        Weights weights = Learner.learn(sample);
        PairGraph graph = new PairGraph(new Learned(rules, weights));
        Map<Long, Map<Long, Float>> before = new TreeMap<>();
        for (int step = 0; step < 160; step++) {
            long id = Hash.mix(dice.nextInt(70) + seed * 1000);
            if (dice.nextInt(10) < 7) {
                Row r = row(dice, id);
                rows.put(id, r);
                graph.put(r.id(), r.source(), r.values());
            } else {
                rows.remove(id);
                graph.remove(id);
            }
            if (dice.nextInt(4) == 0) {
                Set<Long> told = ids(graph, graph.refresh());
                Map<Long, Map<Long, Float>> now = pairs(graph, List.copyOf(rows.values()));
                for (Map.Entry<Long, Map<Long, Float>> e : now.entrySet()) {
                    if (!e.getValue().equals(before.getOrDefault(e.getKey(), Map.of()))) {
                        assertThat(told).as("seed %s", seed).contains(e.getKey());
                    }
                }
                before = now;
            }
        }
        graph.refresh();
        List<Row> left = new ArrayList<>(rows.values());
        Collections.shuffle(left, new Random(seed));
        Map<Long, Map<Long, Float>> expected = batch(rules, weights, left);
        assertThat(pairs(graph, left)).as("seed %s", seed).isEqualTo(expected);
        assertThat(expected.values().stream().mapToInt(Map::size).sum())
                .as("some are possible")
                .isPositive();
        PairGraph loaded = new PairGraph(new Learned(rules, weights));
        left.forEach(r -> loaded.put(r.id(), r.source(), r.values()));
        loaded.load();
        assertThat(pairs(loaded, left)).as("seed %s", seed).isEqualTo(expected);
    }

    @Test
    void candidatesDependOnTheSetAndAreMutual() {
        MatchRules rules = MatchRules.parse("test", RULES.replace("UNIQUE", "none"));
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom dice = new SplittableRandom(seed);
            List<Row> rows = new ArrayList<>();
            for (long i = 0; i < 200; i++) {
                rows.add(row(dice, Hash.mix(i)));
            }
            MatchIndex one = new MatchIndex(rules);
            rows.forEach(r -> one.add(r.id(), r.source(), r.values(), null));
            Collections.shuffle(rows, new Random(seed));
            MatchIndex other = new MatchIndex(rules);
            Slots touched = new Slots();
            for (long i = 0; i < 90; i++) {
                Row r = row(dice, Hash.mix(i + 5000));
                other.add(r.id(), r.source(), r.values(), touched);
            }
            rows.forEach(r -> other.add(r.id(), r.source(), r.values(), touched));
            for (long i = 0; i < 90; i++) {
                other.remove(Hash.mix(i + 5000), touched);
            }
            for (Row r : rows) {
                Set<Long> mine = candidates(one, r.id());
                assertThat(candidates(other, r.id())).as("seed %s", seed).isEqualTo(mine);
                for (long c : mine) {
                    assertThat(candidates(one, c)).contains(r.id());
                }
            }
        }
    }

    static Set<Long> ids(PairGraph graph, Slots slots) {
        Set<Long> ids = new HashSet<>();
        for (int slot : slots.toArray()) {
            ids.add(graph.index().id(slot));
        }
        return ids;
    }

    private static Set<Long> candidates(MatchIndex index, long id) {
        Slots slots = new Slots();
        index.candidates(index.slotOf(id), slots);
        Set<Long> ids = new HashSet<>();
        for (int s : slots.toArray()) {
            ids.add(index.id(s));
        }
        return ids;
    }

    @Test
    void theContributionsAddUpToTheScore() {
        MatchRules rules = MatchRules.parse("test", RULES.replace("UNIQUE", "none"));
        SplittableRandom dice = new SplittableRandom(3);
        MatchIndex index = new MatchIndex(rules);
        for (long i = 0; i < 120; i++) {
            Row r = row(dice, Hash.mix(i));
            index.add(r.id(), r.source(), r.values(), null);
        }
        Scorer scorer = new Scorer(index, Learner.learn(index));
        for (int a = 0; a < 120; a++) {
            for (int b = 0; b < a; b++) {
                double sum = scorer.explain(a, b).stream()
                        .mapToDouble(Scorer.Contribution::weight)
                        .sum();
                assertThat(sum).isCloseTo(scorer.score(a, b), org.assertj.core.data.Offset.offset(1e-9));
                assertThat(scorer.score(b, a)).isCloseTo(scorer.score(a, b), org.assertj.core.data.Offset.offset(1e-9));
            }
        }
    }

    @Test
    void aWeakLinkDoesNotChainTwoPeople() {
        MatchRules rules = MatchRules.parse("test", RULES.replace("UNIQUE", "none"));
        SplittableRandom dice = new SplittableRandom(9);
        MatchIndex sample = new MatchIndex(rules);
        for (long i = 0; i < 300; i++) {
            Row r = row(dice, Hash.mix(i));
            sample.add(r.id(), r.source(), r.values(), null);
        }
        Weights weights = Learner.learn(sample);
        MatchIndex index = new MatchIndex(rules);
        // two people with valid numbers, and a record without number that fits both
        index.add(1, "s0", new String[] {"11010519491231002X", "赵伟", "1949-12-31", "13811112222"}, null);
        index.add(2, "s1", new String[] {"110105194912310038", "赵伟", "1949-12-31", "13811112222"}, null);
        index.add(3, "s2", new String[] {"", "赵伟", "1949-12-31", "13811112222"}, null);
        int[] cluster = Matching.of(index, weights).cluster();
        assertThat(cluster[index.slotOf(1)]).isNotEqualTo(cluster[index.slotOf(2)]);
    }

    @Test
    void idOfPartsIsThatOfTheWhole() {
        assertThat(PairGraph.idOf("election/member", "/", "𠮷-1")).isEqualTo(PairGraph.idOf("election/member/𠮷-1"));
        assertThat(PairGraph.idOf("a", "/", "bc")).isNotEqualTo(PairGraph.idOf("ab", "/", "c"));
    }
}
