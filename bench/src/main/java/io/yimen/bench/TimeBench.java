package io.yimen.bench;

import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Level;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.WorkingDays;
import io.yimen.pool.ledger.History;
import io.yimen.pool.ledger.LedgerRecord;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.RecordQuery;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import io.yimen.simulators.EmbeddedDatabase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import javax.sql.DataSource;

/**
 * {@code bench time [--json] [--records N]}: how much longer a ledger takes as it stood than as it stands, how long a
 * history is waited for, how fast corrections are accepted. A pool in an embedded PostgreSQL that waits for the disk at
 * every commit, with people of 20 communities that change over two years.
 */
final class TimeBench {
    private static final int MONTHS = 24;
    private static final int CHANGES = 10_000;
    private static final int ACCEPTED = 1_000;
    private static final int ROUNDS = 4;
    private static final int TIMES = 200;
    private static final Scope ALL = Scope.everything("bench");
    private final PostgresPool pool;
    private final Ticking clock;
    private final Ledgers ledgers;
    private final History history;
    private final ScopedReads reads;
    private final Random random = new Random(5);
    private final Town town = new Town(random);
    private final List<Figure> figures = new ArrayList<>();
    private final long run;

    /** A clock that moves when told to. */
    private static final class Ticking extends Clock {
        private Instant now = Instant.parse("2024-01-15T08:00:00Z");

