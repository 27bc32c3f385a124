package io.yimen.pool.identity.match;

import io.yimen.pool.PoolException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

/** Reads match rules strictly: every refusal names the line and what to do. */
final class RulesReader {
    /** A piece of the document: a text, a list or a map, and the line on which it starts. */
    private record Node(
            int line,
            @Nullable String text,
            @Nullable List<Node> items,
            @Nullable Map<String, Node> entries) {}

    private final String origin;

    RulesReader(String origin) {
        this.origin = origin;
    }

    private PoolException refuse(int line, String what, String remedy) {
        return new PoolException(
                PoolException.Kind.CONFIGURATION, origin + " line " + line + ": " + what + ". " + remedy + ".");
    }

    MatchRules read(String yaml) {
        Map<String, Node> top = map(
                document(yaml),
                Set.of(
                        "rules",
                        "version",
                        "entity",
                        "fields",
                        "blocking",
                        "thresholds",
                        "never",
                        "require",
                        "unique",
                        "cap"));
        Node root = new Node(1, null, null, top);
        String name = text(need(root, "rules"));
        int version = (int) number(need(root, "version"), 1, 1_000_000);
        String entity = text(need(root, "entity"));

        Node fieldsNode = need(root, "fields");
        Map<String, Node> fieldNodes = map(fieldsNode, null);
        if (fieldNodes.isEmpty() || fieldNodes.size() > 20) {
            throw refuse(fieldsNode.line, "there are " + fieldNodes.size() + " fields", "Name 1 to 20");
        }
        List<String> names = new ArrayList<>(fieldNodes.keySet());
        List<MatchRules.Field> fields = new ArrayList<>();
        fieldNodes.forEach((field, node) -> fields.add(field(field, node, names)));
        refuseCycles(fieldNodes, fields);
        if (fields.stream().filter(f -> f.swaps() >= 0).count() > 4) {
            throw refuse(fieldsNode.line, "more than four pairs of fields are exchanged", "Keep the four that matter");
        }

        List<MatchRules.Block> blocks = new ArrayList<>();
        Node blocking = need(root, "blocking");
        for (Node block : list(blocking)) {
            Map<String, Node> e = map(block, Set.of("key", "refine"));
            List<MatchRules.Part> key = parts(need(block, "key"), names, fields);
            Node refine = e.get("refine");
            blocks.add(new MatchRules.Block(key, refine == null ? List.of() : parts(refine, names, fields)));
            if (key.isEmpty()) {
                throw refuse(block.line, "the key is empty", "Name at least one field");
            }
        }
        if (blocks.isEmpty()) {
            throw refuse(blocking.line, "there is no blocking key", "Name at least one, or no record finds another");
        }

        double match = 0.5;
        double possible = 0.05;
        double conflict = -8;
        Node thresholds = top.get("thresholds");
        if (thresholds != null) {
            Map<String, Node> e = map(thresholds, Set.of("match", "possible", "conflict"));
            match = e.containsKey("match") ? number(need(thresholds, "match"), 0, 1) : match;
            possible = e.containsKey("possible") ? number(need(thresholds, "possible"), 0, 1) : possible;
            conflict = e.containsKey("conflict") ? number(need(thresholds, "conflict"), -1000, 0) : conflict;
            if (match <= 0 || match >= 1 || possible <= 0 || possible > match) {
                throw refuse(
                        thresholds.line,
                        "possible " + possible + " and match " + match + " cannot both hold",
                        "Give probabilities with 0 < possible <= match < 1");
            }
        }

        List<MatchRules.At> never = levels(top.get("never"), names, fields);
        List<MatchRules.At> require = levels(top.get("require"), names, fields);
        MatchRules.Unique unique = MatchRules.Unique.DETECT;
        Node uniqueNode = top.get("unique");
        if (uniqueNode != null) {
            unique = switch (text(uniqueNode)) {
                case "detect" -> MatchRules.Unique.DETECT;
                case "all" -> MatchRules.Unique.ALL;
                case "none" -> MatchRules.Unique.NONE;
                default ->
                    throw refuse(uniqueNode.line, "unique is '" + text(uniqueNode) + "'", "Use detect, all or none");
            };
        }
        Node capNode = top.get("cap");
        int cap = capNode == null ? 24 : (int) number(capNode, 2, 1000);
        return new MatchRules(
                name, version, entity, fields, blocks, match, possible, conflict, never, require, unique, cap);
    }

