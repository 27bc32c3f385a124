package io.yimen.hub.operations;

import io.yimen.pool.PoolException;
import io.yimen.pool.PostgresPool;
import org.jboss.logging.Logger;

/** Reads the records that recognition keeps in memory when the hub starts, beside all else, and tells how far it is. */
public final class RecordReading {
    private static final Logger LOG = Logger.getLogger(RecordReading.class);

    private RecordReading() {}

    /** Starts it on a thread of its own, which does not keep the hub from stopping. */
    public static void start(PostgresPool pool) {
        pool.ready(
                work -> {
                    Thread thread = new Thread(() -> run(work), "yimen-records");
                    thread.setDaemon(true);
                    thread.start();
                },
                RecordReading::tell);
    }

    private static void run(Runnable work) {
        try {
            work.run();
        } catch (PoolException e) {
            LOG.warn("Records could not be read beside the batches; the first batch of each type reads them", e);
        }
    }

    private static void tell(String entityType, long records, boolean ready) {
        if (ready && records > 0) {
            LOG.infof("%s: ready to recognise among %d records", entityType, records);
        } else if (records > 0) {
            LOG.infof("%s: %d records read", entityType, records);
        }
    }
}
