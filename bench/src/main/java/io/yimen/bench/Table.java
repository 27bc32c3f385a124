package io.yimen.bench;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows with named columns; blanks around names and values do not count. */
record Table(String name, List<String> columns, List<String[]> rows) {

    static Table read(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return read(String.valueOf(file.getFileName()), in);
        }
    }

    static Table read(String name, Reader in) throws IOException {
        List<String> columns = new ArrayList<>();
        List<String[]> rows = new ArrayList<>();
        try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(in)) {
            for (CsvRecord r : csv) {
                if (columns.isEmpty()) {
                    for (String c : r.getFields()) {
                        columns.add(c.replace("\ufeff", "").strip());
                    }
                } else {
                    String[] row = new String[columns.size()];
                    for (int i = 0; i < row.length; i++) {
                        row[i] = i < r.getFieldCount() ? r.getField(i).strip() : "";
                    }
                    rows.add(row);
                }
            }
        }
        return new Table(name, columns, rows);
    }

    /** Place of a column, whatever the case of its name; -1 if there is none. */
    int column(String wanted) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).toLowerCase(Locale.ROOT).equals(wanted.toLowerCase(Locale.ROOT))) {
                return i;
            }
        }
        return -1;
    }

    /** A register of divisions with codes and parents: its county and town are the names of the places above. */
    Table withParents() {
        int code = column("code");
        int parent = column("parent_code");
        int level = column("level");
        int called = column("name");
        if (code < 0 || parent < 0 || level < 0 || called < 0) {
            return this;
        }
        Map<String, String[]> byCode = new HashMap<>();
        rows.forEach(r -> byCode.put(r[code], r));
        List<String> names = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            if (!columns.get(c).equals("county") && !columns.get(c).equals("town")) {
                names.add(columns.get(c));
                kept.add(c);
            }
        }
        names.add("county");
        names.add("town");
        List<String[]> wider = new ArrayList<>();
        for (String[] row : rows) {
            String[] cells = new String[names.size()];
            for (int c = 0; c < kept.size(); c++) {
                cells[c] = row[kept.get(c)];
            }
            cells[names.size() - 2] = "";
            cells[names.size() - 1] = "";
            String[] above = byCode.get(row[parent]);
            for (int up = 0; above != null && up < 5; up++) {
                if (above[level].equals("county")) {
                    cells[names.size() - 2] = above[called];
                } else if (above[level].equals("town")) {
                    cells[names.size() - 1] = above[called];
                }
                above = byCode.get(above[parent]);
            }
            wider.add(cells);
        }
        return new Table(name, names, wider);
    }

    String get(String[] row, @Nullable String column) {
        int c = column == null ? -1 : column(column);
        return c < 0 ? "" : row[c];
    }
}
