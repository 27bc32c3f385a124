package io.yimen.hub.ledger;

import io.yimen.api.FrozenApi;
import io.yimen.api.model.FreezeRequest;
import io.yimen.api.model.FrozenContent;
import io.yimen.api.model.FrozenDownload;
import io.yimen.api.model.FrozenLedger;
import io.yimen.api.model.FrozenPage;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.ledger.FrozenLedgers;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** Ledgers that were handed in, of the caller's places. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class FrozenResource implements FrozenApi {
    private final FrozenLedgers frozen;
    private final Caller caller;
    private final Wire wire;

    FrozenResource(PoolModel model, FrozenLedgers frozen, Caller caller) {
        this.frozen = frozen;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    @Override
    public FrozenPage listFrozen(@Nullable String ledger, @Nullable String cursor, Integer limit) {
        var page = frozen.list(caller.scope(), ledger == null ? null : wire.typeOf(ledger), cursor, limit);
        return new FrozenPage()
                .ledgers(page.ledgers().stream().map(wire::from).toList())
                .nextCursor(page.nextCursor());
    }

    @Override
    @ResponseStatus(201)
    public FrozenLedger freeze(FreezeRequest request) {
        OffsetDateTime asOf = request.getAsOf();
        return wire.from(frozen.freeze(
                caller.scope(),
                new io.yimen.pool.ledger.FrozenLedger.Request(
                        wire.typeOf(request.getLedger()),
                        request.getPlace() == null ? null : Long.valueOf(request.getPlace()),
                        request.getFields(),
                        Boolean.TRUE.equals(request.getClear()),
                        request.getPurpose(),
                        asOf == null ? null : asOf.toInstant(),
                        request.getValidAt(),
                        request.getReason())));
    }

    @Override
    public FrozenContent downloadFrozen(String id, FrozenDownload request) {
        if (!id.matches("[0-9]{1,18}")) {
            throw ProblemException.invalid("id", "is not an id");
        }
        var content = frozen.content(
                caller.scope(),
                Long.parseLong(id),
                request.getPurpose(),
                Objects.requireNonNullElse(request.getRemainder(), false));
        return new FrozenContent()
                .ledger(wire.from(content.ledger()))
                .whole(content.whole())
                .content(content.bytes());
    }
}
