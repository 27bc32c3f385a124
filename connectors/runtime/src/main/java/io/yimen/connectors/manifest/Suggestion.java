package io.yimen.connectors.manifest;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** What somebody probably meant. */
final class Suggestion {
    private Suggestion() {}

    /** {@code ; did you mean "x"?}, or the known ones if none is near and they are few. */
    static String of(String given, Collection<String> known) {
        Optional<String> near = nearest(given, known);
        if (near.isPresent()) {
            return "; did you mean \"" + near.get() + "\"?";
        }
        return known.isEmpty() || known.size() > 40
                ? ""
                : "; known are " + known.stream().sorted().collect(Collectors.joining(", "));
    }

    static Optional<String> nearest(String given, Collection<String> known) {
        String best = null;
        int least = Math.max(2, given.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(given, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Edits, a swap of neighbours counting once. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
