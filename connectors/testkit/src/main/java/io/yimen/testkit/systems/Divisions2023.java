package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.DivisionService;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Door;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code divisions-2023}: the register of divisions of 2023, pages of JSON. */
public final class Divisions2023 implements Fixture {
    private static final int ROWS = 3_000;

    private final DivisionService service = DivisionService.start();
    private final Map<String, String> sample = service.rows().get(0);

    public Divisions2023() {
        service.rows().stream().skip(ROWS).forEach(row -> service.remove(row.getOrDefault("dm", "")));
    }

    @Override
    public String connector() {
        return "divisions-2023";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(service.keys());
    }

    @Override
    public String stream() {
        return "place";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) {
        Manifest.Condition when = stream.when();
        Set<String> keys = new HashSet<>();
        for (Map<String, String> row : service.rows()) {
            if (when == null || when.values().contains(row.getOrDefault(when.column(), "")) != when.negated()) {
                keys.add(row.getOrDefault("dm", ""));
            }
        }
        return keys;
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = new HashMap<>(sample);
        row.put("dm", "1199%08d".formatted(number));
        row.put("mc", "第" + number + "社区居委会");
        row.put("jb", "5");
        row.put("lx", "JWH");
        return row;
    }

    @Override
    public void put(List<Map<String, String>> rows) {
        rows.forEach(service::put);
    }

    @Override
    public void remove(Map<String, String> row) {
        service.remove(row.getOrDefault("dm", ""));
    }

    @Override
    public boolean rereads() {
        return true;
    }

    @Override
    public Probe text() {
        return new Probe("mc", "䶮𠮷喆é\"社区", "name", "䶮𠮷喆é\"社区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.without("the register holds neither dates nor times");
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("jb", "9", "level", "unknown-code"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(new RowDrift(service::rows, rows -> rows.forEach(service::put)));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> {
            String text = "村".repeat(1_500);
            for (int i = 1_000; i < 16_000; i++) {
                Map<String, String> row = row(i);
                row.put("mc", i + text);
                service.put(row);
            }
        });
    }

    @Override
    public void close() {
        service.close();
    }
}
