package io.yimen.hub.command;

import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.replay.ReplayRun;
import io.yimen.hub.ingest.ConnectorFiles;
import io.yimen.hub.quarantine.TodaysRemapping;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.ledger.Quarantine;
import io.yimen.pool.ledger.QuarantineFault;
import io.yimen.pool.ledger.QuarantinePage;
import io.yimen.pool.ledger.QuarantineQuery;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Effect;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.ReplayedRecord;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * {@code quarantine list|show|dry-run|replay|stop|discard}: what waits, on the hub's machine. Works on the pool's
 * database, beside a running hub or without one; whoever may read the hub's configuration may do this, and the audit
 * tells who did. Exit codes: 0 done, 1 it cannot be done, 2 the command was not understood.
 */
final class QuarantineCommand {
    private static final String USAGE = """
            usage: quarantine list [WHICH]                   what waits, by its fault, then record by record
                   quarantine show ID --purpose WHY          one record with its raw form
                   quarantine dry-run WHICH [--edit ID=FILE]... [--limit N]
                                                             what a replay would do; changes nothing
                   quarantine replay WHICH --why WHY [--edit ID=FILE]... [--rate N] [--yes]
                                                             a dry run, a question, then the replay
                   quarantine stop RUN                       ends a replay, wherever it runs
                   quarantine discard WHICH --why WHY [--yes]
            WHICH is --source ID [--stream ID] [--reason CODE] [--key KEY] [--older AGE] [--younger AGE], or ids of one
            source. A key may end in *; an age is written like 90m, 12h or 7d. FILE holds the columns as a JSON object,
            as show prints them. The rate is 1 to 1000 records a second, 100 where none is given.""";
    private static final Set<String> VALUES = Set.of(
            "--source",
            "--stream",
            "--reason",
            "--key",
            "--older",
            "--younger",
            "--purpose",
            "--why",
            "--edit",
            "--rate",
            "--limit");
    private static final int SHOWN = 50;
    private static final int BAR = 30;

    private final Supplies supplies;
    private final PrintStream out;
    private final PrintStream err;

    /** What it works on. */
    private record Supplies(Pool pool, Quarantine quarantine, ConnectorFiles files, PoolModel model, Clock clock) {}

    /** The words of one call. */
    private record Words(List<String> plain, Map<String, List<String>> options, boolean yes) {
        @Nullable
        String find(String name) {
            List<String> given = options.getOrDefault(name, List.of());
            return given.isEmpty() ? null : given.get(given.size() - 1);
        }

        String get(String name) {
            String value = find(name);
            if (value == null) {
                throw new IllegalArgumentException("Say " + name);
            }
            return value;
        }

        int number(String name, int otherwise) {
            String value = find(name);
            return value == null ? otherwise : Integer.parseInt(value);
        }
    }

    private QuarantineCommand(Supplies supplies, PrintStream out, PrintStream err) {
        this.supplies = supplies;
        this.out = out;
        this.err = err;
    }

