package io.yimen.connectors.extract;

import io.yimen.pool.claim.Batch;

/** Where batches go: a Camel route, or the pool itself. */
@FunctionalInterface
public interface Sink {
    /**
     * Returns when the batch is durable. Called by one thread at a time.
     *
     * @throws io.yimen.pool.PoolException {@code RETRY} if the same batch may be handed over again; any other
     *     exception fails the run, and nothing of the batch has happened
     */
    void accept(Batch batch);
}
