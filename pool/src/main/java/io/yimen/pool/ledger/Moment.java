package io.yimen.pool.ledger;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A place in the change log: everything up to it was there, nothing after it.
 *
 * @param at the instant that was asked for
 * @param seq the last change that was there then; 0 before the first
 */
record Moment(Instant at, long seq) {
    /**
     * The last change that was there at an instant, found by halving the month that it lies in: the log's times grow
     * with its sequence numbers.
     */
    static Moment of(Connection connection, Instant instant) throws SQLException {
        OffsetDateTime at = instant.atOffset(ZoneOffset.UTC);
        OffsetDateTime begins = at.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
        OffsetDateTime ends = begins.plusMonths(1);
        try (var select = connection.prepareStatement("""
                with recursive halving (low, high) as (
                    select min(seq) - 1, max(seq) + 1 from pool.change_order where at >= ? and at < ?
                  union all
                    select case when there then middle else low end, case when there then high else middle end
                      from (select low, high, (low + high) / 2 as middle,
                                   -- the last one up to the middle; none at all is early enough
                                   coalesce((select o.at <= ? from pool.change_order o
                                              where o.at >= ? and o.at < ? and o.seq <= (low + high) / 2
                                              order by o.seq desc limit 1), true) as there
                              from halving where high - low > 1) step)
                select max(low) from halving""")) {
            select.setObject(1, begins);
            select.setObject(2, ends);
            select.setObject(3, at);
            select.setObject(4, begins);
            select.setObject(5, ends);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                Long seq = row.getObject(1, Long.class);
                return new Moment(instant, seq == null ? lastBefore(connection, begins) : seq);
            }
        }
    }

    /** In a month in which nothing happened. */
    private static long lastBefore(Connection connection, OffsetDateTime begins) throws SQLException {
        try (var select =
                connection.prepareStatement("select coalesce(max(seq), 0) from pool.change_order where at < ?")) {
            select.setObject(1, begins);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** For a column of times, beside the one of numbers: it tells PostgreSQL which months there is no need to open. */
    OffsetDateTime time() {
        return at.atOffset(ZoneOffset.UTC);
    }

    /**
     * Refuses what is no longer known. Asked after reading: then what was read cannot have been compacted meanwhile
     * without its being seen here.
     *
     * @throws PoolException {@code INVALID}, {@code HISTORY_COMPACTED}
     */
    void checkKept(Connection connection, EntityType type) throws SQLException {
        try (var select =
                connection.prepareStatement("select at from pool.change_horizon where entity_type = ? and at > ?")) {
            select.setString(1, type.name());
            select.setObject(2, time());
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    throw PoolException.historyCompacted(
                            type.name(), row.getObject(1, OffsetDateTime.class).toInstant());
                }
            }
        }
    }
}
