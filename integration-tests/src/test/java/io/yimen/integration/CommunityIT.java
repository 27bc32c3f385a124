package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The community system's MariaDB through the whole hub, which is killed with -9 in the middle of the snapshot and of the
 * log, while server and log go their own ways. In the end the pool is what the sources are, table by table and to the
 * last value.
 */
@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class CommunityIT {
    private static final Map<String, String> TABLES = Map.of(
            "home", "t_fw", "household", "t_hu", "resident", "t_rk", "unit", "t_dw", "worker", "t_ry", "post", "t_ry");

    @Test
    void endsAsItsSourceIsWhateverHappensOnTheWay() throws Exception {
        TestBed.Size size = new TestBed.Size("community", 17, 10, Set.of("110101"), 4_000, false);
        try (TestBed bed = new TestBed(size)) {
            bed.writeDrop();
            bed.hub().launch();
            awaitRecords(bed, 1_000);
            bed.hub().kill();
            long then = records(bed);
            bed.communitySystem().step(50);

            bed.hub().start();
            bed.awaitSettled();
            assertThat(then).as("records when it was killed").isLessThan(records(bed));
            assertSame(bed);

            // In the middle of what it follows, and changes made while it is down.
            bed.communitySystem().live(200);
            long applied = records(bed);
            await().atMost(TestBed.PATIENCE).until(() -> changed(bed) > applied + 100);
            bed.hub().kill();
            bed.communitySystem().pause();
            bed.communitySystem().step(50);
            bed.communitySystem().database().kill();
            bed.communitySystem().database().start();
            bed.hub().start();
            bed.awaitSettled();
            assertSame(bed);
            assertThat(snapshots(bed))
                    .as("snapshots, the one that was cut short included")
                    .isEqualTo(2);

            // The server goes away and comes back while the hub runs.
            bed.communitySystem().database().stop();
            bed.communitySystem().database().start();
            bed.communitySystem().step(20);
            bed.awaitSettled();
            assertSame(bed);

            // The log is gone by the time that the hub is back.
            bed.hub().stop();
            bed.communitySystem().step(50);
            purge(bed);
            bed.hub().start();
            bed.awaitSettled();
            assertSame(bed);
            assertThat(snapshots(bed)).isEqualTo(3);
            bed.hub().stop();

            assertThat(bed.poolHash()).as("pool against sources").isEqualTo(Reference.of(bed));
            assertThat(bed.tables().unbalancedRuns()).isEmpty();
            assertThat(bed.rebuildVerify()).contains("The pool is what its claims say.");
        }
    }

    private static void awaitRecords(TestBed bed, long wanted) {
        await().atMost(TestBed.PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> records(bed) > wanted);
    }

    /** Live records of the community system in the pool. */
    private static long records(TestBed bed) {
        try {
            return bed.tables().number("""
                    select count(*) from source_record r join stream s on s.id = r.stream_id
                     where s.source = 'community' and not r.deleted""");
        } catch (IllegalStateException e) {
            // There is no such table yet.
            return 0;
        }
    }

    /** All that was ever applied of it. */
    private static long changed(TestBed bed) {
        return bed.tables()
                .number("select coalesce(sum(c.applied), 0) from run_count c join run r on r.id = c.run_id"
                        + " where r.source = 'community'");
    }

    private static long snapshots(TestBed bed) {
        return bed.tables().number("select count(*) from run where source = 'community' and kind = 'snapshot'");
    }

    /** The keys of every table's rows are those of the live records, but for rows that wait in quarantine. */
    private static void assertSame(TestBed bed) throws SQLException {
        Map<String, Set<String>> rows = new TreeMap<>();
        try (Connection connection = bed.communitySystem().connect();
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> table : TABLES.entrySet()) {
                Set<String> keys = new TreeSet<>();
                String key = table.getValue().substring(2) + "_id";
                try (ResultSet row = statement.executeQuery("select " + key + " from " + table.getValue())) {
                    while (row.next()) {
                        keys.add(row.getString(1));
                    }
                }
                rows.put(table.getKey(), keys);
            }
        }
        await().atMost(TestBed.PATIENCE).untilAsserted(() -> {
            for (Map.Entry<String, Set<String>> stream : rows.entrySet()) {
                Set<String> live = keys(bed, stream.getKey(), "select key from source_record where not deleted");
                Set<String> missing = new TreeSet<>(stream.getValue());
                missing.removeAll(live);
                missing.removeAll(keys(bed, stream.getKey(), "select key from quarantine where status = 'WAITING'"));
                live.removeAll(stream.getValue());
                assertThat(missing).as("%s that are missing", stream.getKey()).isEmpty();
                assertThat(live)
                        .as("%s that are there no more", stream.getKey())
                        .isEmpty();
            }
        });
    }

    private static Set<String> keys(TestBed bed, String stream, String select) {
        Set<String> keys = new TreeSet<>();
        bed.tables()
                .rows(
                        select + " and stream_id = (select id from stream where source = 'community' and stream = ?)",
                        stream)
                .forEach(row -> keys.add(row.get(0)));
        return keys;
    }

    private static void purge(TestBed bed) throws SQLException {
        try (Connection connection = bed.communitySystem().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("flush binary logs");
            await("the log of before gone").atMost(TestBed.PATIENCE).until(() -> {
                String latest;
                try (ResultSet row = statement.executeQuery("show master status")) {
                    row.next();
                    latest = row.getString(1);
                }
                statement.execute("purge binary logs to '" + latest + "'");
                try (ResultSet row = statement.executeQuery("show binary logs")) {
                    row.next();
                    return row.getString(1).equals(latest);
                }
            });
        }
    }
}
