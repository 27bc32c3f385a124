package io.yimen.pool.identity.match;

import java.util.Set;

/**
 * What people have decided, by the records' ids. It binds: {@code same} pairs are joined whatever the weights say,
 * {@code apart} pairs never, not even over others.
 */
public record Decisions(Set<Pair> same, Set<Pair> apart) {
    public static final Decisions NONE = new Decisions(Set.of(), Set.of());

    /** Two records, the smaller id first. */
    public record Pair(long low, long high) {
        public static Pair of(long a, long b) {
            return a < b ? new Pair(a, b) : new Pair(b, a);
        }
    }

    /** Copies. */
    public Decisions {
        same = Set.copyOf(same);
        apart = Set.copyOf(apart);
    }
}
