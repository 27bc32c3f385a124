package io.yimen.connectors;

import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.extract.Extractors;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestError;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Parameters;
import io.yimen.pool.claim.StreamShape;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/** A manifest with its parameters: all that is needed to read a source system. */
public final class Connector {
    private final Manifest manifest;
    private final Parameters parameters;
    private final List<StreamShape> shapes;
    private final Map<String, Double> brakes = new HashMap<>();

    private Connector(Manifest manifest, Parameters parameters) {
        this.manifest = manifest;
        this.parameters = parameters;
        this.shapes = manifest.shapes();
        Optional<Double> brake = parameters.find("brake").map(this::share);
        manifest.streams().forEach(s -> brakes.put(s.id(), brake.orElse(s.brake())));
    }

    /**
     * @param configuration value of a configuration key, e.g. {@code yimen.connector.election.jdbc-url}
     * @throws ManifestException naming each key that is missing or has a wrong value
     */
    public static Connector of(Manifest manifest, Function<String, Optional<String>> configuration) {
        Connector connector = new Connector(manifest, Parameters.of(manifest, configuration));
        var unused = Extractors.of(connector);
        return connector;
    }

    public String id() {
        return manifest.id();
    }

    /** The same with another manifest of its system, e.g. one with fewer fields. */
    public Connector with(Manifest other) {
        return new Connector(other, parameters);
    }

    public Manifest manifest() {
        return manifest;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** In the order of the manifest's streams. */
    public List<StreamShape> shapes() {
        return shapes;
    }

    /** Share of live records above which a complete set of the stream retires nothing. */
    public double brakeOf(String stream) {
        return brakes.getOrDefault(stream, 0.2);
    }

    /** A reader of this source; it belongs to one run at a time. */
    public Extractor extractor() {
        return Extractors.of(this);
    }

    /**
     * What is read again where somebody asks for it.
     *
     * @param named streams; all where none is named
     * @throws ConnectorException {@code CONFIGURATION}: there is no such stream, or nothing can be read of this system
     */
    public SortedSet<String> streamsToReread(Collection<String> named) {
        if (manifest.settings() instanceof Manifest.Push) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION,
                    "not-read",
                    id() + " sends its events by itself, nothing can be read of it; ask its owner ("
                            + manifest.system().owner()
                            + ") to send them again: repeats change nothing, what is missing is applied");
        }
        SortedSet<String> known = new TreeSet<>();
        manifest.streams().forEach(stream -> known.add(stream.id()));
        for (String name : named) {
            if (!known.contains(name)) {
                throw new ConnectorException(
                        ConnectorException.Kind.CONFIGURATION,
                        "unknown-stream",
                        id() + " has no stream " + name + "; it has " + String.join(", ", known));
            }
        }
        return named.isEmpty() ? known : new TreeSet<>(named);
    }

    /** A duration setting with its parameters filled in. */
    public Duration duration(String template) {
        String text = parameters.getFilled(template);
        try {
            Duration duration = Duration.parse(text);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // said below, with the key
        }
        throw wrong(template, "is no duration; write it like PT10S or PT1H");
    }

    /** The error for a setting whose value does not do. */
    public ManifestException wrong(String template, String message) {
        String key = template.startsWith("${") && template.endsWith("}")
                ? template.substring(2, template.length() - 1)
                : template;
        return new ManifestException(
                List.of(new ManifestError("configuration", 0, "yimen.connector." + id() + "." + key, message)));
    }

    private double share(String text) {
        try {
            double share = Double.parseDouble(text);
            if (share >= 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // said below, with the key
        }
        throw wrong("${brake}", "is no share between 0 and 1");
    }

    @Override
    public String toString() {
        return "connector " + id();
    }
}
