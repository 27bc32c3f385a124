package io.yimen.hub;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.yimen.hub.access.FirstAccounts;
import io.yimen.hub.correction.Sweeping;
import io.yimen.hub.correction.WritingBack;
import io.yimen.hub.ingest.Ingest;
import io.yimen.hub.operations.LogUpkeep;
import io.yimen.hub.operations.PoolReadiness;
import io.yimen.hub.operations.QuarantineMeter;
import io.yimen.hub.publish.Publishing;
import io.yimen.hub.quarantine.Replays;
import io.yimen.hub.sheet.UploadWork;
import io.yimen.pool.Pool;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.erasure.ErasurePolicy;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.camel.CamelContext;
import org.jboss.logging.Logger;

/**
 * Starts the parts in order, and stops what was started in the opposite order: connectors finish the batch at hand
 * before publishing ends, and both end before the connections are closed. The parts are built only here, because
 * building the pool needs its database.
 */
@Singleton
public class Lifecycle {
    private static final Logger LOG = Logger.getLogger(Lifecycle.class);

    private final Databases databases;
    private final PoolReadiness readiness;
    private final QuarantineMeter quarantine;
    private final MeterRegistry meters;
    private final CamelContext camel;
    private final Instance<Policy> policy;
    private final Instance<ErasurePolicy> erasurePolicy;
    private final Instance<Pool> pool;
    private final Instance<FirstAccounts> firstAccounts;
    private final Instance<Accounts> accounts;
    private final Instance<Ingest> ingest;
    private final Instance<Publishing> publishing;
    private final Instance<Replays> replays;
    private final Instance<Sweeping> sweeping;
    private final Instance<WritingBack> writingBack;
    private final Instance<UploadWork> uploads;
    private final Instance<LogUpkeep> upkeep;
    private final ConcurrentLinkedDeque<AutoCloseable> started = new ConcurrentLinkedDeque<>();
    /** Guarded by {@code started}. */
    private boolean stopping;

    Lifecycle(
            Databases databases,
            PoolReadiness readiness,
            QuarantineMeter quarantine,
            MeterRegistry meters,
            CamelContext camel,
            Instance<Policy> policy,
            Instance<ErasurePolicy> erasurePolicy,
            Instance<Pool> pool,
            Instance<FirstAccounts> firstAccounts,
            Instance<Accounts> accounts,
            Instance<Ingest> ingest,
            Instance<Publishing> publishing,
            Instance<Replays> replays,
            Instance<Sweeping> sweeping,
            Instance<WritingBack> writingBack,
            Instance<UploadWork> uploads,
            Instance<LogUpkeep> upkeep) {
        this.databases = databases;
        this.readiness = readiness;
        this.quarantine = quarantine;
        this.meters = meters;
        this.camel = camel;
        this.policy = policy;
        this.erasurePolicy = erasurePolicy;
        this.pool = pool;
        this.firstAccounts = firstAccounts;
        this.accounts = accounts;
        this.ingest = ingest;
        this.publishing = publishing;
        this.replays = replays;
        this.sweeping = sweeping;
        this.writingBack = writingBack;
        this.uploads = uploads;
        this.upkeep = upkeep;
    }

    /** Opens the pool, lets requests in, then starts the connectors and publishing. */
    void start() throws Exception {
        // What is configured wrongly is said before anything is waited for.
        policy.get();
        erasurePolicy.get().rules();
        databases.await();
        step(() -> started.push(pool.get()));
        step(() -> {
            firstAccounts.get().create();
            started.push(accounts.get().remember());
            readiness.opened();
            quarantine.register(meters);
        });
        step(() -> {
            // A main class of one's own starts Camel itself.
            started.push(camel::stop);
            camel.start();
        });
        step(() -> {
            Publishing outgoing = publishing.get();
            started.push(outgoing::stop);
            outgoing.start();
        });
        step(() -> {
            started.push(replays.get()::stop);
            UploadWork work = uploads.get();
            started.push(work::stop);
            work.resume();
        });
        step(() -> {
            Sweeping sweeper = sweeping.get();
            started.push(sweeper::stop);
            sweeper.start();
        });
        step(() -> {
            LogUpkeep keeper = upkeep.get();
            started.push(keeper::stop);
            keeper.start();
        });
        step(() -> {
            Ingest incoming = ingest.get();
            started.push(incoming::stop);
            incoming.start();
            WritingBack writer = writingBack.get();
            started.push(writer::stop);
            incoming.connectors().ifPresent(connectors -> writer.start(connectors, incoming::mayRun));
        });
    }

    /** Part of the start. */
    private interface Step {
        void run() throws Exception;
    }

    /**
     * Takes one step of the start, unless the hub is told to stop before it is up, as happens when somebody stops it as
     * soon as it answers: a part is never started beside the stop, which would wait for it for ever.
     */
    private void step(Step step) throws Exception {
        synchronized (started) {
            if (!stopping) {
                step.run();
            }
        }
    }

    void stop(@Observes ShutdownEvent event) {
        synchronized (started) {
            stopping = true;
        }
        for (AutoCloseable part = started.poll(); part != null; part = started.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("A part of the hub did not stop in order", e);
            }
        }
        LOG.info("Yimen has stopped");
    }
}