    private List<MatchRules.At> levels(@Nullable Node node, List<String> names, List<MatchRules.Field> fields) {
        List<MatchRules.At> found = new ArrayList<>();
        if (node == null) {
            return found;
        }
        for (Node n : list(node)) {
            map(n, Set.of("field", "levels"));
            int f = reference(need(n, "field"), names);
            List<String> known = kind(fields.get(f)).levels();
            for (Node level : list(need(n, "levels"))) {
                int l = known.indexOf(text(level));
                if (l < 0) {
                    throw refuse(
                            level.line,
                            "'" + text(level) + "' is no level of "
                                    + fields.get(f).kind(),
                            "Use one of " + known);
                }
                found.add(new MatchRules.At(f, l));
            }
        }
        return found;
    }

    private MatchRules.Field field(String name, Node node, List<String> names) {
        Map<String, Node> e =
                map(node, Set.of("kind", "columns", "tf", "swaps", "impliedBy", "derive", "strip", "shared"));
        Node kind = need(node, "kind");
        if (!FieldKind.all().containsKey(text(kind))) {
            throw refuse(
                    kind.line,
                    "there is no kind '" + text(kind) + "'",
                    "Use one of " + new TreeSet<>(FieldKind.all().keySet()));
        }
        List<String> columns = new ArrayList<>(List.of(name));
        Node c = e.get("columns");
        if (c != null) {
            list(c).forEach(n -> columns.add(text(n).toLowerCase(Locale.ROOT)));
        }
        Node swaps = e.get("swaps");
        Node derive = e.get("derive");
        return new MatchRules.Field(
                name,
                text(kind),
                columns,
                isTrue(e.get("tf")),
                swaps == null ? -1 : reference(swaps, names),
                references(e.get("impliedBy"), names),
                derive == null ? -1 : reference(derive, names),
                references(e.get("strip"), names),
                isTrue(e.get("shared")));
    }

    private boolean isTrue(@Nullable Node node) {
        if (node != null && !Set.of("true", "false").contains(text(node))) {
            throw refuse(node.line, "'" + text(node) + "' is neither yes nor no", "Use true or false");
        }
        return node != null && text(node).equals("true");
    }

    private List<Integer> references(@Nullable Node node, List<String> names) {
        List<Integer> found = new ArrayList<>();
        if (node != null) {
            for (Node n : list(node)) {
                found.add(reference(n, names));
            }
        }
        return found;
    }

    private void refuseCycles(Map<String, Node> nodes, List<MatchRules.Field> fields) {
        for (int f = 0; f < fields.size(); f++) {
            MatchRules.Field field = fields.get(f);
            int line = java.util.Objects.requireNonNull(nodes.get(field.name())).line;
            if (field.swaps() == f) {
                throw refuse(line, field.name() + " is exchanged with itself", "Name the other field");
            }
            if (field.swaps() >= 0 && !fields.get(field.swaps()).kind().equals(field.kind())) {
                throw refuse(
                        line, field.name() + " is exchanged with a field of another kind", "Give both the same kind");
            }
            if (field.swaps() >= 0 && fields.get(field.swaps()).swaps() >= 0) {
                throw refuse(
                        line,
                        "the exchange with " + fields.get(field.swaps()).name() + " is named twice or in a ring",
                        "Name it on one of the two fields");
            }
            if (field.derive() >= 0 && !fields.get(field.derive()).kind().equals("id-number")) {
                throw refuse(
                        line,
                        field.name() + " is derived from a field that is no id-number",
                        "Name an id-number field");
            }
            if (isReached(fields, f, f, new TreeSet<>())) {
                throw refuse(
                        line, field.name() + " refers to itself over derive, strip or impliedBy", "Break the ring");
            }
        }
    }

