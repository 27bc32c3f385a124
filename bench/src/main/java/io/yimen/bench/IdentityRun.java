package io.yimen.bench;

import io.yimen.pool.identity.match.Learned;
import io.yimen.pool.identity.match.Learner;
import io.yimen.pool.identity.match.MatchIndex;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.Matching;
import io.yimen.pool.identity.match.PairGraph;
import io.yimen.pool.identity.match.Pairs;
import io.yimen.pool.identity.match.Scorer;
import io.yimen.pool.identity.match.Slots;
import io.yimen.pool.identity.match.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs one set and measures it. */
final class IdentityRun {
    private final IdentitySet set;
    private final @Nullable String[][] values;
    private final long[] ids;
    private final String[] sources;

    IdentityRun(IdentitySet set) {
        this.set = set;
        int n = 0;
        for (Table t : set.tables()) {
            n += t.rows().size();
        }
        List<MatchRules.Field> fields = set.rules().fields();
        values = new String[n][fields.size()];
        ids = new long[n];
        sources = new String[n];
        int at = 0;
        for (int t = 0; t < set.tables().size(); t++) {
            Table table = set.tables().get(t);
            int[] columns = new int[fields.size()];
            int found = 0;
            for (int f = 0; f < columns.length; f++) {
                columns[f] = -1;
                for (String c : fields.get(f).columns()) {
                    if (columns[f] < 0 && !set.withheld().contains(c)) {
                        columns[f] = table.column(c);
                    }
                }
                found += columns[f] >= 0 ? 1 : 0;
            }
            if (found == 0) {
                throw new IllegalArgumentException(table.name() + " has none of the fields of "
                        + set.rules().name() + ": name its columns as the rules do, or give other rules");
            }
            for (String[] row : table.rows()) {
                for (int f = 0; f < columns.length; f++) {
                    values[at][f] = columns[f] < 0 ? null : row[columns[f]];
                }
                sources[at] = "t" + t;
                ids[at] = id(t, at);
                at++;
            }
        }
    }

    /** A stable id: the same record in another order of rows has another, which only matters to ties. */
    private static long id(int table, int row) {
        long z = (table + 1L) * 0x9e3779b97f4a7c15L + row * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private MatchIndex fill() {
        MatchIndex index = new MatchIndex(set.rules());
        for (int i = 0; i < values.length; i++) {
            index.add(ids[i], sources[i], values[i], null);
        }
        return index;
    }

    /** One record after the other, compared after each, in memory: records a second and the 99th percentile in ms. */
    private double[] incremental(Weights weights) {
        PairGraph pairs = new PairGraph(new Learned(set.rules(), weights));
        int n = Math.min(values.length, 200_000);
        if (n == 0) {
            return new double[] {0, 0};
        }
        long[] took = new long[n];
        long start = cpu();
        for (int i = 0; i < n; i++) {
            long before = System.nanoTime();
            // a stride that meets every record once mixes the tables
            int at = (int) ((long) i * 611_953 % values.length);
            pairs.put(ids[at], sources[at], values[at]);
            pairs.refresh();
            took[i] = System.nanoTime() - before;
        }
        double seconds = (cpu() - start) / 1e9;
        java.util.Arrays.sort(took);
        return new double[] {n / seconds, took[(int) (n * 0.99)] / 1e6};
    }

    /** What is learned of the set, as pools keep it. */
    void learnInto(Path file) throws IOException {
        Weights learned = Learner.learn(fill());
        Files.writeString(file, learned.withoutRarer(8 * learned.floor()).toJson() + "\n");
    }

    IdentityResult run(@Nullable Path out) {
        MatchIndex index = fill();
        long learnStart = cpu();
        Weights weights = Learner.learn(index);
        double learnSeconds = (cpu() - learnStart) / 1e9;
        // small sets are done before the machine is warm: repeat until two seconds have gone
        Matching matching = Matching.of(index, weights);
        double seconds = Double.MAX_VALUE;
        long end = cpu() + 3_000_000_000L;
        int rounds = 0;
        do {
            long start = cpu();
            index = fill();
            matching = Matching.of(index, weights);
            seconds = Math.min(seconds, (cpu() - start) / 1e9);
        } while (++rounds < 6 && cpu() < end);
        index.trim();
        double[] incremental = incremental(weights);

        long predicted = 0;
        long right = 0;
        Map<Integer, List<Integer>> clusters = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            clusters.computeIfAbsent(matching.cluster()[i], k -> new ArrayList<>())
                    .add(i);
        }
        List<int[]> wrong = new ArrayList<>();
        List<int[]> missed = new ArrayList<>();
        for (List<Integer> members : clusters.values()) {
            for (int x = 0; x < members.size(); x++) {
                for (int y = 0; y < x; y++) {
                    int a = members.get(y);
                    int b = members.get(x);
                    if (set.linkOnly() && sources[a].equals(sources[b])
                            || set.truth().isUnjudged(a, b)) {
                        continue;
                    }
                    predicted++;
                    if (set.truth().isTrue(a, b)) {
                        right++;
                    } else {
                        wrong.add(new int[] {a, b});
                    }
                }
            }
        }
        long merges = 0;
        for (List<Integer> members : clusters.values()) {
            java.util.Set<Integer> entities = new java.util.HashSet<>();
            for (int i : members) {
                entities.add(set.truth().entity(i));
            }
            merges += entities.size() - 1;
        }
        long truth = set.truth().pairs();
        long found = 0;
        Slots slots = new Slots();
        for (int i = 0; i < values.length; i++) {
            List<Integer> partners = set.truth().of(i);
            if (partners.isEmpty()) {
                continue;
            }
            slots.clear();
            index.candidates(i, slots);
            for (int p : partners) {
                if (p > i) {
                    boolean there = !slots.add(p);
                    found += there ? 1 : 0;
                    if (matching.cluster()[p] != matching.cluster()[i]) {
                        missed.add(new int[] {i, p});
                    }
                }
            }
        }
        if (System.getProperty("yimen.bench.show") != null) {
            show(index, weights, wrong, missed);
        }
        if (out != null) {
            write(out, index, weights, matching);
        }
        boolean known = set.truth().isKnown();
        double precision = predicted == 0 ? 1 : (double) right / predicted;
        double recall = truth == 0 ? 1 : (double) right / truth;
        int n = values.length;
        return new IdentityResult(
                set.name(),
                known ? truth : predicted,
                predicted,
                known ? precision : Double.NaN,
                known ? recall : Double.NaN,
                known ? 2 * precision * recall / (precision + recall) : Double.NaN,
                known && truth > 0 ? (double) found / truth : Double.NaN,
                predicted - right,
                set.truth().hasUnjudged() ? -1 : merges,
                n,
                n / seconds,
                (double) index.bytes() / n,
                matching.candidatesMean(),
                matching.candidatesP99(),
                learnSeconds,
                incremental[0],
                incremental[1]);
    }

