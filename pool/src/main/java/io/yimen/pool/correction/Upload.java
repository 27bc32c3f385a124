package io.yimen.pool.correction;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A spreadsheet of corrections that somebody uploaded.
 *
 * @param message of {@link State#REFUSED}: why
 * @param rows that were read
 * @param pending rows that would change something, or will
 * @param faulty rows of which something is wrong
 * @param applied rows whose corrections are made
 * @param corrections that were made of them
 * @param updatedAt when it last moved
 */
public record Upload(
        long id,
        String entityType,
        String fileName,
        State state,
        @Nullable String message,
        int rows,
        int pending,
        int faulty,
        int applied,
        int corrections,
        Instant at,
        Instant updatedAt) {
    /** Where an upload stands. */
    public enum State {
        /** Its rows are being read and checked. */
        READING,
        /** All rows are checked; nothing is applied. */
        READY,
        /** Its rows are being applied, one set after the other; goes on from where it was whenever it is asked to. */
        APPLYING,
        /** Nothing is left to apply; what is faulty waits to be mended. */
        APPLIED,
        /** The file is none of ours, or hostile. */
        REFUSED
    }

    @Override
    public String toString() {
        return "upload " + id;
    }
}
