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
 * <p>A record's blocks and its candidates lie anywhere in memory, and from a million records on to wait for memory is
 * most of the work. So records are entered, and their candidates looked for, some at a time: what all of them will read
 * is touched first, and memory answers all of it at once. Added records wait until so many have come, or until anything
 * is asked.
 *
 * <p>Not for several threads at once.
 */
public final class MatchIndex {
    /** Members of a block beyond division that stand for all. */
    static final int REPRESENTATIVES = 12;
    /** As many times the cap may be silent in a divided block until only some of them stand for all. */
    static final int SILENT = 4;
    /** Records that are entered, or whose candidates are looked for, side by side. */
    static final int ABREAST = 16;

    private static final int[] EMPTY = new int[0];
    /** Of the cell that holds the source; above stands which fields prove themselves. */
    private static final int SOURCE = 127;

    private static final long HALF = -1L << 32;

    private final MatchRules rules;
    private final Dictionary dictionary = new Dictionary();
    private final Blocks blocks = new Blocks();
    private final int width;
    private final int cap;
    /** Members of a divided block that do not say the part that divides it and stand for all that do not. */
    private final int few;

    private final int passes;
    /** Of the records in hand, of others whose block is divided because of one, and where that is divided again. */
    private final Keys[] abreast = new Keys[ABREAST];

    private final Keys others;
    private final Keys inner;
    /** Of the records in hand, one after the other. */
    private final long[] passKeys;

    /** Of those whose blocks are divided, and of those whose parts are divided again. */
    private long[] dividedKeys = new long[64];

    private long[] innerKeys = new long[64];
    private final long[] refineHash;
    private final FieldKind[] kinds;
    private final Value[] prepared;
    /** Codes, a bit above the source's for each field that proves itself, two places for the id, and sketches. */
    private final int[] row;
    /**
     * Per record the codes of its fields, its source, its id in two halves, and two sketches a cell: whoever compares
     * reads one place.
     */
    private int[] cells;

    /** By field, which of the sketches is its own; -1 where its kind has none. */
    private final int[] sketch;

    private final int stride;
    private int room;
    /** Upper half of a hash of the id, below one more than the slot; 0 where there is none. */
    private long[] slotTable;

    /** Slots of records that are in no block yet, and whom to tell. */
    private final int[] waiting = new int[ABREAST];

    private int waits;
    private @Nullable Slots waitingFor;
    private int size;
    private int live;
    private int freeSlot = -1;
    private final List<String> sourceNames = new java.util.ArrayList<>();
    private final Crowds crowds = new Crowds();
    private final int[] block;
    /** Takes what was only touched, so that nobody leaves it out. */
    private long touched;

