package io.yimen.bench.copy;

import io.yimen.bench.Population;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Homes and people as three registers know them, made up from a seed; one value in twenty is dirty. */
final class Rows implements Population.Sink {
    private static final LocalDate FIRST_DAY = LocalDate.of(1980, 1, 1);
    private static final int DAYS = 16_000;
    private static final String[] EDUCATION = {"10", "20", "30", "40", "60", "70", "80", "90"};
    private static final int NAME = Population.column("name");
    private static final int SEX = Population.column("sex");
    private static final int BIRTH = Population.column("birthDate");
    private static final int ID_NUMBER = Population.column("idNumber");
    private static final int PHONE = Population.column("phone");
    private static final int ADDRESS = Population.column("address");
    private static final int ETHNICITY = Population.column("ethnicity");

    /** Takes in a row. */
    interface Sink {
        /** @param table as {@link Width#tables} numbers them; values are aligned with its columns, null is NULL */
        void row(int table, @Nullable String[] values);
    }

    /** @param table as {@link Width#tables} numbers them */
    record Row(int table, @Nullable String[] values) {
        long id() {
            return Long.parseLong(String.valueOf(values[0]));
        }
    }

    private final Width width;
    private final Sink sink;
    private final SplittableRandom dice;
    private final List<CopyTable> tables;
    private final long[] ids;
    private final int wanted;
    private int made;

    private Rows(Width width, long seed, long firstId, int wanted, Sink sink) {
        this.width = width;
        this.sink = sink;
        this.wanted = wanted;
        this.dice = new SplittableRandom(seed);
        this.tables = width.tables();
        this.ids = new long[tables.size()];
        java.util.Arrays.fill(ids, firstId);
    }

    /** Makes {@code count} rows of all tables together, numbered from {@code firstId} in each. */
    static void forEach(Width width, long seed, long firstId, int count, Sink sink) {
        Population.forEach(seed, count, new Rows(width, seed, firstId, count, sink));
    }

    static List<Row> list(Width width, long seed, long firstId, int count) {
        List<Row> rows = new ArrayList<>(count);
        forEach(width, seed, firstId, count, (table, values) -> rows.add(new Row(table, values)));
        return rows;
    }

    @Override
    public void home(String[] parts) {
        hand(
                0,
                parts[0] + parts[1] + "号楼" + parts[2] + "单元" + parts[3],
                parts[0],
                parts[1],
                parts[2],
                parts[3],
                Integer.toString(1 + dice.nextInt(4)),
                Integer.toString(30 + dice.nextInt(120)),
                dice.nextInt(50) == 0 ? "0" : "1",
                Integer.toString(1 + dice.nextInt(30)),
                day(),
                null,
                time());
    }

    @Override
    public void row(int register, int person, String[] of) {
        hand(
                1 + register,
                of[NAME],
                orNull(of[ID_NUMBER]),
                orNull(of[PHONE]),
                Long.toString(ids[0] - 1),
                orNull(of[SEX]),
                orNull(birth(of[BIRTH])),
                orNull(of[ADDRESS]),
                orNull(of[ETHNICITY]),
                dice.nextInt(10) == 0 ? "01" : "13",
                EDUCATION[dice.nextInt(EDUCATION.length)],
                Integer.toString(1 + dice.nextInt(3)),
                day(),
                dice.nextInt(5) == 0 ? "独居，每周走访" : null,
                time());
    }

    private void hand(int table, @Nullable String... normal) {
        if (made == wanted) {
            return;
        }
        made++;
        int columns = tables.get(table).columns().size();
        @Nullable String[] values = new @Nullable String[columns];
        values[0] = Long.toString(ids[table]++);
        for (int i = 1; i < columns; i++) {
            values[i] = i <= normal.length ? normal[i - 1] : extra(tables.get(table), i);
        }
        sink.row(table, values);
    }

    private @Nullable String extra(CopyTable table, int column) {
        if (dice.nextInt(4) == 0) {
            return null;
        }
        return table.columns().get(column).type().equals("integer")
                ? Integer.toString(dice.nextInt(10_000))
                : dice.nextInt(2) == 0 ? "是" : "否，见附件" + dice.nextInt(100);
    }

    private String day() {
        return FIRST_DAY.plusDays(dice.nextInt(DAYS)).toString();
    }

    private String time() {
        return "2024-%02d-%02d %02d:%02d:00"
                .formatted(1 + dice.nextInt(12), 1 + dice.nextInt(28), 8 + dice.nextInt(10), dice.nextInt(60));
    }

    /** In the one way that the systems of the bench write it, where it is a day at all. */
    private static String birth(String text) {
        try {
            return text.length() == 8
                    ? LocalDate.parse(text, DateTimeFormatter.BASIC_ISO_DATE).toString()
                    : text;
        } catch (DateTimeException e) {
            return text;
        }
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
