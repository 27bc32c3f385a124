package io.yimen.hub.quarantine;

import io.quarkus.security.ForbiddenException;
import io.yimen.api.QuarantineApi;
import io.yimen.api.model.DiscardRequest;
import io.yimen.api.model.Discarded;
import io.yimen.api.model.DryRun;
import io.yimen.api.model.DryRunRequest;
import io.yimen.api.model.FaultList;
import io.yimen.api.model.Purpose;
import io.yimen.api.model.QuarantineItem;
import io.yimen.api.model.QuarantinePage;
import io.yimen.api.model.QuarantineSelection;
import io.yimen.api.model.QuarantineStatus;
import io.yimen.api.model.RawEdit;
import io.yimen.api.model.RawRecord;
import io.yimen.api.model.ReplayRequest;
import io.yimen.api.model.Run;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.Pool;
import io.yimen.pool.ledger.Quarantine;
import io.yimen.pool.ledger.QuarantineQuery;
import io.yimen.pool.ledger.Runs;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Selection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** What waits in quarantine has no place yet: it is for officers and administrators who see everything. */
@ApplicationScoped
@RolesAllowed({"officer", "admin"})
public class QuarantineResource implements QuarantineApi {
    private static final String REPLAY = "replay";

    private final Quarantine quarantine;
    private final Replays replays;
    private final Runs runs;
    private final Pool pool;
    private final Caller caller;
    private final Wire wire;

    QuarantineResource(Quarantine quarantine, Replays replays, Runs runs, Pool pool, Caller caller, PoolModel model) {
        this.quarantine = quarantine;
        this.replays = replays;
        this.runs = runs;
        this.pool = pool;
        this.caller = caller;
        this.wire = new Wire(model);
    }

    /** Lists are empty for those who do not see everything, as they would be if nothing waited. */
    @Override
    public QuarantinePage listQuarantine(
            @Nullable String source,
            @Nullable String stream,
            @Nullable String reason,
            @Nullable String key,
            @Nullable QuarantineStatus status,
            @Nullable OffsetDateTime since,
            @Nullable OffsetDateTime until,
            @Nullable String replay,
            @Nullable String cursor,
            Integer limit) {
        QuarantineQuery query = new QuarantineQuery(
                source,
                stream,
                reason,
                key,
                status == null ? null : io.yimen.pool.ledger.QuarantinePage.Status.valueOf(status.name()),
                instant(since),
                instant(until),
                replay == null ? null : Long.valueOf(replay),
                cursor,
                limit);
        return Wire.from(quarantine.list(caller.scope(), query));
    }

    @Override
    public FaultList listFaults() {
        return new FaultList()
                .faults(quarantine.faults(caller.scope()).stream()
                        .map(Wire::from)
                        .toList());
    }

    @Override
    public QuarantineItem getQuarantined(String id) {
        return Wire.from(quarantine.get(scope(), Long.parseLong(id)));
    }

    @Override
    public RawRecord openQuarantined(String id, Purpose purpose) {
        Quarantine.RawForm raw = quarantine.raw(scope(), Long.parseLong(id), purpose.getPurpose());
        return new RawRecord().text(raw.received()).edited(raw.edited());
    }

    @Override
    public DryRun dryRun(DryRunRequest request) {
        Replays.Tried tried = replays.dryRun(
                scope().actor(), selection(request.getSelection()), edits(request.getEdits()), request.getLimit());
        return wire.from(tried.step()).token(tried.token());
    }

    @Override
    @ResponseStatus(202)
    public Run startReplay(ReplayRequest request) {
        long run = replays.start(
                new Decision(scope().actor(), request.getWhy()),
                selection(request.getSelection()),
                edits(request.getEdits()),
                request.getRate(),
                request.getToken());
        return getReplay(Long.toString(run));
    }

    @Override
    public Run getReplay(String run) {
        io.yimen.pool.ledger.Run found = runs.get(scope().actor(), Long.parseLong(run));
        if (!found.kind().equals(REPLAY)) {
            throw ProblemException.notFound("There is no such replay");
        }
        return io.yimen.hub.operations.Wire.from(found);
    }

    @Override
    public void stopReplay(String run) {
        Run found = getReplay(run);
        if (found.getEndedAt() == null) {
            replays.stop(scope().actor(), Long.parseLong(run));
        }
    }

    @Override
    public Discarded discardQuarantined(DiscardRequest request) {
        Decision decision = new Decision(scope().actor(), request.getWhy());
        return new Discarded().discarded(pool.discard(selection(request.getSelection()), decision));
    }

    private Scope scope() {
        Scope scope = caller.scope();
        if (!scope.everything()) {
            throw new ForbiddenException();
        }
        return scope;
    }

    private static Selection selection(QuarantineSelection selection) {
        List<String> ids = Objects.requireNonNullElse(selection.getIds(), List.of());
        return new Selection(
                selection.getSource(),
                selection.getStream(),
                selection.getReason(),
                selection.getKey(),
                instant(selection.getSince()),
                instant(selection.getUntil()),
                ids.stream().map(QuarantineResource::id).toList());
    }

    private static Map<Long, byte[]> edits(@Nullable List<RawEdit> edits) {
        Map<Long, byte[]> byId = new HashMap<>();
        for (RawEdit edit : Objects.requireNonNullElse(edits, List.<RawEdit>of())) {
            byId.put(id(edit.getId()), edit.getText().getBytes(StandardCharsets.UTF_8));
        }
        return byId;
    }

    private static long id(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw ProblemException.invalid("ids", "holds something that is no id");
        }
        return Long.parseLong(text);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
