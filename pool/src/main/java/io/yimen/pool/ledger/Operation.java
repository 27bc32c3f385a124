package io.yimen.pool.ledger;

/** What a change did to an entity; stored by name. */
public enum Operation {
    CREATED,
    UPDATED,
    RETIRED,
    MERGED,
    SPLIT,
    RESTORED,
    ERASED
}
