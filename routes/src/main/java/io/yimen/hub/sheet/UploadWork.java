package io.yimen.hub.sheet;

import io.yimen.connectors.sheet.SheetReader;
import io.yimen.connectors.sheet.WorkbookFault;
import io.yimen.hub.access.Authorities;
import io.yimen.hub.http.ProblemCode;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.PoolException;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Upload;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.model.PoolModel;
import jakarta.inject.Singleton;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What goes on with uploads after the request is answered. A workbook that is being read when the hub ends is uploaded
 * once more; one that was being applied goes on where it was at the hub's next start, on the rights that its owner has then.
 */
@Singleton
public class UploadWork {
    private static final Logger LOG = Logger.getLogger(UploadWork.class);
    /** Rows that are checked in one question. */
    private static final int CHECKED = 500;
    /** Rows that are applied in one transaction: others wait for the pool's lock meanwhile. */
    private static final int APPLIED = 200;

    private static final int READ_AT_ONCE = 2;
    private static final int RETRIES = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Uploads uploads;
    private final PoolModel model;
    private final Authorities authorities;
    private final Semaphore reading = new Semaphore(READ_AT_ONCE, true);
    private final Set<Long> applying = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "uploads");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean stopping;

    UploadWork(Uploads uploads, PoolModel model, Authorities authorities, Clock clock) {
        this.uploads = uploads;
        this.model = model;
        this.authorities = authorities;
        Workbooks.tidy(clock.instant());
    }

    /**
     * Takes a workbook in and begins to read its rows.
     *
     * @throws ProblemException if it is none of ours, or the hub reads as many as it can
     */
    Upload receive(Scope by, InputStream body, String name) {
        acquire();
        boolean begun = false;
        try {
            SheetReader reader = Workbooks.receive(body, Uploads.MOST_ROWS + 2);
            try {
                CorrectionSheet sheet = CorrectionSheet.of(reader.next(), model);
                long id = uploads.open(by, sheet.type().name(), sheet.fields(), name);
                threads.execute(() -> read(by, id, reader, sheet));
                begun = true;
                return uploads.find(by, id);
            } catch (WorkbookFault e) {
                throw Workbooks.refused(e);
            } finally {
                if (!begun) {
                    reader.close();
                }
            }
        } finally {
            if (!begun) {
                reading.release();
            }
        }
    }

    private void acquire() {
        try {
            if (reading.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ProblemException(
                        ProblemCode.UNAVAILABLE,
                        READ_AT_ONCE + " workbooks are being read already",
                        "Try again in a moment")
                .retryAfter(PATIENCE);
    }

    private void read(Scope by, long id, SheetReader reader, CorrectionSheet sheet) {
        try (reader) {
            List<UploadRow.Entry> rows = new ArrayList<>();
            for (SheetReader.Row row = reader.next(); row != null && !stopping; row = reader.next()) {
                sheet.entry(row).ifPresent(rows::add);
                if (rows.size() == CHECKED) {
                    uploads.add(by, id, rows);
                    rows.clear();
                }
            }
            if (!rows.isEmpty()) {
                uploads.add(by, id, rows);
            }
            if (!stopping) {
                uploads.close(by, id);
            }
        } catch (WorkbookFault e) {
            refuse(by, id, e.message());
        } catch (PoolException e) {
            LOG.warnf("Upload %d is not read to its end: %s", id, e.getMessage());
            refuse(by, id, "The pool did not take all rows: upload the workbook again");
        } catch (RuntimeException e) {
            LOG.errorf("Upload %d is not read to its end: %s", id, e.getClass().getName());
            refuse(by, id, "The workbook cannot be read: open it in Excel or WPS and save it anew");
        } finally {
            reading.release();
        }
    }

    private void refuse(Scope by, long id, String why) {
        try {
            uploads.refuse(by, id, why);
        } catch (PoolException e) {
            LOG.warnf("Upload %d stays as it is: %s", id, e.getMessage());
        }
    }

    /** Goes on with what was being applied when the hub ended. */
    public void resume() {
        for (Uploads.Begun begun : uploads.begun()) {
            authorities.find(begun.actor()).ifPresent(by -> {
                if (applying.add(begun.upload())) {
                    threads.execute(() -> complete(by, begun.upload()));
                }
            });
        }
    }

    /**
     * Applies the first rows and goes on with the others.
     *
     * @throws PoolException {@code CONFLICT} if it is not checked yet
     */
    Upload apply(Authority by, long id) {
        if (!applying.add(id)) {
            return uploads.find(by.scope(), id);
        }
        boolean begun = false;
        try {
            Upload first = uploads.applyNext(by, id, 1);
            if (first.state() == Upload.State.APPLYING) {
                threads.execute(() -> complete(by, id));
                begun = true;
            }
            return first;
        } finally {
            if (!begun) {
                applying.remove(id);
            }
        }
    }

    private void complete(Authority by, long id) {
        try {
            int failures = 0;
            boolean more = true;
            while (more && !stopping) {
                try {
                    more = uploads.applyNext(by, id, APPLIED).state() == Upload.State.APPLYING;
                    failures = 0;
                } catch (PoolException e) {
                    if (e.kind() != PoolException.Kind.RETRY || ++failures > RETRIES) {
                        throw e;
                    }
                    TimeUnit.SECONDS.sleep(failures);
                }
            }
        } catch (PoolException e) {
            LOG.warnf("Upload %d is applied in part, its owner may go on: %s", id, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            applying.remove(id);
        }
    }

    /** Ends; the rows at hand are finished first. */
    public void stop() throws InterruptedException {
        stopping = true;
        threads.shutdown();
        if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
            threads.shutdownNow();
        }
    }
}
