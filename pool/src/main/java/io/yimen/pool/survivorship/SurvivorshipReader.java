package io.yimen.pool.survivorship;

import io.yimen.pool.internal.StrictYaml;
import io.yimen.pool.internal.StrictYaml.Node;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.FieldKind;
import io.yimen.pool.model.Normalization;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.model.Scoping;
import io.yimen.pool.survivorship.SurvivorshipRules.Choice;
import io.yimen.pool.survivorship.SurvivorshipRules.Elsewhere;
import io.yimen.pool.survivorship.SurvivorshipRules.FieldRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads survivorship rules strictly: every refusal names the line and what to do. */
final class SurvivorshipReader {
    private static final Pattern STREAM = Pattern.compile("[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?");
    private static final Pattern PLACE = Pattern.compile("\\d{2,12}");
    private static final String CRITERIA =
            "Use sound, recency, agreement, {agreement: FUNCTION}, {rank: trust}, {rank: [SOURCE, SOURCE/STREAM]},"
                    + " {validity: {from: FIELD, to: FIELD}}, {specificity: HOW} or {with: FIELD}";

    private final PoolModel model;
    private final StrictYaml yaml;
    private final Map<String, Criterion.Rank> ranks = new HashMap<>();
    private final Map<String, FieldRule> read = new LinkedHashMap<>();
    private List<Criterion> fallbackCriteria = List.of();

    SurvivorshipReader(PoolModel model, String origin) {
        this.model = model;
        this.yaml = new StrictYaml(origin);
    }

    SurvivorshipRules read(String document) {
        Node root = yaml.read(document);
        Map<String, Node> top = yaml.map(root, Set.of("entity", "version", "place", "ranks", "default", "fields"));
        Node entity = yaml.need(root, "entity");
        EntityType type = model.findType(yaml.text(entity))
                .orElseThrow(() -> yaml.refuse(
                        entity.line(),
                        "there is no entity type '" + yaml.text(entity) + "'",
                        "Use one of "
                                + model.types().stream().map(EntityType::name).toList()));
        Node versionNode = yaml.need(root, "version");
        double version = yaml.number(versionNode, 1, 1_000_000);
        if (version != Math.rint(version)) {
            throw yaml.refuse(versionNode.line(), "the version is no whole number", "Count 1, 2, 3");
        }
        int place = place(type, top.get("place"));
        Node ranksNode = top.get("ranks");
        if (ranksNode != null) {
            yaml.map(ranksNode, null).forEach((name, node) -> {
                if (name.equals("trust")) {
                    throw yaml.refuse(node.line(), "'trust' is the streams' own rank", "Give the order another name");
                }
                ranks.put(name, rank(node));
            });
        }
        Map<String, Node> nodes = top.containsKey("fields") ? yaml.map(yaml.need(root, "fields"), null) : Map.of();
        nodes.forEach((name, node) -> field(type, name, node.line()));
        Node fallbackNode = yaml.need(root, "default");
        FieldRule fallback = rule(type, fallbackNode, null);
        fallbackCriteria = fallback.choice().by();
        nodes.forEach((name, node) -> resolve(type, name, nodes, fallback, new LinkedHashSet<>()));
        List<FieldRule> fields = type.fields().stream()
                .map(f -> Optional.ofNullable(read.get(f.name())).orElse(fallback))
                .toList();
        int[] lines = type.fields().stream()
                .mapToInt(f -> Optional.ofNullable(nodes.get(f.name()))
                        .orElse(fallbackNode)
                        .line())
                .toArray();
        List<Integer> order = order(type, fields, place, lines);
        return new SurvivorshipRules(type, (int) version, document, fields, place, order);
    }

    private int place(EntityType type, @Nullable Node node) {
        if (node == null) {
            return type.scoping() == Scoping.BY_PLACE ? type.placeField().orElse(-1) : -1;
        }
        int index = field(type, yaml.text(node), node.line());
        Field field = type.fields().get(index);
        if (field.isSensitive() || !(field.isReference() || field.kind() == FieldKind.CODE)) {
            throw yaml.refuse(
                    node.line(), field.name() + " tells no place", "Name a field with division codes or a reference");
        }
        return index;
    }

    private int field(EntityType type, String name, int line) {
        return type.findIndex(name)
                .orElseThrow(() -> yaml.refuse(
                        line,
                        type.name() + " has no field '" + name + "'",
                        "Use one of " + type.fields().stream().map(Field::name).toList()));
    }

