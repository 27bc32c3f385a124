package io.yimen.pool.steward;

/** What a steward may decide about identity. */
public enum Action {
    /** Two or more entities are one. */
    MERGE,
    /** Some source records of an entity are another one, together. */
    SPLIT,
    /**
     * Source records belong to the given entity, not to where they are now; of records that do already, the whole entity
     * is upheld against whatever speaks against it by now.
     */
    LINK,
    /** Each of some source records does not belong to the given entity. */
    UNLINK,
    /** Two entities are not the same. */
    NOT_DUPLICATE
}
