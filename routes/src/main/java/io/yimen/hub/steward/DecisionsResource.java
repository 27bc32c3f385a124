package io.yimen.hub.steward;

import io.yimen.api.DecisionsApi;
import io.yimen.api.model.Decided;
import io.yimen.api.model.DecisionPage;
import io.yimen.api.model.DecisionRequest;
import io.yimen.api.model.IdentityEffect;
import io.yimen.api.model.Proposal;
import io.yimen.api.model.WithdrawalRequest;
import io.yimen.hub.access.Caller;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.Stewardship;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** What stewards decide about identity, and what it would do. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class DecisionsResource implements DecisionsApi {
    /** Nobody has a reason yet when he or she looks at the effect; nothing of it is kept. */
    private static final String ONLY_LOOKING = "preview";

    private final Stewardship stewardship;
    private final Caller caller;
    private final Wire wire;

    DecisionsResource(Stewardship stewardship, Caller caller, PoolModel model) {
        this.stewardship = stewardship;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public DecisionPage listDecisions(@Nullable String entity, @Nullable String cursor, Integer limit) {
        return wire.from(
                stewardship.decisions(caller.scope(), entity == null ? null : Long.valueOf(entity), cursor, limit));
    }

    @Override
    public IdentityEffect previewDecision(Proposal proposal) {
        return wire.from(stewardship.preview(caller.scope(), Wire.to(proposal, ONLY_LOOKING)));
    }

    @Override
    public Decided decide(DecisionRequest request) {
        return wire.from(stewardship.decide(caller.scope(), Wire.to(request.getProposal(), request.getReason())));
    }

    @Override
    public IdentityEffect previewWithdrawal(String id) {
        return wire.from(stewardship.previewWithdrawal(caller.scope(), Long.parseLong(id)));
    }

    @Override
    public Decided withdrawDecision(String id, WithdrawalRequest request) {
        return wire.from(stewardship.withdraw(caller.scope(), Long.parseLong(id), request.getReason()));
    }
}
