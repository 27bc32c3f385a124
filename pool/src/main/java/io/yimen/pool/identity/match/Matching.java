package io.yimen.pool.identity.match;

import java.util.Arrays;

/**
 * The outcome of matching all records of an index.
 *
 * @param cluster per slot the slot that names its cluster, -1 for unused slots
 * @param pairs scored pairs of slots that are at least possible
 * @param records number of records
 * @param candidates how many candidates each record had, sorted
 */
public record Matching(int[] cluster, Pairs pairs, int records, int[] candidates) {

    /** MATCH, POSSIBLE_MATCH or NO_MATCH. */
    public enum Decision {
        MATCH,
        POSSIBLE_MATCH,
        NO_MATCH
    }

    /** Compares all candidates and clusters: a pure function of records, rules and weights. */
    public static Matching of(MatchIndex index, Weights weights) {
        return compare(index, weights).cluster();
    }

    /** All candidates compared, nothing decided yet. */
    public record Compared(MatchIndex index, Scorer scorer, boolean[] unique, Pairs pairs, int[] candidates) {
        /** Decides. */
        public Matching cluster() {
            return new Matching(Matching.cluster(index, scorer, unique, pairs), pairs, candidates.length, candidates);
        }
    }

    /** Compares all candidates. */
    public static Compared compare(MatchIndex index, Weights weights) {
        MatchRules rules = index.rules();
        Scorer scorer = new Scorer(index, weights);
        double least = rules.possibleBits();
        boolean[] unique = new boolean[index.sourceNames().size()];
        for (int s = 0; s < unique.length; s++) {
            unique[s] = weights.uniqueSources().contains(index.sourceNames().get(s));
        }
        Pairs pairs = new Pairs();
        Slots found = new Slots();
        int[] counts = new int[index.size()];
        int n = 0;
        for (int slot = 0; slot < index.slots(); slot++) {
            if (!index.isUsed(slot)) {
                continue;
            }
            found.clear();
            index.candidates(slot, found);
            index.touch(found);
            counts[n++] = found.size();
            for (int i = 0; i < found.size(); i++) {
                int other = found.get(i);
                if (other < slot && !(index.source(other) == index.source(slot) && unique[index.source(slot)])) {
                    double s = score(index, scorer, slot, other, least);
                    if (s >= least) {
                        pairs.add(other, slot, s);
                    }
                }
            }
        }
        Arrays.sort(counts);
        return new Compared(index, scorer, unique, pairs, counts);
    }

    /** In the order of ids: a sum does not depend on which slots records got. */
    private static double score(MatchIndex index, Scorer scorer, int a, int b, double least) {
        return index.id(a) < index.id(b) ? scorer.score(a, b, least) : scorer.score(b, a, least);
    }

    private static int[] cluster(MatchIndex index, Scorer scorer, boolean[] unique, Pairs pairs) {
        int[] slots = inOrder(index);
        int[] number = new int[index.slots()];
        int[] source = new int[slots.length];
        for (int i = 0; i < slots.length; i++) {
            number[slots[i]] = i;
            source[i] = index.source(slots[i]);
        }
        Pairs numbered = new Pairs();
        for (int i = 0; i < pairs.size(); i++) {
            numbered.add(number[pairs.first(i)], number[pairs.second(i)], pairs.score(i));
        }
        Partition partition = new Partition(source, unique);
        MatchRules rules = index.rules();
        partition.match(
                numbered,
                rules.match(),
                rules.conflict(),
                (a, b) -> score(index, scorer, slots[a], slots[b], Double.NEGATIVE_INFINITY));
        int[] cluster = new int[index.slots()];
        Arrays.fill(cluster, -1);
        for (int i = 0; i < slots.length; i++) {
            cluster[slots[i]] = slots[partition.cluster(i)];
        }
        return cluster;
    }

    /** Used slots by the ids of their records, which break ties. */
    private static int[] inOrder(MatchIndex index) {
        Integer[] slots = new Integer[index.size()];
        int n = 0;
        for (int s = 0; s < index.slots(); s++) {
            if (index.isUsed(s)) {
                slots[n++] = s;
            }
        }
        Arrays.sort(slots, (a, b) -> Long.compare(index.id(a), index.id(b)));
        return Arrays.stream(slots).mapToInt(Integer::intValue).toArray();
    }

    /** What was decided about a pair with this score. */
    public Decision decision(int a, int b, double score, MatchRules rules) {
        if (cluster[a] == cluster[b]) {
            return Decision.MATCH;
        }
        return score >= rules.possibleBits() ? Decision.POSSIBLE_MATCH : Decision.NO_MATCH;
    }

    public double candidatesMean() {
        return Arrays.stream(candidates).average().orElse(0);
    }

    public int candidatesP99() {
        return candidates.length == 0
                ? 0
                : candidates[Math.min(candidates.length - 1, (int) (candidates.length * 0.99))];
    }
}
