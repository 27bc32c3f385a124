package io.yimen.pool.identity.match;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records and the pairs of them that are at least possible, kept up with as records come, change and go. The pairs
 * depend on the records that are there, not on how they came: after {@link #refresh} they are those that a comparison
 * of all candidates would find.
 *
 * <p>Not thread-safe.
 */
public final class PairGraph {
    private final MatchIndex index;
    private final Weights weights;
    private final Scorer scorer;
    private final double least;
    private final Slots dirty = new Slots();
    private final Slots found = new Slots();
    private final Set<Long> changed = new HashSet<>();
    private boolean loading;
    private long[] isDirty = new long[16];
    private final Neighbours neighbours = new Neighbours();

    /** What is told of a pair. */
    public interface Visitor {
        /**
         * @param other id of the other record
         * @param score log-odds (bits) that the two are the same
         */
        void pair(long other, double score);
    }

    /** What is told of a pair by the places of its records. */
    public interface SlotVisitor {
        /**
         * @param other place of the other record
         * @param score log-odds (bits) that the two are the same
         */
        void pair(int other, double score);
    }

    /** The rules and weights; its unique sources have no pairs among themselves. */
    public PairGraph(Learned learned) {
        this(learned.rules(), learned.weights());
    }

    private PairGraph(MatchRules rules, Weights weights) {
        this.index = new MatchIndex(rules);
        this.weights = weights;
        this.scorer = new Scorer(index, weights);
        this.least = rules.possibleBits();
    }

    /**
     * The record exists and says these values.
     *
     * @param source its source, by which {@link Weights#uniqueSources} names it
     * @param values in the order of the rules' fields, normalised or not; {@code null} or empty where there is none
     */
    public void put(long id, String source, @Nullable String[] values) {
        int[] codes = index.codes(values);
        if (index.holds(id, source, codes)) {
            return;
        }
        remove(id);
        int slot = index.add(id, source, codes, dirty);
        dirty.add(slot);
    }

    /** The record is gone. */
    public void remove(long id) {
        int slot = index.slotOf(id);
        if (slot < 0) {
            return;
        }
        for (int other : neighbours.others(slot)) {
            neighbours.remove(other, slot);
            note(other);
            // should the record come back
            note(slot);
            dirty.add(other);
        }
        neighbours.clear(slot);
        index.remove(id, dirty);
    }

    /** Compares all records, after many were put; nobody is told what changed. */
    public void load() {
        loading = true;
        refresh();
        loading = false;
    }

    /** Compares anew whatever has changed; returns the ids of records whose pairs are others than before. */
    public Set<Long> refresh() {
        isDirty = new long[(index.slots() >> 6) + 1];
        for (int i = 0; i < dirty.size(); i++) {
            int slot = dirty.get(i);
            if (index.isUsed(slot)) {
                isDirty[slot >> 6] |= 1L << slot;
            }
        }
        for (int slot : dirty.toArray()) {
            if (index.isUsed(slot)) {
                compare(slot);
            }
        }
        dirty.clear();
        Set<Long> told = new HashSet<>();
        for (long id : changed) {
            if (index.slotOf(id) >= 0) {
                told.add(id);
            }
        }
        changed.clear();
        return told;
    }

    /** The id of a record that has a name; stable for ever, since ids break ties. */
    public static long idOf(String name) {
        return Hash.of(name);
    }

    /** {@link #idOf(String)} of the three texts as one. */
    public static long idOf(String first, String second, String third) {
        return Hash.of(first, second, third);
    }

    public boolean contains(long id) {
        return index.slotOf(id) >= 0;
    }

    /** Place of a record, small and for use again once the record is gone; -1 if it is not there. */
    public int slotOf(long id) {
        return index.slotOf(id);
    }

    /** Source of a record by its place. */
    public String sourceAt(int slot) {
        return index.sourceNames().get(index.source(slot));
    }

    /** Tells all pairs of a record by its place. */
    public void forEachPairAt(int slot, SlotVisitor visitor) {
        for (int i = 0; i < neighbours.count(slot); i++) {
            visitor.pair(neighbours.other(slot, i), neighbours.score(slot, i));
        }
    }

    /** Tells all pairs of a record that is there. */
    public void forEachPair(long id, Visitor visitor) {
        forEachPairAt(slot(id), (other, score) -> visitor.pair(index.id(other), score));
    }

    /** Log-odds (bits) that two records that are there are the same. */
    public double score(long a, long b) {
        return score(slot(a), slot(b), Double.NEGATIVE_INFINITY);
    }

    /** What each field contributes to {@link #score}. */
    public List<Scorer.Contribution> explain(long a, long b) {
        return a < b ? scorer.explain(slot(a), slot(b)) : scorer.explain(slot(b), slot(a));
    }

    public int size() {
        return index.size();
    }

    public MatchRules rules() {
        return index.rules();
    }

    public MatchIndex index() {
        return index;
    }

    private int slot(long id) {
        int slot = index.slotOf(id);
        if (slot < 0) {
            throw new IllegalArgumentException("There is no such record");
        }
        return slot;
    }

    private double score(int a, int b, double enough) {
        // in the order of ids: a sum does not depend on which slots records got
        return index.id(a) < index.id(b) ? scorer.score(a, b, enough) : scorer.score(b, a, enough);
    }

    private boolean isUnique(int slot) {
        return weights.uniqueSources().contains(index.sourceNames().get(index.source(slot)));
    }

    /** Of two records that are both compared anew, the later one looks at the pair. */
    private boolean isOthers(int slot, int other) {
        return other > slot && (isDirty[other >> 6] & 1L << other) != 0;
    }

    private void compare(int slot) {
        found.clear();
        index.candidates(slot, found);
        int[] near = new int[found.size()];
        float[] how = new float[near.length];
        int n = 0;
        boolean unique = isUnique(slot);
        for (int i = 0; i < found.size(); i++) {
            int other = found.get(i);
            if (isOthers(slot, other) || unique && index.source(other) == index.source(slot)) {
                continue;
            }
            double s = score(slot, other, least);
            if (s >= least) {
                near[n] = other;
                how[n++] = (float) s;
            }
        }
        for (int other : neighbours.others(slot)) {
            if (!isOthers(slot, other) && indexOf(near, n, other) < 0) {
                unlink(slot, other);
                note(slot);
                note(other);
            }
        }
        for (int i = 0; i < n; i++) {
            int at = neighbours.find(slot, near[i]);
            if (at < 0 || neighbours.score(slot, at) != how[i]) {
                if (at >= 0) {
                    unlink(slot, near[i]);
                }
                neighbours.add(slot, near[i], how[i]);
                neighbours.add(near[i], slot, how[i]);
                note(slot);
                note(near[i]);
            }
        }
    }

    private void note(int slot) {
        if (!loading) {
            changed.add(index.id(slot));
        }
    }

    private static int indexOf(int[] list, int size, int wanted) {
        for (int i = 0; i < size; i++) {
            if (list[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private void unlink(int slot, int other) {
        neighbours.remove(slot, other);
        neighbours.remove(other, slot);
    }

    /** Bytes that records and pairs take. */
    public long bytes() {
        return index.bytes() + neighbours.bytes();
    }
}
