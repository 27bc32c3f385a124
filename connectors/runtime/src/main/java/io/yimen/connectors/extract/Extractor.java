package io.yimen.connectors.extract;

/**
 * Reads one source system. Made once for a connector and called by one thread at a time; what it must not forget over
 * a restart is the offset in its batches, everything else it may lose.
 */
public interface Extractor {
    /**
     * Reads from the offset that the pool has committed and hands over batches; each call of {@link Session#apply}
     * returns when its batch is durable, and only then may the source be told.
     *
     * <p>Returns when the session is stopped or, if {@link Session#isOnce}, when it has caught up; throws
     * {@link io.yimen.connectors.ConnectorException} for what went wrong with the source, and lets through what
     * {@link Session} throws. After any of these it may be called again.
     */
    void run(Session session) throws InterruptedException;

    /**
     * Looks at the source without taking anything from it and without leaving a trace in it: whether it is reached and
     * has what the manifest names. What it sees goes to {@link Session#notice} and, as far as it reads records, to
     * {@link Session#apply}, which asks to stop after the first batch.
     *
     * <p>Kinds whose reading leaves something behind in the source, as a place in its log, override it.
     *
     * @throws io.yimen.connectors.ConnectorException what is wrong, and what to do
     */
    default void inspect(Session session) throws InterruptedException {
        run(session);
    }
}
