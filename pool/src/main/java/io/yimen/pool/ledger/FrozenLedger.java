package io.yimen.pool.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ledger as it was handed in: what it is of, and the hash by which its bytes are proved.
 *
 * @param place that it is of, with all below it then; {@code null}: everything
 * @param fields its columns
 * @param asOf as it stood at this instant
 * @param validAt only what held on that day; {@code null}: everything
 * @param rows how many records it has
 * @param sha256 of all its bytes, in hex
 */
public record FrozenLedger(
        long id,
        String entityType,
        @Nullable Reference place,
        List<String> fields,
        boolean clear,
        Instant asOf,
        @Nullable LocalDate validAt,
        String actor,
        String reason,
        Instant at,
        int rows,
        String sha256) {
    public FrozenLedger {
        fields = List.copyOf(fields);
    }

    @Override
    public String toString() {
        return "frozen ledger " + id;
    }

    /**
     * What is to be frozen.
     *
     * @param place {@code null}: everything, for who sees everything
     * @param fields columns, in their order
     * @param clear whether sensitive values stand in clear; {@code purpose} says what for
     * @param asOf {@code null}: now
     */
    public record Request(
            String entityType,
            @Nullable Long place,
            List<String> fields,
            boolean clear,
            @Nullable String purpose,
            @Nullable Instant asOf,
            @Nullable LocalDate validAt,
            String reason) {
        public Request {
            fields = List.copyOf(fields);
        }

        @Override
        public String toString() {
            return "freezing of " + entityType;
        }
    }

    /**
     * Its bytes.
     *
     * @param whole whether they are all that was handed in, byte for byte; else the remainder, which says so in its
     *     first line
     */
    public record Content(FrozenLedger ledger, byte[] bytes, boolean whole) {
        @Override
        public String toString() {
            return "content of " + ledger;
        }
    }

    /** @param nextCursor goes on after the last one; {@code null} on the last page */
    public record Page(List<FrozenLedger> ledgers, @Nullable String nextCursor) {
        public Page {
            ledgers = List.copyOf(ledgers);
        }
    }
}
