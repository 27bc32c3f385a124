package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class CommunitySystemIT {
    @TempDir
    Path folder;

    @Test
    void sameSeedAndStepsMakeTheSameContent() throws Exception {
        String first;
        try (CommunitySystem system = CommunitySystem.start(folder.resolve("a"), CommunitySystem.Options.small(3))) {
            String before = content(system);
            system.step(60);
            first = content(system);
            assertThat(first).isNotEqualTo(before);
        }
        try (CommunitySystem system = CommunitySystem.start(folder.resolve("a"), CommunitySystem.Options.small(3))) {
            assertThat(content(system)).as("kept").isEqualTo(first);
        }
        try (CommunitySystem system = CommunitySystem.start(folder.resolve("b"), CommunitySystem.Options.small(3))) {
            system.step(60);
            assertThat(content(system)).isEqualTo(first);
        }
    }

    @Test
    void looksLikeAnOldSystemAndKnowsThePeopleOfTheElections() throws Exception {
        try (CommunitySystem system = CommunitySystem.start(folder.resolve("a"), CommunitySystem.Options.small(3));
                Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            long residents = number(statement, "select count(*) from t_rk");
            assertThat(residents).isBetween(400L, 560L);
            assertThat(number(statement, "select count(*) from t_rk where length(sfzh) = 15"))
                    .isBetween(1L, residents / 20);
            assertThat(number(statement, "select count(*) from t_rk where sfzh is null"))
                    .isBetween(1L, residents / 20);
            // What is called latin1 holds GBK.
            assertThat(number(
                            statement,
                            "select count(*) from t_dw where convert(cast(dwmc as binary) using gbk) like '%社区服务站'"))
                    .isEqualTo(4);
            Set<String> stood = new HashSet<>();
            for (Committee committee : ElectionSystem.committees(3, 4, new Names())) {
                committee
                        .elections()
                        .forEach(e ->
                                e.candidates().forEach(c -> stood.add(c.person().idNumber())));
            }
            long known = 0;
            Set<String> numbers = new HashSet<>();
            try (ResultSet row = statement.executeQuery("select sfzh from t_rk where length(sfzh) = 18")) {
                while (row.next()) {
                    known += stood.contains(row.getString(1)) ? 1 : 0;
                    if (IdNumbers.isValid(row.getString(1))) {
                        numbers.add(row.getString(1));
                        assertThat(row.getString(1).substring(14, 17)).isBetween("996", "999");
                    }
                }
            }
            assertThat(known).isBetween(stood.size() / 2L, (long) stood.size());
            assertThat(numbers).hasSizeGreaterThan((int) (residents * 8 / 10));
        }
    }

    @Test
    void theCaptureLoginMayReadAndFollowTheLogAndNothingElse() throws Exception {
        try (CommunitySystem system = CommunitySystem.start(folder.resolve("a"), CommunitySystem.Options.small(3));
                Connection connection = DriverManager.getConnection(
                        system.jdbcUrl(), CommunitySystem.CAPTURE_USER, system.capturePassword());
                Statement statement = connection.createStatement()) {
            for (String allowed : List.of("show master status", "show binary logs", "select count(*) from t_hu")) {
                assertThat(statement.execute(allowed)).isTrue();
            }
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> statement.execute("delete from t_hu where hu_id = 1")))
                    .isInstanceOf(java.sql.SQLException.class);
        }
    }

    @Test
    void livesUntilItPauses() throws Exception {
        try (CommunitySystem system = CommunitySystem.start(folder.resolve("a"), CommunitySystem.Options.small(3))) {
            String before = content(system);
            system.live(200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !content(system).equals(before));
            system.pause();
            String after = content(system);
            system.step(2);
            assertThat(content(system)).isNotEqualTo(after);
        }
    }

    private static long number(Statement statement, String sql) throws Exception {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static String content(CommunitySystem system) throws Exception {
        StringBuilder content = new StringBuilder();
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("checksum table t_fw, t_hu, t_rk, t_dw, t_ry")) {
            while (row.next()) {
                content.append(row.getString(2)).append(' ');
            }
        }
        return content.toString();
    }
}
