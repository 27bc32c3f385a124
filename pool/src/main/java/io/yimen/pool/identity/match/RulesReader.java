package io.yimen.pool.identity.match;

import io.yimen.pool.internal.StrictYaml;
import io.yimen.pool.internal.StrictYaml.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads match rules strictly: every refusal names the line and what to do. */
final class RulesReader {
    private final StrictYaml yaml;

    RulesReader(String origin) {
        this.yaml = new StrictYaml(origin);
    }

    MatchRules read(String document) {
        Map<String, Node> top = yaml.map(
                yaml.read(document),
                Set.of(
                        "rules",
                        "version",
                        "entity",
                        "fields",
                        "blocking",
                        "thresholds",
                        "never",
                        "require",
                        "doubt",
                        "unique",
                        "cap"));
        Node root = new Node(1, null, null, top);
        String name = yaml.text(yaml.need(root, "rules"));
        int version = (int) yaml.number(yaml.need(root, "version"), 1, 1_000_000);
        String entity = yaml.text(yaml.need(root, "entity"));

        Node fieldsNode = yaml.need(root, "fields");
        Map<String, Node> fieldNodes = yaml.map(fieldsNode, null);
        if (fieldNodes.isEmpty() || fieldNodes.size() > 20) {
            throw yaml.refuse(fieldsNode.line(), "there are " + fieldNodes.size() + " fields", "Name 1 to 20");
        }
        List<String> names = new ArrayList<>(fieldNodes.keySet());
        List<MatchRules.Field> fields = new ArrayList<>();
        fieldNodes.forEach((field, node) -> fields.add(field(field, node, names)));
        refuseCycles(fieldNodes, fields);
        if (fields.stream().filter(f -> f.swaps() >= 0).count() > 4) {
            throw yaml.refuse(
                    fieldsNode.line(), "more than four pairs of fields are exchanged", "Keep the four that matter");
        }

        List<MatchRules.Block> blocks = new ArrayList<>();
        Node blocking = yaml.need(root, "blocking");
        for (Node block : yaml.list(blocking)) {
            Map<String, Node> e = yaml.map(block, Set.of("key", "refine"));
            List<MatchRules.Part> key = parts(yaml.need(block, "key"), names, fields);
            Node refine = e.get("refine");
            blocks.add(new MatchRules.Block(key, refine == null ? List.of() : parts(refine, names, fields)));
            if (key.isEmpty()) {
                throw yaml.refuse(block.line(), "the key is empty", "Name at least one field");
            }
        }
        if (blocks.isEmpty()) {
            throw yaml.refuse(
                    blocking.line(), "there is no blocking key", "Name at least one, or no record finds another");
        }

        double match = 0.5;
        double possible = 0.05;
        double conflict = -8;
        Node thresholds = top.get("thresholds");
        if (thresholds != null) {
            Map<String, Node> e = yaml.map(thresholds, Set.of("match", "possible", "conflict"));
            match = e.containsKey("match") ? yaml.number(yaml.need(thresholds, "match"), 0, 1) : match;
            possible = e.containsKey("possible") ? yaml.number(yaml.need(thresholds, "possible"), 0, 1) : possible;
            conflict = e.containsKey("conflict") ? yaml.number(yaml.need(thresholds, "conflict"), -1000, 0) : conflict;
            if (match <= 0 || match >= 1 || possible <= 0 || possible > match) {
                throw yaml.refuse(
                        thresholds.line(),
                        "possible " + possible + " and match " + match + " cannot both hold",
                        "Give probabilities with 0 < possible <= match < 1");
            }
        }

        List<MatchRules.At> never = levels(top.get("never"), names, fields);
        List<MatchRules.At> require = levels(top.get("require"), names, fields);
        List<MatchRules.Doubt> doubt = doubts(top.get("doubt"), names, fields);
        MatchRules.Unique unique = MatchRules.Unique.DETECT;
        Node uniqueNode = top.get("unique");
        if (uniqueNode != null) {
            unique = switch (yaml.text(uniqueNode)) {
                case "detect" -> MatchRules.Unique.DETECT;
                case "all" -> MatchRules.Unique.ALL;
                case "none" -> MatchRules.Unique.NONE;
                default ->
                    throw yaml.refuse(
                            uniqueNode.line(), "unique is '" + yaml.text(uniqueNode) + "'", "Use detect, all or none");
            };
        }
        Node capNode = top.get("cap");
        int cap = capNode == null ? 24 : (int) yaml.number(capNode, 2, 1000);
        return new MatchRules(
                name, version, entity, fields, blocks, match, possible, conflict, never, require, doubt, unique, cap);
    }

    private List<MatchRules.At> levels(@Nullable Node node, List<String> names, List<MatchRules.Field> fields) {
        List<MatchRules.At> found = new ArrayList<>();
        if (node == null) {
            return found;
        }
        for (Node n : yaml.list(node)) {
            yaml.map(n, Set.of("field", "levels"));
            found.addAll(at(n, names, fields));
        }
        return found;
    }

