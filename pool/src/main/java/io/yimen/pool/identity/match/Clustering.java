package io.yimen.pool.identity.match;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes entities of scored pairs. Pairs are taken from the best on; two clusters join only when the evidence of all
 * their pairs together speaks for it, none speaks strongly against it, no person and no rule forbids it, and a source
 * free of duplicates does not come to stand in it twice. Ties are broken by ids: the result depends on the records,
 * not on the order in which they came, and each connected part can be computed by itself.
 */
final class Clustering {
    /** Most that one pair can say for or against. */
    private static final double LOUDEST = 24;
    /** Pairs looked at when two large clusters meet. */
    private static final int LOOKS = 64;

    private final MatchIndex index;
    /** Slots in rising order; all else here counts by the place in it. */
    private final int[] slots;

    private final Scorer scorer;
    private final MatchRules rules;
    private final Decisions decisions;
    private final boolean[] unique;
    private final double matchBits;
    private final int[] head;
    private final int[] next;
    private final int[] tail;
    private final int[] count;
    private final Map<Long, Set<Long>> apart = new HashMap<>();

    /** Of all records. */
    Clustering(MatchIndex index, Scorer scorer, Weights weights, Decisions decisions) {
        this(index, scorer, weights, decisions, used(index));
    }

    /** Of a part that hangs together by itself. */
    Clustering(MatchIndex index, Scorer scorer, Weights weights, Decisions decisions, int[] slots) {
        this.index = index;
        this.slots = slots.clone();
        java.util.Arrays.sort(this.slots);
        this.scorer = scorer;
        this.rules = index.rules();
        this.decisions = decisions;
        int n = slots.length;
        List<String> names = index.sourceNames();
        unique = new boolean[names.size()];
        for (int s = 0; s < unique.length; s++) {
            unique[s] = weights.uniqueSources().contains(names.get(s));
        }
        matchBits = Weights.bits(rules.match() / (1 - rules.match()));
        head = new int[n];
        next = new int[n];
        tail = new int[n];
        count = new int[n];
        for (int i = 0; i < n; i++) {
            head[i] = i;
            tail[i] = i;
            next[i] = -1;
            count[i] = 1;
        }
        for (Decisions.Pair p : decisions.apart()) {
            apart.computeIfAbsent(p.low(), k -> new HashSet<>()).add(p.high());
            apart.computeIfAbsent(p.high(), k -> new HashSet<>()).add(p.low());
        }
    }

    private static int[] used(MatchIndex index) {
        int[] slots = new int[index.size()];
        int n = 0;
        for (int s = 0; s < index.slots(); s++) {
            if (index.isUsed(s)) {
                slots[n++] = s;
            }
        }
        return slots;
    }

    private int place(int slot) {
        return slots.length > slot && slots[slot] == slot ? slot : java.util.Arrays.binarySearch(slots, slot);
    }

    private long id(int place) {
        return index.id(slots[place]);
    }

    private int source(int place) {
        return index.source(slots[place]);
    }

    /** For each of the given slots, in their order as sorted by number, the slot that names its cluster. */
    int[] decide(Pairs pairs) {
        for (Decisions.Pair p : decisions.same().stream()
                .sorted((x, y) ->
                        x.low() != y.low() ? Long.compare(x.low(), y.low()) : Long.compare(x.high(), y.high()))
                .toList()) {
            int left = index.slotOf(p.low());
            int right = index.slotOf(p.high());
            int a = left < 0 ? -1 : place(left);
            int b = right < 0 ? -1 : place(right);
            if (a >= 0 && b >= 0 && head[a] != head[b] && !isForbidden(head[a], head[b])) {
                join(head[a], head[b]);
            }
        }
        Integer[] order = new Integer[pairs.size()];
        int n = 0;
        for (int i = 0; i < pairs.size(); i++) {
            if (pairs.score(i) > matchBits) {
                order[n++] = i;
            }
        }
        Integer[] sorted = Arrays.copyOf(order, n);
        Arrays.sort(sorted, (x, y) -> before(pairs, x, y));
        int[][] rivals = new int[0][];
        boolean anyUnique = false;
        for (boolean b : unique) {
            anyUnique |= b;
        }
        if (anyUnique) {
            rivals = rivals(pairs, sorted);
        }
        for (int k = 0; k < n; k++) {
            int i = sorted[k];
            int a = head[place(pairs.first(i))];
            int b = head[place(pairs.second(i))];
            if (a == b || anyUnique && isContested(pairs, i, rivals) || isForbidden(a, b) || !isSupported(a, b)) {
                continue;
            }
            join(a, b);
        }
        int[] cluster = new int[head.length];
        Arrays.fill(cluster, -1);
        for (int s = 0; s < head.length; s++) {
            int h = head[s];
            if (cluster[h] < 0 || id(s) < id(cluster[h])) {
                cluster[h] = s;
            }
        }
        int[] named = new int[head.length];
        for (int s = 0; s < head.length; s++) {
            named[s] = slots[cluster[head[s]]];
        }
        return named;
    }

