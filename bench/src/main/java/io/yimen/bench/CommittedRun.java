package io.yimen.bench;

import com.sun.management.OperatingSystemMXBean;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.simulators.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Generated people of three registers, told to a pool in an embedded PostgreSQL that waits for the disk at every
 * commit: first in batches, then one by one. Everything is on: normalised values sealed, recognised, merged, explained.
 */
final class CommittedRun {
    private static final List<String> FIELDS =
            List.of("name", "sex", "birthDate", "idNumber", "phone", "address", "ethnicity");
    private static final int SINGLES = 3_000;

    private CommittedRun() {}

    static String run(int records, int batch, boolean json) throws IOException {
        Path folder = Files.createTempDirectory("yimen-bench");
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder)) {
            server.createDatabase("pool");
            return measure(server, records, batch, json);
        } catch (SQLException e) {
            throw new IllegalStateException("The database of the bench failed", e);
        } finally {
            delete(folder);
        }
    }

    private static String measure(EmbeddedDatabase server, int records, int batch, boolean json) throws SQLException {
        try (Connection connection = server.connect("pool")) {
            PostgresPool pool = new PostgresPool(
                    always(connection), PoolModel.standard(), Vault.of(new byte[32]), Clock.systemUTC());
            List<ChangeEvent> events = events(pool, records + SINGLES);
            long run = pool.openRun("bench", "bench", "bench", OptionalLong.empty());
            int bulk = events.size() - SINGLES;
            long started = System.nanoTime();
            long cpu = cpu();
            long compilers = compilers();
            long database = cpuOf(server.pid());
            for (int at = 0; at < bulk; at += batch) {
                apply(pool, run, events.subList(at, Math.min(bulk, at + batch)));
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            double own = (cpu() - cpu) / 1e3 / bulk;
            double compiled = (compilers() - compilers) / 1e3 / bulk;
            double theirs = (cpuOf(server.pid()) - database) / 1e3 / bulk;
            long[] took = new long[SINGLES];
            for (int i = 0; i < SINGLES; i++) {
                long before = System.nanoTime();
                apply(pool, run, events.subList(bulk + i, bulk + i + 1));
                took[i] = System.nanoTime() - before;
            }
            Arrays.sort(took);
            String form = json
                    ? "{\"set\":\"committed\",\"records\":%d,\"batch\":%d,\"recordsPerSecond\":%.0f,"
                            + "\"poolMicros\":%.1f,\"compilerMicros\":%.1f,\"postgresMicros\":%.1f,\"singleP50Millis\":%.2f,"
                            + "\"singleP99Millis\":%.2f}"
                    : "%,d records in batches of %,d: %,.0f records/s; CPU a record: pool %.1f µs, %.1f of it the JVM's"
                            + " compilers, PostgreSQL %.1f µs;"
                            + " one by one: p50 %.2f ms, p99 %.2f ms a commit";
            return String.format(
                    Locale.ROOT,
                    form,
                    bulk,
                    batch,
                    bulk / seconds,
                    own,
                    compiled,
                    theirs,
                    took[SINGLES / 2] / 1e6,
                    took[SINGLES * 99 / 100] / 1e6);
        }
    }

    private static void apply(PostgresPool pool, long run, List<ChangeEvent> events) {
        pool.apply(new Batch(run, "bench", null, events, List.of(), List.of()));
    }

    /** The registers' rows, mixed: every third of one register. */
    private static List<ChangeEvent> events(PostgresPool pool, int records) {
        List<Table> tables = Population.of(11, records);
        List<StreamShape> shapes = new ArrayList<>();
        for (int t = 0; t < tables.size(); t++) {
            shapes.add(new StreamShape(
                    new StreamId("bench", "register-" + t), "Person", FIELDS, 50 + t, t == 0, DeletePolicy.NONE));
        }
        pool.declare(new SourceInfo("bench", "登记", "Registers", "bench"), shapes);
        List<ChangeEvent> events = new ArrayList<>();
        int longest = tables.stream().mapToInt(t -> t.rows().size()).max().orElse(0);
        for (int row = 0; row < longest; row++) {
            for (int t = 0; t < tables.size(); t++) {
                Table table = tables.get(t);
                if (row < table.rows().size()) {
                    String[] cells = table.rows().get(row);
                    @Nullable String[] values = new String[FIELDS.size()];
                    for (int f = 0; f < values.length; f++) {
                        String value = table.get(cells, FIELDS.get(f));
                        values[f] = FIELDS.get(f).equals("birthDate") ? date(value) : value;
                    }
                    events.add(ChangeEvent.upserted(
                            shapes.get(t), Integer.toString(row), Position.of(1), values, List.of()));
                }
            }
        }
        return events;
    }

    private static String date(String text) {
        String digits = text.replaceAll("[^0-9]", "");
        try {
            return digits.length() == 8
                    ? LocalDate.parse(digits, DateTimeFormatter.BASIC_ISO_DATE).toString()
                    : "";
        } catch (DateTimeException e) {
            return "";
        }
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** Nanoseconds of CPU of the threads that compile this JVM's code: spent once, not for every record. */
    private static long compilers() {
        long ticks = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            for (Path thread : threads.toList()) {
                ticks += Files.readString(thread.resolve("comm")).contains("CompilerThre") ? ticks(thread) : 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the CPU of the compilers", e);
        }
        return ticks * 10_000_000L;
    }

    private static long ticks(Path thread) throws IOException {
        String[] words = words(thread.resolve("stat"));
        return Long.parseLong(words[11]) + Long.parseLong(words[12]);
    }

    /** What stands after the name in a file {@code stat} of Linux. */
    private static String[] words(Path stat) throws IOException {
        String text = Files.readString(stat);
        return text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    }

    /** Nanoseconds of CPU of a process and its children, ended ones included, as Linux counts them. */
    private static long cpuOf(long pid) {
        long ticks = 0;
        List<Long> all = new ArrayList<>(List.of(pid));
        ProcessHandle.of(pid).ifPresent(p -> p.children().forEach(c -> all.add(c.pid())));
        for (long one : all) {
            try {
                String[] words = words(Path.of("/proc", Long.toString(one), "stat"));
                for (int i = 11; i < (one == pid ? 15 : 13); i++) {
                    ticks += Long.parseLong(words[i]);
                }
            } catch (IOException e) {
                // It ended meanwhile; its parent counts it.
            }
        }
        return ticks * 10_000_000L;
    }

    /** One connection for all, which closing leaves open. */
    private static DataSource always(Connection connection) {
        Connection kept = (Connection) Proxy.newProxyInstance(
                CommittedRun.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    try {
                        return method.invoke(connection, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
        return new PGSimpleDataSource() {
            private static final long serialVersionUID = 1L;

            @Override
            public Connection getConnection() {
                return kept;
            }
        };
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + folder, e);
        }
    }
}
