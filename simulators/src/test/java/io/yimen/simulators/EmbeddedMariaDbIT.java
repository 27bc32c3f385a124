package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class EmbeddedMariaDbIT {
    @TempDir
    Path folder;

    @Test
    void keepsItsDataAcrossRestartsAndPowerCuts() throws Exception {
        try (EmbeddedMariaDb database = EmbeddedMariaDb.start(folder.resolve("with blank"))) {
            assertThat(one(database, "select @@global.bind_address")).isEqualTo("127.0.0.1");
            assertThat(one(database, "select @@global.innodb_flush_log_at_trx_commit + @@global.sync_binlog"))
                    .isEqualTo("2");
            assertThat(one(database, "select concat(@@global.binlog_format, @@global.binlog_row_image)"))
                    .isEqualTo("ROWFULL");
            execute(database, "create database d character set gbk");
            execute(database, "create table d.t (name varchar(20)) as select '多福巷' as name");

            int port = database.port();
            database.kill();
            assertThat(database.isRunning()).isFalse();
            database.start();
            assertThat(database.port()).isEqualTo(port);
            assertThat(one(database, "select hex(name) from d.t")).isEqualTo("B6E0B8A3CFEF");

            database.kill();
            // It lets clients connect and never answers.
            try (ServerSocket stranger = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
                database.start();
                assertThat(database.port()).isNotEqualTo(stranger.getLocalPort());
            }
            database.stop();
            database.start();
            assertThat(one(database, "select name from d.t")).isEqualTo("多福巷");
        }
    }

    @Test
    void letsNobodyInWithoutItsPassword() {
        try (EmbeddedMariaDb database = EmbeddedMariaDb.start(folder.resolve("a"))) {
            for (String user : new String[] {EmbeddedMariaDb.ADMIN, "root", ""}) {
                assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(""), user, ""))
                        .isInstanceOf(SQLException.class);
            }
        }
    }

    @Test
    void failsAndSaysWhyWhenItCannotStart() {
        assertThatThrownBy(() -> EmbeddedMariaDb.start(folder.resolve("a"), Map.of("no-such-option", "1")))
                .isInstanceOf(SimulatorException.class)
                .hasMessageContaining("no-such-option")
                .hasMessageContaining(folder.resolve("a/server.log").toString());
    }

    @Test
    void stopsTheServerThatAKilledProcessLeftRunning() throws Exception {
        Path data = folder.resolve("a");
        Process owner = ChildJvm.start(Holder.class, data.toString());
        long pid = Long.parseLong(ChildJvm.readLine(owner));
        owner.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isPresent();

        try (EmbeddedMariaDb database = EmbeddedMariaDb.start(data)) {
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
            assertThat(one(database, "select name from d.kept")).isEqualTo("永安里社区");
        }
    }

    @Test
    void refusesAFolderThatALiveProcessUses() throws Exception {
        Path data = folder.resolve("a");
        Process owner = ChildJvm.start(Holder.class, data.toString());
        ChildJvm.readLine(owner);
        try {
            assertThatThrownBy(() -> EmbeddedMariaDb.start(data))
                    .isInstanceOf(SimulatorException.class)
                    .hasMessageContaining("in use by process " + owner.pid());
        } finally {
            owner.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            EmbeddedMariaDb.start(data).close();
        }
    }

    private static String one(EmbeddedMariaDb database, String sql) throws SQLException {
        try (Connection connection = database.connect("");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void execute(EmbeddedMariaDb database, String sql) throws SQLException {
        try (Connection connection = database.connect("");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Holds a server until it is killed. */
    static final class Holder {
        public static void main(String[] args) throws Exception {
            EmbeddedMariaDb database = EmbeddedMariaDb.start(Path.of(args[0]));
            execute(database, "create database d");
            execute(database, "create table d.kept as select '永安里社区' as name");
            System.out.println(database.pid());
            System.in.read();
        }
    }
}
