package io.yimen.hub.ingest;

import io.yimen.connectors.Connector;
import io.yimen.connectors.Connectors;
import io.yimen.pool.claim.Batch;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.builder.RouteBuilder;

/**
 * One route a connector, all into the pool. Nothing is retried or swallowed here: what fails goes back to the
 * connector's run, the one place that decides between the same batch again and a later attempt.
 */
final class IngestRoutes extends RouteBuilder {
    static final String GROUP = "ingest";

    private final Connectors connectors;
    private final Apply apply;

    IngestRoutes(Connectors connectors, Apply apply) {
        this.connectors = connectors;
        this.apply = apply;
    }

    @Override
    public void configure() {
        errorHandler(noErrorHandler());
        from("direct:apply").routeId("apply").process(this::apply);
        for (Connector connector : connectors.list()) {
            fromF("kamelet:%s?connector=%s", connector.manifest().kind(), connector.id())
                    .routeId(GROUP + "-" + connector.id())
                    .routeGroup(GROUP)
                    .to("direct:apply");
        }
    }

    private void apply(Exchange exchange) throws InvalidPayloadException {
        apply.apply(exchange.getMessage().getMandatoryBody(Batch.class));
    }
}
