package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElectionSystemIT {
    @TempDir
    Path folder;

    @Test
    void sameSeedAndStepsGiveTheSameContentEvenOverARestart() throws Exception {
        String first;
        try (ElectionSystem system = ElectionSystem.start(folder.resolve("a"), ElectionSystem.Options.small(3))) {
            assertThat(system.rows()).isBetween(1_000L, 2_500L);
            system.step(60);
        }
        try (ElectionSystem system = ElectionSystem.start(folder.resolve("a"), ElectionSystem.Options.small(3))) {
            system.step(60);
            first = content(system);
        }
        try (ElectionSystem system = ElectionSystem.start(folder.resolve("b"), ElectionSystem.Options.small(3))) {
            String untouched = content(system);
            system.step(120);
            assertThat(content(system)).isEqualTo(first).isNotEqualTo(untouched);
        }
    }

    @Test
    void theCaptureLoginMayReplicateAndPublish() throws Exception {
        try (ElectionSystem system = ElectionSystem.start(folder.resolve("a"), ElectionSystem.Options.small(3));
                Connection connection = DriverManager.getConnection(
                        system.jdbcUrl(), ElectionSystem.CAPTURE_USER, system.capturePassword());
                Statement statement = connection.createStatement()) {
            statement.execute("create publication p for table t_jw, t_xj, t_hxr, t_cy");
            statement.execute("select pg_create_logical_replication_slot('s', 'pgoutput')");
            statement.execute("select pg_drop_replication_slot('s')");
            try (ResultSet rows = statement.executeQuery("select count(*) from t_hxr")) {
                rows.next();
                assertThat(rows.getInt(1)).isGreaterThan(100);
            }
        }
    }

    @Test
    void livesUntilItPauses() throws Exception {
        try (ElectionSystem system = ElectionSystem.start(folder.resolve("a"), ElectionSystem.Options.small(3))) {
            String before = content(system);
            system.live(200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !content(system).equals(before));
            system.pause();
            String after = content(system);
            system.step(1);
            assertThat(content(system)).isNotEqualTo(after);
        }
    }

    private static String content(ElectionSystem system) throws Exception {
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select md5(coalesce((select string_agg(t::text, ';' order by jw_id) from t_jw t), ''))
                            || md5(coalesce((select string_agg(t::text, ';' order by xj_id) from t_xj t), ''))
                            || md5(coalesce((select string_agg(t::text, ';' order by hxr_id) from t_hxr t), ''))
                            || md5(coalesce((select string_agg(t::text, ';' order by cy_id) from t_cy t), ''))""")) {
            row.next();
            return row.getString(1);
        }
    }
}
