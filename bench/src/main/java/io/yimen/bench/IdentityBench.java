package io.yimen.bench;

import io.yimen.pool.PoolException;
import io.yimen.pool.identity.match.MatchRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench identity}: how well and how fast records of one entity are found.
 *
 * <pre>
 * bench identity [--json] [--set NAME]                         the sets that come with Yimen
 * bench identity --rules NAME|FILE --dedupe A.csv              anybody's data
 * bench identity --rules NAME|FILE --link A.csv B.csv
 *     [--truth COLUMN|FILE.csv] [--out pairs.csv] [--json]
 * bench identity (--set NAME | --rules …) --weights FILE       learns, and writes the weights that pools keep
 * bench identity --committed [--records N] [--batch N]         recognised, merged and committed by the pool in PostgreSQL
 * </pre>
 */
public final class IdentityBench {
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private IdentityBench() {}

    public static void main(String[] args) throws IOException {
        System.setOut(new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8));
        int code;
        try {
            code = run(args);
        } catch (PoolException | IllegalArgumentException | java.nio.file.NoSuchFileException e) {
            System.err.println("bench identity: "
                    + (e instanceof java.nio.file.NoSuchFileException
                            ? "no such file: " + e.getMessage()
                            : e.getMessage()));
            code = 2;
        }
        if (code != 0) {
            System.exit(code);
        }
    }

    private static int run(String[] args) throws IOException {
        boolean json = false;
        String rules = null;
        List<Path> files = new ArrayList<>();
        boolean link = false;
        String truth = null;
        Path out = null;
        Path weights = null;
        String only = null;
        boolean committed = false;
        List<Integer> sizes = List.of();
        int records = 100_000;
        int batch = 1_000;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "identity" -> {}
                case "--json" -> json = true;
                case "--rules" -> rules = value(args, ++i);
                case "--dedupe" -> files.add(Path.of(value(args, ++i)));
                case "--link" -> {
                    link = true;
                    files.add(Path.of(value(args, ++i)));
                    files.add(Path.of(value(args, ++i)));
                }
                case "--truth" -> truth = value(args, ++i);
                case "--out" -> out = Path.of(value(args, ++i));
                case "--committed" -> committed = true;
                case "--scale" -> sizes = ScaleRun.sizes(value(args, ++i));
                case "--records" -> records = number(value(args, ++i));
                case "--batch" -> batch = number(value(args, ++i));
                case "--weights" -> weights = Path.of(value(args, ++i));
                case "--set" -> only = value(args, ++i);
                default ->
                    throw new IllegalArgumentException("unknown option " + args[i]
                            + "; use --json, --set NAME, --rules NAME|FILE, --dedupe A.csv, --link A.csv B.csv,"
                            + " --truth COLUMN|FILE.csv, --out pairs.csv, --weights FILE.json,"
                            + " --scale N,N,…, --committed, --records N, --batch N");
            }
        }
        if (committed) {
            System.out.println(CommittedRun.run(records, batch, json));
            return 0;
        }
        if (!sizes.isEmpty()) {
            ScaleRun.run(sizes, json);
            return 0;
        }
        if (weights != null) {
            IdentitySet set = only != null ? BundledSets.of(only) : custom(rules(named(rules)), files, link, truth);
            new IdentityRun(set).learnInto(weights);
            return 0;
        }
        if (!json) {
            System.out.println(IdentityResult.header());
        }
        if (!files.isEmpty()) {
            print(new IdentityRun(custom(rules(named(rules)), files, link, truth)).run(out), json);
            return 0;
        }
        boolean any = false;
        if (only != null && !only.endsWith("*") && !BundledSets.names().contains(only)) {
            print(new IdentityRun(BundledSets.of(only)).run(out), json);
            return 0;
        }
        for (String name : BundledSets.names()) {
            if (only == null
                    || name.equals(only)
                    || only.endsWith("*") && name.startsWith(only.substring(0, only.length() - 1))) {
                any = true;
                print(new IdentityRun(BundledSets.of(name)).run(out), json);
            }
        }
        if (!any) {
            throw new IllegalArgumentException("no set " + only + "; there are " + BundledSets.names());
        }
        return 0;
    }

    static int number(String text) {
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException(text + " is no number of records");
        }
        return Integer.parseInt(text);
    }

    private static String named(@Nullable String rules) {
        if (rules == null) {
            throw new IllegalArgumentException("--rules is missing: a name (person-latin, person, place) or a file");
        }
        return rules;
    }

    private static void print(IdentityResult result, boolean json) {
        System.out.println(json ? result.json() : result.row());
    }

    private static String value(String[] args, int i) {
        if (i >= args.length) {
            throw new IllegalArgumentException(args[args.length - 1] + " needs a value");
        }
        return args[i];
    }

    static MatchRules rules(String nameOrFile) throws IOException {
        Path file = Path.of(nameOrFile);
        if (Files.isRegularFile(file)) {
            return MatchRules.parse(nameOrFile, Files.readString(file));
        }
        return MatchRules.named(nameOrFile)
                .orElseThrow(() -> new IllegalArgumentException("no rules and no file " + nameOrFile));
    }

    private static IdentitySet custom(MatchRules rules, List<Path> files, boolean link, @Nullable String truth)
            throws IOException {
        List<Table> tables = new ArrayList<>();
        for (Path f : files) {
            tables.add(Table.read(f).withParents());
        }
        String keyColumn = tables.get(0).columns().get(0);
        IdentitySet.Truth pairs = IdentitySet.Truth.none();
        Set<String> withheld = Set.of();
        if (truth != null) {
            if (tables.get(0).column(truth) >= 0) {
                keyColumn = truth;
                withheld = Set.of(truth);
                truthByNumber(tables, truth, link, pairs);
            } else {
                truthByFile(tables, Table.read(Path.of(truth)), pairs);
            }
        }
        return new IdentitySet(
                String.valueOf(files.get(0).getFileName()), rules, tables, link, withheld, keyColumn, pairs);
    }

    /** Records of one entity share the first number in the column. */
    static void truthByNumber(List<Table> tables, String column, boolean link, IdentitySet.Truth truth) {
        truth.markKnown();
        Map<String, List<int[]>> groups = new HashMap<>();
        int at = 0;
        for (int t = 0; t < tables.size(); t++) {
            Table table = tables.get(t);
            for (String[] row : table.rows()) {
                Matcher m = NUMBER.matcher(table.get(row, column));
                if (m.find()) {
                    groups.computeIfAbsent(m.group(), k -> new ArrayList<>()).add(new int[] {t, at});
                }
                at++;
            }
        }
        for (List<int[]> g : groups.values()) {
            for (int i = 0; i < g.size(); i++) {
                for (int j = 0; j < i; j++) {
                    if (!link || g.get(i)[0] != g.get(j)[0]) {
                        truth.add(g.get(j)[1], g.get(i)[1]);
                    }
                }
            }
        }
    }

    /** Pairs of keys; a key is looked for in the column that the header names, else in the first of each table. */
    private static void truthByFile(List<Table> tables, Table pairs, IdentitySet.Truth truth) {
        truth.markKnown();
        if (pairs.columns().size() < 2) {
            throw new IllegalArgumentException(pairs.name() + " needs two columns of keys");
        }
        List<Map<String, Integer>> keys = new ArrayList<>();
        int at = 0;
        for (int t = 0; t < tables.size(); t++) {
            Table table = tables.get(t);
            int named = table.column(pairs.columns().get(Math.min(t, 1)));
            Map<String, Integer> map = new HashMap<>();
            for (String[] row : table.rows()) {
                map.put(row[Math.max(0, named)], at++);
            }
            keys.add(map);
        }
        List<String[]> rows = new ArrayList<>(pairs.rows());
        rows.add(0, pairs.columns().toArray(new String[0]));
        for (String[] row : rows) {
            Integer a = keys.get(0).get(row[0]);
            Integer b = keys.get(keys.size() - 1).get(row[1]);
            if (a != null && b != null && !a.equals(b)) {
                truth.add(a, b);
            }
        }
    }

    static Table resource(String name) {
        try (InputStream in = IdentityBench.class.getResourceAsStream("data/" + name)) {
            if (in == null) {
                throw new IllegalStateException("data/" + name + " is missing from the jar");
            }
            return Table.read(name, new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("data/" + name + " cannot be read", e);
        }
    }
}
