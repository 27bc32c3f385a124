package io.yimen.simulators.demo;

import io.yimen.client.ApiException;
import io.yimen.client.model.Run;
import io.yimen.client.model.RunStatus;
import io.yimen.client.model.Source;
import io.yimen.client.model.StreamCounts;
import io.yimen.client.model.Summary;
import io.yimen.simulators.ElectionSystem;
import io.yimen.simulators.EmbeddedBroker;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.EmbeddedServer;
import io.yimen.simulators.FreePorts;
import io.yimen.simulators.HubProgram;
import io.yimen.simulators.LegacySystem;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Everything on one machine: started in order, watched, and stopped in the opposite order whatever happens. */
final class Demo implements AutoCloseable {
    private static final String POOL = "yimen";
    private static final String POOL_USER = "yimen";
    private static final String ADMIN = "admin";
    /** The connector through which corrections go back. */
    private static final String WRITTEN_BACK = "community";

    private static final List<String> HUB_OPTIONS =
            // The second compiler costs more in the first minute than it gives back: 47 s of CPU instead of 30.
            List.of("-Xmx640m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    static final String HUB_PORT = "quarkus.http.port";
    private static final int HUB_ATTEMPTS = 4;
    private static final Duration HUB_START = Duration.ofSeconds(120);
    private static final Duration STANDSTILL = Duration.ofSeconds(120);
    private static final Duration TICK = Duration.ofMillis(250);
    private static final double NOW_AND_THEN = 0.5;
    private static final double FAST = 20;

    private final Path home;
    private final DemoOptions options;
    private final Screen screen;
    private final long begun = System.nanoTime();
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;

    Demo(Path home, DemoOptions options, Screen screen) {
        this.home = home;
        this.options = options;
        this.screen = screen;
    }

    /** Runs until the first full sync if that was asked for, else until the process is told to end. */
    Report run() {
        HubProgram program = new HubProgram(home);
        DemoFolder folder = keep(DemoFolder.open(options.data(), options.fresh()));
        screen.say("Starting PostgreSQL, Kafka and the legacy systems in " + folder.path());
        CompletableFuture<EmbeddedDatabase> pool = async(() -> EmbeddedDatabase.start(folder.resolve("pool")));
        CompletableFuture<EmbeddedBroker> broker = async(() -> EmbeddedBroker.start(folder.resolve("kafka")));
        List<CompletableFuture<LegacySystem>> starting = start(new LegacySystems.Surroundings(
                folder.path(),
                ElectionSystem.Options.demo().seed(),
                options.residents(),
                () -> joined(broker).bootstrapServers()));
        Map<String, String> keys = new TreeMap<>();
        EmbeddedDatabase pools = joined(pool);
        pool(pools, keys);
        EmbeddedBroker kafka = joined(broker);
        keys.put("yimen.kafka.bootstrap-servers", kafka.bootstrapServers());
        List<LegacySystem> systems = starting.stream().map(Demo::joined).toList();
        List<EmbeddedServer> servers = new ArrayList<>(List.of(pools, kafka));
        for (LegacySystem system : systems) {
            keys.putAll(system.keys());
            system.server().ifPresent(servers::add);
        }
        List<String> enabled = systems.stream().map(LegacySystem::connector).toList();
        keys.put("yimen.connectors.enabled", String.join(",", enabled));
        if (enabled.contains(WRITTEN_BACK)) {
            keys.put("yimen.corrections.write-back", WRITTEN_BACK);
        }
        hub(home, folder, keys);
        Instant launch = Instant.now();
        HubChild hub = hubThatIsUp(program.arguments(HUB_OPTIONS), folder, keys);
        int port = Integer.parseInt(keys.getOrDefault(HUB_PORT, ""));
        HubView view = new HubView(port);
        signIn(view, folder.accountPassword());
        screen.say("First sync of every source (%s s after the start)".formatted(Math.round(seconds())));
        URI address = URI.create("http://127.0.0.1:" + port);
        systems.forEach(system -> system.follow(address));
        Report report = awaitSynced(hub, view, launch, servers, systems.size());
        if (options.once()) {
            return report;
        }
        screen.say("");
        screen.say(report.table());
        screen.say(welcome(port, folder.accountPassword()));
        double perSecond = options.fast() ? FAST : NOW_AND_THEN;
        systems.forEach(system -> system.live(perSecond));
        hub.onExit().join();
        throw ended(hub);
    }

    private List<CompletableFuture<LegacySystem>> start(LegacySystems.Surroundings surroundings) {
        List<CompletableFuture<LegacySystem>> starting = new ArrayList<>();
        for (LegacySystems.Entry entry : LegacySystems.ALL) {
            String missing = entry.missing().apply(surroundings);
            if (missing.isEmpty()) {
                starting.add(async(() -> entry.start().apply(surroundings)));
            } else {
                screen.say("%s stays away: %s".formatted(entry.connector(), missing));
            }
        }
        return starting;
    }

    static void pool(EmbeddedDatabase pool, Map<String, String> keys) {
        // Owner of its own database, and allowed to make the readers' role; not a superuser, whom row-level security
        // would not bind.
        pool.createLogin(POOL_USER, pool.password(), "createrole");
        pool.createDatabase(POOL, POOL_USER);
        keys.put("yimen.pool.jdbc-url", pool.jdbcUrl(POOL));
        keys.put("yimen.pool.username", POOL_USER);
        keys.put("yimen.pool.password", pool.password());
    }

    static void hub(Path home, DemoFolder folder, Map<String, String> keys) {
        keys.put("yimen.vault.key-file", folder.resolve("hub/vault.key").toString());
        keys.put("yimen.vault.create", "true");
        keys.put("yimen.connectors.catalog", home.resolve("connectors/catalog").toString());
        keys.put("yimen.connectors.approve", "true");
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", folder.accountPassword());
    }

    /** The hub after its start; another process that is faster in taking one of its ports costs another start. */
    private HubChild hubThatIsUp(List<String> program, DemoFolder folder, Map<String, String> keys) {
        for (int attempt = 1; ; attempt++) {
            int port = folder.port("port");
            int management = folder.port("management-port");
            keys.put(HUB_PORT, Integer.toString(port));
            keys.put("quarkus.management.port", Integer.toString(management));
            HubChild hub = keep(HubChild.launch(program, folder, keys));
            screen.say("Starting the hub; its log is " + hub.log());
            if (isUp(hub)) {
                return hub;
            }
            boolean taken = !FreePorts.isFree(port) || !FreePorts.isFree(management);
            if (!taken || attempt == HUB_ATTEMPTS) {
                throw ended(hub);
            }
            screen.say("Somebody else listens on the hub's port; it starts again on another one");
        }
    }

    /** Waits until it is up; false if it ended. */
    static boolean isUp(HubChild hub) {
        long deadline = System.nanoTime() + HUB_START.toNanos();
        while (!hub.isUp()) {
            if (pause(hub)) {
                return false;
            }
            if (System.nanoTime() > deadline) {
                throw new DemoException(
                        "The hub was not up within " + HUB_START.toSeconds() + " s. " + hub.lastWords());
            }
        }
        return true;
    }

    static void signIn(HubView view, String password) {
        try {
            view.signIn(ADMIN, password);
        } catch (ApiException e) {
            throw new DemoException("The demo's administrator cannot sign in: HTTP " + e.getCode(), e);
        }
    }

    private Report awaitSynced(HubChild hub, HubView view, Instant launch, List<EmbeddedServer> servers, int expected) {
        long moved = System.nanoTime();
        long lastSum = -1;
        int settled = 0;
        while (true) {
            try {
                List<Source> sources = view.sources();
                Summary summary = view.summary();
                screen.progress(sources);
                refuseRed(sources);
                settled = sources.size() >= expected && HubView.isSettled(sources, summary, launch) ? settled + 1 : 0;
                if (settled >= 2) {
                    screen.progressAtLast(sources);
                    return new Report(view.counts(), view.summary(), seconds());
                }
                long sum = movement(sources, summary);
                if (sum != lastSum) {
                    lastSum = sum;
                    moved = System.nanoTime();
                }
            } catch (ApiException e) {
                // It may be busy; if it is gone, that is seen below.
                settled = 0;
            }
            if (pause(hub)) {
                throw ended(hub);
            }
            servers.stream().filter(server -> !server.isRunning()).findFirst().ifPresent(server -> {
                throw new DemoException(server + " ended. " + server.lastWords());
            });
            if (System.nanoTime() - moved > STANDSTILL.toNanos()) {
                throw new DemoException(
                        "Nothing has moved in the hub for " + STANDSTILL.toSeconds() + " s. " + hub.lastWords());
            }
        }
    }

    private static void refuseRed(List<Source> sources) {
        for (Source source : sources) {
            Run run = source.getLastRun();
            if (run != null && run.getStatus() == RunStatus.RED) {
                throw new DemoException("The sync of " + source.getTitle() + " stopped: " + run.getMessage());
            }
        }
    }

    private static long movement(List<Source> sources, Summary summary) {
        long sum = summary.getLastChange();
        Long published = summary.getPublished();
        sum += published == null ? 0 : published;
        for (Source source : sources) {
            Run run = source.getLastRun();
            if (run != null) {
                sum += run.getCounts().stream().mapToLong(StreamCounts::getRead).sum();
            }
        }
        return sum;
    }

    private String welcome(int port, String password) {
        return """
                Portal      http://127.0.0.1:%d/
                Accounts    admin       everything
                            chaoyang    朝阳区, a district
                            dongcheng   东华门街道, a street
                            duofuxiang  多福巷社区, a community
                            xuanju      answers for the election system
                Password    %s   (the same for all)
                The legacy systems keep changing. Ctrl-C stops everything; the next start goes on from here.""".formatted(port, password).indent(2);
    }

    static DemoException ended(HubChild hub) {
        return new DemoException("The hub ended. " + hub.lastWords());
    }

    /** Waits a tick; true if the hub ended meanwhile. */
    static boolean pause(HubChild hub) {
        try {
            hub.onExit().get(TICK.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private double seconds() {
        return (System.nanoTime() - begun) / 1e9;
    }

    private interface Start<T> {
        T run();
    }

    private <T extends AutoCloseable> CompletableFuture<T> async(Start<T> start) {
        // An end that comes meanwhile waits for what is half started, so as to stop that as well.
        Starting<T> starting = new Starting<>(CompletableFuture.supplyAsync(start::run, task -> {
            Thread thread = new Thread(task, "start");
            thread.setDaemon(true);
            thread.start();
        }));
        keep(starting);
        return starting.future;
    }

    private record Starting<T extends AutoCloseable>(CompletableFuture<T> future) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            try {
                future.get(60, TimeUnit.SECONDS).close();
            } catch (ExecutionException | TimeoutException e) {
                // It never came up: nothing of it is left to stop.
            }
        }
    }

    private static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new DemoException(String.valueOf(cause.getMessage()), e);
        }
    }

    private synchronized <T extends AutoCloseable> T keep(T part) {
        if (closed) {
            stop(part);
            throw new DemoException("Stopped");
        }
        started.push(part);
        return part;
    }

    /** Stops what runs, last started first. */
    @Override
    public synchronized void close() {
        closed = true;
        while (!started.isEmpty()) {
            stop(started.pop());
        }
    }

    private void stop(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            screen.say("While stopping: " + e.getMessage());
        }
    }
}
