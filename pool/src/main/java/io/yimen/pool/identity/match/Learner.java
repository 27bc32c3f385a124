package io.yimen.pool.identity.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Learns weights from the records themselves, without labels. How often others agree (u) comes from pairs drawn at
 * random; how true pairs look (m) and how many there are from expectation–maximisation over candidates. Since being a
 * candidate follows from what is compared, the posterior of a candidate is that of any pair that looks like it.
 *
 * <p>The sample is drawn by the records' ids and a fixed seed: the same records give the same weights.
 */
public final class Learner {
    private static final int RECORDS = 200_000;
    private static final int QUERIES = 20_000;
    private static final int PAIRS = 300_000;
    private static final int ROUNDS = 60;
    /** Weight of what is expected against what is seen, in pairs. */
    private static final double TRUST = 4;
    /** A source with fewer expected duplicates a record is free of them. */
    private static final double UNIQUE = 0.004;

    private final MatchIndex index;
    private final MatchRules rules;
    private final int width;
    private final double[][] random;
    private final double[][] least;
    private final double[][] m;
    private final double[][] u;
    private final double[] swap;
    private final int[][] relations;
    private final long[] patterns;

    private Learner(MatchIndex index) {
        this.index = index;
        this.rules = index.rules();
        this.width = rules.fields().size();
        this.random = new double[width][];
        this.least = new double[width][];
        this.m = new double[width][];
        this.u = new double[width][];
        this.swap = new double[width];
        for (int f = 0; f < width; f++) {
            FieldKind kind = rules.kind(f);
            m[f] = kind.expected().clone();
            random[f] = new double[m[f].length];
            least[f] = new double[m[f].length];
            swap[f] = rules.fields().get(f).swaps() >= 0 ? 0.02 : 0;
        }
        int[] sample = sample(RECORDS);
        drawRandomPairs(sample);
        for (int f = 0; f < width; f++) {
            u[f] = random[f].clone();
            for (int l = 0; l < u[f].length; l++) {
                u[f][l] = Math.max(u[f][l], least[f][l]);
            }
        }
        Weights first = weights(Weights.bits(0.5 / Math.max(2, index.size())), List.of(), sample);
        List<int[]> counts = new ArrayList<>();
        Map<Long, Integer> seen = lookAtCandidates(new Scorer(index, first), counts);
        patterns = new long[seen.size()];
        seen.forEach((pattern, at) -> patterns[at] = pattern);
        relations = counts.toArray(new int[0][]);
        this.first = new Scorer(index, first);
        this.sample = sample;
    }

    private final Scorer first;
    private final int[] sample;
    private int queries;
    /** One after the other, what was seen of each record and each other source: pattern and relation of every pair. */
    private int[] pairPattern = new int[1 << 12];

    private int pairs;
    private int[] groupEnd = new int[1 << 10];
    private int[] groupSource = new int[1 << 10];
    private int groups;

    /** Learns from all records of the index. */
    public static Weights learn(MatchIndex index) {
        return new Learner(index).run();
    }

    private Weights run() {
        int sources = index.sourceNames().size();
        boolean[] unique = new boolean[sources];
        if (rules.unique() == MatchRules.Unique.ALL && sources > 1) {
            Arrays.fill(unique, true);
        }
        double prior = maximise(unique);
        if (rules.unique() == MatchRules.Unique.DETECT && sources > 1) {
            int[] queriesOf = new int[sources];
            for (int slot : sample(QUERIES)) {
                queriesOf[index.source(slot)]++;
            }
            double[] twins = new double[sources];
            double odds = Math.pow(2, prior);
            for (int i = 0; i < patterns.length; i++) {
                double r = posterior(patterns[i], odds);
                for (int s = 0; s < sources; s++) {
                    twins[s] += r * relations[i][1 + s];
                }
            }
            boolean any = false;
            for (int s = 0; s < sources; s++) {
                unique[s] = twins[s] <= UNIQUE * queriesOf[s];
                any |= unique[s];
            }
            if (any) {
                prior = maximise(unique);
            }
        }
        List<String> names = new ArrayList<>();
        for (int s = 0; s < sources; s++) {
            if (unique[s]) {
                names.add(index.sourceNames().get(s));
            }
        }
        return weights(prior, names, sample);
    }

