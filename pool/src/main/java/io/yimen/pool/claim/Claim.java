package io.yimen.pool.claim;

import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one live source record says at present.
 *
 * <p>The values stand in the order of the type's fields; {@code null} where the record says nothing: because the field
 * was never observed, or because the record says that there is nothing, see {@link #isWithdrawn}. Sensitive ones are
 * sealed. The array is shared and never written to.
 */
public final class Claim {
    private final RecordRef ref;
    private final int trust;
    private final @Nullable String[] values;
    private final List<Flag> flags;
    private final @Nullable BitSet withdrawn;
    private final @Nullable Instant statedAt;

    /** A claim whose source states no time. */
    public Claim(RecordRef ref, int trust, @Nullable String[] values, List<Flag> flags) {
        this(ref, trust, values, flags, null);
    }

    /**
     * @param values {@code null} where never observed, empty where withdrawn
     * @param statedAt when the record last changed, as its source says; null if it does not say
     */
    public Claim(RecordRef ref, int trust, @Nullable String[] values, List<Flag> flags, @Nullable Instant statedAt) {
        this.ref = ref;
        this.trust = trust;
        this.flags = List.copyOf(flags);
        this.statedAt = statedAt;
        BitSet empty = null;
        for (int i = 0; i < values.length; i++) {
            String value = values[i];
            if (value != null && value.isEmpty()) {
                empty = empty == null ? new BitSet(values.length) : empty;
                empty.set(i);
            }
        }
        this.withdrawn = empty;
        if (empty == null) {
            this.values = values;
        } else {
            @Nullable String[] said = values.clone();
            for (int i = empty.nextSetBit(0); i >= 0; i = empty.nextSetBit(i + 1)) {
                said[i] = null;
            }
            this.values = said;
        }
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

    /** Whether the record says of a field that there is nothing. */
    public boolean isWithdrawn(int field) {
        return withdrawn != null && withdrawn.get(field);
    }

    /** When the record last changed, as its source says; to the microsecond. */
    public @Nullable Instant statedAt() {
        return statedAt;
    }

    public List<Flag> flags() {
        return flags;
    }

    @Override
    public String toString() {
        return "claim of " + ref;
    }
}
