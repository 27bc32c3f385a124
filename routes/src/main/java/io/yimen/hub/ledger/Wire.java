package io.yimen.hub.ledger;

import io.yimen.api.model.Change;
import io.yimen.api.model.ChangeOperation;
import io.yimen.api.model.Difference;
import io.yimen.api.model.FieldClaim;
import io.yimen.api.model.FieldLineage;
import io.yimen.api.model.HistoryEntry;
import io.yimen.api.model.LedgerRecord;
import io.yimen.api.model.Lineage;
import io.yimen.api.model.PlaceCount;
import io.yimen.api.model.RecordDifference;
import io.yimen.api.model.Reference;
import io.yimen.api.model.SourceKey;
import io.yimen.api.model.SourceRecord;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.ledger.ChangePage;
import io.yimen.pool.ledger.DifferencePage;
import io.yimen.pool.ledger.Explanation;
import io.yimen.pool.ledger.FrozenLedger;
import io.yimen.pool.ledger.HistoryPage;
import io.yimen.pool.ledger.LedgerCounts;
import io.yimen.pool.ledger.Provenance;
import io.yimen.pool.ledger.RecordPage;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import io.yimen.pool.model.Label;
import io.yimen.pool.model.PoolModel;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one hop from the pool's records to the contract's. Ids are text on the wire: JavaScript has no 64-bit integers. */
public final class Wire {
    private final PoolModel model;

    public Wire(PoolModel model) {
        this.model = model;
    }

    /** Path segment of a type's ledger. */
    public String ledgerOf(String entityType) {
        return model.getType(entityType).ledger();
    }

    /** The entity type of a ledger. */
    public String typeOf(String ledger) {
        return model.findLedger(ledger)
                .orElseThrow(() -> ProblemException.notFound("There is no such ledger"))
                .name();
    }

    io.yimen.api.model.Ledger from(EntityType type) {
        return new io.yimen.api.model.Ledger()
                .name(type.ledger())
                .type(type.name())
                .label(from(type.label()))
                .validity(type.validity()
                        .map(v ->
                                new io.yimen.api.model.Validity().from(v.from()).to(v.to()))
                        .orElse(null))
                .fields(type.fields().stream().map(this::from).toList());
    }

    private io.yimen.api.model.Field from(Field field) {
        return new io.yimen.api.model.Field()
                .name(field.name())
                .kind(io.yimen.api.model.Field.KindEnum.fromValue(field.kind().wireName()))
                .label(from(field.label()))
                .to(field.to() == null ? null : ledgerOf(field.to()))
                .sensitive(field.isSensitive())
                .values(field.values().isEmpty() ? null : field.values());
    }

    private static io.yimen.api.model.Text from(Label label) {
        return new io.yimen.api.model.Text().zh(label.zh()).en(label.en());
    }

    public @Nullable Reference from(io.yimen.pool.ledger.@Nullable Reference reference) {
        return reference == null
                ? null
                : new Reference()
                        .id(Long.toString(reference.id()))
                        .ledger(ledgerOf(reference.entityType()))
                        .title(reference.title());
    }

    io.yimen.api.model.RecordPage from(RecordPage page) {
        return new io.yimen.api.model.RecordPage()
                .records(page.records().stream().map(this::from).toList())
                .nextCursor(page.nextCursor())
                .total(page.total());
    }

    /** A record, as every ledger tells it. */
    public LedgerRecord from(io.yimen.pool.ledger.LedgerRecord record) {
        Map<String, io.yimen.api.model.FieldValue> fields = new LinkedHashMap<>();
        record.fields().forEach((name, value) -> fields.put(name, from(value)));
        return new LedgerRecord()
                .id(Long.toString(record.id()))
                .ledger(ledgerOf(record.entityType()))
                .version(record.version())
                .status(io.yimen.api.model.RecordStatus.fromValue(
                        record.status().name()))
                .redirectedFrom(text(record.redirectedFrom()))
                .title(record.title())
                .place(from(record.place()))
                .fields(fields)
                .records(record.records())
                .updatedAt(at(record.updatedAt()))
                .validTime(from(record.validTime()));
    }

    private static io.yimen.api.model.@Nullable ValidTime from(io.yimen.pool.ledger.@Nullable ValidTime time) {
        return time == null
                ? null
                : new io.yimen.api.model.ValidTime()
                        .from(time.from())
                        .to(time.to())
                        .holds(time.holds());
    }

    io.yimen.api.model.FrozenLedger from(FrozenLedger frozen) {
        return new io.yimen.api.model.FrozenLedger()
                .id(Long.toString(frozen.id()))
                .ledger(ledgerOf(frozen.entityType()))
                .place(from(frozen.place()))
                .fields(frozen.fields())
                .clear(frozen.clear())
                .asOf(at(frozen.asOf()))
                .validAt(frozen.validAt())
                .actor(frozen.actor())
                .reason(frozen.reason())
                .at(at(frozen.at()))
                .rows(frozen.rows())
                .sha256(frozen.sha256());
    }

    io.yimen.api.model.LedgerCounts from(LedgerCounts counts) {
        return new io.yimen.api.model.LedgerCounts()
                .total(counts.total())
                .places(counts.places().stream()
                        .map(part -> new PlaceCount().place(from(part.place())).count(part.count()))
                        .toList());
    }

