package io.yimen.bench.copy;

import io.yimen.simulators.HubProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is to be measured.
 *
 * @param cases names of {@link #CASES}; the first copy is always made, for all others follow it
 * @param size rows of the first copy
 * @param longest seconds within which a further round has to fit, as far as can be told
 * @param hubOptions of the hub's JVM; a further list makes a further hub to be compared
 */
record Plan(
        Set<String> cases,
        int size,
        Width width,
        int rounds,
        Set<String> peers,
        long longest,
        boolean json,
        List<List<String>> hubOptions) {
    static final List<String> CASES = List.of(
            "snapshot",
            "stream-1",
            "stream-100",
            "stream-large",
            "latency-100",
            "latency-1000",
            "catch-up",
            "start",
            "memory");
    static final List<String> PEERS = List.of("P1", "P2", "P3", "P4");

    static final String USAGE = """
            usage: bench copy [--case NAME,…] [--size N] [--width narrow|normal|wide] [--rounds N] [--peers P1,…|none]
                              [--quick] [--json] [--hub-options "OPTION …"]…
            cases: %s
            peers: P1 Kafka Connect and Debezium's JDBC sink, P2 Debezium's engine and upserts, P3 logical replication,
                   P4 COPY out and in
            100,000 records, normal width, 5 rounds, everything, unless told; --quick: 40,000, without stream-1, stream-100,
            catch-up and start, and no further round that would end later than after 500 s""".formatted(String.join(" ", CASES));

    private static final List<String> QUICK =
            List.of("snapshot", "stream-large", "latency-100", "latency-1000", "memory");
    private static final long QUICK_SECONDS = 500;
    private static final int LEAST_ROWS = 1_000;
    private static final int MOST_ROWS = 20_000_000;

    Plan {
        cases = Set.copyOf(cases);
        peers = Set.copyOf(peers);
        hubOptions = List.copyOf(hubOptions);
    }

    /** @throws IllegalArgumentException if the words are not those of {@link #USAGE} */
    static Plan of(List<String> words) {
        boolean quick = words.contains("--quick");
        Draft draft = new Draft(quick);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--quick")) {
                continue;
            }
            if (word.equals("--json")) {
                draft.json = true;
                continue;
            }
            Consumer<String> option = draft.option(word);
            if (++i == words.size()) {
                throw new IllegalArgumentException(word + " is followed by nothing");
            }
            option.accept(words.get(i));
        }
        return new Plan(
                draft.cases,
                draft.size,
                draft.width,
                draft.rounds,
                draft.peers,
                quick ? QUICK_SECONDS : Long.MAX_VALUE,
                draft.json,
                draft.hubOptions.isEmpty() ? List.of(HubProgram.options()) : draft.hubOptions);
    }

    boolean has(String name) {
        return cases.contains(name);
    }

    private static final class Draft {
        private Set<String> cases;
        private int size;
        private Width width = Width.NORMAL;
        private int rounds = 5;
        private Set<String> peers = Set.copyOf(PEERS);
        private boolean json;
        private final List<List<String>> hubOptions = new ArrayList<>();

        Draft(boolean quick) {
            cases = Set.copyOf(quick ? QUICK : CASES);
            size = quick ? 40_000 : 100_000;
        }

        Consumer<String> option(String word) {
            return switch (word) {
                case "--case" -> value -> cases = listed(value, CASES);
                case "--peers" -> value -> peers = value.equals("none") ? Set.of() : listed(value, PEERS);
                case "--size" -> value -> size = number(value, LEAST_ROWS, MOST_ROWS);
                case "--rounds" -> value -> rounds = number(value, 1, 100);
                case "--width" -> value -> width = Width.valueOf(value.toUpperCase(Locale.ROOT));
                case "--hub-options" -> value -> hubOptions.add(List.of(value.split(" ", -1)));
                default -> throw new IllegalArgumentException("unknown option " + word);
            };
        }

        private static int number(String text, int least, int most) {
            if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
                throw new IllegalArgumentException(text + " is no number from " + least + " to " + most);
            }
            return Integer.parseInt(text);
        }

        private static Set<String> listed(String text, List<String> known) {
            List<String> words = new ArrayList<>(Arrays.asList(text.split(",", -1)));
            words.removeAll(known);
            if (!words.isEmpty()) {
                throw new IllegalArgumentException(words + " is none of " + known);
            }
            return new LinkedHashSet<>(Arrays.asList(text.split(",", -1)));
        }
    }
}
