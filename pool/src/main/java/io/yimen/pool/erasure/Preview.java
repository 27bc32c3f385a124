package io.yimen.pool.erasure;

import io.yimen.pool.model.Label;
import java.util.List;
import java.util.Map;

/**
 * What an erasure would do, computed by doing it and taking it back.
 *
 * @param token names what was looked at; an erasure is let in with the token of what is there by then, and no other
 * @param kept of a partial one: the fields that stay
 * @param holds what a law says to keep
 * @param counts how many rows would go, by store; none where it is refused
 * @param referrers records of others that refer to it: they stay, without the reference; at most {@value #MOST}
 * @param allReferrers how many there are
 */
public record Preview(
        Erasure erasure,
        String token,
        Extent extent,
        List<String> kept,
        List<Kept> holds,
        Map<String, Long> counts,
        List<Referrer> referrers,
        int allReferrers) {
    /** Referrers that a preview tells one by one. */
    public static final int MOST = 50;

    /**
     * A rule that says to keep something of it.
     *
     * @param law what says so
     * @param reason why it applies
     * @param because names what it applies for, e.g. {@code Membership/1021}
     */
    public record Kept(String code, Label law, Label reason, List<String> because) {
        public Kept {
            because = List.copyOf(because);
        }
    }

    /** A record that refers to it. */
    public record Referrer(long id, String entityType, String title, String field) {}

    public Preview {
        kept = List.copyOf(kept);
        holds = List.copyOf(holds);
        counts = Map.copyOf(counts);
        referrers = List.copyOf(referrers);
    }
}
