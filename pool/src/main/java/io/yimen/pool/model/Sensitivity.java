package io.yimen.pool.model;

import java.util.Locale;

/** Whether a field is sensitive, and how it is shown to somebody who has not asked to see it. */
public enum Sensitivity {
    /** Not sensitive. */
    NONE,
    /** A resident ID number. */
    ID_NUMBER,
    /** A telephone number. */
    PHONE,
    /** Nothing of it is shown. */
    ALL;

    /** The word in {@code model.yaml}, e.g. {@code id-number}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
