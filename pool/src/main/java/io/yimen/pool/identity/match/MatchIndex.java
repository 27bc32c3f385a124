package io.yimen.pool.identity.match;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All records of one entity type, as small as they can be compared: a row of numbers each, and the blocks they are in.
 *
 * <p>Which records are candidates of one another depends on the set of records alone, not on the order in which they
 * came: a block that outgrows the cap is divided by further parts, then by pairs of them, and what is still too large
 * is compared with a few of its members only, those that say least and so are found nowhere else. {@link #add} and
 * {@link #remove} tell which other records may have got or lost candidates by that.
 *
 * <p>Not for several threads at once.
 */
public final class MatchIndex {
    /** Members of a block beyond division that stand for all. */
    static final int REPRESENTATIVES = 12;

    private final MatchRules rules;
    private final Dictionary dictionary = new Dictionary();
    private final Blocks blocks = new Blocks();
    private final int width;
    private final int cap;
    /** Of the record in hand, of others whose block is divided because of it, and where that is divided again. */
    private final Keys keys;

    private final Keys others;
    private final Keys inner;
    private final long[] passKeys;
    private final long[] refineHash;
    private final Value[] prepared;
    private final int[] row;
    private int[] cells;
    private long[] ids;
    private byte[] sources;
    private int[] slotTable;
    private int size;
    private int live;
    private int freeSlot = -1;
    private final List<String> sourceNames = new java.util.ArrayList<>();
    private final java.util.Map<Long, int[]> representatives = new java.util.HashMap<>();
    private final int[] block;
    /** Takes what was only touched, so that nobody leaves it out. */
    private long touched;

    public MatchIndex(MatchRules rules) {
        this.rules = rules;
        this.width = rules.fields().size();
        this.cells = new int[width * 64];
        this.ids = new long[64];
        this.sources = new byte[64];
        this.slotTable = new int[128];
        Arrays.fill(slotTable, -1);
        this.cap = rules.cap();
        this.block = new int[cap];
        this.keys = new Keys(rules, dictionary);
        this.others = new Keys(rules, dictionary);
        this.inner = new Keys(rules, dictionary);
        this.passKeys = new long[keys.passes()];
        int most = 0;
        for (int p = 0; p < keys.passes(); p++) {
            most = Math.max(most, keys.divisions(p));
        }
        this.refineHash = new long[most];
        this.row = new int[width];
        this.prepared = new Value[width];
        for (int f = 0; f < width; f++) {
            prepared[f] = new Value();
        }
    }

    /** Number of records. */
    public int size() {
        return live;
    }

    /** One more than the largest slot in use. */
    public int slots() {
        return size;
    }

    public MatchRules rules() {
        return rules;
    }

    /** Whether a record lies in this slot. */
    public boolean isUsed(int slot) {
        return slot >= 0 && slot < size && sources[slot] >= 0;
    }

    /** Slot of a record, -1 if it is not there. */
    public int slotOf(long id) {
        return slotTable[find(id)];
    }

    /** Stable id of the record in a slot. */
    public long id(int slot) {
        return ids[slot];
    }

    int source(int slot) {
        return sources[slot];
    }

    List<String> sourceNames() {
        return sourceNames;
    }

    int code(int slot, int field) {
        return cells[slot * width + field];
    }

    Dictionary dictionary() {
        return dictionary;
    }

    /** Comparable text of a field; empty where there is none. For explanations, never for logs. */
    public String text(int slot, int field) {
        int code = code(slot, field);
        if (code == Dictionary.NONE) {
            return "";
        }
        Value v = new Value();
        dictionary.load(code, v);
        return v.text();
    }

    /**
     * Adds a record, or takes its new values.
     *
     * @param id of the record, a good 64-bit hash of source, stream and key: it also breaks ties
     * @param source in which duplicates of an entity may or may not be expected
     * @param values raw texts aligned with the fields of the rules; {@code null} or empty where unknown
     * @param touched receives the slots of other records whose candidates may have changed; may be null in a batch
     * @return its slot
     */
    public int add(long id, String source, @Nullable String[] values, @Nullable Slots touched) {
        return add(id, source, codes(values), touched);
    }

    /** The row of numbers of a record that says these values; valid until the next one. */
    int[] codes(@Nullable String[] values) {
        for (int f = 0; f < width; f++) {
            String raw = values[f];
            prepared[f].length = 0;
            if (raw != null && !raw.isEmpty()) {
                rules.kind(f).prepare(stripped(f, raw, values), prepared[f]);
            }
        }
        for (int f = 0; f < width; f++) {
            MatchRules.Field field = rules.fields().get(f);
            Value value = prepared[f];
            if (field.derive() >= 0 && value.length == 0 && prepared[field.derive()].length == 18) {
                Value number = prepared[field.derive()];
                if (field.kind().equals("date")) {
                    for (int i = 6; i < 14; i++) {
                        value.append(number.cp[i]);
                    }
                } else {
                    value.append((number.cp[16] - '0') % 2 == 1 ? '1' : '2');
                }
            }
        }
        for (int f = 0; f < width; f++) {
            row[f] = dictionary.code(prepared[f]);
        }
        return row;
    }

    /** Whether a record is there and has this row. */
    boolean holds(long id, String source, int[] codes) {
        int slot = slotOf(id);
        return slot >= 0
                && sourceNames.get(sources[slot]).equals(source)
                && Arrays.equals(cells, slot * width, (slot + 1) * width, codes, 0, width);
    }

    int add(long id, String source, int[] codes, @Nullable Slots touched) {
        int old = slotOf(id);
        if (old >= 0) {
            remove(id, touched);
        }
        int slot;
        if (freeSlot >= 0) {
            slot = freeSlot;
            freeSlot = cells[slot * width];
        } else {
            slot = size++;
            if (slot == ids.length) {
                int larger = slot + (slot >> 2) + 64;
                ids = Arrays.copyOf(ids, larger);
                sources = Arrays.copyOf(sources, larger);
                cells = Arrays.copyOf(cells, larger * width);
            }
        }
        int s = sourceNames.indexOf(source);
        if (s < 0) {
            s = sourceNames.size();
            if (s > 126) {
                throw new IllegalStateException("More than 127 sources in one index");
            }
            sourceNames.add(source);
        }
        ids[slot] = id;
        sources[slot] = (byte) s;
        System.arraycopy(codes, 0, cells, slot * width, width);
        if (++live > slotTable.length * 0.75) {
            int[] former = slotTable;
            slotTable = new int[former.length + (former.length >> 1)];
            Arrays.fill(slotTable, -1);
            for (int other : former) {
                if (other >= 0) {
                    slotTable[find(ids[other])] = other;
                }
            }
        }
        slotTable[find(id)] = slot;
        passKeys(slot);
        for (int p = 0; p < passKeys.length; p++) {
            enter(p, slot, passKeys[p], touched);
        }
        return slot;
    }

    private String stripped(int field, String raw, @Nullable String[] values) {
        String text = raw;
        for (int f : rules.fields().get(field).strip()) {
            String place = values[f];
            if (place != null) {
                text = Texts.withoutPlace(text, place);
            }
        }
        return text;
    }

    /** Removes a record; nothing happens when it is not there. */
    public void remove(long id, @Nullable Slots touched) {
        int slot = slotOf(id);
        if (slot < 0) {
            return;
        }
        passKeys(slot);
        for (int p = 0; p < passKeys.length; p++) {
            leave(p, slot, passKeys[p], touched);
        }
        unhash(id);
        sources[slot] = -1;
        cells[slot * width] = freeSlot;
        freeSlot = slot;
        live--;
    }

    private int find(long id) {
        int i = (int) ((Hash.mix(id) >>> 32) * slotTable.length >>> 32);
        while (slotTable[i] >= 0 && ids[slotTable[i]] != id) {
            i = i + 1 == slotTable.length ? 0 : i + 1;
        }
        return i;
    }

    private void unhash(long id) {
        int gap = find(id);
        slotTable[gap] = -1;
        int i = gap;
        while (true) {
            i = i + 1 == slotTable.length ? 0 : i + 1;
            int s = slotTable[i];
            if (s < 0) {
                return;
            }
            slotTable[i] = -1;
            slotTable[find(ids[s])] = s;
        }
    }

    private Keys keysOf(int slot) {
        return keys.of(cells, slot * width);
    }

    /** The keys of all passes, before the first of their blocks is looked for. */
    private void passKeys(int slot) {
        keysOf(slot);
        for (int p = 0; p < passKeys.length; p++) {
            passKeys[p] = keys.key(p);
        }
        blocks.touch(passKeys);
    }

    private void enter(int pass, int slot, long key, @Nullable Slots touched) {
        if (key == 0) {
            return;
        }
        int n = blocks.add(key, slot);
        int refine = keys.divisions(pass);
        if (n <= cap) {
            return;
        }
        if (refine == 0) {
            crowd(key, n, slot, touched);
        } else if (n == cap + 1) {
            for (int other : copy(key)) {
                touch(other, touched);
                divide(pass, other, others.of(cells, other * width), key, touched);
            }
        } else {
            divide(pass, slot, keys, key, touched);
        }
    }

    private void divide(int pass, int slot, Keys of, long key, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        for (int i = 0; i < refine; i++) {
            long sub = of.divided(pass, key, i, -1);
            if (sub == 0) {
                continue;
            }
            int n = blocks.add(sub, slot);
            if (n == cap + 1) {
                for (int other : copy(sub)) {
                    touch(other, touched);
                    divideAgain(pass, other, inner.of(cells, other * width), key, i, touched);
                }
            } else if (n > cap) {
                divideAgain(pass, slot, of, key, i, touched);
            }
        }
    }

    private void divideAgain(int pass, int slot, Keys of, long key, int i, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        if (i == refine - 1) {
            long sub = of.divided(pass, key, i, -1);
            crowd(sub, blocks.count(sub), slot, touched);
        }
        for (int j = i + 1; j < refine; j++) {
            long sub = of.divided(pass, key, i, j);
            if (sub != 0) {
                int n = blocks.add(sub, slot);
                if (n > cap) {
                    crowd(sub, n, slot, touched);
                }
            }
        }
    }

    /** A block beyond division gets or loses a member: if that is a representative, all have other candidates. */
    private void crowd(long key, int n, int slot, @Nullable Slots touched) {
        int[] known = representatives.get(key);
        if (known == null
                || n == cap + 1
                || known.length < REPRESENTATIVES
                || !isBefore(known[known.length - 1], slot)) {
            representatives.remove(key);
            if (touched != null) {
                for (int m : copy(key)) {
                    touch(m, touched);
                }
            }
        }
    }

    private void leave(int pass, int slot, long key, @Nullable Slots touched) {
        if (key == 0) {
            return;
        }
        int refine = keys.divisions(pass);
        int before = blocks.count(key);
        if (before > cap) {
            if (refine == 0) {
                crowd(key, before, slot, touched);
            } else {
                undivide(pass, slot, keys, key, touched);
            }
        }
        int n = blocks.remove(key, slot);
        if (n == cap && refine > 0) {
            for (int other : copy(key)) {
                touch(other, touched);
                undivide(pass, other, others.of(cells, other * width), key, touched);
            }
        }
    }

    private void undivide(int pass, int slot, Keys of, long key, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        for (int i = 0; i < refine; i++) {
            long sub = of.divided(pass, key, i, -1);
            if (sub == 0) {
                continue;
            }
            if (blocks.count(sub) > cap) {
                undivideAgain(pass, slot, of, key, i, touched);
            }
            if (blocks.remove(sub, slot) == cap) {
                for (int other : copy(sub)) {
                    touch(other, touched);
                    undivideAgain(pass, other, inner.of(cells, other * width), key, i, touched);
                }
            }
        }
    }

    private void undivideAgain(int pass, int slot, Keys of, long key, int i, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        if (i == refine - 1) {
            long sub = of.divided(pass, key, i, -1);
            crowd(sub, blocks.count(sub), slot, touched);
        }
        for (int j = i + 1; j < refine; j++) {
            long sub = of.divided(pass, key, i, j);
            if (sub != 0) {
                int n = blocks.count(sub);
                if (n > cap) {
                    crowd(sub, n, slot, touched);
                }
                blocks.remove(sub, slot);
            }
        }
    }

    private static void touch(int slot, @Nullable Slots touched) {
        if (touched != null) {
            touched.add(slot);
        }
    }

    private int[] copy(long key) {
        int[] members = new int[blocks.count(key)];
        blocks.members(key, members);
        return members;
    }

    /** Adds the slots of all records that share a key with this one. */
    public void candidates(int slot, Slots into) {
        passKeys(slot);
        for (int p = 0; p < passKeys.length; p++) {
            long key = passKeys[p];
            if (key != 0 && !emit(key, slot, into)) {
                dividedCandidates(p, slot, key, into);
            }
        }
    }

    private void dividedCandidates(int pass, int slot, long key, Slots into) {
        int refine = keys.divisions(pass);
        if (refine == 0) {
            emitFew(key, slot, into);
        }
        for (int i = 0; i < refine; i++) {
            long sub = keys.divided(pass, key, i, -1);
            refineHash[i] = sub == 0 || emit(sub, slot, into) ? 0 : sub;
        }
        for (int i = 0; i < refine; i++) {
            if (refineHash[i] == 0) {
                continue;
            }
            if (i == refine - 1) {
                emitFew(refineHash[i], slot, into);
            }
            for (int j = i + 1; j < refine; j++) {
                if (refineHash[j] != 0) {
                    long sub = keys.divided(pass, key, i, j);
                    if (sub != 0 && !emit(sub, slot, into)) {
                        emitFew(sub, slot, into);
                    }
                }
            }
        }
    }

    /** Reads where these records lie: memory answers all at once, not one after the other. */
    void touch(Slots slots) {
        long sum = 0;
        for (int i = 0; i < slots.size(); i++) {
            int slot = slots.get(i);
            sum += cells[slot * width] + ids[slot] + sources[slot];
        }
        touched = sum;
    }

    /** Whether the block was small enough to be given whole. */
    private boolean emit(long key, int slot, Slots into) {
        int n = blocks.members(key, block);
        if (n > cap) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            if (block[i] != slot) {
                into.add(block[i]);
            }
        }
        return true;
    }

    /** The representatives; to a representative, all members: being candidates is mutual. */
    private void emitFew(long key, int slot, Slots into) {
        int[] few = representatives.computeIfAbsent(key, this::smallest);
        if (!isBefore(few[few.length - 1], slot)) {
            few = copy(key);
        }
        for (int m : few) {
            if (m != slot) {
                into.add(m);
            }
        }
    }

    private int[] smallest(long key) {
        int[] members = copy(key);
        int[] few = new int[REPRESENTATIVES];
        int n = 0;
        for (int m : members) {
            int at = n;
            while (at > 0 && isBefore(m, few[at - 1])) {
                at--;
            }
            if (at < few.length) {
                n = Math.min(n + 1, few.length);
                System.arraycopy(few, at, few, at + 1, n - 1 - at);
                few[at] = m;
            }
        }
        return Arrays.copyOf(few, n);
    }

    /** What says less stands for all before what says more: it is in fewer blocks, and found nowhere else. */
    private boolean isBefore(int slot, int other) {
        int more = said(slot) - said(other);
        return more != 0 ? more < 0 : ids[slot] < ids[other];
    }

    private int said(int slot) {
        int n = 0;
        for (int i = slot * width; i < (slot + 1) * width; i++) {
            n += cells[i] == Dictionary.NONE ? 0 : 1;
        }
        return n;
    }

    /** Gives back what growth has reserved. */
    public void trim() {
        cells = Arrays.copyOf(cells, size * width);
        ids = Arrays.copyOf(ids, size);
        sources = Arrays.copyOf(sources, size);
        dictionary.trim();
        blocks.trim();
    }

    /** Bytes that the index holds. */
    public long bytes() {
        return 4L * cells.length
                + 8L * ids.length
                + sources.length
                + 4L * slotTable.length
                + dictionary.bytes()
                + blocks.bytes();
    }
}
