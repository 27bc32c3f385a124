package io.yimen.bench.copy;

import io.yimen.bench.Cpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * One system from its start to its end, the cases in between one after the other. After each it holds what the source
 * holds, or the bench fails.
 */
final class Life {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Duration FOR_EQUALITY = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(10);
    /** A system that takes less than a quarter of a core for so long has started; two programs that wait take a tenth. */
    private static final Duration QUIET = Duration.ofMillis(500);

    private static final Duration STARTING = Duration.ofSeconds(60);
    private static final int A_TRANSACTION = 100;
    private static final int LARGEST_TRANSACTION = 200_000;
    private static final int MOST_AT_A_PACE = 30_000;
    private static final int MANY = 500;
    private static final int WRITERS_OF_MANY = 4;
    private static final int RESIDENT = 1;
    private static final double MILLI = 1e6;
    /** The planner does not know yet how large the tables have become that are looked at every millisecond. */
    private static final List<String> BY_INDEX = List.of(
            "set jit = off", "set enable_seqscan = off", "set enable_hashjoin = off", "set enable_mergejoin = off");

    private final Pair pair;
    private final CopySystem system;
    private final Plan plan;
    private final Figures figures;
    private final Connection looking;
    private boolean gateOpen;
    private long nextId;
    private long seed = 100;

    private Life(Pair pair, CopySystem system, Plan plan, Figures figures) throws SQLException {
        this.pair = pair;
        this.system = system;
        this.plan = plan;
        this.figures = figures;
        this.looking = pair.looking();
        Pair.execute(looking, BY_INDEX);
        this.nextId = plan.size() + 1L;
    }

    /** Measures everything that the plan asks for and the system can do. */
    static void live(Pair pair, CopySystem system, Plan plan, Figures figures) throws Exception {
        pair.open();
        try (system) {
            system.prepare();
            Life life = new Life(pair, system, plan, figures);
            life.snapshot();
            if (system.follows()) {
                life.follow();
            }
            if (system instanceof HubCopy hub) {
                hub.stop();
                fail(hub.findDifferenceOfRebuild());
            }
        } catch (IllegalStateException | SQLException e) {
            throw new IllegalStateException(system.name() + ": " + e.getMessage() + ". " + system.lastWords(), e);
        }
        pair.drop();
    }

    private void follow() throws Exception {
        // However large the pool is, what follows stays in the bench's memory and within minutes.
        int part = Math.max(A_TRANSACTION, Math.min(LARGEST_TRANSACTION, plan.size()) / 10);
        if (plan.has("stream-1")) {
            stream("stream-1", part, this::writeOneByOne);
        }
        if (plan.has("stream-100")) {
            stream("stream-100", 5 * part, this::writeInHundreds);
        }
        if (plan.has("stream-large")) {
            stream("stream-large", Math.min(LARGEST_TRANSACTION, plan.size()), this::writeAtOnce);
        }
        if (plan.has("latency-1000")) {
            latency("latency-1000", 1_000, Math.min(MOST_AT_A_PACE, plan.size() / 10));
        }
        // After the faster one: by now what one record needs is compiled.
        if (plan.has("latency-100")) {
            latency("latency-100", 100, Math.min(MOST_AT_A_PACE, plan.size() / 10) / 10);
        }
        if (plan.has("catch-up")) {
            catchUp(Math.min(60_000, plan.size()));
        }
        if (plan.has("memory") && !system.processes().isEmpty()) {
            figures.add("memory", plan.size(), system.name(), memory());
        }
        if (plan.has("start") && system.restarts()) {
            restart();
        }
    }

    /** What was spent until now, in nanoseconds: by the clock, by each process, by the compilers of the system's own. */
    private record Spent(long wall, long own, long source, long target, long compilers) {
        Map<String, Double> since(Spent from, int records) {
            double micros = 1e3 * records;
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("perSecond", records * 1e9 / (wall - from.wall));
            figures.put("cpuMicros", (own + source + target - from.own - from.source - from.target) / micros);
            figures.put("sourceMicros", (source - from.source) / micros);
            figures.put("targetMicros", (target - from.target) / micros);
            if (compilers > 0) {
                // A compiler that rests for long ends, and with it what it had taken.
                figures.put("compilerMicros", Math.max(0, (compilers - from.compilers) / micros));
            }
            return figures;
        }

        Spent at(long otherWall) {
            return new Spent(otherWall, own, source, target, compilers);
        }
    }

    private Spent spent() {
        long own = system.ownCpu();
        long compilers = 0;
        for (long pid : system.processes()) {
            own += Cpu.ofTree(pid);
            compilers += Cpu.ofCompilers(pid);
        }
        return new Spent(System.nanoTime(), own, pair.source.cpu(), pair.targetCpu(), compilers);
    }

