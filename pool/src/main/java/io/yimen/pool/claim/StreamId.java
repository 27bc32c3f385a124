package io.yimen.pool.claim;

import org.jspecify.annotations.Nullable;

/** Names one stream of one source: what a manifest declares under {@code streams}. */
public final class StreamId implements Comparable<StreamId> {
    private final String source;
    private final String stream;
    /** Kept, since it is part of the name of every record. */
    private final String name;

    /**
     * @param source the system's id, e.g. {@code election}
     * @param stream the stream's id within it, e.g. {@code member-person}
     */
    public StreamId(String source, String stream) {
        if (source.isBlank() || stream.isBlank() || source.indexOf('/') >= 0 || stream.indexOf('/') >= 0) {
            throw new IllegalArgumentException("A stream is named source/stream, both without '/'");
        }
        this.source = source;
        this.stream = stream;
        this.name = source + "/" + stream;
    }

    public String source() {
        return source;
    }

    public String stream() {
        return stream;
    }

    @Override
    public int compareTo(StreamId other) {
        int bySource = source.compareTo(other.source);
        return bySource != 0 ? bySource : stream.compareTo(other.stream);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof StreamId id && name.equals(id.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** Wire form {@code source/stream}. */
    @Override
    public String toString() {
        return name;
    }
}
