package io.yimen.pool.correction;

import io.yimen.pool.claim.RecordRef;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value that a person put right, as somebody may see it.
 *
 * @param entity the entity that it belongs to now; {@code null} while none of its source records is live
 * @param title what people call the entity
 * @param value what is right, masked where sensitive; {@code null}: there is nothing
 * @param base what was published when it was made, likewise
 * @param masked whether something of the values is hidden
 * @param ended of {@link State#RETIRED}
 * @param source system whose value was published; {@code null} where nobody had one
 * @param against of {@link State#IN_CONFLICT}: what sources say by now; empty where another correction says otherwise
 */
public record Correction(
        long id,
        String entityType,
        @Nullable Long entity,
        String title,
        String field,
        @Nullable String value,
        @Nullable String base,
        boolean masked,
        State state,
        @Nullable End ended,
        Level level,
        @Nullable String source,
        List<Against> against,
        String actor,
        Instant at,
        String reason,
        @Nullable LocalDate expires,
        @Nullable Instant endedAt) {
    public Correction {
        against = List.copyOf(against);
    }

    /**
     * What a source record says that a correction does not know.
     *
     * @param value masked where sensitive
     */
    public record Against(RecordRef record, @Nullable String value) {
        @Override
        public String toString() {
            return "said by " + record;
        }
    }

    /**
     * Something that befell a correction.
     *
     * @param actor {@code yimen} for the pool itself
     * @param what PROPOSED, ACCEPTED, REJECTED, STANDING, IN_CONFLICT, UPHELD or an {@link End}
     */
    public record Event(
            Instant at, String actor, String what, @Nullable String reason) {
        @Override
        public String toString() {
            return what + " by " + actor;
        }
    }

    /** A file that shows it, without its content. */
    public record Exhibit(int number, String name, String mediaType, int size, String actor, Instant at) {
        @Override
        public String toString() {
            return "exhibit " + number;
        }
    }

    /** A correction with all that belongs to it; events oldest first. */
    public record Detail(Correction correction, List<Event> events, List<Exhibit> evidence, List<Ticket> tickets) {
        public Detail {
            events = List.copyOf(events);
            evidence = List.copyOf(evidence);
            tickets = List.copyOf(tickets);
        }
    }

    @Override
    public String toString() {
        return "correction " + id;
    }
}
