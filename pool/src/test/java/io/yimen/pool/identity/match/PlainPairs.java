package io.yimen.pool.identity.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which records are candidates of one another and how alike they are, by a plain reading of the rules: every two records
 * are looked at, in every pass. What defines a comparison is shared with the engine (kinds of fields, scorer, weights);
 * how candidates are found is not.
 */
public final class PlainPairs {
    /** Of a block that no part divides any further, only so many stand for all: those that say least. */
    private static final int STANDING_FOR_ALL = 12;
    /** As many times the cap stand for those that do not say the part by which a block is divided. */
    private static final int STANDING_FOR_SILENT = 4;

    private final MatchRules rules;
    private final MatchIndex values;
    private final Scorer scorer;
    private final Map<String, One> records = new HashMap<>();

    /** A record: its place in the index that the scorer reads, and its comparable values. */
    private record One(String name, String source, long id, int slot, Value[] values) {}

    /** Two records that are possibly the same, the first named first. */
    public record Pair(String first, String second, float score) {}

    public PlainPairs(MatchRules rules, Weights weights) {
        this.rules = rules;
        this.values = new MatchIndex(rules);
        this.scorer = new Scorer(values, weights);
    }

    public MatchRules rules() {
        return rules;
    }

    /** The record says this, in the order of the rules' fields. */
    public void put(String name, String source, @Nullable String[] raw) {
        long id = PairGraph.idOf(name);
        int slot = values.add(id, source, raw, null);
        records.put(name, new One(name, source, id, slot, prepared(raw)));
    }

    public void remove(String name) {
        One gone = records.remove(name);
        if (gone != null) {
            values.remove(gone.id, null);
        }
    }

    /** The keys of a record, one for each pass in which it has one. */
    public static List<List<Long>> keys(MatchRules rules, @Nullable String[] raw) {
        Value[] prepared = prepared(rules, raw);
        List<List<Long>> keys = new ArrayList<>();
        for (int pass = 0; pass < rules.blocks().size(); pass++) {
            List<Long> key = key(rules, rules.blocks().get(pass).key(), prepared);
            if (key != null) {
                List<Long> named = new ArrayList<>(key);
                named.add((long) pass);
                keys.add(named);
            }
        }
        return keys;
    }

    /** Log-odds that two records are the same, as it stands without a pair; 0 where one is gone. */
    public double between(String a, String b) {
        if (!records.containsKey(a) || !records.containsKey(b)) {
            return 0;
        }
        One one = get(a);
        One other = get(b);
        return one.id < other.id ? scorer.score(one.slot, other.slot) : scorer.score(other.slot, one.slot);
    }

