package io.yimen.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Beijing's divisions of 2016 and 2023, to be found again by level, district, town and name alone.
 *
 * <p>What is true comes from the codes, as far as codes can tell. A code that bears the same name, or the same in
 * another style, or one that has at least half of its characters in common, is the same place. A code whose new name
 * has nothing of the old is either a place renamed or a code used again: nobody can tell from the registers, so these
 * rows are not judged; where the old or new name is borne by another code of the same district, the code has been used
 * again and is no match. A name that left one code and came back under another in the same district (a town was
 * divided, say) is not judged either. The set {@code registers-all-codes} judges everything, by code alone.
 */
final class Registers {
    private static final String[] STYLES = {
        "社区居民委员会", "社区居委会", "社区委员会", "居民委员会", "居委会", "村民委员会", "村委会", "地区办事处", "街道办事处", "办事处", "街道", "地区", "社区", "镇",
        "乡", "村"
    };

    private Registers() {}

    private record Row(String code, String level, String name, String county, String town) {}

    static IdentitySet set(String set, boolean everything) throws IOException {
        List<Row> old = read("beijing_divisions_2016.csv");
        List<Row> now = read("beijing_divisions_2023.csv");
        IdentitySet.Truth truth = IdentitySet.Truth.none();
        truth.markKnown();
        judge(old, now, everything, truth);
        return new IdentitySet(
                set,
                IdentityBench.rules("place"),
                List.of(table("2016", old), table("2023", now)),
                true,
                Set.of(),
                "key",
                truth);
    }

    private static Table table(String name, List<Row> rows) {
        List<String[]> cells = new ArrayList<>();
        for (Row r : rows) {
            cells.add(new String[] {r.code(), r.level(), r.name(), r.county(), r.town()});
        }
        return new Table(name, List.of("key", "level", "name", "county", "town"), cells);
    }

    private static List<Row> read(String file) {
        Table t = IdentityBench.resource(file);
        Map<String, String> names = new HashMap<>();
        t.rows().forEach(r -> names.put(t.get(r, "code"), t.get(r, "name")));
        List<Row> rows = new ArrayList<>();
        for (String[] r : t.rows()) {
            String code = t.get(r, "code");
            String level = t.get(r, "level");
            if (level.equals("town") || level.equals("village")) {
                String county = names.getOrDefault(code.substring(0, 6) + "000000", "");
                String town = level.equals("village") ? names.getOrDefault(code.substring(0, 9) + "000", "") : "";
                rows.add(new Row(code, level, t.get(r, "name"), county, town));
            }
        }
        return rows;
    }

    private static void judge(List<Row> old, List<Row> now, boolean everything, IdentitySet.Truth truth) {
        Table linkage = IdentityBench.resource("beijing_division_linkage_2016_2023.csv");
        Map<String, String> classes = new HashMap<>();
        linkage.rows().forEach(r -> classes.put(linkage.get(r, "code"), linkage.get(r, "class")));
        Map<String, Integer> nowByCode = new HashMap<>();
        Map<String, List<Integer>> nowByName = new HashMap<>();
        Set<String> oldNames = new HashSet<>();
        for (int i = 0; i < now.size(); i++) {
            nowByCode.put(now.get(i).code(), i);
            nowByName.computeIfAbsent(place(now.get(i)), k -> new ArrayList<>()).add(i);
        }
        old.forEach(r -> oldNames.add(place(r)));
        int base = old.size();
        for (int i = 0; i < old.size(); i++) {
            Row a = old.get(i);
            Integer j = nowByCode.get(a.code());
            boolean alive = j != null;
            if (alive) {
                Row b = now.get(Objects.requireNonNull(j));
                if (everything || isSame(core(a.name()), core(b.name()))) {
                    truth.add(i, base + j);
                } else if (!nowByName.containsKey(place(a)) && !oldNames.contains(place(b))) {
                    truth.addUnjudged(i, base + j);
                }
            }
            if (!everything
                    && (!alive
                            || !isSame(
                                    core(a.name()),
                                    core(now.get(Objects.requireNonNull(j)).name())))) {
                for (int k : nowByName.getOrDefault(place(a), List.of())) {
                    if ("NEW".equals(classes.get(now.get(k).code()))) {
                        truth.addUnjudged(i, base + k);
                    }
                }
            }
        }
    }

    private static String place(Row r) {
        return r.level() + r.code().substring(0, 6) + core(r.name());
    }

    private static String core(String name) {
        String n = name;
        for (String s : STYLES) {
            if (n.endsWith(s) && n.length() > s.length() + 1) {
                n = n.substring(0, n.length() - s.length());
                if (!s.startsWith("居") && !s.equals("办事处")) {
                    break;
                }
            }
        }
        return n;
    }

    /** At least half of the characters, in order, are common. */
    private static boolean isSame(String a, String b) {
        int[][] t = new int[a.length() + 1][b.length() + 1];
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                t[i][j] = a.charAt(i - 1) == b.charAt(j - 1) ? t[i - 1][j - 1] + 1 : Math.max(t[i - 1][j], t[i][j - 1]);
            }
        }
        return t[a.length()][b.length()] * 2 >= Math.max(a.length(), b.length());
    }
}
