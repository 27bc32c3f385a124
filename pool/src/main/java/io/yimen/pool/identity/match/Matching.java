package io.yimen.pool.identity.match;

/**
 * The outcome of matching all records of an index.
 *
 * @param cluster per slot the slot that names its cluster, -1 for unused slots
 * @param pairs scored pairs that are at least possible
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

    /** Compares all candidates and clusters: a pure function of records, decisions, rules and weights. */
    public static Matching of(MatchIndex index, Weights weights, Decisions decisions) {
        MatchRules rules = index.rules();
        Scorer scorer = new Scorer(index, weights);
        double least = Weights.bits(rules.possible() / (1 - rules.possible()));
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
            counts[n++] = found.size();
            for (int i = 0; i < found.size(); i++) {
                int other = found.get(i);
                if (other < slot && !(index.source(other) == index.source(slot) && unique[index.source(slot)])) {
                    // in the order of ids: a sum does not depend on which slots records got
                    double s = index.id(other) < index.id(slot)
                            ? scorer.score(other, slot, least)
                            : scorer.score(slot, other, least);
                    if (s >= least) {
                        pairs.add(other, slot, s);
                    }
                }
            }
        }
        java.util.Arrays.sort(counts);
        int[] named = new Clustering(index, scorer, weights, decisions).decide(pairs);
        int[] cluster = new int[index.slots()];
        int at = 0;
        for (int slot = 0; slot < cluster.length; slot++) {
            cluster[slot] = index.isUsed(slot) ? named[at++] : -1;
        }
        return new Matching(cluster, pairs, n, counts);
    }

    /** What was decided about a pair with this score. */
    public Decision decision(int a, int b, double score, MatchRules rules) {
        if (cluster[a] == cluster[b]) {
            return Decision.MATCH;
        }
        double odds = rules.possible() / (1 - rules.possible());
        return score >= Weights.bits(odds) ? Decision.POSSIBLE_MATCH : Decision.NO_MATCH;
    }

    public double candidatesMean() {
        return java.util.Arrays.stream(candidates).average().orElse(0);
    }

    public int candidatesP99() {
        return candidates.length == 0
                ? 0
                : candidates[Math.min(candidates.length - 1, (int) (candidates.length * 0.99))];
    }
}
