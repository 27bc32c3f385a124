package io.yimen.pool.survivorship;

import io.yimen.pool.PoolException;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which claim wins each field of one entity type: a document, read. Immutable. */
public final class SurvivorshipRules {
    private final EntityType type;
    private final int version;
    private final String document;
    private final List<FieldRule> fields;
    private final int placeField;
    private final List<Integer> order;

    /**
     * How one field is decided.
     *
     * @param by asked one after the other
     * @param emptyCounts whether a record that says that there is nothing takes part
     */
    record Choice(List<Criterion> by, boolean emptyCounts) {
        Choice {
            by = List.copyOf(by);
        }
    }

    /**
     * Another choice for entities of some places.
     *
     * @param places beginnings of division codes
     */
    record Elsewhere(List<String> places, Choice choice) {
        Elsewhere {
            places = List.copyOf(places);
        }

        /** The named place that holds {@code code}; null if none does. */
        @Nullable
        String placeOf(String code) {
            return places.stream().filter(code::startsWith).findFirst().orElse(null);
        }
    }

    /** A field's choice and where it is another. */
    record FieldRule(Choice choice, List<Elsewhere> exceptions) {
        FieldRule {
            exceptions = List.copyOf(exceptions);
        }
    }

    /**
     * @param fields one a field of the type, in its order
     * @param placeField the field that tells where an entity is, or -1
     * @param order all fields, each after those that it goes with; the place first where it matters
     */
    SurvivorshipRules(
            EntityType type,
            int version,
            String document,
            List<FieldRule> fields,
            int placeField,
            List<Integer> order) {
        this.type = type;
        this.version = version;
        this.document = document;
        this.fields = List.copyOf(fields);
        this.placeField = placeField;
        this.order = List.copyOf(order);
    }

    /**
     * Reads a document.
     *
     * @param origin what messages call it
     * @throws PoolException {@code CONFIGURATION}, with line and remedy, if anything in it is not understood
     */
    public static SurvivorshipRules parse(PoolModel model, String origin, String yaml) {
        return new SurvivorshipReader(model, origin).read(yaml);
    }

    /** The rules of a type that come with the pool; where none do, the most trusted stream wins. */
    public static SurvivorshipRules bundled(PoolModel model, EntityType type) {
        String name = "/io/yimen/pool/survivorship/" + type.name().toLowerCase(Locale.ROOT) + ".yaml";
        try (InputStream in = SurvivorshipRules.class.getResourceAsStream(name)) {
            String yaml = in == null
                    ? "entity: " + type.name() + "\nversion: 1\ndefault: [{rank: trust}]\n"
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return parse(model, name.substring(name.lastIndexOf('/') + 1), yaml);
        } catch (IOException e) {
            throw new PoolException(PoolException.Kind.CONFIGURATION, name + " cannot be read", e);
        }
    }

    public EntityType type() {
        return type;
    }

    /** As the document says. */
    public int version() {
        return version;
    }

    /** The document as it was read. */
    public String document() {
        return document;
    }

    FieldRule field(int index) {
        return fields.get(index);
    }

    int placeField() {
        return placeField;
    }

    List<Integer> order() {
        return order;
    }

    @Override
    public String toString() {
        return "survivorship rules of " + type + ", version " + version;
    }
}
