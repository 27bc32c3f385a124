package io.yimen.testkit.systems;

import io.yimen.testkit.Fixture;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows that weigh 30 MiB together, each with a long text that cannot be squeezed. */
final class Crowded {
    private static final int FIRST = 1_000;
    private static final int ROWS = 11_000;
    private static final int CHARACTERS = 1_450;
    private static final int FIRST_HAN = 0x4E00;
    private static final int HAN = 20_000;

    private Crowded() {}

    /** More rows of a fixture's stream, made one by one. */
    static Stream<Map<String, String>> rows(Fixture fixture) {
        String column = fixture.text().column();
        return IntStream.range(FIRST, FIRST + ROWS).mapToObj(number -> {
            Map<String, String> row = new HashMap<>(fixture.row(number));
            row.put(column, text(number));
            return row;
        });
    }

    private static String text(int number) {
        SplittableRandom random = new SplittableRandom(number);
        StringBuilder text = new StringBuilder(CHARACTERS);
        for (int i = 0; i < CHARACTERS; i++) {
            text.append((char) (FIRST_HAN + random.nextInt(HAN)));
        }
        return text.toString();
    }
}
