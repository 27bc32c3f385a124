package io.yimen.hub.ingest;

import io.yimen.connectors.Access;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorState;
import io.yimen.connectors.Connectors;
import io.yimen.connectors.camel.YimenEndpoint;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestError;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.hub.StartRefused;
import io.yimen.hub.config.ConfigCheck;
import io.yimen.hub.config.HubConfig;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.approval.Approval;
import io.yimen.pool.approval.Approvals;
import io.yimen.pool.model.PoolModel;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The connectors of this hub. Those of the catalog are read at the start, those of the connectors' folder whenever they
 * change; each runs as far as its access is approved. Every second it is looked what came, went, changed, was approved,
 * has expired or is to be read again, and only the connectors that this concerns are stopped or started: a reader that
 * begins takes the wishes that wait for it.
 */
@Singleton
public final class Ingest {
    private static final Logger LOG = Logger.getLogger(Ingest.class);
    private static final String ALL = "*";
    private static final String NONE = "none";
    private static final String BY_CONFIGURATION = "yimen.connectors.approve";

    private final HubConfig config;
    private final Config values;
    private final PoolModel model;
    private final Pool pool;
    private final Approvals approvals;
    private final Clock clock;
    private final CamelContext camel;
    private final Apply apply;
    private final ConnectorsFolder folder;
    private final Map<String, String> running = new HashMap<>();
    private final Map<String, String> told = new HashMap<>();
    /** The latest wish to read again that the running reader of a source found when it began. */
    private final Map<String, Long> heeded = new HashMap<>();

    /** The latest that waits, by source. */
    private Map<String, Long> wishes = Map.of();

    private List<Manifest> catalog = List.of();
    private int started;
    private volatile Optional<Connectors> connectors = Optional.empty();
    private volatile Map<String, Known> known = Map.of();
    private volatile List<Fault> faults = List.of();
    private @Nullable ScheduledExecutorService watch;
    private volatile boolean ready;

    /** A connector that is there, whether it runs or not. */
    public record Known(SourceInfo system, String kind, Access access, Optional<ConnectorState> state) {}

    /** A connector, or a folder of one, that cannot be used, and why. */
    public record Fault(String connector, String message) {}

    Ingest(
            HubConfig config,
            Config values,
            PoolModel model,
            Pool pool,
            Approvals approvals,
            Clock clock,
            CamelContext camel,
            Apply apply) {
        this.config = config;
        this.values = values;
        this.model = model;
        this.pool = pool;
        this.approvals = approvals;
        this.clock = clock;
        this.camel = camel;
        this.apply = apply;
        this.folder = new ConnectorsFolder(config.connectors().folder(), model);
    }

