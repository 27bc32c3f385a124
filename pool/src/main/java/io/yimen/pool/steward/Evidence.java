package io.yimen.pool.steward;

import io.yimen.pool.claim.RecordRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What speaks for and against two source records being the same.
 *
 * @param identifier strongest identifier that they share; {@code null} if none
 * @param weight log-odds (bits), the sum of the contributions
 * @param contributions the prior first, then field by field
 */
public record Evidence(
        RecordRef left, RecordRef right, @Nullable String identifier, double weight, List<Contribution> contributions) {
    public Evidence {
        contributions = List.copyOf(contributions);
    }

    /**
     * What one field says.
     *
     * @param field empty for what belongs to no single field, such as the prior
     * @param level how the values compare, in English, as the comparator names it
     * @param weight bits, positive speaks for a match
     * @param left value as compared, masked where sensitive; {@code null} if missing
     * @param right value as compared, masked where sensitive; {@code null} if missing
     */
    public record Contribution(
            String field,
            String level,
            double weight,
            @Nullable String left,
            @Nullable String right) {
        @Override
        public String toString() {
            return field + " " + level;
        }
    }

    @Override
    public String toString() {
        return "evidence on " + left.stream() + " and " + right.stream();
    }
}
