package io.yimen.pool.survivorship;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.model.EntityType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that survive for one entity, each with the claim that won it. References stand as they were claimed; where
 * they lead is not a matter of survivorship.
 */
public final class Golden {
    private final EntityType type;
    private final List<Claim> claims;
    private final @Nullable Claim[] winners;
    private final @Nullable Rule[] rules;

    Golden(EntityType type, List<Claim> claims, @Nullable Claim[] winners, @Nullable Rule[] rules) {
        this.type = type;
        this.claims = List.copyOf(claims);
        this.winners = winners;
        this.rules = rules;
    }

    /** The same, but for a field for which a person's claim wins over all others. */
    public Golden corrected(int field, Claim correction) {
        @Nullable Claim[] won = winners.clone();
        @Nullable Rule[] why = rules.clone();
        won[field] = correction;
        why[field] = Rule.CORRECTED;
        return new Golden(type, claims, won, why);
    }

    public EntityType type() {
        return type;
    }

    /** All claims behind it, in the order of their records. */
    public List<Claim> claims() {
        return claims;
    }

    /** Its first source record, which names it independently of ids. */
    public RecordRef anchor() {
        return claims.get(0).ref();
    }

    /** What is published; null if nothing is, also where the winner says that there is nothing. */
    public @Nullable String value(int field) {
        Claim winner = winners[field];
        return winner == null ? null : winner.value(field);
    }

    public @Nullable Claim winner(int field) {
        return winners[field];
    }

    /** Why the winner won. */
    public @Nullable Rule rule(int field) {
        return rules[field];
    }

    /** Codes of the doubts about a published value. */
    public List<String> flags(int field) {
        Claim winner = winners[field];
        if (winner == null || winner.flags().isEmpty() || winner.value(field) == null) {
            return List.of();
        }
        List<String> codes = new ArrayList<>();
        for (Flag flag : winner.flags()) {
            if (flag.field().equals(type.fields().get(field).name())) {
                codes.add(flag.code());
            }
        }
        return codes;
    }
}
