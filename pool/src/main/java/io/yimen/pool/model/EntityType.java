package io.yimen.pool.model;

import io.yimen.pool.PoolException;
import java.time.Period;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** An entity type of the model: its fields in order, how its records are identified, where it belongs. */
public final class EntityType {
    private final String name;
    private final String ledger;
    private final Label label;
    private final int titleField;
    private final Scoping scoping;
    private final List<Field> fields;
    private final List<IdentifierRule> identifiers;
    private final Map<String, Integer> indexes;
    private final OptionalInt placeField;
    private final @Nullable Validity validity;
    private final @Nullable Period retention;

    EntityType(
            String name,
            String ledger,
            Label label,
            int titleField,
            Scoping scoping,
            List<Field> fields,
            List<IdentifierRule> identifiers,
            OptionalInt placeField,
            @Nullable Validity validity,
            @Nullable Period retention) {
        this.name = name;
        this.ledger = ledger;
        this.label = label;
        this.titleField = titleField;
        this.scoping = scoping;
        this.fields = List.copyOf(fields);
        this.identifiers = List.copyOf(identifiers);
        this.placeField = placeField;
        this.validity = validity;
        this.retention = retention;
        Map<String, Integer> byName = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            byName.put(fields.get(i).name(), i);
        }
        this.indexes = Map.copyOf(byName);
    }

    public String name() {
        return name;
    }

    /** Path segment of its ledger. */
    public String ledger() {
        return ledger;
    }

    public Label label() {
        return label;
    }

    /** Index of the field that people call an entity by. */
    public int titleField() {
        return titleField;
    }

    public Scoping scoping() {
        return scoping;
    }

    /** In the order of the model, which is the order of values everywhere inside the pool. */
    public List<Field> fields() {
        return fields;
    }

    /** Strongest first. */
    public List<IdentifierRule> identifiers() {
        return identifiers;
    }

    /**
     * Index of the reference that places it: for {@link Scoping#SELF} the one that leads upward, for
     * {@link Scoping#BY_PLACE} the one to its place.
     */
    public OptionalInt placeField() {
        return placeField;
    }

    /** The fields that say from when to when a record holds; empty where records have no such dates. */
    public Optional<Validity> validity() {
        return Optional.ofNullable(validity);
    }

    /** How far back the change log is kept; empty: for good. */
    public Optional<Period> retention() {
        return Optional.ofNullable(retention);
    }

    public OptionalInt findIndex(String field) {
        Integer index = indexes.get(field);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** @throws PoolException {@code NOT_FOUND} */
    public int indexOf(String field) {
        return findIndex(field)
                .orElseThrow(() -> new PoolException(PoolException.Kind.NOT_FOUND, name + " has no field " + field));
    }

    public Optional<Field> findField(String field) {
        Integer index = indexes.get(field);
        return index == null ? Optional.empty() : Optional.of(fields.get(index));
    }

    /** @throws PoolException {@code NOT_FOUND} */
    public Field getField(String field) {
        return fields.get(indexOf(field));
    }

    @Override
    public String toString() {
        return name;
    }
}
