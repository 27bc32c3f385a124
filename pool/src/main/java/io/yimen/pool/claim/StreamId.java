package io.yimen.pool.claim;

/**
 * Names one stream of one source: what a manifest declares under {@code streams}.
 *
 * @param source the system's id, e.g. {@code election}
 * @param stream the stream's id within it, e.g. {@code member-person}
 */
public record StreamId(String source, String stream) implements Comparable<StreamId> {
    public StreamId {
        if (source.isBlank() || stream.isBlank() || source.indexOf('/') >= 0 || stream.indexOf('/') >= 0) {
            throw new IllegalArgumentException("A stream is named source/stream, both without '/'");
        }
    }

    @Override
    public int compareTo(StreamId other) {
        int bySource = source.compareTo(other.source);
        return bySource != 0 ? bySource : stream.compareTo(other.stream);
    }

    /** Wire form {@code source/stream}. */
    @Override
    public String toString() {
        return source + "/" + stream;
    }
}
