package io.yimen.pool.identity.match;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Objects;

/** The Chinese calendar, for birthdays that were written down by the moon. */
final class Lunar {
    private static final int FIRST = 1899;
    private static final int[] YEARS = load();

    private Lunar() {}

    private static int[] load() {
        try (InputStream in = Objects.requireNonNull(Lunar.class.getResourceAsStream("lunar.txt"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String[] words = text.substring(text.indexOf('\n')).strip().split("\\s+");
            int[] years = new int[words.length];
            for (int i = 0; i < words.length; i++) {
                years[i] = Integer.parseInt(words[i], 16);
            }
            return years;
        } catch (IOException e) {
            throw new UncheckedIOException("The table of lunar years cannot be read", e);
        }
    }

    /** The day of the sun's calendar as yyyymmdd, for a day of an ordinary lunar month; -1 where there is none. */
    static int toSolar(int year, int month, int day) {
        int i = year - FIRST;
        if (i < 0 || i >= YEARS.length || month < 1 || month > 12 || day < 1 || day > 30) {
            return -1;
        }
        int y = YEARS[i];
        int leap = (y >> 13) & 15;
        int index = month - 1 + (leap != 0 && month > leap ? 1 : 0);
        if (day == 30 && (y >> index & 1) == 0) {
            return -1;
        }
        int days = (y >> 17) + day - 1;
        for (int m = 0; m < index; m++) {
            days += 29 + (y >> m & 1);
        }
        LocalDate date = LocalDate.of(year, 1, 1).plusDays(days);
        return date.getYear() * 10000 + date.getMonthValue() * 100 + date.getDayOfMonth();
    }
}
