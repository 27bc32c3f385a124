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
        int[] abreast = new int[MatchIndex.ABREAST];
        Slots[] found = new Slots[MatchIndex.ABREAST];
        Arrays.setAll(found, i -> new Slots());
        int[][] earlier = new int[MatchIndex.ABREAST][0];
        int[] first = new int[MatchIndex.ABREAST];
        int[] counts = new int[index.size()];
        int n = 0;
        int held = 0;
        for (int slot = 0; slot < index.slots(); slot++) {
            if (index.isUsed(slot)) {
                abreast[held++] = slot;
            }
            if (held == abreast.length || slot + 1 == index.slots()) {
                index.candidates(abreast, held, found);
                for (int i = 0; i < held; i++) {
                    counts[n++] = found[i].size();
                    earlier[i] = room(earlier[i], found[i].size());
                    first[i] = earlier(abreast[i], found[i], earlier[i]);
                    index.touchRows(earlier[i], first[i]);
                }
                for (int i = 0; i < held; i++) {
                    first[i] = strangers(index, unique, abreast[i], earlier[i], first[i]);
                    first[i] = scorer.promising(abreast[i], earlier[i], first[i], least);
                }
                for (int i = 0; i < held; i++) {
                    compare(index, scorer, abreast[i], earlier[i], first[i], least, pairs);
                }
                held = 0;
            }
        }
        Arrays.sort(counts);
        return new Compared(index, scorer, unique, pairs, counts);
    }

    private static int[] room(int[] list, int size) {
        return list.length >= size ? list : new int[2 * size];
    }

    /** A pair is looked at from the later of its slots. */
    private static int earlier(int slot, Slots found, int[] into) {
        int n = 0;
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i) < slot) {
                into[n++] = found.get(i);
            }
        }
        return n;
    }

    /** Without those of the same source, where it says everybody once. */
    private static int strangers(MatchIndex index, boolean[] unique, int slot, int[] others, int first) {
        int source = index.source(slot);
        if (!unique[source]) {
            return first;
        }
        int n = 0;
        for (int i = 0; i < first; i++) {
            if (index.source(others[i]) != source) {
                others[n++] = others[i];
            }
        }
        return n;
    }

    private static void compare(
            MatchIndex index, Scorer scorer, int slot, int[] others, int first, double least, Pairs pairs) {
        for (int i = 0; i < first; i++) {
            double s = score(index, scorer, slot, others[i], least);
            if (s >= least) {
                pairs.add(others[i], slot, s);
            }
        }
    }

    /** In the order of ids: a sum does not depend on which slots records got. */
    private static double score(MatchIndex index, Scorer scorer, int a, int b, double least) {
        return index.id(a) < index.id(b) ? scorer.score(a, b, least) : scorer.score(b, a, least);
    }

    private static int[] cluster(MatchIndex index, Scorer scorer, boolean[] unique, Pairs pairs) {
        MatchRules rules = index.rules();
        Connected connected = Connected.of(index, pairs, rules.matchBits());
        Partition partition = new Partition(connected.source, unique);
        partition.match(
                connected.pairs,
                rules.match(),
                rules.conflict(),
                (a, b) -> score(index, scorer, connected.slot[a], connected.slot[b], Double.NEGATIVE_INFINITY));
        int[] cluster = new int[index.slots()];
        for (int slot = 0; slot < cluster.length; slot++) {
            cluster[slot] = index.isUsed(slot) ? slot : -1;
        }
        for (int i = 0; i < connected.slot.length; i++) {
            cluster[connected.slot[i]] = connected.slot[partition.cluster(i)];
        }
        return cluster;
    }

    /**
     * The records that any pair may join, one connected part after the other, so that what is decided together lies
     * together; in each part by the ids of the records, which break ties.
     *
     * @param slot of each
     * @param source of each
     * @param pairs of them that may join, by their numbers here
     */
    private record Connected(int[] slot, int[] source, Pairs pairs) {
        static Connected of(MatchIndex index, Pairs all, double above) {
            int[] up = new int[index.slots()];
            int[] size = new int[up.length];
            for (int s = 0; s < up.length; s++) {
                up[s] = s;
            }
            int chosen = 0;
            for (int i = 0; i < all.size(); i++) {
                if (all.score(i) > above) {
                    chosen++;
                    int a = Partition.top(up, all.first(i));
                    int b = Partition.top(up, all.second(i));
                    up[Math.max(a, b)] = Math.min(a, b);
                }
            }
            int n = 0;
            if (chosen > 0) {
                for (int s = 0; s < up.length; s++) {
                    up[s] = up[up[s]];
                    size[up[s]]++;
                }
                for (int s = 0; s < up.length; s++) {
                    n += up[s] != s ? 1 : size[s] > 1 ? 1 : 0;
                }
            }
            Connected connected = new Connected(new int[n], new int[n], new Pairs());
            connected.place(index, up, size);
            for (int i = 0; i < all.size(); i++) {
                if (all.score(i) > above) {
                    connected.pairs.add(up[all.first(i)], up[all.second(i)], all.score(i));
                }
            }
            return connected;
        }

        /** Leaves in {@code up} the number of each record that any pair may join. */
        private void place(MatchIndex index, int[] up, int[] size) {
            long[] id = new long[slot.length];
            int end = 0;
            for (int s = 0; s < up.length; s++) {
                int root = up[s];
                if (root == s) {
                    int members = size[s];
                    // where the next member of the part will stand
                    size[s] = members > 1 ? end : -1;
                    end += members > 1 ? members : 0;
                }
                if (size[root] >= 0) {
                    int at = size[root]++;
                    long mine = index.id(s);
                    id[at] = mine;
                    slot[at] = s;
                    // until parts are in order, the part instead
                    source[at] = root;
                }
            }
            for (int from = 0; from < slot.length; ) {
                int to = from + 1;
                while (to < slot.length && source[to] == source[from]) {
                    to++;
                }
                sort(id, from, to);
                from = to;
            }
            for (int i = 0; i < slot.length; i++) {
                source[i] = index.source(slot[i]);
                up[slot[i]] = i;
            }
        }

        /** By id; parts are small, nearly all of them. */
        private void sort(long[] id, int from, int to) {
            if (to - from > 64) {
                int[] slots = Arrays.copyOfRange(slot, from, to);
                Integer[] order = new Integer[slots.length];
                Arrays.setAll(order, i -> i);
                Arrays.sort(order, (x, y) -> Long.compare(id[from + x], id[from + y]));
                for (int i = 0; i < order.length; i++) {
                    slot[from + i] = slots[order[i]];
                }
                return;
            }
            for (int i = from + 1; i < to; i++) {
                long mine = id[i];
                int of = slot[i];
                int k = i;
                while (k > from && id[k - 1] > mine) {
                    id[k] = id[k - 1];
                    slot[k] = slot[k - 1];
                    k--;
                }
                id[k] = mine;
                slot[k] = of;
            }
        }
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