    private List<MatchRules.Doubt> doubts(@Nullable Node node, List<String> names, List<MatchRules.Field> fields) {
        List<MatchRules.Doubt> found = new ArrayList<>();
        if (node == null) {
            return found;
        }
        for (Node n : yaml.list(node)) {
            Map<String, Node> e = yaml.map(n, Set.of("field", "levels", "unless"));
            List<Integer> unless = references(e.get("unless"), names);
            at(n, names, fields).forEach(at -> found.add(new MatchRules.Doubt(at.field(), at.level(), unless)));
        }
        return found;
    }

    private List<MatchRules.At> at(Node node, List<String> names, List<MatchRules.Field> fields) {
        List<MatchRules.At> found = new ArrayList<>();
        int f = reference(yaml.need(node, "field"), names);
        List<String> known = kind(fields.get(f)).levels();
        for (Node level : yaml.list(yaml.need(node, "levels"))) {
            int l = known.indexOf(yaml.text(level));
            if (l < 0) {
                throw yaml.refuse(
                        level.line(),
                        "'" + yaml.text(level) + "' is no level of "
                                + fields.get(f).kind(),
                        "Use one of " + known);
            }
            found.add(new MatchRules.At(f, l));
        }
        return found;
    }

    private MatchRules.Field field(String name, Node node, List<String> names) {
        Map<String, Node> e =
                yaml.map(node, Set.of("kind", "columns", "tf", "swaps", "impliedBy", "derive", "strip", "shared"));
        Node kind = yaml.need(node, "kind");
        if (!FieldKind.all().containsKey(yaml.text(kind))) {
            throw yaml.refuse(
                    kind.line(),
                    "there is no kind '" + yaml.text(kind) + "'",
                    "Use one of " + new TreeSet<>(FieldKind.all().keySet()));
        }
        List<String> columns = new ArrayList<>(List.of(name));
        Node c = e.get("columns");
        if (c != null) {
            yaml.list(c).forEach(n -> columns.add(yaml.text(n).toLowerCase(Locale.ROOT)));
        }
        Node swaps = e.get("swaps");
        Node derive = e.get("derive");
        return new MatchRules.Field(
                name,
                yaml.text(kind),
                columns,
                isTrue(e.get("tf")),
                swaps == null ? -1 : reference(swaps, names),
                references(e.get("impliedBy"), names),
                derive == null ? -1 : reference(derive, names),
                references(e.get("strip"), names),
                isTrue(e.get("shared")));
    }

    private boolean isTrue(@Nullable Node node) {
        if (node != null && !Set.of("true", "false").contains(yaml.text(node))) {
            throw yaml.refuse(node.line(), "'" + yaml.text(node) + "' is neither yes nor no", "Use true or false");
        }
        return node != null && yaml.text(node).equals("true");
    }

    private List<Integer> references(@Nullable Node node, List<String> names) {
        List<Integer> found = new ArrayList<>();
        if (node != null) {
            for (Node n : yaml.list(node)) {
                found.add(reference(n, names));
            }
        }
        return found;
    }

    private void refuseCycles(Map<String, Node> nodes, List<MatchRules.Field> fields) {
        for (int f = 0; f < fields.size(); f++) {
            MatchRules.Field field = fields.get(f);
            int line = java.util.Objects.requireNonNull(nodes.get(field.name())).line();
            if (field.swaps() == f) {
                throw yaml.refuse(line, field.name() + " is exchanged with itself", "Name the other field");
            }
            if (field.swaps() >= 0 && !fields.get(field.swaps()).kind().equals(field.kind())) {
                throw yaml.refuse(
                        line, field.name() + " is exchanged with a field of another kind", "Give both the same kind");
            }
            if (field.swaps() >= 0 && fields.get(field.swaps()).swaps() >= 0) {
                throw yaml.refuse(
                        line,
                        "the exchange with " + fields.get(field.swaps()).name() + " is named twice or in a ring",
                        "Name it on one of the two fields");
            }
            if (field.derive() >= 0 && !fields.get(field.derive()).kind().equals("id-number")) {
                throw yaml.refuse(
                        line,
                        field.name() + " is derived from a field that is no id-number",
                        "Name an id-number field");
            }
            if (isReached(fields, f, f, new TreeSet<>())) {
                throw yaml.refuse(
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
        for (Node n : yaml.list(node)) {
            String t = yaml.text(n);
            int dot = t.indexOf('.');
            int f = reference(new Node(n.line(), dot < 0 ? t : t.substring(0, dot), null, null), names);
            String part = dot < 0 ? "all" : t.substring(dot + 1);
            FieldKind kind = kind(fields.get(f));
            if (!part.equals("all")
                    && !part.matches("(prefix|suffix)[1-9]")
                    && !kind.parts().contains(part)) {
                throw yaml.refuse(
                        n.line(),
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
        int f = names.indexOf(yaml.text(node));
        if (f < 0) {
            throw yaml.refuse(node.line(), "there is no field '" + yaml.text(node) + "'", "Use one of " + names);
        }
        return f;
    }
}
