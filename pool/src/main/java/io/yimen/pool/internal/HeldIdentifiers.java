package io.yimen.pool.internal;

import io.yimen.pool.internal.Identifiers.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * What the records of one entity type are identified by, and who holds each value: what table {@code identifier} says of
 * them, in memory. Records are known by small numbers, their slots. Takes some 16 bytes for each value of a record, and
 * for each value that there is its text and 16 more.
 *
 * <p>Not thread-safe.
 */
final class HeldIdentifiers {
    private static final int NONE = -1;

    private final List<String> names;

    /** First holding of each slot. */
    private int[] firstOfSlot = new int[0];
    // A holding: a record and a value of it. Those of a record hang together, and those of a value.
    private int[] slot = new int[64];
    private int[] code = new int[64];
    private int[] nextOfSlot = new int[64];
    private int[] nextOfCode = new int[64];
    private int holdings;
    private int free = NONE;

    // A value: its name's number, then its text, from start[code] to start[code + 1].
    private int[] start = new int[65];
    private int[] hash = new int[64];
    private int[] firstOfCode = new int[64];
    private byte[] arena = new byte[1 << 12];
    private int codes;
    /** Values that nobody holds any more. */
    private int dead;
    /** Codes by their hash, one more than they are; 0 where there is none. */
    private int[] table = new int[128];

    /** @param names of the type's identifiers, at most 255 */
    HeldIdentifiers(List<String> names) {
        this.names = List.copyOf(names);
    }

    /** The record in a slot is identified by these values and no others. */
    void put(int record, Collection<Value> values) {
        remove(record);
        if (values.isEmpty()) {
            return;
        }
        if (record >= firstOfSlot.length) {
            int known = firstOfSlot.length;
            firstOfSlot = Arrays.copyOf(firstOfSlot, record + (record >> 2) + 64);
            Arrays.fill(firstOfSlot, known, firstOfSlot.length, NONE);
        }
        for (Value value : values) {
            int of = intern(value);
            int holding = newHolding();
            slot[holding] = record;
            code[holding] = of;
            nextOfSlot[holding] = firstOfSlot[record];
            firstOfSlot[record] = holding;
            nextOfCode[holding] = firstOfCode[of];
            firstOfCode[of] = holding;
        }
    }

    /** The record in a slot is identified by nothing. */
    void remove(int record) {
        if (record >= firstOfSlot.length) {
            return;
        }
        int holding = firstOfSlot[record];
        firstOfSlot[record] = NONE;
        while (holding != NONE) {
            int next = nextOfSlot[holding];
            unlink(holding);
            nextOfSlot[holding] = free;
            free = holding;
            holding = next;
        }
    }

    /** What the record in a slot is identified by. */
    Set<Value> of(int record) {
        Set<Value> values = new HashSet<>();
        if (record < firstOfSlot.length) {
            for (int holding = firstOfSlot[record]; holding != NONE; holding = nextOfSlot[holding]) {
                values.add(value(code[holding]));
            }
        }
        return values;
    }

    /** Tells the slots of all records that hold a value. */
    void forEachHolder(Value value, IntConsumer visitor) {
        int of = find(value);
        if (of != NONE) {
            for (int holding = firstOfCode[of]; holding != NONE; holding = nextOfCode[holding]) {
                visitor.accept(slot[holding]);
            }
        }
    }

    /** Bytes that it takes. */
    long bytes() {
        return arena.length
                + 4L
                        * (firstOfSlot.length
                                + 4 * slot.length
                                + start.length
                                + hash.length
                                + firstOfCode.length
                                + table.length);
    }

    private Value value(int of) {
        int from = start[of];
        String text = new String(arena, from + 1, start[of + 1] - from - 1, StandardCharsets.UTF_8);
        return new Value(names.get(arena[from] & 0xff), text);
    }

