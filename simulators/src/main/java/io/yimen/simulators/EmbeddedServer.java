package io.yimen.simulators;

/** A server of one's own, in a process of its own, that may end while somebody counts on it. */
public interface EmbeddedServer extends AutoCloseable {
    /** Whether its process lives. */
    boolean isRunning();

    /** The end of its log, for a person. */
    String lastWords();

    /** Stops it. */
    @Override
    void close();
}
