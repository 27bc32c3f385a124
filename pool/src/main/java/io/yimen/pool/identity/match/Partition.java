package io.yimen.pool.identity.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Records that fall into entities, the strongest word first: what people ruled, then shared identifiers, then weighed
 * pairs from the best on. Call in that order.
 *
 * <p>Records are numbered, and their numbers break ties. What comes out depends on the records and on what is said of
 * them, not on the order in which pairs are given; parts that nothing connects do not influence each other. Not
 * thread-safe.
 */
public final class Partition {
    /** Most that one pair can say for or against. */
    private static final double LOUDEST = 24;
    /** Pairs looked at when two large clusters meet. */
    private static final int LOOKS = 64;
    /** Pairs of one part from which on they are not sorted by insertion. */
    private static final int MANY = 32;

    /** Compares any two records. */
    public interface Scores {
        /** Log-odds (bits) that the two are the same. */
        double between(int a, int b);
    }

    private final int[] source;
    private final boolean[] unique;
    private final int[] head;
    private final int[] next;
    private final int[] tail;
    private final int[] count;
    private final int[] least;
    /** Per cluster the unique sources in it, a bit each. */
    private final long[] held;

    private final int[] bit;
    private final int words;
    private final Map<Integer, Set<Integer>> apart = new HashMap<>();

    /**
     * @param source per record the number of its source
     * @param unique per source whether it holds an entity at most once
     */
    public Partition(int[] source, boolean[] unique) {
        int n = source.length;
        this.source = source;
        this.unique = unique;
        this.head = new int[n];
        this.next = new int[n];
        this.tail = new int[n];
        this.count = new int[n];
        this.least = new int[n];
        this.bit = new int[unique.length];
        int bits = 0;
        for (int s = 0; s < unique.length; s++) {
            bit[s] = unique[s] ? bits++ : -1;
        }
        this.words = (bits + 63) / 64;
        this.held = new long[n * words];
        for (int i = 0; i < n; i++) {
            head[i] = i;
            next[i] = -1;
            tail[i] = i;
            count[i] = 1;
            least[i] = i;
            int b = bit[source[i]];
            if (b >= 0) {
                held[i * words + (b >> 6)] |= 1L << b;
            }
        }
    }

    /** The record with the smallest number in a record's cluster. */
    public int cluster(int record) {
        return least[head[record]];
    }

    public boolean isTogether(int a, int b) {
        return head[a] == head[b];
    }

    /**
     * What a person ruled; the latest ruling first, for an earlier one gives way to it.
     *
     * @param same records that are one
     * @param left records of which none is one with any of {@code right}
     */
    public void rule(int[] same, int[] left, int[] right) {
        for (int i = 1; i < same.length; i++) {
            for (int j = 0; j < i; j++) {
                if (head[same[i]] != head[same[j]] && !isApart(head[same[i]], head[same[j]])) {
                    join(head[same[i]], head[same[j]]);
                }
            }
        }
        for (int l : left) {
            for (int r : right) {
                if (head[l] != head[r]) {
                    apart.computeIfAbsent(l, k -> new HashSet<>()).add(r);
                    apart.computeIfAbsent(r, k -> new HashSet<>()).add(l);
                }
            }
        }
    }

    /**
     * Records that share an identifier, the strongest identifier first. One that two records of a unique source share,
     * without being one already, tells them not apart and so links nothing.
     *
     * @return whether it may link
     */
    public boolean link(List<Integer> holders) {
        Map<Integer, Integer> seen = new HashMap<>();
        for (int holder : holders) {
            if (unique[source[holder]]) {
                Integer other = seen.put(source[holder], holder);
                if (other != null && head[other] != head[holder]) {
                    return false;
                }
            }
        }
        List<Integer> roots = new ArrayList<>();
        for (int holder : holders) {
            int mine = head[holder];
            if (roots.contains(mine)) {
                continue;
            }
            for (int i = 0; i < roots.size(); i++) {
                if (!isForbidden(roots.get(i), mine)) {
                    mine = join(roots.remove(i), mine);
                    i--;
                }
            }
            roots.add(mine);
        }
        return true;
    }

