package io.yimen.pool.correction;

/** Who may accept a correction; configured by source. */
public enum Level {
    /** Whoever makes it: accepted at once. */
    SELF,
    /** An officer of the street, district or city. */
    STREET,
    /** The owner of the system that is wrong. */
    OWNER
}
