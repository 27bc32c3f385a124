package io.yimen.pool.internal;

import io.yimen.pool.erasure.Erasure;
import io.yimen.pool.erasure.ErasureReads;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.erasure.Preview;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import java.sql.SQLException;
import java.util.List;

/** Where officers have people erased: reads within the scope, acts in the pool's turn. */
public final class ErasureDesk implements Erasures {
    private final ErasureReads reads;
    private final ErasureRules rules;
    private final Turn turn;

    /** The pool's turn to write. */
    public interface Turn {
        /** Work inside the transaction. */
        interface Work<T> {
            T with(ErasureApplication erasures) throws SQLException;
        }

        /** Does it. */
        <T> T act(String what, Work<T> work);

        /** Does it and takes it back; leaves an audit line. */
        <T> T tried(Scope by, String what, Work<T> work);
    }

    public ErasureDesk(ScopedReads reads, ErasureRules rules, Turn turn) {
        this.reads = new ErasureReads(reads);
        this.rules = rules;
        this.turn = turn;
    }

    @Override
    public ErasureRules rules() {
        return rules;
    }

    @Override
    public Erasure request(Scope by, Request request) {
        return find(by, turn.act("take a " + request, e -> e.request(by, request)));
    }

    @Override
    public Preview preview(Scope by, long erasure) {
        ErasureApplication.Result tried = turn.tried(by, "erasure/" + erasure, e -> e.tried(by, erasure));
        return new Preview(
                find(by, erasure),
                tried.token(),
                tried.extent(),
                List.copyOf(tried.kept()),
                tried.holds(),
                tried.counts(),
                tried.referrers(),
                tried.allReferrers());
    }

    @Override
    public Erasure accept(Scope by, long erasure, String token) {
        return act(by, "carry out", erasure, e -> e.accept(by, erasure, token));
    }

    @Override
    public Erasure withdraw(Scope by, long erasure, String reason) {
        return act(by, "withdraw", erasure, e -> e.withdraw(by, erasure, reason));
    }

    @Override
    public Erasure lift(Scope by, long erasure, String reason) {
        return act(by, "lift", erasure, e -> e.lift(by, erasure, reason));
    }

    @Override
    public Page list(Scope scope, Query query) {
        return reads.list(scope, query);
    }

    @Override
    public Erasure find(Scope scope, long erasure) {
        return reads.find(scope, erasure);
    }

    private Erasure act(Scope by, String what, long erasure, Deed deed) {
        turn.act(what + " erasure " + erasure, e -> {
            deed.on(e);
            return erasure;
        });
        return find(by, erasure);
    }

    /** What is done in the pool's turn. */
    private interface Deed {
        void on(ErasureApplication erasures) throws SQLException;
    }
}
