package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.Door;
import io.yimen.simulators.Drops;
import io.yimen.simulators.ElderlyCare;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code elderly-care}: the ledger of elderly care, workbooks on an SFTP server. */
public final class CareLedger implements Fixture {
    private static final String PREFIX = "yimen.connector.elderly-care.";

    private final ElderlyCare care;
    private final Path work;
    private final Dropped files;
    private final Map<String, Map<String, String>> entered = new LinkedHashMap<>();
    private List<String> header = ElderlyCare.COLUMNS;

    public CareLedger(Path folder) {
        work = folder.resolve("work");
        care = ElderlyCare.start(
                folder.resolve("care"),
                CommunitySystem.Options.small(7),
                4,
                Clock.fixed(Instant.parse("2026-03-01T00:00:00Z"), ZoneOffset.UTC));
        files = new Dropped(care.out(), 0, "yl-20260302-%06d.xlsx"::formatted, ".sha256", new Dropped.Content() {
            @Override
            public byte[] bytes() throws IOException {
                return care.workbook(header, entered.values());
            }

            @Override
            public String announcement(byte[] bytes) {
                return Drops.digest("SHA-256", bytes);
            }
        });
    }

    private static String keyOf(Map<String, String> row) {
        return row.getOrDefault("档案号", "");
    }

    @Override
    public String connector() {
        return "elderly-care";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        Map<String, String> keys = new TreeMap<>(care.keys());
        keys.put(PREFIX + "port", door.through("127.0.0.1:" + care.port()).replaceFirst(".*:", ""));
        keys.put(PREFIX + "work", work.toString());
        return keys;
    }

    @Override
    public String stream() {
        return "elder";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) {
        if (!stream.id().equals(stream())) {
            return care.orderNumbers();
        }
        Set<String> keys = new HashSet<>(care.personNumbers());
        keys.addAll(entered.keySet());
        return keys;
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "档案号", "YL9%05d".formatted(number),
                "基本信息/姓名", "张三",
                "基本信息/性别", "男",
                "基本信息/出生日期", "1949-01-01",
                "基本信息/现住址", "第" + number + "号",
                "基本信息/社区编码", "110101001001",
                "能力评估/等级", "中度失能",
                "关爱类别", "独居");
    }

    @Override
    public void put(List<Map<String, String>> rows) {
        rows.forEach(row -> entered.put(keyOf(row), row));
    }

    @Override
    public void remove(Map<String, String> row) {
        entered.remove(keyOf(row));
    }

    @Override
    public void publish() throws IOException {
        files.leave(header.equals(ElderlyCare.COLUMNS));
    }

    @Override
    public boolean rereads() {
        return true;
    }

    @Override
    public Probe text() {
        return new Probe("基本信息/现住址", "䶮𠮷喆é\"&<小区", "address", "䶮𠮷喆é\"&<小区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(new Probe("基本信息/出生日期", "1948-02-29", "birthDate", "1948-02-29")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("关爱类别", "其他", "care", "unknown-code"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(new HeaderDrift(ElderlyCare.COLUMNS, names -> header = names));
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> put(Crowded.rows(this).toList()));
    }

    @Override
    public void close() {
        care.close();
    }
}
