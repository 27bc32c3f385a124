package io.yimen.pool.correction;

/** Where a correction stands in its life. */
public enum State {
    /** Waits for whoever may accept it; nothing is published of it. */
    PROPOSED,
    /** Was not accepted. */
    REJECTED,
    /** Is what is published. */
    STANDING,
    /** Is what is published, and a source has said something new since: a person decides. */
    IN_CONFLICT,
    /** Is published no more, see {@link End}. */
    RETIRED;

    /** Whether its value is published. */
    public boolean isInForce() {
        return this == STANDING || this == IN_CONFLICT;
    }
}
