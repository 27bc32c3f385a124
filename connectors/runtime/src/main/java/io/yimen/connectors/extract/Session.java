package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.Reread;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One attempt to read a source: what an extractor is given. */
public interface Session {
    Connector connector();

    /** Whether to return after having caught up instead of waiting for more. */
    boolean isOnce();

    Stop stop();

    Clock clock();

    /** The offset that the pool has committed. */
    Optional<String> findOffset();

    /** Which streams somebody wants to be read again; an attempt looks when it begins, a later wish begins another. */
    default List<Reread> rereads() {
        return List.of();
    }

    /**
     * Stores, at once, where reading goes on and that these wishes are fulfilled by that: whoever goes on from there reads
     * what they ask for.
     */
    default void take(List<Reread> wishes, String offset) {
        apply(offset, List.of(), List.of(), List.of());
    }

    /** Opens a run, closing the one that is open; every batch belongs to one. */
    void openRun(String kind, OptionalLong expected);

    /** Tells how many records to expect, once the source has said so. */
    void expect(long records);

    /** The run has caught up and follows its source. */
    void live();

    /** The run has ended well. */
    void complete(@Nullable String message);

    /** The run has ended badly, but the extractor can go on. */
    void fail(String message);

    /** The run has ended and a person has to decide something, but the extractor can go on. */
    default void ask(String message) {
        fail(message);
    }

    /** Nothing to read just now. */
    void waiting();

    /** Tells something that a person should know; shown until the next notice, logged once. */
    void notice(String message);

    /**
     * Hands over a batch of the open run and returns when it is durable; tries again, for as long as it takes, where
     * the pool says that it may.
     *
     * @param offset where to read next; null leaves the stored one
     * @return what became of the events, then of the rejected records; nothing where that is not known here
     */
    List<Outcome> apply(
            @Nullable String offset, List<ChangeEvent> events, List<Rejected> rejected, List<CompleteSet> completeSets);
}
