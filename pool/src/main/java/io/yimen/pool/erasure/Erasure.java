package io.yimen.pool.erasure;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to erase somebody, and what became of it. What was erased is not in here.
 *
 * @param entity whose id it is; it stays, and leads nowhere any more
 * @param ground code of the legal ground, see {@link ErasureRules}
 * @param reason in words; {@code null} once it is done, for it may name somebody
 * @param extent of one that was done
 * @param kept of a partial one: the fields that a law says to keep
 * @param holds codes of the rules that say so
 * @param counts of one that was done: how many rows went, by store
 */
public record Erasure(
        long id,
        long entity,
        String entityType,
        String ground,
        @Nullable String reason,
        State state,
        @Nullable Extent extent,
        List<String> kept,
        List<String> holds,
        Map<String, Long> counts,
        Act requested,
        @Nullable Act decided,
        @Nullable Act lifted) {

    /** Who did something, and when. */
    public record Act(String actor, Instant at) {}

    public Erasure {
        kept = List.copyOf(kept);
        holds = List.copyOf(holds);
        counts = Map.copyOf(counts);
    }

    @Override
    public String toString() {
        return "erasure " + id;
    }
}
