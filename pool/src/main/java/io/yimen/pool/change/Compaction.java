package io.yimen.pool.change;

import io.yimen.pool.internal.Failures;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.sql.DataSource;

/**
 * Lets go of history that is older than its type's retention. Of what lies before the horizon, which is the beginning of
 * a month, the last state of each record stays: as of the horizon and ever after everything is told as before; as of an
 * earlier instant nothing is. Works in small transactions that hold nobody up; killed in between, it goes on where it
 * was; of several at once, one works on a type. Thread-safe.
 */
public final class Compaction {
    /** Changes looked at in one transaction. */
    private static final int STEP = 5_000;

    private static final String BEGIN = """
            insert into pool.change_horizon (entity_type, at, seq, done, removed)
            values (?, '-infinity', 0, 0, 0) on conflict (entity_type) do nothing
            """;
    private static final String TAKE = """
            select at = '-infinity' or at < ?, seq, done, removed from pool.change_horizon
             where entity_type = ? for update skip locked
            """;
    // What was not delivered yet is not let go.
    private static final String MOVE = """
            update pool.change_horizon
               set at = ?, done = 0,
                   seq = greatest(seq, least((select coalesce(max(c.seq), 0) from pool.change c where c.at <= ?),
                                             (select min(d.seq) from pool.delivery_cursor d)))
             where entity_type = ?
            """;
    private static final String LET_GO = """
            with looked as (
              select seq, at, entity_id from pool.change where entity_type = ? and seq > ? and seq <= ? order by seq limit ?),
            gone as (
              delete from pool.change c using looked l
               where c.seq = l.seq and c.at = l.at
                 and exists (select from pool.change n where n.entity_id = l.entity_id and n.seq > l.seq and n.seq <= ?)
              returning 1)
            select (select max(seq) from looked), (select count(*) from looked), (select count(*) from gone)
            """;
    private static final String ADVANCE = """
            update pool.change_horizon set done = ?, removed = removed + ? where entity_type = ?
            """;
    private static final String OLD_MONTHS = """
            select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'pool.change'::regclass and c.relname ~ '^change_[0-9]{4}_[0-9]{2}$'
               and c.relname < 'change_' || to_char(? at time zone 'UTC', 'YYYY_MM')
             order by 1
            """;

    private final DataSource dataSource;
    private final PoolModel model;
    private final Clock clock;
    private final Before before;

    /** Keeps what else needs the log that is about to go, within the transaction that moves the horizon. */
    public interface Before {
        void compacting(Connection db, EntityType type, Instant horizon) throws SQLException;
    }

    /** @param dataSource connections of the pool's owner, with auto-commit on */
    public Compaction(DataSource dataSource, PoolModel model, Clock clock, Before before) {
        this.dataSource = dataSource;
        this.model = model;
        this.clock = clock;
        this.before = before;
    }

    /**
     * How far it has come with a type.
     *
     * @param horizon as of an earlier instant nothing is told
     * @param looked changes that this run looked at
     * @param removed changes that it let go
     */
    public record Progress(String entityType, Instant horizon, long looked, long removed) {}

