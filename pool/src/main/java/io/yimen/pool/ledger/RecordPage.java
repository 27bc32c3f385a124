package io.yimen.pool.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a ledger.
 *
 * @param nextCursor goes on after the last record; {@code null} on the last page
 * @param total records in all, on the first page if asked for; otherwise {@code null}
 */
public record RecordPage(
        List<LedgerRecord> records,
        @Nullable String nextCursor,
        @Nullable Long total) {
    public RecordPage {
        records = List.copyOf(records);
    }
}