    private void unlink(int holding) {
        int of = code[holding];
        int at = firstOfCode[of];
        if (at == holding) {
            firstOfCode[of] = nextOfCode[holding];
            if (firstOfCode[of] == NONE) {
                dead++;
            }
            return;
        }
        while (nextOfCode[at] != holding) {
            at = nextOfCode[at];
        }
        nextOfCode[at] = nextOfCode[holding];
    }

    private int newHolding() {
        if (free != NONE) {
            int holding = free;
            free = nextOfSlot[holding];
            return holding;
        }
        if (holdings == slot.length) {
            int size = holdings + (holdings >> 1);
            slot = Arrays.copyOf(slot, size);
            code = Arrays.copyOf(code, size);
            nextOfSlot = Arrays.copyOf(nextOfSlot, size);
            nextOfCode = Arrays.copyOf(nextOfCode, size);
        }
        return holdings++;
    }

    private int find(Value value) {
        int name = names.indexOf(value.name());
        if (name < 0) {
            return NONE;
        }
        byte[] text = value.value().getBytes(StandardCharsets.UTF_8);
        return find(name, text, hash(name, value.value()));
    }

    private int find(int name, byte[] text, int hashed) {
        int mask = table.length - 1;
        for (int at = hashed & mask; table[at] != 0; at = (at + 1) & mask) {
            int of = table[at] - 1;
            if (hash[of] == hashed && is(of, name, text)) {
                return of;
            }
        }
        return NONE;
    }

    private boolean is(int of, int name, byte[] text) {
        int from = start[of];
        return (arena[from] & 0xff) == name && Arrays.equals(arena, from + 1, start[of + 1], text, 0, text.length);
    }

    private int intern(Value value) {
        int name = names.indexOf(value.name());
        byte[] text = value.value().getBytes(StandardCharsets.UTF_8);
        int hashed = hash(name, value.value());
        int known = find(name, text, hashed);
        if (known != NONE) {
            if (firstOfCode[known] == NONE) {
                dead--;
            }
            return known;
        }
        if (codes == hash.length) {
            if (dead > codes / 2) {
                tidy();
            } else {
                int size = codes + (codes >> 1);
                start = Arrays.copyOf(start, size + 1);
                hash = Arrays.copyOf(hash, size);
                firstOfCode = Arrays.copyOf(firstOfCode, size);
            }
        }
        int of = codes++;
        int from = start[of];
        int end = from + 1 + text.length;
        if (end > arena.length) {
            arena = Arrays.copyOf(arena, Math.max(end, arena.length + (arena.length >> 1)));
        }
        arena[from] = (byte) name;
        System.arraycopy(text, 0, arena, from + 1, text.length);
        start[of + 1] = end;
        hash[of] = hashed;
        firstOfCode[of] = NONE;
        if (codes * 2 > table.length) {
            table = new int[table.length * 2];
            for (int each = 0; each < codes; each++) {
                enter(each);
            }
        } else {
            enter(of);
        }
        return of;
    }

    private void enter(int of) {
        int mask = table.length - 1;
        int at = hash[of] & mask;
        while (table[at] != 0) {
            at = (at + 1) & mask;
        }
        table[at] = of + 1;
    }

    /** Lets go of the values that nobody holds. */
    private void tidy() {
        byte[] kept = new byte[arena.length];
        int n = 0;
        int end = 0;
        for (int of = 0; of < codes; of++) {
            if (firstOfCode[of] == NONE) {
                continue;
            }
            int length = start[of + 1] - start[of];
            System.arraycopy(arena, start[of], kept, end, length);
            for (int holding = firstOfCode[of]; holding != NONE; holding = nextOfCode[holding]) {
                code[holding] = n;
            }
            firstOfCode[n] = firstOfCode[of];
            hash[n] = hash[of];
            start[n] = end;
            end += length;
            n++;
        }
        start[n] = end;
        arena = kept;
        codes = n;
        dead = 0;
        Arrays.fill(table, 0);
        for (int of = 0; of < codes; of++) {
            enter(of);
        }
    }

    private static int hash(int name, String text) {
        int h = text.hashCode() * 31 + name;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
