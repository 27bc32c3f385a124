package io.yimen.connectors.extract;

import io.yimen.pool.claim.Batch;
import io.yimen.pool.run.Outcome;
import java.util.List;

/** Where batches go: a Camel route, or the pool itself. */
@FunctionalInterface
public interface Sink {
    /**
     * Returns when the batch is durable. Called by one thread at a time.
     *
     * @return what became of its events, then of its rejected records; nothing where that is not known here
     * @throws io.yimen.pool.PoolException {@code RETRY} if the same batch may be handed over again; any other
     *     exception fails the run, and nothing of the batch has happened
     */
    List<Outcome> accept(Batch batch);
}
