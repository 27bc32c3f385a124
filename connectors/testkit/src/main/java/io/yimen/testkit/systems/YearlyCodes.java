package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.CreditCodeFile;
import io.yimen.simulators.CreditCodeService;
import io.yimen.simulators.Door;
import io.yimen.simulators.Drops;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import io.yimen.testkit.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code credit-codes-yearly}: the register of credit codes as a file a year, XML in a ZIP archive. */
public final class YearlyCodes implements Fixture {
    private static final int ROWS = 3_000;

    private final Path work;
    private final CreditCodeFile drop;
    private final Dropped files;
    private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();

    public YearlyCodes(Path folder) {
        work = folder.resolve("work");
        drop = CreditCodeFile.of(folder.resolve("drop"));
        files = new Dropped(folder.resolve("drop"), 2000, CreditCodeFile::name, ".sha256", new Dropped.Content() {
            @Override
            public byte[] bytes() throws IOException {
                return CreditCodeFile.zip(List.copyOf(rows.values()));
            }

            @Override
            public String announcement(byte[] bytes) {
                return Drops.digest("SHA-256", bytes);
            }
        });
        put(CreditCodeService.rows(7).subList(0, ROWS));
    }

    private static String keyOf(Map<String, String> row) {
        return row.getOrDefault("tyshxydm", "");
    }

    @Override
    public String connector() {
        return "credit-codes-yearly";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        Map<String, String> keys = new TreeMap<>(drop.keys());
        keys.put("yimen.connector.credit-codes-yearly.work", work.toString());
        return keys;
    }

    @Override
    public String stream() {
        return "organization";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) {
        return Set.copyOf(rows.keySet());
    }

    @Override
    public Map<String, String> row(int number) {
        Map<String, String> row = new HashMap<>(rows.values().iterator().next());
        row.put("tyshxydm", "55110101%09dX".formatted(number));
        row.put("jgmc", "第" + number + "社区居民委员会");
        return row;
    }

    @Override
    public void put(List<Map<String, String>> changed) {
        changed.forEach(row -> rows.put(keyOf(row), row));
    }

    @Override
    public void remove(Map<String, String> row) {
        rows.remove(keyOf(row));
    }

    @Override
    public void publish() throws IOException {
        files.leave(rows.values().stream().allMatch(row -> row.containsKey(text().column())));
    }

    @Override
    public boolean rereads() {
        return true;
    }

    @Override
    public Probe text() {
        return new Probe("jgmc", "䶮𠮷喆é&<社区", "name", "䶮𠮷喆é&<社区");
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
        return Part.of(new RowDrift(() -> List.copyOf(rows.values()), this::put));
    }

    @Override
    public Part<Trouble> down(Door door) {
        return files.away();
    }

    @Override
    public Part<Trouble> slow(Door door) {
        return files.unfinished();
    }

    @Override
    public Part<Trouble> rude(Door door) {
        return files.torn();
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> put(Crowded.rows(this).toList()));
    }

    @Override
    public void close() {
        drop.close();
    }
}
