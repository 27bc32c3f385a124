package io.yimen.pool.survivorship;

import io.yimen.pool.claim.Claim;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides which claim wins a field: the highest trust of the stream; among equals the stream whose name comes first;
 * within a stream the greater key (longer first, then by character, so that serial numbers compare as numbers).
 *
 * <p>Positions take no part. Those of different streams cannot be compared, and those within a stream depend on when it
 * was read: a pool that followed every change and one that read the final state must publish the same.
 */
public final class Survivorship {
    private static final Comparator<Claim> RANK = Comparator.comparingInt(Claim::trust)
            .reversed()
            .thenComparing(c -> c.ref().stream())
            .thenComparing(c -> c.ref().key().length(), Comparator.reverseOrder())
            .thenComparing(c -> c.ref().key(), Comparator.reverseOrder());

    private Survivorship() {}

    /** The rules that ship with the pool. */
    public static Survivorship bundled(PoolModel model, Vault vault) {
        return new Survivorship();
    }

    /** What survives of the claims of one entity; at least one claim, in any order. */
    public Golden of(EntityType type, List<Claim> given) {
        List<Claim> claims = new ArrayList<>(given);
        if (claims.size() > 1) {
            claims.sort(Comparator.comparing(Claim::ref));
        }
        List<Claim> ranked = claims;
        if (claims.size() > 1) {
            ranked = new ArrayList<>(claims);
            ranked.sort(RANK);
        }
        int fields = type.fields().size();
        @Nullable Claim[] winners = new Claim[fields];
        @Nullable Rule[] rules = new Rule[fields];
        for (int field = 0; field < fields; field++) {
            for (int i = 0; i < ranked.size(); i++) {
                if (ranked.get(i).value(field) != null) {
                    winners[field] = ranked.get(i);
                    rules[field] = rule(ranked, i, field);
                    break;
                }
            }
        }
        return new Golden(type, claims, winners, rules);
    }

    private static Rule rule(List<Claim> ranked, int winner, int field) {
        Claim won = ranked.get(winner);
        boolean alone = true;
        for (Claim other : ranked.subList(winner + 1, ranked.size())) {
            String value = other.value(field);
            if (value == null) {
                continue;
            }
            alone = false;
            if (!Objects.equals(value, won.value(field))) {
                if (other.trust() < won.trust()) {
                    return Rule.TRUST;
                }
                return other.ref().stream().equals(won.ref().stream()) ? Rule.KEY : Rule.STREAM;
            }
        }
        return alone ? Rule.ONLY : Rule.AGREED;
    }
}
