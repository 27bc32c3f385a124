package io.yimen.pool.survivorship;

import io.yimen.pool.claim.Claim;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the claims of an entity stand in one field.
 *
 * @param field index in the type
 * @param rule what decided
 * @param criteria what was asked, in this order
 * @param exception the place, as a beginning of its division code, by whose exception it was decided; null if by the
 *     rule that holds everywhere
 * @param claims all that take part, the winner first
 */
public record Ranking(
        int field, Rule rule, List<Rule> criteria, @Nullable String exception, List<Placed> claims) {
    public Ranking {
        criteria = List.copyOf(criteria);
        claims = List.copyOf(claims);
    }

    /**
     * @param rank from 1
     * @param lostBy what told it apart from the winner; null where it says the same
     */
    public record Placed(Claim claim, int rank, @Nullable Rule lostBy) {}
}