    /** The rule of a field, after those that it is like. */
    private FieldRule resolve(
            EntityType type, String name, Map<String, Node> nodes, FieldRule fallback, Set<String> path) {
        FieldRule known = read.get(name);
        if (known != null) {
            return known;
        }
        Node node = nodes.get(name);
        if (node == null) {
            return fallback;
        }
        Node like = node.entries() == null ? null : node.entries().get("like");
        FieldRule rule;
        if (like == null) {
            rule = rule(type, node, fallback);
        } else {
            if (yaml.map(node, null).size() > 1) {
                throw yaml.refuse(like.line(), "'like' stands alone", "Remove the other keys, or 'like'");
            }
            if (!path.add(name)) {
                throw yaml.refuse(like.line(), String.join(" is like ", path) + " is like " + name, "Break the ring");
            }
            String other = yaml.text(like);
            field(type, other, like.line());
            rule = resolve(type, other, nodes, fallback, path);
        }
        read.put(name, rule);
        return rule;
    }

    private FieldRule rule(EntityType type, Node node, @Nullable FieldRule fallback) {
        if (node.items() != null) {
            return new FieldRule(new Choice(criteria(type, node), false), List.of());
        }
        Map<String, Node> keys = yaml.map(node, Set.of("by", "empty", "except", "like"));
        if (keys.containsKey("like")) {
            throw yaml.refuse(node.line(), "the default is like nothing", "Write its criteria");
        }
        Node by = keys.get("by");
        List<Criterion> criteria;
        if (by != null) {
            criteria = criteria(type, by);
        } else if (fallback != null) {
            criteria = fallback.choice().by();
        } else {
            throw yaml.refuse(node.line(), "'by' is missing", "Add it");
        }
        Choice choice = new Choice(criteria, emptyCounts(keys.get("empty"), false));
        List<Elsewhere> exceptions = new ArrayList<>();
        Node except = keys.get("except");
        if (except != null) {
            for (Node one : yaml.list(except)) {
                exceptions.add(elsewhere(type, one, choice));
            }
            refuseRepeatedPlaces(except, exceptions);
        }
        return new FieldRule(choice, exceptions);
    }

    private Elsewhere elsewhere(EntityType type, Node node, Choice choice) {
        Map<String, Node> keys = yaml.map(node, Set.of("places", "by", "empty"));
        Node placesNode = keys.get("places");
        if (placesNode == null
                || placesNode.items() == null
                || placesNode.items().isEmpty()) {
            throw yaml.refuse(
                    node.line(),
                    "an exception is for places, and names none",
                    "Add places: [\"110105\"] with beginnings of division codes");
        }
        List<String> places = new ArrayList<>();
        for (Node one : yaml.list(placesNode)) {
            String code = yaml.text(one);
            if (!PLACE.matcher(code).matches()) {
                throw yaml.refuse(
                        one.line(), "'" + code + "' begins no division code", "Write 2 to 12 digits, e.g. \"110105\"");
            }
            places.add(beginning(code));
        }
        if (!keys.containsKey("by") && !keys.containsKey("empty")) {
            throw yaml.refuse(node.line(), "the exception changes nothing", "Add by or empty");
        }
        List<Criterion> by = keys.containsKey("by") ? criteria(type, yaml.need(node, "by")) : choice.by();
        return new Elsewhere(places, new Choice(by, emptyCounts(keys.get("empty"), choice.emptyCounts())));
    }

    /** The whole code of a district or street means all that lies in it. */
    private static String beginning(String code) {
        if (code.length() == 12 && code.endsWith("000000")) {
            return code.substring(0, code.startsWith("0000", 2) ? 2 : code.startsWith("00", 4) ? 4 : 6);
        }
        return code.length() == 12 && code.endsWith("000") ? code.substring(0, 9) : code;
    }

