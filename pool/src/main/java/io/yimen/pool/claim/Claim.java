package io.yimen.pool.claim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one live source record says at present.
 *
 * <p>The values stand in the order of the type's fields; {@code null} where the record says nothing. Sensitive ones are
 * sealed. The array is shared and never written to.
 */
public final class Claim {
    private final RecordRef ref;
    private final int trust;
    private final @Nullable String[] values;
    private final List<Flag> flags;

    public Claim(RecordRef ref, int trust, @Nullable String[] values, List<Flag> flags) {
        this.ref = ref;
        this.trust = trust;
        this.values = values;
        this.flags = List.copyOf(flags);
    }

    public RecordRef ref() {
        return ref;
    }

    /** Trust of its stream. */
    public int trust() {
        return trust;
    }

    public @Nullable String value(int field) {
        return values[field];
    }

    public @Nullable String[] values() {
        return values;
    }

    public List<Flag> flags() {
        return flags;
    }

    @Override
    public String toString() {
        return "claim of " + ref;
    }
}
