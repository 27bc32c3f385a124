package io.yimen.pool.correction;

/** What became of a ticket. */
public enum TicketState {
    /** Its owner has not answered. */
    SENT,
    /** Its owner will put it right. */
    ACCEPTED,
    /** Its owner finds the source right; the correction stands until a person decides. */
    REFUSED,
    /** It is overdue. */
    ESCALATED,
    /** The source says what is right by now. */
    FIXED,
    /** The source record is deleted. */
    GONE,
    /** The correction ended otherwise. */
    CANCELLED;

    /** Whether it is waited for. */
    public boolean isOpen() {
        return this == SENT || this == ACCEPTED || this == ESCALATED;
    }
}
