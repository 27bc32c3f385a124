package io.yimen.bench.copy;

import java.util.ArrayList;
import java.util.List;

/** How many columns a row has. */
enum Width {
    /** Four. */
    NARROW,
    /** Thirteen for a home, fifteen for a person. */
    NORMAL,
    /** Sixty. */
    WIDE;

    private static final int COLUMNS_OF_WIDE = 60;
    private static final int COLUMNS_OF_NARROW = 4;

    /** The table of homes; then one for each register of people, in the order of their numbers. */
    List<CopyTable> tables() {
        List<CopyTable> tables = new ArrayList<>(List.of(new CopyTable(
                "home",
                columns(
                        "id bigint",
                        "name text",
                        "compound text",
                        "building text",
                        "unit text",
                        "door text",
                        "use text",
                        "area integer",
                        "status text",
                        "floors integer",
                        "built date",
                        "note text",
                        "updated text"))));
        for (String register : List.of("resident", "grid", "service")) {
            tables.add(new CopyTable(
                    register,
                    columns(
                            "id bigint",
                            "name text",
                            "id_number text",
                            "phone text",
                            "home bigint",
                            "sex text",
                            "birth text",
                            "address text",
                            "ethnicity text",
                            "political text",
                            "education text",
                            "residency text",
                            "registered date",
                            "note text",
                            "updated text")));
        }
        return tables;
    }

    /** The folder of the manifest by which Yimen reads these tables. */
    String connector() {
        return this == NARROW ? "bench-narrow" : "bench-normal";
    }

    private List<CopyTable.Column> columns(String... normal) {
        List<CopyTable.Column> columns = new ArrayList<>();
        for (String each : normal) {
            String[] words = each.split(" ", 2);
            columns.add(new CopyTable.Column(words[0], words[1]));
        }
        if (this == NARROW) {
            return columns.subList(0, COLUMNS_OF_NARROW);
        }
        for (int i = columns.size() + 1; this == WIDE && i <= COLUMNS_OF_WIDE; i++) {
            columns.add(new CopyTable.Column("extra_" + i, i % 3 == 0 ? "integer" : "text"));
        }
        return columns;
    }
}
