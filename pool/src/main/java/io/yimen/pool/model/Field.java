package io.yimen.pool.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A canonical field of an entity type.
 *
 * @param name its name in claims, golden records and the contract
 * @param kind what its text means
 * @param to the type that a reference leads to; null for every other kind
 * @param sensitivity {@link Sensitivity#NONE} unless sensitive
 * @param label what people call it
 * @param values what codes mean, in Chinese, in the order of the model; empty where the code list is open
 */
public record Field(
        String name,
        FieldKind kind,
        @Nullable String to,
        Sensitivity sensitivity,
        Label label,
        Map<String, String> values) {
    public Field {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Whether its values are sealed at rest. */
    public boolean isSensitive() {
        return sensitivity != Sensitivity.NONE;
    }

    public boolean isReference() {
        return kind == FieldKind.REFERENCE;
    }
}
