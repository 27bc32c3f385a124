package io.yimen.pool.steward;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules in force and those before, per entity type: how records are recognised, and which value survives. A new
 * version is looked at before it is applied. Thread-safe.
 *
 * <p>Errors: {@code INVALID} for a document that is not understood, with line and remedy; {@code CONFLICT} where the
 * change was made against a version that is no longer in force; {@code NOT_FOUND} for a type without such rules.
 */
public interface RuleBook {
    /** What the rules decide. */
    enum Kind {
        MATCH,
        SURVIVORSHIP
    }

    /**
     * A version of the rules.
     *
     * @param version grows by one with each change
     * @param document YAML
     * @param learned of match rules how the weights came about: {@code bundled} or {@code learned}; empty for others
     * @param actor who applied it; {@code yimen} for what came with the pool
     */
    record Version(
            Kind kind,
            String entityType,
            int version,
            boolean inForce,
            String document,
            String learned,
            String actor,
            String note,
            Instant at) {}

    /**
     * A proposed change.
     *
     * @param basedOn version that it was made against
     * @param document the new document; {@code null} for the one in force
     * @param learn whether weights are learned anew from the records of the pool; only of match rules
     */
    record Change(
            Kind kind,
            String entityType,
            int basedOn,
            @Nullable String document,
            boolean learn) {}

    /**
     * What a change would do.
     *
     * @param records live source records of the type
     * @param entities live entities of the type
     * @param merged entities that would become part of others
     * @param split entities that would come to be of records of others
     * @param changed of survivorship rules: entities of which another value would be published; of match rules: both of
     *     the above
     * @param possibleBefore pairs that wait for a person now
     * @param possibleAfter pairs that would
     * @param samples some of them, at most 20
     */
    record Preview(
            Change change,
            long records,
            long entities,
            long merged,
            long split,
            long changed,
            long possibleBefore,
            long possibleAfter,
            List<Effect.Outcome> samples) {
        public Preview {
            samples = List.copyOf(samples);
        }
    }

    /** All versions, those in force first, then the latest first. */
    List<Version> versions();

    /** What a change would do; nothing is changed. */
    Preview preview(Change change);

    /** Does it, in one transaction: the version is in force, and everything is derived by it. */
    Version apply(Change change, String actor, String note);
}
