package io.yimen.bench.get;

import io.yimen.simulators.EmbeddedDatabase;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code pgbench -S -M prepared} over TCP: one row by its key, again and again. Where there is no pgbench, two threads do
 * by JDBC what it does, which costs more.
 */
final class RowLookups {
    private static final String DATABASE = "pgbench";
    private static final int SCALE = 10;
    private static final int ACCOUNTS = 100_000 * SCALE;
    private static final String CLIENTS = "2";
    private static final Pattern PROCESSED = Pattern.compile("transactions actually processed: ([0-9]+)");

    private final EmbeddedDatabase server;
    private final Optional<Path> program;

    private RowLookups(EmbeddedDatabase server, Optional<Path> program) {
        this.server = server;
        this.program = program;
    }

    /** Makes its tables. */
    static RowLookups prepare(EmbeddedDatabase server) throws SQLException {
        server.createDatabase(DATABASE);
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            // As pgbench -i makes them.
            statement.execute("create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84))"
                    + " with (fillfactor = 100)");
            statement.execute(
                    "insert into pgbench_accounts select i, (i - 1) / 100000 + 1, 0, '' from generate_series(1, "
                            + ACCOUNTS + ") i");
            statement.execute("alter table pgbench_accounts add primary key (aid)");
            statement.execute(
                    "create table pgbench_branches (bid int not null primary key, bbalance int, filler char(88))");
            statement.execute("insert into pgbench_branches select i, 0 from generate_series(1, " + SCALE + ") i");
            statement.execute("vacuum analyze");
        }
        return new RowLookups(server, find());
    }

    private static Optional<Path> find() {
        Stream<Path> onPath = Arrays.stream(
                        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "pgbench"));
        return onPath.filter(Files::isExecutable).findFirst();
    }

    /** What asks. */
    String name() {
        return program.isPresent() ? "pgbench -S" : "JDBC, as pgbench -S";
    }

    /** Asks for so long; returns how often it was answered. */
    long run(int seconds) throws IOException, InterruptedException {
        return program.isPresent() ? run(program.get(), seconds) : runByJdbc(seconds);
    }

    private long run(Path pgbench, int seconds) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                pgbench.toString(),
                "-n",
                "-S",
                "-M",
                "prepared",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(server.port()),
                "-U",
                "postgres",
                "-c",
                CLIENTS,
                "-j",
                CLIENTS,
                "-s",
                Integer.toString(SCALE),
                "-T",
                Integer.toString(seconds),
                DATABASE));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("PGPASSWORD", server.password());
        builder.redirectErrorStream(true);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher processed = PROCESSED.matcher(said);
        if (process.waitFor() != 0 || !processed.find()) {
            throw new IllegalStateException("pgbench failed: " + said);
        }
        return Long.parseLong(processed.group(1));
    }

    private long runByJdbc(int seconds) {
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        AtomicLong asked = new AtomicLong();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(CLIENTS); i++) {
            long seed = i;
            clients.add(CompletableFuture.runAsync(
                    () -> askByJdbc(seed, until, asked), task -> new Thread(task, "jdbc-client").start()));
        }
        clients.forEach(CompletableFuture::join);
        return asked.get();
    }

    private void askByJdbc(long seed, long until, AtomicLong asked) {
        SplittableRandom dice = new SplittableRandom(seed);
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl(DATABASE), "postgres", server.password());
                PreparedStatement select =
                        connection.prepareStatement("SELECT abalance FROM pgbench_accounts WHERE aid = ?")) {
            while (System.nanoTime() < until) {
                select.setInt(1, 1 + dice.nextInt(ACCOUNTS));
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    row.getInt(1);
                }
                asked.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("A row could not be read", e);
        }
    }
}
