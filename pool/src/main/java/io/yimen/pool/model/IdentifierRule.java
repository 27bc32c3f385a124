package io.yimen.pool.model;

import io.yimen.pool.seal.Vault;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a source record can be found, and linked with others that have the same value.
 *
 * @param name unique in the model; also the prefix of references, {@code name:part|part}
 * @param strength 0 is the strongest of its type
 * @param parts what its value is made of
 * @param links whether equal values make records one entity; otherwise it serves look-ups and references only
 * @param sensitive whether a part is sensitive: its value then stands as a keyed digest
 */
public record IdentifierRule(String name, int strength, List<Part> parts, boolean links, boolean sensitive) {
    private static final int LONGEST = 200;

    /**
     * One part of an identifier's value.
     *
     * @param field index of the field in its type
     * @param how applied to the field's value first
     */
    public record Part(int field, Normalization how) {}

    public IdentifierRule {
        parts = List.copyOf(parts);
    }

    /**
     * The value of this identifier for a record.
     *
     * @param values the record's values in the order of the type's fields; sensitive ones sealed
     * @return empty if the record lacks a part
     */
    public Optional<String> valueOf(@Nullable String[] values, EntityType type, Vault vault) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            String value = values[part.field];
            if (value == null) {
                return Optional.empty();
            }
            String clear = type.fields().get(part.field).isSensitive() ? vault.open(value) : value;
            if (!append(text, part.how.apply(clear))) {
                return Optional.empty();
            }
        }
        return Optional.of(stored(text.toString(), vault));
    }

    /**
     * The stored form of a value that is given as text, parts joined by {@code |}, as references and searches have it.
     *
     * @return empty if it has another number of parts or an empty one
     */
    public Optional<String> valueOf(String text, Vault vault) {
        String[] given = text.split("\\|", -1);
        if (given.length != parts.size()) {
            return Optional.empty();
        }
        StringBuilder joined = new StringBuilder();
        for (int i = 0; i < given.length; i++) {
            if (!append(joined, parts.get(i).how.apply(given[i]))) {
                return Optional.empty();
            }
        }
        return Optional.of(stored(joined.toString(), vault));
    }

    private static boolean append(StringBuilder text, String part) {
        if (!text.isEmpty()) {
            text.append('|');
        }
        text.append(part.indexOf('|') < 0 ? part : part.replace('|', '/'));
        return !part.isEmpty();
    }

    /** Long values stand as a digest too: an index entry has a limit, and one long name must not fail a batch. */
    private String stored(String value, Vault vault) {
        return sensitive || value.length() > LONGEST ? vault.digest(name, value) : value;
    }
}