    /** On the pool and the connectors that the settings name. */
    static int run(List<String> args, UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        try {
            Words words = read(args);
            return words == null ? misunderstood(err) : of(settings, out, err).run(args.get(0), words);
        } catch (PoolException | ManifestException | IllegalArgumentException | UncheckedIOException e) {
            err.println("yimen: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static QuarantineCommand of(UnaryOperator<String> settings, PrintStream out, PrintStream err) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(settings.apply("yimen.pool.jdbc-url"));
        database.setUser(settings.apply("yimen.pool.username"));
        database.setPassword(settings.apply("yimen.pool.password"));
        // What PostgreSQL adds to an error may quote the row.
        database.setLogServerErrorDetail(false);
        Clock clock = Clock.systemUTC();
        PoolModel model = PoolModel.standard();
        Vault vault = Vault.load(Path.of(settings.apply("yimen.vault.key-file")));
        Quarantine quarantine = new Quarantine(new ScopedReads(database, model, vault, new Audit(database, clock)));
        return new QuarantineCommand(
                new Supplies(
                        new PostgresPool(database, model, vault, clock),
                        quarantine,
                        ConnectorFiles.of(settings, model),
                        model,
                        clock),
                out,
                err);
    }

    private static @Nullable Words read(List<String> args) {
        if (args.isEmpty()) {
            return null;
        }
        List<String> plain = new ArrayList<>();
        Map<String, List<String>> options = new HashMap<>();
        boolean yes = false;
        for (int i = 1; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--yes")) {
                yes = true;
            } else if (VALUES.contains(arg) && i + 1 < args.size()) {
                options.computeIfAbsent(arg, name -> new ArrayList<>()).add(args.get(++i));
            } else if (arg.matches("[0-9]{1,18}")) {
                plain.add(arg);
            } else {
                return null;
            }
        }
        return new Words(plain, options, yes);
    }

    private int run(String command, Words words) throws InterruptedException {
        return switch (command) {
            case "list" -> list(words);
            case "show" -> words.plain().size() == 1 ? show(words) : misunderstood(err);
            case "dry-run" -> dryRun(words);
            case "replay" -> replay(words);
            case "stop" -> words.plain().size() == 1 ? stop(words) : misunderstood(err);
            case "discard" -> discard(words);
            default -> misunderstood(err);
        };
    }

    private static int misunderstood(PrintStream err) {
        err.println(USAGE);
        return 2;
    }

    private int list(Words words) {
        List<QuarantineFault> faults = supplies.quarantine().faults(everything());
        if (faults.isEmpty()) {
            out.println("Nothing waits in quarantine");
            return 0;
        }
        for (QuarantineFault fault : faults) {
            out.printf(
                    "%6d  %s/%s  %s%s  since %s%n",
                    fault.count(),
                    fault.source(),
                    fault.stream(),
                    fault.reason(),
                    fault.field() == null ? "" : " " + fault.field(),
                    fault.oldest());
        }
        QuarantinePage page = supplies.quarantine()
                .list(
                        everything(),
                        new QuarantineQuery(
                                words.find("--source"),
                                words.find("--stream"),
                                words.find("--reason"),
                                words.find("--key"),
                                QuarantinePage.Status.WAITING,
                                ago(words.find("--younger")),
                                ago(words.find("--older")),
                                null,
                                null,
                                words.number("--limit", SHOWN)));
        out.println();
        page.items().forEach(this::line);
        if (page.nextCursor() != null) {
            out.println("… and more: narrow the search, or give a --limit up to 200");
        }
        return 0;
    }

    private void line(QuarantinePage.Item item) {
        out.printf(
                "%6d  %s/%s  %s  @%s  %s: %s%n",
                item.id(), item.source(), item.stream(), item.key(), item.position(), item.reason(), item.message());
    }

    private int show(Words words) {
        long id = Long.parseLong(words.plain().get(0));
        String purpose = words.get("--purpose");
        QuarantinePage.Item item = supplies.quarantine().get(everything(), id);
        Quarantine.RawForm raw = supplies.quarantine().raw(everything(), id, purpose);
        line(item);
        out.println("status    " + item.status());
        out.println("since     " + item.at());
        if (item.outcome() != null) {
            out.println("replayed  " + item.outcome() + " by run " + item.replay());
        }
        if (item.decidedBy() != null) {
            out.println("decided   " + item.decidedAt() + " by " + item.decidedBy() + ": " + item.decidedWhy());
        }
        out.println("received");
        out.println(raw.received());
        if (raw.edited() != null) {
            out.println("taken instead");
            out.println(raw.edited());
        }
        return 0;
    }

    private int dryRun(Words words) {
        Selection selection = selection(words);
        tell(tried(words, selection, "dry run"));
        return 0;
    }

    private ReplayStep tried(Words words, Selection selection, String why) {
        TodaysRemapping mapping = mapping(selection);
        Replay replay = new Replay(
                0, selection, new Decision(actor(), why), edits(words), null, words.number("--limit", SHOWN));
        return supplies.pool().dryRun(replay, mapping.remapping());
    }

    private void tell(ReplayStep step) {
        for (ReplayedRecord record : step.records()) {
            out.printf(
                    "%6d  %s  %s  %s%s%n",
                    record.id(), record.stream(), record.key(), record.outcome(), record.edited() ? ", as edited" : "");
            if (record.outcome() == Outcome.QUARANTINED) {
                out.println("        " + record.reason() + ": " + record.message());
            } else if (record.message() != null) {
                out.println("        " + record.message());
            }
            record.effects().forEach(this::tell);
            if (record.allEffects() > record.effects().size()) {
                out.println("        … and "
                        + (record.allEffects() - record.effects().size()) + " more changes");
            }
        }
        out.println(totals(step.counts().values().stream().reduce(Counts.ZERO, Counts::plus)));
        if (step.selected() > step.records().size()) {
            out.println("These are the first " + step.records().size() + " of " + step.selected() + " records");
        }
    }

    private void tell(Effect effect) {
        String ledger = supplies.model().getType(effect.entityType()).ledger();
        out.println("        " + effect.operation() + " " + ledger + " " + effect.title());
        for (Effect.Difference d : effect.differences()) {
            out.println("            " + d.field() + ": " + Objects.requireNonNullElse(d.from(), "–") + " → "
                    + Objects.requireNonNullElse(d.to(), "–"));
        }
    }

    private static String totals(Counts counts) {
        return counts.read() + " read = " + counts.applied() + " applied + " + counts.unchanged() + " unchanged + "
                + counts.stale() + " stale + " + counts.quarantined() + " still quarantined";
    }

    private int replay(Words words) throws InterruptedException {
        Selection selection = selection(words);
        Decision decision = new Decision(actor(), words.get("--why"));
        ReplayStep dry = tried(words, selection, decision.why());
        tell(dry);
        if (dry.selected() == 0) {
            return 0;
        }
        if (!words.yes() && !isConfirmed("Replay " + dry.selected() + " records?")) {
            err.println("Nothing was changed");
            return 1;
        }
        ReplayRun run = ReplayRun.open(
                supplies.pool(),
                mapping(selection).remapping(),
                selection,
                decision,
                edits(words),
                words.number("--rate", ReplayRun.USUAL_RATE));
        out.println("Run " + run.id() + "; Ctrl-C stops it after the records at hand");
        CountDownLatch ended = new CountDownLatch(1);
        Thread stopping = new Thread(() -> stopAndWait(run, ended), "stop-replay");
        Runtime.getRuntime().addShutdownHook(stopping);
        Bar bar = new Bar(dry.selected());
        try {
            boolean whole = run.complete(bar::moved);
            bar.end();
            out.println(totals(bar.counts) + (whole ? "" : "; stopped"));
            return whole ? 0 : 1;
        } finally {
            ended.countDown();
            forget(stopping);
        }
    }

    private static void stopAndWait(ReplayRun run, CountDownLatch ended) {
        run.stop();
        try {
            var unused = ended.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending already: this is what the hook waits for.
            return;
        }
    }

    private int stop(Words words) {
        long run = Long.parseLong(words.plain().get(0));
        supplies.pool().closeRun(run, RunStatus.COMPLETED, "stopped; what was not taken goes on waiting");
        out.println("Run " + run + " takes nothing more");
        return 0;
    }

    private int discard(Words words) {
        Selection selection = selection(words);
        Decision decision = new Decision(actor(), words.get("--why"));
        if (!words.yes() && !isConfirmed("Discard what waits of " + selection.source() + " and fits?")) {
            err.println("Nothing was changed");
            return 1;
        }
        out.println(supplies.pool().discard(selection, decision) + " discarded");
        return 0;
    }

    /** The source is found by the ids where it is not named. */
    private Selection selection(Words words) {
        List<Long> ids = words.plain().stream().map(Long::valueOf).toList();
        String source = words.find("--source");
        if (source == null && ids.isEmpty()) {
            throw new IllegalArgumentException("Say --source, or the ids of records");
        }
        if (source == null) {
            List<String> sources = ids.stream()
                    .map(id -> supplies.quarantine().get(everything(), id).source())
                    .distinct()
                    .toList();
            if (sources.size() > 1) {
                throw new IllegalArgumentException("The records are of several sources: " + sources);
            }
            source = sources.get(0);
        }
        return new Selection(
                source,
                words.find("--stream"),
                words.find("--reason"),
                words.find("--key"),
                ago(words.find("--younger")),
                ago(words.find("--older")),
                ids);
    }

    private TodaysRemapping mapping(Selection selection) {
        return TodaysRemapping.of(supplies.files(), selection.source());
    }

    private static Map<Long, byte[]> edits(Words words) {
        Map<Long, byte[]> edits = new HashMap<>();
        for (String edit : words.options().getOrDefault("--edit", List.of())) {
            int equals = edit.indexOf('=');
            if (equals < 1 || !edit.substring(0, equals).matches("[0-9]{1,18}")) {
                throw new IllegalArgumentException("Write --edit ID=FILE");
            }
            Path file = Path.of(edit.substring(equals + 1));
            try {
                edits.put(Long.valueOf(edit.substring(0, equals)), Files.readAllBytes(file));
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be read", e);
            }
        }
        return edits;
    }

    private @Nullable Instant ago(@Nullable String age) {
        if (age == null) {
            return null;
        }
        try {
            String iso = age.endsWith("d") ? "P" + age : "PT" + age;
            return supplies.clock().instant().minus(Duration.parse(iso));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("An age is written like 90m, 12h or 7d", e);
        }
    }

    private boolean isConfirmed(String question) {
        err.print(question + " [y/N] ");
        err.flush();
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line != null && line.strip().matches("[yY]([eE][sS])?");
        } catch (IOException e) {
            return false;
        }
    }

    private static Scope everything() {
        return Scope.everything(actor());
    }

    private static String actor() {
        return AccountCommand.actor();
    }

    /** How far it is: a bar that moves on a terminal, a line now and then elsewhere. */
    private final class Bar {
        private static final long LINE_EVERY_NANOS = 5_000_000_000L;

        private final long expected;
        private final boolean terminal = System.console() != null;
        private Counts counts = Counts.ZERO;
        private long lastLine = System.nanoTime();

        Bar(long expected) {
            this.expected = expected;
        }

        void moved(ReplayStep step) {
            counts = step.counts().values().stream().reduce(counts, Counts::plus);
            if (terminal) {
                double share = expected == 0 ? 1 : Math.min(1.0, (double) counts.read() / expected);
                int full = (int) Math.round(share * BAR);
                err.print("\r" + "█".repeat(full) + "░".repeat(BAR - full) + " " + counts.read() + "/"
                        + Math.max(expected, counts.read()) + " ");
                err.flush();
            } else if (System.nanoTime() - lastLine > LINE_EVERY_NANOS) {
                lastLine = System.nanoTime();
                err.println(counts.read() + " of " + expected);
            }
        }

        void end() {
            if (terminal) {
                err.println();
            }
        }
    }
}
