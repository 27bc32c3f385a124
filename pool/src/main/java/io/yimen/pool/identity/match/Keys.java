package io.yimen.pool.identity.match;

import java.util.ArrayList;
import java.util.List;

/**
 * The keys of one record at a time in all passes. The parts that the rules name are numbered once, whatever passes they
 * serve in, and each is worked out at most once a record.
 *
 * <p>Not thread-safe.
 */
final class Keys {
    private static final int ALL = 0;
    private static final int PREFIX = 1;
    private static final int SUFFIX = 2;
    private static final int OF_KIND = 3;

    private final Dictionary dictionary;
    /** Parts of the key, and parts that divide a block, by pass. */
    private final int[][] key;

    private final int[][] refine;
    private final int[] field;
    private final FieldKind[] kind;
    private final int[] how;
    /** Length of a prefix or suffix, number of the kind's own part. */
    private final int[] argument;

    private final long[] hash;
    private final int[] hashed;
    private final Value[] values;
    private final int[] loaded;
    private int record;
    private int[] cells = new int[0];
    private int row;

    Keys(MatchRules rules, Dictionary dictionary) {
        this.dictionary = dictionary;
        List<MatchRules.Part> parts = new ArrayList<>();
        int passes = rules.blocks().size();
        key = new int[passes][];
        refine = new int[passes][];
        for (int p = 0; p < passes; p++) {
            key[p] = numbers(rules.blocks().get(p).key(), parts);
            refine[p] = numbers(rules.blocks().get(p).refine(), parts);
        }
        int n = parts.size();
        field = new int[n];
        kind = new FieldKind[n];
        how = new int[n];
        argument = new int[n];
        hash = new long[n];
        hashed = new int[n];
        for (int i = 0; i < n; i++) {
            String name = parts.get(i).part();
            field[i] = parts.get(i).field();
            kind[i] = rules.kind(field[i]);
            int own = kind[i].parts().indexOf(name);
            how[i] = name.equals("all") ? ALL : own >= 0 ? OF_KIND : name.startsWith("prefix") ? PREFIX : SUFFIX;
            argument[i] = own >= 0 || how[i] == ALL ? own : name.charAt(6) - '0';
        }
        values = new Value[rules.fields().size()];
        for (int f = 0; f < values.length; f++) {
            values[f] = new Value();
        }
        loaded = new int[values.length];
    }

    private static int[] numbers(List<MatchRules.Part> named, List<MatchRules.Part> all) {
        int[] numbers = new int[named.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!all.contains(named.get(i))) {
                all.add(named.get(i));
            }
            numbers[i] = all.indexOf(named.get(i));
        }
        return numbers;
    }

    /** All cells lie in another array now, each in the same place. */
    void moved(int[] all) {
        cells = all;
    }

    int passes() {
        return key.length;
    }

    /** How many parts divide a block of this pass. */
    int divisions(int pass) {
        return refine[pass].length;
    }

    /** From here on it is about the record whose cells begin at {@code from}. */
    Keys of(int[] all, int from) {
        cells = all;
        row = from;
        record++;
        return this;
    }

    /** Hash of the key of a pass, 0 where the record has none. */
    long key(int pass) {
        long h = pass + 1;
        for (int part : key[pass]) {
            long p = part(part);
            if (p == 0) {
                return 0;
            }
            h = Hash.combine(h, p);
        }
        return h;
    }

    /** Key of a divided block: the i-th part, and the j-th where j is not negative; 0 where the record has none. */
    long divided(int pass, long of, int i, int j) {
        long p = part(refine[pass][i]);
        long q = j < 0 ? 0 : part(refine[pass][j]);
        if (p == 0 || j >= 0 && q == 0) {
            return 0;
        }
        long h = Hash.combine(of + 31 + i, p);
        return j < 0 ? h : Hash.combine(h + 57 + j, q);
    }

    /** Whether the record says the i-th of the parts that divide a block of this pass. */
    boolean says(int pass, int i) {
        return part(refine[pass][i]) != 0;
    }

    private long part(int part) {
        if (hashed[part] != record) {
            hashed[part] = record;
            hash[part] = find(part);
        }
        return hash[part];
    }

    private long find(int part) {
        int f = field[part];
        int code = cells[row + f];
        if (code == Dictionary.NONE) {
            return 0;
        }
        if (how[part] == ALL) {
            return dictionary.hash(code);
        }
        Value value = values[f];
        if (loaded[f] != record) {
            loaded[f] = record;
            dictionary.load(code, value);
        }
        int n = argument[part];
        if (how[part] == OF_KIND) {
            return kind[part].part(n, value);
        }
        int from = how[part] == PREFIX ? 0 : value.length - n;
        return value.length < n ? 0 : Hash.of(value.cp, from, from + n);
    }
}
