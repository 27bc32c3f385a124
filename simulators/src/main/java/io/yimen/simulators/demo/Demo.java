package io.yimen.simulators.demo;

import io.yimen.client.ApiException;
import io.yimen.client.model.Run;
import io.yimen.client.model.RunStatus;
import io.yimen.client.model.Source;
import io.yimen.client.model.StreamCounts;
import io.yimen.client.model.Summary;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.CreditCodeService;
import io.yimen.simulators.DivisionDrop;
import io.yimen.simulators.DivisionService;
import io.yimen.simulators.ElectionSystem;
import io.yimen.simulators.EmbeddedBroker;
import io.yimen.simulators.EmbeddedDatabase;
import io.yimen.simulators.EmbeddedMariaDb;
import io.yimen.simulators.EmbeddedServer;
import io.yimen.simulators.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /** The connectors whose systems run wherever the demo does. */
    private static final List<String> EVERYWHERE =
            List.of("credit-codes", "divisions-2016", "divisions-2023", "election");

    private static final String HUB_PORT = "quarkus.http.port";
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
        Path jar = home.resolve("routes/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new DemoException("The hub is not built: run mvn -DskipTests package in " + home);
        }
        DemoFolder folder = keep(DemoFolder.open(options.data(), options.fresh()));
        screen.say("Starting PostgreSQL, MariaDB, Kafka and the legacy systems in " + folder.path());
        long seed = ElectionSystem.Options.demo().seed();
        CompletableFuture<EmbeddedDatabase> pool = async(() -> EmbeddedDatabase.start(folder.resolve("pool")));
        CompletableFuture<EmbeddedBroker> broker = async(() -> EmbeddedBroker.start(folder.resolve("kafka")));
        CompletableFuture<ElectionSystem> election =
                async(() -> ElectionSystem.start(folder.resolve("election"), ElectionSystem.Options.demo()));
        Optional<CompletableFuture<CommunitySystem>> community = community(folder, seed);
        CompletableFuture<CreditCodeService> codes = async(() -> CreditCodeService.start(seed));
        DivisionService divisions = keep(DivisionService.start());
        DivisionDrop drop = DivisionDrop.of(folder.resolve("drop"));
        if (!drop.hasFile()) {
            drop.write(LocalDate.now(ZoneId.of("Asia/Shanghai")));
        }
        Map<String, String> keys = new TreeMap<>();
        EmbeddedDatabase pools = joined(pool);
        pool(pools, keys);
        EmbeddedBroker kafka = joined(broker);
        keys.put("yimen.kafka.bootstrap-servers", kafka.bootstrapServers());
        ElectionSystem elections = joined(election);
        keys.put("yimen.connector.election.jdbc-url", elections.jdbcUrl());
        keys.put("yimen.connector.election.username", ElectionSystem.CAPTURE_USER);
        keys.put("yimen.connector.election.password", elections.capturePassword());
        keys.put("yimen.connector.divisions-2023.base-url", divisions.baseUrl());
        keys.put("yimen.connector.divisions-2023.interval", "PT30M");
        keys.put("yimen.connector.credit-codes.base-url", joined(codes).baseUrl());
        keys.put("yimen.connector.credit-codes.interval", "PT30M");
        keys.put("yimen.connector.divisions-2016.folder", drop.folder().toString());
        keys.put("yimen.connector.divisions-2016.interval", "PT5S");
        List<EmbeddedServer> servers = new ArrayList<>(List.of(pools, kafka, elections.database()));
        if (community.isPresent()) {
            CommunitySystem communities = joined(community.get());
            keys.put("yimen.connector.community.jdbc-url", communities.jdbcUrl());
            keys.put("yimen.connector.community.username", CommunitySystem.CAPTURE_USER);
            keys.put("yimen.connector.community.password", communities.capturePassword());
            keys.put("yimen.corrections.write-back", "community");
            servers.add(communities.database());
        } else {
            keys.put("yimen.connectors.enabled", String.join(",", EVERYWHERE));
        }
        hub(folder, keys);
        Instant launch = Instant.now();
        HubChild hub = hubThatIsUp(jar, folder, keys);
        int port = Integer.parseInt(keys.getOrDefault(HUB_PORT, ""));
        HubView view = new HubView(port);
        signIn(view, folder.accountPassword());
        screen.say("First sync of every source (%s s after the start)".formatted(Math.round(seconds())));
        int sources = EVERYWHERE.size() + (community.isPresent() ? 1 : 0);
        Report report = awaitSynced(hub, view, launch, servers, sources);
        if (options.once()) {
            return report;
        }
        screen.say("");
        screen.say(report.table());
        screen.say(welcome(port, folder.accountPassword()));
        double perSecond = options.fast() ? FAST : NOW_AND_THEN;
        elections.live(perSecond);
        community.ifPresent(system -> joined(system).live(perSecond));
        hub.onExit().join();
        throw ended(hub);
    }

    /** The community system; empty where its database does not run. */
    private Optional<CompletableFuture<CommunitySystem>> community(DemoFolder folder, long seed) {
        if (options.residents() == 0) {
            return Optional.empty();
        }
        if (!EmbeddedMariaDb.isAvailable()) {
            screen.say("There is no MariaDB for this system: the community system (小红树) stays away");
            return Optional.empty();
        }
        CommunitySystem.Options size = CommunitySystem.Options.of(seed, options.residents());
        return Optional.of(async(() -> CommunitySystem.start(folder.resolve("community"), size)));
    }

    private static void pool(EmbeddedDatabase pool, Map<String, String> keys) {
        // Owner of its own database, and allowed to make the readers' role; not a superuser, whom row-level security
        // would not bind.
        pool.createLogin(POOL_USER, pool.password(), "createrole");
        pool.createDatabase(POOL, POOL_USER);
        keys.put("yimen.pool.jdbc-url", pool.jdbcUrl(POOL));
        keys.put("yimen.pool.username", POOL_USER);
        keys.put("yimen.pool.password", pool.password());
    }

    private void hub(DemoFolder folder, Map<String, String> keys) {
        keys.put("yimen.vault.key-file", folder.resolve("hub/vault.key").toString());
        keys.put("yimen.vault.create", "true");
        keys.put("yimen.connectors.catalog", home.resolve("connectors/catalog").toString());
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", folder.accountPassword());
    }

    /** The hub after its start; another process that is faster in taking one of its ports costs another start. */
    private HubChild hubThatIsUp(Path jar, DemoFolder folder, Map<String, String> keys) {
        for (int attempt = 1; ; attempt++) {
            int port = folder.port("port");
            int management = folder.port("management-port");
            keys.put(HUB_PORT, Integer.toString(port));
            keys.put("quarkus.management.port", Integer.toString(management));
            HubChild hub = keep(HubChild.launch(jar, folder, keys));
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
    private static boolean isUp(HubChild hub) {
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

    private static void signIn(HubView view, String password) {
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
                The election and community systems keep changing. Ctrl-C stops everything; the next start goes on from here.""".formatted(port, password).indent(2);
    }

    private static DemoException ended(HubChild hub) {
        return new DemoException("The hub ended. " + hub.lastWords());
    }

    /** Waits a tick; true if the hub ended meanwhile. */
    private static boolean pause(HubChild hub) {
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
