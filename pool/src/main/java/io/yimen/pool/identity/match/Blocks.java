package io.yimen.pool.identity.match;

import java.util.Arrays;

/**
 * Which records share a key. A key is 32 bits of its hash: two keys that meet only bring a few candidates more. A
 * block of one record lies in the table itself, larger ones in an arena of powers of two.
 */
final class Blocks {
    private static final int FREE = Integer.MIN_VALUE;

    private int[] keys = new int[1 << 10];
    private int[] refs = new int[1 << 10];
    private int used;
    private int[] start = new int[64];
    private int[] count = new int[64];
    private int blocks;
    private int freeBlock = -1;
    private int[] members = new int[1 << 10];
    private int membersEnd;
    private final int[] freeRuns = new int[32];

    Blocks() {
        Arrays.fill(refs, FREE);
        Arrays.fill(freeRuns, -1);
    }

    private int find(int key) {
        int slot = (int) ((key & 0xffffffffL) * keys.length >>> 32);
        while (refs[slot] != FREE && keys[slot] != key) {
            slot = slot + 1 == keys.length ? 0 : slot + 1;
        }
        return slot;
    }

    private static int key(long hash) {
        return (int) (hash >>> 32);
    }

    int count(long hash) {
        int ref = refs[find(key(hash))];
        return ref == FREE ? 0 : ref >= 0 ? 1 : count[~ref];
    }

    /** The {@code i}-th member. */
    int member(long hash, int i) {
        int ref = refs[find(key(hash))];
        return ref >= 0 ? ref : members[start[~ref] + i];
    }

    /** Copies the members into {@code into}, which is large enough for {@link #count}; returns their number. */
    int members(long hash, int[] into) {
        int ref = refs[find(key(hash))];
        if (ref == FREE) {
            return 0;
        }
        if (ref >= 0) {
            into[0] = ref;
            return 1;
        }
        System.arraycopy(members, start[~ref], into, 0, Math.min(into.length, count[~ref]));
        return count[~ref];
    }

    /** Returns how many share the key now. */
    int add(long hash, int record) {
        int slot = find(key(hash));
        int ref = refs[slot];
        if (ref == FREE) {
            keys[slot] = key(hash);
            refs[slot] = record;
            if (++used > keys.length * 0.8) {
                grow();
            }
            return 1;
        }
        if (ref >= 0) {
            int b = newBlock();
            start[b] = run(1);
            members[start[b]] = ref;
            members[start[b] + 1] = record;
            count[b] = 2;
            refs[slot] = ~b;
            return 2;
        }
        int b = ~ref;
        int n = count[b];
        if (Integer.bitCount(n) == 1) {
            int bits = Integer.numberOfTrailingZeros(n);
            int wider = run(bits + 1);
            System.arraycopy(members, start[b], members, wider, n);
            release(start[b], bits);
            start[b] = wider;
        }
        members[start[b] + n] = record;
        count[b] = n + 1;
        return n + 1;
    }

    /** Returns how many share the key now. */
    int remove(long hash, int record) {
        int slot = find(key(hash));
        int ref = refs[slot];
        if (ref == FREE) {
            return 0;
        }
        if (ref >= 0) {
            if (ref == record) {
                delete(slot);
            }
            return 0;
        }
        int b = ~ref;
        int n = count[b];
        int at = start[b];
        for (int i = 0; i < n; i++) {
            if (members[at + i] == record) {
                members[at + i] = members[at + n - 1];
                count[b] = --n;
                if (n == 1) {
                    refs[slot] = members[at];
                    release(at, 1);
                    count[b] = 0;
                    start[b] = freeBlock;
                    freeBlock = b;
                } else if (Integer.bitCount(n) == 1) {
                    int bits = Integer.numberOfTrailingZeros(n);
                    int narrow = run(bits);
                    System.arraycopy(members, at, members, narrow, n);
                    release(at, bits + 1);
                    start[b] = narrow;
                }
                break;
            }
        }
        return n;
    }

    /** Closes the gap: a table probed in a line has no graves. */
    private void delete(int slot) {
        int gap = slot;
        refs[gap] = FREE;
        used--;
        int i = gap;
        while (true) {
            i = i + 1 == keys.length ? 0 : i + 1;
            if (refs[i] == FREE) {
                return;
            }
            int home = (int) ((keys[i] & 0xffffffffL) * keys.length >>> 32);
            boolean stays = gap <= i ? gap < home && home <= i : gap < home || home <= i;
            if (!stays) {
                keys[gap] = keys[i];
                refs[gap] = refs[i];
                refs[i] = FREE;
                gap = i;
            }
        }
    }

    private int newBlock() {
        if (freeBlock >= 0) {
            int b = freeBlock;
            freeBlock = start[b];
            return b;
        }
        if (blocks == start.length) {
            start = Arrays.copyOf(start, blocks + (blocks >> 2) + 8);
            count = Arrays.copyOf(count, start.length);
        }
        return blocks++;
    }

    private int run(int bits) {
        int free = freeRuns[bits];
        if (free >= 0) {
            freeRuns[bits] = members[free] - 1;
            return free;
        }
        int at = membersEnd;
        membersEnd += 1 << bits;
        if (membersEnd > members.length) {
            members = Arrays.copyOf(members, Math.max(membersEnd, members.length + (members.length >> 2)));
        }
        return at;
    }

    private void release(int at, int bits) {
        members[at] = freeRuns[bits] + 1;
        freeRuns[bits] = at;
    }

    private void grow() {
        int[] oldKeys = keys;
        int[] oldRefs = refs;
        keys = new int[oldKeys.length + (oldKeys.length >> 1)];
        refs = new int[keys.length];
        Arrays.fill(refs, FREE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldRefs[i] != FREE) {
                int slot = find(oldKeys[i]);
                keys[slot] = oldKeys[i];
                refs[slot] = oldRefs[i];
            }
        }
    }

    void trim() {
        members = Arrays.copyOf(members, membersEnd);
        start = Arrays.copyOf(start, blocks);
        count = Arrays.copyOf(count, blocks);
    }

    long bytes() {
        return 8L * keys.length + 8L * start.length + 4L * members.length;
    }
}
