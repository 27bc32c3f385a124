package io.yimen.pool.identity.match;

import java.util.Arrays;

/**
 * Which records share a key. A key is 32 bits of its hash: two keys that meet only bring a few candidates more. A
 * block of one record lies in the table itself, in the same word as its key; larger ones in an arena, in runs of a power
 * of two that begin with the number of members. So a block is read from two places in memory at most.
 */
final class Blocks {
    private static final int FREE = Integer.MIN_VALUE;

    /** Key above; below the only record, the complement of where a run begins, or {@link #FREE}. */
    private long[] table = new long[1 << 10];

    private int used;
    private int[] runs = new int[1 << 10];
    private int end;
    private final int[] freeRuns = new int[32];
    /** Takes what was only touched, so that nobody leaves it out. */
    private int touched;

    Blocks() {
        Arrays.fill(table, entry(0, FREE));
        Arrays.fill(freeRuns, -1);
    }

    private static long entry(int key, int ref) {
        return (long) key << 32 | ref & 0xffffffffL;
    }

    private static int key(long hash) {
        return (int) (hash >>> 32);
    }

    private int home(int key) {
        return (int) ((key & 0xffffffffL) * table.length >>> 32);
    }

    private int find(int key) {
        int slot = home(key);
        while ((int) table[slot] != FREE && (int) (table[slot] >>> 32) != key) {
            slot = slot + 1 == table.length ? 0 : slot + 1;
        }
        return slot;
    }

    /** Reads where the blocks of the first keys begin: memory answers all at once, not one after the other. */
    void touch(long[] hashes, int first) {
        int sum = 0;
        for (int i = 0; i < first; i++) {
            sum += (int) table[home(key(hashes[i]))];
        }
        for (int i = 0; i < first; i++) {
            int ref = (int) table[find(key(hashes[i]))];
            if (ref < 0 && ref != FREE) {
                sum += runs[~ref];
            }
        }
        touched = sum;
    }

    int count(long hash) {
        int ref = (int) table[find(key(hash))];
        return ref == FREE ? 0 : ref >= 0 ? 1 : runs[~ref];
    }

    /** Returns the number of members, and copies them into {@code into} if they have room there. */
    int members(long hash, int[] into) {
        int ref = (int) table[find(key(hash))];
        if (ref == FREE) {
            return 0;
        }
        if (ref >= 0) {
            into[0] = ref;
            return 1;
        }
        int n = runs[~ref];
        if (n <= into.length) {
            System.arraycopy(runs, ~ref + 1, into, 0, n);
        }
        return n;
    }

    /** Returns how many share the key now. */
    int add(long hash, int record) {
        int key = key(hash);
        int slot = find(key);
        int ref = (int) table[slot];
        if (ref == FREE) {
            table[slot] = entry(key, record);
            if (++used > table.length * 0.8) {
                grow();
            }
            return 1;
        }
        if (ref >= 0) {
            int run = run(2);
            runs[run] = 2;
            runs[run + 1] = ref;
            runs[run + 2] = record;
            table[slot] = entry(key, ~run);
            return 2;
        }
        int run = ~ref;
        int n = runs[run] + 1;
        if (bits(n) != bits(n - 1)) {
            run = move(slot, run, n - 1, bits(n));
        }
        runs[run] = n;
        runs[run + n] = record;
        return n;
    }

    /** Returns how many share the key now. */
    int remove(long hash, int record) {
        int slot = find(key(hash));
        int ref = (int) table[slot];
        if (ref == FREE) {
            return 0;
        }
        if (ref >= 0) {
            if (ref == record) {
                delete(slot);
            }
            return 0;
        }
        int run = ~ref;
        int n = runs[run];
        int i = 1;
        while (i <= n && runs[run + i] != record) {
            i++;
        }
        if (i > n) {
            return n;
        }
        runs[run + i] = runs[run + n];
        runs[run] = --n;
        if (n == 1) {
            table[slot] = entry(key(hash), runs[run + 1]);
            release(run, 2);
        } else if (bits(n) != bits(n + 1)) {
            move(slot, run, n, bits(n));
        }
        return n;
    }

    /** Of the run that holds so many and their number. */
    private static int bits(int n) {
        return 32 - Integer.numberOfLeadingZeros(n);
    }

    /** To a larger run, or to a smaller one. */
    private int move(int slot, int from, int n, int bits) {
        int to = run(bits);
        System.arraycopy(runs, from, runs, to, n + 1);
        release(from, bits(n) == bits ? bits + 1 : bits(n));
        table[slot] = entry((int) (table[slot] >>> 32), ~to);
        return to;
    }

    /** Closes the gap: a table probed in a line has no graves. */
    private void delete(int slot) {
        int gap = slot;
        table[gap] = entry(0, FREE);
        used--;
        int i = gap;
        while (true) {
            i = i + 1 == table.length ? 0 : i + 1;
            if ((int) table[i] == FREE) {
                return;
            }
            int home = home((int) (table[i] >>> 32));
            boolean stays = gap <= i ? gap < home && home <= i : gap < home || home <= i;
            if (!stays) {
                table[gap] = table[i];
                table[i] = entry(0, FREE);
                gap = i;
            }
        }
    }

    private int run(int bits) {
        int free = freeRuns[bits];
        if (free >= 0) {
            freeRuns[bits] = runs[free] - 1;
            return free;
        }
        int at = end;
        end += 1 << bits;
        if (end > runs.length) {
            runs = Arrays.copyOf(runs, Math.max(end, runs.length + (runs.length >> 2)));
        }
        return at;
    }

    private void release(int at, int bits) {
        runs[at] = freeRuns[bits] + 1;
        freeRuns[bits] = at;
    }

    private void grow() {
        long[] former = table;
        table = new long[former.length + (former.length >> 1)];
        Arrays.fill(table, entry(0, FREE));
        for (long entry : former) {
            if ((int) entry != FREE) {
                table[find((int) (entry >>> 32))] = entry;
            }
        }
    }

    void trim() {
        runs = Arrays.copyOf(runs, end);
    }

    long bytes() {
        return 8L * table.length + 4L * runs.length;
    }
}
