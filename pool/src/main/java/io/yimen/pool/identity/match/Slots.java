package io.yimen.pool.identity.match;

import java.util.Arrays;

/** A growing list of slots in which each occurs once; cleared without cost. */
public final class Slots {
    private int[] list = new int[256];
    private int[] table = new int[1024];
    private int size;

    public int size() {
        return size;
    }

    public int get(int i) {
        return list[i];
    }

    /** Whether it was not there. */
    public boolean add(int slot) {
        int mask = table.length - 1;
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
        if (size * 2 > table.length) {
            table = new int[table.length * 2];
            int n = size;
            size = 0;
            int[] all = list.clone();
            for (int k = 0; k < n; k++) {
                add(all[k]);
            }
        }
        return true;
    }

    boolean contains(int slot) {
        int mask = table.length - 1;
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
        if (size * 4 > table.length) {
            Arrays.fill(table, 0);
        } else {
            int mask = table.length - 1;
            for (int k = 0; k < size; k++) {
                int i = (list[k] * 0x9e3779b9) >>> 7 & mask;
                while (table[i] != 0) {
                    table[i] = 0;
                    i = i + 1 & mask;
                }
            }
        }
        size = 0;
    }

    int[] toArray() {
        return Arrays.copyOf(list, size);
    }
}
