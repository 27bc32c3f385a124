package io.yimen.pool.correction;

/** How a person ends a conflict. */
public enum Keep {
    /** The correction is right: what the sources say by now stands aside for it too. */
    CORRECTION,
    /** The sources are right: the correction retires. */
    SOURCE
}
