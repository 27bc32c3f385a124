package io.yimen.pool.erasure;

import io.yimen.pool.PoolException;
import io.yimen.pool.internal.StrictYaml;
import io.yimen.pool.internal.StrictYaml.Node;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Label;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * On what grounds somebody may be erased, and what a law says to keep: data, dated, each with the law that says so.
 *
 * @param types the types that are about one person
 * @param grounds by code
 */
public record ErasureRules(Set<String> types, Map<String, Ground> grounds, List<Hold> holds) {
    private static final String BUNDLED = "/io/yimen/pool/erasure.yaml";

    /** A legal ground to erase. */
    public record Ground(Label label, Label law) {}

    /** What waits for somebody and speaks of the person. */
    public enum Open {
        CORRECTION,
        TICKET
    }

    /**
     * Says to keep somebody as long as something else refers to it, or as long as something open speaks of it.
     *
     * @param type whom it keeps
     * @param keeps fields that are to be kept; {@code null}: the whole record
     * @param from first day on which it is the law; {@code null}: always was
     * @param to last day; {@code null}: until further notice
     * @param referrer that keeps it; {@code null} where {@code open} does
     */
    public record Hold(
            String code,
            String type,
            @Nullable Set<String> keeps,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            Label law,
            Label reason,
            @Nullable Referrer referrer,
            @Nullable Open open) {
        /** Whether it is the law on a day. */
        public boolean isInForce(LocalDate day) {
            return (from == null || !day.isBefore(from)) && (to == null || !day.isAfter(to));
        }
    }

    /**
     * Records that refer to it.
     *
     * @param field by which they do
     * @param where values that they have, by field; none: all of them
     * @param through field that leads on to the record that has {@code date}; {@code null}: they have it themselves
     * @param date field whose date begins the time for which it is kept; {@code null}: as long as they are there
     * @param years length of that time
     */
    public record Referrer(
            String type,
            String field,
            Map<String, Set<String>> where,
            @Nullable String through,
            @Nullable String date,
            int years) {}

    public ErasureRules {
        types = Set.copyOf(types);
        holds = List.copyOf(holds);
    }

    /** Those that come with the pool. */
    public static ErasureRules bundled(PoolModel model) {
        try (InputStream in = ErasureRules.class.getResourceAsStream(BUNDLED)) {
            if (in == null) {
                throw new IllegalStateException(BUNDLED + " is missing");
            }
            return read(model, BUNDLED, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a document.
     *
     * @param origin what messages call it
     * @throws PoolException {@code CONFIGURATION} with line and remedy if it is not understood
     */
    public static ErasureRules read(PoolModel model, String origin, String document) {
        return new Reading(model, new StrictYaml(origin)).all(document);
    }

    private record Reading(PoolModel model, StrictYaml yaml) {
        ErasureRules all(String document) {
            Node root = yaml.read(document);
            yaml.map(root, Set.of("types", "grounds", "holds"));
            Set<String> types = new TreeSet<>();
            for (Node node : yaml.list(yaml.need(root, "types"))) {
                types.add(type(node).name());
            }
            Map<String, Ground> grounds = new LinkedHashMap<>();
            yaml.map(yaml.need(root, "grounds"), null).forEach((code, node) -> {
                yaml.map(node, Set.of("label", "law"));
                grounds.put(code, new Ground(label(node, "label"), label(node, "law")));
            });
            List<Hold> holds = new ArrayList<>();
            yaml.map(yaml.need(root, "holds"), null).forEach((code, node) -> holds.add(hold(code, node)));
            return new ErasureRules(types, grounds, holds);
        }

        private Hold hold(String code, Node node) {
            Map<String, Node> keys =
                    yaml.map(node, Set.of("type", "keeps", "from", "to", "law", "reason", "referrer", "open"));
            EntityType type = type(yaml.need(node, "type"));
            Node referrer = keys.get("referrer");
            Node open = keys.get("open");
            if ((referrer == null) == (open == null)) {
                throw yaml.refuse(node.line(), "either 'referrer' or 'open' says what keeps it", "Write one of them");
            }
            Node keeps = keys.get("keeps");
            return new Hold(
                    code,
                    type.name(),
                    keeps == null ? null : names(keeps, type),
                    day(keys.get("from")),
                    day(keys.get("to")),
                    label(node, "law"),
                    label(node, "reason"),
                    referrer == null ? null : referrer(referrer, type),
                    open == null ? null : open(open));
        }

        private Referrer referrer(Node node, EntityType to) {
            Map<String, Node> keys = yaml.map(node, Set.of("type", "field", "where", "through", "date", "years"));
            EntityType type = type(yaml.need(node, "type"));
            String field = reference(yaml.need(node, "field"), type, to.name());
            Map<String, Set<String>> where = new LinkedHashMap<>();
            Node conditions = keys.get("where");
            if (conditions != null) {
                yaml.map(conditions, null).forEach((name, values) -> {
                    check(values, type, name);
                    Set<String> texts = new TreeSet<>();
                    yaml.list(values).forEach(v -> texts.add(yaml.text(v)));
                    where.put(name, texts);
                });
            }
            Node through = keys.get("through");
            Node date = keys.get("date");
            EntityType dated = type;
            if (through != null) {
                dated = model.getType(String.valueOf(
                        type.getField(reference(through, type, null)).to()));
            }
            if (date != null) {
                check(date, dated, yaml.text(date));
            }
            return new Referrer(
                    type.name(),
                    field,
                    where,
                    through == null ? null : yaml.text(through),
                    date == null ? null : yaml.text(date),
                    date == null ? 0 : (int) yaml.number(yaml.need(node, "years"), 0, 200));
        }

        private String reference(Node node, EntityType type, @Nullable String to) {
            String name = yaml.text(node);
            check(node, type, name);
            if (!type.getField(name).isReference()
                    || to != null && !to.equals(type.getField(name).to())) {
                throw yaml.refuse(node.line(), "'" + name + "' does not refer there", "Name a reference of " + type);
            }
            return name;
        }

        private Open open(Node node) {
            for (Open open : Open.values()) {
                if (open.name().equalsIgnoreCase(yaml.text(node))) {
                    return open;
                }
            }
            throw yaml.refuse(node.line(), "'" + node.text() + "' is nothing that waits", "Use correction or ticket");
        }

        private Set<String> names(Node node, EntityType type) {
            Set<String> names = new TreeSet<>();
            for (Node name : yaml.list(node)) {
                check(name, type, yaml.text(name));
                names.add(yaml.text(name));
            }
            return names;
        }

        private void check(Node node, EntityType type, String field) {
            if (type.findField(field).isEmpty()) {
                throw yaml.refuse(node.line(), type + " has no field '" + field + "'", "See the model");
            }
        }

        private EntityType type(Node node) {
            return model.findType(yaml.text(node))
                    .orElseThrow(() ->
                            yaml.refuse(node.line(), "'" + node.text() + "' is no type of the model", "See the model"));
        }

        private Label label(Node parent, String key) {
            Node node = yaml.need(parent, key);
            yaml.map(node, Set.of("zh", "en"));
            return new Label(yaml.text(yaml.need(node, "zh")), yaml.text(yaml.need(node, "en")));
        }

        private @Nullable LocalDate day(@Nullable Node node) {
            if (node == null) {
                return null;
            }
            try {
                return LocalDate.parse(yaml.text(node));
            } catch (DateTimeException e) {
                throw yaml.refuse(node.line(), "'" + node.text() + "' is no day", "Write it as 2018-12-29");
            }
        }
    }
}
