package io.yimen.pool.steward;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a decision does, or would do, to entities and to what is published of them.
 *
 * @param outcomes one for each entity whose records or values change, by id, new ones last
 */
public record Effect(List<Outcome> outcomes) {
    public Effect {
        outcomes = List.copyOf(outcomes);
    }

    /** What becomes of an entity. */
    public enum Fate {
        /** It stays, with other records or values. */
        CHANGED,
        /** Its id leads to another from now on. */
        MERGED,
        /** It is new. */
        NEW,
        /** None of its records is left. */
        RETIRED
    }

    /**
     * One entity.
     *
     * @param id its id; of a new one in a preview 0
     * @param into of a merged one where its id leads
     * @param recordsBefore number of source records before
     * @param recordsAfter number of source records after
     * @param values what is published otherwise, in the model's order
     */
    public record Outcome(
            long id,
            String entityType,
            Fate fate,
            @Nullable Long into,
            String title,
            int recordsBefore,
            int recordsAfter,
            List<ValueChange> values) {
        public Outcome {
            values = List.copyOf(values);
        }

        @Override
        public String toString() {
            return fate + " " + entityType + "/" + id;
        }
    }

    /**
     * A published value that changes.
     *
     * @param before masked where sensitive; {@code null} where there was none
     * @param after masked where sensitive; {@code null} where there is none
     */
    public record ValueChange(
            String field, @Nullable String before, @Nullable String after) {
        @Override
        public String toString() {
            return field + " changes";
        }
    }
}
