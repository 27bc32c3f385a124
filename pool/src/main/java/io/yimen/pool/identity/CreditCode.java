package io.yimen.pool.identity;

/**
 * The unified social credit code (GB 32100): 18 characters of 0-9A-HJ-NP-RTUWXY, the last one a check character.
 *
 * <p>Real codes that fail the check exist: a caller warns and keeps, it never drops.
 */
public final class CreditCode {
    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final int LENGTH = 18;

    private CreditCode() {}

    /** Upper case and half width, without blanks and dashes. */
    public static String normalize(String code) {
        return Names.compact(code).replace("-", "").toUpperCase(java.util.Locale.ROOT);
    }

    /** Whether a normalised text has the form of a code, its check character aside. */
    public static boolean isWellFormed(String code) {
        return code.length() == LENGTH && code.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
    }

    /** Whether a normalised text is a code whose check character is right. */
    public static boolean isValid(String code) {
        return isWellFormed(code) && code.charAt(LENGTH - 1) == check(code);
    }

    private static char check(String code) {
        int sum = 0;
        int weight = 1;
        for (int i = 0; i < LENGTH - 1; i++) {
            sum += ALPHABET.indexOf(code.charAt(i)) * weight;
            weight = weight * 3 % 31;
        }
        // The outer modulus turns 31 into 0.
        return ALPHABET.charAt((31 - sum % 31) % 31);
    }
}
