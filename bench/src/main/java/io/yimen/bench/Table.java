package io.yimen.bench;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    String get(String[] row, @Nullable String column) {
        int c = column == null ? -1 : column(column);
        return c < 0 ? "" : row[c];
    }
}
