package io.yimen.connectors.camel;

import io.yimen.connectors.Connectors;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code yimen:CONNECTOR}, consumer only: reads a source system and sends batches ({@link io.yimen.pool.claim.Batch})
 * down the route. Needs one {@link Connectors} in the registry.
 */
public final class YimenComponent extends DefaultComponent {
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        Connectors connectors = getCamelContext().getRegistry().findSingleByType(Connectors.class);
        if (connectors == null) {
            throw new IllegalStateException("no bean of " + Connectors.class.getName() + " in the registry");
        }
        if (connectors.find(remaining).isEmpty()) {
            throw new IllegalArgumentException("there is no connector " + remaining + " in the catalog");
        }
        return new YimenEndpoint(uri, this, remaining, connectors);
    }
}
