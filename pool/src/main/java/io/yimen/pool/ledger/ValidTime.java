package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Validity;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * From when to when a record holds, as the sources say; the last day belongs to it.
 *
 * @param from {@code null}: nobody says since when, it holds as long ago as you like
 * @param to {@code null}: nobody says until when, it holds without end
 * @param holds whether it held on the day that was asked for; {@code null} where none was
 */
public record ValidTime(
        @Nullable LocalDate from,
        @Nullable LocalDate to,
        @Nullable Boolean holds) {
    static ValidTime of(@Nullable String from, @Nullable String to, @Nullable LocalDate day) {
        LocalDate first = from == null ? null : LocalDate.parse(from);
        LocalDate last = to == null ? null : LocalDate.parse(to);
        return new ValidTime(
                first,
                last,
                day == null ? null : (first == null || !first.isAfter(day)) && (last == null || !last.isBefore(day)));
    }

    /** Refuses a day where the type's records have no dates. */
    static void check(EntityType type, @Nullable LocalDate day) {
        if (day != null && type.validity().isEmpty()) {
            throw new PoolException(
                    PoolException.Kind.INVALID,
                    "Records of " + type.name() + " have no dates from which to tell what held on a day");
        }
    }

    /** Limits to what held on the day; {@code fields} is the column of golden values. */
    static void limit(Sql sql, String fields, EntityType type, @Nullable LocalDate day) {
        if (day != null) {
            Validity validity = type.validity().orElseThrow();
            // ISO dates compare as text.
            sql.add("and coalesce(" + fields + " ->> ?, '') <= ?", validity.from(), day.toString());
            sql.add("and coalesce(nullif(" + fields + " ->> ?, ''), '9999-12-31') >= ?", validity.to(), day.toString());
        }
    }
}
