package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.CreditCodeService;
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

/** {@code credit-codes}: the register of credit codes, pages of XML in GB18030. */
public final class CreditCodes implements Fixture {
    private static final int ROWS = 3_000;

    private final CreditCodeService service = CreditCodeService.start(7);
    private final Map<String, String> sample = service.rows().get(0);

    public CreditCodes() {
        service.rows().stream().skip(ROWS).forEach(row -> service.remove(row.getOrDefault("tyshxydm", "")));
    }

    @Override
    public String connector() {
        return "credit-codes";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(service.keys());
    }

    @Override
    public String stream() {
        return "organization";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) {
        Set<String> keys = new HashSet<>();
        service.rows().forEach(row -> keys.add(row.getOrDefault("tyshxydm", "")));
        return keys;
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = new HashMap<>(sample);
        row.put("tyshxydm", "55110101%09dX".formatted(number));
        row.put("fddbr", "张三");
        return row;
    }

    @Override
    public void put(List<Map<String, String>> rows) {
        rows.forEach(service::put);
    }

    @Override
    public void remove(Map<String, String> row) {
        service.remove(row.getOrDefault("tyshxydm", ""));
    }

    @Override
    public boolean rereads() {
        return true;
    }

    @Override
    public Probe text() {
        return new Probe("fddbr", "䶮𠮷喆é&<三", "legalPerson", "䶮𠮷喆é&<三");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(
                new Probe("yxqq", "2024-02-29", "validFrom", "2024-02-29"), new Probe("yxqz", "", "validTo", "")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("yxqq", "2021-02-30", "validFrom", "invalid-date"));
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
                row.put("dz", text);
                service.put(row);
            }
        });
    }

    @Override
    public void close() {
        service.close();
    }
}
