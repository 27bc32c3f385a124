package io.yimen.testkit;

import io.yimen.connectors.Connector;
import io.yimen.connectors.extract.Session;
import io.yimen.connectors.extract.Stop;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A session that is passed through as it is; tests override what they break. */
class Tampered implements Session {
    private final Session session;

    Tampered(Session session) {
        this.session = session;
    }

    @Override
    public Connector connector() {
        return session.connector();
    }

    @Override
    public boolean isOnce() {
        return session.isOnce();
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
        session.complete(message);
    }

    @Override
    public void fail(String message) {
        session.fail(message);
    }

    @Override
    public void waiting() {
        session.waiting();
    }

    @Override
    public void notice(String message) {
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
