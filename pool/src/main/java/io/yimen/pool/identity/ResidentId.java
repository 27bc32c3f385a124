package io.yimen.pool.identity;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The citizen identification number (GB 11643) and, with regions 81, 82 and 83, the residence permits of people from
 * Hong Kong, Macao and Taiwan: 17 digits and a MOD 11-2 check character.
 */
public final class ResidentId {
    private static final String CHECKS = "10X98765432";
    private static final int[] WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final Set<String> PERMITS = Set.of("81", "82", "83");

    /** Why a number is not one; stable codes for quarantine and flags. */
    public enum Fault {
        LENGTH("id-number-length"),
        CHARACTERS("id-number-characters"),
        REGION("id-number-region"),
        DATE("id-number-date"),
        CHECK("id-number-check");

        private final String code;

        Fault(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    private ResidentId() {}

    /**
     * Half width, upper-case X, no blanks; an old number of 15 digits is lengthened to 18. What cannot be read as a
     * number is returned compacted, for {@link #findFault} to judge.
     */
    public static String normalize(String number) {
        String compact = Names.compact(number).toUpperCase(Locale.ROOT);
        if (compact.length() == 15 && compact.chars().allMatch(ResidentId::isDigit)) {
            String lengthened = compact.substring(0, 6) + "19" + compact.substring(6);
            return lengthened + check(lengthened);
        }
        return compact;
    }

    /** What is wrong with a normalised number; empty if nothing is. */
    public static Optional<Fault> findFault(String number) {
        if (number.length() != 18) {
            return Optional.of(Fault.LENGTH);
        }
        for (int i = 0; i < 18; i++) {
            char c = number.charAt(i);
            if (!isDigit(c) && !(i == 17 && c == 'X')) {
                return Optional.of(Fault.CHARACTERS);
            }
        }
        String region = number.substring(0, 6);
        boolean permit = PERMITS.contains(region.substring(0, 2)) && region.endsWith("0000");
        if (!permit && !Regions.EVER.contains(region)) {
            return Optional.of(Fault.REGION);
        }
        try {
            LocalDate birth = birthDateOf(number);
            if (birth.getYear() < 1800) {
                return Optional.of(Fault.DATE);
            }
        } catch (DateTimeException e) {
            return Optional.of(Fault.DATE);
        }
        return check(number) == number.charAt(17) ? Optional.empty() : Optional.of(Fault.CHECK);
    }

    public static boolean isValid(String number) {
        return findFault(number).isEmpty();
    }

    /** The date of birth that a valid number tells. */
    public static LocalDate birthDateOf(String number) {
        return LocalDate.of(
                Integer.parseInt(number, 6, 10, 10),
                Integer.parseInt(number, 10, 12, 10),
                Integer.parseInt(number, 12, 14, 10));
    }

    /** The sex that a valid number tells, GB/T 2261.1: 1 male, 2 female. */
    public static String sexOf(String number) {
        return (number.charAt(16) - '0') % 2 == 1 ? "1" : "2";
    }

    /** Whether the county code was in force at any time. */
    public static boolean isRegion(String region) {
        return Regions.EVER.contains(region);
    }

    private static char check(String number) {
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (number.charAt(i) - '0') * WEIGHTS[i];
        }
        return CHECKS.charAt(sum % 11);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /** County codes that were ever in force (GB/T 2260); read when first needed. */
    private static final class Regions {
        private static final Set<String> EVER = read();

        private static Set<String> read() {
            try (InputStream in = ResidentId.class.getResourceAsStream("regions.txt")) {
                if (in == null) {
                    throw new IllegalStateException("regions.txt is missing from the pool's jar");
                }
                return new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))
                        .lines()
                        .filter(line -> !line.isEmpty() && line.charAt(0) != '#')
                        .collect(Collectors.toUnmodifiableSet());
            } catch (IOException e) {
                throw new IllegalStateException("regions.txt cannot be read", e);
            }
        }
    }
}