    private void snapshot() throws Exception {
        List<Rows.Row> last = new ArrayList<>();
        try (Connection source = pair.source.connect()) {
            for (int t = 0; t < pair.tables().size(); t++) {
                for (String id : Pair.strings(
                        source, "select max(id) from " + pair.tables().get(t).name() + " having count(*) > 0")) {
                    last.add(new Rows.Row(t, new String[] {id}));
                }
            }
        }
        Connection gate = pair.source.gate();
        system.launch();
        await("whoever waits for the tables", PATIENCE, pair.source::isAwaited);
        awaitQuiet();
        Spent before = spent();
        pair.source.openGate(gate);
        gateOpen = true;
        figures.add("snapshot", plan.size(), system.name(), awaitCopied(last).since(before, plan.size()));
        pair.source.end(gate);
    }

    private void awaitQuiet() throws Exception {
        long[] cpu = {0};
        await("a start", STARTING, () -> {
            long from = cpu[0];
            cpu[0] = system.processes().stream().mapToLong(Cpu::ofTree).sum();
            LockSupport.parkNanos(QUIET.toNanos());
            return system.processes().isEmpty() || cpu[0] - from < QUIET.toNanos() / 4;
        });
    }

    private interface Writing {
        /** Returns when the clock is to start. */
        long write(Connection connection, List<Rows.Row> rows) throws SQLException;
    }

    private void stream(String name, int count, Writing writing) throws Exception {
        List<Rows.Row> rows = next(count);
        Connection writer = pair.source.outside();
        Spent before = spent();
        long from = writing.write(writer, rows);
        Spent after = awaitCopied(rows);
        figures.add(name, count, system.name(), after.since(before.at(from), count));
        pair.source.end(writer);
    }

    private List<Rows.Row> next(int count) {
        List<Rows.Row> rows = Rows.list(plan.width(), seed++, nextId, count);
        nextId += count;
        return rows;
    }

    private List<Rows.Row> nextResidents(int count) {
        List<Rows.Row> rows = new ArrayList<>(count);
        int among = 6 * count;
        Rows.forEach(plan.width(), seed++, nextId, among, (table, values) -> {
            if (table == RESIDENT && rows.size() < count) {
                rows.add(new Rows.Row(table, values));
            }
        });
        nextId += among;
        return rows;
    }

    private long writeOneByOne(Connection connection, List<Rows.Row> rows) throws SQLException {
        long from = System.nanoTime();
        List<PreparedStatement> inserts = pair.inserts(connection);
        for (Rows.Row row : rows) {
            Pair.filled(inserts, row).executeUpdate();
        }
        return from;
    }

    private long writeInHundreds(Connection connection, List<Rows.Row> rows) throws SQLException {
        long from = System.nanoTime();
        connection.setAutoCommit(false);
        List<PreparedStatement> inserts = pair.inserts(connection);
        for (int at = 0; at < rows.size(); at += A_TRANSACTION) {
            for (Rows.Row row : rows.subList(at, Math.min(rows.size(), at + A_TRANSACTION))) {
                Pair.filled(inserts, row).addBatch();
            }
            for (PreparedStatement insert : inserts) {
                insert.executeBatch();
            }
            connection.commit();
        }
        return from;
    }

    private long writeAtOnce(Connection connection, List<Rows.Row> rows) throws SQLException {
        connection.setAutoCommit(false);
        for (int t = 0; t < pair.tables().size(); t++) {
            pair.source.load(connection, pair.tables().get(t), t, rows);
        }
        long from = System.nanoTime();
        connection.commit();
        return from;
    }

    private record Committed(long id, long at) {}

