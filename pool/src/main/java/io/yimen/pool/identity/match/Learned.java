package io.yimen.pool.identity.match;

/**
 * Match rules with what was learned for them: all that decides a pair.
 *
 * @param weights of exactly these rules
 */
public record Learned(MatchRules rules, Weights weights) {
    public Learned {
        weights.check(rules);
    }
}
