package io.yimen.pool.model;

import io.yimen.pool.PoolException;
import java.io.Reader;
import java.time.Period;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads {@code model.yaml} strictly: what it does not know it refuses, with the line. */
final class ModelReader {
    private static final Pattern CALL = Pattern.compile("(?:(\\w+)\\()?(\\w+)\\)?");
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9-]*");

    private final String file;
    private final Set<String> identifierNames = new HashSet<>();
    private final Set<String> ledgers = new HashSet<>();
    private final List<Pending> references = new ArrayList<>();

    /** A reference whose target may be declared further down. */
    private record Pending(Node at, String to) {}

    ModelReader(String file) {
        this.file = file;
    }

    PoolModel read(Reader yaml) {
        Node root;
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            root = new Yaml(new SafeConstructor(options)).compose(yaml);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new PoolException(
                    PoolException.Kind.CONFIGURATION, file + ":" + line + ": not YAML: " + e.getProblem(), e);
        }
        if (root == null) {
            throw new PoolException(PoolException.Kind.CONFIGURATION, file + ":1: the model is empty");
        }
        Map<String, Node> top = mapping(root, Set.of("version", "types"));
        if (!text(required(top, "version", root)).equals("1")) {
            throw wrong(required(top, "version", root), "only version 1 is known");
        }
        List<EntityType> types = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Map.Entry<String, Node> e :
                mapping(required(top, "types", root), null).entrySet()) {
            types.add(type(e.getKey(), e.getValue()));
            names.add(e.getKey());
        }
        for (Pending p : references) {
            if (!names.contains(p.to)) {
                throw wrong(p.at, "'to' names the unknown type " + p.to);
            }
        }
        return new PoolModel(types);
    }

    private EntityType type(String name, Node node) {
        Map<String, Node> keys = mapping(
                node, Set.of("ledger", "label", "title", "scope", "fields", "identifiers", "validity", "retention"));
        Node ledgerNode = required(keys, "ledger", node);
        String ledger = text(ledgerNode);
        if (!ledgers.add(ledger)) {
            throw wrong(ledgerNode, "the ledger " + ledger + " belongs to another type already");
        }
        List<Field> fields = new ArrayList<>();
        Map<String, Integer> index = new HashMap<>();
        for (Map.Entry<String, Node> e :
                mapping(required(keys, "fields", node), null).entrySet()) {
            index.put(e.getKey(), fields.size());
            fields.add(field(e.getKey(), e.getValue()));
        }
        Node titleNode = required(keys, "title", node);
        Integer title = index.get(text(titleNode));
        if (title == null) {
            throw wrong(titleNode, "'title' names the unknown field " + text(titleNode));
        }
        if (fields.get(title).isSensitive() || fields.get(title).isReference()) {
            throw wrong(titleNode, "a title is neither sensitive nor a reference");
        }
        Node scopeNode = required(keys, "scope", node);
        String scope = text(scopeNode);
        Scoping scoping = switch (scope) {
            case "self" -> Scoping.SELF;
            case "everyone" -> Scoping.EVERYONE;
            default -> Scoping.BY_PLACE;
        };
        if (scoping == Scoping.EVERYONE && fields.stream().anyMatch(Field::isSensitive)) {
            throw wrong(scopeNode, "what everyone sees has no sensitive field");
        }
        OptionalInt placeField = switch (scoping) {
            case SELF -> upward(name, fields, scopeNode);
            case BY_PLACE -> placeField(scope, index, fields, scopeNode);
            case EVERYONE -> OptionalInt.empty();
        };
        List<IdentifierRule> rules = new ArrayList<>();
        Node identifiers = keys.get("identifiers");
        if (identifiers != null) {
            for (Node item : sequence(identifiers)) {
                rules.add(identifier(item, rules.size(), index, fields));
            }
        }
        Node validity = keys.get("validity");
        Node retention = keys.get("retention");
        return new EntityType(
                name,
                ledger,
                label(required(keys, "label", node)),
                title,
                scoping,
                fields,
                rules,
                placeField,
                validity == null ? null : validity(validity, index, fields),
                retention == null ? null : retention(retention));
    }

    private Validity validity(Node node, Map<String, Integer> index, List<Field> fields) {
        Map<String, Node> keys = mapping(node, Set.of("from", "to"));
        return new Validity(
                openDate(required(keys, "from", node), index, fields),
                openDate(required(keys, "to", node), index, fields));
    }

    private String openDate(Node node, Map<String, Integer> index, List<Field> fields) {
        String name = text(node);
        Integer field = index.get(name);
        if (field == null
                || fields.get(field).kind() != FieldKind.DATE
                || fields.get(field).isSensitive()) {
            throw wrong(node, "'" + name + "' is no date field that is not sensitive");
        }
        return name;
    }

    private Period retention(Node node) {
        try {
            Period period = Period.parse(text(node));
            if (period.toTotalMonths() > 0 && period.getDays() == 0) {
                return period;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        throw wrong(node, "'retention' is a number of years or months, e.g. P5Y or P18M");
    }

    private OptionalInt upward(String type, List<Field> fields, Node at) {
        OptionalInt found = OptionalInt.empty();
        for (int i = 0; i < fields.size(); i++) {
            if (type.equals(fields.get(i).to())) {
                if (found.isPresent()) {
                    throw wrong(at, "'scope: self' needs exactly one reference of the type to itself");
                }
                found = OptionalInt.of(i);
            }
        }
        return found;
    }

    private OptionalInt placeField(String scope, Map<String, Integer> index, List<Field> fields, Node at) {
        Integer i = index.get(scope);
        if (i == null || !fields.get(i).isReference()) {
            throw wrong(at, "'scope' is 'self', 'everyone' or a reference field, not " + scope);
        }
        return OptionalInt.of(i);
    }

    private Field field(String name, Node node) {
        if (!WORD.matcher(name).matches()) {
            throw wrong(node, "a field is named by letters and digits, not " + name);
        }
        Map<String, Node> keys = mapping(node, Set.of("kind", "label", "to", "sensitive", "values"));
        FieldKind kind = constant(FieldKind.class, required(keys, "kind", node));
        Sensitivity sensitivity =
                keys.containsKey("sensitive") ? constant(Sensitivity.class, keys.get("sensitive")) : Sensitivity.NONE;
        Node to = keys.get("to");
        if ((kind == FieldKind.REFERENCE) != (to != null)) {
            throw wrong(node, "a reference, and nothing else, says 'to'");
        }
        if (to != null) {
            references.add(new Pending(to, text(to)));
            if (sensitivity != Sensitivity.NONE) {
                throw wrong(node, "a reference is not sensitive");
            }
        }
        Map<String, String> values = new LinkedHashMap<>();
        Node codes = keys.get("values");
        if (codes != null) {
            mapping(codes, null).forEach((code, meaning) -> values.put(code, text(meaning)));
        }
        return new Field(
                name, kind, to == null ? null : text(to), sensitivity, label(required(keys, "label", node)), values);
    }

    private IdentifierRule identifier(Node node, int strength, Map<String, Integer> index, List<Field> fields) {
        Map<String, Node> keys = mapping(node, Set.of("name", "of", "link"));
        Node nameNode = required(keys, "name", node);
        String name = text(nameNode);
        if (!WORD.matcher(name).matches() || name.equals("record")) {
            throw wrong(nameNode, "'" + name + "' cannot name an identifier");
        }
        if (!identifierNames.add(name)) {
            throw wrong(nameNode, "the identifier " + name + " is declared twice");
        }
        List<IdentifierRule.Part> parts = new ArrayList<>();
        boolean sensitive = false;
        for (Node of : sequence(required(keys, "of", node))) {
            Matcher call = CALL.matcher(text(of));
            if (!call.matches() || (call.group(1) != null) != text(of).endsWith(")")) {
                throw wrong(of, "write a field or function(field), not " + text(of));
            }
            Normalization how = Normalization.AS_IS;
            if (call.group(1) != null) {
                how = Normalization.findFunction(call.group(1))
                        .orElseThrow(() -> wrong(of, "unknown function " + call.group(1)));
            }
            Integer field = index.get(call.group(2));
            if (field == null) {
                throw wrong(of, "unknown field " + call.group(2));
            }
            if (fields.get(field).isReference()) {
                throw wrong(of, "an identifier is not made of references");
            }
            sensitive |= fields.get(field).isSensitive();
            parts.add(new IdentifierRule.Part(field, how));
        }
        if (parts.isEmpty()) {
            throw wrong(node, "an identifier is made of at least one field");
        }
        Node link = keys.get("link");
        boolean links = link == null || bool(link);
        return new IdentifierRule(name, strength, parts, links, sensitive);
    }

    private Label label(Node node) {
        Map<String, Node> keys = mapping(node, Set.of("zh", "en"));
        return new Label(text(required(keys, "zh", node)), text(required(keys, "en", node)));
    }

    private boolean bool(Node node) {
        return switch (text(node)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(node, "true or false, not " + text(node));
        };
    }

    private <E extends Enum<E>> E constant(Class<E> kind, @Nullable Node node) {
        if (node == null) {
            throw new IllegalStateException("asked for without looking");
        }
        String word = text(node);
        for (E constant : kind.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(word)) {
                return constant;
            }
        }
        throw wrong(node, "unknown word " + word);
    }

    private Map<String, Node> mapping(Node node, @Nullable Set<String> known) {
        if (!(node instanceof MappingNode map)) {
            throw wrong(node, "expected keys with values");
        }
        Map<String, Node> keys = new LinkedHashMap<>();
        for (NodeTuple tuple : map.getValue()) {
            String key = text(tuple.getKeyNode());
            if (known != null && !known.contains(key)) {
                throw wrong(tuple.getKeyNode(), "unknown key '" + key + "'");
            }
            if (keys.put(key, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), "'" + key + "' stands here twice");
            }
        }
        return keys;
    }

    private List<Node> sequence(Node node) {
        if (!(node instanceof SequenceNode list)) {
            throw wrong(node, "expected a list");
        }
        return list.getValue();
    }

    private String text(Node node) {
        if (!(node instanceof ScalarNode scalar) || scalar.getValue().isEmpty()) {
            throw wrong(node, "expected a text");
        }
        return scalar.getValue();
    }

    private Node required(Map<String, Node> keys, String key, Node parent) {
        Node node = keys.get(key);
        if (node == null) {
            throw wrong(parent, "'" + key + "' is missing");
        }
        return node;
    }

    private PoolException wrong(Node at, String what) {
        int line = at.getStartMark().getLine() + 1;
        return new PoolException(PoolException.Kind.CONFIGURATION, file + ":" + line + ": " + what);
    }
}
