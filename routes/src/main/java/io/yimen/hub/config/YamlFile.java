package io.yimen.hub.config;

import io.yimen.hub.StartRefused;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** {@code yimen.yaml} as a source of configuration that knows its lines. */
public final class YamlFile implements ConfigSource {
    private static final Set<String> ROOTS = Set.of("yimen", "quarkus", "camel");

    private record Entry(String value, int line) {}

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private YamlFile(Path file) {
        this.file = file;
    }

    /** The file that {@code yimen.config} names, else {@code yimen.yaml} in the working directory, if it is there. */
    static Optional<YamlFile> find() {
        String named = System.getProperty("yimen.config", System.getenv("YIMEN_CONFIG"));
        if (named == null) {
            Path here = Path.of("yimen.yaml");
            return Files.isRegularFile(here) ? Optional.of(read(here)) : Optional.empty();
        }
        if (!Files.isReadable(Path.of(named))) {
            throw new StartRefused("yimen.config: there is no readable file " + named
                    + ". Name the configuration file, or leave it out");
        }
        return Optional.of(read(Path.of(named)));
    }

    static YamlFile read(Path file) {
        YamlFile yaml = new YamlFile(file);
        try (Reader reader = Files.newBufferedReader(file)) {
            Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(reader);
            if (root instanceof MappingNode mapping) {
                yaml.flatten("", mapping);
            } else if (root != null) {
                throw yaml.refused(root, "is not a mapping", "Start it with 'yimen:'");
            }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new StartRefused(file + ":" + line + " is not YAML: " + e.getProblem());
        } catch (IOException | YAMLException e) {
            throw new StartRefused(file + " cannot be read as YAML in UTF-8");
        }
        return yaml;
    }

    private void flatten(String prefix, MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw refused(tuple.getKeyNode(), "has a key that is no text", "Write keys as plain text");
            }
            String name = prefix.isEmpty() ? key.getValue() : prefix + "." + key.getValue();
            if (prefix.isEmpty() && !ROOTS.contains(firstPart(name))) {
                throw refused(key, "holds the unknown key " + name, "Keys of the hub stand below 'yimen:'");
            }
            if (tuple.getValueNode() instanceof MappingNode inner) {
                flatten(name, inner);
            } else {
                String value = text(name, tuple.getValueNode());
                if (value != null && entries.putIfAbsent(name, new Entry(value, line(key))) != null) {
                    throw refused(key, "gives " + name + " a second time", "Leave one of the two");
                }
            }
        }
    }

    private @Nullable String text(String name, Node node) {
        if (node instanceof ScalarNode scalar) {
            return Tag.NULL.equals(scalar.getTag()) ? null : scalar.getValue();
        }
        if (node instanceof SequenceNode sequence) {
            StringJoiner items = new StringJoiner(",");
            for (Node item : sequence.getValue()) {
                if (!(item instanceof ScalarNode scalar)) {
                    throw refused(item, "nests too deep below " + name, "Give a list of plain values");
                }
                items.add(scalar.getValue().replace(",", "\\,"));
            }
            return items.toString();
        }
        throw refused(node, "has an unexpected value for " + name, "Give a plain value");
    }

    private StartRefused refused(Node node, String what, String remedy) {
        return new StartRefused(file + ":" + line(node) + " " + what + ". " + remedy);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static String firstPart(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /** {@code file:line} of a key that stands in it. */
    Optional<String> placeOf(String name) {
        return Optional.ofNullable(entries.get(name)).map(e -> file + ":" + e.line);
    }

    @Override
    public Set<String> getPropertyNames() {
        return entries.keySet();
    }

    @Override
    public @Nullable String getValue(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.value;
    }

    @Override
    public String getName() {
        return file.toString();
    }

    /** Above the application's defaults, below the environment. */
    @Override
    public int getOrdinal() {
        return 265;
    }
}
