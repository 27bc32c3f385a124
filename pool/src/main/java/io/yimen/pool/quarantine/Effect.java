package io.yimen.pool.quarantine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replayed record changed in one entity.
 *
 * @param operation as the change log names it
 * @param id the entity's; one that a dry run created gets another id when it is created indeed
 * @param redirectTo of a merged entity: where it leads now
 * @param differences of its published values, in the model's order
 */
public record Effect(
        String operation,
        long id,
        String entityType,
        String title,
        @Nullable Long redirectTo,
        List<Difference> differences) {
    public Effect {
        differences = List.copyOf(differences);
    }

    /**
     * A published value that changed; sensitive ones masked, references by their title.
     *
     * @param from {@code null} if there was none
     * @param to {@code null} if there is none now
     */
    public record Difference(
            String field, @Nullable String from, @Nullable String to, boolean masked) {
        @Override
        public String toString() {
            return "difference in " + field;
        }
    }

    @Override
    public String toString() {
        return operation + " " + entityType + "/" + id;
    }
}
