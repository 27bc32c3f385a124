package io.yimen.bench;

import io.yimen.pool.identity.match.MatchRules;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One thing to measure: tables, the rules for them and what is true.
 *
 * @param linkOnly whether only pairs across tables are asked for
 * @param withheld columns that the engine does not get to see
 * @param truth true pairs
 * @param keyColumn names records in what is written
 */
record IdentitySet(
        String name,
        MatchRules rules,
        List<Table> tables,
        boolean linkOnly,
        Set<String> withheld,
        String keyColumn,
        Truth truth) {

    /** Pairs of records, given by table and row. */
    static final class Truth {
        private final Map<Integer, List<Integer>> partners = new HashMap<>();
        private final Set<Long> unjudged = new HashSet<>();
        private long pairs;
        private boolean known;

        static Truth none() {
            return new Truth();
        }

        void markKnown() {
            known = true;
        }

        boolean isKnown() {
            return known;
        }

        void add(int a, int b) {
            known = true;
            if (!isTrue(a, b)) {
                partners.computeIfAbsent(a, k -> new java.util.ArrayList<>(2)).add(b);
                partners.computeIfAbsent(b, k -> new java.util.ArrayList<>(2)).add(a);
                pairs++;
            }
        }

        void addUnjudged(int a, int b) {
            unjudged.add(code(a, b));
        }

        private static long code(int a, int b) {
            return (long) Math.min(a, b) << 32 | Math.max(a, b);
        }

        boolean isTrue(int a, int b) {
            List<Integer> p = partners.get(a);
            return p != null && p.contains(b);
        }

        boolean hasUnjudged() {
            return !unjudged.isEmpty();
        }

        boolean isUnjudged(int a, int b) {
            return !unjudged.isEmpty() && unjudged.contains(code(a, b));
        }

        /** The smallest record of the entity, where the truth knows all its pairs. */
        int entity(int a) {
            int smallest = a;
            for (int b : of(a)) {
                smallest = Math.min(smallest, b);
            }
            return smallest;
        }

        List<Integer> of(int a) {
            return partners.getOrDefault(a, Collections.emptyList());
        }

        long pairs() {
            return pairs;
        }
    }
}
