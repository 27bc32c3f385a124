package io.yimen.pool.quarantine;

import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one record.
 *
 * @param reason of one that is still quarantined: why
 * @param field of one that is still quarantined: the source field at fault, if one is
 * @param message of one that is stale or still quarantined: what is the matter and what to do
 * @param edited whether the form that was given was taken instead of what was received
 * @param effects what it changed in entities, the first {@value #MOST_EFFECTS}
 * @param allEffects how many there were
 */
public record ReplayedRecord(
        long id,
        StreamId stream,
        String key,
        Position position,
        Outcome outcome,
        @Nullable String reason,
        @Nullable String field,
        @Nullable String message,
        boolean edited,
        List<Effect> effects,
        int allEffects) {
    /** A record that others refer to may stir thousands. */
    public static final int MOST_EFFECTS = 20;

    public ReplayedRecord {
        effects = List.copyOf(effects);
    }

    @Override
    public String toString() {
        return outcome + " " + stream + "@" + position;
    }
}
