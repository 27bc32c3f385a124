package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Division;
import io.yimen.simulators.DivisionDrop;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Door;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import io.yimen.testkit.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code divisions-2016}: the register of divisions of 2016, a file with the whole set every night. */
public final class Divisions2016 implements Fixture {
    private final DivisionDrop drop;
    private LocalDate night = LocalDate.of(2026, 3, 1);
    private String header = "";
    /** Whether the last file was no good: then the next one takes its place. */
    private boolean spoilt;

    public Divisions2016(Path folder) {
        drop = DivisionDrop.of(folder);
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

    /** Drops the next night's file, or the last one once more if it was no good. */
    @Override
    public void publish() {
        night = spoilt ? night : night.plusDays(1);
        spoilt = !header.isEmpty();
        List<Division> rows = drop.rows();
        String csv = DivisionDrop.csv(rows);
        String file = header.isEmpty() ? csv : header + csv.substring(csv.indexOf("\r\n"));
        drop.write(night, DivisionDrop.encode(file), rows.size());
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

    /** The header alone changes; the rows are as wide as before. */
    @Override
    public Part<Drift> drift() {
        String usual = DivisionDrop.csv(List.of()).strip();
        return Part.of(new Drift() {
            @Override
            public void add(String column) {
                header = usual + "," + column;
            }

            @Override
            public void remove(String column) {
                header = "";
            }

            @Override
            public void rename(String from, String to) {
                header = header.isEmpty() ? usual.replace(from, to) : "";
            }
        });
    }

    @Override
    public Part<Trouble> down(Door door) {
        Path away = drop.folder().resolveSibling(drop.folder().getFileName() + "-away");
        return Part.of(new Trouble() {
            @Override
            public void begin() throws IOException {
                Files.move(drop.folder(), away);
            }

            @Override
            public void end() throws IOException {
                Files.move(away, drop.folder());
            }
        });
    }

    /** A file that is still being written: its announcement is not there yet. */
    @Override
    public Part<Trouble> slow(Door door) {
        return Part.of(new Trouble() {
            @Override
            public void begin() throws IOException {
                night = night.plusDays(1);
                byte[] file = DivisionDrop.encode(DivisionDrop.csv(drop.rows()));
                Files.write(drop.folder().resolve(name(night)), java.util.Arrays.copyOf(file, file.length / 2));
            }

            @Override
            public void end() {
                // the next night's file holds it all
            }
        });
    }

    /** A file with fewer rows than were announced. */
    @Override
    public Part<Trouble> rude(Door door) {
        return Part.of(new Trouble() {
            @Override
            public void begin() {
                night = night.plusDays(1);
                spoilt = true;
                List<Division> rows = drop.rows();
                drop.write(night, DivisionDrop.encode(DivisionDrop.csv(rows.subList(0, rows.size() / 2))), rows.size());
            }

            @Override
            public void end() {
                // it is sent again
            }
        });
    }

    private static String name(LocalDate night) {
        return "xzqh-" + night.toString().replace("-", "") + ".csv";
    }

    @Override
    public Part<Crowd> large() {
        return Part.of(() -> {
            String text = "村".repeat(1_500);
            for (int i = 1_000; i < 16_000; i++) {
                drop.put(division(row(i)).withName(text));
            }
        });
    }

    @Override
    public void close() {
        // a folder needs no end
    }
}
