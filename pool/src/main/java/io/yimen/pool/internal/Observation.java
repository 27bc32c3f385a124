package io.yimen.pool.internal;

import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change event that has passed the gate: it can be stored, its sensitive values are sealed, its references have the
 * stored form.
 *
 * @param values in the order of the type's fields; {@code null} = not observed, empty = withdrawn; none if deleted
 * @param carried which fields the stream carries at all; of the others it says nothing, now as before
 * @param statedAt when the record last changed, as its source says
 */
public record Observation(
        DeclaredStream stream,
        RecordRef ref,
        Position position,
        boolean deleted,
        @Nullable String[] values,
        boolean[] carried,
        List<Flag> flags,
        @Nullable Instant statedAt) {

    /** The record is gone. */
    public static Observation gone(DeclaredStream stream, RecordRef ref, Position position) {
        return new Observation(stream, ref, position, true, new String[0], new boolean[0], List.of(), null);
    }

    /** The same, stated at another time. */
    Observation at(@Nullable Instant stated) {
        return new Observation(stream, ref, position, deleted, values, carried, flags, stated);
    }

    /** Whether an earlier claim is needed to know what the record says now. */
    public boolean isPartial() {
        if (deleted) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            if (carried[i] && values[i] == null) {
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
