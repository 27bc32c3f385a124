package io.yimen.hub.operations;

import io.yimen.api.HealthApi;
import io.yimen.api.model.Health;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** Whether the hub is there, for those who may know nothing else. */
@ApplicationScoped
@PermitAll
public class HealthResource implements HealthApi {
    private final PoolReadiness pool;

    HealthResource(PoolReadiness pool) {
        this.pool = pool;
    }

    @Override
    public Health getHealth() {
        if (!pool.isReady()) {
            throw new ProblemException(ProblemCode.UNAVAILABLE, "The pool cannot be reached", "Try again")
                    .retryAfter(Duration.ofSeconds(2));
        }
        return new Health().status(Health.StatusEnum.UP);
    }
}
