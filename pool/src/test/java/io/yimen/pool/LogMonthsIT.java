package io.yimen.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.internal.Schema;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** The change log in months: those of an older pool, those that come late, and a clock that goes back. */
class LogMonthsIT {
    private static final String MONTHS = """
            select string_agg(tableoid::regclass || ' ' || seq, ', ' order by seq) from pool.change""";

    private final DataSource database = Database.create();
    private final TestClock clock = new TestClock();

    private PostgresPool open() {
        return new PostgresPool(database, Fixture.MODEL, Fixture.VAULT, clock);
    }

    @Test
    void anOlderPoolsLogIsMovedIntoItsMonths() {
        Flyway.configure(Schema.class.getClassLoader())
                .dataSource(database)
                .locations("classpath:db/pool")
                .schemas("pool")
                .defaultSchema("pool")
                .createSchemas(true)
                .target("4")
                .load()
                .migrate();
        // The third was written while the clock went wrong.
        Database.run(database, """
                insert into pool.change (seq, at, entity_id, entity_type, op, version, title, fields, lineage, cause)
                select s, at, 7, 'Organization', 'UPDATED', s, 'T' || s, '{}', '{}', 'decision/' || s
                  from unnest(array['2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', '2025-11-05T00:00:00Z',
                                    '2026-02-28T12:00:00Z']::timestamptz[]) with ordinality u (at, s)""");
        open();
        assertThat(Database.text(database, MONTHS))
                .isEqualTo(
                        "pool.change_2025_12 1, pool.change_2026_01 2, pool.change_2026_01 3, pool.change_2026_02 4");
        assertThat(Database.text(database, "select string_agg(title || cause, ' ' order by seq) from pool.change"))
                .isEqualTo("T1decision/1 T2decision/2 T3decision/3 T4decision/4");
        assertThat(Database.text(database, "select seq from pool.change_head")).isEqualTo("4");
        assertThat(Database.text(
                        database,
                        "select count(*) from pg_index where indrelid = 'pool.change'::regclass and indisvalid"))
                .isEqualTo("6");
    }

    @Test
    void whatComesBeforeItsMonthIsMadeIsMovedWhenItIs() {
        PostgresPool pool = open();
        Fixture.declareAll(pool);
        long run = Fixture.run(pool);
        clock.advance(Duration.ofDays(200));
        pool.apply(Fixture.batch(run, List.of(Fixture.county2023("110101000000", "东城区", 1))));
        assertThat(Database.text(database, MONTHS)).isEqualTo("pool.change_default 1");
        pool.makeMonths();
        assertThat(Database.text(database, MONTHS)).isEqualTo("pool.change_2026_09 1");
        pool.makeMonths();
        pool.apply(Fixture.batch(run, List.of(Fixture.county2023("110102000000", "西城区", 2))));
        assertThat(Database.text(database, MONTHS)).isEqualTo("pool.change_2026_09 1, pool.change_2026_09 2");
    }

    @Test
    void itsTimesDoNotGoBackWithTheClock() {
        PostgresPool pool = open();
        Fixture.declareAll(pool);
        long run = Fixture.run(pool);
        pool.apply(Fixture.batch(run, List.of(Fixture.county2023("110101000000", "东城区", 1))));
        clock.advance(Duration.ofDays(-3));
        pool.apply(Fixture.batch(run, List.of(Fixture.county2023("110102000000", "西城区", 2))));
        assertThat(Database.text(database, "select count(distinct at) || ' ' || count(*) from pool.change"))
                .isEqualTo("1 2");
    }
}
