package io.yimen.pool.correction;

import io.yimen.pool.claim.RecordRef;
import java.util.List;
import java.util.Set;

/**
 * An accepted correction as it bears on the claims of an entity.
 *
 * @param id its number; of two that speak of one field of one entity the greater one is published
 * @param field index of the field in its type
 * @param value what is right, sealed where the field is sensitive; empty: there is nothing
 * @param known values of the sources that it was made against, in the same form
 * @param records the source records that it speaks of: it belongs to the entity of the first one that is live
 */
public record Standing(long id, int field, String value, Set<String> known, List<RecordRef> records) {
    public Standing {
        known = Set.copyOf(known);
        records = List.copyOf(records);
    }

    @Override
    public String toString() {
        return "correction " + id;
    }
}