    private static boolean isReached(List<MatchRules.Field> fields, int from, int goal, Set<Integer> seen) {
        List<Integer> next = new ArrayList<>(fields.get(from).impliedBy());
        next.addAll(fields.get(from).strip());
        if (fields.get(from).derive() >= 0) {
            next.add(fields.get(from).derive());
        }
        for (int n : next) {
            if (n == goal || seen.add(n) && isReached(fields, n, goal, seen)) {
                return true;
            }
        }
        return false;
    }

    private List<MatchRules.Part> parts(Node node, List<String> names, List<MatchRules.Field> fields) {
        List<MatchRules.Part> parts = new ArrayList<>();
        for (Node n : list(node)) {
            String t = text(n);
            int dot = t.indexOf('.');
            int f = reference(new Node(n.line, dot < 0 ? t : t.substring(0, dot), null, null), names);
            String part = dot < 0 ? "all" : t.substring(dot + 1);
            FieldKind kind = kind(fields.get(f));
            if (!part.equals("all")
                    && !part.matches("(prefix|suffix)[1-9]")
                    && !kind.parts().contains(part)) {
                throw refuse(
                        n.line,
                        "'" + part + "' is no part of " + kind.id(),
                        "Use prefixN, suffixN" + (kind.parts().isEmpty() ? "" : " or one of " + kind.parts()));
            }
            parts.add(new MatchRules.Part(f, part));
        }
        return parts;
    }

    private static FieldKind kind(MatchRules.Field field) {
        return java.util.Objects.requireNonNull(FieldKind.all().get(field.kind()));
    }

    private int reference(Node node, List<String> names) {
        int f = names.indexOf(text(node));
        if (f < 0) {
            throw refuse(node.line, "there is no field '" + text(node) + "'", "Use one of " + names);
        }
        return f;
    }

    private Node need(Node parent, String key) {
        Node n = parent.entries == null ? null : parent.entries.get(key);
        if (n == null) {
            throw refuse(parent.line, "'" + key + "' is missing", "Add it");
        }
        return n;
    }

    private Map<String, Node> map(Node node, @Nullable Set<String> allowed) {
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

    private List<Node> list(Node node) {
        if (node.items == null) {
            throw refuse(node.line, "a list is expected", "Write [a, b] or lines that start with '-'");
        }
        return node.items;
    }

    private String text(Node node) {
        if (node.text == null || node.text.isBlank()) {
            throw refuse(node.line, "a text is expected", "Write one value");
        }
        return node.text;
    }

    private double number(Node node, double least, double most) {
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

    private Node document(String yaml) {
        try {
            org.yaml.snakeyaml.nodes.Node root =
                    new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(yaml));
            if (root == null) {
                throw refuse(1, "the document is empty", "See the rules that come with Yimen");
            }
            return node(root);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw refuse(line, "this is no YAML", "Check indentation, quotes and brackets");
        } catch (YAMLException e) {
            throw refuse(1, "this is no YAML", "Check its characters and size");
        }
    }

    private Node node(org.yaml.snakeyaml.nodes.Node given) {
        int line = given.getStartMark().getLine() + 1;
        if (given instanceof MappingNode mapping) {
            Map<String, Node> entries = new LinkedHashMap<>();
            for (NodeTuple entry : mapping.getValue()) {
                String key = entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "";
                if (entries.put(key, node(entry.getValueNode())) != null) {
                    int at = entry.getKeyNode().getStartMark().getLine() + 1;
                    throw refuse(at, "'" + key + "' stands here twice", "Remove one");
                }
            }
            return new Node(line, null, null, entries);
        }
        if (given instanceof SequenceNode sequence) {
            return new Node(
                    line, null, sequence.getValue().stream().map(this::node).toList(), null);
        }
        return new Node(line, given instanceof ScalarNode scalar ? scalar.getValue() : null, null, null);
    }
}
