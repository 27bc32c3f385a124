package io.yimen.hub.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.yimen.hub.Databases;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** How many records wait in quarantine; asked of the pool when metrics are read, not more than every 15 seconds. */
@Singleton
public class QuarantineMeter {
    private static final Duration AGE = Duration.ofSeconds(15);

    private final Databases databases;
    private final Clock clock;
    private double waiting = Double.NaN;
    private Instant until = Instant.EPOCH;

    QuarantineMeter(Databases databases, Clock clock) {
        this.databases = databases;
        this.clock = clock;
    }

    /** Makes it known to the metrics. */
    public void register(MeterRegistry meters) {
        meters.gauge("yimen.quarantine.waiting", this, QuarantineMeter::waiting);
    }

    private synchronized double waiting() {
        if (clock.instant().isAfter(until)) {
            try (Connection connection = databases.serving().getConnection();
                    PreparedStatement select = connection.prepareStatement(
                            "select count(*) from pool.quarantine where status = 'WAITING'");
                    ResultSet row = select.executeQuery()) {
                row.next();
                waiting = row.getLong(1);
            } catch (SQLException e) {
                waiting = Double.NaN;
            }
            until = clock.instant().plus(AGE);
        }
        return waiting;
    }
}