    /**
     * Takes weighed pairs from the best on. Two clusters join only when the evidence of all their pairs together speaks
     * for it, none speaks strongly against it, nothing forbids it, and no other record of a unique source is as likely.
     *
     * @param match probability above which a pair is a match
     * @param conflict log-odds below which a pair keeps two clusters apart
     */
    public void match(Pairs pairs, double match, double conflict, Scores scores) {
        int[] sorted = inParts(pairs, Weights.bits(match / (1 - match)));
        Rivals rivals = words > 0 ? new Rivals(pairs, sorted, head.length) : null;
        for (int i : sorted) {
            int a = head[pairs.first(i)];
            int b = head[pairs.second(i)];
            if (a != b
                    && !(rivals != null && isContested(pairs, i, rivals, match))
                    && !isForbidden(a, b)
                    && isSupported(a, b, conflict, scores)) {
                join(a, b);
            }
        }
    }

    /**
     * The pairs above a score, one connected part after the other, each from its best pair on. Parts do not influence
     * each other, and what is done of a small one stays in the processor's cache.
     */
    private int[] inParts(Pairs pairs, double above) {
        int[] up = head.clone();
        int n = 0;
        int[] chosen = new int[pairs.size()];
        for (int i = 0; i < chosen.length; i++) {
            if (pairs.score(i) > above) {
                chosen[n++] = i;
                int a = top(up, pairs.first(i));
                int b = top(up, pairs.second(i));
                up[Math.max(a, b)] = Math.min(a, b);
            }
        }
        int[] end = new int[up.length + 1];
        for (int k = 0; k < n; k++) {
            end[top(up, pairs.first(chosen[k])) + 1]++;
        }
        for (int r = 0; r < up.length; r++) {
            end[r + 1] += end[r];
        }
        int[] sorted = new int[n];
        int[] at = Arrays.copyOf(end, up.length);
        for (int k = 0; k < n; k++) {
            sorted[at[top(up, pairs.first(chosen[k]))]++] = chosen[k];
        }
        for (int r = 0; r < up.length; r++) {
            sort(pairs, sorted, end[r], end[r + 1]);
        }
        return sorted;
    }

    /** The first of those that are connected; the way to it is made shorter. */
    static int top(int[] up, int record) {
        int r = record;
        while (up[r] != r) {
            up[r] = up[up[r]];
            r = up[r];
        }
        return r;
    }

    private static void sort(Pairs pairs, int[] list, int from, int to) {
        if (to - from > MANY) {
            Integer[] boxed = new Integer[to - from];
            Arrays.setAll(boxed, i -> list[from + i]);
            Arrays.sort(boxed, (x, y) -> compare(pairs, x, y));
            for (int i = 0; i < boxed.length; i++) {
                list[from + i] = boxed[i];
            }
            return;
        }
        for (int i = from + 1; i < to; i++) {
            int pair = list[i];
            int k = i;
            while (k > from && compare(pairs, list[k - 1], pair) > 0) {
                list[k] = list[k - 1];
                k--;
            }
            list[k] = pair;
        }
    }

    private static int compare(Pairs pairs, int x, int y) {
        int c = Double.compare(pairs.score(y), pairs.score(x));
        if (c == 0) {
            c = Integer.compare(Math.min(pairs.first(x), pairs.second(x)), Math.min(pairs.first(y), pairs.second(y)));
        }
        return c != 0
                ? c
                : Integer.compare(Math.max(pairs.first(x), pairs.second(x)), Math.max(pairs.first(y), pairs.second(y)));
    }

    /** Per record the pairs in which it stands, one record after the other. */
    private static final class Rivals {
        private final int[] end;
        private final int[] list;

