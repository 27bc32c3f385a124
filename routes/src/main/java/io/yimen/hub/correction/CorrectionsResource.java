package io.yimen.hub.correction;

import io.yimen.api.CorrectionsApi;
import io.yimen.api.model.Acceptances;
import io.yimen.api.model.Correction;
import io.yimen.api.model.CorrectionDetail;
import io.yimen.api.model.CorrectionList;
import io.yimen.api.model.CorrectionPage;
import io.yimen.api.model.CorrectionRequest;
import io.yimen.api.model.CorrectionState;
import io.yimen.api.model.EvidenceFile;
import io.yimen.api.model.Exhibit;
import io.yimen.api.model.Resolution;
import io.yimen.api.model.Ticket;
import io.yimen.api.model.TicketAnswer;
import io.yimen.api.model.TicketPage;
import io.yimen.api.model.TicketState;
import io.yimen.api.model.WithdrawalRequest;
import io.yimen.hub.access.Caller;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Keep;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.State;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What people put right, and what becomes of it. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class CorrectionsResource implements CorrectionsApi {
    private final Corrections corrections;
    private final Caller caller;
    private final Wire wire;

    CorrectionsResource(Corrections corrections, Caller caller, PoolModel model) {
        this.corrections = corrections;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public CorrectionPage listCorrections(
            @Nullable List<CorrectionState> state,
            @Nullable String entity,
            @Nullable String place,
            @Nullable String source,
            @Nullable String cursor,
            Integer limit) {
        Set<State> states = state == null
                ? Set.of()
                : state.stream().map(s -> State.valueOf(s.name())).collect(Collectors.toSet());
        return wire.from(
                corrections.list(
                        caller.scope(),
                        new Corrections.Query(states, number(entity), number(place), source, cursor, limit)),
                caller.authority());
    }

    private static @Nullable Long number(@Nullable String id) {
        return id == null ? null : Long.valueOf(id);
    }

    @Override
    public Correction correct(CorrectionRequest request) {
        Authority by = caller.authority();
        return wire.from(
                corrections.propose(
                        by,
                        new Request(
                                wire.typeOf(request.getLedger()),
                                Long.parseLong(request.getId()),
                                request.getVersion() == null ? 0 : request.getVersion(),
                                request.getField(),
                                request.getValue(),
                                request.getReason(),
                                request.getExpires(),
                                List.of())),
                by);
    }

    @Override
    public CorrectionList acceptCorrections(Acceptances acceptances) {
        Authority by = caller.authority();
        List<Long> ids = acceptances.getCorrections().stream()
                .distinct()
                .map(Long::valueOf)
                .toList();
        return new CorrectionList()
                .corrections(corrections.accept(by, ids).stream()
                        .map(c -> wire.from(c, by))
                        .toList());
    }

    @Override
    public CorrectionDetail getCorrection(String id) {
        return wire.from(corrections.find(caller.scope(), Long.parseLong(id)), caller.authority());
    }

    @Override
    public Correction acceptCorrection(String id) {
        Authority by = caller.authority();
        return wire.from(corrections.accept(by, Long.parseLong(id)), by);
    }

    @Override
    public Correction rejectCorrection(String id, WithdrawalRequest request) {
        Authority by = caller.authority();
        return wire.from(corrections.reject(by, Long.parseLong(id), request.getReason()), by);
    }

    @Override
    public Correction withdrawCorrection(String id, WithdrawalRequest request) {
        Authority by = caller.authority();
        return wire.from(corrections.withdraw(by, Long.parseLong(id), request.getReason()), by);
    }

    @Override
    public Correction resolveCorrection(String id, Resolution resolution) {
        Authority by = caller.authority();
        Keep keep = Keep.valueOf(resolution.getKeep().name());
        return wire.from(corrections.resolve(by, Long.parseLong(id), keep, resolution.getReason()), by);
    }

    @Override
    public Exhibit attachEvidence(String id, EvidenceFile evidence) {
        return Wire.from(corrections.attach(caller.authority(), Long.parseLong(id), Wire.to(evidence)));
    }

    @Override
    public EvidenceFile getEvidence(String id, Integer number) {
        return Wire.from(corrections.evidence(caller.scope(), Long.parseLong(id), number));
    }

    @Override
    public TicketPage listTickets(
            @Nullable List<TicketState> state, @Nullable String source, @Nullable String cursor, Integer limit) {
        Set<io.yimen.pool.correction.TicketState> states = state == null
                ? Set.of()
                : state.stream()
                        .map(s -> io.yimen.pool.correction.TicketState.valueOf(s.name()))
                        .collect(Collectors.toSet());
        Authority by = caller.authority();
        return wire.from(corrections.tickets(by, new Corrections.TicketQuery(states, source, cursor, limit)), by);
    }

    @Override
    public Ticket answerTicket(String id, TicketAnswer answer) {
        Authority by = caller.authority();
        return wire.from(corrections.answer(by, Long.parseLong(id), answer.getAccepted(), answer.getAnswer()), by);
    }
}
