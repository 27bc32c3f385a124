package io.yimen.hub.ingest;

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
import io.yimen.pool.model.PoolModel;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.eclipse.microprofile.config.Config;

/** The connectors of this hub: read from the catalog, started once the pool is open, stopped before it closes. */
@Singleton
public final class Ingest {
    private static final String ALL = "*";
    private static final String NONE = "none";

    private final HubConfig config;
    private final Config values;
    private final PoolModel model;
    private final Pool pool;
    private final Clock clock;
    private final CamelContext camel;
    private final Apply apply;
    private volatile Optional<Connectors> connectors = Optional.empty();

    Ingest(HubConfig config, Config values, PoolModel model, Pool pool, Clock clock, CamelContext camel, Apply apply) {
        this.config = config;
        this.values = values;
        this.model = model;
        this.pool = pool;
        this.clock = clock;
        this.camel = camel;
        this.apply = apply;
    }

    /**
     * Reads the manifests and starts a route for each connector.
     *
     * @throws StartRefused with everything that is wrong with them or their parameters
     */
    public void start() throws Exception {
        List<String> enabled = config.connectors().enabled();
        if (enabled.equals(List.of(NONE))) {
            // Parameters may stay where they are written while no connector runs; only then the catalog has to be
            // there.
            if (ConfigCheck.hasParameters()) {
                boolean catalog = Files.isDirectory(config.connectors().catalog());
                ConfigCheck.checkParameters(catalog ? parameters(manifests()) : List.of());
            }
            return;
        }
        Connectors read = read(enabled.contains(ALL) ? List.of() : enabled);
        camel.getRegistry().bind("connectors", read);
        camel.addRoutes(new IngestRoutes(read, apply));
        connectors = Optional.of(read);
    }

    private Connectors read(List<String> enabled) {
        List<Manifest> manifests = manifests();
        ConfigCheck.checkParameters(parameters(manifests));
        try {
            return Connectors.of(
                    manifests, enabled, key -> values.getOptionalValue(key, String.class), List.of(), pool, clock);
        } catch (ManifestException e) {
            throw refused(e);
        }
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

    /**
     * Stops reading; the batch at hand is finished first. The readers, which run inside the kamelets' own routes, end
     * before the routes that they hand their batches to: a batch without one would wait for it in vain.
     */
    public void stop() throws Exception {
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