    /** Slots of a sample that depends on the records' ids alone. */
    private int[] sample(int most) {
        int[] slots = new int[index.size()];
        int n = 0;
        for (int s = 0; s < index.slots(); s++) {
            if (index.isUsed(s)) {
                slots[n++] = s;
            }
        }
        long limit = n <= most ? -1L : Long.divideUnsigned(-1L, n) * most;
        int k = 0;
        for (int s : slots) {
            if (Long.compareUnsigned(Hash.mix(index.id(s) + 12345), limit) <= 0) {
                slots[k++] = s;
            }
        }
        int[] taken = Arrays.copyOf(slots, k);
        return Arrays.stream(taken)
                .boxed()
                .sorted((a, b) -> Long.compare(index.id(a), index.id(b)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private void drawRandomPairs(int[] sample) {
        Edits edits = new Edits();
        Value a = new Value();
        Value b = new Value();
        int n = sample.length;
        for (int f = 0; f < width; f++) {
            int[] codes = new int[n];
            int filled = 0;
            for (int slot : sample) {
                int c = index.code(slot, f);
                if (c != Dictionary.NONE) {
                    codes[filled++] = c;
                }
            }
            Arrays.sort(codes, 0, filled);
            double same = 0;
            for (int i = 0; i < filled; ) {
                int j = i;
                while (j < filled && codes[j] == codes[i]) {
                    j++;
                }
                same += (double) (j - i) * (j - i - 1);
                i = j;
            }
            double agree = filled < 2 ? 0.01 : same / ((double) filled * (filled - 1));
            int levels = random[f].length;
            double[] count = new double[levels];
            double drawn = 0;
            SplittableRandom dice = new SplittableRandom(7 + f);
            int draws = n < 2 ? 0 : (int) Math.min(PAIRS, (long) n * (n - 1) / 2);
            for (int k = 0; k < draws; k++) {
                int x = index.code(sample[dice.nextInt(n)], f);
                int y = index.code(sample[dice.nextInt(n)], f);
                if (x == Dictionary.NONE || y == Dictionary.NONE || x == y) {
                    continue;
                }
                index.dictionary().load(Math.min(x, y), a);
                index.dictionary().load(Math.max(x, y), b);
                count[rules.kind(f).level(a, b, edits)]++;
                drawn++;
            }
            random[f][0] = agree;
            least[f][0] = 0.25 / Math.max(4, filled);
            for (int l = 1; l < levels; l++) {
                random[f][l] = drawn == 0 ? 1.0 / levels : (1 - agree) * count[l] / drawn;
                least[f][l] = 0.5 / Math.max(100, drawn);
            }
            // two values that prepare differently can still be the same to the comparator
            random[f][0] += drawn == 0 ? 0 : (1 - agree) * count[0] / drawn;
        }
    }

    private Map<Long, Integer> lookAtCandidates(Scorer scorer, List<int[]> counts) {
        Map<Long, Integer> seen = new java.util.LinkedHashMap<>();
        Slots found = new Slots();
        int sources = index.sourceNames().size();
        int[] queried = sample(QUERIES);
        queries = queried.length;
        for (int slot : queried) {
            found.clear();
            index.candidates(slot, found);
            // in the order of ids: the sample does not know of slots
            int[] others = Arrays.stream(found.toArray())
                    .boxed()
                    .sorted((x, y) -> index.source(x) != index.source(y)
                            ? Integer.compare(index.source(x), index.source(y))
                            : Long.compare(index.id(x), index.id(y)))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < others.length; i++) {
                int other = others[i];
                long pattern =
                        index.id(slot) < index.id(other) ? scorer.pattern(slot, other) : scorer.pattern(other, slot);
                int at = seen.computeIfAbsent(pattern, k -> {
                    counts.add(new int[1 + sources]);
                    return counts.size() - 1;
                });
                boolean within = index.source(slot) == index.source(other);
                counts.get(at)[within ? 1 + index.source(slot) : 0]++;
                if (within) {
                    continue;
                }
                if (pairs == pairPattern.length) {
                    pairPattern = Arrays.copyOf(pairPattern, pairs * 2);
                }
                pairPattern[pairs++] = at;
                if (i + 1 == others.length || index.source(others[i + 1]) != index.source(other)) {
                    if (groups == groupEnd.length) {
                        groupEnd = Arrays.copyOf(groupEnd, groups * 2);
                        groupSource = Arrays.copyOf(groupSource, groups * 2);
                    }
                    groupSource[groups] = index.source(other);
                    groupEnd[groups++] = pairs;
                }
            }
        }
        return seen;
    }

    /**
     * Expected true pairs of each pattern. Where the other source is free of duplicates, at most one of a record's
     * candidates in it is true: neighbours that look alike do not pass for it.
     */
    private double[] expectedPairs(boolean[] unique, double odds) {
        double[] o = new double[patterns.length];
        double[] expected = new double[patterns.length];
        for (int i = 0; i < o.length; i++) {
            double r = posterior(patterns[i], odds);
            o[i] = Math.min(1e15, r / (1 - Math.min(r, 1 - 1e-15)));
            for (int s = 0; s < unique.length; s++) {
                if (!unique[s]) {
                    expected[i] += r * relations[i][1 + s];
                }
            }
        }
        int from = 0;
        for (int g = 0; g < groups; g++) {
            double sum = 1;
            if (unique[groupSource[g]]) {
                for (int k = from; k < groupEnd[g]; k++) {
                    sum += o[pairPattern[k]];
                }
            }
            for (int k = from; k < groupEnd[g]; k++) {
                double mine = o[pairPattern[k]];
                expected[pairPattern[k]] += mine / (unique[groupSource[g]] ? sum : 1 + mine);
            }
            from = groupEnd[g];
        }
        return expected;
    }

    private double posterior(long pattern, double odds) {
        for (MatchRules.At n : rules.never()) {
            if (Scorer.level(pattern, n.field(), width) == n.level()) {
                return 0;
            }
        }
        boolean rests = rules.require().isEmpty();
        for (MatchRules.At r : rules.require()) {
            rests |= Scorer.level(pattern, r.field(), width) == r.level();
        }
        if (!rests) {
            return 0;
        }
        double o = odds;
        double common = 1;
        for (int f = 0; f < width; f++) {
            int l = Scorer.level(pattern, f, width);
            if (l >= 0 && !isImplied(pattern, f)) {
                double ratio = m[f][l] / u[f][l];
                if (rules.fields().get(f).shared()) {
                    common *= ratio;
                } else {
                    o *= ratio;
                }
            }
            if (swap[f] > 0) {
                o *= first.isCrossed(pattern, f) ? swap[f] : 1 - swap[f];
            }
        }
        o *= Math.min(common, Math.pow(2, Scorer.sharedMost(Weights.bits(odds))));
        return o / (1 + o);
    }

    private boolean isImplied(long pattern, int field) {
        for (int by : rules.fields().get(field).impliedBy()) {
            int l = Scorer.level(pattern, by, width);
            if (l == 0 || l == 1) {
                return true;
            }
        }
        return false;
    }

    /** Iterates to rest; returns the log-odds (bits) of a random pair that may be true. */
    private double maximise(boolean[] unique) {
        int sources = unique.length;
        double all = Math.max(1, (double) queries * (index.size() - 1));
        double within = 0;
        int[] of = new int[sources];
        for (int s = 0; s < index.slots(); s++) {
            if (index.isUsed(s)) {
                of[index.source(s)]++;
            }
        }
        for (int s = 0; s < sources; s++) {
            if (unique[s]) {
                within += (double) of[s] * (of[s] - 1) / Math.max(1, index.size()) * queries;
            }
        }
        double allowed = Math.max(1, all - within);
        double share = 0.5 / Math.max(2, index.size());
        for (int round = 0; round < ROUNDS; round++) {
            double[][] sum = new double[width][];
            double[] seen = new double[width];
            double[] crossed = new double[width];
            for (int f = 0; f < width; f++) {
                sum[f] = new double[m[f].length];
            }
            double total = 0;
            double odds = share / (1 - share);
            double[] expectedPairs = expectedPairs(unique, odds);
            for (int i = 0; i < patterns.length; i++) {
                double r = expectedPairs[i];
                total += r;
                if (r < 1e-9) {
                    continue;
                }
                for (int f = 0; f < width; f++) {
                    if (first.isCrossed(patterns[i], f)) {
                        crossed[f] += r;
                        continue;
                    }
                    int l = Scorer.level(patterns[i], f, width);
                    if (l >= 0) {
                        sum[f][l] += r;
                        seen[f] += r;
                    }
                }
            }
            double change = 0;
            for (int f = 0; f < width; f++) {
                double[] expected = rules.kind(f).expected();
                for (int l = 0; l < m[f].length; l++) {
                    double next = (sum[f][l] + TRUST * expected[l]) / (seen[f] + TRUST);
                    change = Math.max(change, Math.abs(next - m[f][l]));
                    m[f][l] = next;
                    double apart = (random[f][l] - total / all * next) / (1 - total / all);
                    u[f][l] = Math.max(apart, least[f][l]);
                }
                if (swap[f] > 0) {
                    swap[f] = (crossed[f] + 0.02 * TRUST) / (total + TRUST);
                }
            }
            double next = Math.max(total / allowed, 0.01 / allowed);
            change = Math.max(change, Math.abs(next - share) / share * 0.01);
            share = Math.min(next, 0.5);
            if (change < 1e-5) {
                break;
            }
        }
        return Weights.bits(share / (1 - share));
    }

    private Weights weights(double prior, List<String> unique, int[] sample) {
        long[][] hashes = new long[width][];
        float[][] shares = new float[width][];
        for (int f = 0; f < width; f++) {
            hashes[f] = new long[0];
            shares[f] = new float[0];
            if (!rules.fields().get(f).tf()) {
                continue;
            }
            int[] codes = new int[sample.length];
            int n = 0;
            for (int slot : sample) {
                int c = index.code(slot, f);
                if (c != Dictionary.NONE) {
                    codes[n++] = c;
                }
            }
            Arrays.sort(codes, 0, n);
            List<long[]> common = new ArrayList<>();
            for (int i = 0; i < n; ) {
                int j = i;
                while (j < n && codes[j] == codes[i]) {
                    j++;
                }
                if (j - i >= 3) {
                    common.add(new long[] {index.dictionary().hash(codes[i]), j - i});
                }
                i = j;
            }
            common.sort((x, y) -> Long.compare(x[0], y[0]));
            hashes[f] = new long[common.size()];
            shares[f] = new float[common.size()];
            for (int i = 0; i < common.size(); i++) {
                hashes[f][i] = common.get(i)[0];
                shares[f][i] = (float) common.get(i)[1] / n;
            }
        }
        double[][] mCopy = new double[width][];
        double[][] uCopy = new double[width][];
        for (int f = 0; f < width; f++) {
            mCopy[f] = m[f].clone();
            uCopy[f] = u[f].clone();
        }
        return new Weights(
                rules.name(),
                rules.version(),
                mCopy,
                uCopy,
                swap.clone(),
                prior,
                2.0 / Math.max(4, sample.length),
                hashes,
                shares,
                unique);
    }
}
