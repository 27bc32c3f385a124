package io.yimen.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/** Outcomes as a person or a program reads them. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Report() {}

    /** One line an outcome, e.g. {@code passed    election         reads-all}. */
    static String line(Outcome outcome) {
        String line = "%-9s %-16s %-10s %s"
                .formatted(
                        outcome.result().id(),
                        outcome.connector(),
                        outcome.check().id(),
                        outcome.check().sentence());
        return outcome.reason().isEmpty() ? line : line + "\n            " + outcome.reason();
    }

    /** How many of each, in one line. */
    static String sum(List<Outcome> outcomes) {
        StringBuilder sum = new StringBuilder();
        for (Outcome.Result result : Outcome.Result.values()) {
            long number = outcomes.stream().filter(o -> o.result() == result).count();
            sum.append(sum.isEmpty() ? "" : ", ").append(number).append(' ').append(result.id());
        }
        return sum.toString();
    }

    /** An array of {@code {connector, check, outcome, reason}}. */
    static String json(List<Outcome> outcomes) {
        ArrayNode array = JSON.createArrayNode();
        outcomes.forEach(o -> array.addObject()
                .put("connector", o.connector())
                .put("check", o.check().id())
                .put("outcome", o.result().id())
                .put("reason", o.reason()));
        try {
            return JSON.writeValueAsString(array);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
