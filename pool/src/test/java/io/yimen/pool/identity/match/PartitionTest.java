package io.yimen.pool.identity.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How records fall into entities. */
class PartitionTest {
    private static final double MATCH = 0.9;
    private static final double CONFLICT = -10;

    @Test
    void aRulingGoesBeforeIdentifiersAndWeights() {
        Partition apart = of(0, 1);
        apart.rule(ints(), ints(0), ints(1));
        apart.link(List.of(0, 1));
        apart.match(pairs(0, 1, 20), MATCH, CONFLICT, (a, b) -> 20);
        assertThat(apart.isTogether(0, 1)).isFalse();

        Partition same = of(0, 0);
        same.rule(ints(0, 1), ints(), ints());
        assertThat(same.isTogether(0, 1)).as("even two of a unique source").isTrue();
    }

    @Test
    void theLatestRulingOnAPairHolds() {
        Partition merged = of(0, 1, 2);
        merged.rule(ints(0, 1, 2), ints(), ints());
        merged.rule(ints(), ints(0), ints(1, 2));
        assertThat(merged.isTogether(0, 1)).isTrue();

        Partition split = of(0, 1, 2);
        split.rule(ints(), ints(0), ints(1, 2));
        split.rule(ints(0, 1, 2), ints(), ints());
        assertThat(split.isTogether(0, 1)).isFalse();
        assertThat(split.isTogether(1, 2))
                .as("what remains of the earlier ruling")
                .isTrue();
    }

    @Test
    void whatIsKeptApartDoesNotMeetOverAThird() {
        Partition partition = of(0, 1, 2);
        partition.rule(ints(), ints(0), ints(1));
        partition.link(List.of(0, 2));
        partition.link(List.of(1, 2));
        assertThat(partition.isTogether(0, 1)).isFalse();
    }

    @Test
    void ofTwoThatAreAsLikelyInAUniqueSourceNoneIsTaken() {
        Partition partition = of(0, 1, 1);
        Pairs pairs = new Pairs();
        pairs.add(0, 1, 8);
        pairs.add(0, 2, 8);
        partition.match(pairs, MATCH, CONFLICT, (a, b) -> 8);
        assertThat(partition.isTogether(0, 1)).isFalse();
        assertThat(partition.isTogether(0, 2)).isFalse();
    }

    @Test
    void whatContradictsKeepsTwoClustersApart() {
        Partition partition = new Partition(new int[] {0, 1, 2}, new boolean[3]);
        Pairs pairs = new Pairs();
        pairs.add(0, 1, 12);
        pairs.add(1, 2, 8);
        partition.match(pairs, MATCH, CONFLICT, (a, b) -> a + b == 2 ? -20 : 8);
        assertThat(partition.isTogether(0, 1)).isTrue();
        assertThat(partition.isTogether(1, 2)).isFalse();
    }

    @Test
    void neitherTheOrderOfPairsNorUnconnectedRecordsMatter() {
        for (long s = 1; s <= 3_000; s++) {
            long seed = s;
            World world = World.random(new Random(seed));
            List<Integer> all = IntStream.range(0, world.source.length).boxed().toList();
            Map<Integer, Integer> whole = world.cluster(all, new Random(seed));
            assertThat(world.cluster(all, new Random(-seed)))
                    .as("seed %s", seed)
                    .isEqualTo(whole);
            Map<Integer, Integer> inParts = new HashMap<>();
            world.parts().forEach(part -> inParts.putAll(world.cluster(part, new Random(seed))));
            assertThat(inParts).as("seed %s", seed).isEqualTo(whole);
        }
    }

    private static Partition of(int... source) {
        boolean[] unique = new boolean[Arrays.stream(source).max().orElse(0) + 1];
        Arrays.fill(unique, true);
        return new Partition(source, unique);
    }

    private static int[] ints(int... numbers) {
        return numbers;
    }

    private static Pairs pairs(int a, int b, double score) {
        Pairs pairs = new Pairs();
        pairs.add(a, b, score);
        return pairs;
    }

