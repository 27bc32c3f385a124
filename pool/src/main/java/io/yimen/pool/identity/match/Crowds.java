package io.yimen.pool.identity.match;

import org.jspecify.annotations.Nullable;

/** Who stands for all of a crowd, by the key of the crowd: a table probed in a line, in which nothing is boxed. */
final class Crowds {
    private long[] keys = new long[1 << 6];
    /** {@code null} where there is none. */
    private int[] @Nullable [] standing = new int[1 << 6][];

    private int size;

    private int home(long key) {
        return (int) Hash.mix(key) & keys.length - 1;
    }

    private int find(long key) {
        int i = home(key);
        while (standing[i] != null && keys[i] != key) {
            i = i + 1 & keys.length - 1;
        }
        return i;
    }

    int @Nullable [] get(long key) {
        return standing[find(key)];
    }

    void put(long key, int[] who) {
        int i = find(key);
        size += standing[i] == null ? 1 : 0;
        keys[i] = key;
        standing[i] = who;
        if (2 * size > keys.length) {
            grow();
        }
    }

    private void grow() {
        long[] formerKeys = keys;
        int[] @Nullable [] former = standing;
        keys = new long[2 * formerKeys.length];
        standing = new int[keys.length][];
        for (int k = 0; k < formerKeys.length; k++) {
            if (former[k] != null) {
                int i = find(formerKeys[k]);
                keys[i] = formerKeys[k];
                standing[i] = former[k];
            }
        }
    }

    void remove(long key) {
        int gap = find(key);
        if (standing[gap] == null) {
            return;
        }
        standing[gap] = null;
        size--;
        int mask = keys.length - 1;
        for (int i = gap + 1 & mask; standing[i] != null; i = i + 1 & mask) {
            // who would be found as well from the gap goes there
            if ((i - home(keys[i]) & mask) >= (i - gap & mask)) {
                keys[gap] = keys[i];
                standing[gap] = standing[i];
                standing[i] = null;
                gap = i;
            }
        }
    }

    long bytes() {
        long bytes = 12L * keys.length;
        for (int[] who : standing) {
            bytes += who == null ? 0 : 16 + 4L * who.length;
        }
        return bytes;
    }
}
