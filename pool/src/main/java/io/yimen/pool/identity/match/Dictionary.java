package io.yimen.pool.identity.match;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts as numbers: short decimal numbers stand for themselves, others lie once in a byte arena. Numbers from 0 are
 * decimal, negative ones are places in the dictionary, {@link #NONE} is no value.
 */
final class Dictionary {
    static final int NONE = Integer.MIN_VALUE;

    private byte[] arena = new byte[1 << 12];
    private int[] offset = new int[1 << 8];
    private int[] table = new int[1 << 9];
    private int size;

    Dictionary() {
        Arrays.fill(table, -1);
    }

    int code(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        int number = number(text);
        return number >= 0 ? number : ~intern(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int number(String text) {
        int n = text.length();
        if (n > 9 || text.charAt(0) == '0' && n > 1) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < n; i++) {
            int d = text.charAt(i) - '0';
            if (d < 0 || d > 9) {
                return -1;
            }
            value = value * 10 + d;
        }
        return value;
    }

    private int intern(byte[] bytes) {
        int slot = slot(hash(bytes, 0, bytes.length), table.length);
        while (table[slot] >= 0) {
            int id = table[slot];
            if (Arrays.equals(arena, offset[id], offset[id + 1], bytes, 0, bytes.length)) {
                return id;
            }
            slot = slot + 1 == table.length ? 0 : slot + 1;
        }
        if (size + 2 > offset.length) {
            offset = Arrays.copyOf(offset, offset.length + (offset.length >> 2) + 8);
        }
        int from = offset[size];
        if (from + bytes.length > arena.length) {
            arena = Arrays.copyOf(arena, Math.max(from + bytes.length, arena.length + (arena.length >> 2)));
        }
        System.arraycopy(bytes, 0, arena, from, bytes.length);
        offset[size + 1] = from + bytes.length;
        table[slot] = size++;
        if (size > table.length * 0.75) {
            grow();
        }
        return size - 1;
    }

    private void grow() {
        int[] next = new int[table.length + (table.length >> 1)];
        Arrays.fill(next, -1);
        for (int id = 0; id < size; id++) {
            int slot = slot(hash(arena, offset[id], offset[id + 1]), next.length);
            while (next[slot] >= 0) {
                slot = slot + 1 == next.length ? 0 : slot + 1;
            }
            next[slot] = id;
        }
        table = next;
    }

    private static int slot(long hash, int capacity) {
        return (int) ((hash >>> 32) * capacity >>> 32);
    }

    private static long hash(byte[] bytes, int from, int to) {
        long h = 0xcbf29ce484222325L;
        for (int i = from; i < to; i++) {
            h = (h ^ bytes[i]) * 0x100000001b3L;
        }
        return Hash.mix(h + to - from);
    }

    /** Hash of the text behind a code; the same in every process. */
    long hash(int code) {
        return code >= 0 ? Hash.mix(code + 0x51_7cc1_b727L) : hash(arena, offset[~code], offset[~code + 1]);
    }

    void load(int code, Value into) {
        if (code >= 0) {
            into.setNumber(code);
        } else {
            into.setUtf8(arena, offset[~code], offset[~code + 1]);
        }
    }

    void trim() {
        arena = Arrays.copyOf(arena, offset[size]);
        offset = Arrays.copyOf(offset, size + 1);
    }

    long bytes() {
        return arena.length + 4L * offset.length + 4L * table.length;
    }
}
