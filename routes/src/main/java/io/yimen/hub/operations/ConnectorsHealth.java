package io.yimen.hub.operations;

import io.smallrye.health.api.Wellness;
import io.yimen.connectors.ConnectorState;
import io.yimen.hub.ingest.Ingest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** How the connectors are doing, for information: a source that is down does not make the hub unwell. */
@Wellness
@ApplicationScoped
public class ConnectorsHealth implements HealthCheck {
    private final PoolReadiness pool;
    private final Instance<Ingest> ingest;

    ConnectorsHealth(PoolReadiness pool, Instance<Ingest> ingest) {
        this.pool = pool;
        this.ingest = ingest;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("connectors").up();
        if (pool.isReady()) {
            ingest.get().connectors().ifPresent(connectors -> {
                for (ConnectorState state : connectors.states()) {
                    response.withData(state.connector(), text(state));
                }
            });
        }
        return response.build();
    }

    private static String text(ConnectorState state) {
        return state.phase() + state.error().map(error -> ": " + error).orElse("");
    }
}
