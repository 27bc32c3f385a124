package io.yimen.pool.correction;

/** Why a correction is published no more. */
public enum End {
    /** All sources that say anything say the same by now. */
    AGREED,
    /** A person took it back. */
    WITHDRAWN,
    /** It was made for a time. */
    EXPIRED,
    /** A later one speaks of the same field of the same entity. */
    SUPERSEDED,
    /** A source said something new, and a person found it right. */
    SOURCE_KEPT
}
