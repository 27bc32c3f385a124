package io.yimen.connectors.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.ConnectorState;
import io.yimen.connectors.Connectors;
import io.yimen.connectors.RecordingPool;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Batch;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YimenComponentIT {
    @TempDir
    Path folder;

    private final RecordingPool pool = new RecordingPool();

    private void drop(String day, int rows) throws Exception {
        StringBuilder text = new StringBuilder("代码,上级代码,名称,级别,城乡分类,经度,纬度,区,街镇\n");
        for (int i = 1; i <= rows; i++) {
            text.append("1101010%05d,110101001000,第%d社区居委会,village,111,116.4,39.9,东城区,东华门街道办事处\n".formatted(i, i));
        }
        Files.writeString(folder.resolve("xzqh-" + day + ".csv"), text, Charset.forName("GB18030"));
        Files.writeString(folder.resolve("xzqh-" + day + ".csv.ok"), Integer.toString(rows));
    }

    @Test
    void kameletSendsBatchesAndAcknowledgesOnlyWhatTheRouteHasTaken() throws Exception {
        drop("20160731", 10);
        Connectors connectors = new Connectors(
                List.of(Catalog.connector("divisions-2016", Map.of("folder", folder.toString(), "interval", "PT0.1S"))),
                pool,
                Clock.systemUTC());
        AtomicInteger attempts = new AtomicInteger();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind("connectors", connectors);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    errorHandler(noErrorHandler());
                    from("kamelet:file-drop?connector=divisions-2016")
                            .routeId("ingest")
                            .process(exchange -> {
                                if (attempts.incrementAndGet() == 1) {
                                    throw new PoolException(PoolException.Kind.RETRY, "away");
                                }
                                if (attempts.get() == 2) {
                                    throw new IllegalStateException("a fault of the route");
                                }
                                pool.apply(exchange.getIn().getBody(Batch.class));
                            });
                }
            });
            context.start();
            await().until(() -> pool.keys("divisions-2016/place").size() == 10);
            await().until(() ->
                    connectors.findState("divisions-2016").orElseThrow().phase() == ConnectorState.Phase.WAITING);
            assertThat(pool.runs()).hasSize(2);

            // The kamelet is a route of its own; it is the one that reads.
            String reading = context.getRoutes().stream()
                    .filter(r -> r.getEndpoint().getEndpointUri().startsWith("yimen:"))
                    .findFirst()
                    .orElseThrow()
                    .getRouteId();
            context.getRouteController().suspendRoute(reading);
            await().until(() ->
                    connectors.findState("divisions-2016").orElseThrow().phase() == ConnectorState.Phase.STOPPED);
            drop("20160801", 11);
            context.getRouteController().resumeRoute(reading);
            await().until(() -> pool.keys("divisions-2016/place").size() == 11);
        }
        assertThat(connectors.findState("divisions-2016").orElseThrow().phase())
                .isEqualTo(ConnectorState.Phase.STOPPED);
    }
}
