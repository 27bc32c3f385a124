package io.yimen.pool.ledger;

import java.util.List;

/**
 * Which places somebody may see; enforced in SQL by row-level security for every read.
 *
 * @param actor login of the person or client that asks, for the audit
 * @param roots place entity ids; each opens itself and all below it. Empty: nothing is visible
 * @param everything whether all is visible, records without a place included
 */
public record Scope(String actor, List<Long> roots, boolean everything) {
    public Scope {
        roots = List.copyOf(roots);
    }

    /** Sees nothing. */
    public static Scope nothing(String actor) {
        return new Scope(actor, List.of(), false);
    }

    /** Sees everything. */
    public static Scope everything(String actor) {
        return new Scope(actor, List.of(), true);
    }
}
