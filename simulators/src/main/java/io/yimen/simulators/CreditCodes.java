package io.yimen.simulators;

/**
 * Unified social credit codes (GB 32100) of committees, made up but well-formed: prefix 55 (居委会) or 54 (村委会), the
 * county, an organisation code with its own check character (GB 11714), and the check character. One in about four
 * hundred fails its check, as real ones do.
 */
public final class CreditCodes {
    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final int[] ORGANISATION_WEIGHTS = {3, 7, 9, 10, 5, 8, 4, 2};
    private static final int FAULTY_EVERY = 397;

    private CreditCodes() {}

    /** The code of a village-level division, the {@code index}-th of its edition. */
    static String of(Division village, int index) {
        String prefix = isVillagers(village) ? "54" : "55";
        String organisation = "MF%06d".formatted((index + 1) * 131L % 1_000_000);
        String body = prefix + village.code().substring(0, 6) + organisation + organisationCheck(organisation);
        char check = check(body);
        if (index % FAULTY_EVERY == FAULTY_EVERY / 2) {
            check = check == '7' ? '8' : '7';
        }
        return body + check;
    }

    /** The code of some other organisation of a county; different numbers give different codes. */
    static String other(String prefix, String county, int number) {
        String organisation = "MA%06d".formatted((number + 1) * 137L % 1_000_000);
        String body = prefix + county + organisation + organisationCheck(organisation);
        return body + check(body);
    }

    /** Whether {@code code} has 18 characters of the alphabet and the right check character. */
    public static boolean isValid(String code) {
        return code.length() == 18
                && code.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0)
                && check(code.substring(0, 17)) == code.charAt(17);
    }

    static boolean isVillagers(Division village) {
        return village.kind().equals("CWH") || village.kind().equals("CUN");
    }

    private static char check(String body) {
        int sum = 0;
        int weight = 1;
        for (int i = 0; i < 17; i++) {
            sum += ALPHABET.indexOf(body.charAt(i)) * weight;
            weight = weight * 3 % 31;
        }
        return ALPHABET.charAt((31 - sum % 31) % 31);
    }

    private static char organisationCheck(String eight) {
        int sum = 0;
        for (int i = 0; i < 8; i++) {
            sum += Character.digit(eight.charAt(i), 36) * ORGANISATION_WEIGHTS[i];
        }
        int check = 11 - sum % 11;
        return check == 10 ? 'X' : check == 11 ? '0' : (char) ('0' + check);
    }
}
