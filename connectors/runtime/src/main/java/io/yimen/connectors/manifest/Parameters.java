package io.yimen.connectors.manifest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connector's parameters with the values that the configuration gives. {@code toString} shows no value. */
public final class Parameters {
    private static final String PREFIX = "yimen.connector.";
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)}");

    private final String connector;
    private final Map<String, String> values;

    private Parameters(String connector, Map<String, String> values) {
        this.connector = connector;
        this.values = Map.copyOf(values);
    }

    /**
     * Looks up every parameter of a manifest.
     *
     * @param configuration value of a configuration key, e.g. {@code yimen.connector.election.jdbc-url}
     * @throws ManifestException naming each required key that has no value
     */
    public static Parameters of(Manifest manifest, Function<String, Optional<String>> configuration) {
        Map<String, String> values = new HashMap<>();
        List<ManifestError> errors = new ArrayList<>();
        for (Manifest.Parameter parameter : manifest.parameters().values()) {
            String key = PREFIX + manifest.id() + "." + parameter.name();
            Optional<String> given = configuration.apply(key).filter(v -> !v.isBlank());
            if (given.isPresent()) {
                try {
                    values.put(parameter.name(), parameter.secret() ? SecretReference.value(given.get()) : given.get());
                } catch (IllegalArgumentException e) {
                    errors.add(new ManifestError("configuration", 0, key, String.valueOf(e.getMessage())));
                }
            } else if (parameter.defaultValue() != null) {
                values.put(parameter.name(), parameter.defaultValue());
            } else if (parameter.required()) {
                errors.add(new ManifestError("configuration", 0, key, "is not set: " + parameter.description()));
            }
        }
        if (!errors.isEmpty()) {
            throw new ManifestException(errors);
        }
        return new Parameters(manifest.id(), values);
    }

    /**
     * Finds configuration keys under {@code yimen.connector.} that no manifest declares.
     *
     * @param keys all keys of the configuration; others are passed over
     */
    public static List<ManifestError> unknownKeys(Collection<Manifest> manifests, Iterable<String> keys) {
        Map<String, Manifest> byId = new HashMap<>();
        manifests.forEach(m -> byId.put(m.id(), m));
        List<ManifestError> errors = new ArrayList<>();
        for (String key : keys) {
            if (!key.startsWith(PREFIX)) {
                continue;
            }
            String rest = key.substring(PREFIX.length());
            int dot = rest.indexOf('.');
            String id = dot < 0 ? rest : rest.substring(0, dot);
            Manifest manifest = byId.get(id);
            if (manifest == null) {
                errors.add(new ManifestError(
                        "configuration",
                        0,
                        key,
                        "there is no connector \"" + id + "\"" + Suggestion.of(id, byId.keySet())));
                continue;
            }
            String name = dot < 0 ? "" : rest.substring(dot + 1);
            if (!manifest.parameters().containsKey(name)) {
                errors.add(new ManifestError(
                        "configuration",
                        0,
                        key,
                        id + " has no parameter \"" + name + "\""
                                + Suggestion.of(name, manifest.parameters().keySet())));
            }
        }
        return errors;
    }

    public Optional<String> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The text with its <code>${…}</code> replaced; empty if one of them has no value. */
    public Optional<String> findFilled(String template) {
        Matcher matcher = REFERENCE.matcher(template);
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            String value = values.get(matcher.group(1));
            if (value == null) {
                return Optional.empty();
            }
            matcher.appendReplacement(text, Matcher.quoteReplacement(value));
        }
        return Optional.of(matcher.appendTail(text).toString());
    }

    /** As {@link #findFilled} for a setting that cannot be done without. */
    public String getFilled(String template) {
        return findFilled(template)
                .orElseThrow(() -> new ManifestException(List.of(
                        new ManifestError("configuration", 0, PREFIX + connector, "gives no value for " + template))));
    }

    /** Tells other values from these without showing any. */
    public int fingerprint() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "parameters of " + connector + " " + values.keySet();
    }
}
