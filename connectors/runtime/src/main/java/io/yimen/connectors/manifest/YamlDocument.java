package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML text as a tree that still knows its lines. Scalars are taken as written: {@code 01} and {@code yes} are text,
 * only plain decimal numbers and {@code true}/{@code false} are more than that.
 */
final class YamlDocument {
    private final JsonNode root;
    private final Map<String, Integer> lines;

    private YamlDocument(JsonNode root, Map<String, Integer> lines) {
        this.root = root;
        this.lines = lines;
    }

    /** Reads a text; what keeps it from being read goes to {@code errors}, and then the result is null. */
    static @Nullable YamlDocument read(String text, String file, List<ManifestError> errors) {
        try {
            Node node = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (node == null) {
                errors.add(new ManifestError(file, 0, "", "is empty; start with apiVersion: yimen.io/v1"));
                return null;
            }
            Map<String, Integer> lines = new HashMap<>();
            List<ManifestError> found = new ArrayList<>();
            JsonNode root = convert(node, "", file, lines, found);
            errors.addAll(found);
            return found.isEmpty() ? new YamlDocument(root, lines) : null;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            errors.add(new ManifestError(file, line, "", "is not YAML: " + e.getProblem()));
            return null;
        } catch (YAMLException e) {
            errors.add(new ManifestError(file, 0, "", "is not YAML: " + e.getMessage()));
            return null;
        }
    }

    JsonNode root() {
        return root;
    }

    /** Line of the node at {@code path}, or of the nearest one above it. */
    int lineOf(String path) {
        String at = path;
        while (true) {
            Integer line = lines.get(at);
            if (line != null) {
                return line;
            }
            int cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['));
            if (cut <= 0) {
                return lines.getOrDefault("", 1);
            }
            at = at.substring(0, cut);
        }
    }

    static String child(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static JsonNode convert(
            Node node, String path, String file, Map<String, Integer> lines, List<ManifestError> errors) {
        lines.putIfAbsent(path, node.getStartMark().getLine() + 1);
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (node instanceof MappingNode mapping) {
            ObjectNode object = make.objectNode();
            for (NodeTuple tuple : mapping.getValue()) {
                int line = tuple.getKeyNode().getStartMark().getLine() + 1;
                if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                    errors.add(new ManifestError(file, line, path, "a key must be plain text"));
                    continue;
                }
                String key = keyNode.getValue();
                String at = child(path, key);
                if (object.has(key)) {
                    errors.add(new ManifestError(file, line, at, "is given twice; remove one of them"));
                    continue;
                }
                lines.put(at, line);
                object.set(key, convert(tuple.getValueNode(), at, file, lines, errors));
            }
            return object;
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = make.arrayNode();
            for (Node item : sequence.getValue()) {
                array.add(convert(item, path + "[" + array.size() + "]", file, lines, errors));
            }
            return array;
        }
        ScalarNode scalar = (ScalarNode) node;
        String value = scalar.getValue();
        if (scalar.isPlain()) {
            if (scalar.getTag().equals(Tag.NULL)) {
                return make.nullNode();
            }
            if (value.equals("true") || value.equals("false")) {
                return make.booleanNode(value.equals("true"));
            }
            if (value.matches("-?(0|[1-9]\\d{0,17})")) {
                return make.numberNode(Long.parseLong(value));
            }
            if (value.matches("-?(0|[1-9]\\d{0,14})\\.\\d{1,15}")) {
                return make.numberNode(new java.math.BigDecimal(value));
            }
        }
        return make.textNode(value);
    }
}
