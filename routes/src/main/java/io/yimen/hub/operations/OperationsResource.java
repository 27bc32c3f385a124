package io.yimen.hub.operations;

import io.yimen.api.OperationsApi;
import io.yimen.api.model.RunPage;
import io.yimen.api.model.SourceList;
import io.yimen.api.model.Summary;
import io.yimen.hub.access.Caller;
import io.yimen.hub.publish.Outbox;
import io.yimen.pool.ledger.Runs;
import io.yimen.pool.ledger.Summaries;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** How the systems are doing: for officers. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class OperationsResource implements OperationsApi {
    private final Runs runs;
    private final Summaries summaries;
    private final Outbox outbox;
    private final Caller caller;
    private final Wire wire;

    OperationsResource(Runs runs, Summaries summaries, Outbox outbox, Caller caller, PoolModel model) {
        this.runs = runs;
        this.summaries = summaries;
        this.outbox = outbox;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public SourceList listSources() {
        return new SourceList()
                .sources(runs.sources(caller.account().login()).stream()
                        .map(wire::from)
                        .toList());
    }

    @Override
    public RunPage listRuns(@Nullable String source, @Nullable String cursor, Integer limit) {
        return Wire.from(runs.list(caller.account().login(), source, cursor, limit));
    }

    @Override
    @RolesAllowed({"worker", "officer", "admin"})
    public Summary getSummary() {
        return wire.from(summaries.get(caller.scope())).published(outbox.isOn() ? outbox.published() : null);
    }
}
