package io.yimen.connectors.camel;

import io.yimen.connectors.ConnectorRun;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.run.ApplyResult;
import io.yimen.pool.run.Outcome;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a connector in a thread of its own. A batch is durable when its exchange comes back without an exception; only
 * then is the source told.
 */
final class YimenConsumer extends DefaultConsumer implements Suspendable {
    private static final Logger LOG = LoggerFactory.getLogger(YimenConsumer.class);
    private static final Duration STOP_TIME = Duration.ofSeconds(60);

    private @Nullable ConnectorRun run;
    private @Nullable Thread thread;

    YimenConsumer(YimenEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
    }

    @Override
    public YimenEndpoint getEndpoint() {
        return (YimenEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        begin();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        begin();
    }

    @Override
    protected void doSuspend() throws Exception {
        end();
        super.doSuspend();
    }

    @Override
    protected void doStop() throws Exception {
        end();
        super.doStop();
    }

    private void begin() {
        if (thread != null) {
            return;
        }
        String connector = getEndpoint().connector();
        ConnectorRun begun = getEndpoint().connectors().run(connector, this::process);
        Thread reading = new Thread(() -> loop(begun), "yimen-" + connector);
        ClassLoader loader = getEndpoint().getCamelContext().getApplicationContextClassLoader();
        reading.setContextClassLoader(loader == null ? getClass().getClassLoader() : loader);
        run = begun;
        thread = reading;
        reading.start();
    }

    private void loop(ConnectorRun begun) {
        try {
            begun.loop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("Connector {} has ended", getEndpoint().connector(), e);
        }
    }

    private void end() throws InterruptedException {
        Thread ending = thread;
        if (ending == null || run == null) {
            return;
        }
        run.stop();
        ending.join(STOP_TIME.toMillis());
        if (ending.isAlive()) {
            LOG.warn(
                    "Connector {} does not stop; it is interrupted",
                    getEndpoint().connector());
            ending.interrupt();
            ending.join(STOP_TIME.toMillis());
        }
        thread = null;
        run = null;
    }

    /** One batch down the route; what the pool said of it, where the route ends with that as its body. */
    private List<Outcome> process(Batch batch) {
        Exchange exchange = createExchange(true);
        exchange.getIn().setBody(batch);
        try {
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception failure = exchange.getException();
        Object said = exchange.getMessage().getBody();
        releaseExchange(exchange, true);
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure != null) {
            throw new IllegalStateException("the route failed", failure);
        }
        return said instanceof ApplyResult result ? result.outcomes() : List.of();
    }
}
