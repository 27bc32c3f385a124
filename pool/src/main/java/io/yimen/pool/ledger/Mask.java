package io.yimen.pool.ledger;

import io.yimen.pool.model.Sensitivity;

/**
 * How sensitive values are shown. What is left of a resident ID number is three digits of its region and its last two
 * characters; of a telephone number the first three and last four digits; of anything else, or of something too short,
 * nothing.
 */
public final class Mask {
    private static final String ALL = "***";

    private Mask() {}

    /** The value as it may be shown; unchanged where the field is not sensitive. */
    public static String of(Sensitivity sensitivity, String clear) {
        return switch (sensitivity) {
            case NONE -> clear;
            case ID_NUMBER -> keep(clear, 3, 2, 15);
            case PHONE -> keep(clear, 3, 4, 11);
            case ALL -> ALL;
        };
    }

    private static String keep(String clear, int head, int tail, int atLeast) {
        int length = clear.length();
        if (length < atLeast || clear.codePointCount(0, length) != length) {
            return ALL;
        }
        return clear.substring(0, head) + "*".repeat(length - head - tail) + clear.substring(length - tail);
    }
}
