package io.yimen.pool.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A published value as somebody may see it.
 *
 * @param value as text; masked where sensitive; of a reference the entity id
 * @param masked whether something of it is hidden
 * @param reference where a reference leads; {@code null} for other kinds and where it leads outside the scope
 * @param flags doubts, e.g. {@code check-digit}
 * @param provenance whose value it is; {@code null} unless asked for, and as of an earlier instant
 */
public record FieldValue(
        String value,
        boolean masked,
        @Nullable Reference reference,
        List<String> flags,
        @Nullable Provenance provenance) {
    public FieldValue {
        flags = List.copyOf(flags);
    }

    @Override
    public String toString() {
        return masked ? "masked value" : "value";
    }
}
