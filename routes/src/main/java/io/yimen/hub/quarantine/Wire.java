package io.yimen.hub.quarantine;

import static io.yimen.hub.ledger.Wire.at;
import static io.yimen.hub.ledger.Wire.atOrNull;

import io.yimen.api.model.ChangeOperation;
import io.yimen.api.model.Difference;
import io.yimen.api.model.DryRun;
import io.yimen.api.model.Fault;
import io.yimen.api.model.QuarantineItem;
import io.yimen.api.model.QuarantineStatus;
import io.yimen.api.model.ReplayEffect;
import io.yimen.api.model.ReplayOutcome;
import io.yimen.pool.ledger.QuarantineFault;
import io.yimen.pool.ledger.QuarantinePage;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.quarantine.Effect;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.ReplayedRecord;
import io.yimen.pool.run.Outcome;
import org.jspecify.annotations.Nullable;

/** The one hop from quarantine to the contract's records. */
final class Wire {
    private static final String CREATED = "CREATED";

    private final PoolModel model;

    Wire(PoolModel model) {
        this.model = model;
    }

    static io.yimen.api.model.QuarantinePage from(QuarantinePage page) {
        return new io.yimen.api.model.QuarantinePage()
                .items(page.items().stream().map(Wire::from).toList())
                .nextCursor(page.nextCursor());
    }

    static QuarantineItem from(QuarantinePage.Item item) {
        return new QuarantineItem()
                .id(Long.toString(item.id())).source(item.source()).sourceTitle(item.sourceTitle()).stream(
                                item.stream())
                        .key(item.key())
                        .position(item.position())
                        .reason(item.reason())
                        .field(item.field())
                        .message(item.message())
                        .status(QuarantineStatus.fromValue(item.status().name()))
                        .at(at(item.at()))
                        .outcome(outcome(item.outcome()))
                        .replay(item.replay() == null ? null : Long.toString(item.replay()))
                        .decidedAt(atOrNull(item.decidedAt()))
                        .decidedBy(item.decidedBy())
                        .decidedWhy(item.decidedWhy());
    }

    static Fault from(QuarantineFault fault) {
        return new Fault()
                .source(fault.source()).sourceTitle(fault.sourceTitle()).stream(fault.stream())
                        .reason(fault.reason())
                        .field(fault.field())
                        .count(fault.count())
                        .oldest(at(fault.oldest()))
                        .newest(at(fault.newest()));
    }

    /** Without its token. */
    DryRun from(ReplayStep step) {
        return new DryRun()
                .records(step.records().stream().map(this::from).toList())
                .counts(step.counts().entrySet().stream()
                        .map(e -> io.yimen.hub.operations.Wire.from(e.getKey().stream(), e.getValue()))
                        .toList())
                .selected(step.selected());
    }

    private io.yimen.api.model.ReplayedRecord from(ReplayedRecord record) {
        return new io.yimen.api.model.ReplayedRecord()
                .id(Long.toString(record.id())).stream(record.stream().stream())
                        .key(record.key())
                        .position(record.position().toString())
                        .outcome(outcome(record.outcome()))
                        .reason(record.reason())
                        .field(record.field())
                        .message(record.message())
                        .edited(record.edited())
                        .effects(record.effects().stream().map(this::from).toList())
                        .allEffects(record.allEffects());
    }

    private ReplayEffect from(Effect effect) {
        return new ReplayEffect()
                .operation(ChangeOperation.fromValue(effect.operation()))
                .ledger(model.getType(effect.entityType()).ledger())
                // Who is not there yet gets another id when he or she comes to be.
                .id(effect.operation().equals(CREATED) ? null : Long.toString(effect.id()))
                .title(effect.title())
                .differences(effect.differences().stream()
                        .map(d -> new Difference()
                                .field(d.field())
                                .from(d.from())
                                .to(d.to())
                                .masked(d.masked() ? true : null))
                        .toList());
    }

    private static @Nullable ReplayOutcome outcome(@Nullable Outcome outcome) {
        return outcome == null ? null : ReplayOutcome.fromValue(outcome.name());
    }
}