    private void refuseRepeatedPlaces(Node at, List<Elsewhere> exceptions) {
        List<String> places =
                exceptions.stream().flatMap(e -> e.places().stream()).toList();
        for (int i = 0; i < places.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (places.get(i).startsWith(places.get(j)) || places.get(j).startsWith(places.get(i))) {
                    throw yaml.refuse(
                            at.line(),
                            "the places " + places.get(j) + " and " + places.get(i) + " lie in one another",
                            "Name each place in one exception");
                }
            }
        }
    }

    private boolean emptyCounts(@Nullable Node node, boolean otherwise) {
        if (node == null) {
            return otherwise;
        }
        return switch (yaml.text(node)) {
            case "counts" -> true;
            case "withdraws" -> false;
            default ->
                throw yaml.refuse(
                        node.line(),
                        "empty is '" + yaml.text(node) + "'",
                        "Use counts (it is known that there is nothing) or withdraws (the record says nothing)");
        };
    }

    private List<Criterion> criteria(EntityType type, Node node) {
        List<Criterion> criteria = new ArrayList<>();
        for (Node one : yaml.list(node)) {
            Criterion criterion = criterion(type, one);
            if (criteria.contains(criterion)) {
                throw yaml.refuse(one.line(), "the criterion stands here twice", "Remove one");
            }
            criteria.add(criterion);
        }
        if (criteria.isEmpty()) {
            throw yaml.refuse(node.line(), "there is no criterion", CRITERIA);
        }
        return criteria;
    }

    private Criterion criterion(EntityType type, Node node) {
        if (node.entries() == null) {
            return switch (yaml.text(node)) {
                case "sound" -> new Criterion.Sound();
                case "recency" -> new Criterion.Recency();
                case "agreement" -> new Criterion.Agreement(Normalization.AS_IS);
                case "rank", "validity", "specificity", "with" ->
                    throw yaml.refuse(node.line(), "'" + yaml.text(node) + "' does not say by what", CRITERIA);
                default -> throw yaml.refuse(node.line(), "there is no criterion '" + yaml.text(node) + "'", CRITERIA);
            };
        }
        Map<String, Node> keys = yaml.map(node, null);
        if (keys.size() != 1) {
            throw yaml.refuse(node.line(), "a criterion has one key, not " + keys.size(), CRITERIA);
        }
        String name = keys.keySet().iterator().next();
        Node how = yaml.need(node, name);
        return switch (name) {
            case "rank" -> rankOrTrust(how);
            case "agreement" -> new Criterion.Agreement(normalization(how));
            case "validity" -> validity(type, how);
            case "specificity" ->
                new Criterion.Specific(Specificity.find(yaml.text(how))
                        .orElseThrow(() -> yaml.refuse(
                                how.line(),
                                "there is no specificity '" + yaml.text(how) + "'",
                                "Use one of " + Specificity.words())));
            case "with" -> new Criterion.With(field(type, yaml.text(how), how.line()));
            case "sound", "recency" -> throw yaml.refuse(how.line(), "'" + name + "' stands alone", "Write " + name);
            default -> throw yaml.refuse(how.line(), "there is no criterion '" + name + "'", CRITERIA);
        };
    }

    private Criterion rankOrTrust(Node node) {
        if (node.items() != null) {
            return rank(node);
        }
        String name = yaml.text(node);
        if (name.equals("trust")) {
            return new Criterion.Trust();
        }
        Criterion.Rank rank = ranks.get(name);
        if (rank == null) {
            throw yaml.refuse(
                    node.line(),
                    "there is no order '" + name + "'",
                    "Use trust, a list of sources, or one of "
                            + ranks.keySet().stream().sorted().toList());
        }
        return rank;
    }

    private Criterion.Rank rank(Node node) {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (Node one : yaml.list(node)) {
            String stream = yaml.text(one);
            if (!STREAM.matcher(stream).matches()) {
                throw yaml.refuse(
                        one.line(), "'" + stream + "' names no stream", "Write SOURCE or SOURCE/STREAM by their ids");
            }
            for (String other : places.keySet()) {
                if (stream.equals(other)) {
                    throw yaml.refuse(one.line(), "'" + stream + "' is ranked twice", "Remove one");
                }
                if (stream.startsWith(other + "/") || other.startsWith(stream + "/")) {
                    throw yaml.refuse(
                            one.line(),
                            "'" + other + "' and '" + stream + "' rank one stream twice",
                            "Name the source, or its streams one by one");
                }
            }
            places.put(stream, places.size());
        }
        if (places.isEmpty()) {
            throw yaml.refuse(node.line(), "the order names nobody", "Name SOURCE or SOURCE/STREAM, the best first");
        }
        return new Criterion.Rank(places);
    }

    private Normalization normalization(Node node) {
        return Arrays.stream(Normalization.values())
                .filter(n -> n != Normalization.AS_IS && n.function().equals(yaml.text(node)))
                .findFirst()
                .orElseThrow(() -> yaml.refuse(
                        node.line(),
                        "there is no function '" + yaml.text(node) + "'",
                        "Use one of "
                                + Arrays.stream(Normalization.values())
                                        .map(Normalization::function)
                                        .filter(f -> !f.isEmpty())
                                        .toList()));
    }

    private Criterion validity(EntityType type, Node node) {
        Map<String, Node> keys = yaml.map(node, Set.of("from", "to", "ended"));
        if (keys.isEmpty()) {
            throw yaml.refuse(node.line(), "validity is told by nothing", "Name from, to or ended");
        }
        Map<Integer, Set<String>> ended = new HashMap<>();
        Node endedNode = keys.get("ended");
        if (endedNode != null) {
            yaml.map(endedNode, null).forEach((name, values) -> {
                int index = plain(type, name, values.line());
                Set<String> known = type.fields().get(index).values().keySet();
                Set<String> given = new HashSet<>();
                for (Node value : yaml.list(values)) {
                    if (!known.isEmpty() && !known.contains(yaml.text(value))) {
                        throw yaml.refuse(
                                value.line(),
                                name + " is never '" + yaml.text(value) + "'",
                                "Use one of " + List.copyOf(known));
                    }
                    given.add(yaml.text(value));
                }
                ended.put(index, given);
            });
        }
        return new Criterion.Validity(bound(type, keys.get("from")), bound(type, keys.get("to")), ended);
    }

    private int bound(EntityType type, @Nullable Node node) {
        if (node == null) {
            return -1;
        }
        int index = plain(type, yaml.text(node), node.line());
        FieldKind kind = type.fields().get(index).kind();
        if (kind != FieldKind.DATE && kind != FieldKind.CODE) {
            throw yaml.refuse(
                    node.line(), yaml.text(node) + " is neither a date nor a code", "Name a field with days or years");
        }
        return index;
    }

    private int plain(EntityType type, String name, int line) {
        int index = field(type, name, line);
        if (type.fields().get(index).isSensitive()) {
            throw yaml.refuse(line, name + " is sensitive", "Name a field that may be read");
        }
        return index;
    }

    /** Fields in an order in which each comes after those that it goes with; the place before all exceptions. */
    private List<Integer> order(EntityType type, List<FieldRule> fields, int place, int[] lines) {
        Set<Integer> ordered = new LinkedHashSet<>();
        boolean exceptions = fields.stream().anyMatch(f -> !f.exceptions().isEmpty());
        if (exceptions) {
            if (place < 0) {
                int at = fields.indexOf(fields.stream()
                        .filter(f -> !f.exceptions().isEmpty())
                        .findFirst()
                        .orElseThrow());
                throw yaml.refuse(
                        lines[at],
                        "an exception for places, but nothing tells where a " + type + " is",
                        "Add place: FIELD at the top");
            }
            follow(type, fields, place, ordered, new LinkedHashSet<>(), lines);
            for (int field : ordered) {
                if (!fields.get(field).exceptions().isEmpty()) {
                    throw yaml.refuse(
                            lines[field],
                            type.fields().get(field).name()
                                    + " tells where an entity is, and has an exception for places itself",
                            "Give it the same rule everywhere");
                }
            }
        }
        for (int field = 0; field < fields.size(); field++) {
            follow(type, fields, field, ordered, new LinkedHashSet<>(), lines);
        }
        return List.copyOf(ordered);
    }

    private void follow(
            EntityType type, List<FieldRule> fields, int field, Set<Integer> ordered, Set<Integer> path, int[] lines) {
        if (ordered.contains(field)) {
            return;
        }
        if (!path.add(field)) {
            String ring =
                    path.stream().map(f -> type.fields().get(f).name()).collect(Collectors.joining(" goes with "));
            throw yaml.refuse(
                    lines[field],
                    ring + " goes with " + type.fields().get(field).name(),
                    "Break the ring: one of them is decided by itself");
        }
        List<Choice> choices = new ArrayList<>(List.of(fields.get(field).choice()));
        fields.get(field).exceptions().forEach(e -> choices.add(e.choice()));
        for (Choice choice : choices) {
            for (Criterion criterion : choice.by()) {
                if (criterion instanceof Criterion.With with) {
                    follow(type, fields, with.field(), ordered, path, lines);
                }
                if (criterion instanceof Criterion.Specific
                        && choice.by() != fallbackCriteria
                        && type.fields().get(field).isReference()) {
                    throw yaml.refuse(
                            lines[field],
                            type.fields().get(field).name() + " is a reference: none says more than another",
                            "Give it criteria without specificity");
                }
            }
        }
        path.remove(field);
        ordered.add(field);
    }
}
