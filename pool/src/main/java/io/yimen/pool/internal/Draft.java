package io.yimen.pool.internal;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.run.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A source record while a batch is applied to it: what is stored, then what each observation makes of it. Observations
 * of one key are taken one after the other, so that counts and partial values come out as if each had come alone; only
 * the last state is written.
 */
final class Draft {
    private final DeclaredStream stream;
    private final RecordRef ref;
    private final boolean stored;
    private final boolean storedDeleted;
    private final long storedEntity;
    private @Nullable Position position;
    private boolean deleted;
    private @Nullable String[] values;
    private List<Flag> flags;
    private @Nullable Instant statedAt;
    private byte[] hash;
    private boolean changed;
    private boolean moved;
    private @Nullable Claim claim;

    private Draft(
            DeclaredStream stream,
            RecordRef ref,
            @Nullable Position position,
            boolean deleted,
            long entity,
            @Nullable String[] values,
            List<Flag> flags,
            @Nullable Instant statedAt,
            byte[] hash) {
        this.stream = stream;
        this.ref = ref;
        this.stored = position != null;
        this.storedDeleted = deleted;
        this.storedEntity = entity;
        this.position = position;
        this.deleted = deleted;
        this.values = values;
        this.flags = flags;
        this.statedAt = statedAt;
        this.hash = hash;
    }

    /** A record that was never seen. */
    static Draft unseen(DeclaredStream stream, RecordRef ref) {
        return new Draft(stream, ref, null, true, 0, nothing(stream), List.of(), null, new byte[0]);
    }

    /**
     * A record as it is stored.
     *
     * @param entity id of its entity, of a deleted one the last; 0 if it has none
     * @param values its values, or nothing where the batch does not need them
     */
    static Draft stored(
            DeclaredStream stream,
            RecordRef ref,
            Position position,
            boolean deleted,
            long entity,
            @Nullable String @Nullable [] values,
            List<Flag> flags,
            @Nullable Instant statedAt,
            byte[] hash) {
        return new Draft(
                stream,
                ref,
                position,
                deleted,
                entity,
                values == null ? nothing(stream) : values,
                flags,
                statedAt,
                hash);
    }

    private static @Nullable String[] nothing(DeclaredStream stream) {
        return new String[stream.type().fields().size()];
    }

    Outcome observe(Observation seen) {
        if (position != null && seen.position().compareTo(position) <= 0) {
            return Outcome.STALE;
        }
        position = seen.position();
        moved = true;
        claim = null;
        if (seen.deleted()) {
            return delete();
        }
        @Nullable String[] before = deleted ? nothing(stream) : values;
        @Nullable String[] now = seen.values().clone();
        boolean[] observed = new boolean[now.length];
        for (int i = 0; i < now.length; i++) {
            observed[i] = now[i] != null || !seen.carried()[i];
            if (!observed[i]) {
                now[i] = before[i];
            }
        }
        List<Flag> flagsNow = mergeFlags(seen.flags(), deleted ? List.of() : flags, observed);
        byte[] hashNow = hash(now, flagsNow);
        boolean same = !deleted && Arrays.equals(hash, hashNow);
        // A record that says the same at a later time of its own is unchanged, but may win where recency decides.
        boolean restated = !Objects.equals(statedAt, seen.statedAt());
        values = now;
        flags = flagsNow;
        statedAt = seen.statedAt();
        hash = hashNow;
        deleted = false;
        changed |= !same || restated;
        return same ? Outcome.UNCHANGED : Outcome.APPLIED;
    }

    private Outcome delete() {
        if (deleted) {
            return Outcome.UNCHANGED;
        }
        deleted = true;
        values = nothing(stream);
        flags = List.of();
        statedAt = null;
        hash = new byte[0];
        changed = true;
        return Outcome.APPLIED;
    }

    /** Nothing of it stays: it was erased. */
    void erase() {
        claim = null;
        delete();
    }

    /**
     * What it says from now on, without having been seen again.
     *
     * @param left values in the order of the type's fields
     */
    void cut(@Nullable String[] left) {
        List<Flag> flagsLeft = new ArrayList<>();
        for (Flag flag : flags) {
            if (left[stream.type().indexOf(flag.field())] != null) {
                flagsLeft.add(flag);
            }
        }
        claim = null;
        values = left;
        flags = flagsLeft;
        hash = hash(left, flagsLeft);
        changed = true;
    }

    private List<Flag> mergeFlags(List<Flag> now, List<Flag> before, boolean[] observed) {
        if (before.isEmpty() && now.isEmpty()) {
            return List.of();
        }
        Set<Flag> merged = new HashSet<>(now);
        for (Flag flag : before) {
            int field = stream.type().findIndex(flag.field()).orElse(-1);
            if (field >= 0 && !observed[field]) {
                merged.add(flag);
            }
        }
        List<Flag> ordered = new ArrayList<>(merged);
        ordered.sort(java.util.Comparator.comparing(Flag::field).thenComparing(Flag::code));
        return ordered;
    }

    private static byte[] hash(@Nullable String[] values, List<Flag> flags) {
        Fingerprint fingerprint = new Fingerprint();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null) {
                fingerprint.add(i).add(values[i]);
            }
        }
        for (Flag flag : flags) {
            fingerprint.add(-2).add(flag.field()).add(flag.code());
        }
        return fingerprint.brief();
    }

    /** What the record says, if it lives. */
    Claim claim() {
        Claim said = claim;
        if (said == null) {
            said = new Claim(ref, stream.trust(), values, flags, statedAt);
            claim = said;
        }
        return said;
    }

    DeclaredStream stream() {
        return stream;
    }

    RecordRef ref() {
        return ref;
    }

    /** Whether the pool knew the record, be it deleted. */
    boolean isStored() {
        return stored;
    }

    boolean wasLive() {
        return stored && !storedDeleted;
    }

    boolean isLive() {
        return !deleted;
    }

    /** The entity that it belonged to, of a deleted record the last one; 0 if none. */
    long storedEntity() {
        return storedEntity;
    }

    /** Where the record stands now; only a stored or observed record has a position. */
    Position position() {
        if (position == null) {
            throw new IllegalStateException("A record that nobody saw has no position");
        }
        return position;
    }

    /** Whether something at that position or a newer one was taken in. */
    boolean isSeenAt(Position at) {
        return position != null && at.compareTo(position) <= 0;
    }

    @Nullable
    String[] values() {
        return values;
    }

    List<Flag> flags() {
        return flags;
    }

    @Nullable
    Instant statedAt() {
        return statedAt;
    }

    byte[] hash() {
        return hash;
    }

    /** Whether what it says is to be written; a record that came and went within the batch only leaves its tombstone. */
    boolean isChanged() {
        return changed;
    }

    /** Whether it was seen at a newer position. */
    boolean isMoved() {
        return moved;
    }
}
