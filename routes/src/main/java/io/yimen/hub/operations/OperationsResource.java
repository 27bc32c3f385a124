package io.yimen.hub.operations;

import io.quarkus.security.ForbiddenException;
import io.yimen.api.OperationsApi;
import io.yimen.api.model.ConnectorFault;
import io.yimen.api.model.Reread;
import io.yimen.api.model.RereadRequest;
import io.yimen.api.model.RunPage;
import io.yimen.api.model.Source;
import io.yimen.api.model.SourceList;
import io.yimen.api.model.Summary;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import io.yimen.hub.ingest.Ingest;
import io.yimen.hub.publish.Outbox;
import io.yimen.pool.Pool;
import io.yimen.pool.ledger.Runs;
import io.yimen.pool.ledger.SourceOverview;
import io.yimen.pool.ledger.Summaries;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** How the systems are doing: for officers. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class OperationsResource implements OperationsApi {
    private final Runs runs;
    private final Summaries summaries;
    private final Outbox outbox;
    private final Ingest ingest;
    private final Pool pool;
    private final Clock clock;
    private final Caller caller;
    private final Wire wire;

    OperationsResource(
            Runs runs,
            Summaries summaries,
            Outbox outbox,
            Ingest ingest,
            Pool pool,
            Clock clock,
            Caller caller,
            PoolModel model) {
        this.runs = runs;
        this.summaries = summaries;
        this.outbox = outbox;
        this.ingest = ingest;
        this.pool = pool;
        this.clock = clock;
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

    /** A source is no place: for those who see everything. */
    @Override
    @ResponseStatus(202)
    public Reread askReread(String source, RereadRequest request) {
        String actor = caller.account().login();
        if (!caller.scope().everything()) {
            throw new ForbiddenException();
        }
        Connector connector = running(source);
        SortedSet<String> streams;
        try {
            streams = connector.streamsToReread(Objects.requireNonNullElse(request.getStreams(), List.of()));
        } catch (ConnectorException e) {
            String why = String.valueOf(e.getMessage());
            throw e.code().equals("unknown-stream")
                    ? ProblemException.invalid("streams", "is wrong: " + why)
                    : new ProblemException(ProblemCode.CONFLICT, why, "Ask the owner of the source");
        }
        return Wire.from(new io.yimen.pool.run.Reread(
                pool.askReread(source, streams, actor), source, streams, actor, clock.instant()));
    }

    private Connector running(String source) {
        Ingest.Known known = ingest.known().get(source);
        if (known == null) {
            throw ProblemException.notFound("There is no connector of this source");
        }
        return ingest.connectors()
                .flatMap(all -> all.find(source))
                .filter(connector -> ingest.mayRun(source))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.CONFLICT,
                        "The connector of this source does not run; its access is "
                                + known.access().state(),
                        "Have it approved with ./yimen connector approve " + source + ", then ask again"));
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
