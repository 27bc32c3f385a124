package io.yimen.pool.identity.match;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Texts as numbers: short decimal numbers stand for themselves, others lie once in a byte arena, length first. Numbers
 * from 0 are decimal, negative ones are places in the arena, {@link #NONE} is no value.
 *
 * <p>The table holds half of each text's hash beside its place: who looks for a text reads the arena, mostly far away in
 * memory, only where the text is, and the table grows without reading it at all.
 */
final class Dictionary {
    static final int NONE = Integer.MIN_VALUE;

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] arena = new byte[1 << 12];
    /** Nothing lies at 0, so that an entry of the table is never 0. */
    private int end = 1;
    /** Upper half of a text's hash, below where it lies; 0 where there is none. */
    private long[] table = new long[1 << 9];

    private int size;
    private byte[] scratch = new byte[1 << 10];
    private int[] begins = new int[0];
    private long[] hashes = new long[0];
    /** Takes what was only touched, so that nobody leaves it out. */
    private long touched;

    /** Takes several texts, of which {@link #codes} gives the codes; leaves those that need no look into memory. */
    void take(Value[] texts, int[] into) {
        int n = texts.length;
        if (begins.length <= n) {
            begins = new int[n + 1];
            hashes = new long[n];
        }
        int to = 0;
        for (int i = 0; i < n; i++) {
            begins[i] = to;
            Value text = texts[i];
            into[i] = text.length == 0 ? NONE : number(text);
            if (into[i] == -1) {
                // behind the last text stand eight bytes that may be read
                if (scratch.length < to + 4 * text.length + 8) {
                    scratch = Arrays.copyOf(scratch, 2 * (to + 4 * text.length + 8));
                }
                to += text.utf8(scratch, to);
                hashes[i] = tableHash(begins[i], to);
            }
        }
        begins[n] = to;
    }

    /** The codes of the first texts that were taken; all are looked for at once, so that memory answers together. */
    void codes(int n, int[] into) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            if (into[i] == -1) {
                sum += table[slot(hashes[i])];
            }
        }
        for (int i = 0; i < n; i++) {
            if (into[i] == -1) {
                sum += arena[(int) table[slot(hashes[i])]];
            }
        }
        touched = sum;
        for (int i = 0; i < n; i++) {
            if (into[i] == -1) {
                into[i] = ~intern(begins[i], begins[i + 1], hashes[i]);
            }
        }
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

    /** Where the text that lies in scratch lies in the arena from now on. */
    private int intern(int from, int to, long hash) {
        int length = to - from;
        int half = (int) (hash >>> 32);
        int slot = slot(hash);
        while (table[slot] != 0) {
            if ((int) (table[slot] >>> 32) == half && is((int) table[slot], from, length)) {
                return (int) table[slot];
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
        System.arraycopy(scratch, from, arena, end, length);
        end += length;
        table[slot] = (long) half << 32 | at;
        if (++size > table.length * 0.75) {
            grow();
        }
        return at;
    }

    private boolean is(int at, int from, int length) {
        int text = text(at);
        return length(at) == length && Arrays.equals(arena, text, text + length, scratch, from, from + length);
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
        long[] former = table;
        table = new long[former.length + (former.length >> 1)];
        for (long entry : former) {
            if (entry != 0) {
                int slot = slot(entry);
                while (table[slot] != 0) {
                    slot = slot + 1 == table.length ? 0 : slot + 1;
                }
                table[slot] = entry;
            }
        }
    }

    private int slot(long hash) {
        return (int) ((hash >>> 32) * table.length >>> 32);
    }

    /** By which the table finds a text: eight bytes at a time, for a process only. */
    private long tableHash(int from, int to) {
        long h = to - from;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            h = Hash.combine(h, (long) EIGHT.get(scratch, i));
        }
        return i == to ? Hash.mix(h) : Hash.combine(h, (long) EIGHT.get(scratch, i) & -1L >>> 8 * (8 - to + i));
    }

    private static long hash(byte[] bytes, int from, int to) {
        long h = 0xcbf29ce484222325L;
        for (int i = from; i < to; i++) {
            h = (h ^ bytes[i]) * 0x100000001b3L;
        }
        return Hash.mix(h + to - from);
    }

    /** Reads where the text behind a code begins; returns something of it. */
    int touch(int code) {
        return code < 0 && code != NONE ? arena[~code] : 0;
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
        return arena.length + 8L * table.length;
    }
}