    /**
     * Reads the manifests, starts a route for each connector whose access is approved, and goes on looking.
     *
     * @throws StartRefused with everything that is wrong with the catalog or its parameters
     */
    public void start() throws Exception {
        List<String> enabled = config.connectors().enabled();
        if (enabled.equals(List.of(NONE))) {
            // Parameters may stay where they are written while no connector runs; only then the catalog has to be
            // there.
            if (ConfigCheck.hasParameters()) {
                boolean there = Files.isDirectory(config.connectors().catalog());
                ConfigCheck.checkParameters(there ? parameters(manifests()) : List.of());
            }
            ready = true;
            return;
        }
        catalog = manifests();
        List<Manifest> all = new ArrayList<>(catalog);
        folder.look().found().forEach(found -> all.add(found.manifest()));
        ConfigCheck.checkParameters(parameters(all));
        Connectors dynamic = new Connectors(List.of(), pool, clock);
        Connectors checked = checked(enabled.contains(ALL) ? List.of() : enabled);
        catalog = checked.list().stream().map(Connector::manifest).toList();
        camel.getRegistry().bind("connectors", dynamic);
        camel.addRoutes(new IngestRoutes(apply));
        connectors = Optional.of(dynamic);
        look();
        ScheduledExecutorService watching = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "connectors-watch");
            thread.setDaemon(true);
            return thread;
        });
        watching.scheduleWithFixedDelay(this::lookAgain, 1, 1, TimeUnit.SECONDS);
        watch = watching;
        ready = true;
    }

    /** Whether the hub's start has come as far as the connectors. */
    public boolean isStarted() {
        return ready;
    }

    private Connectors checked(List<String> enabled) {
        try {
            return Connectors.of(catalog, enabled, this::configured, List.of(), pool, clock);
        } catch (ManifestException e) {
            throw refused(e);
        }
    }

    private Optional<String> configured(String key) {
        return values.getOptionalValue(key, String.class);
    }

    private List<Manifest> manifests() {
        try {
            return new Manifests(model).read(List.of(config.connectors().catalog()));
        } catch (ManifestException e) {
            throw refused(e);
        }
    }

    private static List<String> parameters(List<Manifest> manifests) {
        return manifests.stream()
                .flatMap(m -> m.parameters().keySet().stream().map(p -> "yimen.connector." + m.id() + "." + p))
                .toList();
    }

    private static StartRefused refused(ManifestException e) {
        return new StartRefused(e.errors().stream().map(ManifestError::toString).toList());
    }

    /** The running connectors; empty before the start and where none is enabled. */
    public Optional<Connectors> connectors() {
        return connectors;
    }

    /** Whether the connector runs: nothing else may reach its system, writing back included. */
    public boolean mayRun(String id) {
        return Optional.ofNullable(known.get(id))
                .map(k -> k.access().allowed().isPresent())
                .orElse(false);
    }

    /** All connectors by id, with how far they may go and how they are doing. */
    public Map<String, Known> known() {
        Map<String, Known> now = new TreeMap<>();
        known.forEach((id, k) ->
                now.put(id, new Known(k.system(), k.kind(), k.access(), connectors.flatMap(c -> c.findState(id)))));
        return now;
    }

    /** What cannot be used at this moment. */
    public List<Fault> faults() {
        return faults;
    }

    private void lookAgain() {
        try {
            look();
        } catch (PoolException e) {
            LOG.debugf("Connectors are looked at later: %s", e.getMessage());
        } catch (Exception e) {
            // A timer that fails once is never called again.
            LOG.error("The connectors could not be looked at, it is tried again", e);
        }
    }

    private synchronized void look() throws Exception {
        ConnectorsFolder.Contents contents = folder.look();
        List<Fault> wrong = new ArrayList<>();
        contents.faults().forEach(fault -> wrong.add(new Fault(fault.folder(), fault.message())));
        Map<String, Approval> approved = approvals.latest();
        Map<String, Long> waiting = new HashMap<>();
        pool.listRereads().forEach(wish -> waiting.merge(wish.source(), wish.id(), Math::max));
        wishes = waiting;
        Map<String, Known> seen = new TreeMap<>();
        for (Manifest manifest : catalog) {
            look(manifest, "", this::configured, approved, seen, wrong);
        }
        for (ConnectorsFolder.Found found : contents.found()) {
            if (seen.containsKey(found.manifest().id())) {
                wrong.add(new Fault(
                        String.valueOf(found.folder().getFileName()),
                        found.manifest().id() + " is a connector of the catalog already; give it another id"));
                continue;
            }
            look(
                    found.manifest(),
                    found.text(),
                    key -> Optional.ofNullable(found.values().get(key)).or(() -> configured(key)),
                    approved,
                    seen,
                    wrong);
        }
        for (String gone : Set.copyOf(running.keySet())) {
            if (!seen.containsKey(gone)) {
                stop(gone);
                LOG.infof("Connector %s is gone and has stopped", gone);
            }
        }
        known = seen;
        faults = List.copyOf(wrong);
        tell(wrong);
    }

    private void look(
            Manifest manifest,
            String text,
            Function<String, Optional<String>> lookup,
            Map<String, Approval> approved,
            Map<String, Known> seen,
            List<Fault> wrong)
            throws Exception {
        String id = manifest.id();
        Connector connector;
        try {
            connector = Connector.of(manifest, lookup);
        } catch (ManifestException e) {
            wrong.add(new Fault(id, String.valueOf(e.getMessage())));
            Known before = known.get(id);
            if (before != null) {
                seen.put(id, before);
            }
            return;
        }
        Access access = Access.of(connector, approved.get(id), clock.instant());
        if (config.connectors().approve() && access.state() != Access.State.APPROVED) {
            approvals.put(Access.requested(connector, null, BY_CONFIGURATION, clock.instant()));
            access = Access.of(connector, approvals.latest().get(id), clock.instant());
        }
        seen.put(id, new Known(manifest.system(), manifest.kind(), access, Optional.empty()));
        Optional<Manifest> allowed = access.allowed();
        if (allowed.isEmpty()) {
            if (running.containsKey(id)) {
                stop(id);
            }
            say(id, "does not run: " + sentence(access));
            return;
        }
        String print = text.hashCode() + "/" + connector.parameters().fingerprint() + "/" + access.waiting();
        long wish = wishes.getOrDefault(id, 0L);
        if (print.equals(running.get(id)) && wish <= heeded.getOrDefault(id, 0L)) {
            return;
        }
        heeded.put(id, wish);
        if (running.containsKey(id)) {
            stop(id);
        }
        start(connector.with(allowed.get()), print);
        say(id, access.waiting().isEmpty() ? "runs" : "runs without what is not approved: " + access.waiting());
    }

    private static String sentence(Access access) {
        return switch (access.state()) {
            case EXPIRED -> "its approval has expired";
            case ADDRESS -> "it would reach " + String.join(", ", access.waiting()) + ", which is not approved";
            default -> "its access is not approved";
        };
    }

    private void say(String id, String what) {
        if (!what.equals(told.put(id, what))) {
            LOG.infof("Connector %s %s", id, what);
        }
    }

    private void tell(List<Fault> wrong) {
        for (Fault fault : wrong) {
            if (!fault.message().equals(told.put("!" + fault.connector(), fault.message()))) {
                LOG.warnf("Connector %s cannot be used: %s", fault.connector(), fault.message());
            }
        }
        told.keySet()
                .removeIf(key -> key.startsWith("!") && wrong.stream().noneMatch(f -> key.equals("!" + f.connector())));
    }

    private void start(Connector connector, String print) throws Exception {
        Connectors all = connectors.orElseThrow();
        all.put(connector);
        camel.addRoutes(new IngestRoutes.Reading(connector, ++started));
        running.put(connector.id(), print);
    }

    /** Ends one reader, then the route that it hands its batches to. */
    private void stop(String id) throws Exception {
        running.remove(id);
        List<String> ending = new ArrayList<>();
        List<String> after = new ArrayList<>();
        for (Route route : camel.getRoutes()) {
            if (route.getEndpoint() instanceof YimenEndpoint reading
                    && reading.connector().equals(id)) {
                ending.add(route.getId());
            } else if (IngestRoutes.isOf(route, id)) {
                after.add(route.getId());
            }
        }
        ending.addAll(after);
        for (String route : ending) {
            camel.getRouteController().stopRoute(route);
            camel.removeRoute(route);
        }
        connectors.ifPresent(all -> all.remove(id));
    }

    /**
     * Stops reading; the batch at hand is finished first. The readers, which run inside the kamelets' own routes, end
     * before the routes that they hand their batches to: a batch without one would wait for it in vain.
     */
    public void stop() throws Exception {
        ScheduledExecutorService watching = watch;
        if (watching != null) {
            watching.shutdown();
            if (!watching.awaitTermination(90, TimeUnit.SECONDS)) {
                LOG.warn("The watch over the connectors does not end");
            }
        }
        List<Route> routes = List.copyOf(camel.getRoutes());
        for (Route route : routes) {
            if (route.getEndpoint() instanceof YimenEndpoint) {
                camel.getRouteController().stopRoute(route.getId());
            }
        }
        for (Route route : routes) {
            if (IngestRoutes.GROUP.equals(route.getGroup())) {
                camel.getRouteController().stopRoute(route.getId());
            }
        }
    }
}
