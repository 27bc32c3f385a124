package io.yimen.pool.identity.match;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.PoolException;
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
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the list; the arrays are handed over. */
    public Weights {
        uniqueSources = List.copyOf(uniqueSources);
    }

    /** The same with other sources that hold an entity at most once. */
    public Weights withUniqueSources(List<String> sources) {
        return new Weights(rules, version, m, u, swap, prior, floor, commonHash, commonShare, sources);
    }

    /** The same for another version of the rules, one that compares the same fields in the same way. */
    public Weights withVersion(int other) {
        return new Weights(rules, other, m, u, swap, prior, floor, commonHash, commonShare, uniqueSources);
    }

    /** The same for rules of another name. */
    public Weights withName(String other) {
        return new Weights(other, version, m, u, swap, prior, floor, commonHash, commonShare, uniqueSources);
    }

    /** The same, smaller: values with a share of at most {@code least} count as any other. */
    public Weights withoutRarer(double least) {
        long[][] hashes = new long[commonHash.length][];
        float[][] shares = new float[commonShare.length][];
        for (int f = 0; f < hashes.length; f++) {
            int n = 0;
            hashes[f] = new long[commonHash[f].length];
            shares[f] = new float[commonShare[f].length];
            for (int i = 0; i < commonHash[f].length; i++) {
                if (commonShare[f][i] > least) {
                    hashes[f][n] = commonHash[f][i];
                    shares[f][n++] = commonShare[f][i];
                }
            }
            hashes[f] = Arrays.copyOf(hashes[f], n);
            shares[f] = Arrays.copyOf(shares[f], n);
        }
        return new Weights(rules, version, m, u, swap, prior, floor, hashes, shares, uniqueSources);
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

    /** The form in which weights are kept with the version of their rules. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Weights cannot be written", e);
        }
    }

    /** Reads what {@link #toJson} wrote. */
    public static Weights fromJson(String json) {
        try {
            return JSON.readValue(json, Weights.class);
        } catch (JsonProcessingException e) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION,
                    "The weights kept with the match rules cannot be read: learn them anew",
                    e);
        }
    }

    /** Refuses weights of other rules or of another version. */
    void check(MatchRules of) {
        if (!rules.equals(of.name())
                || version != of.version()
                || m.length != of.fields().size()) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION,
                    "Weights of " + rules + " version " + version + " do not belong to " + of.name() + " version "
                            + of.version() + ": learn them anew");
        }
    }

    public static double bits(double odds) {
        return Math.log(odds) / Math.log(2);
    }
}
