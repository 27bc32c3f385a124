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
class MatcherTest {
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

    private static Map<Long, Long> batch(MatchRules rules, Weights weights, List<Row> rows, Decisions decisions) {
        MatchIndex index = new MatchIndex(rules);
        rows.forEach(r -> index.add(r.id(), r.source(), r.values(), null));
        Matching matching = Matching.of(index, weights, decisions);
        Map<Long, Long> clusters = new TreeMap<>();
        for (Row r : rows) {
            clusters.put(r.id(), index.id(matching.cluster()[index.slotOf(r.id())]));
        }
        return clusters;
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
        Matcher matcher = new Matcher(new MatchIndex(rules), weights);
        Decisions decisions = Decisions.NONE;
        for (int step = 0; step < 160; step++) {
            long id = Hash.mix(dice.nextInt(70) + seed * 1000);
            int what = dice.nextInt(10);
            if (what < 7) {
                Row r = row(dice, id);
                rows.put(id, r);
                matcher.put(r.id(), r.source(), r.values());
            } else if (what < 9) {
                rows.remove(id);
                matcher.remove(id);
            } else {
                Set<Decisions.Pair> same = new HashSet<>(decisions.same());
                Set<Decisions.Pair> apart = new HashSet<>(decisions.apart());
                Decisions.Pair pair = Decisions.Pair.of(id, Hash.mix(dice.nextInt(70) + seed * 1000));
                if (pair.low() != pair.high() && !same.contains(pair) && !apart.contains(pair)) {
                    (dice.nextInt(2) == 0 ? same : apart).add(pair);
                } else {
                    same.remove(pair);
                    apart.remove(pair);
                }
                decisions = new Decisions(same, apart);
                matcher.decide(decisions);
            }
            if (dice.nextInt(4) == 0) {
                matcher.settle();
            }
        }
        matcher.settle();
        List<Row> left = new ArrayList<>(rows.values());
        Collections.shuffle(left, new Random(seed));
        Map<Long, Long> expected = batch(rules, weights, left, decisions);
        Map<Long, Long> found = new TreeMap<>();
        left.forEach(r -> found.put(r.id(), matcher.clusterOf(r.id())));
        assertThat(found).as("seed %s", seed).isEqualTo(expected);
        assertThat(new HashSet<>(expected.values()).size())
                .as("some are clustered")
                .isLessThan(expected.size());
        for (Decisions.Pair p : decisions.apart()) {
            if (found.containsKey(p.low()) && found.containsKey(p.high())) {
                assertThat(found.get(p.low())).as("seed %s", seed).isNotEqualTo(found.get(p.high()));
            }
        }
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
        MatchIndex index = new MatchIndex(rules);
        for (long i = 0; i < 300; i++) {
            Row r = row(dice, Hash.mix(i));
            index.add(r.id(), r.source(), r.values(), null);
        }
        Weights weights = Learner.learn(index);
        Matcher matcher = new Matcher(new MatchIndex(rules), weights);
        // two people with valid numbers, and a record without number that fits both
        matcher.put(1, "s0", new String[] {"11010519491231002X", "赵伟", "1949-12-31", "13811112222"});
        matcher.put(2, "s1", new String[] {"110105194912310038", "赵伟", "1949-12-31", "13811112222"});
        matcher.put(3, "s2", new String[] {"", "赵伟", "1949-12-31", "13811112222"});
        matcher.settle();
        assertThat(matcher.clusterOf(1)).isNotEqualTo(matcher.clusterOf(2));
    }
}
