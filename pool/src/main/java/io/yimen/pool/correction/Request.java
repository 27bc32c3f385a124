package io.yimen.pool.correction;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants put right.
 *
 * @param entityType type of the entity
 * @param id of the entity
 * @param version that the person looked at; only what changed in the same field since is a conflict. 0: whatever it is
 * @param field canonical field name; no reference
 * @param value what is right; {@code null}: there is nothing
 * @param reason 1 to 1000 characters
 * @param expires last day on which it holds; {@code null}: for good
 * @param evidence files that show it
 */
public record Request(
        String entityType,
        long id,
        long version,
        String field,
        @Nullable String value,
        String reason,
        @Nullable LocalDate expires,
        List<Evidence> evidence) {
    public Request {
        evidence = List.copyOf(evidence);
    }

    @Override
    public String toString() {
        return "correction of " + entityType + " " + id + " " + field;
    }
}
