package io.yimen.testkit;

/** A source that sends of its own accord, and keeps what was not taken. */
public interface Sending {
    /**
     * Sends the next part of what was not taken yet to what {@link Fixture#extractor} has made last. Called on the
     * read's own thread whenever that has dealt with all that has come.
     *
     * @return false once all was taken: the read is over
     */
    boolean sendMore();

    /** What was taken lately is sent once more. */
    void repeat();
}
