package io.yimen.pool.correction;

import io.yimen.pool.PoolException;
import io.yimen.pool.ledger.Scope;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where people put values right and follow what becomes of it. Every act is one transaction with what follows from it,
 * and leaves an audit line. What lies outside the scope is answered as if it were not there. Thread-safe.
 */
public interface Corrections {
    /** The days of those who correct. */
    ZoneId ZONE = ZoneId.of("Asia/Shanghai");

    /**
     * Which corrections.
     *
     * @param states empty: all
     * @param entity {@code null}: of all entities
     * @param place only of entities of this place and below; {@code null}: all
     * @param source only of values of this system; {@code null}: all
     * @param after cursor of the page before; {@code null} for the first
     */
    record Query(
            Set<State> states,
            @Nullable Long entity,
            @Nullable Long place,
            @Nullable String source,
            @Nullable String after,
            int limit) {
        public Query {
            states = Set.copyOf(states);
        }
    }

    /** @param next cursor of the next page; {@code null} on the last */
    record Page(List<Correction> corrections, @Nullable String next) {
        public Page {
            corrections = List.copyOf(corrections);
        }
    }

    /** Which tickets; as {@link Query}. */
    record TicketQuery(
            Set<TicketState> states,
            @Nullable String source,
            @Nullable String after,
            int limit) {
        public TicketQuery {
            states = Set.copyOf(states);
        }
    }

    /** @param next cursor of the next page; {@code null} on the last */
    record TicketPage(List<Ticket> tickets, @Nullable String next) {
        public TicketPage {
            tickets = List.copyOf(tickets);
        }
    }

    /** What a sweep found. */
    record Swept(int expired, int escalated) {}

    /**
     * Makes a correction; accepted at once where whoever makes it may accept it.
     *
     * @throws PoolException {@code NOT_FOUND}; {@code FORBIDDEN} if it may be seen only, see {@link #mayCorrect};
     *     {@code INVALID} if field or value are not possible, or are published already; {@code CONFLICT} if the field has
     *     changed since it was looked at, or the id was merged
     */
    Correction propose(Authority by, Request request);

    /**
     * Whether somebody may put the values of an entity right while it is live: one within his or her places, or one that is
     * shown besides, as what everybody sees is, of a system for which he or she answers.
     */
    boolean mayCorrect(Authority by, long entity);

    /**
     * Accepts it: from now on it is published, and the owners of the systems that say otherwise get a ticket.
     *
     * @throws PoolException {@code CONFLICT} if it was decided before, or a source says something new since it was made
     */
    Correction accept(Authority by, long id);

    /** Accepts many, in one transaction: all or none. */
    List<Correction> accept(Authority by, List<Long> ids);

    /** Does not accept it. */
    Correction reject(Authority by, long id, String reason);

    /** Takes it back: whoever made it, or who may accept it. */
    Correction withdraw(Authority by, long id, String reason);

    /** Ends a conflict. */
    Correction resolve(Authority by, long id, Keep keep, String reason);

    /** Adds a file that shows it; at most 5. */
    Correction.Exhibit attach(Authority by, long id, Evidence evidence);

    /** A file that shows it; leaves an audit line. */
    Evidence evidence(Scope scope, long id, int number);

    /** Corrections, latest first. */
    Page list(Scope scope, Query query);

    /** One of them, with all that belongs to it. */
    Correction.Detail find(Scope scope, long id);

    /** Tickets, those due first; of the systems that somebody answers for, or of the places that he or she may see. */
    TicketPage tickets(Authority by, TicketQuery query);

    /**
     * The same, with the values in clear of systems that {@code by} answers for.
     *
     * @param purpose why they are needed; on disk in the audit before anything is handed out
     */
    TicketPage tickets(Authority by, TicketQuery query, String purpose);

    /** One ticket, as {@link #tickets} shows it. */
    Ticket ticket(Authority by, long id);

    /**
     * What the owner of the system says to a ticket.
     *
     * @param accepted whether it will be put right there
     * @param answer needed where it will not
     */
    Ticket answer(Authority by, long ticket, boolean accepted, @Nullable String answer);

    /** Whether a system's tickets of a day were handed over in a file. */
    boolean isFiled(String source, LocalDate day);

    /**
     * Hands a system's tickets of a day over in a file, unless they were before.
     *
     * @param handOver makes the file visible; what it throws leaves the day as it was
     * @return whether it was called
     */
    boolean file(String source, LocalDate day, Runnable handOver);

    /** Ends what was made for a time that is over, and escalates what is overdue. */
    Swept sweep(LocalDate today);
}
