package io.yimen.connectors.rows;

import io.yimen.connectors.manifest.FileDropSettings;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.Unusable;
import io.yimen.connectors.sheet.Cell;
import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sheet of a workbook. Its header may have several rows with merged cells: a column is then called by all that stands
 * above it, joined by a slash. Days that the sheet holds as numbers are written as the manifest reads them.
 */
final class SheetRows implements Rows {
    private static final int MOST_ROWS = 1_048_576;
    /** The last day that a workbook can name, 9999-12-31. */
    private static final BigDecimal LAST_DAY = BigDecimal.valueOf(2_958_465);

    private static final int SAFE_DIGITS = 15;

    private final SheetReader sheet;
    private final List<String> names;
    private final int[] places;
    private final Set<Integer> identifying = new HashSet<>();
    private final Map<Integer, DateTimeFormatter> times = new HashMap<>();
    private SheetReader.@Nullable Row first;

    SheetRows(Path file, FileDropSettings.Sheet settings, Columns columns, List<Manifest.Stream> streams) {
        this.sheet = open(file, settings.name());
        try {
            this.names = header(settings);
        } catch (WorkbookFault e) {
            close();
            throw unfit(e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        this.places = columns.names().stream().mapToInt(names::indexOf).toArray();
        for (Manifest.Stream stream : streams) {
            stream.fields().forEach(rule -> know(rule, columns));
            if (stream.updated() != null) {
                know(stream.updated().from(), stream.updated().pattern(), "yyyy-MM-dd HH:mm:ss", columns);
            }
        }
    }

    private void know(Manifest.FieldRule rule, Columns columns) {
        String pattern = rule.options().path("pattern").asText("");
        for (String column : rule.from()) {
            switch (rule.function()) {
                case "idNumber", "creditCode" -> identifying.add(columns.indexOf(column));
                case "date" -> know(column, pattern, "yyyy-MM-dd", columns);
                case "timestamp" -> know(column, pattern, "yyyy-MM-dd HH:mm:ss", columns);
                default -> {
                    // a number is a number
                }
            }
        }
    }

    private void know(String column, @Nullable String pattern, String otherwise, Columns columns) {
        String written = pattern == null || pattern.isEmpty() ? otherwise : pattern;
        times.put(columns.indexOf(column), DateTimeFormatter.ofPattern(written, Locale.ROOT));
    }

    private static SheetReader open(Path file, String name) {
        try {
            return SheetReader.open(file, name, MOST_ROWS);
        } catch (WorkbookFault e) {
            throw unfit(e);
        }
    }

    private static UnfitFile unfit(WorkbookFault fault) {
        String said = fault.message();
        return new UnfitFile(
                "malformed-xlsx", "is not read: " + said.substring(0, 1).toLowerCase(Locale.ROOT) + said.substring(1));
    }

    private List<String> header(FileDropSettings.Sheet settings) {
        int last = settings.header() + settings.headerRows() - 1;
        Map<Integer, SheetReader.Row> rows = new HashMap<>();
        int width = 0;
        while (true) {
            SheetReader.Row row = sheet.next();
            if (row == null || row.number() > last) {
                first = row;
                break;
            }
            if (row.number() >= settings.header()) {
                rows.put(row.number(), row);
                width = Math.max(width, row.cells().size());
            }
        }
        List<SheetReader.Area> merged = settings.headerRows() == 1 ? List.of() : sheet.merged(last);
        for (SheetReader.Area area : merged) {
            // The last of cells that were made one are empty, and may not even stand in the row.
            width = area.bottom() >= settings.header() ? Math.max(width, Math.min(area.right() + 1, 200)) : width;
        }
        List<String> found = new ArrayList<>();
        for (int column = 0; column < width; column++) {
            List<String> parts = new ArrayList<>();
            for (int number = settings.header(); number <= last; number++) {
                String part = label(rows, merged, number, column);
                if (!part.isEmpty()
                        && (parts.isEmpty() || !parts.get(parts.size() - 1).equals(part))) {
                    parts.add(part);
                }
            }
            found.add(String.join("/", parts));
        }
        return found;
    }

    private static String label(
            Map<Integer, SheetReader.Row> rows, List<SheetReader.Area> merged, int number, int column) {
        int top = number;
        int left = column;
        for (SheetReader.Area area : merged) {
            if (area.holds(number, column)) {
                top = area.top();
                left = area.left();
                break;
            }
        }
        SheetReader.Row row = rows.get(top);
        // People break the lines of a header where they like.
        return row == null ? "" : row.text(left).replaceAll("[\\s\\u3000]+", "");
    }

    @Override
    public @Nullable Row next() {
        SheetReader.Row row = first;
        first = null;
        try {
            row = row == null ? sheet.next() : row;
        } catch (WorkbookFault e) {
            throw unfit(e);
        }
        if (row == null) {
            return null;
        }
        @Nullable String[] values = new @Nullable String[places.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = places[i] < 0 ? null : value(row.cell(places[i]), i);
        }
        return Row.of(row.number(), values);
    }

    private String value(Cell cell, int column) {
        if (cell.kind() == Cell.Kind.OTHER && cell.text().startsWith("#")) {
            return Unusable.of("cell-error", "holds an error of a formula; correct it in the workbook");
        }
        return cell.kind() == Cell.Kind.NUMBER ? number(cell.text(), column) : Cell.plain(cell.text());
    }

    private String number(String text, int column) {
        BigDecimal number;
        try {
            number = new BigDecimal(text).stripTrailingZeros();
        } catch (NumberFormatException e) {
            return text;
        }
        if (number.precision() - number.scale() > 40 || number.scale() > 40) {
            return Unusable.of("numeric-cell", "holds a number beyond all measure; correct it in the workbook");
        }
        boolean long18 = number.scale() <= 0 && number.precision() - number.scale() > SAFE_DIGITS;
        if (identifying.contains(column) || long18) {
            return Unusable.of(
                    "numeric-cell",
                    "holds a number, of which a workbook keeps 15 digits only: format the column as text and enter it"
                            + " again");
        }
        DateTimeFormatter time = times.get(column);
        if (time != null && number.signum() > 0 && number.compareTo(LAST_DAY) <= 0) {
            return time.format(time(number));
        }
        return number.toPlainString();
    }

    private LocalDateTime time(BigDecimal days) {
        // The calendar from 1900 has a 29 February that never was: its days count from one day earlier.
        LocalDate start = sheet.isSince1904() ? LocalDate.of(1904, 1, 1) : LocalDate.of(1899, 12, 30);
        long seconds = Math.round(days.doubleValue() % 1 * 86_400);
        return start.plusDays(days.longValue()).atStartOfDay().plusSeconds(seconds);
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public boolean hasHeader() {
        return true;
    }

    @Override
    public void close() {
        sheet.close();
    }
}
