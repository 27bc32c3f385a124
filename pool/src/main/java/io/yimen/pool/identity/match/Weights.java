package io.yimen.pool.identity.match;

import java.util.Arrays;
import java.util.List;

/**
 * What was learned for one version of the rules: how often each level occurs among true pairs (m) and among others (u),
 * how common values are, and how many pairs are true. With the rules this alone decides a pair, so it is stored with
 * the rules' version and changes only with it.
 *
 * @param rules name of the rules
 * @param version of the rules
 * @param m per field and level
 * @param u per field and level
 * @param swap per field: share of true pairs in which it is exchanged with its partner
 * @param prior log-odds (bits) that a pair drawn at random is true
 * @param floor frequency that a value has when it is not among the common ones
 * @param commonHash per field: hashes of common values, sorted
 * @param commonShare per field: their frequencies
 * @param uniqueSources sources that hold an entity at most once
 */
public record Weights(
        String rules,
        int version,
        double[][] m,
        double[][] u,
        double[] swap,
        double prior,
        double floor,
        long[][] commonHash,
        float[][] commonShare,
        List<String> uniqueSources) {
    /** Copies the list; the arrays are handed over. */
    public Weights {
        uniqueSources = List.copyOf(uniqueSources);
    }

    /** Frequency of a value. */
    double share(int field, long hash) {
        int i = Arrays.binarySearch(commonHash[field], hash);
        return i < 0 ? floor : commonShare[field][i];
    }

    double rarest(int field) {
        double least = floor;
        for (float f : commonShare[field]) {
            least = Math.min(least, f);
        }
        return least;
    }

    static double bits(double odds) {
        return Math.log(odds) / Math.log(2);
    }
}
