package io.yimen.pool.identity.match;

import java.util.Arrays;

/**
 * Which slots each slot has pairs with, and how these score: runs of a power of two in one arena, because most slots
 * have one or two and an array each would weigh more than what is in it.
 */
final class Neighbours {
    private static final int NONE = -1;

    private int[] start = new int[0];
    private int[] count = new int[0];
    private int[] others = new int[1 << 8];
    private float[] scores = new float[1 << 8];
    private int end;
    private final int[] free = new int[32];

    Neighbours() {
        Arrays.fill(free, NONE);
    }

    int count(int slot) {
        return slot < count.length ? count[slot] : 0;
    }

    int other(int slot, int i) {
        return others[start[slot] + i];
    }

    float score(int slot, int i) {
        return scores[start[slot] + i];
    }

    /** Place of another among those of a slot; -1 if it is none of them. */
    int find(int slot, int other) {
        int n = count(slot);
        for (int i = 0; i < n; i++) {
            if (other(slot, i) == other) {
                return i;
            }
        }
        return -1;
    }

    void add(int slot, int other, float score) {
        if (slot >= start.length) {
            start = Arrays.copyOf(start, slot + (slot >> 2) + 64);
            count = Arrays.copyOf(count, start.length);
        }
        int n = count[slot];
        if (n == 0) {
            start[slot] = run(0);
        } else if (Integer.bitCount(n) == 1) {
            move(slot, n, Integer.numberOfTrailingZeros(n) + 1);
        }
        others[start[slot] + n] = other;
        scores[start[slot] + n] = score;
        count[slot] = n + 1;
    }

    void remove(int slot, int other) {
        int at = find(slot, other);
        if (at < 0) {
            return;
        }
        int n = --count[slot];
        others[start[slot] + at] = others[start[slot] + n];
        scores[start[slot] + at] = scores[start[slot] + n];
        if (n == 0) {
            release(start[slot], 0);
        } else if (Integer.bitCount(n) == 1) {
            move(slot, n, Integer.numberOfTrailingZeros(n));
        }
    }

    void clear(int slot) {
        int n = count(slot);
        if (n > 0) {
            release(start[slot], bits(n));
            count[slot] = 0;
        }
    }

    long bytes() {
        return 8L * start.length + 8L * others.length;
    }

    /** Of the run that holds so many. */
    private static int bits(int n) {
        return 32 - Integer.numberOfLeadingZeros(n - 1);
    }

    /** To a larger run, or to a smaller one. */
    private void move(int slot, int n, int bits) {
        int from = start[slot];
        int to = run(bits);
        System.arraycopy(others, from, others, to, n);
        System.arraycopy(scores, from, scores, to, n);
        release(from, bits(n) == bits ? bits + 1 : bits(n));
        start[slot] = to;
    }

    private int run(int bits) {
        int reused = free[bits];
        if (reused != NONE) {
            free[bits] = others[reused];
            return reused;
        }
        int at = end;
        end += 1 << bits;
        if (end > others.length) {
            others = Arrays.copyOf(others, Math.max(end, others.length + (others.length >> 2)));
            scores = Arrays.copyOf(scores, others.length);
        }
        return at;
    }

    private void release(int at, int bits) {
        others[at] = free[bits];
        free[bits] = at;
    }
}
