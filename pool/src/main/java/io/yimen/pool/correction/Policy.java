package io.yimen.pool.correction;

import io.yimen.pool.claim.StreamId;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How corrections are dealt with.
 *
 * @param level who accepts, unless said otherwise for a source
 * @param levels by source
 * @param answerDays working days that the owner of a system has to answer
 * @param calendar which days are working days
 * @param writing tells the canonical fields that Yimen itself puts right in the system, by stream; asked whenever a
 *     correction is accepted, by any thread, since connectors come and go
 */
public record Policy(
        Level level,
        Map<String, Level> levels,
        int answerDays,
        WorkingDays calendar,
        Supplier<Map<StreamId, Set<String>>> writing) {
    public Policy {
        levels = Map.copyOf(levels);
        if (answerDays < 1 || answerDays > 250) {
            throw new IllegalArgumentException("An answer is due within 1 to 250 working days");
        }
    }

    /** With fields that stay what they are; none where nothing is to be written back. */
    public Policy(
            Level level,
            Map<String, Level> levels,
            int answerDays,
            WorkingDays calendar,
            Map<StreamId, Set<String>> writable) {
        this(level, levels, answerDays, calendar, constant(Map.copyOf(writable)));
    }

    private static <T> Supplier<T> constant(T value) {
        return () -> value;
    }

    /** What is written back at this moment. */
    public Map<StreamId, Set<String>> writable() {
        return writing.get();
    }

    /** Whoever makes it accepts it; five working days; nothing is written back. */
    public static Policy standard() {
        return new Policy(Level.SELF, Map.of(), 5, WorkingDays.bundled(), Map.of());
    }

    /** The same, with fields that are written back. */
    public Policy writing(Map<StreamId, Set<String>> fields) {
        return new Policy(level, levels, answerDays, calendar, fields);
    }

    /** Who accepts a correction of a value of this source; {@code null}: nobody had a value. */
    public Level levelOf(@Nullable String source) {
        return source == null ? level : levels.getOrDefault(source, level);
    }
}
