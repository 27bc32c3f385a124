package io.yimen.pool.ledger;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A golden record as somebody may see it.
 *
 * @param id entity id
 * @param entityType its type, as the model names it
 * @param version grows by one with every change of what is published or of where it comes from
 * @param status of a record as of an instant: its state then
 * @param redirectedFrom the id that was asked for, where that was merged into this one
 * @param title what a person calls it
 * @param place where it belongs; {@code null} if unknown or outside the scope
 * @param fields values by field, in the model's order; a field without a value is absent
 * @param records live source records behind it now
 * @param updatedAt time of the latest change
 * @param validTime from when to when it holds; {@code null} where records of its type have no such dates
 */
public record LedgerRecord(
        long id,
        String entityType,
        long version,
        RecordStatus status,
        @Nullable Long redirectedFrom,
        String title,
        @Nullable Reference place,
        Map<String, FieldValue> fields,
        int records,
        Instant updatedAt,
        @Nullable ValidTime validTime) {
    public LedgerRecord {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    @Override
    public String toString() {
        return entityType + "/" + id + "@" + version;
    }
}
