package io.yimen.bench;

import io.yimen.pool.identity.match.Learner;
import io.yimen.pool.identity.match.MatchIndex;
import io.yimen.pool.identity.match.MatchRules;
import io.yimen.pool.identity.match.Matching;
import io.yimen.pool.identity.match.RecordKeys;
import io.yimen.pool.identity.match.Scorer;
import io.yimen.pool.identity.match.Slots;
import io.yimen.pool.identity.match.Weights;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How what a record costs grows with their number: generated people, all recognised at once, at several sizes. CPU of
 * the one thread that does it, in which nothing else takes part however busy the machine is. Small sizes are done several
 * times, of which the quickest counts: the first ones run code that is still being compiled.
 */
final class ScaleRun {
    private static final long SEED = 17;
    /** Rows that are made ready before the clock goes on. */
    private static final int READY = 10_000;
    /** Records whose partners are looked for among their candidates, at most. */
    private static final int LOOKS = 1_000_000;
    /** Records that are told in all rounds of a size together, unless one round has more. */
    private static final int TOLD = 1_000_000;

    private static final int ROUNDS = 6;
    /** Each record once, in an order that has nothing to do with households. */
    private static final long STRIDE = 611_953;

    private final MatchRules rules;
    private final Rows rows;

    /** What one size came to; times in microseconds of CPU a record. */
    record Result(
            int records,
            double add,
            double compare,
            double cluster,
            double bytes,
            double candidatesMean,
            int candidatesP99,
            double completeness,
            double decidable,
            double precision,
            double recall,
            double falseMerges) {
        double micros() {
            return add + compare + cluster;
        }

        static String header() {
            return String.format(
                    Locale.ROOT,
                    "%10s %8s %8s %8s %8s %6s %6s %7s %5s %9s %9s %9s %9s %8s",
                    "records",
                    "µs CPU",
                    "add",
                    "compare",
                    "cluster",
                    "growth",
                    "bytes",
                    "cand",
                    "p99",
                    "complete",
                    "decidable",
                    "precision",
                    "recall",
                    "false/1e5");
        }

        /** In the order in which both forms show them. */
        private Object[] figures(Result first) {
            return new Object[] {
                records,
                micros(),
                add,
                compare,
                cluster,
                micros() / first.micros(),
                bytes,
                candidatesMean,
                candidatesP99,
                completeness,
                decidable,
                precision,
                recall,
                falseMerges
            };
        }

        String row(Result first) {
            return String.format(
                    Locale.ROOT,
                    "%10d %8.2f %8.2f %8.2f %8.2f %6.2f %6.0f %7.1f %5d %9.5f %9.5f %9.5f %9.5f %8.2f",
                    figures(first));
        }

        String json(Result first) {
            return String.format(
                    Locale.ROOT,
                    "{\"set\":\"scale\",\"records\":%d,\"cpuMicros\":%.3f,\"addMicros\":%.3f,\"compareMicros\":%.3f,"
                            + "\"clusterMicros\":%.3f,\"growth\":%.3f,\"bytesPerRecord\":%.1f,\"candidatesMean\":%.2f,"
                            + "\"candidatesP99\":%d,\"pairsCompleteness\":%.6f,\"decidableCompleteness\":%.6f,"
                            + "\"precision\":%.6f,\"recall\":%.6f,\"falseMergesPer100000\":%.3f}",
                    figures(first));
        }
    }

    /** Rows of a population as bytes, and who each is. */
    private static final class Rows {
        private static final char BETWEEN = '\u001f';
        private final byte[][] text;
        private final byte[] register;
        private final int[] person;
        private int size;

        Rows(int records) {
            text = new byte[records][];
            register = new byte[records];
            person = new int[records];
            Population.forEach(SEED, records, (of, number, values) -> {
                if (size < text.length) {
                    text[size] = String.join(String.valueOf(BETWEEN), values).getBytes(StandardCharsets.UTF_8);
                    register[size] = (byte) of;
                    person[size++] = number;
                }
            });
        }

        String key(int row) {
            String all = new String(text[row], StandardCharsets.UTF_8);
            return all.substring(0, all.indexOf(BETWEEN));
        }

        String[] values(int row, int[] columns) {
            String[] cells = new String(text[row], StandardCharsets.UTF_8).split(String.valueOf(BETWEEN), -1);
            String[] values = new String[columns.length];
            for (int f = 0; f < columns.length; f++) {
                values[f] = cells[columns[f]];
            }
            return values;
        }
    }

    private ScaleRun(int records) throws IOException {
        rules = IdentityBench.rules("person");
        rows = new Rows(records);
    }

