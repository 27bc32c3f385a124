package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Rules that people write, read strictly: what is not understood is refused, with the line and what to do. Scalars are
 * taken as written, so that a code such as {@code 0110} stays one.
 */
public final class StrictYaml {
    private final String origin;

    /**
     * A piece of the document: a text, a list or keys with values.
     *
     * @param line where it stands; of a key's value, where the key stands
     */
    public record Node(
            int line,
            @Nullable String text,
            @Nullable List<Node> items,
            @Nullable Map<String, Node> entries) {}

    /** @param origin what messages call the document */
    public StrictYaml(String origin) {
        this.origin = origin;
    }

    public PoolException refuse(int line, String what, String remedy) {
        return PoolException.wrongDocument(origin, line, what, remedy);
    }

    /** The whole document. */
    public Node read(String yaml) {
        try {
            org.yaml.snakeyaml.nodes.Node root =
                    new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(yaml));
            if (root == null) {
                throw refuse(1, "the document is empty", "See the rules that come with Yimen");
            }
            return node(root, 1, Collections.newSetFromMap(new IdentityHashMap<>()));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw refuse(line, "this is no YAML", "Check indentation, quotes and brackets");
        } catch (YAMLException e) {
            throw refuse(1, "this is no YAML", "Check its characters and size");
        }
    }

    /** The value of a key that must be there. */
    public Node need(Node parent, String key) {
        Node n = parent.entries == null ? null : parent.entries.get(key);
        if (n == null) {
            throw refuse(parent.line, "'" + key + "' is missing", "Add it");
        }
        return n;
    }

    /**
     * Keys with their values, in the order of the document.
     *
     * @param allowed the keys that are known; null for any
     */
    public Map<String, Node> map(Node node, @Nullable Set<String> allowed) {
        Map<String, Node> entries = node.entries;
        if (entries == null) {
            throw refuse(node.line, "keys and values are expected", "Write key: value");
        }
        if (allowed != null) {
            entries.forEach((k, v) -> {
                if (!allowed.contains(k)) {
                    throw refuse(v.line, "'" + k + "' is not known here", "Use one of " + new TreeSet<>(allowed));
                }
            });
        }
        return entries;
    }

    public List<Node> list(Node node) {
        if (node.items == null) {
            throw refuse(node.line, "a list is expected", "Write [a, b] or lines that start with '-'");
        }
        return node.items;
    }

    public String text(Node node) {
        if (node.text == null || node.text.isBlank()) {
            throw refuse(node.line, "a text is expected", "Write one value");
        }
        return node.text;
    }

    public double number(Node node, double least, double most) {
        try {
            double d = Double.parseDouble(text(node));
            if (d >= least && d <= most) {
                return d;
            }
        } catch (NumberFormatException e) {
            // refused below, with the line
        }
        throw refuse(
                node.line, "'" + node.text + "' is no number from " + least + " to " + most, "Write such a number");
    }

    private Node node(org.yaml.snakeyaml.nodes.Node given, int line, Set<org.yaml.snakeyaml.nodes.Node> seen) {
        // A piece that is meant twice could contain itself, or be a whole library in ten lines.
        if (!(given instanceof ScalarNode) && !seen.add(given)) {
            throw refuse(line, "this repeats another piece by an anchor", "Write it out");
        }
        if (given instanceof MappingNode mapping) {
            Map<String, Node> entries = new LinkedHashMap<>();
            for (NodeTuple entry : mapping.getValue()) {
                int at = lineOf(entry.getKeyNode());
                String key = entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "";
                if (entries.put(key, node(entry.getValueNode(), at, seen)) != null) {
                    throw refuse(at, "'" + key + "' stands here twice", "Remove one");
                }
            }
            return new Node(line, null, null, entries);
        }
        if (given instanceof SequenceNode sequence) {
            List<Node> items = new ArrayList<>();
            for (org.yaml.snakeyaml.nodes.Node item : sequence.getValue()) {
                items.add(node(item, lineOf(item), seen));
            }
            return new Node(line, null, items, null);
        }
        return new Node(line, given instanceof ScalarNode scalar ? scalar.getValue() : null, null, null);
    }

    private static int lineOf(org.yaml.snakeyaml.nodes.Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
