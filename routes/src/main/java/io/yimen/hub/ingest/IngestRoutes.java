package io.yimen.hub.ingest;

import io.yimen.connectors.Connector;
import io.yimen.pool.claim.Batch;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;

/**
 * The route into the pool, and one a connector that leads to it. Nothing is retried or swallowed here: what fails goes
 * back to the connector's run, the one place that decides between the same batch again and a later attempt.
 */
final class IngestRoutes extends RouteBuilder {
    static final String GROUP = "ingest";

    private final Apply apply;

    IngestRoutes(Apply apply) {
        this.apply = apply;
    }

    @Override
    public void configure() {
        errorHandler(noErrorHandler());
        from("direct:apply").routeId("apply").process(this::apply);
    }

    private void apply(Exchange exchange) throws InvalidPayloadException {
        exchange.getMessage().setBody(apply.apply(exchange.getMessage().getMandatoryBody(Batch.class)));
    }

    /** Whether a route is that of a connector. */
    static boolean isOf(Route route, String connector) {
        return route.getId().equals(GROUP + "-" + connector);
    }

    /** The route of one connector. */
    static final class Reading extends RouteBuilder {
        private final Connector connector;
        private final int number;

        /** @param number tells it from the one that the connector had before, which Camel remembers */
        Reading(Connector connector, int number) {
            this.connector = connector;
            this.number = number;
        }

        @Override
        public void configure() {
            errorHandler(noErrorHandler());
            fromF(
                            "kamelet:%s/reading-%s-%d?connector=%s",
                            connector.manifest().kind(), connector.id(), number, connector.id())
                    .routeId(GROUP + "-" + connector.id())
                    .routeGroup(GROUP)
                    .to("direct:apply");
        }
    }
}