    /**
     * All pairs of the given records that are at least possible.
     *
     * @param unique sources of which no two records are the same
     */
    public List<Pair> possible(Collection<String> names, Set<String> unique) {
        List<One> all = names.stream().sorted().map(this::get).toList();
        double least = Weights.bits(rules.possible() / (1 - rules.possible()));
        List<Pair> pairs = new ArrayList<>();
        List<List<@Nullable List<Long>>> keys = new ArrayList<>();
        for (MatchRules.Block pass : rules.blocks()) {
            keys.add(keys(pass.key(), all));
        }
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                One a = all.get(i);
                One b = all.get(j);
                if (unique.contains(a.source) && a.source.equals(b.source)) {
                    continue;
                }
                if (meet(i, j, all, keys)) {
                    double score = between(a.name, b.name);
                    if (score >= least) {
                        pairs.add(new Pair(a.name, b.name, (float) score));
                    }
                }
            }
        }
        return pairs;
    }

    private List<@Nullable List<Long>> keys(List<MatchRules.Part> parts, List<One> all) {
        List<@Nullable List<Long>> keys = new ArrayList<>();
        for (One one : all) {
            keys.add(key(rules, parts, one.values));
        }
        return keys;
    }

    /** Whether two records share a key in any pass, and the block of that key lets them meet. */
    private boolean meet(int i, int j, List<One> all, List<List<@Nullable List<Long>>> keys) {
        for (int pass = 0; pass < keys.size(); pass++) {
            List<Long> key = keys.get(pass).get(i);
            if (key == null || !key.equals(keys.get(pass).get(j))) {
                continue;
            }
            List<One> block = new ArrayList<>();
            for (int k = 0; k < all.size(); k++) {
                if (key.equals(keys.get(pass).get(k))) {
                    block.add(all.get(k));
                }
            }
            if (meet(all.get(i), all.get(j), block, rules.blocks().get(pass).refine())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Within one block: all meet while it is no larger than the cap. A larger one is divided by each further part;
     * where that leaves too many, by each two of them; and where that still leaves too many, they meet only those few
     * that stand for all. What has no second part to be divided by is not divided again. Who does not say the
     * first part by which a block is divided meets all of it, unless too many do not.
     */
    private boolean meet(One a, One b, List<One> block, List<MatchRules.Part> refine) {
        if (block.size() <= rules.cap()) {
            return true;
        }
        if (refine.isEmpty()) {
            return standsForAll(a, b, block);
        }
        if (meetInSilence(a, b, block, refine.get(0))) {
            return true;
        }
        for (int i = 0; i < refine.size(); i++) {
            List<One> alike = sharing(refine.get(i), a, b, block);
            if (alike.isEmpty()) {
                continue;
            }
            if (alike.size() <= rules.cap()) {
                return true;
            }
            boolean last = i == refine.size() - 1;
            if (last ? standsForAll(a, b, alike) : meetInSilence(a, b, alike, refine.get(i + 1))) {
                return true;
            }
            for (int j = i + 1; j < refine.size(); j++) {
                List<One> twice = sharing(refine.get(j), a, b, alike);
                if (!twice.isEmpty() && (twice.size() <= rules.cap() || standsForAll(a, b, twice))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether one of the two stands for those of the block that do not say the part. */
    private boolean meetInSilence(One a, One b, List<One> block, MatchRules.Part part) {
        List<One> silent = block.stream()
                .filter(one -> key(rules, List.of(part), one.values) == null)
                .toList();
        List<One> few = least(silent, STANDING_FOR_SILENT * rules.cap());
        return few.contains(a) || few.contains(b);
    }

    /** Those of the block that agree with both in a part; none if the two do not. */
    private List<One> sharing(MatchRules.Part part, One a, One b, List<One> block) {
        List<Long> wanted = key(rules, List.of(part), a.values);
        if (wanted == null || !wanted.equals(key(rules, List.of(part), b.values))) {
            return List.of();
        }
        return block.stream()
                .filter(one -> wanted.equals(key(rules, List.of(part), one.values)))
                .toList();
    }

    private static boolean standsForAll(One a, One b, List<One> block) {
        List<One> few = least(block, STANDING_FOR_ALL);
        return few.contains(a) || few.contains(b);
    }

    private static List<One> least(List<One> block, int number) {
        return block.stream()
                .sorted(Comparator.comparingLong(PlainPairs::said).thenComparingLong(One::id))
                .limit(number)
                .toList();
    }

    private static long said(One one) {
        return Arrays.stream(one.values).filter(value -> value.length > 0).count();
    }

    private static @Nullable List<Long> key(MatchRules rules, List<MatchRules.Part> parts, Value[] values) {
        List<Long> key = new ArrayList<>();
        for (MatchRules.Part part : parts) {
            Value value = values[part.field()];
            long hash = value.length == 0 ? 0 : part(rules, part, value);
            if (hash == 0) {
                return null;
            }
            key.add(hash);
        }
        return key;
    }

    private static long part(MatchRules rules, MatchRules.Part part, Value value) {
        String name = part.part();
        if (name.equals("all")) {
            return Hash.of(value.cp, 0, value.length);
        }
        if (name.startsWith("prefix") || name.startsWith("suffix")) {
            int n = Integer.parseInt(name.substring(6));
            int from = name.startsWith("prefix") ? 0 : value.length - n;
            return value.length < n ? 0 : Hash.of(value.cp, from, from + n);
        }
        FieldKind kind = rules.kind(part.field());
        return kind.part(kind.parts().indexOf(name), value);
    }

    private Value[] prepared(@Nullable String[] raw) {
        return prepared(rules, raw);
    }

    /** Comparable values: places above are taken off, then the field's own form, then what an ID number tells. */
    private static Value[] prepared(MatchRules rules, @Nullable String[] raw) {
        String[] texts = new String[raw.length];
        for (int f = 0; f < raw.length; f++) {
            String text = raw[f];
            if (text != null && !text.isEmpty()) {
                for (int above : rules.fields().get(f).strip()) {
                    text = Texts.withoutPlace(text, raw[above] == null ? "" : raw[above]);
                }
                Value value = new Value();
                rules.kind(f).prepare(text, value);
                text = value.text();
            }
            texts[f] = text == null ? "" : text;
        }
        String[] known = texts.clone();
        for (int f = 0; f < raw.length; f++) {
            int from = rules.fields().get(f).derive();
            if (from >= 0 && texts[f].isEmpty() && texts[from].length() == 18) {
                String number = texts[from];
                boolean man = (number.charAt(16) - '0') % 2 == 1;
                known[f] = rules.fields().get(f).kind().equals("date") ? number.substring(6, 14) : man ? "1" : "2";
            }
        }
        return Arrays.stream(known).map(Value::of).toArray(Value[]::new);
    }

    private One get(String name) {
        return Objects.requireNonNull(records.get(name), "the record is there");
    }
}
