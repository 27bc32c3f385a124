package io.yimen.pool.identity.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares two records of an index. Weights are in bits; their sum with the prior is the log-odds that the two are the
 * same. Not for several threads at once: each has its own.
 */
public final class Scorer {
    /** A pair that a rule forbids. */
    public static final double NEVER = -1000;

    private static final int CACHE = 1 << 13;
    /** Texts of a field whose weight is remembered. */
    private static final int SHARES = 1 << 12;
    /** Sums in another order differ by less. */
    private static final double ROUNDING = 1e-6;

    /** What one field says about a pair. */
    public record Contribution(String field, String level, double weight) {}

    private final MatchIndex index;
    private final MatchRules rules;
    private final Weights weights;
    private final int width;
    private final FieldKind[] kinds;
    private final Edits edits = new Edits();
    private final Value left = new Value();
    private final Value right = new Value();
    private final double[][] plain;
    private final double[] bound;
    private final double[] swapWeight;
    private final double[] stayWeight;
    private final long[][] cacheKey;
    private final byte[][] cacheLevel;
    private final int[] levels;
    private final boolean[] crossed;
    private final int[] partner;
    private final int[] group;
    private final boolean[][] never;
    /** Fields, a bit each, in which two proven values that differ are never a match. */
    private final int neverApart;

    private final int[] order;
    /** Most that a field can say of two texts that differ, and of two that are far from each other. */
    private final double[] differ;

    private final double[] far;

    /** How common a text is, by field and code, as it was looked up last. */
    private final int[][] shareCode;

    private final double[][] shareWeight;
    /** What each field can still say of the pair in hand, at most. */
    private final double[] most;
    /** What all fields together can, without those that a household shares; and those. */
    private double rest;

    private double restShared;

    private final boolean[] isImplier;
    private final boolean[] shared;
    private final boolean[] tf;
    private final int[][] impliedBy;
    /** Levels of which a match needs one, by field; {@code null} if it needs none. */
    private final boolean @Nullable [][] required;

    /** Takes what was only touched, so that nobody leaves it out. */
    private int touched;

    private final double sharedMost;
    private final double withoutRequired;

    public Scorer(MatchIndex index, Weights weights) {
        this.index = index;
        this.rules = index.rules();
        weights.check(rules);
        this.weights = weights;
        this.width = rules.fields().size();
        this.kinds = new FieldKind[width];
        this.plain = new double[width][];
        this.bound = new double[width];
        this.swapWeight = new double[width];
        this.stayWeight = new double[width];
        this.cacheKey = new long[width][CACHE];
        this.cacheLevel = new byte[width][CACHE];
        this.levels = new int[width];
        this.crossed = new boolean[width];
        this.partner = new int[width];
        this.group = new int[width];
        this.never = new boolean[width][];
        this.order = new int[width];
        this.differ = new double[width];
        this.far = new double[width];
        this.shareCode = new int[width][];
        this.shareWeight = new double[width][];
        this.most = new double[width];
        this.isImplier = new boolean[width];
        this.shared = new boolean[width];
        this.tf = new boolean[width];
        this.impliedBy = new int[width][];
        this.sharedMost = sharedMost(weights.prior());
        this.withoutRequired = rules.matchBits() - 1;
        Arrays.fill(partner, -1);
        for (int f = 0; f < width; f++) {
            kinds[f] = rules.kind(f);
            shared[f] = rules.fields().get(f).shared();
            tf[f] = rules.fields().get(f).tf();
            impliedBy[f] = rules.fields().get(f).impliedBy().stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            int n = kinds[f].levels().size();
            plain[f] = new double[n];
            never[f] = new boolean[n];
            for (int l = 0; l < n; l++) {
                plain[f][l] = Weights.bits(weights.m()[f][l] / weights.u()[f][l]);
                bound[f] = Math.max(bound[f], plain[f][l]);
            }
            differ[f] = most(plain[f], kinds[f].isExact() ? 1 : 0);
            far[f] = kinds[f].far() < 0 ? differ[f] : most(plain[f], kinds[f].far());
            if (rules.fields().get(f).tf()) {
                bound[f] = Math.max(bound[f], Weights.bits(weights.m()[f][0] / weights.rarest(f)));
                differ[f] = kinds[f].isExact() ? differ[f] : bound[f];
                shareCode[f] = new int[SHARES];
                Arrays.fill(shareCode[f], Dictionary.NONE);
                shareWeight[f] = new double[SHARES];
            }
            Arrays.fill(cacheKey[f], Long.MIN_VALUE);
            for (int i : rules.fields().get(f).impliedBy()) {
                isImplier[i] = true;
            }
        }
        mark(rules.never(), never);
        int apart = 0;
        for (int f = 0; f < width; f++) {
            int level = kinds[f].apart();
            apart |= level >= 0 && never[f][level] ? 1 << f : 0;
        }
        this.neverApart = apart;
        this.required = rules.require().isEmpty() ? null : mark(rules.require(), levels());
        int groups = 0;
        for (int f = 0; f < width; f++) {
            int g = rules.fields().get(f).swaps();
            if (g >= 0) {
                group[f] = groups;
                group[g] = groups++;
                partner[f] = g;
                partner[g] = f;
                swapWeight[f] = Weights.bits(weights.swap()[f]);
                stayWeight[f] = Weights.bits(1 - weights.swap()[f]);
            }
        }
        planOrder();
    }

