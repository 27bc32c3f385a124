package io.yimen.pool.internal;

import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.IdentityReads;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Stewardship;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where stewards look and decide: reads within the scope, decisions in the pool's turn. */
public final class StewardDesk implements Stewardship {
    private final IdentityReads reads;
    private final Turn turn;

    /** The pool's turn to write. */
    public interface Turn {
        /** Work inside the transaction. */
        interface Work {
            Decided with(DecisionApplication decisions) throws SQLException;
        }

        /** Does it. */
        Decided decide(String what, Work work);

        /** Does it, leaves a line that it was looked at, and takes it back. */
        Decided tried(Scope scope, String what, Work work);
    }

    public StewardDesk(ScopedReads reads, Turn turn) {
        this.reads = new IdentityReads(reads);
        this.turn = turn;
    }

    @Override
    public ReviewPage reviews(Scope scope, ReviewQuery query) {
        return reads.reviews(scope, query);
    }

    @Override
    public ReviewDetail review(Scope scope, long left, long right) {
        return reads.review(scope, left, right);
    }

    @Override
    public List<Member> members(Scope scope, String entityType, long id) {
        return reads.members(scope, entityType, id);
    }

    @Override
    public Effect preview(Scope scope, Proposal proposal) {
        return unnamed(turn.tried(scope, proposal.toString(), d -> d.decide(scope, proposal))
                .effect());
    }

    /** What a preview made new has no id yet. */
    private static Effect unnamed(Effect effect) {
        return new Effect(effect.outcomes().stream()
                .map(o -> o.fate() == Effect.Fate.NEW
                        ? new Effect.Outcome(
                                0,
                                o.entityType(),
                                o.fate(),
                                o.into(),
                                o.title(),
                                o.recordsBefore(),
                                o.recordsAfter(),
                                o.values())
                        : o)
                .toList());
    }

    @Override
    public Decided decide(Scope scope, Proposal proposal) {
        return turn.decide("decide: " + proposal, d -> d.decide(scope, proposal));
    }

    @Override
    public DecisionPage decisions(Scope scope, @Nullable Long entity, @Nullable String after, int limit) {
        return reads.decisions(scope, entity, after, limit);
    }

    @Override
    public Effect previewWithdrawal(Scope scope, long decision) {
        return unnamed(turn.tried(scope, "withdrawal of " + decision, d -> d.withdraw(scope, decision, "preview"))
                .effect());
    }

    @Override
    public Decided withdraw(Scope scope, long decision, String reason) {
        return turn.decide("withdraw decision " + decision, d -> d.withdraw(scope, decision, reason));
    }
}