        void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return fixed(now, zone);
        }
    }

    /** @param aim with the sign that a figure is to keep to, or empty */
    private record Figure(String name, String unit, double value, String aim) {}

    private TimeBench(DataSource database) {
        this.clock = new Ticking();
        PoolModel model = PoolModel.standard();
        Vault vault = Vault.of(new byte[32]);
        this.pool = new PostgresPool(database, model, vault, clock);
        this.reads = new ScopedReads(database, model, vault, new Audit(database, clock));
        this.ledgers = new Ledgers(reads);
        this.history = new History(reads);
        pool.declare(new SourceInfo("bench", "登记", "Register", "bench"), List.of(Town.PLACES, Town.PERSONS));
        this.run = pool.openRun("bench", "bench", "bench", OptionalLong.empty());
    }

    static void main(String[] args) throws IOException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        boolean json = false;
        int records = 100_000;
        for (int i = 1; i < args.length; i++) {
            if (args[i].equals("--json")) {
                json = true;
            } else if (args[i].equals("--records") && i + 1 < args.length && args[i + 1].matches("[1-9][0-9]{3,6}")) {
                records = Integer.parseInt(args[++i]);
            } else {
                System.err.println("usage: bench time [--json] [--records N]    N from 1000, 100000 unless told");
                System.exit(2);
            }
        }
        Path folder = Files.createTempDirectory("yimen-bench");
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder)) {
            server.createDatabase("pool");
            try (Connection connection = server.connect("pool")) {
                TimeBench bench = new TimeBench(CommittedRun.always(connection));
                bench.measure(records, connection);
                out.println(json ? bench.json(records) : bench.text(records));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The database of the bench failed", e);
        } finally {
            Folders.delete(folder);
        }
    }

    private void measure(int records, Connection connection) throws SQLException {
        live(records);
        change(records, CHANGES);
        // What PostgreSQL does by itself within a minute.
        try (Statement statement = connection.createStatement()) {
            statement.execute("vacuum analyze");
        }
        lists();
        histories();
        corrections(records);
    }

    /** People move in, and each month some of them change. */
    private void live(int records) {
        apply(town.places());
        for (int at = 0; at < records; at += 1_000) {
            var events = new ArrayList<ChangeEvent>();
            for (int i = at; i < Math.min(records, at + 1_000); i++) {
                events.add(town.person(i));
            }
            apply(events);
        }
        for (int month = 0; month < MONTHS; month++) {
            clock.advance(Duration.ofDays(30));
            pool.makeMonths();
            for (int part = 0; part < Math.max(1, records / 20_000); part++) {
                var events = new ArrayList<ChangeEvent>();
                for (int i = 0; i < 1_000; i++) {
                    events.add(town.person(random.nextInt(records)));
                }
                apply(events);
            }
        }
    }

    /** One person changes over and over. */
    private void change(int records, int times) {
        for (int i = 0; i < times; i++) {
            clock.advance(Duration.ofMinutes(1));
            apply(List.of(town.person(records)));
        }
    }

    private void apply(List<ChangeEvent> events) {
        pool.apply(new Batch(run, "bench", null, events, List.of(), List.of()));
    }

    private void lists() {
        Instant first = Instant.parse("2024-03-01T00:00:00Z");
        long span = Duration.between(first, clock.instant()).toMinutes();
        RecordQuery query = RecordQuery.of("Person").withTotal(true);
        long community = ledgers.list(ALL, RecordQuery.of("Place").withSearch("第7社区"))
                .records()
                .get(0)
                .id();
        Scope worker = new Scope("worker", List.of(community), false);
        for (Map.Entry<String, Scope> whose :
                List.of(Map.entry("everything", ALL), Map.entry("one community", worker))) {
            Scope scope = whose.getValue();
            String what = "list of 50 with its count, " + whose.getKey();
            // In turn, so that neither has the warmer machine.
            double[] now = new double[TIMES];
            double[] then = new double[TIMES];
            for (int i = -TIMES / 2; i < TIMES; i++) {
                Instant asOf = first.plus(Duration.ofMinutes((long) (random.nextDouble() * span)));
                long began = System.nanoTime();
                ledgers.list(scope, query);
                long between = System.nanoTime();
                ledgers.list(scope, query.withAsOf(asOf));
                if (i >= 0) {
                    now[i] = (between - began) / 1e6;
                    then[i] = (System.nanoTime() - between) / 1e6;
                }
            }
            figures.add(new Figure(what + ", now, p50", "ms", median(now), ""));
            figures.add(new Figure(what + ", as of a random instant, p50", "ms", median(then), ""));
            figures.add(new Figure(what + ", as of ÷ now", "×", median(then) / median(now), "≤ 3"));
        }
    }

    private void histories() {
        LedgerRecord busy = ledgers.list(
                        ALL,
                        RecordQuery.of("Person")
                                .withSort(RecordQuery.Sort.UPDATED_AT, true)
                                .withLimit(1))
                .records()
                .get(0);
        double[] took = new double[TIMES];
        for (int i = -TIMES / 2; i < TIMES; i++) {
            long began = System.nanoTime();
            history.list(ALL, "Person", busy.id(), null, 50);
            if (i >= 0) {
                took[i] = (System.nanoTime() - began) / 1e6;
            }
        }
        figures.add(new Figure("changes of the record whose history is read", "", busy.version(), ""));
        figures.add(new Figure("first page of its history, p50", "ms", median(took), "< 50"));
        figures.add(new Figure("first page of its history, p99", "ms", took[TIMES * 99 / 100], "< 50"));
    }

    private void corrections(int records) {
        Corrections corrections =
                pool.corrections(reads, new Policy(Level.STREET, Map.of(), 5, WorkingDays.bundled(), Map.of()));
        Authority worker = new Authority(ALL, false, Set.of());
        Authority officer = new Authority(ALL, true, Set.of("*"));
        var proposed = new ArrayList<Long>();
        String cursor = null;
        while (proposed.size() < Math.min(records / 2, ACCEPTED * ROUNDS)) {
            var page = ledgers.list(ALL, RecordQuery.of("Person").withLimit(200).withCursor(cursor));
            for (LedgerRecord record : page.records()) {
                proposed.add(corrections
                        .propose(
                                worker,
                                new Request(
                                        "Person",
                                        record.id(),
                                        0,
                                        "name",
                                        record.title() + "改",
                                        "窗口核对",
                                        null,
                                        List.of()))
                        .id());
            }
            cursor = page.nextCursor();
        }
        double[] rates = new double[ROUNDS - 1];
        for (int i = 0; i < ROUNDS; i++) {
            List<Long> ids = proposed.subList(i * proposed.size() / ROUNDS, (i + 1) * proposed.size() / ROUNDS);
            long began = System.nanoTime();
            corrections.accept(officer, ids);
            if (i > 0) {
                rates[i - 1] = ids.size() / ((System.nanoTime() - began) / 1e9);
            }
        }
        figures.add(new Figure("corrections accepted in one transaction", "", proposed.size() / ROUNDS, ""));
        figures.add(
                new Figure("corrections accepted, with tickets and what is published", "/s", median(rates), "≥ 1000"));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private String text(int records) {
        var text = new StringBuilder(String.format(
                Locale.ROOT, "%,d people of %d communities, %d months%n", records, Town.COMMUNITIES, MONTHS));
        for (Figure figure : figures) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %-70s %,10.2f %-2s %s%n",
                    figure.name,
                    figure.value,
                    figure.unit,
                    figure.aim.isEmpty() ? "" : "aim " + figure.aim));
        }
        return text.toString().stripTrailing();
    }

    private String json(int records) {
        var text = new StringBuilder("{\"set\":\"time\",\"records\":" + records + ",\"figures\":[");
        for (int i = 0; i < figures.size(); i++) {
            Figure figure = figures.get(i);
            text.append(i == 0 ? "" : ",")
                    .append(String.format(
                            Locale.ROOT,
                            "{\"name\":\"%s\",\"unit\":\"%s\",\"value\":%.3f,\"aim\":\"%s\"}",
                            figure.name,
                            figure.unit,
                            figure.value,
                            figure.aim));
        }
        return text.append("]}").toString();
    }
}
