package io.yimen.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebuildIT {
    private static final DataSource DATABASE = Database.create();
    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());

    @BeforeEach
    void fill() {
        Database.empty(DATABASE);
        Fixture.declareAll(pool);
        History.of(42, 15).tellTo(pool, 1, 10);
    }

    @Test
    void derivationAnewComesToTheSame() {
        Rebuild.Report report = new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify();

        assertThat(report.differences()).isEmpty();
        assertThat(report.agrees()).isTrue();
        assertThat(report.entities()).isPositive();
        assertThat(report.derived()).isEqualTo(pool.contentHash());
    }

    @Test
    void everyDifferenceIsTold() {
        Database.run(DATABASE, """
                update pool.entity set content_hash = '\\x00'
                 where id = (select min(id) from pool.entity where status = 'ACTIVE');
                update pool.entity set status = 'RETIRED'
                 where id = (select max(id) from pool.entity where status = 'ACTIVE')
                """);
        Rebuild.Report report = new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify();

        assertThat(report.agrees()).isFalse();
        assertThat(report.differences())
                .anyMatch(d -> d.contains("otherwise than its claims say"))
                .anyMatch(d -> d.contains("is not published"));
    }

    @Test
    void commandAnswersByItsExitCode(@TempDir Path folder) throws IOException {
        Path key = folder.resolve("vault.key");
        Files.writeString(key, "0".repeat(64));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        String url = Database.text(
                DATABASE, "select 'jdbc:postgresql://127.0.0.1:' || inet_server_port() || '/' || current_database()");
        List<String> where = List.of("--jdbc-url", url, "--user", "postgres", "--vault-key", key.toString());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PoolCommand command = new PoolCommand(
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(command.run(join(List.of("rebuild", "--verify"), where), "")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(pool.contentHash());
        Database.run(DATABASE, "update pool.entity set content_hash = '\\x00'");
        assertThat(command.run(join(List.of("rebuild", "--verify"), where), "")).isEqualTo(1);
        assertThat(command.run(join(List.of("hash"), where), "")).isZero();
        assertThat(command.run(join(List.of("rebuild"), where), "")).isEqualTo(2);
        assertThat(command.run(List.of("hash", "--colour"), "")).isEqualTo(2);
    }

    private static List<String> join(List<String> a, List<String> b) {
        return java.util.stream.Stream.concat(a.stream(), b.stream()).toList();
    }
}
