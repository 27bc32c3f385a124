package io.yimen.hub.ledger;

import io.vertx.core.http.HttpServerResponse;
import io.yimen.api.LedgersApi;
import io.yimen.api.model.DifferencePage;
import io.yimen.api.model.HistoryPage;
import io.yimen.api.model.LedgerCounts;
import io.yimen.api.model.LedgerList;
import io.yimen.api.model.LedgerRecord;
import io.yimen.api.model.Lineage;
import io.yimen.api.model.RecordDifference;
import io.yimen.api.model.RecordPage;
import io.yimen.api.model.UnmaskRequest;
import io.yimen.api.model.Unmasked;
import io.yimen.hub.access.Caller;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.ledger.Differences;
import io.yimen.pool.ledger.History;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.RecordQuery;
import io.yimen.pool.model.PoolModel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The ledgers, as far as the caller may see them. */
@ApplicationScoped
@RolesAllowed({"worker", "officer", "admin"})
public class LedgersResource implements LedgersApi {
    private final PoolModel model;
    private final Ledgers ledgers;
    private final History history;
    private final Differences differences;
    private final Corrections corrections;
    private final Caller caller;
    private final HttpServerResponse response;
    private final Wire wire;

    LedgersResource(
            PoolModel model,
            Ledgers ledgers,
            History history,
            Differences differences,
            Corrections corrections,
            Caller caller,
            HttpServerResponse response) {
        this.model = model;
        this.ledgers = ledgers;
        this.history = history;
        this.differences = differences;
        this.corrections = corrections;
        this.caller = caller;
        this.response = response;
        this.wire = new Wire(model);
    }

    @Override
    public LedgerList listLedgers() {
        return new LedgerList().ledgers(model.types().stream().map(wire::from).toList());
    }

    @Override
    public RecordPage listRecords(
            String ledger,
            @Nullable String q,
            @Nullable String place,
            @Nullable List<String> filter,
            String sort,
            String order,
            @Nullable String cursor,
            Integer limit,
            @Nullable OffsetDateTime asOf,
            @Nullable LocalDate validAt,
            Boolean explain) {
        RecordQuery query = new RecordQuery(
                wire.typeOf(ledger),
                q,
                place == null ? null : id("place", place),
                filter == null
                        ? List.of()
                        : filter.stream().map(LedgersResource::filter).toList(),
                "updatedAt".equals(oneOf("sort", sort, Set.of("title", "updatedAt")))
                        ? RecordQuery.Sort.UPDATED_AT
                        : RecordQuery.Sort.TITLE,
                "desc".equals(oneOf("order", order, Set.of("asc", "desc"))),
                cursor,
                limit,
                instant(asOf),
                validAt,
                explain,
                true);
        return wire.from(ledgers.list(caller.scope(), query));
    }

    @Override
    public LedgerRecord getRecord(
            String ledger, String id, @Nullable OffsetDateTime asOf, @Nullable LocalDate validAt) {
        Ledgers.Looked looked = ledgers.look(caller.scope(), wire.typeOf(ledger), id("id", id), instant(asOf), validAt);
        LedgerRecord record = wire.from(looked.record());
        if (asOf == null) {
            // What lies within one's places may be put right, and only of the rest has to be asked.
            record.correctable(looked.inside()
                    || corrections.mayCorrect(
                            caller.authority(), looked.record().id()));
        }
        response.putHeader("ETag", "\"" + record.getId() + "-" + record.getVersion() + "\"");
        return record;
    }

    @Override
    public LedgerCounts countRecords(
            String ledger, @Nullable String place, @Nullable OffsetDateTime asOf, @Nullable LocalDate validAt) {
        return wire.from(ledgers.counts(
                caller.scope(),
                wire.typeOf(ledger),
                place == null ? null : id("place", place),
                instant(asOf),
                validAt));
    }

    @Override
    public DifferencePage listDifferences(
            String ledger,
            OffsetDateTime from,
            OffsetDateTime to,
            @Nullable String place,
            @Nullable String cursor,
            Integer limit) {
        return wire.from(differences.list(
                caller.scope(),
                wire.typeOf(ledger),
                from.toInstant(),
                to.toInstant(),
                place == null ? null : id("place", place),
                cursor,
                limit));
    }

    @Override
    public RecordDifference getDifference(String ledger, String id, OffsetDateTime from, OffsetDateTime to) {
        return Wire.from(
                differences.get(caller.scope(), wire.typeOf(ledger), id("id", id), from.toInstant(), to.toInstant()));
    }

    @Override
    public Lineage getLineage(String ledger, String id) {
        return wire.from(ledgers.lineage(caller.scope(), wire.typeOf(ledger), id("id", id)));
    }

    @Override
    public HistoryPage listHistory(String ledger, String id, @Nullable String cursor, Integer limit) {
        return wire.from(history.list(caller.scope(), wire.typeOf(ledger), id("id", id), cursor, limit));
    }

    @Override
    public Unmasked unmask(String ledger, String id, UnmaskRequest request) {
        return new Unmasked()
                .fields(ledgers.unmask(
                        caller.scope(), wire.typeOf(ledger), id("id", id), request.getFields(), request.getPurpose()));
    }

    private static RecordQuery.Filter filter(String text) {
        int colon = text.indexOf(':');
        if (colon < 1 || colon == text.length() - 1) {
            throw ProblemException.invalid("filter", "is not of the form field:value");
        }
        return new RecordQuery.Filter(text.substring(0, colon), text.substring(colon + 1));
    }

    private static String oneOf(String parameter, String value, Set<String> allowed) {
        if (!allowed.contains(value)) {
            throw ProblemException.invalid(
                    parameter,
                    "is none of " + String.join(", ", allowed.stream().sorted().toList()));
        }
        return value;
    }

    private static long id(String parameter, String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw ProblemException.invalid(parameter, "is not an id");
        }
        return Long.parseLong(text);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
