package io.yimen.bench;

import io.yimen.pool.HeldMemory;
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
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Generated people of three registers, told to a pool in an embedded PostgreSQL that waits for the disk at every
 * commit: first in batches, then one by one. Everything is on: normalised values sealed, recognised, merged, explained.
 * Every record is new to the pool, in whatever phase it is told.
 */
final class CommittedRun {
    private static final List<String> FIELDS =
            List.of("name", "sex", "birthDate", "idNumber", "phone", "address", "ethnicity");
    /** Told one by one and measured: first in code that is still being compiled for it, then in compiled code. */
    private static final int SINGLES = 3_000;
    /** Told one by one in between, until the compilers rest. */
    private static final int WARM_UP = 9_000;
    /** The smallest size at which it is looked what a record costs by then; each further one is ten times that. */
    private static final int LEAST = 100_000;
    /** Records that are looked at there. */
    private static final int WINDOW = 20_000;

    private CommittedRun() {}

    static String run(int records, int batch, boolean json) throws IOException {
        Path folder = Files.createTempDirectory("yimen-bench");
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder)) {
            server.createDatabase("pool");
            return measure(server, records, batch, json);
        } catch (SQLException e) {
            throw new IllegalStateException("The database of the bench failed", e);
        } finally {
            Folders.delete(folder);
        }
    }

    private static String measure(EmbeddedDatabase server, int records, int batch, boolean json) throws SQLException {
        try (Connection connection = server.connect("pool")) {
            PostgresPool pool = new PostgresPool(
                    always(connection), PoolModel.standard(), Vault.of(new byte[32]), Clock.systemUTC());
            List<ChangeEvent> events = events(pool, records + SINGLES + WARM_UP + SINGLES);
            long run = pool.openRun("bench", "bench", "bench", OptionalLong.empty());
            int bulk = events.size() - SINGLES - WARM_UP - SINGLES;
            List<Phase> sizes = new ArrayList<>();
            Clocks start = Clocks.now(server);
            int told = 0;
            for (int size = LEAST; size <= bulk; size *= 10) {
                tell(pool, run, events.subList(told, size - WINDOW), batch);
                Clocks before = Clocks.now(server);
                tell(pool, run, events.subList(size - WINDOW, size), batch);
                sizes.add(Phase.of(size, WINDOW, before, Clocks.now(server), new long[1]));
                told = size;
            }
            tell(pool, run, events.subList(told, bulk), batch);
            Phase all = Phase.of(bulk, bulk, start, Clocks.now(server), new long[1]);
            Phase cold = singles(server, pool, run, events.subList(bulk, bulk + SINGLES));
            tell(pool, run, events.subList(bulk + SINGLES, bulk + SINGLES + WARM_UP), 1);
            Phase warm = singles(server, pool, run, events.subList(events.size() - SINGLES, events.size()));
            HeldMemory held = pool.heldMemory();
            return json
                    ? json(batch, all, sizes, cold, warm) + "\n" + json(held)
                    : text(batch, all, sizes, cold, warm) + "\n" + text(held);
        }
    }

    /** What was spent until now, in nanoseconds: by the clock, by this JVM, by its compilers, by the database. */
    private record Clocks(long wall, long own, long compiling, long database) {
        static Clocks now(EmbeddedDatabase server) {
            long own = ProcessHandle.current().pid();
            return new Clocks(System.nanoTime(), Cpu.ofProcess(own), Cpu.ofCompilers(own), Cpu.ofTree(server.pid()));
        }
    }

    /**
     * What records cost.
     *
     * @param size records that the pool holds by then
     * @param own microseconds of CPU a record, likewise of the compilers, which are not part of it, and of the database
     * @param p50 milliseconds a commit, 0 where commits were not looked at one by one
     */
    private record Phase(
            int size,
            double perSecond,
            double own,
            double compilers,
            double database,
            double p50,
            double p99,
            double longest) {
        static Phase of(int size, int records, Clocks from, Clocks to, long[] took) {
            long[] sorted = took.clone();
            Arrays.sort(sorted);
            double each = 1e3 * records;
            long compiling = to.compiling - from.compiling;
            return new Phase(
                    size,
                    records * 1e9 / (to.wall - from.wall),
                    (to.own - from.own - compiling) / each,
                    compiling / each,
                    (to.database - from.database) / each,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[sorted.length * 99 / 100] / 1e6,
                    sorted[sorted.length - 1] / 1e6);
        }

        String cpu() {
            return String.format(
                    Locale.ROOT,
                    "CPU a record: pool %.1f µs, the JVM's compilers %.1f µs, PostgreSQL %.1f µs",
                    own,
                    compilers,
                    database);
        }

        String latency() {
            return String.format(Locale.ROOT, "p50 %.2f ms, p99 %.2f ms, longest %.1f ms a commit", p50, p99, longest);
        }

        String json(String fields) {
            String latency = longest == 0
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            ",\"p50Millis\":%.2f,\"p99Millis\":%.2f,\"longestMillis\":%.2f",
                            p50,
                            p99,
                            longest);
            return String.format(
                    Locale.ROOT,
                    "{\"set\":\"committed\",%s,\"records\":%d,\"recordsPerSecond\":%.0f,\"poolMicros\":%.1f,"
                            + "\"compilerMicros\":%.1f,\"postgresMicros\":%.1f%s}",
                    fields,
                    size,
                    perSecond,
                    own,
                    compilers,
                    database,
                    latency);
        }
    }

    private static String text(int batch, Phase all, List<Phase> sizes, Phase cold, Phase warm) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%,d records in batches of %,d: %,.0f records/s; %s%n",
                all.size,
                batch,
                all.perSecond,
                all.cpu()));
        for (Phase phase : sizes) {
            text.append(String.format(Locale.ROOT, "  the last %,d before %,d: %s%n", WINDOW, phase.size, phase.cpu()));
        }
        text.append(String.format(
                Locale.ROOT,
                "one by one, the first %,d, while it is compiled: %s; %s%n",
                SINGLES,
                cold.latency(),
                cold.cpu()));
        text.append(String.format(
                Locale.ROOT,
                "one by one, %,d after a warm-up of %,d others: %s; %s",
                SINGLES,
                SINGLES + WARM_UP,
                warm.latency(),
                warm.cpu()));
        return text.toString();
    }

    private static String json(int batch, Phase all, List<Phase> sizes, Phase cold, Phase warm) {
        List<String> lines = new ArrayList<>();
        String bulk = "\"batch\":" + batch;
        lines.add(all.json("\"phase\":\"all\"," + bulk));
        sizes.forEach(phase -> lines.add(phase.json("\"phase\":\"last " + WINDOW + "\"," + bulk)));
        lines.add(cold.json("\"phase\":\"cold\",\"batch\":1,\"warmUp\":0"));
        lines.add(warm.json("\"phase\":\"warm\",\"batch\":1,\"warmUp\":" + (SINGLES + WARM_UP)));
        return String.join("\n", lines);
    }

    private static String text(HeldMemory held) {
        double each = held.records();
        return String.format(
                Locale.ROOT,
                "in memory for each of %,d records: %.0f bytes of values, blocks and pairs, %.0f of its key, %.0f of its"
                        + " identifiers",
                held.records(),
                held.compared() / each,
                held.keys() / each,
                held.identified() / each);
    }

    private static String json(HeldMemory held) {
        double each = held.records();
        return String.format(
                Locale.ROOT,
                "{\"set\":\"committed\",\"phase\":\"memory\",\"records\":%d,\"comparedBytes\":%.1f,"
                        + "\"keyBytes\":%.1f,\"identifierBytes\":%.1f}",
                held.records(),
                held.compared() / each,
                held.keys() / each,
                held.identified() / each);
    }

    private static void tell(PostgresPool pool, long run, List<ChangeEvent> events, int batch) {
        for (int at = 0; at < events.size(); at += batch) {
            apply(pool, run, events.subList(at, Math.min(events.size(), at + batch)));
        }
    }

    private static Phase singles(EmbeddedDatabase server, PostgresPool pool, long run, List<ChangeEvent> events) {
        Clocks before = Clocks.now(server);
        long[] took = new long[events.size()];
        for (int i = 0; i < took.length; i++) {
            long from = System.nanoTime();
            apply(pool, run, events.subList(i, i + 1));
            took[i] = System.nanoTime() - from;
        }
        return Phase.of(took.length, took.length, before, Clocks.now(server), took);
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

    /** One connection for all, which closing leaves open. */
    static DataSource always(Connection connection) {
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
}
