package io.yimen.pool.correction;

import io.yimen.pool.PoolException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Which days are working days: Monday to Friday but for holidays, and the weekend days that are worked in exchange. Of
 * years that the list does not know yet, Monday to Friday.
 */
public final class WorkingDays {
    private static final String BUNDLED = "/io/yimen/pool/working-days.yaml";

    private final Set<LocalDate> off;
    private final Set<LocalDate> worked;

    private WorkingDays(Set<LocalDate> off, Set<LocalDate> worked) {
        this.off = Set.copyOf(off);
        this.worked = Set.copyOf(worked);
    }

    /** The days that the State Council announced, as far as they were known when this was built. */
    public static WorkingDays bundled() {
        try (InputStream in = WorkingDays.class.getResourceAsStream(BUNDLED)) {
            if (in == null) {
                throw new IllegalStateException(BUNDLED + " is missing");
            }
            return read(BUNDLED, new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a list: {@code holidays} and {@code worked}, each a list of days or of {@code first/last}.
     *
     * @throws PoolException {@code CONFIGURATION} if it is none
     */
    public static WorkingDays read(String file, Reader yaml) {
        try {
            Object root = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
            if (root instanceof Map<?, ?> lists && Set.of("holidays", "worked").containsAll(lists.keySet())) {
                return new WorkingDays(days(lists.get("holidays")), days(lists.get("worked")));
            }
        } catch (YAMLException | DateTimeException | IllegalArgumentException e) {
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION, file + ": not a list of working days: " + e.getMessage(), e);
        }
        throw new PoolException(
                PoolException.Kind.CONFIGURATION,
                file + ": a list of working days has holidays: and worked:, nothing else");
    }

    private static Set<LocalDate> days(@Nullable Object list) {
        Set<LocalDate> days = new HashSet<>();
        if (list == null) {
            return days;
        }
        if (!(list instanceof List<?> entries)) {
            throw new IllegalArgumentException("holidays and worked are lists");
        }
        for (Object entry : entries) {
            String[] range = String.valueOf(entry).split("/", 2);
            LocalDate first = LocalDate.parse(range[0]);
            LocalDate last = range.length == 1 ? first : LocalDate.parse(range[1]);
            if (last.isBefore(first) || first.plusDays(60).isBefore(last)) {
                throw new IllegalArgumentException(entry + " is no range of days");
            }
            first.datesUntil(last.plusDays(1)).forEach(days::add);
        }
        return days;
    }

    /** Whether people work on that day. */
    public boolean isWorked(LocalDate day) {
        boolean weekend = day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
        return worked.contains(day) || (!weekend && !off.contains(day));
    }

    /** The {@code count}th working day after {@code day}. */
    public LocalDate after(LocalDate day, int count) {
        LocalDate found = day;
        for (int left = count; left > 0; ) {
            found = found.plusDays(1);
            left -= isWorked(found) ? 1 : 0;
        }
        return found;
    }
}
