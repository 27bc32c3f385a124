package io.yimen.pool.erasure;

/** How much of somebody may be erased; stored by name. */
public enum Extent {
    /** All of it. */
    WHOLE,
    /** All but the fields that a law says to keep. */
    PARTIAL,
    /** Nothing, as long as a rule says to keep the whole record. */
    REFUSED
}
