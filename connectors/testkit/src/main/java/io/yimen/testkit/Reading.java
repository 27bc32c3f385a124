package io.yimen.testkit;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.extract.Session;
import io.yimen.connectors.extract.Sink;
import io.yimen.connectors.extract.Stop;
import io.yimen.pool.Pool;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One read of a source until it is caught up with, or has sent all.
 *
 * @param failure what it ended with; null if it ended well
 * @param said notices and failures that the connector told of, in their order
 */
record Reading(@Nullable Throwable failure, List<String> said) {
    private static final Duration LONGEST = Duration.ofSeconds(90);

    static Reading of(Connector connector, Extractor extractor, Optional<Sending> sending, Pool pool, Sink sink)
            throws InterruptedException {
        ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        var unused = ConnectorRun.once(
                                connector,
                                session -> extractor.run(new Listening(session, sending, said)),
                                pool,
                                sink,
                                Clock.systemUTC());
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                },
                "kit-" + connector.id());
        thread.setDaemon(true);
        thread.start();
        try {
            done.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
            return new Reading(null, List.copyOf(said));
        } catch (TimeoutException e) {
            thread.interrupt();
            return new Reading(
                    new CheckFailed("the read did not come to an end within " + LONGEST.toSeconds() + " s"),
                    List.copyOf(said));
        } catch (ExecutionException e) {
            return new Reading(e.getCause(), List.copyOf(said));
        }
    }

    /** Whether it failed the way that a connector may: with an error that says what to do. */
    boolean isFailedInOrder() {
        return failure instanceof ConnectorException;
    }

    /** Everything that was said, the failure included. */
    String text() {
        return String.join("; ", said) + "; " + why();
    }

    /** Why it failed. */
    String why() {
        Throwable thrown = failure;
        if (thrown == null) {
            return "no failure";
        }
        return thrown instanceof ConnectorException || thrown instanceof CheckFailed
                ? String.valueOf(thrown.getMessage())
                : thrown.toString();
    }

    /** Hears what is said in a session. */
    private record Listening(Session session, Optional<Sending> sending, ConcurrentLinkedQueue<String> said)
            implements Session {
        @Override
        public Connector connector() {
            return session.connector();
        }

        @Override
        public boolean isOnce() {
            return session.isOnce() && !sending.map(Sending::sendMore).orElse(false);
        }

        @Override
        public Stop stop() {
            return session.stop();
        }

        @Override
        public Clock clock() {
            return session.clock();
        }

        @Override
        public Optional<String> findOffset() {
            return session.findOffset();
        }

        @Override
        public void openRun(String kind, OptionalLong expected) {
            session.openRun(kind, expected);
        }

        @Override
        public void expect(long records) {
            session.expect(records);
        }

        @Override
        public void live() {
            session.live();
        }

        @Override
        public void complete(@Nullable String message) {
            if (message != null) {
                said.add(message);
            }
            session.complete(message);
        }

        @Override
        public void fail(String message) {
            said.add(message);
            session.fail(message);
        }

        @Override
        public void waiting() {
            session.waiting();
        }

        @Override
        public void notice(String message) {
            said.add(message);
            session.notice(message);
        }

        @Override
        public List<Outcome> apply(
                @Nullable String offset,
                List<ChangeEvent> events,
                List<Rejected> rejected,
                List<CompleteSet> completeSets) {
            return session.apply(offset, events, rejected, completeSets);
        }
    }
}
