package io.yimen.pool.correction;

import io.yimen.pool.claim.RecordRef;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a system is told that is wrong in it.
 *
 * @param record the source record
 * @param owner of the source
 * @param says what the source record says now, masked where sensitive
 * @param right what would be right, likewise
 * @param due last working day on which an answer is in time
 * @param answer what its owner said, where he refused
 * @param closedAt when it was fixed, gone or cancelled; with {@code openedAt} it tells how long the source took
 * @param writeBack how far Yimen is with putting it right itself; {@code null} where it is for the owner alone
 */
public record Ticket(
        long id,
        long correction,
        RecordRef record,
        String owner,
        String entityType,
        @Nullable Long entity,
        String title,
        String field,
        @Nullable String says,
        @Nullable String right,
        boolean masked,
        TicketState state,
        Instant openedAt,
        LocalDate due,
        @Nullable String answeredBy,
        @Nullable Instant answeredAt,
        @Nullable String answer,
        @Nullable Instant closedAt,
        @Nullable WriteBack writeBack) {
    @Override
    public String toString() {
        return "ticket " + id;
    }
}