    /** Fields that tell most apart come first, so that most pairs end early; what implies stands before what is implied. */
    private void planOrder() {
        Integer[] all = new Integer[width];
        double[] rank = new double[width];
        for (int f = 0; f < width; f++) {
            all[f] = f;
            double[] m = weights.m()[f];
            double[] u = weights.u()[f];
            for (int l = 0; l < m.length; l++) {
                rank[f] -= (m[l] - u[l]) * plain[f][l];
            }
            if (isImplier[f]) {
                rank[f] -= 1000;
                if (rules.fields().get(f).impliedBy().isEmpty()) {
                    rank[f] -= 1000;
                }
            }
        }
        Arrays.sort(all, (a, b) -> Double.compare(rank[a], rank[b]));
        int n = 0;
        boolean[] placed = new boolean[width];
        for (int f : all) {
            if (!placed[f]) {
                order[n++] = f;
                placed[f] = true;
                int g = partner[f];
                if (g >= 0 && !placed[g]) {
                    order[n++] = g;
                    placed[g] = true;
                }
            }
        }
    }

    private static double most(double[] weights, int from) {
        double most = weights[from];
        for (int l = from + 1; l < weights.length; l++) {
            most = Math.max(most, weights[l]);
        }
        return most;
    }

    /** What a household shares leaves at best one in three: the person, and others of the household. */
    static double sharedMost(double prior) {
        return Math.max(0, -prior - 1.5);
    }

    private boolean[][] levels() {
        boolean[][] none = new boolean[width][];
        for (int f = 0; f < width; f++) {
            none[f] = new boolean[kinds[f].levels().size()];
        }
        return none;
    }

    private static boolean[][] mark(List<MatchRules.At> all, boolean[][] marks) {
        for (MatchRules.At at : all) {
            marks[at.field()][at.level()] = true;
        }
        return marks;
    }

    private boolean isAny(boolean[][] marks) {
        for (int f = 0; f < width; f++) {
            if (levels[f] >= 0 && marks[f][levels[f]]) {
                return true;
            }
        }
        return false;
    }

    private boolean hasRequired() {
        return required == null || isAny(required);
    }

    /** Whether the pair, however much speaks for it, is possible at most. */
    private boolean isPossibleAtMost() {
        return !hasRequired() || isDoubtful();
    }

    private boolean isDoubtful() {
        for (MatchRules.Doubt doubt : rules.doubt()) {
            if (levels[doubt.field()] == doubt.level() && !isAnySame(doubt.unless())) {
                return true;
            }
        }
        return false;
    }

    private boolean isAnySame(List<Integer> fields) {
        for (int f : fields) {
            if (levels[f] == 0) {
                return true;
            }
        }
        return false;
    }

    /** Level of a field, -1 for missing. */
    private int level(int field, int codeA, int codeB) {
        if (codeA == Dictionary.NONE || codeB == Dictionary.NONE) {
            return -1;
        }
        if (codeA == codeB) {
            return 0;
        }
        int low = Math.min(codeA, codeB);
        int high = Math.max(codeA, codeB);
        long key = (long) low << 32 | high & 0xffffffffL;
        int slot = (int) (Hash.mix(key) >>> 40) & CACHE - 1;
        if (cacheKey[field][slot] == key) {
            return cacheLevel[field][slot];
        }
        index.dictionary().load(low, left);
        index.dictionary().load(high, right);
        int level = kinds[field].level(left, right, edits);
        cacheKey[field][slot] = key;
        cacheLevel[field][slot] = (byte) level;
        return level;
    }

    private double weight(int field, int level, int code) {
        if (level < 0) {
            return 0;
        }
        return level == 0 && tf[field] ? agreed(field, code) : plain[field][level];
    }

    /** Weight of a text that both say. */
    private double agreed(int field, int code) {
        int at = (code * 0x9e3779b9 >>> 16) & SHARES - 1;
        if (shareCode[field][at] != code) {
            double share = weights.share(field, index.dictionary().hash(code));
            shareCode[field][at] = code;
            shareWeight[field][at] = Weights.bits(weights.m()[field][0] / share);
        }
        return shareWeight[field][at];
    }

