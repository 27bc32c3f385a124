package io.yimen.pool.identity.match;

import java.util.Arrays;

/**
 * A growing list of slots in which each occurs once; cleared without cost. After a large list a small one uses a small
 * part of the table again, which stays in the processor's cache.
 */
public final class Slots {
    private static final int LEAST = 1024;

    private int[] list = new int[256];
    private int[] table = new int[LEAST];
    /** One less than the part of the table that is in use. */
    private int mask = LEAST - 1;

    private int size;

    public int size() {
        return size;
    }

    public int get(int i) {
        return list[i];
    }

    /** Whether it was not there. */
    public boolean add(int slot) {
        int i = (slot * 0x9e3779b9) >>> 7 & mask;
        while (table[i] != 0) {
            if (table[i] == slot + 1) {
                return false;
            }
            i = i + 1 & mask;
        }
        table[i] = slot + 1;
        if (size == list.length) {
            list = Arrays.copyOf(list, size * 2);
        }
        list[size++] = slot;
        if (size * 2 > mask) {
            grow();
        }
        return true;
    }

    private void grow() {
        Arrays.fill(table, 0, mask + 1, 0);
        mask = 2 * mask + 1;
        if (mask >= table.length) {
            table = new int[mask + 1];
        }
        for (int k = 0; k < size; k++) {
            int i = (list[k] * 0x9e3779b9) >>> 7 & mask;
            while (table[i] != 0) {
                i = i + 1 & mask;
            }
            table[i] = list[k] + 1;
        }
    }

    boolean contains(int slot) {
        int i = (slot * 0x9e3779b9) >>> 7 & mask;
        while (table[i] != 0) {
            if (table[i] == slot + 1) {
                return true;
            }
            i = i + 1 & mask;
        }
        return false;
    }

    public void clear() {
        if (size * 4 > mask) {
            Arrays.fill(table, 0, mask + 1, 0);
        } else {
            for (int k = 0; k < size; k++) {
                int i = (list[k] * 0x9e3779b9) >>> 7 & mask;
                while (table[i] != 0) {
                    table[i] = 0;
                    i = i + 1 & mask;
                }
            }
        }
        mask = LEAST - 1;
        size = 0;
    }

    int[] toArray() {
        return Arrays.copyOf(list, size);
    }
}