    private void show(MatchIndex index, Weights weights, List<int[]> wrong, List<int[]> missed) {
        int most = Integer.getInteger("yimen.bench.show", 5);
        System.out.println("prior " + weights.prior() + " unique " + weights.uniqueSources());
        for (int f = 0; f < weights.m().length; f++) {
            StringBuilder b = new StringBuilder(set.rules().fields().get(f).name());
            for (int l = 0; l < weights.m()[f].length; l++) {
                b.append(String.format(Locale.ROOT, "  %.4f/%.6f", weights.m()[f][l], weights.u()[f][l]));
            }
            System.out.println(b + (weights.swap()[f] > 0 ? " swap " + weights.swap()[f] : ""));
        }
        Scorer scorer = new Scorer(index, weights);
        for (List<int[]> list : List.of(wrong, missed)) {
            System.out.println(list == wrong ? "WRONG " + list.size() : "MISSED " + list.size());
            for (int[] p : list.subList(0, Math.min(most, list.size()))) {
                System.out.println(row(index, p[0]) + "\n" + row(index, p[1]) + "\n   "
                        + String.format(Locale.ROOT, "%.2f ", scorer.score(p[0], p[1])) + explain(scorer, p[0], p[1]));
            }
        }
    }

    private String row(MatchIndex index, int slot) {
        StringBuilder b = new StringBuilder();
        for (int f = 0; f < set.rules().fields().size(); f++) {
            b.append(index.text(slot, f)).append("; ");
        }
        return b.toString();
    }

    private static String explain(Scorer scorer, int a, int b) {
        StringBuilder s = new StringBuilder();
        for (Scorer.Contribution c : scorer.explain(a, b)) {
            if (s.length() > 0) {
                s.append("; ");
            }
            s.append(c.field().isEmpty() ? "" : c.field() + " ")
                    .append(c.level())
                    .append(String.format(Locale.ROOT, " %+.2f", c.weight()));
        }
        return s.toString();
    }

    private void write(Path out, MatchIndex index, Weights weights, Matching matching) {
        Scorer scorer = new Scorer(index, weights);
        Pairs pairs = matching.pairs();
        java.util.Set<Long> written = new java.util.HashSet<>();
        try (Writer w = Files.newBufferedWriter(out, StandardCharsets.UTF_8)) {
            w.write("left,right,decision,score,probability,explanation\n");
            for (int i = 0; i < pairs.size(); i++) {
                written.add((long) pairs.first(i) << 32 | pairs.second(i));
                line(w, scorer, matching, pairs.first(i), pairs.second(i));
            }
            Map<Integer, List<Integer>> clusters = new HashMap<>();
            for (int i = 0; i < values.length; i++) {
                clusters.computeIfAbsent(matching.cluster()[i], k -> new ArrayList<>())
                        .add(i);
            }
            for (List<Integer> members : clusters.values()) {
                for (int x = 0; x < members.size(); x++) {
                    for (int y = 0; y < x; y++) {
                        if (written.add((long) members.get(y) << 32 | members.get(x))) {
                            line(w, scorer, matching, members.get(y), members.get(x));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The pairs cannot be written", e);
        }
    }

    private void line(Writer w, Scorer scorer, Matching matching, int a, int b) throws IOException {
        if (set.linkOnly() && sources[a].equals(sources[b])) {
            return;
        }
        double s = scorer.score(a, b);
        double odds = Math.pow(2, s);
        w.write(quoted(key(a)) + "," + quoted(key(b)) + "," + matching.decision(a, b, s, set.rules()) + ","
                + String.format(Locale.ROOT, "%.3f,%.6f,", s, Double.isInfinite(odds) ? 1 : odds / (1 + odds))
                + quoted(explain(scorer, a, b)) + "\n");
    }

    private String key(int i) {
        int at = i;
        for (Table t : set.tables()) {
            if (at < t.rows().size()) {
                String k = t.get(t.rows().get(at), set.keyColumn());
                return k.isEmpty() ? Integer.toString(at + 1) : k;
            }
            at -= t.rows().size();
        }
        throw new IllegalStateException("No such row");
    }

    private static String quoted(String s) {
        return s.indexOf(',') < 0 && s.indexOf('"') < 0 ? s : '"' + s.replace("\"", "\"\"") + '"';
    }
}
