package io.yimen.pool.internal;

import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Correction;
import io.yimen.pool.correction.CorrectionReads;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Evidence;
import io.yimen.pool.correction.Keep;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.Ticket;
import io.yimen.pool.correction.WriteBacks;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where people put values right: reads within the scope, acts in the pool's turn. */
public final class CorrectionDesk implements Corrections, WriteBacks {
    private final CorrectionReads reads;
    private final Turn turn;

    /** The pool's turn to write. */
    public interface Turn {
        /** Work inside the transaction. */
        interface Work<T> {
            T with(CorrectionApplication corrections) throws SQLException;
        }

        /** Does it. */
        <T> T act(String what, Work<T> work);

        /** Does what touches nothing that is derived, beside whoever has the turn. */
        <T> T aside(String what, Work<T> work);
    }

    public CorrectionDesk(ScopedReads reads, Turn turn) {
        this.reads = new CorrectionReads(reads);
        this.turn = turn;
    }

    private Correction read(Authority by, long id) {
        return reads.of(by, List.of(id)).get(0);
    }

    @Override
    public Correction propose(Authority by, Request request) {
        return read(by, turn.act("take a " + request, c -> c.propose(by, request)));
    }

    @Override
    public boolean mayCorrect(Authority by, long entity) {
        return reads.mayCorrect(by, entity);
    }

    @Override
    public Correction accept(Authority by, long id) {
        return accept(by, List.of(id)).get(0);
    }

    @Override
    public List<Correction> accept(Authority by, List<Long> ids) {
        turn.act("accept corrections", c -> {
            c.accept(by, ids);
            return ids;
        });
        return reads.of(by, ids);
    }

    @Override
    public Correction reject(Authority by, long id, String reason) {
        return act(by, "reject", id, c -> c.reject(by, id, reason));
    }

    @Override
    public Correction withdraw(Authority by, long id, String reason) {
        return act(by, "withdraw", id, c -> c.withdraw(by, id, reason));
    }

    @Override
    public Correction resolve(Authority by, long id, Keep keep, String reason) {
        return act(by, "resolve", id, c -> c.resolve(by, id, keep, reason));
    }

    @Override
    public Correction.Exhibit attach(Authority by, long id, Evidence evidence) {
        int number = turn.act("attach evidence to correction " + id, c -> c.attach(by, id, evidence));
        return reads.find(by.scope(), id).evidence().stream()
                .filter(e -> e.number() == number)
                .findFirst()
                .orElseThrow(() -> ScopedReads.notFound("evidence"));
    }

    @Override
    public Evidence evidence(Scope scope, long id, int number) {
        return reads.evidence(scope, id, number);
    }

    @Override
    public Page list(Scope scope, Query query) {
        return reads.list(scope, query);
    }

    @Override
    public Correction.Detail find(Scope scope, long id) {
        return reads.find(scope, id);
    }

    @Override
    public TicketPage tickets(Authority by, TicketQuery query) {
        return reads.tickets(by, query);
    }

    @Override
    public TicketPage tickets(Authority by, TicketQuery query, String purpose) {
        return reads.tickets(by, query, purpose);
    }

    @Override
    public Ticket ticket(Authority by, long id) {
        return reads.ticket(by, id);
    }

    @Override
    public Ticket answer(Authority by, long ticket, boolean accepted, @Nullable String answer) {
        turn.act("answer ticket " + ticket, c -> {
            c.answer(by, ticket, accepted, answer);
            return ticket;
        });
        return reads.ticket(by, ticket);
    }

    @Override
    public boolean isFiled(String source, LocalDate day) {
        return reads.isFiled(source, day);
    }

    @Override
    public boolean file(String source, LocalDate day, Runnable handOver) {
        return turn.act("file the tickets of " + source, c -> {
            boolean news = c.file(source, day);
            if (news) {
                handOver.run();
            }
            return news;
        });
    }

    @Override
    public Swept sweep(LocalDate today) {
        return turn.act("sweep corrections", c -> new Swept(c.expire(today), c.escalate(today)));
    }

    @Override
    public List<Order> take(String source, int limit) {
        return turn.aside("take what is to be written back into " + source, c -> c.take(source, limit));
    }

    @Override
    public void written(long ticket) {
        turn.act("note that ticket " + ticket + " is written", c -> {
            c.written(ticket);
            return ticket;
        });
    }

    @Override
    public void refused(long ticket, String code) {
        turn.act("note that ticket " + ticket + " is refused", c -> {
            c.refused(ticket, code);
            return ticket;
        });
    }

    private Correction act(Authority by, String what, long id, Deed deed) {
        turn.act(what + " correction " + id, c -> {
            deed.on(c);
            return id;
        });
        return read(by, id);
    }

    /** What is done in the pool's turn. */
    private interface Deed {
        void on(CorrectionApplication corrections) throws SQLException;
    }
}
