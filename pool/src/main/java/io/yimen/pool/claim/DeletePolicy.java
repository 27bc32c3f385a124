package io.yimen.pool.claim;

/** How a stream tells that a record is gone. Declared per stream, stored by name. */
public enum DeletePolicy {
    /** The source's log carries deletes. */
    LOG,
    /** A field of the record says that it is deleted. */
    TOMBSTONE,
    /** Each read is the whole set; what is missing from it is gone. */
    FULL_SET,
    /** The stream never tells. */
    NONE
}
