package io.yimen.pool.survivorship;

import java.util.Locale;

/** Why a claim won a field: what told it apart from the last claim that says otherwise. */
public enum Rule {
    /** No other record says anything. */
    ONLY,
    /** All that say something say the same. */
    AGREED,
    /** The others are in doubt. */
    SOUND,
    /** Its source comes first in the order that the rules give. */
    RANK,
    /** Its source says that it changed later. */
    RECENCY,
    /** It holds longer, or the others have ended. */
    VALIDITY,
    /** More sources say so. */
    AGREEMENT,
    /** It says more. */
    SPECIFICITY,
    /** Its record won the field that this one goes with. */
    WITH,
    /** Its stream is trusted more than any that says otherwise. */
    TRUST,
    /** Nothing told them apart: the stream whose name comes first. */
    STREAM,
    /** Nothing told them apart within a stream: the greater key, which serial keys give to the younger record. */
    KEY,
    /** A person put it right. */
    CORRECTED;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    public String wireName() {
        return wireName;
    }
}
