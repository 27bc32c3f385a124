package io.yimen.simulators;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;

/**
 * Resident ID numbers (GB 11643) that are well-formed and that nobody has. The sequence numbers 996–999 were set aside
 * for people over a hundred years of age, so no number with such a sequence and a birth year after 1950 was ever given
 * to a resident.
 */
public final class IdNumbers {
    /** In a year, without the day that not every year has. */
    private static final int DAYS = 365;

    private static final int[] WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String CHECK = "10X98765432";
    private static final String[] REGIONS = {
        "110101", "110102", "110103", "110104", "110105", "110106", "110107", "110109",
        "110111", "110112", "110113", "110114", "110116", "110117", "130102", "310101"
    };
    /** Where those come from whom no election knows, so that no number is given twice. */
    private static final String[] RESIDENT_REGIONS = {
        "110108", "110115", "110118", "110119", "120101", "120103", "130103", "130104", "140105", "210102", "220102",
        "230102", "320102", "330102", "340102", "350102", "360102", "370102", "410102", "420102", "430102", "500101"
    };

    /** For those who are more than these have numbers for: the residents of a city. */
    private static final String[][] MORE_REGIONS = {
        {
            "130105", "130106", "130202", "130203", "130204", "130205", "130206", "130302", "130303", "130304",
                    "130305",
            "130306", "130402", "130403", "130404", "130405", "130406", "140102", "140103", "140104", "140106", "140202"
        },
        {
            "140203", "140302", "140303", "140402", "140403", "140404", "140405", "140406", "150102", "150103",
                    "150104",
            "150105", "150202", "150203", "150204", "150205", "150206", "150302", "150303", "150304", "150402", "150403"
        },
        {
            "150404", "210103", "210104", "210105", "210106", "210202", "210203", "210204", "210302", "210303",
                    "210304",
            "210402", "210403", "210404", "220103", "220104", "220105", "220106", "220202", "220203", "220204", "220205"
        }
    };

    private static final DateTimeFormatter BASIC = DateTimeFormatter.BASIC_ISO_DATE;

    private IdNumbers() {}

    /**
     * The {@code index}-th number of a sex among those born in a span of days; different indexes below {@link
     * #capacity} give different numbers.
     */
    static String of(long index, boolean male, LocalDate first, int days) {
        return of(index, male, first, days, REGIONS);
    }

    /** As {@link #of}, for residents born in {@code year}, whose numbers are none of those. */
    static String ofResident(long index, boolean male, int year) {
        // All lists are of one length.
        long capacity = 2L * RESIDENT_REGIONS.length * DAYS;
        int list = (int) (index / capacity);
        if (list > MORE_REGIONS.length) {
            throw new IllegalArgumentException(
                    "nobody has thought of so many people who were born in one year; add regions");
        }
        // Another beginning each year, or the first of every year would have the same birthday.
        return of(
                index % capacity + year * 7_919L,
                male,
                LocalDate.of(year, 1, 1),
                DAYS,
                list == 0 ? RESIDENT_REGIONS : MORE_REGIONS[list - 1]);
    }

    private static String of(long index, boolean male, LocalDate first, int days, String[] regions) {
        long capacity = 2L * regions.length * days;
        // A step that shares no factor with the capacity visits every slot once before it comes back.
        long step = 1_000_003;
        while (gcd(step, capacity) != 1) {
            step += 2;
        }
        long slot = Math.floorMod(index * step, capacity);
        String region = regions[(int) (slot % regions.length)];
        LocalDate birth = first.plusDays(slot / regions.length % days);
        int pair = (int) (slot / regions.length / days);
        return withCheck(region + birth.format(BASIC) + (996 + 2 * pair + (male ? 1 : 0)));
    }

    /** How many different numbers of one sex there are among those born within so many days. */
    static long capacity(int days) {
        return 2L * REGIONS.length * days;
    }

    /** The 17 digits with their check character. */
    static String withCheck(String seventeen) {
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (seventeen.charAt(i) - '0') * WEIGHTS[i];
        }
        return seventeen + CHECK.charAt(sum % 11);
    }

    /** Whether length, characters, date and check character are right. */
    public static boolean isValid(String number) {
        if (!number.matches("[1-8][0-9]{16}[0-9X]")) {
            return false;
        }
        try {
            LocalDate.parse(number.substring(6, 14), BASIC.withResolverStyle(java.time.format.ResolverStyle.STRICT));
        } catch (java.time.format.DateTimeParseException e) {
            return false;
        }
        return withCheck(number.substring(0, 17)).equals(number);
    }

    /** The 15-digit form that cards of before 1999 carry. */
    static String fifteen(String number) {
        return number.substring(0, 6) + number.substring(8, 17);
    }

    static LocalDate birthDate(String number) {
        return LocalDate.parse(number.substring(6, 14), BASIC);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
