package io.yimen.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/** Outcomes as a person or a program reads them. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Report() {}

    /** One line a verdict, e.g. {@code passed    election         reads-all}. */
    static String line(Verdict verdict) {
        String line = "%-9s %-16s %-10s %s"
                .formatted(
                        verdict.result().id(),
                        verdict.connector(),
                        verdict.check().id(),
                        verdict.check().sentence());
        return verdict.reason().isEmpty() ? line : line + "\n            " + verdict.reason();
    }

    /** How many of each, in one line. */
    static String sum(List<Verdict> verdicts) {
        StringBuilder sum = new StringBuilder();
        for (Verdict.Result result : Verdict.Result.values()) {
            long number = verdicts.stream().filter(o -> o.result() == result).count();
            sum.append(sum.isEmpty() ? "" : ", ").append(number).append(' ').append(result.id());
        }
        return sum.toString();
    }

    /** An array of {@code {connector, check, outcome, reason}}. */
    static String json(List<Verdict> verdicts) {
        ArrayNode array = JSON.createArrayNode();
        verdicts.forEach(o -> array.addObject()
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
