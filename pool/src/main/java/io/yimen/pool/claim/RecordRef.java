package io.yimen.pool.claim;

import org.jspecify.annotations.Nullable;

/**
 * Names one source record in the whole pool. Ordered by stream, then by key: the order in which the pool breaks ties,
 * so that nothing depends on arrival.
 *
 * <p>A batch looks its records up by these some dozens of times, so the hash is kept. {@code toString} leaves the key
 * out, for a source may use personal data as one.
 */
public final class RecordRef implements Comparable<RecordRef> {
    private final StreamId stream;
    private final String key;
    private final int hash;

    public RecordRef(StreamId stream, String key) {
        this.stream = stream;
        this.key = key;
        this.hash = 31 * stream.hashCode() + key.hashCode();
    }

    public StreamId stream() {
        return stream;
    }

    public String key() {
        return key;
    }

    @Override
    public int compareTo(RecordRef other) {
        int byStream = stream.compareTo(other.stream);
        return byStream != 0 ? byStream : key.compareTo(other.key);
    }

    /** Text form {@code source/stream/key}, as references have it after {@code record:}. */
    public String path() {
        return stream + "/" + key;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof RecordRef ref
                        && hash == ref.hash
                        && key.equals(ref.key)
                        && stream.equals(ref.stream);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "record of " + stream;
    }
}
