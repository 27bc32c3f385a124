package io.yimen.bench.copy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What was measured: case → system → figure → its value in each round. */
public final class Figures {
    /** Figures of which the ratio to each peer is told as well. */
    private static final List<String> COMPARED = List.of("perSecond", "cpuMicros", "p50Millis", "p99Millis", "seconds");

    /** What all others are compared with. */
    public static final String OURS = "yimen";

    private final Map<String, Map<String, Map<String, double[]>>> cases = new LinkedHashMap<>();
    private final Map<String, Integer> records = new LinkedHashMap<>();

    /** @param records how many there were in the case */
    public void add(String name, int records, String system, Map<String, Double> figures) {
        this.records.put(name, records);
        Map<String, double[]> known = cases.computeIfAbsent(name, n -> new LinkedHashMap<>())
                .computeIfAbsent(system, s -> new LinkedHashMap<>());
        figures.forEach((figure, value) -> known.merge(figure, new double[] {value}, Figures::joined));
    }

    private static double[] joined(double[] some, double[] more) {
        double[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    /** One object a case; whom the plan could not compare with is in each. */
    String json(Plan plan, int rounds) {
        String absent = plan.absent().entrySet().stream()
                .map(a -> "\"" + a.getKey() + "\":\"" + a.getValue() + "\"")
                .collect(Collectors.joining(",", "\"absent\":{", "},"));
        return json(
                "\"source\":\"" + plan.source().name().toLowerCase(Locale.ROOT) + "\",\"width\":\""
                        + plan.width().name().toLowerCase(Locale.ROOT) + "\","
                        + (plan.absent().isEmpty() ? "" : absent),
                rounds);
    }

    /** One object a case, of rows of no particular width. */
    public String json(int rounds) {
        return json("", rounds);
    }

    private String json(String what, int rounds) {
        return cases.keySet().stream()
                .map(name -> "{\"case\":\"" + name + "\"," + what + "\"records\":" + records.get(name)
                        + ",\"rounds\":" + rounds + ",\"systems\":" + systems(name) + ",\"ratios\":" + ratios(name)
                        + "}")
                .collect(Collectors.joining("\n"));
    }

    private String systems(String name) {
        return Objects.requireNonNull(cases.get(name)).entrySet().stream()
                .map(system -> "\"" + system.getKey() + "\":"
                        + system.getValue().entrySet().stream()
                                .map(figure -> "\"" + figure.getKey() + "\":" + quartiles(figure.getValue()))
                                .collect(Collectors.joining(",", "{", "}")))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quartiles(double[] values) {
        return "{\"q1\":" + number(quantile(values, 0.25)) + ",\"median\":" + number(quantile(values, 0.5)) + ",\"q3\":"
                + number(quantile(values, 0.75)) + "}";
    }

    private String ratios(String name) {
        Map<String, Map<String, Double>> ratios = new TreeMap<>();
        ratios(name, ratios);
        return ratios.entrySet().stream()
                .map(figure -> "\"" + figure.getKey() + "\":"
                        + figure.getValue().entrySet().stream()
                                .map(peer -> "\"" + peer.getKey() + "\":" + number(peer.getValue()))
                                .collect(Collectors.joining(",", "{", "}")))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Median of ours ÷ median of each peer, by figure. */
    private void ratios(String name, Map<String, Map<String, Double>> ratios) {
        Map<String, Map<String, double[]>> systems = Objects.requireNonNull(cases.get(name));
        Map<String, double[]> ours = systems.getOrDefault(OURS, Map.of());
        systems.forEach((peer, figures) -> figures.forEach((figure, values) -> {
            double[] own = ours.get(figure);
            if (!peer.equals(OURS) && own != null && COMPARED.contains(figure)) {
                ratios.computeIfAbsent(figure, f -> new LinkedHashMap<>())
                        .put(peer, quantile(own, 0.5) / quantile(values, 0.5));
            }
        }));
    }

    /** For a person: a line a system, medians with quartiles; at the end whom the plan could not compare with. */
    String text(Plan plan) {
        return text()
                + plan.absent().entrySet().stream()
                        .map(a -> System.lineSeparator() + a.getKey() + " takes no part: " + a.getValue())
                        .collect(Collectors.joining());
    }

    /** For a person: a line a system, medians with quartiles. */
    public String text() {
        StringBuilder text = new StringBuilder();
        cases.forEach((name, systems) -> {
            text.append(String.format(Locale.ROOT, "%s, %,d records%n", name, records.get(name)));
            systems.forEach((system, figures) -> {
                text.append(String.format(Locale.ROOT, "  %-24s", system));
                figures.forEach((figure, values) -> text.append(String.format(
                        Locale.ROOT,
                        "  %s %s (%s–%s)",
                        figure,
                        number(quantile(values, 0.5)),
                        number(quantile(values, 0.25)),
                        number(quantile(values, 0.75)))));
                text.append(System.lineSeparator());
            });
            Map<String, Map<String, Double>> ratios = new TreeMap<>();
            ratios(name, ratios);
            ratios.forEach((figure, peers) -> text.append(String.format(
                    Locale.ROOT,
                    "  yimen ÷ peer, %s: %s%n",
                    figure,
                    peers.entrySet().stream()
                            .map(p -> p.getKey() + " " + number(p.getValue()))
                            .collect(Collectors.joining(", ")))));
        });
        return text.toString().stripTrailing();
    }

    /** Between the two values that it lies between. */
    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private static String number(double value) {
        return String.format(
                Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