    /** People of one register, a transaction each, at an even pace; how long until each is seen. */
    private void latency(String name, int perSecond, int count) throws Exception {
        List<Rows.Row> rows = nextResidents(count);
        int writers = perSecond > MANY ? WRITERS_OF_MANY : 1;
        ConcurrentLinkedQueue<Committed> committed = new ConcurrentLinkedQueue<>();
        List<Connection> connections = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            connections.add(pair.source.outside());
        }
        Spent before = spent();
        List<CompletableFuture<Void>> writing = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int first = w;
            writing.add(CompletableFuture.runAsync(
                    () -> writeAtPace(
                            connections.get(first), rows, first, writers, perSecond, before.wall(), committed),
                    task -> new Thread(task, "writer").start()));
        }
        long[] took = seenOneByOne(rows.size(), committed, writing);
        Map<String, Double> figures = spent().since(before, rows.size());
        Arrays.sort(took);
        figures.put("p50Millis", took[took.length / 2] / MILLI);
        figures.put("p95Millis", took[took.length * 95 / 100] / MILLI);
        figures.put("p99Millis", took[took.length * 99 / 100] / MILLI);
        this.figures.add(name, rows.size(), system.name(), figures);
        for (Connection connection : connections) {
            pair.source.end(connection);
        }
        awaitCopied(rows);
    }

    private void writeAtPace(
            Connection connection,
            List<Rows.Row> rows,
            int first,
            int step,
            int perSecond,
            long start,
            ConcurrentLinkedQueue<Committed> committed) {
        try {
            List<PreparedStatement> inserts = pair.inserts(connection);
            for (int i = first; i < rows.size(); i += step) {
                long due = start + i * 1_000_000_000L / perSecond;
                for (long rest = due - System.nanoTime(); rest > 0; rest = due - System.nanoTime()) {
                    LockSupport.parkNanos(rest);
                }
                Pair.filled(inserts, rows.get(i)).executeUpdate();
                committed.add(new Committed(rows.get(i).id(), System.nanoTime()));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The source does not take a row", e);
        }
    }

    private long[] seenOneByOne(
            int count, ConcurrentLinkedQueue<Committed> committed, List<CompletableFuture<Void>> writing)
            throws Exception {
        long[] took = new long[count];
        int[] seen = {0};
        Map<Long, Long> waiting = new LinkedHashMap<>();
        await("rows at a pace", Duration.ofMillis(1), PATIENCE, () -> {
            writing.stream().filter(CompletableFuture::isCompletedExceptionally).forEach(CompletableFuture::join);
            for (Committed each = committed.poll(); each != null; each = committed.poll()) {
                waiting.put(each.id(), each.at());
            }
            if (!waiting.isEmpty()) {
                List<Long> found = system.target().seen(looking, RESIDENT, List.copyOf(waiting.keySet()));
                long now = System.nanoTime();
                for (Long id : found) {
                    Long at = waiting.remove(id);
                    if (at != null) {
                        took[seen[0]++] = Math.max(0, now - at);
                    }
                }
            }
            return seen[0] == count;
        });
        return took;
    }

    private void catchUp(int count) throws Exception {
        List<Rows.Row> rows = next(count);
        Connection writer = pair.source.outside();
        system.pause();
        try {
            writeInHundreds(writer, rows);
        } finally {
            system.resume();
        }
        Spent before = spent();
        Spent after = awaitCopied(rows);
        Map<String, Double> found = after.since(before, count);
        found.put("seconds", (after.wall() - before.wall()) / 1e9);
        figures.add("catch-up", count, system.name(), found);
        pair.source.end(writer);
    }

    /** From the start of the process until a row can be seen that came while it was away. */
    private void restart() throws Exception {
        system.stop();
        List<Rows.Row> rows = next(A_TRANSACTION);
        Connection writer = pair.source.outside();
        writeInHundreds(writer, rows);
        long from = System.nanoTime();
        system.launch();
        Spent after = awaitCopied(rows);
        figures.add("start", 1, system.name(), Map.of("seconds", (after.wall() - from) / 1e9));
        pair.source.end(writer);
    }

    private Map<String, Double> memory() throws IOException {
        double now = 0;
        double most = 0;
        for (long pid : system.processes()) {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                double mebibytes = line.startsWith("Vm") ? Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0 : 0;
                now += line.startsWith("VmRSS:") ? mebibytes : 0;
                most += line.startsWith("VmHWM:") ? mebibytes : 0;
            }
        }
        return Map.of("residentMiB", now, "mostMiB", most);
    }

    /** Waits for the last row of each table among {@code rows}, then compares everything. */
    private Spent awaitCopied(List<Rows.Row> rows) throws Exception {
        Map<Integer, Long> last = new LinkedHashMap<>();
        rows.forEach(row -> last.merge(row.table(), row.id(), Math::max));
        await("the last rows", PATIENCE, () -> {
            for (Map.Entry<Integer, Long> each : List.copyOf(last.entrySet())) {
                if (system.target()
                        .seen(looking, each.getKey(), List.of(each.getValue()))
                        .isEmpty()) {
                    return false;
                }
                last.remove(each.getKey());
            }
            return true;
        });
        Spent spent = spent();
        try (Connection source = pair.source.connect()) {
            if (system.target().findDifference(source, looking).isEmpty()) {
                return spent;
            }
            // The last row is not always the last to come.
            Spent[] equal = {spent};
            await("equality", FOR_EQUALITY, () -> {
                equal[0] = spent();
                return system.target().findDifference(source, looking).isEmpty();
            });
            return equal[0];
        }
    }

    private static void fail(Optional<String> difference) {
        difference.ifPresent(text -> {
            throw new IllegalStateException(text);
        });
    }

    private interface Condition {
        boolean isMet() throws Exception;
    }

    private void await(String what, Duration patience, Condition condition) throws Exception {
        await(what, LOOK, patience, condition);
    }

    private void await(String what, Duration pause, Duration patience, Condition condition) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.isMet()) {
            for (long pid : system.processes()) {
                if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
                    throw new IllegalStateException("its process ended");
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "waited " + patience.toSeconds() + " s for " + what + " in vain" + difference());
            }
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    private String difference() throws SQLException {
        if (!gateOpen) {
            return "";
        }
        try (Connection source = pair.source.connect()) {
            return system.target()
                    .findDifference(source, looking)
                    .map(d -> ": " + d)
                    .orElse("");
        }
    }
}