    /**
     * Lets go of all that is too old by now.
     *
     * @param goOn is told after every step, and says whether to go on
     * @return by type, where there was anything to look at
     * @throws io.yimen.pool.PoolException {@code RETRY} if the database cannot be reached; what was done stays done
     */
    public List<Progress> run(Predicate<Progress> goOn) {
        var done = new ArrayList<Progress>();
        for (EntityType type : model.types()) {
            Period retention = type.retention().orElse(null);
            if (retention != null) {
                Instant horizon = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC))
                        .minus(retention)
                        .atDay(1)
                        .atStartOfDay()
                        .toInstant(ZoneOffset.UTC);
                if (!compact(type, horizon, goOn, done)) {
                    return done;
                }
            }
        }
        transact("drop empty months of the change log", this::dropEmptyMonths);
        return done;
    }

    private boolean compact(EntityType type, Instant horizon, Predicate<Progress> goOn, List<Progress> done) {
        long looked = 0;
        long removed = 0;
        while (true) {
            Step step = transact("compact the change log of " + type, db -> step(db, type, horizon));
            if (step.looked == 0) {
                if (looked > 0) {
                    done.add(new Progress(type.name(), horizon, looked, removed));
                }
                return true;
            }
            looked += step.looked;
            removed += step.removed;
            if (!goOn.test(new Progress(type.name(), horizon, looked, removed))) {
                done.add(new Progress(type.name(), horizon, looked, removed));
                return false;
            }
        }
    }

    private record Step(long looked, long removed) {}

    private interface Work<T> {
        T in(Connection db) throws SQLException;
    }

    /** Looks at nothing where all is done, or somebody else works on the type. */
    private Step step(Connection db, EntityType type, Instant horizon) throws SQLException {
        OffsetDateTime at = horizon.atOffset(ZoneOffset.UTC);
        try (PreparedStatement begin = db.prepareStatement(BEGIN)) {
            begin.setString(1, type.name());
            begin.executeUpdate();
        }
        long seq;
        long from;
        try (PreparedStatement take = db.prepareStatement(TAKE)) {
            take.setObject(1, at);
            take.setString(2, type.name());
            try (ResultSet row = take.executeQuery()) {
                if (!row.next()) {
                    return new Step(0, 0);
                }
                if (row.getBoolean(1)) {
                    before.compacting(db, type, horizon);
                    move(db, type, at);
                    return step(db, type, horizon);
                }
                seq = row.getLong(2);
                from = row.getLong(3);
            }
        }
        try (PreparedStatement letGo = db.prepareStatement(LET_GO)) {
            letGo.setString(1, type.name());
            letGo.setLong(2, from);
            letGo.setLong(3, seq);
            letGo.setInt(4, STEP);
            letGo.setLong(5, seq);
            try (ResultSet row = letGo.executeQuery()) {
                row.next();
                long looked = row.getLong(2);
                long removed = row.getLong(3);
                if (looked > 0) {
                    advance(db, type, row.getLong(1), removed);
                }
                return new Step(looked, removed);
            }
        }
    }

    private static void move(Connection db, EntityType type, OffsetDateTime at) throws SQLException {
        try (PreparedStatement move = db.prepareStatement(MOVE)) {
            move.setObject(1, at);
            move.setObject(2, at);
            move.setString(3, type.name());
            move.executeUpdate();
        }
    }

    private static void advance(Connection db, EntityType type, long done, long removed) throws SQLException {
        try (PreparedStatement advance = db.prepareStatement(ADVANCE)) {
            advance.setLong(1, done);
            advance.setLong(2, removed);
            advance.setString(3, type.name());
            advance.executeUpdate();
        }
    }

    private int dropEmptyMonths(Connection db) throws SQLException {
        var months = new ArrayList<String>();
        try (PreparedStatement select = db.prepareStatement(OLD_MONTHS)) {
            select.setObject(1, clock.instant().atOffset(ZoneOffset.UTC));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    months.add(row.getString(1));
                }
            }
        }
        int dropped = 0;
        try (var statement = db.createStatement()) {
            for (String month : months) {
                boolean empty;
                try (ResultSet row = statement.executeQuery("select not exists (select from pool." + month + ")")) {
                    row.next();
                    empty = row.getBoolean(1);
                }
                if (empty) {
                    // Whoever reads the log for long is not waited for: the month goes an hour later.
                    statement.execute("set local lock_timeout = '2s'");
                    statement.execute("drop table pool." + month);
                    dropped++;
                }
            }
        }
        return dropped;
    }

    private <T> T transact(String what, Work<T> work) {
        try (Connection db = dataSource.getConnection()) {
            db.setAutoCommit(false);
            boolean done = false;
            try {
                T result = work.in(db);
                db.commit();
                done = true;
                return result;
            } finally {
                if (!db.isClosed()) {
                    if (!done) {
                        db.rollback();
                    }
                    db.setAutoCommit(true);
                }
            }
        } catch (SQLException e) {
            throw Failures.of("Could not " + what, e);
        }
    }
}