    io.yimen.api.model.DifferencePage from(DifferencePage page) {
        return new io.yimen.api.model.DifferencePage()
                .records(page.records().stream().map(Wire::from).toList())
                .nextCursor(page.nextCursor());
    }

    static RecordDifference from(DifferencePage.RecordDifference record) {
        return new RecordDifference()
                .id(Long.toString(record.id()))
                .kind(RecordDifference.KindEnum.fromValue(record.kind().name()))
                .title(record.title())
                .redirectTo(text(record.redirectTo()))
                .at(at(record.at()))
                .differences(record.differences().stream().map(Wire::from).toList());
    }

    private io.yimen.api.model.FieldValue from(io.yimen.pool.ledger.FieldValue value) {
        Provenance provenance = value.provenance();
        return new io.yimen.api.model.FieldValue()
                .value(value.value())
                .reference(from(value.reference()))
                .masked(value.masked() ? true : null)
                .flags(orNull(value.flags()))
                .source(provenance == null ? null : provenance.source())
                .sourceTitle(provenance == null ? null : provenance.sourceTitle())
                .observedAt(provenance == null ? null : at(provenance.observedAt()))
                .statedAt(provenance == null ? null : atOrNull(provenance.statedAt()))
                .rule(provenance == null ? null : provenance.rule());
    }

    Lineage from(Explanation explanation) {
        return new Lineage()
                .id(Long.toString(explanation.id()))
                .sourceRecords(
                        explanation.sourceRecords().stream().map(Wire::from).toList())
                .fields(explanation.fields().stream().map(Wire::from).toList());
    }

    private static SourceRecord from(Explanation.SourceRecord record) {
        return new SourceRecord()
                .source(record.source()).sourceTitle(record.sourceTitle()).stream(record.stream())
                        .key(record.key())
                        .position(record.position())
                        .observedAt(at(record.observedAt()))
                        .statedAt(atOrNull(record.statedAt()))
                        .decision(SourceRecord.DecisionEnum.fromValue(record.decision()))
                        .origin(SourceRecord.OriginEnum.fromValue(record.origin()))
                        .rule(record.rule());
    }

    private static FieldLineage from(Explanation.FieldLineage field) {
        return new FieldLineage()
                .field(field.field())
                .rule(field.rule())
                .criteria(field.criteria())
                .exception(field.exception())
                .claims(field.claims().stream().map(Wire::from).toList());
    }

    private static FieldClaim from(Explanation.FieldClaim claim) {
        return new FieldClaim()
                        .value(claim.value())
                        .masked(claim.masked() ? true : null)
                        .won(claim.won())
                        .rank(claim.rank())
                        .lostBy(claim.lostBy())
                        .source(claim.source())
                        .sourceTitle(claim.sourceTitle())
                        .stream(claim.stream())
                        .key(claim.key())
                        .position(claim.position())
                        .observedAt(at(claim.observedAt()))
                        .statedAt(atOrNull(claim.statedAt()))
                        .flags(orNull(claim.flags()));
    }

    io.yimen.api.model.HistoryPage from(HistoryPage page) {
        return new io.yimen.api.model.HistoryPage()
                .entries(page.entries().stream().map(Wire::from).toList())
                .nextCursor(page.nextCursor());
    }

    private static HistoryEntry from(HistoryPage.Entry entry) {
        return new HistoryEntry()
                .seq(entry.seq())
                .at(at(entry.at()))
                .operation(ChangeOperation.fromValue(entry.operation().name()))
                .version(entry.version())
                .source(entry.source())
                .sourceTitle(entry.sourceTitle())
                .run(text(entry.run()))
                .redirectTo(text(entry.redirectTo()))
                .cause(entry.cause())
                .actor(entry.actor())
                .differences(entry.differences().stream().map(Wire::from).toList());
    }

    private static Difference from(HistoryPage.Difference difference) {
        return new Difference()
                .field(difference.field())
                .from(difference.from())
                .to(difference.to())
                .masked(difference.masked() ? true : null);
    }

    io.yimen.api.model.ChangePage from(ChangePage page) {
        return new io.yimen.api.model.ChangePage()
                .changes(page.changes().stream().map(this::from).toList())
                .last(page.last());
    }

    /** A change, as the feed and the topics tell it. */
    public Change from(ChangePage.Change change) {
        return new Change()
                .seq(change.seq())
                .at(at(change.at()))
                .id(Long.toString(change.id()))
                .ledger(ledgerOf(change.entityType()))
                .operation(ChangeOperation.fromValue(change.operation().name()))
                .version(change.version())
                .title(change.title())
                .redirectTo(text(change.redirectTo()))
                .fields(change.fields());
    }

    /** A source record by its key. */
    public static SourceKey from(RecordRef record) {
        return new SourceKey()
                .source(record.stream().source()).stream(record.stream().stream())
                        .key(record.key());
    }

    public static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    public static @Nullable OffsetDateTime atOrNull(@Nullable Instant instant) {
        return instant == null ? null : at(instant);
    }

    private static @Nullable String text(@Nullable Long id) {
        return id == null ? null : Long.toString(id);
    }

    private static <T> @Nullable List<T> orNull(List<T> items) {
        return items.isEmpty() ? null : items;
    }
}
