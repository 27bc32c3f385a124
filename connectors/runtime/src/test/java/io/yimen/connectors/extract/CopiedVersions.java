package io.yimen.connectors.extract;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.RecordingPool;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a pool has been told of tables whose rows carry a version, which grows with each change, as their title. */
final class CopiedVersions {
    /** Name, key, columns, their format, and how the title is read. */
    static final String STREAM = """
              - id: %1$s
                from: t_%1$s
                entity: WorkRecord
                key: [%2$s]
                trust: 50
                uniqueRecords: true
                deletes: log
                brake: 1.0
                fields:
                  title: {from: bt, as: %5$s, purpose: 测试}
                  text: {from: [%3$s], as: concat, format: "%4$s", purpose: 测试}
                tests:
                  - {name: one, given: {bt: x}, skip: true}
            """;

    private CopiedVersions() {}

    static String stream(String name, String key, String column) {
        return STREAM.formatted(name, key, column, "{" + column + "}", "text");
    }

    static Map<String, String> of(RecordingPool pool) {
        Map<String, String> held = new TreeMap<>();
        pool.records().forEach((id, values) -> held.put(id, values.getOrDefault("title", "")));
        return held;
    }

    static List<String> differences(Map<String, String> expected, Map<String, String> actual) {
        Set<String> ids = new TreeSet<>(expected.keySet());
        ids.addAll(actual.keySet());
        return ids.stream()
                .filter(id -> !Objects.equals(expected.get(id), actual.get(id)))
                .limit(20)
                .map(id -> id + ": " + expected.get(id) + " / " + actual.get(id))
                .toList();
    }

    /** Records that went back to an earlier version, or came back after they had gone with one. */
    static List<String> setBack(RecordingPool pool) {
        Map<String, Position> positions = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        List<String> setBack = new ArrayList<>();
        for (Batch batch : pool.batches()) {
            for (ChangeEvent event : batch.events()) {
                String id = event.stream().id() + "/" + event.key();
                Position before = positions.get(id);
                if (before != null && event.position().compareTo(before) <= 0) {
                    continue;
                }
                positions.put(id, event.position());
                if (!event.isDeleted()) {
                    int version = Integer.parseInt(String.valueOf(event.value(0)));
                    int last = seen.getOrDefault(id, 0);
                    if (version < last) {
                        setBack.add(id + ": " + last + " to " + version);
                    }
                    seen.put(id, version);
                }
            }
        }
        return setBack;
    }

    /** The rows that wait in quarantine, by key. */
    static Map<String, Map<String, String>> raw(List<Rejected> rejected) throws IOException {
        Map<String, Map<String, String>> raw = new TreeMap<>();
        for (Rejected each : rejected) {
            raw.put(each.key(), new ObjectMapper().readValue(each.raw(), new TypeReference<Map<String, String>>() {}));
        }
        return raw;
    }

    /** Values that are not the same in both, with the types of their columns. */
    static List<String> rawDifferences(
            Map<String, Map<String, String>> copied,
            Map<String, Map<String, String>> logged,
            List<String> names,
            List<String> columns) {
        List<String> differences = new ArrayList<>();
        copied.forEach((id, values) -> values.forEach((name, value) -> {
            String other = logged.getOrDefault(id, Map.of()).get(name);
            if (!name.equals("bt") && !value.equals(other)) {
                String type = name.equals("id") ? name : columns.get(names.indexOf(name));
                differences.add(type + " of " + id + ": " + value + " / " + other);
            }
        }));
        return differences;
    }
}
