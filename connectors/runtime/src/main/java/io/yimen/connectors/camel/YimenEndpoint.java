package io.yimen.connectors.camel;

import io.yimen.connectors.Connectors;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One connector as a Camel endpoint. */
public final class YimenEndpoint extends DefaultEndpoint {
    private final String connector;
    private final Connectors connectors;

    YimenEndpoint(String uri, YimenComponent component, String connector, Connectors connectors) {
        super(uri, component);
        this.connector = connector;
        this.connectors = connectors;
    }

    /** Id of the connector that it reads with. */
    public String connector() {
        return connector;
    }

    Connectors connectors() {
        return connectors;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("yimen: reads from source systems; nothing can be sent to it");
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        YimenConsumer consumer = new YimenConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }
}
