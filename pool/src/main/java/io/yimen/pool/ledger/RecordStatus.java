package io.yimen.pool.ledger;

/** State of an entity; stored by name. */
public enum RecordStatus {
    ACTIVE,
    /** No live source record speaks of it any more. */
    RETIRED,
    /** Merged into another; the id leads there. */
    REDIRECTED
}
