package io.yimen.pool.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in quarantine; all that is given must hold.
 *
 * @param key the record's key; a final {@code *} stands for any ending
 * @param since put there then or later
 * @param until put there before
 * @param replay last replayed by this run
 * @param cursor of the page before, or {@code null}
 */
public record QuarantineQuery(
        @Nullable String source,
        @Nullable String stream,
        @Nullable String reason,
        @Nullable String key,
        QuarantinePage.@Nullable Status status,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Long replay,
        @Nullable String cursor,
        int limit) {

    /** All that waits of a source, or of all. */
    public static QuarantineQuery waiting(@Nullable String source, int limit) {
        return new QuarantineQuery(
                source, null, null, null, QuarantinePage.Status.WAITING, null, null, null, null, limit);
    }

    /** The next page of the same. */
    public QuarantineQuery from(String newCursor) {
        return new QuarantineQuery(source, stream, reason, key, status, since, until, replay, newCursor, limit);
    }

    @Override
    public String toString() {
        return "query of quarantine";
    }
}
