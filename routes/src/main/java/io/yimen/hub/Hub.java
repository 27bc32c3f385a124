package io.yimen.hub;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.vertx.http.HttpServer;
import io.yimen.hub.access.FirstAccounts;
import io.yimen.hub.config.ConfigCheck;
import io.yimen.hub.ingest.Ingest;
import io.yimen.hub.operations.PoolReadiness;
import io.yimen.hub.operations.QuarantineMeter;
import io.yimen.hub.publish.Publishing;
import io.yimen.pool.Pool;
import io.yimen.pool.PoolException;
import jakarta.enterprise.inject.Instance;
import org.apache.camel.CamelContext;
import org.jboss.logging.Logger;

/**
 * The hub's process. By the time {@link #run} is called HTTP is up and answers 503; the pool is opened, then the
 * connectors start, and at the end all stops in the opposite order.
 */
@QuarkusMain
public class Hub implements QuarkusApplication {
    /** The configuration is wrong, or what it names is not there. */
    static final int MISCONFIGURED = 2;

    private static final Logger LOG = Logger.getLogger(Hub.class);

    private final Databases databases;
    private final PoolReadiness readiness;
    private final HttpServer http;
    private final CamelContext camel;
    private final QuarantineMeter quarantine;
    private final MeterRegistry meters;
    private final Instance<FirstAccounts> firstAccounts;
    private final Instance<Pool> pool;
    private final Instance<Ingest> ingest;
    private final Instance<Publishing> publishing;

    Hub(
            Databases databases,
            PoolReadiness readiness,
            HttpServer http,
            CamelContext camel,
            QuarantineMeter quarantine,
            MeterRegistry meters,
            Instance<FirstAccounts> firstAccounts,
            Instance<Pool> pool,
            Instance<Ingest> ingest,
            Instance<Publishing> publishing) {
        this.databases = databases;
        this.readiness = readiness;
        this.http = http;
        this.camel = camel;
        this.quarantine = quarantine;
        this.meters = meters;
        this.firstAccounts = firstAccounts;
        this.pool = pool;
        this.ingest = ingest;
        this.publishing = publishing;
    }

    @SuppressWarnings("SystemExitOutsideMain")
    public static void main(String... args) {
        try {
            ConfigCheck.run();
        } catch (StartRefused e) {
            refuse(e);
            System.exit(MISCONFIGURED);
        }
        Quarkus.run(Hub.class, args);
    }

    /** One line a reason; they are read by a person at a terminal, before and without any log. */
    private static void refuse(StartRefused e) {
        e.reasons().forEach(reason -> System.err.println("yimen: cannot start: " + reason));
    }

    @Override
    public int run(String... args) throws Exception {
        try {
            databases.await();
            pool.get();
            firstAccounts.get().create();
            readiness.opened();
            quarantine.register(meters);
            // A main class of one's own starts Camel itself.
            camel.start();
            ingest.get().start();
            publishing.get().start();
        } catch (StartRefused e) {
            refuse(e);
            return MISCONFIGURED;
        } catch (PoolException e) {
            refuse(new StartRefused(String.valueOf(e.getMessage())));
            return e.kind() == PoolException.Kind.CONFIGURATION ? MISCONFIGURED : 1;
        }
        LOG.infof(
                "Yimen is up at %s, management at http://127.0.0.1:%d",
                http.getLocalBaseUri(), http.getManagementPort());
        Quarkus.waitForExit();
        ingest.get().stop();
        publishing.get().stop();
        camel.stop();
        LOG.info("Yimen has stopped");
        return 0;
    }
}
