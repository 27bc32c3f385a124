package io.yimen.pool.internal;

/** What a change log entry says; stored by name. */
enum Operation {
    CREATED,
    UPDATED,
    RETIRED,
    MERGED,
    SPLIT,
    RESTORED,
    ERASED
}