        Rivals(Pairs pairs, int[] sorted, int records) {
            end = new int[records + 1];
            list = new int[2 * sorted.length];
            for (int i : sorted) {
                end[pairs.first(i)]++;
                end[pairs.second(i)]++;
            }
            for (int r = 1; r <= records; r++) {
                end[r] += end[r - 1];
            }
            for (int i : sorted) {
                list[--end[pairs.first(i)]] = i;
                list[--end[pairs.second(i)]] = i;
            }
        }

        int from(int record) {
            return end[record];
        }

        int to(int record) {
            return end[record + 1];
        }

        int get(int i) {
            return list[i];
        }
    }

    /** In a source free of duplicates only one can be the one: what is as likely of another is not told of this one. */
    private boolean isContested(Pairs pairs, int i, Rivals rivals, double match) {
        int a = pairs.first(i);
        int b = pairs.second(i);
        return unique[source[b]] && isContested(pairs, i, a, b, rivals, match)
                || unique[source[a]] && isContested(pairs, i, b, a, rivals, match);
    }

    private boolean isContested(Pairs pairs, int i, int mine, int chosen, Rivals rivals, double match) {
        double best = pairs.score(i);
        double odds = Math.pow(2, -best);
        for (int k = rivals.from(mine); k < rivals.to(mine); k++) {
            int r = rivals.get(k);
            int first = pairs.first(r);
            int other = first == mine ? pairs.second(r) : first;
            if (other != chosen
                    && source[other] == source[chosen]
                    && head[other] != head[chosen]
                    && !(unique[source[mine]] && holds(head[other], source[mine]))) {
                odds += Math.pow(2, pairs.score(r) - best);
            }
        }
        return 1 / (1 + odds) <= match;
    }

    private boolean holds(int cluster, int uniqueSource) {
        int b = bit[uniqueSource];
        return (held[cluster * words + (b >> 6)] & 1L << b) != 0;
    }

    private boolean isForbidden(int a, int b) {
        for (int w = 0; w < words; w++) {
            if ((held[a * words + w] & held[b * words + w]) != 0) {
                return true;
            }
        }
        return isApart(a, b);
    }

    private boolean isApart(int a, int b) {
        if (apart.isEmpty()) {
            return false;
        }
        int few = count[a] <= count[b] ? a : b;
        int many = few == a ? b : a;
        for (int x = few; x >= 0; x = next[x]) {
            for (int y : apart.getOrDefault(x, Set.of())) {
                if (head[y] == many) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isSupported(int a, int b, double conflict, Scores scores) {
        if (count[a] == 1 && count[b] == 1) {
            return true;
        }
        int[] left = members(a);
        int[] right = members(b);
        long all = (long) left.length * right.length;
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < right.length; j++) {
                // of very large clusters an even share of the pairs is looked at
                if (all > LOOKS && ((long) i * right.length + j) * LOOKS % all >= LOOKS) {
                    continue;
                }
                double s = scores.between(left[i], right[j]);
                if (s < conflict) {
                    return false;
                }
                sum += Math.max(-LOUDEST, Math.min(LOUDEST, s));
            }
        }
        return sum > 0;
    }

    private int[] members(int cluster) {
        int[] all = new int[count[cluster]];
        int n = 0;
        for (int s = cluster; s >= 0; s = next[s]) {
            all[n++] = s;
        }
        Arrays.sort(all);
        return all;
    }

    private int join(int a, int b) {
        int into = count[a] > count[b] || count[a] == count[b] && a < b ? a : b;
        int from = into == a ? b : a;
        for (int s = from; s >= 0; s = next[s]) {
            head[s] = into;
        }
        next[tail[into]] = from;
        tail[into] = tail[from];
        count[into] += count[from];
        least[into] = Math.min(least[into], least[from]);
        for (int w = 0; w < words; w++) {
            held[into * words + w] |= held[from * words + w];
        }
        return into;
    }
}
