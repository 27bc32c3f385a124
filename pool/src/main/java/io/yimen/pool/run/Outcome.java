package io.yimen.pool.run;

/** What became of a record that was taken in, or replayed; stored by name. One of these holds for each. */
public enum Outcome {
    /** Changed the pool. */
    APPLIED,
    /** The pool said so already. */
    UNCHANGED,
    /** A repeat, or the pool holds a newer observation of the record: changed nothing. */
    STALE,
    /** Cannot be applied and waits. */
    QUARANTINED,
    /** Speaks of somebody who was erased: kept away, and nothing of it kept. */
    WITHHELD
}
