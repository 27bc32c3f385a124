package io.yimen.pool.survivorship;

import java.util.Locale;

/** Why a claim won a field. */
public enum Rule {
    /** No other record says anything. */
    ONLY,
    /** All that say something say the same. */
    AGREED,
    /** Its stream is trusted more than any that says otherwise. */
    TRUST,
    /** Equal trust: the stream whose name comes first. */
    STREAM,
    /** Same stream: the greater key, which serial keys give to the younger record. */
    KEY;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