    /** Runs and prints one size after the other. */
    static void run(List<Integer> sizes, boolean json) throws IOException {
        Result first = null;
        for (int size : sizes) {
            ScaleRun run = new ScaleRun(size);
            Result result = run.measure();
            for (int told = 2 * size; told <= TOLD && told <= ROUNDS * size; told += size) {
                Result again = run.measure();
                result = again.micros() < result.micros() ? again : result;
            }
            if (first == null && !json) {
                System.out.println(Result.header());
            }
            first = first == null ? result : first;
            System.out.println(json ? result.json(first) : result.row(first));
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private int row(int at) {
        return (int) (at * STRIDE % rows.size);
    }

    private Result measure() {
        int n = rows.size;
        int[] columns = rules.fields().stream()
                .mapToInt(f -> Population.column(f.name()))
                .toArray();
        MatchIndex index = new MatchIndex(rules);
        long add = 0;
        String[][] ready = new String[READY][];
        for (int from = 0; from < n; from += READY) {
            int to = Math.min(n, from + READY);
            for (int at = from; at < to; at++) {
                ready[at - from] = rows.values(row(at), columns);
            }
            long before = cpu();
            for (int at = from; at < to; at++) {
                index.add(id(at), "register" + rows.register[row(at)], ready[at - from], null);
            }
            add += cpu() - before;
        }
        Weights weights = Learner.learn(index);
        long before = cpu();
        Matching.Compared compared = Matching.compare(index, weights);
        long compare = cpu() - before;
        before = cpu();
        Matching matching = compared.cluster();
        long cluster = cpu() - before;
        index.trim();
        RecordKeys keys = new RecordKeys();
        for (int at = 0; at < n; at++) {
            keys.put(at, rows.key(row(at)));
        }
        double[] complete = completeness(index, new Scorer(index, weights));
        double[] right = pairs(matching);
        return new Result(
                n,
                add / 1e3 / n,
                compare / 1e3 / n,
                cluster / 1e3 / n,
                (double) (index.bytes() + keys.bytes()) / n,
                matching.candidatesMean(),
                matching.candidatesP99(),
                complete[0],
                complete[1],
                right[0],
                right[1],
                right[2] * 1e5 / n);
    }

    private static long id(int at) {
        long z = at * 0x9e3779b97f4a7c15L + 1;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Share of true pairs that are candidates: of all, and of those that the weights hold to be possible at least. */
    private double[] completeness(MatchIndex index, Scorer scorer) {
        int n = rows.size;
        int[] last = new int[Arrays.stream(rows.person).max().orElse(0) + 1];
        int[] previous = new int[n];
        Arrays.fill(last, -1);
        for (int at = 0; at < n; at++) {
            int person = rows.person[row(at)];
            previous[at] = last[person];
            last[person] = at;
        }
        Slots found = new Slots();
        long[] pairs = new long[2];
        long[] there = new long[2];
        int step = Math.max(1, n / LOOKS);
        for (int at = n - 1; at >= 0; at -= step) {
            if (previous[at] < 0) {
                continue;
            }
            found.clear();
            index.candidates(at, found);
            for (int other = previous[at]; other >= 0; other = previous[other]) {
                boolean is = !found.add(other);
                boolean possible = scorer.score(other, at) >= rules.possibleBits();
                pairs[0]++;
                there[0] += is ? 1 : 0;
                pairs[1] += possible ? 1 : 0;
                there[1] += possible && is ? 1 : 0;
            }
        }
        return new double[] {(double) there[0] / pairs[0], (double) there[1] / pairs[1]};
    }

    /** Precision and recall of pairs, and how many people too many stand in the entities. */
    private double[] pairs(Matching matching) {
        int n = rows.size;
        long[] cells = new long[n];
        int[] people = new int[Arrays.stream(rows.person).max().orElse(0) + 1];
        int[] entities = new int[n];
        for (int at = 0; at < n; at++) {
            int person = rows.person[row(at)];
            cells[at] = (long) matching.cluster()[at] << 32 | person;
            people[person]++;
            entities[matching.cluster()[at]]++;
        }
        Arrays.sort(cells);
        long right = 0;
        long merges = 0;
        for (int i = 0, same = 0; i < n; i++) {
            same = i > 0 && cells[i] == cells[i - 1] ? same + 1 : 0;
            right += same;
            merges += i > 0 && cells[i] != cells[i - 1] && cells[i] >>> 32 == cells[i - 1] >>> 32 ? 1 : 0;
        }
        return new double[] {(double) right / pairs(entities), (double) right / pairs(people), merges};
    }

    private static long pairs(int[] groups) {
        long pairs = 0;
        for (int size : groups) {
            pairs += (long) size * (size - 1) / 2;
        }
        return pairs;
    }

    /** Sizes as the command line tells them, the smallest first. */
    static List<Integer> sizes(String text) {
        List<Integer> sizes = new ArrayList<>();
        for (String size : text.split(",", -1)) {
            sizes.add(IdentityBench.number(size));
        }
        sizes.sort(null);
        return sizes;
    }
}
