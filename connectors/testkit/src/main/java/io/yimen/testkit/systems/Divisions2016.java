package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Division;
import io.yimen.simulators.DivisionDrop;
import io.yimen.simulators.Door;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import io.yimen.testkit.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code divisions-2016}: the register of divisions of 2016, a file with the whole set every night. */
public final class Divisions2016 implements Fixture {
    private static final LocalDate BEFORE = LocalDate.of(2026, 3, 1);

    private final DivisionDrop drop;
    private final Dropped files;
    private List<String> header = DivisionDrop.COLUMNS;

    public Divisions2016(Path folder) {
        drop = DivisionDrop.of(folder);
        files = new Dropped(folder, 0, Divisions2016::name, ".ok", new Dropped.Content() {
            @Override
            public byte[] bytes() {
                return DivisionDrop.encode(DivisionDrop.csv(header, drop.rows()));
            }

            @Override
            public String announcement(byte[] bytes) {
                return Integer.toString(drop.rows().size());
            }
        });
    }

    private static String name(int night) {
        return DivisionDrop.name(BEFORE.plusDays(night));
    }

    @Override
    public String connector() {
        return "divisions-2016";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(drop.keys());
    }

    @Override
    public String stream() {
        return "place";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) {
        Set<String> keys = new HashSet<>();
        drop.rows().stream().filter(d -> stream.when() == null || d.isVillage()).forEach(d -> keys.add(d.code()));
        return keys;
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "代码", "1199%08d".formatted(number),
                "上级代码", "110101001000",
                "名称", "第" + number + "社区居委会",
                "级别", "village",
                "城乡分类", "111",
                "经度", "116.41",
                "纬度", "39.92",
                "区", "东城区",
                "街镇", "东华门街道");
    }

    @Override
    public void put(List<Map<String, String>> rows) {
        rows.forEach(row -> drop.put(division(row)));
    }

    private static Division division(Map<String, String> row) {
        return new Division(
                row.getOrDefault("代码", ""),
                row.getOrDefault("上级代码", ""),
                row.getOrDefault("名称", ""),
                row.getOrDefault("级别", ""),
                "",
                row.getOrDefault("城乡分类", ""),
                row.getOrDefault("经度", ""),
                row.getOrDefault("纬度", ""),
                row.getOrDefault("区", ""),
                row.getOrDefault("街镇", ""));
    }

    @Override
    public void remove(Map<String, String> row) {
        drop.remove(row.getOrDefault("代码", ""));
    }

    @Override
    public void publish() throws IOException {
        files.leave(header.equals(DivisionDrop.COLUMNS));
    }

    @Override
    public boolean rereads() {
        return true;
    }

    @Override
    public Probe text() {
        return new Probe("名称", "䶮𠮷喆é\",社区", "name", "䶮𠮷喆é\",社区");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.without("the register holds neither dates nor times");
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("经度", "东经116度", "longitude", "invalid-number"));
    }

    @Override
    public Part<Drift> drift() {
        return Part.of(new HeaderDrift(DivisionDrop.COLUMNS, names -> header = names));
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
        // a folder needs no end
    }
}
