package io.yimen.pool.identity.match;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keys of records by their slots, as UTF-8 one after the other: some 20 bytes a record less than an array each.
 *
 * <p>Not thread-safe.
 */
public final class RecordKeys {
    private static final int NONE = -1;

    private byte[] arena = new byte[1 << 12];
    private int end;
    private int lost;
    private int[] start = new int[0];

    /** The record in a slot is called this. */
    public void put(int slot, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        if (slot >= start.length) {
            int known = start.length;
            start = Arrays.copyOf(start, slot + (slot >> 2) + 64);
            Arrays.fill(start, known, start.length, NONE);
        }
        if (start[slot] != NONE) {
            lost += size(start[slot]);
            start[slot] = NONE;
            if (lost > 1 << 12 && lost > end / 2) {
                tidy();
            }
        }
        start[slot] = end;
        room(bytes.length + 5);
        int length = bytes.length;
        while (length >= 0x80) {
            arena[end++] = (byte) (length | 0x80);
            length >>>= 7;
        }
        arena[end++] = (byte) length;
        System.arraycopy(bytes, 0, arena, end, bytes.length);
        end += bytes.length;
    }

    /** What the record in a slot is called. */
    public String get(int slot) {
        int at = text(start[slot]);
        return new String(arena, at, length(start[slot]), StandardCharsets.UTF_8);
    }

    /** Whether the record in a slot is called this; decodes nothing as long as the key is ASCII, as most are. */
    public boolean is(int slot, String key) {
        int at = text(start[slot]);
        int length = length(start[slot]);
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) >= 0x80) {
                return key.equals(get(slot));
            }
            if (i >= length || arena[at + i] != key.charAt(i)) {
                return false;
            }
        }
        return length == key.length();
    }

    /** Bytes that it holds. */
    public long bytes() {
        return arena.length + 4L * start.length;
    }

    private int length(int from) {
        int length = 0;
        int at = from;
        int shift = 0;
        do {
            length |= (arena[at] & 0x7f) << shift;
            shift += 7;
        } while (arena[at++] < 0);
        return length;
    }

    private int text(int from) {
        int at = from;
        while (arena[at] < 0) {
            at++;
        }
        return at + 1;
    }

    private int size(int from) {
        return text(from) - from + length(from);
    }

    private void room(int more) {
        if (end + more > arena.length) {
            arena = Arrays.copyOf(arena, Math.max(end + more, arena.length + (arena.length >> 2)));
        }
    }

    private void tidy() {
        byte[] next = new byte[arena.length];
        int n = 0;
        for (int slot = 0; slot < start.length; slot++) {
            if (start[slot] != NONE) {
                int size = size(start[slot]);
                System.arraycopy(arena, start[slot], next, n, size);
                start[slot] = n;
                n += size;
            }
        }
        arena = next;
        end = n;
        lost = 0;
    }
}
