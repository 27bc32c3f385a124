package io.yimen.connectors.mapping;

import org.jspecify.annotations.Nullable;

/**
 * Stands for a value that was sent in a form in which it cannot be trusted, as an ID number that a workbook holds as a
 * number: a NUL, which no good value holds, then why. A record that needs such a value goes to quarantine.
 */
public final class Unusable {
    private static final String MARK = "\0unusable:";

    private Unusable() {}

    /**
     * The value that stands for it.
     *
     * @param reason stable code
     * @param message what is wrong with it and what to do, without the value, to be read after the column's name
     */
    public static String of(String reason, String message) {
        return MARK + reason + ":" + message;
    }

    /** What is wrong with such a value; null if it is a value like any other. */
    static @Nullable Unfit find(String value, String column) {
        int colon = value.startsWith(MARK) ? value.indexOf(':', MARK.length()) : -1;
        return colon < 0 ? null : new Unfit(value.substring(MARK.length(), colon), column, value.substring(colon + 1));
    }
}
