package io.yimen.connectors;

import io.yimen.connectors.extract.PushInbox;
import io.yimen.connectors.extract.Sink;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestError;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Parameters;
import io.yimen.pool.Pool;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The connectors of a hub, with the pool that they read into. Bound into the Camel registry, it is what the component
 * {@code yimen:} works from.
 */
public final class Connectors {
    private final Map<String, Connector> connectors;
    private final Pool pool;
    private final Clock clock;
    private final Map<String, ConnectorRun> runs = new ConcurrentHashMap<>();

    public Connectors(Collection<Connector> connectors, Pool pool, Clock clock) {
        Map<String, Connector> byId = new LinkedHashMap<>();
        connectors.forEach(c -> byId.put(c.id(), c));
        this.connectors = Collections.synchronizedMap(byId);
        this.pool = pool;
        this.clock = clock;
    }

    /**
     * Builds the connectors of a hub from its manifests and its configuration.
     *
     * @param enabled ids; empty for all
     * @param configuration value of a configuration key
     * @param keys all keys of the configuration, so that misspelt ones are found
     * @throws ManifestException with everything that is wrong: stop the start
     */
    public static Connectors of(
            List<Manifest> manifests,
            Collection<String> enabled,
            Function<String, Optional<String>> configuration,
            Iterable<String> keys,
            Pool pool,
            Clock clock) {
        List<ManifestError> errors = new ArrayList<>(Parameters.unknownKeys(manifests, keys));
        TreeSet<String> unknown = new TreeSet<>(enabled);
        manifests.forEach(m -> unknown.remove(m.id()));
        for (String id : unknown) {
            errors.add(new ManifestError(
                    "configuration",
                    0,
                    "yimen.connectors.enabled",
                    "there is no connector \"" + id + "\" in the catalog"));
        }
        List<Connector> connectors = new ArrayList<>();
        for (Manifest manifest : manifests) {
            if (!enabled.isEmpty() && !enabled.contains(manifest.id())) {
                continue;
            }
            try {
                connectors.add(Connector.of(manifest, configuration));
            } catch (ManifestException e) {
                errors.addAll(e.errors());
            }
        }
        if (!errors.isEmpty()) {
            throw new ManifestException(errors);
        }
        return new Connectors(connectors, pool, clock);
    }

    public List<Connector> list() {
        synchronized (connectors) {
            return List.copyOf(connectors.values());
        }
    }

    /** Adds a connector, or replaces the one with the same id; one that runs goes on as it was until it is run anew. */
    public void put(Connector connector) {
        connectors.put(connector.id(), connector);
    }

    /** Takes a connector away; it must not run any more. */
    public void remove(String id) {
        connectors.remove(id);
        runs.remove(id);
    }

    public Optional<Connector> find(String id) {
        return Optional.ofNullable(connectors.get(id));
    }

    /** A run of a connector; the latest is the one whose state is told. */
    public ConnectorRun run(String id, Sink sink) {
        Connector connector = find(id).orElseThrow(() -> new ConnectorException(
                ConnectorException.Kind.CONFIGURATION,
                "unknown-connector",
                "there is no connector " + id + "; known are " + connectors.keySet()));
        ConnectorRun run = new ConnectorRun(connector, pool, sink, clock);
        runs.put(id, run);
        return run;
    }

    /** Where a connector of kind {@code push} that was started takes events in. */
    public Optional<PushInbox> findInbox(String id) {
        return Optional.ofNullable(runs.get(id))
                .map(ConnectorRun::extractor)
                .filter(PushInbox.class::isInstance)
                .map(PushInbox.class::cast);
    }

    /** How a connector that was started is doing. */
    public Optional<ConnectorState> findState(String id) {
        return Optional.ofNullable(runs.get(id)).map(ConnectorRun::state);
    }

    /** How all that were started are doing. */
    public List<ConnectorState> states() {
        return list().stream()
                .map(Connector::id)
                .flatMap(id -> findState(id).stream())
                .toList();
    }
}
