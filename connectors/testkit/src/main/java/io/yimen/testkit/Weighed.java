package io.yimen.testkit;

import io.yimen.connectors.extract.Sink;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.run.Outcome;
import java.util.Collections;
import java.util.List;

/** Takes batches, keeps nothing of them but the offset, and looks now and then at how much memory is in use. */
final class Weighed implements Sink {
    private static final long LOOK_EVERY = 6L << 20;
    private static final int BYTES_A_CHARACTER = 2;

    private final Observed offsets;
    private final long before;
    private long bytes;
    private long records;
    private int largestBatch;
    private long nextLook = LOOK_EVERY;
    private long most;

    /** @param offsets where the offsets are kept */
    Weighed(Observed offsets) {
        this.offsets = offsets;
        this.before = inUse();
    }

    @Override
    public List<Outcome> accept(Batch batch) {
        largestBatch =
                Math.max(largestBatch, batch.events().size() + batch.rejected().size());
        records += batch.events().size();
        for (ChangeEvent event : batch.events()) {
            for (int i = 0; !event.isDeleted() && i < event.stream().fields().size(); i++) {
                String value = event.value(i);
                bytes += value == null ? 0 : (long) value.length() * BYTES_A_CHARACTER;
            }
        }
        if (bytes >= nextLook) {
            nextLook = bytes + LOOK_EVERY;
            most = Math.max(most, inUse() - before);
        }
        var unused =
                offsets.accept(new Batch(batch.run(), batch.feed(), batch.offset(), List.of(), List.of(), List.of()));
        return Collections.nCopies(batch.events().size() + batch.rejected().size(), Outcome.APPLIED);
    }

    private static long inUse() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** What the values weighed that came through. */
    long bytes() {
        return bytes;
    }

    long records() {
        return records;
    }

    int largestBatch() {
        return largestBatch;
    }

    /** The most that was in use over what was in use before. */
    long most() {
        return most;
    }
}
