package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.RunStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Tables {@code run}, {@code run_count} and {@code feed_offset}. */
public final class Runs {
    private static final String CLOSE_LEFT_OPEN = """
            update pool.run
               set status = 'FAILED', ended_at = ?, updated_at = ?,
                   message = 'Left open: the process ended before the run did'
             where feed = ? and ended_at is null
            """;
    private static final String OPEN = """
            insert into pool.run (source, feed, kind, status, expected, started_at, updated_at)
            values (?, ?, ?, 'RUNNING', ?, ?, ?)
            returning id
            """;
    private static final String UPDATE = """
            update pool.run set status = ?, expected = coalesce(?, expected), updated_at = ?
             where id = ? and ended_at is null
            """;
    private static final String CLOSE = """
            update pool.run r
               set status = case when exists (select from pool.run_count c
                                               where c.run_id = r.id
                                                 and c.read <> c.applied + c.unchanged + c.stale + c.quarantined + c.withheld)
                                 then 'RED' else ? end,
                   message = ?, updated_at = ?, ended_at = ?
             where id = ? and ended_at is null
            """;
    private static final String COUNT = """
            insert into pool.run_count as c (run_id, stream_id, read, applied, unchanged, stale, quarantined, withheld)
            select ?, *
              from unnest(?::int[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
            on conflict (run_id, stream_id) do update
              set read = c.read + excluded.read, applied = c.applied + excluded.applied,
                  unchanged = c.unchanged + excluded.unchanged, stale = c.stale + excluded.stale,
                  quarantined = c.quarantined + excluded.quarantined,
                  withheld = c.withheld + excluded.withheld
            """;
    private static final String TOUCH = """
            update pool.run set updated_at = ? where id = ? and ended_at is null
            """;
    private static final String SAVE_OFFSET = """
            insert into pool.feed_offset (feed, value, run_id, updated_at) values (?, ?, ?, ?)
            on conflict (feed) do update
              set value = excluded.value, run_id = excluded.run_id, updated_at = excluded.updated_at
            """;
    private static final String OPEN_RUN = """
            select id, updated_at from pool.run where feed = ? and ended_at is null order by id desc limit 1
            """;
    private static final String SELECT_OFFSET = """
            select value from pool.feed_offset where feed = ?
            """;

    private static final Duration ABANDONED = Duration.ofSeconds(30);

    private final Connection db;
    private final OffsetDateTime now;

    public Runs(Connection db, OffsetDateTime now) {
        this.db = db;
        this.now = now;
    }

    public long open(String source, String feed, String kind, OptionalLong expected) throws SQLException {
        try (PreparedStatement close = db.prepareStatement(CLOSE_LEFT_OPEN)) {
            close.setObject(1, now);
            close.setObject(2, now);
            close.setString(3, feed);
            close.executeUpdate();
        }
        try (PreparedStatement open = db.prepareStatement(OPEN)) {
            open.setString(1, source);
            open.setString(2, feed);
            open.setString(3, kind);
            set(open, 4, expected);
            open.setObject(5, now);
            open.setObject(6, now);
            try (ResultSet rows = open.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** What replays of a source are counted under. */
    public static String replayFeed(String source) {
        return source + "/replay";
    }

    /**
     * Opens the run of a replay. A source has one at a time; one that has not moved for a while has lost its process.
     *
     * @throws PoolException {@code CONFLICT} if one is running
     */
    public long openReplay(String source, long expected) throws SQLException {
        String feed = replayFeed(source);
        try (PreparedStatement select = db.prepareStatement(OPEN_RUN)) {
            select.setString(1, feed);
            try (ResultSet row = select.executeQuery()) {
                if (row.next()
                        && row.getObject(2, OffsetDateTime.class)
                                .plus(ABANDONED)
                                .isAfter(now)) {
                    throw new PoolException(
                            PoolException.Kind.CONFLICT,
                            "Run " + row.getLong(1) + " replays records of " + source
                                    + " at this moment: wait for its end, or stop it");
                }
            }
        }
        return open(source, feed, "replay", OptionalLong.of(expected));
    }

    public OffsetDateTime now() {
        return now;
    }

    public void update(long run, RunStatus status, OptionalLong expected) throws SQLException {
        try (PreparedStatement update = db.prepareStatement(UPDATE)) {
            update.setString(1, status.name());
            set(update, 2, expected);
            update.setObject(3, now);
            update.setLong(4, run);
            mustHit(update.executeUpdate(), run);
        }
    }

    public void close(long run, RunStatus status, @Nullable String message) throws SQLException {
        try (PreparedStatement close = db.prepareStatement(CLOSE)) {
            close.setString(1, status.name());
            close.setString(2, message);
            close.setObject(3, now);
            close.setObject(4, now);
            close.setLong(5, run);
            mustHit(close.executeUpdate(), run);
        }
    }

    /**
     * Counts what became of records.
     *
     * @throws PoolException {@code INVALID} if the run is not open
     */
    void count(long run, Map<StreamId, Counts> counts, Streams streams) throws SQLException {
        Transaction tx = new Transaction(db, streams, run, now.toInstant());
        count(tx, run, counts);
        tx.send();
    }

    /** The same with what the transaction sends next, which is refused if the run is not open. */
    static void count(Transaction tx, long run, Map<StreamId, Counts> counts) {
        tx.later(TOUCH, rows -> mustHit(rows, run), Sql.time(tx.timestamp()), Sql.number(run));
        if (counts.isEmpty()) {
            return;
        }
        Sql.Ints numbers = new Sql.Ints();
        Sql.Longs read = new Sql.Longs();
        Sql.Longs applied = new Sql.Longs();
        Sql.Longs unchanged = new Sql.Longs();
        Sql.Longs stale = new Sql.Longs();
        Sql.Longs quarantined = new Sql.Longs();
        Sql.Longs withheld = new Sql.Longs();
        counts.forEach((stream, c) -> {
            numbers.add(tx.streams().number(stream));
            read.add(c.read());
            applied.add(c.applied());
            unchanged.add(c.unchanged());
            stale.add(c.stale());
            quarantined.add(c.quarantined());
            withheld.add(c.withheld());
        });
        tx.later(COUNT, Sql.number(run), numbers, read, applied, unchanged, stale, quarantined, withheld);
    }

    static void saveOffset(Transaction tx, String feed, String value, long run) {
        tx.later(SAVE_OFFSET, Sql.text(feed), Sql.text(value), Sql.number(run), Sql.time(tx.timestamp()));
    }

    public Optional<String> findOffset(String feed) throws SQLException {
        try (PreparedStatement select = db.prepareStatement(SELECT_OFFSET)) {
            select.setString(1, feed);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private static void mustHit(int rows, long run) {
        if (rows == 0) {
            throw new PoolException(PoolException.Kind.INVALID, "Run " + run + " is not open: open a new one");
        }
    }

    private static void set(PreparedStatement statement, int index, OptionalLong value) throws SQLException {
        if (value.isPresent()) {
            statement.setLong(index, value.getAsLong());
        } else {
            statement.setNull(index, Types.BIGINT);
        }
    }
}