    /** One world of records, with all that is said of them. */
    private record World(
            int[] source,
            boolean[] unique,
            List<int[]> same,
            List<int[][]> apart,
            List<List<Integer>> links,
            List<double[]> pairs) {

        static World random(Random dice) {
            int n = 4 + dice.nextInt(12);
            int[] source = IntStream.range(0, n).map(i -> dice.nextInt(4)).toArray();
            List<int[]> same = new ArrayList<>();
            List<int[][]> apart = new ArrayList<>();
            for (int i = dice.nextInt(3); i > 0; i--) {
                same.add(some(dice, n));
                apart.add(new int[][] {some(dice, n), some(dice, n)});
            }
            List<List<Integer>> links = new ArrayList<>();
            for (int i = dice.nextInt(5); i > 0; i--) {
                links.add(Arrays.stream(some(dice, n)).boxed().toList());
            }
            List<double[]> pairs = new ArrayList<>();
            for (int a = 0; a < n; a++) {
                for (int b = 0; b < a; b++) {
                    if (dice.nextInt(3) == 0) {
                        pairs.add(new double[] {b, a, dice.nextInt(40) - 15});
                    }
                }
            }
            return new World(source, new boolean[] {true, true, false, false}, same, apart, links, pairs);
        }

        private static int[] some(Random dice, int n) {
            TreeSet<Integer> some = new TreeSet<>();
            for (int i = 1 + dice.nextInt(3); i > 0; i--) {
                some.add(dice.nextInt(n));
            }
            return some.stream().mapToInt(Integer::intValue).toArray();
        }

        /** The clusters of a part of the records, by the records' numbers in the whole. */
        Map<Integer, Integer> cluster(List<Integer> part, Random order) {
            Map<Integer, Integer> number = new HashMap<>();
            part.forEach(r -> number.put(r, number.size()));
            Partition partition =
                    new Partition(part.stream().mapToInt(r -> source[r]).toArray(), unique);
            for (int i = 0; i < same.size(); i++) {
                partition.rule(in(same.get(i), number), in(apart.get(i)[0], number), in(apart.get(i)[1], number));
            }
            for (List<Integer> link : links) {
                partition.link(link.stream()
                        .filter(number::containsKey)
                        .map(number::get)
                        .toList());
            }
            Map<Long, Double> scores = new HashMap<>();
            List<double[]> shuffled = new ArrayList<>(pairs);
            Collections.shuffle(shuffled, order);
            Pairs given = new Pairs();
            for (double[] p : shuffled) {
                Integer a = number.get((int) p[0]);
                Integer b = number.get((int) p[1]);
                if (a != null && b != null) {
                    boolean turned = order.nextBoolean();
                    given.add(turned ? b : a, turned ? a : b, p[2]);
                    scores.put((long) Math.min(a, b) << 32 | Math.max(a, b), p[2]);
                }
            }
            partition.match(
                    given,
                    MATCH,
                    CONFLICT,
                    (a, b) -> scores.getOrDefault((long) Math.min(a, b) << 32 | Math.max(a, b), -1.0));
            Map<Integer, Integer> clusters = new HashMap<>();
            for (int i = 0; i < part.size(); i++) {
                clusters.put(part.get(i), part.get(partition.cluster(i)));
            }
            return clusters;
        }

        /** Records that hang together by links, matching pairs and rulings that make one. */
        List<List<Integer>> parts() {
            int[] root = IntStream.range(0, source.length).toArray();
            same.forEach(one -> hang(root, one));
            links.forEach(
                    link -> hang(root, link.stream().mapToInt(Integer::intValue).toArray()));
            for (double[] p : pairs) {
                if (p[2] > Weights.bits(MATCH / (1 - MATCH))) {
                    hang(root, new int[] {(int) p[0], (int) p[1]});
                }
            }
            Map<Integer, List<Integer>> parts = new HashMap<>();
            for (int i = 0; i < root.length; i++) {
                parts.computeIfAbsent(root[i], r -> new ArrayList<>()).add(i);
            }
            return List.copyOf(parts.values());
        }

        private static void hang(int[] root, int[] together) {
            for (int one : together) {
                int from = root[one];
                int to = root[together[0]];
                for (int i = 0; i < root.length; i++) {
                    root[i] = root[i] == from ? to : root[i];
                }
            }
        }

        private static int[] in(int[] records, Map<Integer, Integer> number) {
            return Arrays.stream(records)
                    .filter(number::containsKey)
                    .map(number::get)
                    .toArray();
        }
    }
}
