package io.yimen.hub.steward;

import io.yimen.api.RulesApi;
import io.yimen.api.model.RuleApplication;
import io.yimen.api.model.RuleChange;
import io.yimen.api.model.RulePreview;
import io.yimen.api.model.RuleVersion;
import io.yimen.api.model.RuleVersionList;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.RuleBook;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;

/** The rules: read by officers, changed by administrators of everything, for they hold everywhere. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class RulesResource implements RulesApi {
    private final PoolModel model;
    private final RuleBook rules;
    private final Caller caller;
    private final Wire wire;

    RulesResource(PoolModel model, RuleBook rules, Caller caller) {
        this.model = model;
        this.rules = rules;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public RuleVersionList listRules() {
        return new RuleVersionList()
                .versions(rules.versions().stream().map(wire::from).toList());
    }

    @Override
    @RolesAllowed("admin")
    public RulePreview previewRules(RuleChange change) {
        requireEverything();
        return wire.from(rules.preview(to(change)));
    }

    @Override
    @RolesAllowed("admin")
    public RuleVersion applyRules(RuleApplication application) {
        requireEverything();
        return wire.from(
                rules.apply(to(application.getChange()), caller.account().login(), application.getNote()));
    }

    /** A preview shows samples of all places, a version changes all. */
    private void requireEverything() {
        if (!caller.scope().everything()) {
            throw new ProblemException(
                    ProblemCode.FORBIDDEN,
                    "Rules hold everywhere, and the account does not see everything",
                    "Ask an administrator of everything");
        }
    }

    private RuleBook.Change to(RuleChange change) {
        String type = model.findLedger(change.getLedger())
                .orElseThrow(() -> ProblemException.notFound("There is no such ledger"))
                .name();
        return new RuleBook.Change(
                RuleBook.Kind.valueOf(change.getKind().name()),
                type,
                change.getBasedOn(),
                change.getDocument(),
                Boolean.TRUE.equals(change.getLearn()));
    }
}
