package io.yimen.hub.operations;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the pool is open, and as long as its database answers. */
@Readiness
@ApplicationScoped
public class PoolHealth implements HealthCheck {
    private final PoolReadiness pool;

    PoolHealth(PoolReadiness pool) {
        this.pool = pool;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("pool").status(pool.isReady()).build();
    }
}
