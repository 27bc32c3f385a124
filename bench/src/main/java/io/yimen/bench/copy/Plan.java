package io.yimen.bench.copy;

import io.yimen.simulators.HubProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be measured.
 *
 * @param cases names of {@link #CASES}; the first copy is always made, for all others follow it
 * @param peers names of {@link #PEERS}, without those that do not read the source
 * @param size rows of the first copy
 * @param longest seconds within which a further round has to fit, as far as can be told
 * @param hubOptions of the hub's JVM; a further list makes a further hub to be compared
 */
record Plan(
        SourceKind source,
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
            usage: bench copy [--source postgres|mariadb] [--case NAME,…] [--size N] [--width narrow|normal|wide]
                              [--rounds N] [--peers P1,…|none] [--quick] [--json] [--hub-options "OPTION …"]…
            cases: %s
            peers: P1 Kafka Connect and Debezium's JDBC sink, P2 Debezium's engine and upserts, P3 logical replication,
                   P4 COPY out and in; P3 and P4 with PostgreSQL as source only
            PostgreSQL, 100,000 records, normal width, 5 rounds, everything, unless told; --quick: 40,000, without stream-1, stream-100,
            catch-up and start, and no further round that would end later than after 500 s""".formatted(String.join(" ", CASES));

    /** What only PostgreSQL gives to nothing but another PostgreSQL. */
    private static final Map<String, String> POSTGRES_ONLY =
            Map.of("P3", "logical replication is PostgreSQL's own", "P4", "COPY is PostgreSQL's own");

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
                draft.source,
                draft.cases,
                draft.size,
                draft.width,
                draft.rounds,
                draft.peersOfSource(),
                quick ? QUICK_SECONDS : Long.MAX_VALUE,
                draft.json,
                draft.hubOptions.isEmpty() ? List.of(HubProgram.options()) : draft.hubOptions);
    }

    /** Peers that do not read this source, each with the reason. */
    Map<String, String> absent() {
        return source == SourceKind.POSTGRES ? Map.of() : new TreeMap<>(POSTGRES_ONLY);
    }

    boolean has(String name) {
        return cases.contains(name);
    }

    private static final class Draft {
        private SourceKind source = SourceKind.POSTGRES;
        private Set<String> cases;
        private int size;
        private Width width = Width.NORMAL;
        private int rounds = 5;
        private @Nullable Set<String> peers;
        private boolean json;
        private final List<List<String>> hubOptions = new ArrayList<>();

        Draft(boolean quick) {
            cases = Set.copyOf(quick ? QUICK : CASES);
            size = quick ? 40_000 : 100_000;
        }

        Consumer<String> option(String word) {
            return switch (word) {
                case "--source" -> value -> source = SourceKind.valueOf(value.toUpperCase(Locale.ROOT));
                case "--case" -> value -> cases = listed(value, CASES);
                case "--peers" -> value -> peers = value.equals("none") ? Set.of() : listed(value, PEERS);
                case "--size" -> value -> size = number(value, LEAST_ROWS, MOST_ROWS);
                case "--rounds" -> value -> rounds = number(value, 1, 100);
                case "--width" -> value -> width = Width.valueOf(value.toUpperCase(Locale.ROOT));
                case "--hub-options" -> value -> hubOptions.add(List.of(value.split(" ", -1)));
                default -> throw new IllegalArgumentException("unknown option " + word);
            };
        }

        /** All that read the source, unless told; one that does not is not left out without a word. */
        Set<String> peersOfSource() {
            boolean all = source == SourceKind.POSTGRES;
            Set<String> named = peers;
            if (named == null) {
                return all
                        ? Set.copyOf(PEERS)
                        : PEERS.stream()
                                .filter(p -> !POSTGRES_ONLY.containsKey(p))
                                .collect(Collectors.toSet());
            }
            if (!all && named.stream().anyMatch(POSTGRES_ONLY::containsKey)) {
                throw new IllegalArgumentException("P3 and P4 read PostgreSQL only");
            }
            return named;
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
