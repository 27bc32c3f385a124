package io.yimen.pool.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of runs, newest first.
 *
 * @param nextCursor goes on with older runs; {@code null} on the last page
 */
public record RunPage(List<Run> runs, @Nullable String nextCursor) {
    public RunPage {
        runs = List.copyOf(runs);
    }
}
