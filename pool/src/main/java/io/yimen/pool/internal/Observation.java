package io.yimen.pool.internal;

import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change event that has passed the gate: it can be stored, its sensitive values are sealed, its references have the
 * stored form.
 *
 * @param values in the order of the type's fields; {@code null} = not observed, empty = withdrawn; none if deleted
 */
public record Observation(
        DeclaredStream stream,
        RecordRef ref,
        Position position,
        boolean deleted,
        @Nullable String[] values,
        List<Flag> flags) {

    /** Whether an earlier claim is needed to know what the record says now. */
    public boolean isPartial() {
        if (deleted) {
            return false;
        }
        for (String value : values) {
            if (value == null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "observation of " + ref + "@" + position;
    }
}
