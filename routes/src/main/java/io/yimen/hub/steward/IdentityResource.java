package io.yimen.hub.steward;

import io.yimen.api.IdentityApi;
import io.yimen.api.model.EntityIdentity;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.Stewardship;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;

/** Why the source records of an entity are one: for everybody who may see the entity. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class IdentityResource implements IdentityApi {
    private final PoolModel model;
    private final Stewardship stewardship;
    private final Caller caller;

    IdentityResource(PoolModel model, Stewardship stewardship, Caller caller) {
        this.model = model;
        this.stewardship = stewardship;
        this.caller = caller;
    }

    @Override
    public EntityIdentity getIdentity(String ledger, String id) {
        String type = model.findLedger(ledger)
                .orElseThrow(() -> ProblemException.notFound("There is no such ledger"))
                .name();
        return Wire.identity(stewardship.members(caller.scope(), type, Long.parseLong(id)));
    }
}
