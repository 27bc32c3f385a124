package io.yimen.pool.model;

import io.yimen.pool.PoolException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The entity types as {@code model.yaml} declares them. Immutable. */
public final class PoolModel {
    private final Map<String, EntityType> types;
    private final Map<String, Identifier> identifiers;

    /** An identifier rule with the type that it belongs to. */
    public record Identifier(EntityType type, IdentifierRule rule) {}

    PoolModel(List<EntityType> types) {
        Map<String, EntityType> byName = new LinkedHashMap<>();
        Map<String, Identifier> rules = new LinkedHashMap<>();
        for (EntityType type : types) {
            byName.put(type.name(), type);
            for (IdentifierRule rule : type.identifiers()) {
                rules.put(rule.name(), new Identifier(type, rule));
            }
        }
        this.types = byName;
        this.identifiers = rules;
    }

    /** The model that ships with the pool. */
    public static PoolModel standard() {
        try (InputStream in = PoolModel.class.getResourceAsStream("/io/yimen/pool/model.yaml")) {
            if (in == null) {
                throw new PoolException(PoolException.Kind.CONFIGURATION, "model.yaml is missing from the pool's jar");
            }
            return read(new InputStreamReader(in, StandardCharsets.UTF_8), "model.yaml");
        } catch (IOException e) {
            throw new PoolException(PoolException.Kind.CONFIGURATION, "model.yaml cannot be read", e);
        }
    }

    /**
     * Reads a model.
     *
     * @param name how messages call it
     * @throws PoolException {@code CONFIGURATION}, with the line, if anything in it is not understood
     */
    public static PoolModel read(Reader yaml, String name) {
        return new ModelReader(name).read(yaml);
    }

    public Collection<EntityType> types() {
        return List.copyOf(types.values());
    }

    public Optional<EntityType> findType(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /** @throws PoolException {@code NOT_FOUND} */
    public EntityType getType(String name) {
        return findType(name)
                .orElseThrow(
                        () -> new PoolException(PoolException.Kind.NOT_FOUND, "The model has no entity type " + name));
    }

    public Optional<EntityType> findLedger(String ledger) {
        return types.values().stream().filter(t -> t.ledger().equals(ledger)).findFirst();
    }

    public Optional<Identifier> findIdentifier(String name) {
        return Optional.ofNullable(identifiers.get(name));
    }

    /** Names of all identifiers, in the order of the model. */
    public List<String> identifierNames() {
        return new ArrayList<>(identifiers.keySet());
    }
}
