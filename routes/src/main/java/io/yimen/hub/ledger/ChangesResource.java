package io.yimen.hub.ledger;

import io.yimen.api.ChangesApi;
import io.yimen.api.model.ChangePage;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.ledger.Changes;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The change feed, as far as the caller may see it. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class ChangesResource implements ChangesApi {
    private final PoolModel model;
    private final Changes changes;
    private final Caller caller;
    private final Wire wire;

    ChangesResource(PoolModel model, Changes changes, Caller caller) {
        this.model = model;
        this.changes = changes;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public ChangePage listChanges(Long after, @Nullable List<String> ledger, Integer limit) {
        Set<String> types =
                ledger == null ? Set.of() : ledger.stream().map(this::type).collect(Collectors.toUnmodifiableSet());
        return wire.from(changes.list(caller.scope(), after, types, limit));
    }

    private String type(String ledger) {
        return model.findLedger(ledger)
                .orElseThrow(() -> ProblemException.invalid("ledger", "names no ledger"))
                .name();
    }
}
