package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseIT {
    @TempDir
    Path folder;

    @Test
    void keepsItsDataAcrossRestartsAndPowerCuts() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("with blank"))) {
            assertThat(one(database, "show fsync")).isEqualTo("on");
            assertThat(one(database, "show synchronous_commit")).isEqualTo("on");
            assertThat(one(database, "show wal_level")).isEqualTo("logical");
            assertThat(one(database, "show server_encoding")).isEqualTo("UTF8");
            assertThat(one(database, "select lower('Ä') || upper('é')")).isEqualTo("äÉ");
            one(database, "create table t as select '䶮𠮷'::text as name; select 1");

            int port = database.port();
            database.kill();
            assertThat(database.isRunning()).isFalse();
            database.start();
            assertThat(database.port()).isEqualTo(port);
            assertThat(one(database, "select name from t")).isEqualTo("䶮𠮷");

            database.stop();
            database.start();
            assertThat(one(database, "select name from t")).isEqualTo("䶮𠮷");
        }
    }

    @Test
    void movesToAnotherPortWhereSomebodyElseHoldsItsOwn() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("pool"))) {
            one(database, "create table t as select '䶮𠮷'::text as name; select 1");
            int before = database.port();
            database.kill();
            // It lets clients connect and never answers.
            try (ServerSocket stranger = new ServerSocket(before, 50, InetAddress.getLoopbackAddress())) {
                database.start();
                assertThat(database.port()).isNotEqualTo(stranger.getLocalPort());
                assertThat(one(database, "select name from t")).isEqualTo("䶮𠮷");
            }
        }
    }

    @Test
    void failsAndSaysWhyWhenItCannotStart() throws Exception {
        Path data = folder.resolve("pool");
        EmbeddedDatabase.start(data).close();
        Files.writeString(data.resolve("pgdata/postgresql.auto.conf"), "no_such_setting = 1\n");

        assertThatThrownBy(() -> EmbeddedDatabase.start(data))
                .isInstanceOf(SimulatorException.class)
                .hasMessageContaining("no_such_setting")
                .hasMessageContaining(data.resolve("server.log").toString());
    }

    @Test
    void stopsTheServerThatAKilledProcessLeftRunning() throws Exception {
        Path data = folder.resolve("pool");
        Process owner = ChildJvm.start(Holder.class, data.toString());
        long pid = Long.parseLong(ChildJvm.readLine(owner));
        owner.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isPresent();

        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
            assertThat(one(database, "select name from kept")).isEqualTo("永安里社区");
        }
    }

    @Test
    void leavesAnUnrelatedProcessAloneWhoseNumberIsInThePidFile() throws Exception {
        Path data = folder.resolve("pool");
        EmbeddedDatabase.start(data).close();
        Files.writeString(
                data.resolve("pgdata/postmaster.pid"), ProcessHandle.current().pid() + "\n");

        try (EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
            assertThat(one(database, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void refusesAFolderThatALiveProcessUses() throws Exception {
        Path data = folder.resolve("pool");
        Process owner = ChildJvm.start(Holder.class, data.toString());
        long pid = Long.parseLong(ChildJvm.readLine(owner));
        try {
            assertThatThrownBy(() -> EmbeddedDatabase.start(data))
                    .isInstanceOf(SimulatorException.class)
                    .hasMessageContaining("in use by process " + owner.pid());
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isPresent();
        } finally {
            owner.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            EmbeddedDatabase.start(data).close();
        }
    }

    @Test
    void asksForItsPassword() {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("pool"))) {
            assertThatThrownBy(() -> java.sql.DriverManager.getConnection(
                            database.jdbcUrl("postgres"), EmbeddedDatabase.SUPERUSER, "guess"))
                    .isInstanceOf(SQLException.class);
        }
    }

    private static String one(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect("postgres");
                Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            if (!rows) {
                statement.getMoreResults();
            }
            try (ResultSet result = statement.getResultSet()) {
                result.next();
                return result.getString(1);
            }
        }
    }

    /** Holds a server until it is killed. */
    static final class Holder {
        public static void main(String[] args) throws Exception {
            EmbeddedDatabase database = EmbeddedDatabase.start(Path.of(args[0]));
            one(database, "create table kept as select '永安里社区'::text as name; select 1");
            System.out.println(database.pid());
            System.in.read();
        }
    }
}
