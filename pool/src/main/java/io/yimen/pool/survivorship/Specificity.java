package io.yimen.pool.survivorship;

import io.yimen.pool.identity.ResidentId;
import java.math.BigDecimal;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which of two values says more. Each is a strict partial order: of any set of values, those remain that no other one
 * exceeds, in whatever order they come.
 */
enum Specificity {
    /** More characters, counted by code point and without blanks. */
    LONGER {
        @Override
        boolean exceeds(String one, String other) {
            return length(one) > length(other);
        }
    },
    /** Holds the other one whole: a full address and a part of it, a number with and without its area code. */
    CONTAINS {
        @Override
        boolean exceeds(String one, String other) {
            String whole = bare(one);
            String part = bare(other);
            return whole.length() > part.length() && whole.contains(part);
        }
    },
    /**
     * The same date, told further: a year, a year and month, a day. The first of a month, and the first of January,
     * stand for what is not known where another date of that month or year is told.
     */
    DATE {
        @Override
        boolean exceeds(String one, String other) {
            String far = known(one);
            String near = known(other);
            return far.length() > near.length() && far.startsWith(near);
        }
    },
    /** A sound ID number of 18 characters, then any of 18, then one of 15, then anything else. */
    ID_NUMBER {
        @Override
        boolean exceeds(String one, String other) {
            return idNumber(one) > idNumber(other);
        }
    },
    /** More decimal places: a coordinate that was measured more finely. */
    DECIMALS {
        @Override
        boolean exceeds(String one, String other) {
            return decimals(one) > decimals(other);
        }
    };

    private static final Pattern BLANKS = Pattern.compile("[\\s\\u3000]+");
    private static final Pattern UNKNOWN_DAY = Pattern.compile("(-01)?-01$");

    /** Whether {@code one} says more than {@code other}. */
    abstract boolean exceeds(String one, String other);

    /** Its name in the rules. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Specificity> find(String word) {
        return Arrays.stream(values()).filter(s -> s.word().equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Specificity::word).toList();
    }

    private static String bare(String value) {
        return BLANKS.matcher(Normalizer.normalize(value, Normalizer.Form.NFKC)).replaceAll("");
    }

    private static int length(String value) {
        String bare = bare(value);
        return bare.codePointCount(0, bare.length());
    }

    private static String known(String date) {
        return UNKNOWN_DAY.matcher(date).replaceFirst("");
    }

    private static int idNumber(String value) {
        if (value.length() == 18) {
            return ResidentId.findFault(value).isEmpty() ? 3 : 2;
        }
        return value.length() == 15 ? 1 : 0;
    }

    private static int decimals(String value) {
        try {
            return Math.max(0, new BigDecimal(value).stripTrailingZeros().scale());
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
