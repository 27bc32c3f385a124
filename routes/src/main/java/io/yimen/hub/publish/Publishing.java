package io.yimen.hub.publish;

import jakarta.inject.Singleton;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;

/** The route that keeps the outbox moving. */
@Singleton
public final class Publishing extends RouteBuilder {
    static final String ROUTE = "publish";

    private final CamelContext camel;
    private final Outbox outbox;

    Publishing(CamelContext camel, Outbox outbox) {
        this.camel = camel;
        this.outbox = outbox;
    }

    @Override
    public void configure() {
        from("timer:outbox?period=1").routeId(ROUTE).process(exchange -> outbox.drain());
    }

    /** Publishes from now on, if there is where to. */
    public void start() throws Exception {
        if (outbox.isOn()) {
            camel.addRoutes(this);
        }
    }

    /** Ends publishing; what is not acknowledged is sent again after the next start. */
    public void stop() throws Exception {
        if (outbox.isOn()) {
            outbox.stop();
            camel.getRouteController().stopRoute(ROUTE);
            outbox.close();
        }
    }
}