    public MatchIndex(MatchRules rules) {
        this.rules = rules;
        this.width = rules.fields().size();
        this.sketch = new int[width];
        int sketches = 0;
        for (int f = 0; f < width; f++) {
            sketch[f] = rules.kind(f).far() < 0 ? -1 : sketches++;
        }
        this.stride = width + 3 + (sketches + 1) / 2;
        this.room = 64;
        this.cells = new int[stride * room];
        this.slotTable = new long[128];
        this.cap = rules.cap();
        this.few = SILENT * cap;
        this.block = new int[few];
        for (int i = 0; i < ABREAST; i++) {
            abreast[i] = new Keys(rules, dictionary);
        }
        this.others = new Keys(rules, dictionary);
        this.inner = new Keys(rules, dictionary);
        this.passes = others.passes();
        this.passKeys = new long[ABREAST * passes];
        int most = 0;
        for (int p = 0; p < passes; p++) {
            most = Math.max(most, others.divisions(p));
        }
        this.refineHash = new long[most];
        this.row = new int[stride];
        this.kinds = new FieldKind[width];
        this.prepared = new Value[width];
        for (int f = 0; f < width; f++) {
            kinds[f] = rules.kind(f);
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
        return slot >= 0 && slot < size && source(slot) >= 0;
    }

    /** Slot of a record, -1 if it is not there. */
    public int slotOf(long id) {
        return (int) slotTable[find(id)] - 1;
    }

    /** Stable id of the record in a slot. */
    public long id(int slot) {
        int at = slot * stride + width + 1;
        return (long) cells[at] << 32 | cells[at + 1] & 0xffffffffL;
    }

    int source(int slot) {
        int cell = cells[slot * stride + width];
        return cell < 0 ? cell : cell & SOURCE;
    }

    /** Fields, a bit each, in which both records say what proves itself. */
    int proven(int a, int b) {
        return (cells[a * stride + width] & cells[b * stride + width]) >>> 7;
    }

    /** Whether two texts that differ have so little in common that their kind knows it without reading them. */
    boolean isFar(int a, int b, int field) {
        int s = sketch[field];
        return s >= 0 && kinds[field].isFar(sketch(a, s), sketch(b, s));
    }

    private int sketch(int slot, int s) {
        return cells[slot * stride + width + 3 + (s >> 1)] >>> 16 * (s & 1) & 0xffff;
    }

    List<String> sourceNames() {
        return sourceNames;
    }

    int code(int slot, int field) {
        return cells[slot * stride + field];
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
        return add(id, source, codes(id, values), touched);
    }

    /** The row of numbers of the record with this id that says these values; valid until the next one. */
    int[] codes(long id, @Nullable String[] values) {
        for (int f = 0; f < width; f++) {
            String raw = values[f];
            prepared[f].length = 0;
            if (raw != null && !raw.isEmpty()) {
                kinds[f].prepare(stripped(f, raw, values), prepared[f]);
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
        dictionary.take(prepared, row);
        // whoever asks for the codes looks for the id next: memory answers both at once
        touched = slotTable[home(Hash.mix(id))];
        dictionary.codes(width, row);
        Arrays.fill(row, width, stride, 0);
        for (int f = 0; f < width; f++) {
            if (prepared[f].length > 0) {
                row[width] |= kinds[f].isProven(prepared[f]) ? SOURCE + 1 << f : 0;
                int s = sketch[f];
                if (s >= 0) {
                    row[width + 3 + (s >> 1)] |= kinds[f].sketch(prepared[f]) << 16 * (s & 1);
                }
            }
        }
        return row;
    }

    /** Whether a record is there and has this row. */
    boolean holds(long id, String source, int[] codes) {
        int slot = slotOf(id);
        return slot >= 0
                && sourceNames.get(source(slot)).equals(source)
                && Arrays.equals(cells, slot * stride, slot * stride + width, codes, 0, width);
    }

    int add(long id, String source, int[] codes, @Nullable Slots touched) {
        int place = find(id);
        if (slotTable[place] != 0) {
            remove(id, touched);
            place = find(id);
        }
        int slot;
        if (freeSlot >= 0) {
            slot = freeSlot;
            freeSlot = cells[slot * stride];
        } else {
            slot = size++;
            if (slot == room) {
                move(slot + (slot >> 2) + 64);
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
        int at = slot * stride;
        System.arraycopy(codes, 0, cells, at, stride);
        cells[at + width] |= s;
        cells[at + width + 1] = (int) (id >>> 32);
        cells[at + width + 2] = (int) id;
        slotTable[place] = Hash.mix(id) & HALF | slot + 1;
        if (++live > slotTable.length * 0.75) {
            growSlotTable();
        }
        if (waits == ABREAST || waits > 0 && waitingFor != touched) {
            settle();
        }
        waitingFor = touched;
        passKeys(waits, slot);
        waiting[waits++] = slot;
        return slot;
    }

    private void move(int toRoom) {
        room = toRoom;
        cells = Arrays.copyOf(cells, room * stride);
        for (Keys keys : abreast) {
            keys.moved(cells);
        }
        others.moved(cells);
        inner.moved(cells);
    }

    private void growSlotTable() {
        long[] former = slotTable;
        slotTable = new long[former.length + (former.length >> 1)];
        for (long entry : former) {
            if (entry != 0) {
                int i = home(entry);
                while (slotTable[i] != 0) {
                    i = i + 1 == slotTable.length ? 0 : i + 1;
                }
                slotTable[i] = entry;
            }
        }
    }

    /** Enters those that wait into their blocks. */
    void settle() {
        int n = waits;
        waits = 0;
        blocks.touch(passKeys, n * passes);
        touchDivided(n);
        for (int i = 0; i < n; i++) {
            for (int p = 0; p < passes; p++) {
                enter(p, waiting[i], abreast[i], passKeys[i * passes + p], waitingFor);
            }
        }
        waitingFor = null;
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
        settle();
        int slot = slotOf(id);
        if (slot < 0) {
            return;
        }
        passKeys(0, slot);
        blocks.touch(passKeys, passes);
        for (int p = 0; p < passes; p++) {
            leave(p, slot, abreast[0], passKeys[p], touched);
        }
        unhash(id);
        cells[slot * stride + width] = -1;
        cells[slot * stride] = freeSlot;
        freeSlot = slot;
        live--;
    }

    private int home(long hash) {
        return (int) ((hash >>> 32) * slotTable.length >>> 32);
    }

    private int find(long id) {
        long hash = Hash.mix(id);
        int i = home(hash);
        while (slotTable[i] != 0 && !(((slotTable[i] ^ hash) & HALF) == 0 && id((int) slotTable[i] - 1) == id)) {
            i = i + 1 == slotTable.length ? 0 : i + 1;
        }
        return i;
    }

    private void unhash(long id) {
        int gap = find(id);
        slotTable[gap] = 0;
        int i = gap;
        while (true) {
            i = i + 1 == slotTable.length ? 0 : i + 1;
            long entry = slotTable[i];
            if (entry == 0) {
                return;
            }
            slotTable[i] = 0;
            int to = home(entry);
            while (slotTable[to] != 0) {
                to = to + 1 == slotTable.length ? 0 : to + 1;
            }
            slotTable[to] = entry;
        }
    }

    /** The keys of all passes of a record, as one of those in hand. */
    private void passKeys(int i, int slot) {
        Keys keys = abreast[i].of(cells, slot * stride);
        for (int p = 0; p < passes; p++) {
            passKeys[i * passes + p] = keys.key(p);
        }
    }

    private void enter(int pass, int slot, Keys keys, long key, @Nullable Slots touched) {
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
                divide(pass, other, others.of(cells, other * stride), key, touched);
            }
        } else {
            divide(pass, slot, keys, key, touched);
        }
    }

    private void divide(int pass, int slot, Keys of, long key, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        hush(pass, 0, slot, of, key, touched);
        for (int i = 0; i < refine; i++) {
            long sub = of.divided(pass, key, i, -1);
            if (sub == 0) {
                continue;
            }
            int n = blocks.add(sub, slot);
            if (n == cap + 1) {
                for (int other : copy(sub)) {
                    touch(other, touched);
                    divideAgain(pass, other, inner.of(cells, other * stride), key, i, touched);
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
        } else {
            hush(pass, i + 1, slot, of, of.divided(pass, key, i, -1), touched);
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

    /** A record that does not say the part by which a block is divided stands there with its like. */
    private void hush(int pass, int part, int slot, Keys of, long key, @Nullable Slots touched) {
        if (!of.says(pass, part)) {
            int n = blocks.add(silent(key), slot);
            if (n > few) {
                crowd(silent(key), n, few, few, slot, touched);
            }
        }
    }

    private void unhush(int pass, int part, int slot, Keys of, long key, @Nullable Slots touched) {
        if (!of.says(pass, part)) {
            int n = blocks.count(silent(key));
            if (n > few) {
                crowd(silent(key), n, few, few, slot, touched);
            }
            blocks.remove(silent(key), slot);
        }
    }

    /** Key of those in a divided block that do not say by which part. */
    private static long silent(long key) {
        return Hash.mix(key + 131);
    }

    private void crowd(long key, int n, int slot, @Nullable Slots touched) {
        crowd(key, n, cap, REPRESENTATIVES, slot, touched);
    }

    /** A crowd gets or loses a member: if that is a representative, all have other candidates. */
    private void crowd(long key, int n, int most, int standing, int slot, @Nullable Slots touched) {
        int[] known = crowds.get(key);
        if (known == null || n == most + 1 || known.length < standing || !isBefore(known[known.length - 1], slot)) {
            crowds.remove(key);
            if (touched != null) {
                for (int m : copy(key)) {
                    touch(m, touched);
                }
            }
        }
    }

    private void leave(int pass, int slot, Keys keys, long key, @Nullable Slots touched) {
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
                undivide(pass, other, others.of(cells, other * stride), key, touched);
            }
        }
    }

    private void undivide(int pass, int slot, Keys of, long key, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        unhush(pass, 0, slot, of, key, touched);
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
                    undivideAgain(pass, other, inner.of(cells, other * stride), key, i, touched);
                }
            }
        }
    }

    private void undivideAgain(int pass, int slot, Keys of, long key, int i, @Nullable Slots touched) {
        int refine = of.divisions(pass);
        if (i == refine - 1) {
            long sub = of.divided(pass, key, i, -1);
            crowd(sub, blocks.count(sub), slot, touched);
        } else {
            unhush(pass, i + 1, slot, of, of.divided(pass, key, i, -1), touched);
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
        settle();
        passKeys(0, slot);
        blocks.touch(passKeys, passes);
        candidates(0, slot, into);
    }

    /**
     * The same for several records. What they are made of is touched before the first is looked for.
     *
     * @param n how many, at most {@link #ABREAST}
     * @param into as many lists, which are cleared first
     */
    void candidates(int[] slots, int n, Slots[] into) {
        settle();
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += cells[slots[i] * stride];
        }
        for (int i = 0; i < n; i++) {
            for (int f = 0; f < width; f++) {
                sum += dictionary.touch(cells[slots[i] * stride + f]);
            }
        }
        for (int i = 0; i < n; i++) {
            passKeys(i, slots[i]);
        }
        blocks.touch(passKeys, n * passes);
        touchDivided(n);
        for (int i = 0; i < n; i++) {
            into[i].clear();
            candidates(i, slots[i], into[i]);
        }
        touched = sum;
    }

    /** Reads where the parts begin of those blocks that are divided, then where the parts of these begin. */
    private void touchDivided(int n) {
        int found = 0;
        for (int i = 0; i < n * passes; i++) {
            int parts = abreast[i / passes].divisions(i % passes);
            if (parts > 0 && isDivided(passKeys[i])) {
                dividedKeys = room(dividedKeys, found + parts + 1);
                dividedKeys[found++] = silent(passKeys[i]);
                for (int part = 0; part < parts; part++) {
                    dividedKeys[found++] = abreast[i / passes].divided(i % passes, passKeys[i], part, -1);
                }
            }
        }
        blocks.touch(dividedKeys, found);
        int inner = 0;
        int next = 0;
        for (int i = 0; i < n * passes && next < found; i++) {
            int parts = abreast[i / passes].divisions(i % passes);
            if (parts > 0 && isDivided(passKeys[i])) {
                next++;
                for (int part = 0; part < parts; part++) {
                    long sub = dividedKeys[next++];
                    if (isDivided(sub)) {
                        innerKeys = room(innerKeys, inner + parts + 1);
                        innerKeys[inner++] = silent(sub);
                        for (int other = part + 1; other < parts; other++) {
                            innerKeys[inner++] = abreast[i / passes].divided(i % passes, passKeys[i], part, other);
                        }
                    }
                }
            }
        }
        blocks.touch(innerKeys, inner);
    }

    private boolean isDivided(long key) {
        return key != 0 && blocks.count(key) > cap;
    }

    private static long[] room(long[] list, int size) {
        return list.length >= size ? list : Arrays.copyOf(list, 2 * size);
    }

    private void candidates(int i, int slot, Slots into) {
        for (int p = 0; p < passes; p++) {
            long key = passKeys[i * passes + p];
            if (key != 0 && !emit(key, cap, slot, into)) {
                dividedCandidates(p, slot, abreast[i], key, into);
            }
        }
    }

    private void dividedCandidates(int pass, int slot, Keys keys, long key, Slots into) {
        int refine = keys.divisions(pass);
        if (refine == 0) {
            emitFew(key, slot, into);
            return;
        }
        silentCandidates(key, keys.says(pass, 0), slot, into);
        for (int i = 0; i < refine; i++) {
            long sub = keys.divided(pass, key, i, -1);
            refineHash[i] = sub == 0 || emit(sub, cap, slot, into) ? 0 : sub;
        }
        for (int i = 0; i < refine; i++) {
            if (refineHash[i] == 0) {
                continue;
            }
            if (i == refine - 1) {
                emitFew(refineHash[i], slot, into);
            } else {
                silentCandidates(refineHash[i], keys.says(pass, i + 1), slot, into);
            }
            for (int j = i + 1; j < refine; j++) {
                if (refineHash[j] != 0) {
                    long sub = keys.divided(pass, key, i, j);
                    if (sub != 0 && !emit(sub, cap, slot, into)) {
                        emitFew(sub, slot, into);
                    }
                }
            }
        }
    }

    /**
     * No part tells those apart of which one does not say it: who is silent meets all of a divided block. Where too many
     * are, only those do that stand for them.
     */
    private void silentCandidates(long key, boolean says, int slot, Slots into) {
        long silent = silent(key);
        int n = blocks.count(silent);
        if (n == 0) {
            return;
        }
        int[] standing = n > few ? representatives(silent, few) : EMPTY;
        if (!says && (n <= few || !isBefore(standing[few - 1], slot))) {
            add(copy(key), slot, into);
        } else if (n > few) {
            add(standing, slot, into);
        } else {
            emit(silent, few, slot, into);
        }
    }

    /** Reads the rows of the first of these records: memory answers all at once, not one after the other. */
    void touchRows(int[] slots, int first) {
        long sum = 0;
        for (int i = 0; i < first; i++) {
            int at = slots[i] * stride;
            sum += cells[at] + cells[at + stride - 1];
        }
        touched = sum;
    }

    /** Reads where the text of a field begins; returns something of it. */
    int touchText(int slot, int field) {
        return dictionary.touch(code(slot, field));
    }

    /** Whether the block was small enough to be given whole. */
    private boolean emit(long key, int most, int slot, Slots into) {
        int n = blocks.members(key, block);
        if (n > most) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            if (block[i] != slot) {
                into.add(block[i]);
            }
        }
        return true;
    }

    private static void add(int[] slots, int except, Slots into) {
        for (int m : slots) {
            if (m != except) {
                into.add(m);
            }
        }
    }

    /** The representatives; to a representative, all members: being candidates is mutual. */
    private void emitFew(long key, int slot, Slots into) {
        int[] standing = representatives(key, REPRESENTATIVES);
        add(isBefore(standing[standing.length - 1], slot) ? standing : copy(key), slot, into);
    }

    private int[] representatives(long key, int standing) {
        int[] known = crowds.get(key);
        if (known == null) {
            known = smallest(key, standing);
            crowds.put(key, known);
        }
        return known;
    }

    private int[] smallest(long key, int standing) {
        int[] members = copy(key);
        int[] least = new int[standing];
        int n = 0;
        for (int m : members) {
            int at = n;
            while (at > 0 && isBefore(m, least[at - 1])) {
                at--;
            }
            if (at < least.length) {
                n = Math.min(n + 1, least.length);
                System.arraycopy(least, at, least, at + 1, n - 1 - at);
                least[at] = m;
            }
        }
        return Arrays.copyOf(least, n);
    }

    /** What says less stands for all before what says more: it is in fewer blocks, and found nowhere else. */
    private boolean isBefore(int slot, int other) {
        int more = said(slot) - said(other);
        return more != 0 ? more < 0 : id(slot) < id(other);
    }

    private int said(int slot) {
        int n = 0;
        for (int i = slot * stride; i < slot * stride + width; i++) {
            n += cells[i] == Dictionary.NONE ? 0 : 1;
        }
        return n;
    }

    /** Gives back what growth has reserved. */
    public void trim() {
        settle();
        move(size);
        dictionary.trim();
        blocks.trim();
    }

    /** Bytes that the index holds. */
    public long bytes() {
        return 4L * cells.length + 8L * slotTable.length + dictionary.bytes() + blocks.bytes() + crowds.bytes();
    }
}
