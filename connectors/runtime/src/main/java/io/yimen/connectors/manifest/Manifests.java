package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests: first their form against {@code connector.schema.json}, then their sense against the pool's model.
 * All errors of a read are collected and thrown together as {@link ManifestException}, each with its line.
 */
public final class Manifests {
    /** Name of the file that makes a folder a connector. */
    public static final String FILE = "connector.yaml";

    private static final String SCHEMA = "/io/yimen/connectors/connector.schema.json";
    private static final Schema FORM = readSchema();

    private final PoolModel model;

    /** Checks against the pool's own model. */
    public Manifests() {
        this(PoolModel.standard());
    }

    public Manifests(PoolModel model) {
        this.model = model;
    }

    /**
     * Reads a folder: a connector's own, or one with a folder a connector (a catalog).
     *
     * @throws ManifestException if anything is wrong with any of them
     */
    public static List<Manifest> load(Path folder) {
        return new Manifests().read(List.of(folder));
    }

    /** The kinds of sources that a manifest may name. */
    public static List<String> kinds() {
        List<String> kinds = new ArrayList<>();
        FORM.getSchemaNode().at("/properties/kind/enum").forEach(kind -> kinds.add(kind.asText()));
        return kinds;
    }

    /** As {@link #load}, for several folders, with this model. */
    public List<Manifest> read(Collection<Path> folders) {
        List<ManifestError> errors = new ArrayList<>();
        Set<Path> files = new LinkedHashSet<>();
        for (Path folder : folders) {
            files.addAll(filesOf(folder, errors));
        }
        List<Manifest> manifests = new ArrayList<>();
        Map<String, String> ids = new HashMap<>();
        for (Path file : files) {
            Manifest manifest = readFile(file, errors);
            if (manifest == null) {
                continue;
            }
            String other = ids.putIfAbsent(manifest.id(), manifest.file());
            if (other != null) {
                errors.add(new ManifestError(
                        manifest.file(), 0, "system.id", "\"" + manifest.id() + "\" is taken by " + other));
            }
            manifests.add(manifest);
        }
        checkAcross(manifests, errors);
        if (!errors.isEmpty()) {
            throw new ManifestException(errors);
        }
        return manifests;
    }

