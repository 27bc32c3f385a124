package io.yimen.hub.steward;

import static io.yimen.hub.ledger.Wire.at;

import io.yimen.api.model.Contribution;
import io.yimen.api.model.Decided;
import io.yimen.api.model.DecisionAction;
import io.yimen.api.model.DecisionPage;
import io.yimen.api.model.DecisionWithdrawal;
import io.yimen.api.model.Difference;
import io.yimen.api.model.EntityIdentity;
import io.yimen.api.model.EntityOutcome;
import io.yimen.api.model.IdentityDecision;
import io.yimen.api.model.IdentityEffect;
import io.yimen.api.model.IdentityMember;
import io.yimen.api.model.ReviewDetail;
import io.yimen.api.model.ReviewKind;
import io.yimen.api.model.ReviewPage;
import io.yimen.api.model.RuleKind;
import io.yimen.api.model.RulePreview;
import io.yimen.api.model.RuleVersion;
import io.yimen.api.model.SourceKey;
import io.yimen.api.model.Thresholds;
import io.yimen.hub.http.ProblemException;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Decision;
import io.yimen.pool.steward.Effect;
import io.yimen.pool.steward.Evidence;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Review;
import io.yimen.pool.steward.RuleBook;
import io.yimen.pool.steward.Stewardship;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one hop between what stewards see and decide in the pool and the contract's records. */
final class Wire {
    private final io.yimen.hub.ledger.Wire ledgers;

    Wire(PoolModel model) {
        this.ledgers = new io.yimen.hub.ledger.Wire(model);
    }

    static Proposal to(io.yimen.api.model.Proposal proposal, String reason) {
        List<SourceKey> records = proposal.getRecords();
        return new Proposal(
                Action.valueOf(proposal.getAction().name()),
                proposal.getEntities().stream()
                        .map(seen -> new Proposal.Seen(Long.parseLong(seen.getId()), seen.getVersion()))
                        .toList(),
                records == null ? List.of() : records.stream().map(Wire::to).toList(),
                reason);
    }

    private static RecordRef to(SourceKey key) {
        try {
            return new RecordRef(new StreamId(key.getSource(), key.getStream()), key.getKey());
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("records", "names a source or stream that cannot be");
        }
    }

    static EntityIdentity identity(List<Stewardship.Member> members) {
        return new EntityIdentity().members(members.stream().map(Wire::from).toList());
    }

    private static IdentityMember from(Stewardship.Member member) {
        return new IdentityMember()
                .record(io.yimen.hub.ledger.Wire.from(member.record()))
                .link(IdentityMember.LinkEnum.fromValue(member.link()))
                .origin(IdentityMember.OriginEnum.fromValue(member.origin()))
                .rule(member.rule())
                .evidence(member.evidence() == null ? null : from(member.evidence()))
                .decision(text(member.decision()));
    }

    private static List<SourceKey> from(List<RecordRef> records) {
        return records.stream().map(io.yimen.hub.ledger.Wire::from).toList();
    }

    private static io.yimen.api.model.Evidence from(Evidence evidence) {
        return new io.yimen.api.model.Evidence()
                .left(io.yimen.hub.ledger.Wire.from(evidence.left()))
                .right(io.yimen.hub.ledger.Wire.from(evidence.right()))
                .identifier(evidence.identifier())
                .weight(evidence.weight())
                .probability(1 / (1 + Math.pow(2, -evidence.weight())))
                .contributions(evidence.contributions().stream().map(Wire::from).toList());
    }

    private static Contribution from(Evidence.Contribution contribution) {
        return new Contribution()
                .field(orNull(contribution.field()))
                .level(contribution.level())
                .weight(contribution.weight())
                .left(contribution.left())
                .right(contribution.right());
    }

    ReviewPage from(Stewardship.ReviewPage page) {
        return new ReviewPage()
                .reviews(page.reviews().stream().map(this::from).toList())
                .nextCursor(page.next());
    }

