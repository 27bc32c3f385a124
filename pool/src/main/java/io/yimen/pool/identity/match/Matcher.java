package io.yimen.pool.identity.match;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Matching that keeps up with records as they come, change and go. After any sequence of calls the clusters are those
 * that {@link Matching#of} finds for the records that are there: only connected parts with something new in them are
 * clustered again. One thread at a time.
 */
public final class Matcher {
    private static final int[] NO_SLOTS = new int[0];
    private static final float[] NO_SCORES = new float[0];

    private final MatchIndex index;
    private final Weights weights;
    private final Scorer scorer;
    private final double least;
    private final double match;
    private final Slots dirty = new Slots();
    private final Slots found = new Slots();
    private final Map<Long, Long> clusterOf = new HashMap<>();
    private final Map<Long, Set<Decisions.Pair>> same = new HashMap<>();
    private final Map<Long, Set<Decisions.Pair>> apart = new HashMap<>();
    private int[][] neighbours = new int[64][];
    private float[][] scores = new float[64][];

    public Matcher(MatchIndex index, Weights weights) {
        if (index.size() > 0) {
            throw new IllegalArgumentException("The index of a new matcher is empty");
        }
        this.index = index;
        this.weights = weights;
        this.scorer = new Scorer(index, weights);
        this.least = Weights.bits(index.rules().possible() / (1 - index.rules().possible()));
        this.match = Weights.bits(index.rules().match() / (1 - index.rules().match()));
        Arrays.fill(neighbours, NO_SLOTS);
        Arrays.fill(scores, NO_SCORES);
    }

    /** The record exists and says these values. */
    public void put(long id, String source, @Nullable String[] values) {
        remove(id);
        int slot = index.add(id, source, values, dirty);
        if (slot >= neighbours.length) {
            int old = neighbours.length;
            neighbours = Arrays.copyOf(neighbours, slot + (slot >> 1) + 8);
            scores = Arrays.copyOf(scores, neighbours.length);
            Arrays.fill(neighbours, old, neighbours.length, NO_SLOTS);
            Arrays.fill(scores, old, scores.length, NO_SCORES);
        }
        dirty.add(slot);
    }

    /** The record is gone. */
    public void remove(long id) {
        int slot = index.slotOf(id);
        if (slot < 0) {
            return;
        }
        for (int other : neighbours[slot].clone()) {
            unlink(other, slot);
            dirty.add(other);
        }
        neighbours[slot] = NO_SLOTS;
        scores[slot] = NO_SCORES;
        for (Decisions.Pair p : same.getOrDefault(id, Set.of())) {
            int other = index.slotOf(p.low() == id ? p.high() : p.low());
            if (other >= 0) {
                dirty.add(other);
            }
        }
        index.remove(id, dirty);
        clusterOf.remove(id);
    }

    /** What people decided, in place of all that was given before. */
    public void decide(Decisions now) {
        touch(same);
        touch(apart);
        same.clear();
        apart.clear();
        for (Decisions.Pair p : now.same()) {
            same.computeIfAbsent(p.low(), k -> new HashSet<>()).add(p);
            same.computeIfAbsent(p.high(), k -> new HashSet<>()).add(p);
        }
        for (Decisions.Pair p : now.apart()) {
            apart.computeIfAbsent(p.low(), k -> new HashSet<>()).add(p);
            apart.computeIfAbsent(p.high(), k -> new HashSet<>()).add(p);
        }
        touch(same);
        touch(apart);
    }

    private void touch(Map<Long, Set<Decisions.Pair>> decided) {
        for (long id : decided.keySet()) {
            int slot = index.slotOf(id);
            if (slot >= 0) {
                dirty.add(slot);
            }
        }
    }

    /** Clusters anew what has changed; returns the records that now are in another cluster, or in a new one. */
    public List<Long> settle() {
        for (int slot : dirty.toArray()) {
            if (index.isUsed(slot)) {
                compare(slot);
            }
        }
        List<Long> moved = new ArrayList<>();
        Slots seen = new Slots();
        for (int slot : dirty.toArray()) {
            if (index.isUsed(slot) && seen.add(slot)) {
                cluster(part(slot, seen), moved);
            }
        }
        dirty.clear();
        return moved;
    }

    /** The record that names the cluster of a record; its own id when it is alone. */
    public long clusterOf(long id) {
        return clusterOf.getOrDefault(id, id);
    }

    /** Pairs of the record that are at least possible: other record and log-odds (bits). */
    public Map<Long, Double> pairsOf(long id) {
        Map<Long, Double> pairs = new HashMap<>();
        int slot = index.slotOf(id);
        if (slot >= 0) {
            for (int i = 0; i < neighbours[slot].length; i++) {
                pairs.put(index.id(neighbours[slot][i]), (double) scores[slot][i]);
            }
        }
        return pairs;
    }

    public MatchIndex index() {
        return index;
    }

    public Scorer scorer() {
        return scorer;
    }

    private boolean isUnique(int slot) {
        return weights.uniqueSources().contains(index.sourceNames().get(index.source(slot)));
    }

    /** Finds the pairs of a record anew. */
    private void compare(int slot) {
        found.clear();
        index.candidates(slot, found);
        for (int other : neighbours[slot].clone()) {
            unlink(other, slot);
            dirty.add(other);
        }
        int[] near = new int[found.size()];
        float[] score = new float[found.size()];
        int n = 0;
        for (int i = 0; i < found.size(); i++) {
            int other = found.get(i);
            if (index.source(other) == index.source(slot) && isUnique(slot)) {
                continue;
            }
            double s = index.id(other) < index.id(slot)
                    ? scorer.score(other, slot, least)
                    : scorer.score(slot, other, least);
            if (s >= least) {
                near[n] = other;
                score[n++] = (float) s;
                link(other, slot, (float) s);
            }
        }
        neighbours[slot] = Arrays.copyOf(near, n);
        scores[slot] = Arrays.copyOf(score, n);
    }

    private void link(int slot, int other, float s) {
        int n = neighbours[slot].length;
        neighbours[slot] = Arrays.copyOf(neighbours[slot], n + 1);
        scores[slot] = Arrays.copyOf(scores[slot], n + 1);
        neighbours[slot][n] = other;
        scores[slot][n] = s;
    }

    private void unlink(int slot, int other) {
        int n = neighbours[slot].length;
        for (int i = 0; i < n; i++) {
            if (neighbours[slot][i] == other) {
                neighbours[slot][i] = neighbours[slot][n - 1];
                scores[slot][i] = scores[slot][n - 1];
                neighbours[slot] = Arrays.copyOf(neighbours[slot], n - 1);
                scores[slot] = Arrays.copyOf(scores[slot], n - 1);
                return;
            }
        }
    }

    /** All that hangs together with a record over matching pairs, decisions and what it was clustered with. */
    private int[] part(int start, Slots seen) {
        Slots part = new Slots();
        ArrayDeque<Integer> open = new ArrayDeque<>();
        open.add(start);
        part.add(start);
        while (!open.isEmpty()) {
            int slot = open.remove();
            for (int i = 0; i < neighbours[slot].length; i++) {
                if (scores[slot][i] > match && part.add(neighbours[slot][i])) {
                    open.add(neighbours[slot][i]);
                }
            }
            for (Decisions.Pair p : same.getOrDefault(index.id(slot), Set.of())) {
                int other = index.slotOf(p.low() == index.id(slot) ? p.high() : p.low());
                if (other >= 0 && part.add(other)) {
                    open.add(other);
                }
            }
        }
        int[] slots = part.toArray();
        Arrays.sort(slots);
        for (int s : slots) {
            seen.add(s);
        }
        return slots;
    }

    private void cluster(int[] part, List<Long> moved) {
        Pairs pairs = new Pairs();
        for (int slot : part) {
            for (int i = 0; i < neighbours[slot].length; i++) {
                if (scores[slot][i] > match && neighbours[slot][i] < slot) {
                    pairs.add(neighbours[slot][i], slot, scores[slot][i]);
                }
            }
        }
        Set<Decisions.Pair> joined = new HashSet<>();
        Set<Decisions.Pair> parted = new HashSet<>();
        if (!same.isEmpty() || !apart.isEmpty()) {
            for (int slot : part) {
                joined.addAll(same.getOrDefault(index.id(slot), Set.of()));
                parted.addAll(apart.getOrDefault(index.id(slot), Set.of()));
            }
        }
        Decisions decisions = new Decisions(joined, parted);
        int[] named = new Clustering(index, scorer, weights, decisions, part).decide(pairs);
        for (int i = 0; i < part.length; i++) {
            long id = index.id(part[i]);
            long cluster = index.id(named[i]);
            Long before = clusterOf.put(id, cluster);
            if (before == null || before != cluster) {
                moved.add(id);
            }
        }
    }
}