    private static List<Path> filesOf(Path folder, List<ManifestError> errors) {
        if (Files.isRegularFile(folder)) {
            return List.of(folder);
        }
        if (Files.isRegularFile(folder.resolve(FILE))) {
            return List.of(folder.resolve(FILE));
        }
        if (!Files.isDirectory(folder)) {
            errors.add(
                    new ManifestError(folder.toString(), 0, "", "is no folder; name a catalog or a connector in it"));
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            List<Path> files = children.map(child -> child.resolve(FILE))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                errors.add(new ManifestError(
                        folder.toString(), 0, "", "holds no connector; expected " + FILE + " in it or in its folders"));
            }
            return files;
        } catch (IOException e) {
            errors.add(new ManifestError(folder.toString(), 0, "", "cannot be read: " + e.getMessage()));
            return List.of();
        }
    }

    private @Nullable Manifest readFile(Path file, List<ManifestError> errors) {
        String name = file.toString();
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            errors.add(new ManifestError(name, 0, "", "is not UTF-8; save it as UTF-8"));
            return null;
        } catch (IOException e) {
            errors.add(new ManifestError(name, 0, "", "cannot be read: " + e.getMessage()));
            return null;
        }
        return parse(text, name, errors);
    }

    /** Reads one manifest from its text; errors are added to {@code errors}, and then the result is null. */
    @Nullable
    Manifest parse(String text, String file, List<ManifestError> errors) {
        List<ManifestError> found = new ArrayList<>();
        YamlDocument document = YamlDocument.read(text, file, found);
        if (document == null) {
            errors.addAll(found);
            return null;
        }
        Set<String> seen = new LinkedHashSet<>();
        for (Error error : FORM.validate(document.root())) {
            ManifestError described = describe(error, document, file);
            if (seen.add(described.toString())) {
                found.add(described);
            }
        }
        Manifest manifest = null;
        if (found.isEmpty()) {
            manifest = new ManifestReader(document, file, model, found).read();
        }
        found.sort(java.util.Comparator.comparingInt(ManifestError::line));
        errors.addAll(found);
        return found.isEmpty() ? manifest : null;
    }

    /** References between systems: what they name must exist wherever both manifests are at hand. */
    private static void checkAcross(List<Manifest> manifests, List<ManifestError> errors) {
        Map<String, Manifest> byId = new TreeMap<>();
        manifests.forEach(m -> byId.put(m.id(), m));
        for (Manifest manifest : manifests) {
            for (Manifest.Stream stream : manifest.streams()) {
                for (Manifest.FieldRule rule : stream.fields()) {
                    String to = rule.options().path("to").asText("");
                    String[] parts = to.startsWith("record:") ? to.substring(7).split("/", 3) : new String[0];
                    if (parts.length != 3 || parts[0].equals(manifest.id()) || !byId.containsKey(parts[0])) {
                        continue;
                    }
                    Manifest target = byId.get(parts[0]);
                    if (target.streams().stream().noneMatch(s -> s.id().equals(parts[1]))) {
                        errors.add(new ManifestError(
                                manifest.file(),
                                0,
                                "streams." + stream.id() + ".fields." + rule.name() + ".to",
                                parts[0] + " has no stream \"" + parts[1] + "\""
                                        + Suggestion.of(
                                                parts[1],
                                                target.streams().stream()
                                                        .map(Manifest.Stream::id)
                                                        .toList())));
                    }
                }
            }
        }
    }

    private static ManifestError describe(Error error, YamlDocument document, String file) {
        String path = path(error.getInstanceLocation());
        JsonNode schema = error.getSchemaNode();
        String keyword = error.getKeyword();
        String property = error.getProperty();
        String message;
        String at = path;
        if (keyword.equals("additionalProperties") && property != null) {
            at = YamlDocument.child(path, property);
            message = "unknown key \"" + property + "\"" + Suggestion.of(property, properties(error));
        } else if (keyword.equals("required") && property != null) {
            message = "key \"" + property + "\" is missing" + help(siblingOf(error, property));
        } else if (keyword.equals("enum") && schema != null) {
            List<String> known = new ArrayList<>();
            schema.forEach(v -> known.add(v.asText()));
            String what = path.endsWith(".as") ? "unknown function" : "unknown value";
            String given = error.getInstanceNode().asText();
            message = what + " \"" + given + "\"" + Suggestion.of(given, known);
        } else if (keyword.equals("const") && schema != null) {
            message = "must be " + schema.asText();
        } else {
            message = error.getMessage() + help(parentOf(error));
        }
        return new ManifestError(file, document.lineOf(at), path, message);
    }

    private static String path(NodePath location) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < location.getNameCount(); i++) {
            Object element = location.getElement(i);
            if (element instanceof Integer index) {
                path.append('[').append(index).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(element);
            }
        }
        return path.toString();
    }

    private static JsonNode parentOf(Error error) {
        String fragment = error.getSchemaLocation().getFragment().toString();
        return FORM.getSchemaNode().at(fragment.substring(0, Math.max(0, fragment.lastIndexOf('/'))));
    }

    private static JsonNode siblingOf(Error error, String property) {
        return parentOf(error).path("properties").path(property);
    }

    private static Collection<String> properties(Error error) {
        List<String> names = new ArrayList<>();
        parentOf(error).path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String help(JsonNode schema) {
        String description = schema.path("description").asText("");
        return description.isEmpty() ? "" : " (" + description + ")";
    }

    private static Schema readSchema() {
        try (InputStream in = Manifests.class.getResourceAsStream(SCHEMA)) {
            if (in == null) {
                throw new IllegalStateException(SCHEMA + " is missing from the connectors' jar");
            }
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(in, InputFormat.JSON);
        } catch (IOException e) {
            throw new IllegalStateException(SCHEMA + " cannot be read", e);
        }
    }
}