    private io.yimen.api.model.Review from(Review review) {
        return new io.yimen.api.model.Review()
                .left(Long.toString(review.left()))
                .right(Long.toString(review.right()))
                .ledger(ledgers.ledgerOf(review.entityType()))
                .kind(ReviewKind.fromValue(review.kind().name()))
                .weight(review.weight())
                .probability(review.probability())
                .effect(review.effect())
                .leftTitle(review.leftTitle())
                .rightTitle(review.rightTitle())
                .decision(text(review.decision()))
                .openedAt(at(review.openedAt()));
    }

    ReviewDetail from(Stewardship.ReviewDetail detail) {
        return new ReviewDetail()
                .thresholds(from(detail.thresholds()))
                .review(from(detail.review()))
                .left(ledgers.from(detail.left()))
                .right(ledgers.from(detail.right()))
                .evidence(detail.evidence().stream().map(Wire::from).toList())
                .decisions(detail.decisions().stream().map(this::from).toList());
    }

    private static @Nullable Thresholds from(Stewardship.@Nullable Thresholds thresholds) {
        return thresholds == null
                ? null
                : new Thresholds().possible(thresholds.possible()).match(thresholds.match());
    }

    DecisionPage from(Stewardship.DecisionPage page) {
        return new DecisionPage()
                .decisions(page.decisions().stream().map(this::from).toList())
                .nextCursor(page.next());
    }

    private IdentityDecision from(Decision decision) {
        return new IdentityDecision()
                .id(Long.toString(decision.id()))
                .ledger(ledgers.ledgerOf(decision.entityType()))
                .action(DecisionAction.fromValue(decision.action().name()))
                .actor(decision.actor())
                .at(at(decision.at()))
                .reason(decision.reason())
                .same(from(decision.same()))
                .left(from(decision.left()))
                .right(from(decision.right()))
                .withdrawn(decision.withdrawn() == null ? null : from(decision.withdrawn()));
    }

    private static DecisionWithdrawal from(Decision.Withdrawal withdrawal) {
        return new DecisionWithdrawal()
                .actor(withdrawal.actor())
                .at(at(withdrawal.at()))
                .reason(withdrawal.reason());
    }

    Decided from(Stewardship.Decided decided) {
        return new Decided().decision(from(decided.decision())).effect(from(decided.effect()));
    }

    IdentityEffect from(Effect effect) {
        return new IdentityEffect()
                .outcomes(effect.outcomes().stream().map(this::from).toList());
    }

    private EntityOutcome from(Effect.Outcome outcome) {
        return new EntityOutcome()
                .id(outcome.id() == 0 ? null : Long.toString(outcome.id()))
                .ledger(ledgers.ledgerOf(outcome.entityType()))
                .fate(EntityOutcome.FateEnum.fromValue(outcome.fate().name()))
                .into(text(outcome.into()))
                .title(outcome.title())
                .recordsBefore(outcome.recordsBefore())
                .recordsAfter(outcome.recordsAfter())
                .values(outcome.values().stream()
                        .map(value -> new Difference()
                                .field(value.field())
                                .from(value.before())
                                .to(value.after()))
                        .toList());
    }

    RuleVersion from(RuleBook.Version version) {
        return new RuleVersion()
                .kind(RuleKind.fromValue(version.kind().name()))
                .ledger(ledgers.ledgerOf(version.entityType()))
                .version(version.version())
                .inForce(version.inForce())
                .document(version.document())
                .learned(orNull(version.learned()))
                .actor(version.actor())
                .note(version.note())
                .at(at(version.at()));
    }

    RulePreview from(RuleBook.Preview preview) {
        return new RulePreview()
                .records(preview.records())
                .entities(preview.entities())
                .merged(preview.merged())
                .split(preview.split())
                .changed(preview.changed())
                .possibleBefore(preview.possibleBefore())
                .possibleAfter(preview.possibleAfter())
                .samples(preview.samples().stream().map(this::from).toList());
    }

    private static @Nullable String text(@Nullable Long id) {
        return id == null ? null : Long.toString(id);
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
