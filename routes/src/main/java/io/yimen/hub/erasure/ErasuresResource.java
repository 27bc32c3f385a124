package io.yimen.hub.erasure;

import io.yimen.api.ErasuresApi;
import io.yimen.api.model.Dossier;
import io.yimen.api.model.DossierDocument;
import io.yimen.api.model.Erasure;
import io.yimen.api.model.ErasureAcceptance;
import io.yimen.api.model.ErasurePage;
import io.yimen.api.model.ErasurePreview;
import io.yimen.api.model.ErasureRequest;
import io.yimen.api.model.ErasureState;
import io.yimen.api.model.GroundList;
import io.yimen.api.model.Purpose;
import io.yimen.api.model.WithdrawalRequest;
import io.yimen.hub.access.Caller;
import io.yimen.pool.erasure.Dossiers;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.erasure.State;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** All that is held on somebody, and having it erased. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class ErasuresResource implements ErasuresApi {
    private final Erasures erasures;
    private final Dossiers dossiers;
    private final Caller caller;
    private final Wire wire;

    ErasuresResource(Erasures erasures, Dossiers dossiers, Caller caller, PoolModel model) {
        this.erasures = erasures;
        this.dossiers = dossiers;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public Dossier openDossier(String ledger, String id, Purpose purpose) {
        return wire.from(dossier(ledger, id, purpose));
    }

    @Override
    public DossierDocument printDossier(String ledger, String id, Purpose purpose) {
        io.yimen.pool.erasure.Dossier dossier = dossier(ledger, id, purpose);
        return new DossierDocument().name("dossier-" + dossier.id() + ".html").html(DossierPage.of(dossier));
    }

    private io.yimen.pool.erasure.Dossier dossier(String ledger, String id, Purpose purpose) {
        return dossiers.open(caller.scope(), wire.typeOf(ledger), Long.parseLong(id), purpose.getPurpose());
    }

    @Override
    public GroundList listGrounds() {
        return wire.from(erasures.rules());
    }

    @Override
    public ErasurePage listErasures(@Nullable ErasureState state, @Nullable String cursor, Integer limit) {
        return wire.from(erasures.list(
                caller.scope(), new Erasures.Query(state == null ? null : State.valueOf(state.name()), cursor, limit)));
    }

    @Override
    public Erasure requestErasure(ErasureRequest request) {
        return wire.from(erasures.request(
                caller.scope(),
                new Erasures.Request(
                        wire.typeOf(request.getLedger()),
                        Long.parseLong(request.getId()),
                        request.getVersion() == null ? 0 : request.getVersion(),
                        request.getGround(),
                        request.getReason())));
    }

    @Override
    public Erasure getErasure(String id) {
        return wire.from(erasures.find(caller.scope(), Long.parseLong(id)));
    }

    @Override
    public ErasurePreview previewErasure(String id) {
        return wire.from(erasures.preview(caller.scope(), Long.parseLong(id)));
    }

    @Override
    public Erasure acceptErasure(String id, ErasureAcceptance acceptance) {
        return wire.from(erasures.accept(caller.scope(), Long.parseLong(id), acceptance.getToken()));
    }

    @Override
    public Erasure withdrawErasure(String id, WithdrawalRequest request) {
        return wire.from(erasures.withdraw(caller.scope(), Long.parseLong(id), request.getReason()));
    }

    @Override
    public Erasure liftErasure(String id, WithdrawalRequest request) {
        return wire.from(erasures.lift(caller.scope(), Long.parseLong(id), request.getReason()));
    }
}
