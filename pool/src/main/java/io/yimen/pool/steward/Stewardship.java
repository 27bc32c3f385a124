package io.yimen.pool.steward;

import io.yimen.pool.PoolException;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.ledger.LedgerRecord;
import io.yimen.pool.ledger.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Identity as a person sees and decides it. Everything is limited to the scope: an entity outside it is not found, a
 * pair is seen by who may see both. Reads and decisions leave an audit line. Thread-safe.
 *
 * <p>Errors: {@code NOT_FOUND} for an entity, record, review or decision that does not exist or lies outside the scope;
 * {@code CONFLICT} for an outdated version or an id that redirects (the message names where to); {@code INVALID} for a
 * proposal that says nothing, such as a split that leaves nothing behind. None of them changes anything.
 */
public interface Stewardship {
    /** What to list. */
    enum Order {
        /** Most likely first. */
        WEIGHT,
        /** Most depends on it first. */
        EFFECT
    }

    /**
     * @param entityType of the model; {@code null} for all
     * @param kind {@code null} for all
     * @param after cursor of the page before; {@code null} for the first
     */
    record ReviewQuery(
            @Nullable String entityType,
            Review.@Nullable Kind kind,
            Order order,
            @Nullable String after,
            int limit) {}

    /** @param next cursor of the next page; {@code null} on the last */
    record ReviewPage(List<Review> reviews, @Nullable String next) {
        public ReviewPage {
            reviews = List.copyOf(reviews);
        }
    }

    /**
     * What weights are held against, in bits.
     *
     * @param possible from which a pair is possible
     * @param match above which it is a match
     */
    record Thresholds(double possible, double match) {}

    /**
     * A pair side by side.
     *
     * @param thresholds of the rules in force; {@code null} for a type without match rules
     * @param evidence pairs of source records, one of each side, strongest first, at most 10
     * @param decisions decisions that speak of both sides, latest first
     */
    record ReviewDetail(
            Review review,
            LedgerRecord left,
            LedgerRecord right,
            @Nullable Thresholds thresholds,
            List<Evidence> evidence,
            List<Decision> decisions) {
        public ReviewDetail {
            evidence = List.copyOf(evidence);
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * Why a source record belongs to its entity.
     *
     * @param link MATCH, POSSIBLE_MATCH, NO_MATCH or POSSIBLE_DUPLICATE
     * @param origin AUTO or MANUAL
     * @param rule identifier or {@code weights} or {@code steward}; {@code null} where it stands alone
     * @param evidence with the other record of the entity that speaks most for it; {@code null} where it stands alone
     * @param decision decision that put it there; {@code null} for the machine's own
     */
    record Member(
            RecordRef record,
            String link,
            String origin,
            @Nullable String rule,
            @Nullable Evidence evidence,
            @Nullable Long decision) {}

    /** @param next cursor of the next page; {@code null} on the last */
    record DecisionPage(List<Decision> decisions, @Nullable String next) {
        public DecisionPage {
            decisions = List.copyOf(decisions);
        }
    }

    /** A decision and what it did. */
    record Decided(Decision decision, Effect effect) {}

    /** Pairs that wait for a person. */
    ReviewPage reviews(Scope scope, ReviewQuery query);

    /** One of them. */
    ReviewDetail review(Scope scope, long left, long right);

    /** Why the records of an entity are one. */
    List<Member> members(Scope scope, String entityType, long id);

    /** What a proposal would do; nothing is changed. */
    Effect preview(Scope scope, Proposal proposal);

    /** Does it. */
    Decided decide(Scope scope, Proposal proposal);

    /** Decisions, latest first, of one entity or all. */
    DecisionPage decisions(Scope scope, @Nullable Long entity, @Nullable String after, int limit);

    /** What taking a decision back would do; nothing is changed. */
    Effect previewWithdrawal(Scope scope, long decision);

    /**
     * Takes a decision back; it stays on record.
     *
     * @throws PoolException {@code CONFLICT} if it was taken back before
     */
    Decided withdraw(Scope scope, long decision, String reason);
}
