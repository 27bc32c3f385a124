package io.yimen.hub.operations;

import static io.yimen.hub.ledger.Wire.at;
import static io.yimen.hub.ledger.Wire.atOrNull;

import io.yimen.api.model.AccessState;
import io.yimen.api.model.EntityCount;
import io.yimen.api.model.RunStatus;
import io.yimen.api.model.Source;
import io.yimen.api.model.SourceAccess;
import io.yimen.api.model.Stream;
import io.yimen.api.model.StreamCounts;
import io.yimen.connectors.Access;
import io.yimen.connectors.ConnectorState;
import io.yimen.hub.ingest.Ingest;
import io.yimen.pool.approval.Approval;
import io.yimen.pool.ledger.Run;
import io.yimen.pool.ledger.RunPage;
import io.yimen.pool.ledger.SourceOverview;
import io.yimen.pool.ledger.Summary;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Reread;
import java.util.List;

/** The one hop from runs and sources to the contract's records. */
public final class Wire {
    private final PoolModel model;

    Wire(PoolModel model) {
        this.model = model;
    }

    Source from(SourceOverview source) {
        return new Source()
                .id(source.id())
                .title(source.title())
                .titleEn(source.titleEn())
                .owner(source.owner())
                .streams(source.streams().stream().map(this::from).toList())
                .quarantined(source.quarantined())
                .offsetAt(atOrNull(source.offsetAt()))
                .lastRun(source.lastRun() == null ? null : from(source.lastRun()));
    }

    /** A source whose connector has not brought anything yet. */
    static Source from(String id, Ingest.Known connector) {
        return with(
                new Source()
                        .id(id)
                        .title(connector.system().title())
                        .titleEn(connector.system().titleEn())
                        .owner(connector.system().owner())
                        .streams(List.of())
                        .quarantined(0L),
                connector);
    }

    /** The source with how far its connector may go and how it is doing. */
    static Source with(Source source, Ingest.Known connector) {
        Access access = connector.access();
        Approval approval = access.approval();
        SourceAccess told = new SourceAccess()
                .state(AccessState.fromValue(access.state().name()))
                .waiting(access.waiting());
        if (approval != null) {
            told.until(atOrNull(approval.until()))
                    .approvedBy(approval.approvedBy())
                    .approvedAt(at(approval.approvedAt()));
        }
        return source.kind(connector.kind())
                .access(told)
                .error(connector
                        .state()
                        .filter(s -> s.phase() == ConnectorState.Phase.BACKING_OFF)
                        .flatMap(ConnectorState::error)
                        .orElse(null));
    }

    private Stream from(SourceOverview.Stream stream) {
        return new Stream()
                .stream(stream.stream())
                        .ledger(model.getType(stream.entityType()).ledger())
                        .trust(stream.trust())
                        .records(stream.records());
    }

    static io.yimen.api.model.RunPage from(RunPage page) {
        return new io.yimen.api.model.RunPage()
                .runs(page.runs().stream().map(Wire::from).toList())
                .nextCursor(page.nextCursor());
    }

    /** A run. */
    public static io.yimen.api.model.Run from(Run run) {
        return new io.yimen.api.model.Run()
                .id(Long.toString(run.id()))
                .source(run.source())
                .feed(run.feed())
                .kind(run.kind())
                .status(RunStatus.fromValue(run.status().name()))
                .expected(run.expected())
                .startedAt(at(run.startedAt()))
                .updatedAt(at(run.updatedAt()))
                .endedAt(atOrNull(run.endedAt()))
                .message(run.message())
                .counts(run.counts().entrySet().stream()
                        .map(e -> from(e.getKey(), e.getValue()))
                        .toList());
    }

    /** A wish to read again. */
    static io.yimen.api.model.Reread from(Reread wish) {
        return new io.yimen.api.model.Reread()
                .id(Long.toString(wish.id()))
                .source(wish.source())
                .streams(List.copyOf(wish.streams()))
                .askedBy(wish.askedBy())
                .askedAt(at(wish.askedAt()));
    }

    /** What became of the records of a stream. */
    public static StreamCounts from(String stream, Counts counts) {
        return new StreamCounts()
                .stream(stream)
                        .read(counts.read())
                        .applied(counts.applied())
                        .unchanged(counts.unchanged())
                        .stale(counts.stale())
                        .quarantined(counts.quarantined())
                        .withheld(counts.withheld());
    }

    io.yimen.api.model.Summary from(Summary summary) {
        return new io.yimen.api.model.Summary()
                .entities(summary.entities().entrySet().stream()
                        .map(e -> new EntityCount()
                                .type(e.getKey())
                                .ledger(model.getType(e.getKey()).ledger())
                                .count(e.getValue()))
                        .toList())
                .sourceRecords(summary.sourceRecords())
                .mergedRecords(summary.mergedRecords())
                .mergedInto(summary.mergedInto())
                .lastChange(summary.lastChange());
    }
}
