package io.yimen.pool.identity.match;

import java.util.Arrays;

/**
 * Texts as numbers: short decimal numbers stand for themselves, others lie once in a byte arena, length first. Numbers
 * from 0 are decimal, negative ones are places in the arena, {@link #NONE} is no value.
 *
 * <p>Beside the table lies a byte of each text's hash: who looks for a text reads the arena, mostly far away in memory,
 * only where there is one that may be it.
 */
final class Dictionary {
    static final int NONE = Integer.MIN_VALUE;

    private byte[] arena = new byte[1 << 12];
    private int end;
    /** Where texts lie, by hash. */
    private int[] table = new int[1 << 9];
    /** 0 where the table has nothing. */
    private byte[] tags = new byte[1 << 9];

    private int size;
    private byte[] scratch = new byte[256];

    int code(Value text) {
        if (text.length == 0) {
            return NONE;
        }
        int number = number(text);
        return number >= 0 ? number : ~intern(text);
    }

    private static int number(Value text) {
        int n = text.length;
        if (n > 9 || text.cp[0] == '0' && n > 1) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < n; i++) {
            int d = text.cp[i] - '0';
            if (d < 0 || d > 9) {
                return -1;
            }
            value = value * 10 + d;
        }
        return value;
    }

    private int intern(Value text) {
        if (scratch.length < 4 * text.length) {
            scratch = new byte[8 * text.length];
        }
        int length = text.utf8(scratch);
        long hash = hash(scratch, 0, length);
        int slot = slot(hash);
        while (tags[slot] != 0) {
            if (tags[slot] == tag(hash) && is(table[slot], length)) {
                return table[slot];
            }
            slot = slot + 1 == table.length ? 0 : slot + 1;
        }
        if (end + length + 5 > arena.length) {
            arena = Arrays.copyOf(arena, Math.max(end + length + 5, arena.length + (arena.length >> 2)));
        }
        int at = end;
        for (int rest = length; ; rest >>>= 7) {
            arena[end++] = (byte) (rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80) {
                break;
            }
        }
        System.arraycopy(scratch, 0, arena, end, length);
        end += length;
        table[slot] = at;
        tags[slot] = tag(hash);
        if (++size > table.length * 0.75) {
            grow();
        }
        return at;
    }

    private boolean is(int at, int length) {
        int from = text(at);
        return length(at) == length && Arrays.equals(arena, from, from + length, scratch, 0, length);
    }

    /** Where the text begins whose length stands here. */
    private int text(int at) {
        int i = at;
        while (arena[i] < 0) {
            i++;
        }
        return i + 1;
    }

    private int length(int at) {
        int length = arena[at] & 0x7f;
        for (int i = at, shift = 7; arena[i] < 0; shift += 7) {
            length |= (arena[++i] & 0x7f) << shift;
        }
        return length;
    }

    private void grow() {
        table = new int[table.length + (table.length >> 1)];
        tags = new byte[table.length];
        int next;
        for (int at = 0; at < end; at = next) {
            int from = text(at);
            next = from + length(at);
            long hash = hash(arena, from, next);
            int slot = slot(hash);
            while (tags[slot] != 0) {
                slot = slot + 1 == table.length ? 0 : slot + 1;
            }
            table[slot] = at;
            tags[slot] = tag(hash);
        }
    }

    private int slot(long hash) {
        return (int) ((hash >>> 32) * table.length >>> 32);
    }

    private static byte tag(long hash) {
        return (byte) ((hash & 0xff) == 0 ? 1 : hash);
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
        if (code >= 0) {
            return Hash.mix(code + 0x51_7cc1_b727L);
        }
        int from = text(~code);
        return hash(arena, from, from + length(~code));
    }

    void load(int code, Value into) {
        if (code >= 0) {
            into.setNumber(code);
        } else {
            int from = text(~code);
            into.setUtf8(arena, from, from + length(~code));
        }
    }

    void trim() {
        arena = Arrays.copyOf(arena, end);
    }

    long bytes() {
        return arena.length + 5L * table.length;
    }
}
