package io.yimen.pool.steward;

import io.yimen.pool.claim.RecordRef;
import java.util.List;

/**
 * What a steward proposes.
 *
 * @param action what is to be done
 * @param entities entities as the steward saw them: of MERGE two or more, of NOT_DUPLICATE two, else one
 * @param records source records: of SPLIT, LINK and UNLINK one or more, else none
 * @param reason why, in the steward's words; 1 to 1000 characters
 */
public record Proposal(Action action, List<Seen> entities, List<RecordRef> records, String reason) {
    /**
     * An entity in the version that somebody looked at.
     *
     * @param version 0 where any version will do
     */
    public record Seen(long id, long version) {}

    public Proposal {
        entities = List.copyOf(entities);
        records = List.copyOf(records);
    }

    /** Without the reason, which may name people. */
    @Override
    public String toString() {
        return action + " of " + entities.size() + " entities";
    }
}
