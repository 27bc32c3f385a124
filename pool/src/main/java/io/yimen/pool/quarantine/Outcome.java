package io.yimen.pool.quarantine;

/** What became of a replayed record; stored by name. As in every run, one of these holds for each. */
public enum Outcome {
    /** Changed the pool. */
    APPLIED,
    /** The pool said so already. */
    UNCHANGED,
    /** The pool holds a newer observation of the record: skipped, and waits no longer. */
    STALE,
    /** Still cannot be applied and goes on waiting. */
    QUARANTINED,
    /** Speaks of somebody who was erased: kept away, and nothing of it kept. */
    WITHHELD
}
