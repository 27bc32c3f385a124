package io.yimen.pool.quarantine;

import io.yimen.pool.PoolException;
import io.yimen.pool.claim.ChangeEvent;
import org.jspecify.annotations.Nullable;

/** What became of a raw form. */
public sealed interface Remapped {
    /** It can be normalised now. The event has the record's stream and position; its key may be another. */
    record Read(ChangeEvent event) implements Remapped {
        /**
         * The event, if it is one of that record.
         *
         * @param entityType what the record's stream speaks of
         * @throws PoolException {@code INVALID} if it is of another stream, position or entity type
         */
        public ChangeEvent eventOf(Waiting record, String entityType) {
            if (!event.stream().id().equals(record.stream())
                    || !event.position().equals(record.position())
                    || !event.stream().entityType().equals(entityType)) {
                throw new PoolException(
                        PoolException.Kind.INVALID,
                        "A " + record + " was mapped to another stream, position or entity type than its own: "
                                + "check the manifest of " + record.stream().source());
            }
            return event;
        }
    }

    /**
     * It still cannot.
     *
     * @param reason stable code
     * @param field source field at fault, if one is
     * @param message what failed and what to do, without the value itself
     */
    record Refused(String reason, @Nullable String field, String message) implements Remapped {}
}
