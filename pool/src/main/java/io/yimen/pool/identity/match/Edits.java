package io.yimen.pool.identity.match;

/** Edit distances without allocation. Not for several threads at once: each scorer has its own. */
final class Edits {
    private final long[] ascii = new long[128];
    private int[] previous2 = new int[64];
    private int[] previous = new int[64];
    private int[] current = new int[64];
    private boolean[] taken = new boolean[64];

    /** Insertions, deletions, substitutions and transpositions of neighbours that lead from one to the other. */
    int distance(Value a, Value b) {
        if (a.length > b.length) {
            Value t = a;
            a = b;
            b = t;
        }
        if (a.length == 0) {
            return b.length;
        }
        if (a.length <= 64 && isAscii(a) && isAscii(b)) {
            return bitParallel(a, b);
        }
        return table(a, b);
    }

    private static boolean isAscii(Value v) {
        int or = 0;
        for (int i = 0; i < v.length; i++) {
            or |= v.cp[i];
        }
        return or >= 0 && or < 128;
    }

    /** Hyyrö's bit-vector algorithm for the optimal string alignment distance. */
    private int bitParallel(Value a, Value b) {
        for (int i = 0; i < a.length; i++) {
            ascii[a.cp[i]] |= 1L << i;
        }
        long vp = -1L;
        long vn = 0;
        long d0 = 0;
        long pmOld = 0;
        int dist = a.length;
        long last = 1L << (a.length - 1);
        for (int j = 0; j < b.length; j++) {
            long pm = ascii[b.cp[j]];
            long tr = ((~d0 & pm) << 1) & pmOld;
            d0 = (((pm & vp) + vp) ^ vp) | pm | vn | tr;
            long hp = vn | ~(d0 | vp);
            long hn = d0 & vp;
            if ((hp & last) != 0) {
                dist++;
            }
            if ((hn & last) != 0) {
                dist--;
            }
            hp = hp << 1 | 1;
            hn <<= 1;
            vp = hn | ~(d0 | hp);
            vn = hp & d0;
            pmOld = pm;
        }
        for (int i = 0; i < a.length; i++) {
            ascii[a.cp[i]] = 0;
        }
        return dist;
    }

    private int table(Value a, Value b) {
        int n = b.length;
        if (current.length <= n) {
            previous2 = new int[n + 16];
            previous = new int[n + 16];
            current = new int[n + 16];
        }
        for (int j = 0; j <= n; j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length; i++) {
            current[0] = i;
            for (int j = 1; j <= n; j++) {
                int cost = a.cp[i - 1] == b.cp[j - 1] ? 0 : 1;
                int d = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && a.cp[i - 1] == b.cp[j - 2] && a.cp[i - 2] == b.cp[j - 1]) {
                    d = Math.min(d, previous2[j - 2] + 1);
                }
                current[j] = d;
            }
            int[] t = previous2;
            previous2 = previous;
            previous = current;
            current = t;
        }
        return previous[n];
    }

    /** Jaro–Winkler similarity, 0 to 1. */
    double jaroWinkler(Value a, Value b) {
        int window = Math.max(Math.max(a.length, b.length) / 2 - 1, 0);
        if (taken.length < a.length + b.length) {
            taken = new boolean[(a.length + b.length) * 2];
        }
        java.util.Arrays.fill(taken, 0, a.length + b.length, false);
        int matches = 0;
        for (int i = 0; i < a.length; i++) {
            int to = Math.min(i + window + 1, b.length);
            for (int j = Math.max(0, i - window); j < to; j++) {
                if (!taken[a.length + j] && a.cp[i] == b.cp[j]) {
                    taken[i] = true;
                    taken[a.length + j] = true;
                    matches++;
                    break;
                }
            }
        }
        if (matches == 0) {
            return 0;
        }
        int transposed = 0;
        int j = 0;
        for (int i = 0; i < a.length; i++) {
            if (taken[i]) {
                while (!taken[a.length + j]) {
                    j++;
                }
                if (a.cp[i] != b.cp[j]) {
                    transposed++;
                }
                j++;
            }
        }
        double m = matches;
        double jaro = (m / a.length + m / b.length + (m - transposed / 2.0) / m) / 3;
        int prefix = 0;
        int max = Math.min(4, Math.min(a.length, b.length));
        while (prefix < max && a.cp[prefix] == b.cp[prefix]) {
            prefix++;
        }
        return jaro + prefix * 0.1 * (1 - jaro);
    }
}