    /** Whether a field that agrees makes this one no news. */
    private boolean isImplied(int field) {
        for (int by : impliedBy[field]) {
            int l = levels[by];
            if (l == 0 || l == 1 && plain[by][1] > 4) {
                return true;
            }
        }
        return false;
    }

    /**
     * Leaves of these records those that may reach {@code least} with another, judged by which of their texts are equal
     * and which are far from each other; reads the texts that decide about them, which lie anywhere in memory.
     *
     * @param slots whose rows were touched; those that are left move to the front
     * @return how many are left
     */
    int promising(int slot, int[] slots, int first, double least) {
        int n = 0;
        for (int i = 0; i < first; i++) {
            if (!isNever(slot, slots[i]) && mostOf(slot, slots[i]) >= least && mostByNumbers(slot, slots[i]) >= least) {
                slots[n++] = slots[i];
            }
        }
        int sum = 0;
        for (int i = 0; i < n; i++) {
            for (int f = 0; f < width; f++) {
                int code = index.code(slots[i], f);
                if (code != index.code(slot, f)) {
                    sum += index.touchText(slots[i], f);
                }
            }
        }
        touched = sum;
        return n;
    }

    /** Log-odds (bits) that the records in two slots are the same; {@link #NEVER} where a rule forbids it. */
    public double score(int a, int b) {
        return score(a, b, Double.NEGATIVE_INFINITY);
    }

    /** The same; any number below {@code least} stands for a result that cannot reach it. */
    double score(int a, int b, double least) {
        if (isNever(a, b)) {
            return NEVER;
        }
        double sum = weights.prior();
        double common = 0;
        double reach = mostOf(a, b);
        for (int i = 0; i < width; i++) {
            if (reach < least) {
                return reach;
            }
            int f = order[i];
            int g = partner[f];
            if (g >= 0) {
                rest -= most[f] + most[g];
                // both of an exchangeable pair stand side by side
                sum += pair(f, g, a, b);
                reach = reach(sum, common);
                i++;
                continue;
            }
            if (shared[f]) {
                restShared -= most[f];
            } else {
                rest -= most[f];
            }
            int level = level(f, index.code(a, f), index.code(b, f));
            levels[f] = level;
            if (level >= 0) {
                if (never[f][level]) {
                    return NEVER;
                }
                if (!isImplied(f)) {
                    double w = weight(f, level, index.code(a, f));
                    if (shared[f]) {
                        common += w;
                    } else {
                        sum += w;
                    }
                }
            }
            reach = reach(sum, common);
        }
        sum += Math.min(common, sharedMost);
        return sum > withoutRequired && isPossibleAtMost() ? withoutRequired : sum;
    }

    /** Whether proven values forbid the pair, before any text is read. */
    private boolean isNever(int a, int b) {
        for (int rest = index.proven(a, b) & neverApart; rest != 0; rest &= rest - 1) {
            int f = Integer.numberOfTrailingZeros(rest);
            if (index.code(a, f) != index.code(b, f)) {
                return true;
            }
        }
        return false;
    }

    /** What a pair can come to at most that has come so far. */
    private double reach(double sum, double common) {
        return sum + rest + Math.min(common + restShared, sharedMost);
    }

    /**
     * What two records can come to at most, judged by which of their texts are equal and which are far from each other,
     * before any is read; leaves what each field can say.
     */
    private double mostOf(int a, int b) {
        rest = ROUNDING;
        restShared = 0;
        for (int f = 0; f < width; f++) {
            int one = index.code(a, f);
            int other = index.code(b, f);
            double w = 0;
            if (partner[f] >= 0) {
                w = bound[f];
            } else if (one != Dictionary.NONE && other != Dictionary.NONE) {
                w = one == other ? equal(f, one) : index.isFar(a, b, f) ? far[f] : differ[f];
                w = w < 0 && isImpliable(f, a, b) ? 0 : w;
            }
            most[f] = w;
            if (shared[f] && partner[f] < 0) {
                restShared += w;
            } else {
                rest += w;
            }
        }
        return reach(weights.prior(), 0);
    }

    /** The same once numbers that differ are compared, which stand in the rows themselves. */
    private double mostByNumbers(int a, int b) {
        for (int f = 0; f < width; f++) {
            int one = index.code(a, f);
            int other = index.code(b, f);
            if (one >= 0 && other >= 0 && one != other && partner[f] < 0) {
                double w = plain[f][level(f, one, other)];
                w = w < 0 && isImpliable(f, a, b) ? 0 : w;
                if (shared[f]) {
                    restShared += w - most[f];
                } else {
                    rest += w - most[f];
                }
            }
        }
        return reach(weights.prior(), 0);
    }

    /** Most that a field can say of two texts that are equal. */
    private double equal(int field, int code) {
        return tf[field] ? agreed(field, code) : plain[field][0];
    }

