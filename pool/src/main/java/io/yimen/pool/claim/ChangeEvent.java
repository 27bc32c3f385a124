package io.yimen.pool.claim;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One observation of one source record, already normalised.
 *
 * <p>{@code values} is aligned with {@link StreamShape#fields}: {@code null} means <em>not observed</em> (an earlier
 * claim stays), the empty string means <em>sent as empty</em> (an earlier claim is withdrawn). Dates are ISO-8601,
 * numbers plain decimals, booleans {@code true}/{@code false}. A reference is {@code record:SOURCE/STREAM/KEY} or
 * {@code IDENTIFIER:VALUE} with an identifier name of the referenced type (see {@code model.yaml}). Sensitive values
 * are given in clear and sealed by the pool before anything is written. The array is handed over: the caller does not
 * touch it again.
 *
 * <p>{@code toString} shows neither key nor values.
 */
public final class ChangeEvent {
    private static final @Nullable String[] NONE = new String[0];

    private final StreamShape stream;
    private final String key;
    private final Position position;
    private final boolean deleted;
    private final @Nullable String[] values;
    private final List<Flag> flags;
    private final @Nullable Instant statedAt;

    private ChangeEvent(
            StreamShape stream,
            String key,
            Position position,
            boolean deleted,
            @Nullable String[] values,
            List<Flag> flags,
            @Nullable Instant statedAt) {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("A source record has a key");
        }
        this.stream = stream;
        this.key = key;
        this.position = position;
        this.deleted = deleted;
        this.values = values;
        this.flags = List.copyOf(flags);
        // As finely as it can be stored, so that a record that is read again states the same time.
        this.statedAt = statedAt == null ? null : statedAt.truncatedTo(ChronoUnit.MICROS);
    }

    /** The record exists and says {@code values}; its source does not say since when. */
    public static ChangeEvent upserted(
            StreamShape stream, String key, Position position, @Nullable String[] values, List<Flag> flags) {
        return upserted(stream, key, position, values, flags, null);
    }

    /**
     * The record exists and says {@code values}.
     *
     * @param statedAt when it last changed, as its source says; null if it does not say
     */
    public static ChangeEvent upserted(
            StreamShape stream,
            String key,
            Position position,
            @Nullable String[] values,
            List<Flag> flags,
            @Nullable Instant statedAt) {
        if (values.length != stream.fields().size()) {
            throw new IllegalArgumentException(
                    stream.id() + " has " + stream.fields().size() + " fields, not " + values.length);
        }
        return new ChangeEvent(stream, key, position, false, values, flags, statedAt);
    }

    /** The record is gone from its source. */
    public static ChangeEvent deleted(StreamShape stream, String key, Position position) {
        return new ChangeEvent(stream, key, position, true, NONE, List.of(), null);
    }

    public StreamShape stream() {
        return stream;
    }

    /** Identity of the source record within its stream. */
    public String key() {
        return key;
    }

    public Position position() {
        return position;
    }

    /** Whether this says that the record is gone. */
    public boolean isDeleted() {
        return deleted;
    }

    /** The i-th value; {@code null} where not observed, empty where sent as empty. */
    public @Nullable String value(int i) {
        return values[i];
    }

    public List<Flag> flags() {
        return flags;
    }

    /** When the record last changed, as its source says; null if it does not say. Not when it was read. */
    public @Nullable Instant statedAt() {
        return statedAt;
    }

    @Override
    public String toString() {
        return (deleted ? "deleted " : "upserted ") + stream.id() + "@" + position;
    }
}
