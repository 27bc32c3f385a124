package io.yimen.hub;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalConnectionPoolConfigurationSupplier;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.yimen.hub.config.HubConfig;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.postgresql.Driver;

/**
 * Connections to the pool's database: those that serve requests and those that apply batches do not compete. A
 * connection that the database has dropped is noticed when it is borrowed, so the hub outlives a restart of it.
 */
@Singleton
public final class Databases {
    private static final Logger LOG = Logger.getLogger(Databases.class);
    /** After so long at rest a connection for reading is tried before it is used. */
    private static final Duration TRUSTED = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final HubConfig.Pool config;
    private final Clock clock;
    private final AgroalDataSource serving;
    private final AgroalDataSource reading;
    private final AgroalDataSource applying;
    private final CountDownLatch closed = new CountDownLatch(1);

    Databases(HubConfig config, Clock clock) throws SQLException {
        this.config = config.pool();
        this.clock = clock;
        this.serving = open(16, pool -> pool.validateOnBorrow(true));
        this.reading = open(16, pool -> pool.idleValidationTimeout(TRUSTED).exceptionSorter(e -> isCut(e)));
        this.applying = open(4, pool -> pool.validateOnBorrow(true));
    }

    private AgroalDataSource open(int connections, UnaryOperator<AgroalConnectionPoolConfigurationSupplier> validation)
            throws SQLException {
        return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool -> validation
                        .apply(pool)
                        .maxSize(connections)
                        .minSize(0)
                        .initialSize(0)
                        .acquisitionTimeout(Duration.ofSeconds(10))
                        .reapTimeout(Duration.ofMinutes(5))
                        .connectionValidator(connection -> isAlive(connection))
                        .connectionFactoryConfiguration(factory -> factory.jdbcUrl(config.jdbcUrl())
                                .connectionProviderClass(Driver.class)
                                .principal(new NamePrincipal(config.username()))
                                .credential(new SimplePassword(config.password().orElse("")))
                                .loginTimeout(Duration.ofSeconds(5))
                                // What PostgreSQL adds to an error may quote the row.
                                .jdbcProperty("logServerErrorDetail", "false")
                                .jdbcProperty("currentSchema", "pool")
                                .jdbcProperty("ApplicationName", "yimen")
                                .jdbcProperty("tcpKeepAlive", "true")
                                .jdbcProperty("reWriteBatchedInserts", "true"))));
    }

    /** Of a connection that the database has dropped; those beside it go as well, for the database drops all at once. */
    private boolean isCut(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        boolean cut = state.startsWith("08") || state.startsWith("57P");
        if (cut) {
            reading.flush(AgroalDataSource.FlushMode.IDLE);
        }
        return cut;
    }

    private static boolean isAlive(Connection connection) {
        try {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    /** For requests. */
    public DataSource serving() {
        return serving;
    }

    /**
     * For reads, which are repeated where a connection turns out to be dropped: one that was in use a moment ago is not
     * tried before it is used.
     */
    public DataSource reading() {
        return reading;
    }

    /** For batches, runs and delivery. */
    public DataSource applying() {
        return applying;
    }

    /** Whether the database answers now. */
    public boolean isReachable() {
        try (Connection connection = serving.getConnection()) {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    /**
     * Waits for a database that is only just starting.
     *
     * @throws StartRefused when it does not let the hub in, or is not there for a minute
     */
    void await() throws InterruptedException {
        Instant until = clock.instant().plus(PATIENCE);
        Properties login = new Properties();
        login.setProperty("user", config.username());
        login.setProperty("password", config.password().orElse(""));
        login.setProperty("loginTimeout", "5");
        boolean told = false;
        while (true) {
            try (Connection connection = new Driver().connect(config.jdbcUrl(), login)) {
                if (connection == null) {
                    throw new StartRefused(
                            "yimen.pool.jdbc-url is not of the form jdbc:postgresql://host:port/database");
                }
                return;
            } catch (SQLException e) {
                String state = e.getSQLState() == null ? "" : e.getSQLState();
                if (state.startsWith("28")) {
                    throw new StartRefused(
                            "yimen.pool.username, yimen.pool.password: the pool's database refuses them. Correct them");
                }
                if (state.equals("3D000")) {
                    throw new StartRefused(
                            "yimen.pool.jdbc-url: there is no such database. Create it, or correct the key");
                }
                if (clock.instant().isAfter(until)) {
                    throw new StartRefused("yimen.pool.jdbc-url: no database answers there (SQL state " + state
                            + "). Start it, or correct the key");
                }
                if (!told) {
                    LOG.info("Waiting for the pool's database");
                    told = true;
                }
                if (closed.await(1, TimeUnit.SECONDS)) {
                    return;
                }
            }
        }
    }

    @PreDestroy
    void close() {
        closed.countDown();
        serving.close();
        reading.close();
        applying.close();
    }
}
