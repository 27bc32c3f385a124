package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Door;
import io.yimen.simulators.RowSystem;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the fixtures of services have in common that serve their rows page by page. */
abstract class Served implements Fixture {
    private static final int MOST_ROWS = 3_000;

    private final RowSystem system;
    private final String key;
    private final Map<String, String> sample;

    /** @param key the column that identifies a row */
    Served(RowSystem system, String key) {
        this.system = system;
        this.key = key;
        this.sample = system.rows().get(0);
        system.rows().stream().skip(MOST_ROWS).forEach(this::remove);
    }

    @Override
    public final String connector() {
        return system.connector();
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(system.keys());
    }

    @Override
    public final Set<String> keys(Manifest.Stream stream) {
        Manifest.Condition when = stream.when();
        Set<String> keys = new HashSet<>();
        for (Map<String, String> row : system.rows()) {
            if (when == null || when.values().contains(row.getOrDefault(when.column(), "")) != when.negated()) {
                keys.add(row.getOrDefault(key, ""));
            }
        }
        return keys;
    }

    /** A row that the system held at its start; a copy. */
    final Map<String, String> sample() {
        return new HashMap<>(sample);
    }

    @Override
    public final void put(List<Map<String, String>> rows) {
        rows.forEach(system::put);
    }

    @Override
    public final void remove(Map<String, String> row) {
        system.remove(row.getOrDefault(key, ""));
    }

    @Override
    public boolean rereads() {
        return true;
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(new RowDrift(system::rows, this::put));
    }

    @Override
    public final Part<Crowd> large() {
        return Part.of(() -> Crowded.rows(this).forEach(system::put));
    }

    @Override
    public final void close() {
        system.close();
    }
}
