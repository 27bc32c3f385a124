package io.yimen.bench.copy;

import io.yimen.bench.Folders;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code bench copy}: Yimen beside what one would pick instead. Every round is one life of each system, forwards and
 * backwards in turn, on the same servers, with the same rows.
 */
public final class CopyBench {
    private static final long SEED = 11;

    private final Path home;
    private final Plan plan;
    private final PrintStream progress;
    private final Figures figures = new Figures();
    private int rounds;

    CopyBench(Path home, Plan plan, PrintStream progress) {
        this.home = home;
        this.plan = plan;
        this.progress = progress;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Plan plan;
        try {
            plan = Plan.of(List.of(args).subList(1, args.length));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Plan.USAGE);
            System.exit(2);
            return;
        }
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var progress = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        CopyBench bench = new CopyBench(Path.of(System.getProperty("yimen.home", ".")), plan, progress);
        try {
            Figures figures = bench.run();
            out.println(plan.json() ? figures.json(plan, bench.rounds) : figures.text(plan));
        } catch (IllegalStateException e) {
            progress.println("The bench failed: " + e.getMessage());
            System.exit(1);
        }
    }

    Figures run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("yimen-bench");
        long begun = System.nanoTime();
        try (Pair pair = Pair.start(folder, plan.source(), plan.width(), SEED, plan.size())) {
            long longest = 0;
            while (rounds < plan.rounds() && seconds(begun) + longest < plan.longest()) {
                long from = System.nanoTime();
                round(pair, folder.resolve("round-" + (rounds + 1)));
                rounds++;
                longest = Math.max(longest, seconds(from));
                progress.println("round " + rounds + " of " + plan.rounds() + " took " + seconds(from) + " s");
            }
            return figures;
        } catch (SQLException e) {
            throw new IllegalStateException("A database of the bench failed", e);
        } finally {
            Folders.delete(folder);
        }
    }

    private static long seconds(long since) {
        return (System.nanoTime() - since) / 1_000_000_000L;
    }

    private void round(Pair pair, Path folder) throws InterruptedException {
        List<CopySystem> systems = systems(pair, folder);
        if (rounds % 2 == 1) {
            Collections.reverse(systems);
        }
        for (CopySystem system : systems) {
            long from = System.nanoTime();
            try {
                Life.live(pair, system, plan, figures);
            } catch (InterruptedException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(system.name() + ": " + e.getMessage(), e);
            }
            progress.println("  " + system.name() + ": " + seconds(from) + " s");
        }
    }

    private List<CopySystem> systems(Pair pair, Path folder) {
        Peers peers = new Peers(home, plan.source());
        List<CopySystem> systems = new ArrayList<>();
        for (List<String> options : plan.hubOptions()) {
            String name = systems.isEmpty() ? Figures.OURS : Figures.OURS + " " + String.join(" ", options);
            Path own = folder.resolve("yimen-" + systems.size());
            systems.add(new HubCopy(name, pair, home, own, plan.width(), options));
        }
        if (plan.peers().contains("P1")) {
            systems.add(new ConnectCopy(pair, folder.resolve("p1"), peers));
        }
        if (plan.peers().contains("P2")) {
            systems.add(new EngineCopy(pair, folder.resolve("p2"), peers.engineClassPath()));
        }
        if (plan.peers().contains("P3") && pair.source instanceof PostgresSource postgres) {
            systems.add(new LogicalReplication(pair, postgres));
        }
        if (plan.peers().contains("P4")) {
            systems.add(new CopyOutAndIn(pair));
        }
        return systems;
    }
}
