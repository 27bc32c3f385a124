package io.yimen.pool.correction;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How corrections are dealt with.
 *
 * @param level who accepts, unless said otherwise for a source
 * @param levels by source
 * @param answerDays working days that the owner of a system has to answer
 * @param calendar which days are working days
 */
public record Policy(Level level, Map<String, Level> levels, int answerDays, WorkingDays calendar) {
    public Policy {
        levels = Map.copyOf(levels);
        if (answerDays < 1 || answerDays > 250) {
            throw new IllegalArgumentException("An answer is due within 1 to 250 working days");
        }
    }

    /** Whoever makes it accepts it; five working days. */
    public static Policy standard() {
        return new Policy(Level.SELF, Map.of(), 5, WorkingDays.bundled());
    }

    /** Who accepts a correction of a value of this source; {@code null}: nobody had a value. */
    public Level levelOf(@Nullable String source) {
        return source == null ? level : levels.getOrDefault(source, level);
    }
}
