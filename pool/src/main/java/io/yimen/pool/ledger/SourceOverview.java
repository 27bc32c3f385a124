package io.yimen.pool.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connected system and how it is doing.
 *
 * @param offsetAt when its offset last moved; of several feeds the one that is furthest behind; {@code null} before
 *     the first batch
 * @param quarantined records waiting in quarantine
 */
public record SourceOverview(
        String id,
        String title,
        String titleEn,
        String owner,
        List<Stream> streams,
        @Nullable Instant offsetAt,
        @Nullable Run lastRun,
        long quarantined) {
    public SourceOverview {
        streams = List.copyOf(streams);
    }

    /**
     * One stream of it.
     *
     * @param records live source records
     */
    public record Stream(String stream, String entityType, int trust, long records) {}
}
