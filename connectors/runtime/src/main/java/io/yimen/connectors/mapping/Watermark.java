package io.yimen.connectors.mapping;

import io.yimen.connectors.manifest.Manifest;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The time of the latest change that rows tell. For one thread. */
public final class Watermark {
    private final Functions.Stated stated;
    private final DateTimeFormatter written;
    private @Nullable Instant latest;

    /**
     * @param pattern in which the time is written; null for ISO-8601
     * @param zone of a time without one
     */
    public Watermark(String column, @Nullable String pattern, Columns columns, ZoneId zone) {
        this.stated = new Functions(columns, zone).stated(new Manifest.Updated(column, pattern, null));
        this.written = (pattern == null
                        ? DateTimeFormatter.ISO_OFFSET_DATE_TIME
                        : DateTimeFormatter.ofPattern(pattern, Locale.ROOT))
                .withZone(zone);
    }

    /** Looks at rows; one that tells nothing, or nonsense, is passed over. */
    public void see(List<@Nullable String[]> rows) {
        for (String[] row : rows) {
            try {
                Instant at = stated.apply(row);
                if (at != null && (latest == null || at.isAfter(latest))) {
                    latest = at;
                }
            } catch (Unfit e) {
                // its record waits in quarantine, if anything needs the column
            }
        }
    }

    /** The latest time seen; null where no row told one. */
    public @Nullable Instant latest() {
        return latest;
    }

    /** A time as the source writes it. */
    public String write(Instant time) {
        return written.format(time.truncatedTo(ChronoUnit.SECONDS));
    }
}
