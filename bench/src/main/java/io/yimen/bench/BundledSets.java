package io.yimen.bench;

import io.yimen.pool.identity.match.MatchRules;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** The sets that every run measures. */
final class BundledSets {
    private BundledSets() {}

    static List<String> names() {
        return List.of(
                "febrl1",
                "febrl2",
                "febrl4",
                "febrl4-without-soc_sec_id",
                "registers",
                "registers-all-codes",
                "people-development",
                "people-check");
    }

    static IdentitySet of(String name) throws IOException {
        MatchRules latin = IdentityBench.rules("person-latin");
        return switch (name) {
            case "febrl1" -> febrl(name, latin, false, Set.of("rec_id"), "febrl_dataset1.csv");
            case "febrl2" -> febrl(name, latin, false, Set.of("rec_id"), "febrl_dataset2.csv");
            case "febrl4" -> febrl(name, latin, true, Set.of("rec_id"), "febrl_dataset4a.csv", "febrl_dataset4b.csv");
            case "febrl4-without-soc_sec_id" ->
                febrl(name, latin, true, Set.of("rec_id", "soc_sec_id"), "febrl_dataset4a.csv", "febrl_dataset4b.csv");
            case "registers" -> Registers.set(name, false);
            case "registers-all-codes" -> Registers.set(name, true);
            case "people-development" -> people(name, 11, 100_000);
            case "people-check" -> people(name, 900_001, 200_000);
            case "people-1m" -> people(name, 17, 1_000_000);
            default -> throw new IllegalArgumentException("no set " + name);
        };
    }

    /** Seeds of the development set and of the check set never meet: rules are looked at with the first only. */
    private static IdentitySet people(String name, long seed, int records) throws IOException {
        List<Table> tables = Population.of(seed, records);
        IdentitySet.Truth truth = IdentitySet.Truth.none();
        IdentityBench.truthByNumber(tables, "key", false, truth);
        return new IdentitySet(name, IdentityBench.rules("person"), tables, false, Set.of("key"), "key", truth);
    }

    private static IdentitySet febrl(
            String name, MatchRules rules, boolean link, Set<String> withheld, String... files) {
        List<Table> tables =
                java.util.Arrays.stream(files).map(IdentityBench::resource).toList();
        IdentitySet.Truth truth = IdentitySet.Truth.none();
        IdentityBench.truthByNumber(tables, "rec_id", link, truth);
        return new IdentitySet(name, rules, tables, link, withheld, "rec_id", truth);
    }
}
