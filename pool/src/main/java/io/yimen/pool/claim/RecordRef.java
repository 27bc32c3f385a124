package io.yimen.pool.claim;

/**
 * Names one source record in the whole pool. Ordered by stream, then by key: the order in which the pool breaks ties,
 * so that nothing depends on arrival.
 *
 * <p>{@code toString} leaves the key out, for a source may use personal data as one.
 */
public record RecordRef(StreamId stream, String key) implements Comparable<RecordRef> {
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
    public String toString() {
        return "record of " + stream;
    }
}
