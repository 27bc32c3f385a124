package io.yimen.pool.claim;

import java.util.List;

/**
 * The canonical shape of a stream: every {@link ChangeEvent} of it carries its values in the order of
 * {@link #fields}. Declared to the pool before the first batch, see {@link io.yimen.pool.Pool#declare}.
 *
 * @param id the stream
 * @param entityType the entity type, as the model names it, that each record of the stream speaks of
 * @param fields canonical field names of that type, without repetition, in the order of the values
 * @param trust 0–100; the higher wins where survivorship goes by source rank
 * @param uniqueRecords whether the source promises that no two of the stream's records are the same entity
 * @param deletes how the stream tells that a record is gone
 */
public record StreamShape(
        StreamId id, String entityType, List<String> fields, int trust, boolean uniqueRecords, DeletePolicy deletes) {
    public StreamShape {
        fields = List.copyOf(fields);
        if (trust < 0 || trust > 100) {
            throw new IllegalArgumentException("trust is 0–100, was " + trust + " for " + id);
        }
        if (fields.stream().distinct().count() != fields.size()) {
            throw new IllegalArgumentException("A field is named twice in " + id);
        }
    }
}
