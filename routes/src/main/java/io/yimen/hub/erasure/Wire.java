package io.yimen.hub.erasure;

import static io.yimen.hub.ledger.Wire.at;

import io.yimen.api.model.Dossier;
import io.yimen.api.model.DossierEntry;
import io.yimen.api.model.DossierSection;
import io.yimen.api.model.DossierValue;
import io.yimen.api.model.Erasure;
import io.yimen.api.model.ErasureExtent;
import io.yimen.api.model.ErasureHold;
import io.yimen.api.model.ErasurePage;
import io.yimen.api.model.ErasurePreview;
import io.yimen.api.model.ErasureReferrer;
import io.yimen.api.model.ErasureState;
import io.yimen.api.model.Ground;
import io.yimen.api.model.GroundList;
import io.yimen.api.model.Text;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.erasure.Preview;
import io.yimen.pool.model.Label;
import io.yimen.pool.model.PoolModel;

/** The one hop between erasures in the pool and the contract's records. */
final class Wire {
    private final io.yimen.hub.ledger.Wire ledgers;

    Wire(PoolModel model) {
        this.ledgers = new io.yimen.hub.ledger.Wire(model);
    }

    String typeOf(String ledger) {
        return ledgers.typeOf(ledger);
    }

    ErasurePage from(Erasures.Page page) {
        return new ErasurePage()
                .erasures(page.erasures().stream().map(this::from).toList())
                .nextCursor(page.next());
    }

    Erasure from(io.yimen.pool.erasure.Erasure erasure) {
        Erasure wire = new Erasure()
                .id(Long.toString(erasure.id()))
                .ledger(ledgers.ledgerOf(erasure.entityType()))
                .entity(Long.toString(erasure.entity()))
                .ground(erasure.ground())
                .reason(erasure.reason())
                .state(ErasureState.fromValue(erasure.state().name()))
                .kept(erasure.kept())
                .holds(erasure.holds())
                .counts(erasure.counts())
                .requestedBy(erasure.requested().actor())
                .requestedAt(at(erasure.requested().at()));
        if (erasure.extent() != null) {
            wire.extent(ErasureExtent.fromValue(erasure.extent().name()));
        }
        if (erasure.decided() != null) {
            wire.decidedBy(erasure.decided().actor())
                    .decidedAt(at(erasure.decided().at()));
        }
        if (erasure.lifted() != null) {
            wire.liftedBy(erasure.lifted().actor()).liftedAt(at(erasure.lifted().at()));
        }
        return wire;
    }

    ErasurePreview from(Preview preview) {
        return new ErasurePreview()
                .erasure(from(preview.erasure()))
                .token(preview.token())
                .extent(ErasureExtent.fromValue(preview.extent().name()))
                .kept(preview.kept())
                .holds(preview.holds().stream()
                        .map(h -> new ErasureHold()
                                .code(h.code())
                                .law(text(h.law()))
                                .reason(text(h.reason()))
                                .because(h.because()))
                        .toList())
                .counts(preview.counts())
                .referrers(preview.referrers().stream()
                        .map(r -> new ErasureReferrer()
                                .ledger(ledgers.ledgerOf(r.entityType()))
                                .id(Long.toString(r.id()))
                                .title(r.title())
                                .field(r.field()))
                        .toList())
                .allReferrers(preview.allReferrers());
    }

    GroundList from(ErasureRules rules) {
        return new GroundList()
                .grounds(rules.grounds().entrySet().stream()
                        .map(e -> new Ground()
                                .code(e.getKey())
                                .label(text(e.getValue().label()))
                                .law(text(e.getValue().law())))
                        .toList())
                .ledgers(rules.types().stream().map(ledgers::ledgerOf).sorted().toList());
    }

    Dossier from(io.yimen.pool.erasure.Dossier dossier) {
        return new Dossier()
                .ledger(ledgers.ledgerOf(dossier.entityType()))
                .id(Long.toString(dossier.id()))
                .title(dossier.title())
                .purpose(dossier.purpose())
                .at(at(dossier.at()))
                .actor(dossier.actor())
                .sections(dossier.sections().stream().map(Wire::from).toList());
    }

    private static DossierSection from(io.yimen.pool.erasure.Dossier.Section section) {
        return new DossierSection()
                .code(DossierSection.CodeEnum.fromValue(section.kind().name()))
                .label(text(section.kind().label()))
                .entries(section.entries().stream()
                        .map(e -> new DossierEntry()
                                .about(e.object())
                                .at(io.yimen.hub.ledger.Wire.atOrNull(e.at()))
                                .actor(e.actor())
                                .values(e.values().stream()
                                        .map(v -> new DossierValue()
                                                .name(v.name())
                                                .label(text(v.label()))
                                                .value(v.value()))
                                        .toList()))
                        .toList());
    }

    private static Text text(Label label) {
        return new Text().zh(label.zh()).en(label.en());
    }
}
