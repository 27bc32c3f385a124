package io.yimen.hub.operations;

import io.yimen.api.OperationsApi;
import io.yimen.api.model.ConnectorFault;
import io.yimen.api.model.RunPage;
import io.yimen.api.model.Source;
import io.yimen.api.model.SourceList;
import io.yimen.api.model.Summary;
import io.yimen.hub.access.Caller;
import io.yimen.hub.ingest.Ingest;
import io.yimen.hub.publish.Outbox;
import io.yimen.pool.ledger.Runs;
import io.yimen.pool.ledger.SourceOverview;
import io.yimen.pool.ledger.Summaries;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How the systems are doing: for officers. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class OperationsResource implements OperationsApi {
    private final Runs runs;
    private final Summaries summaries;
    private final Outbox outbox;
    private final Ingest ingest;
    private final Caller caller;
    private final Wire wire;

    OperationsResource(Runs runs, Summaries summaries, Outbox outbox, Ingest ingest, Caller caller, PoolModel model) {
        this.runs = runs;
        this.summaries = summaries;
        this.outbox = outbox;
        this.ingest = ingest;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public SourceList listSources() {
        Map<String, Ingest.Known> known = new TreeMap<>(ingest.known());
        List<Source> sources = new ArrayList<>();
        for (SourceOverview overview : runs.sources(caller.account().login())) {
            Source source = wire.from(overview);
            Ingest.Known connector = known.remove(overview.id());
            sources.add(connector == null ? source : Wire.with(source, connector));
        }
        known.forEach((id, connector) -> sources.add(Wire.from(id, connector)));
        sources.sort(Comparator.comparing(Source::getId));
        return new SourceList()
                .sources(sources)
                .faults(ingest.faults().stream()
                        .map(f -> new ConnectorFault().connector(f.connector()).message(f.message()))
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
