package io.yimen.hub.correction;

import static io.yimen.hub.ledger.Wire.at;
import static io.yimen.hub.ledger.Wire.atOrNull;

import io.yimen.api.model.Correction;
import io.yimen.api.model.CorrectionAgainst;
import io.yimen.api.model.CorrectionDetail;
import io.yimen.api.model.CorrectionEvent;
import io.yimen.api.model.CorrectionPage;
import io.yimen.api.model.CorrectionState;
import io.yimen.api.model.EvidenceFile;
import io.yimen.api.model.Exhibit;
import io.yimen.api.model.Ticket;
import io.yimen.api.model.TicketPage;
import io.yimen.api.model.TicketState;
import io.yimen.api.model.WriteBack;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.State;
import io.yimen.pool.model.PoolModel;
import org.jspecify.annotations.Nullable;

/** The one hop between corrections in the pool and the contract's records. */
final class Wire {
    private final io.yimen.hub.ledger.Wire ledgers;

    Wire(PoolModel model) {
        this.ledgers = new io.yimen.hub.ledger.Wire(model);
    }

    String typeOf(String ledger) {
        return ledgers.typeOf(ledger);
    }

    CorrectionPage from(Corrections.Page page, Authority by) {
        return new CorrectionPage()
                .corrections(page.corrections().stream().map(c -> from(c, by)).toList())
                .nextCursor(page.next());
    }

    Correction from(io.yimen.pool.correction.Correction correction, Authority by) {
        return new Correction()
                .id(Long.toString(correction.id()))
                .ledger(ledgers.ledgerOf(correction.entityType()))
                .entity(text(correction.entity()))
                .title(correction.title())
                .field(correction.field())
                .value(correction.value())
                .base(correction.base())
                .masked(correction.masked() ? true : null)
                .state(CorrectionState.fromValue(correction.state().name()))
                .ended(
                        correction.ended() == null
                                ? null
                                : Correction.EndedEnum.fromValue(
                                        correction.ended().name()))
                .level(Correction.LevelEnum.fromValue(correction.level().name()))
                .source(correction.source())
                .against(
                        correction.state() == State.IN_CONFLICT
                                ? correction.against().stream()
                                        .map(a -> new CorrectionAgainst()
                                                .record(io.yimen.hub.ledger.Wire.from(a.record()))
                                                .value(a.value()))
                                        .toList()
                                : null)
                .actor(correction.actor())
                .at(at(correction.at()))
                .reason(correction.reason())
                .expires(correction.expires())
                .endedAt(atOrNull(correction.endedAt()))
                .acceptable(by.mayAccept(correction));
    }

    CorrectionDetail from(io.yimen.pool.correction.Correction.Detail detail, Authority by) {
        return new CorrectionDetail()
                .correction(from(detail.correction(), by))
                .events(detail.events().stream()
                        .map(e -> new CorrectionEvent()
                                .at(at(e.at()))
                                .actor(e.actor())
                                .what(CorrectionEvent.WhatEnum.fromValue(e.what()))
                                .reason(e.reason()))
                        .toList())
                .evidence(detail.evidence().stream().map(Wire::from).toList())
                .tickets(detail.tickets().stream().map(t -> from(t, by)).toList());
    }

    static Exhibit from(io.yimen.pool.correction.Correction.Exhibit exhibit) {
        return new Exhibit()
                .number(exhibit.number())
                .name(exhibit.name())
                .mediaType(exhibit.mediaType())
                .size(exhibit.size())
                .actor(exhibit.actor())
                .at(at(exhibit.at()));
    }

    static io.yimen.pool.correction.Evidence to(EvidenceFile evidence) {
        return new io.yimen.pool.correction.Evidence(
                evidence.getName(), evidence.getMediaType().toString(), evidence.getContent());
    }

    static EvidenceFile from(io.yimen.pool.correction.Evidence evidence) {
        return new EvidenceFile()
                .name(evidence.name())
                .mediaType(EvidenceFile.MediaTypeEnum.fromValue(evidence.mediaType()))
                .content(evidence.content());
    }

    TicketPage from(Corrections.TicketPage page, Authority by) {
        return new TicketPage()
                .tickets(page.tickets().stream().map(t -> from(t, by)).toList())
                .nextCursor(page.next());
    }

    Ticket from(io.yimen.pool.correction.Ticket ticket, Authority by) {
        return new Ticket()
                .id(Long.toString(ticket.id()))
                .correction(Long.toString(ticket.correction()))
                .record(io.yimen.hub.ledger.Wire.from(ticket.record()))
                .owner(ticket.owner())
                .ledger(ledgers.ledgerOf(ticket.entityType()))
                .entity(text(ticket.entity()))
                .title(ticket.title())
                .field(ticket.field())
                .says(ticket.says())
                .right(ticket.right())
                .masked(ticket.masked() ? true : null)
                .state(TicketState.fromValue(ticket.state().name()))
                .openedAt(at(ticket.openedAt()))
                .due(ticket.due())
                .answeredBy(ticket.answeredBy())
                .answeredAt(atOrNull(ticket.answeredAt()))
                .answer(ticket.answer())
                .closedAt(atOrNull(ticket.closedAt()))
                .writeBack(ticket.writeBack() == null ? null : from(ticket.writeBack()))
                .answerable(ticket.state().isOpen()
                        && by.owns(ticket.record().stream().source()));
    }

    private static WriteBack from(io.yimen.pool.correction.WriteBack writeBack) {
        return new WriteBack()
                .state(WriteBack.StateEnum.fromValue(writeBack.state().name()))
                .writtenAt(atOrNull(writeBack.writtenAt()))
                .refusal(writeBack.refusal() == null ? null : WriteBack.RefusalEnum.fromValue(writeBack.refusal()));
    }

    private static @Nullable String text(@Nullable Long id) {
        return id == null ? null : Long.toString(id);
    }
}
