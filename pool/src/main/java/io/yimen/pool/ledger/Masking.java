package io.yimen.pool.ledger;

/**
 * How sensitive values are shown. What is left of a resident ID number is its region's first three digits and its
 * last two characters; of a phone number the first three and last four digits; of anything else, or of something too
 * short, nothing.
 */
public final class Masking {
    private static final String ALL = "***";

    private Masking() {}

    /**
     * @param mask the model's {@code sensitive}: {@code id-number}, {@code phone} or {@code all}; what is not known
     *     hides all
     */
    public static String mask(String mask, String clear) {
        return switch (mask) {
            case "id-number" -> keep(clear, 3, 2, 15);
            case "phone" -> keep(clear, 3, 4, 11);
            default -> ALL;
        };
    }

    private static String keep(String clear, int head, int tail, int atLeast) {
        int length = clear.codePointCount(0, clear.length());
        if (length != clear.length() || length < atLeast) {
            return ALL;
        }
        return clear.substring(0, head) + "*".repeat(length - head - tail) + clear.substring(length - tail);
    }
}