    /** Whether a field may turn out to be no news, whatever it says. */
    private boolean isImpliable(int field, int a, int b) {
        for (int by : impliedBy[field]) {
            if (partner[by] >= 0 || index.code(a, by) != Dictionary.NONE && index.code(b, by) != Dictionary.NONE) {
                return true;
            }
        }
        return false;
    }

    /** Weight of two fields that may be exchanged; leaves levels and whether they are crossed. */
    private double pair(int f, int g, int a, int b) {
        int fa = index.code(a, f);
        int fb = index.code(b, f);
        int ga = index.code(a, g);
        int gb = index.code(b, g);
        int lf = level(f, fa, fb);
        int lg = level(g, ga, gb);
        levels[f] = lf;
        levels[g] = lg;
        crossed[f] = false;
        crossed[g] = false;
        int first = swapWeight[f] != 0 ? f : g;
        double straight = weight(f, lf, fa) + weight(g, lg, ga) + stayWeight[first];
        boolean poor = (lf < 0 || plain[f][lf] <= 0) && (lg < 0 || plain[g][lg] <= 0);
        if (poor) {
            int cf = level(f, fa, gb);
            int cg = level(g, ga, fb);
            if (cf >= 0 && plain[f][cf] > 0 || cg >= 0 && plain[g][cg] > 0) {
                double cross = weight(f, cf, fa) + weight(g, cg, ga) + swapWeight[first];
                if (cross > straight) {
                    levels[f] = cf;
                    levels[g] = cg;
                    crossed[f] = true;
                    crossed[g] = true;
                    return cross;
                }
            }
        }
        return straight;
    }

    /** What each field contributes; with the prior the weights add up to {@link #score}. */
    public List<Contribution> explain(int a, int b) {
        List<Contribution> list = new ArrayList<>();
        double sum = weights.prior();
        double common = 0;
        list.add(new Contribution("", "prior", weights.prior()));
        for (int i = 0; i < width; i++) {
            int f = order[i];
            int g = partner[f];
            if (g >= 0) {
                double together = pair(f, g, a, b);
                sum += together;
                double wf = weight(f, levels[f], index.code(a, f));
                double wg = weight(g, levels[g], index.code(a, g));
                String how = crossed[f] ? "exchanged, " : "";
                list.add(new Contribution(name(f), how + levelName(f), wf));
                list.add(new Contribution(name(g), how + levelName(g), wg));
                list.add(new Contribution(
                        name(f) + "+" + name(g), crossed[f] ? "exchanged" : "in place", together - wf - wg));
                i++;
                continue;
            }
            levels[f] = level(f, index.code(a, f), index.code(b, f));
            if (levels[f] >= 0 && never[f][levels[f]]) {
                return List.of(new Contribution(name(f), levelName(f) + ": never a match", NEVER));
            }
            boolean implied = levels[f] >= 0 && isImplied(f);
            double w = implied ? 0 : weight(f, levels[f], index.code(a, f));
            if (shared[f]) {
                common += w;
            } else {
                sum += w;
            }
            list.add(new Contribution(name(f), implied ? levelName(f) + ", implied" : levelName(f), w));
        }
        if (common > sharedMost) {
            list.add(new Contribution("", "shared by a household", sharedMost - common));
            common = sharedMost;
        }
        if (sum + common > withoutRequired && isPossibleAtMost()) {
            String why = hasRequired() ? "in doubt by the rules" : "nothing that a match may rest on";
            list.add(new Contribution("", why, withoutRequired - sum - common));
        }
        return list;
    }

    private String name(int field) {
        return rules.fields().get(field).name();
    }

    private String levelName(int field) {
        return levels[field] < 0 ? "missing" : kinds[field].levels().get(levels[field]);
    }

    /** Levels of all fields, three bits each, 7 for missing; the upper four bits tell which pairs were exchanged. */
    long pattern(int a, int b) {
        long pattern = 0;
        for (int i = 0; i < width; i++) {
            int f = order[i];
            int g = partner[f];
            if (g >= 0) {
                pair(f, g, a, b);
                i++;
            } else {
                levels[f] = level(f, index.code(a, f), index.code(b, f));
            }
        }
        long cross = 0;
        for (int f = 0; f < width; f++) {
            pattern = pattern << 3 | (levels[f] < 0 ? 7 : levels[f]);
            if (crossed[f]) {
                cross |= 1L << (60 + group[f]);
            }
        }
        return pattern | cross;
    }

    /** Level in a pattern, -1 for missing. */
    static int level(long pattern, int field, int width) {
        int l = (int) (pattern >>> (3 * (width - 1 - field))) & 7;
        return l == 7 ? -1 : l;
    }

    /** Whether the field was exchanged with its partner. */
    boolean isCrossed(long pattern, int field) {
        return partner[field] >= 0 && (pattern >>> (60 + group[field]) & 1) != 0;
    }
}