    private int before(Pairs pairs, int x, int y) {
        int c = Double.compare(pairs.score(y), pairs.score(x));
        if (c != 0) {
            return c;
        }
        c = Long.compare(low(pairs, x), low(pairs, y));
        return c != 0 ? c : Long.compare(high(pairs, x), high(pairs, y));
    }

    private long low(Pairs pairs, int i) {
        return Math.min(index.id(pairs.first(i)), index.id(pairs.second(i)));
    }

    private long high(Pairs pairs, int i) {
        return Math.max(index.id(pairs.first(i)), index.id(pairs.second(i)));
    }

    /** Per slot the pairs in which it stands. */
    private int[][] rivals(Pairs pairs, Integer[] sorted) {
        int[] degree = new int[head.length];
        for (int i : sorted) {
            degree[place(pairs.first(i))]++;
            degree[place(pairs.second(i))]++;
        }
        int[][] lists = new int[head.length][];
        for (int s = 0; s < lists.length; s++) {
            lists[s] = new int[degree[s]];
        }
        for (int i : sorted) {
            lists[place(pairs.first(i))][--degree[place(pairs.first(i))]] = i;
            lists[place(pairs.second(i))][--degree[place(pairs.second(i))]] = i;
        }
        return lists;
    }

    /** In a source free of duplicates only one can be the one: what is as likely of another is not told of this one. */
    private boolean isContested(Pairs pairs, int i, int[][] rivals) {
        int a = place(pairs.first(i));
        int b = place(pairs.second(i));
        return unique[source(b)] && isContested(pairs, i, a, b, rivals)
                || unique[source(a)] && isContested(pairs, i, b, a, rivals);
    }

    private boolean isContested(Pairs pairs, int i, int mine, int chosen, int[][] rivals) {
        double best = pairs.score(i);
        double odds = Math.pow(2, -best);
        for (int r : rivals[mine]) {
            int first = place(pairs.first(r));
            int other = first == mine ? place(pairs.second(r)) : first;
            if (other != chosen
                    && source(other) == source(chosen)
                    && !(unique[source(mine)] && holds(head[other], source(mine)))) {
                odds += Math.pow(2, pairs.score(r) - best);
            }
        }
        return 1 / (1 + odds) <= rules.match();
    }

    private boolean holds(int cluster, int source) {
        for (int s = cluster; s >= 0; s = next[s]) {
            if (source(s) == source) {
                return true;
            }
        }
        return false;
    }

    private boolean isForbidden(int a, int b) {
        for (int x = a; x >= 0; x = next[x]) {
            Set<Long> not = apart.isEmpty() ? null : apart.get(id(x));
            boolean alone = unique[source(x)];
            if (not == null && !alone) {
                continue;
            }
            for (int y = b; y >= 0; y = next[y]) {
                if (alone && source(y) == source(x) && !decisions.same().contains(Decisions.Pair.of(id(x), id(y)))
                        || not != null && not.contains(id(y))) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isSupported(int a, int b) {
        if (count[a] == 1 && count[b] == 1) {
            return true;
        }
        int[] left = members(a);
        int[] right = members(b);
        long pairs = (long) left.length * right.length;
        double sum = 0;
        int looks = 0;
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < right.length; j++) {
                // of very large clusters an even share of the pairs is looked at
                if (pairs > LOOKS && ((long) i * right.length + j) * LOOKS % pairs >= LOOKS) {
                    continue;
                }
                double s = score(left[i], right[j]);
                if (s < rules.conflict() && !decisions.same().contains(Decisions.Pair.of(id(left[i]), id(right[j])))) {
                    return false;
                }
                sum += Math.max(-LOUDEST, Math.min(LOUDEST, s));
                looks++;
            }
        }
        return looks > 0 && sum > 0;
    }

    private int[] members(int cluster) {
        int[] all = new int[count[cluster]];
        int n = 0;
        for (int s = cluster; s >= 0; s = next[s]) {
            all[n++] = s;
        }
        return Arrays.stream(all)
                .boxed()
                .sorted((x, y) -> Long.compare(id(x), id(y)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** In the order of ids: scores do not depend on which slots records got. */
    private double score(int a, int b) {
        return id(a) < id(b) ? scorer.score(slots[a], slots[b]) : scorer.score(slots[b], slots[a]);
    }

    private void join(int a, int b) {
        int into = count[a] >= count[b] ? a : b;
        int from = into == a ? b : a;
        for (int s = from; s >= 0; s = next[s]) {
            head[s] = into;
        }
        next[tail[into]] = from;
        tail[into] = tail[from];
        count[into] += count[from];
    }
}
