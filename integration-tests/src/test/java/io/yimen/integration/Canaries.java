package io.yimen.integration;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sensitive values that must not be met in clear, and how to look for them quickly in large texts. */
final class Canaries {
    private static final Pattern NUMBERS = Pattern.compile("[0-9]{7,19}[Xx]?");
    /** Digits that PostgreSQL shows as the hex of a bytea. */
    private static final Pattern HEX = Pattern.compile("(?:3[0-9]){7,19}(?:[57]8)?");

    private final Set<String> values = new HashSet<>();

    Canaries(Collection<String> values) {
        for (String value : values) {
            String plain = Normalizer.normalize(value, Normalizer.Form.NFKC)
                    .replaceAll("[\\s-]", "")
                    .toUpperCase(Locale.ROOT);
            if (plain.length() >= 7) {
                this.values.add(plain);
            }
        }
        if (this.values.isEmpty()) {
            throw new IllegalArgumentException("No canaries: the search would prove nothing");
        }
    }

    int size() {
        return values.size();
    }

    /** The first sensitive value in {@code text}, shortened, so that a failing test does not print it. */
    Optional<String> findIn(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        while (numbers.find()) {
            Optional<String> found = known(numbers.group());
            if (found.isPresent()) {
                return found;
            }
        }
        Matcher hex = HEX.matcher(text);
        while (hex.find()) {
            Optional<String> found = known(new String(HexFormat.of().parseHex(hex.group()), StandardCharsets.US_ASCII));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<String> known(String run) {
        // Phones are too short to be looked for inside longer runs of digits: times and positions would match by
        // chance.
        if (values.contains(run.toUpperCase(Locale.ROOT))) {
            return Optional.of(hint(run));
        }
        for (int length : new int[] {18, 15}) {
            for (int i = 0; i + length <= run.length(); i++) {
                String part = run.substring(i, i + length).toUpperCase(Locale.ROOT);
                if (values.contains(part)) {
                    return Optional.of(hint(part));
                }
            }
        }
        return Optional.empty();
    }

    private static String hint(String value) {
        return value.substring(0, 3) + "… (" + value.length() + " characters)";
    }
}
