package io.yimen.pool.identity.match;

import java.util.Arrays;
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
    private final int[] abreast = new int[MatchIndex.ABREAST];
    private final Slots[] found = new Slots[MatchIndex.ABREAST];
    /** Places whose pairs changed, and what {@link #refresh} told of them last. */
    private final Slots changed = new Slots();

    private final Slots told = new Slots();
    /** Ids of records that went after they had pairs: should one come back, it has others than before. */
    private final Set<Long> gone = new HashSet<>();

    private boolean loading;
    private final Neighbours neighbours = new Neighbours();
    private boolean[] unique = new boolean[0];
    private int[] near = new int[64];
    private float[] how = new float[64];

    /** What is told of a pair. */
    public interface Visitor {
        /**
         * @param other id of the other record
         * @param score log-odds (bits) that the two are the same
         */
        void pair(long other, double score);
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
        Arrays.setAll(found, i -> new Slots());
    }

    /**
     * The record exists and says these values.
     *
     * @param source its source, by which {@link Weights#uniqueSources} names it
     * @param values in the order of the rules' fields, normalised or not; {@code null} or empty where there is none
     * @return its place
     */
    public int put(long id, String source, @Nullable String[] values) {
        int[] codes = index.codes(id, values);
        if (index.holds(id, source, codes)) {
            return index.slotOf(id);
        }
        remove(id);
        int slot = index.add(id, source, codes, dirty);
        dirty.add(slot);
        return slot;
    }

    /** The record is gone. */
    public void remove(long id) {
        int slot = index.slotOf(id);
        if (slot < 0) {
            return;
        }
        if (neighbours.count(slot) > 0 || changed.contains(slot)) {
            gone.add(id);
        }
        for (int i = 0; i < neighbours.count(slot); i++) {
            int other = neighbours.other(slot, i);
            neighbours.remove(other, slot);
            note(other);
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

    /**
     * Compares anew whatever has changed.
     *
     * @return the places of records whose pairs are others than before; valid until the next one
     */
    public Slots refresh() {
        index.settle();
        int n = 0;
        for (int i = 0; i < dirty.size(); i++) {
            if (index.isUsed(dirty.get(i))) {
                abreast[n++] = dirty.get(i);
            }
            if (n == abreast.length || i + 1 == dirty.size()) {
                index.candidates(abreast, n, found);
                for (int k = 0; k < n; k++) {
                    compare(abreast[k], found[k]);
                }
                n = 0;
            }
        }
        dirty.clear();
        for (long id : gone) {
            int slot = index.slotOf(id);
            if (slot >= 0) {
                note(slot);
            }
        }
        gone.clear();
        told.clear();
        for (int i = 0; i < changed.size(); i++) {
            if (index.isUsed(changed.get(i))) {
                told.add(changed.get(i));
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

    /** Number of the source of a record by its place, from 0; it stays as it is. */
    public int sourceAt(int slot) {
        return index.source(slot);
    }

    /** Source by its number. */
    public String source(int number) {
        return index.sourceNames().get(number);
    }

    /** How many pairs a record has, by its place. */
    public int count(int slot) {
        return neighbours.count(slot);
    }

    /** Place of the other record of its i-th pair. */
    public int other(int slot, int i) {
        return neighbours.other(slot, i);
    }

    /** Log-odds (bits) that the records of its i-th pair are the same. */
    public double score(int slot, int i) {
        return neighbours.score(slot, i);
    }

    /** Tells all pairs of a record that is there. */
    public void forEachPair(long id, Visitor visitor) {
        int slot = slot(id);
        for (int i = 0; i < count(slot); i++) {
            visitor.pair(index.id(other(slot, i)), score(slot, i));
        }
    }

    /** Log-odds (bits) that two records that are there are the same. */
    public double score(long a, long b) {
        return compared(slot(a), slot(b), Double.NEGATIVE_INFINITY);
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

    private double compared(int a, int b, double enough) {
        // in the order of ids: a sum does not depend on which slots records got
        return index.id(a) < index.id(b) ? scorer.score(a, b, enough) : scorer.score(b, a, enough);
    }

    private boolean isUnique(int source) {
        if (source >= unique.length) {
            boolean[] more = new boolean[index.sourceNames().size()];
            for (int s = 0; s < more.length; s++) {
                more[s] = weights.uniqueSources().contains(index.sourceNames().get(s));
            }
            unique = more;
        }
        return unique[source];
    }

    /** Of two records that are both compared anew, the later one looks at the pair. */
    private boolean isOthers(int slot, int other) {
        return other > slot && dirty.contains(other);
    }

    private void compare(int slot, Slots found) {
        if (near.length < found.size()) {
            near = new int[found.size() * 2];
            how = new float[near.length];
        }
        int source = index.source(slot);
        boolean alone = isUnique(source);
        int others = 0;
        for (int i = 0; i < found.size(); i++) {
            if (!isOthers(slot, found.get(i))) {
                near[others++] = found.get(i);
            }
        }
        index.touchRows(near, others);
        others = scorer.promising(slot, near, others, least);
        int n = 0;
        for (int i = 0; i < others; i++) {
            int other = near[i];
            if (alone && index.source(other) == source) {
                continue;
            }
            double s = compared(slot, other, least);
            if (s >= least) {
                near[n] = other;
                how[n++] = (float) s;
            }
        }
        // the last takes the place of the one that is taken out
        for (int i = neighbours.count(slot) - 1; i >= 0; i--) {
            int other = neighbours.other(slot, i);
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
            changed.add(slot);
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
