package io.yimen.pool.ledger;

import io.yimen.pool.run.Outcome;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of records that could not be applied, newest first; without their raw form.
 *
 * @param nextCursor goes on with older ones; {@code null} on the last page
 */
public record QuarantinePage(List<Item> items, @Nullable String nextCursor) {
    public QuarantinePage {
        items = List.copyOf(items);
    }

    /** What is to become of it; stored by name. */
    public enum Status {
        WAITING,
        /** A newer observation of the same record was applied. */
        SUPERSEDED,
        REPLAYED,
        DISCARDED
    }

    /**
     * One record.
     *
     * @param reason stable code
     * @param field source field at fault, if one is
     * @param message what failed and what to do, without the value
     * @param outcome what the last replay came to; {@code null} if there was none
     * @param replay the run of the last replay
     * @param decidedAt when it was last replayed or discarded
     */
    public record Item(
            long id,
            String source,
            String sourceTitle,
            String stream,
            String key,
            String position,
            String reason,
            @Nullable String field,
            String message,
            Status status,
            Instant at,
            @Nullable Outcome outcome,
            @Nullable Long replay,
            @Nullable Instant decidedAt,
            @Nullable String decidedBy,
            @Nullable String decidedWhy) {}
}
