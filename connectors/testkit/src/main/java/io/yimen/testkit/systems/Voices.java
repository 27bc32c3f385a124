package io.yimen.testkit.systems;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Door;
import io.yimen.simulators.Drops;
import io.yimen.simulators.VoicesDrop;
import io.yimen.testkit.Crowd;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import io.yimen.testkit.Probe;
import io.yimen.testkit.Trouble;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code voices-13}: what people say on the net, files of JSON lines, each with what is new. */
public final class Voices implements Fixture {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final VoicesDrop drop;
    private final Dropped files;
    private final Map<String, Map<String, String>> told = new LinkedHashMap<>();
    /** What the next file holds. */
    private final Map<String, Map<String, String>> news = new LinkedHashMap<>();

    public Voices(Path folder) {
        drop = VoicesDrop.start(folder, 7, 30, 400);
        files = new Dropped(folder, 1, Voices::name, ".md5", new Dropped.Content() {
            @Override
            public byte[] bytes() throws IOException {
                StringBuilder lines = new StringBuilder();
                for (Map<String, String> row : news.values()) {
                    lines.append(JSON.writeValueAsString(row)).append('\n');
                }
                return lines.toString().getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String announcement(byte[] bytes) {
                return Drops.digest("MD5", bytes);
            }
        });
        try {
            Files.readAllLines(folder.resolve(name(1))).forEach(line -> tell(read(line), told));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(int number) {
        return "w13-%06d.jsonl".formatted(number);
    }

    private static Map<String, String> read(String line) {
        try {
            return JSON.readValue(line, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tell(Map<String, String> row, Map<String, Map<String, String>> rows) {
        rows.put(row.getOrDefault("id", ""), row);
    }

    @Override
    public String connector() {
        return "voices-13";
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(drop.keys());
    }

    @Override
    public String stream() {
        return "opinion";
    }

    @Override
    public Set<String> keys(Manifest.Stream stream) {
        return told.values().stream()
                .filter(row -> stream.id().equals(row.get("lx")))
                .map(row -> row.getOrDefault("id", ""))
                .collect(Collectors.toSet());
    }

    @Override
    public Map<String, String> row(int number) {
        return Map.of(
                "id", "kit" + number,
                "lx", "opinion",
                "bt", "第" + number + "条意见",
                "nr", "路灯不亮",
                "rq", "2026-03-01",
                "zt", "open",
                "sq", "110101001001");
    }

    @Override
    public void put(List<Map<String, String>> rows) {
        rows.forEach(row -> {
            tell(row, told);
            tell(row, news);
        });
    }

    /** What was said is said: no file takes it back. */
    @Override
    public void remove(Map<String, String> row) {
        told.remove(row.getOrDefault("id", ""));
        news.remove(row.getOrDefault("id", ""));
    }

    @Override
    public void publish() throws IOException {
        boolean fit = news.values().stream().allMatch(row -> row.containsKey(text().column()));
        files.leave(fit);
        if (fit) {
            news.clear();
        }
    }

    @Override
    public boolean rereads() {
        return false;
    }

    @Override
    public Probe text() {
        return new Probe("bt", "䶮𠮷喆é\"\\意见", "title", "䶮𠮷喆é\"\\意见");
    }

    @Override
    public Part<List<Probe>> dates() {
        return Part.of(List.of(new Probe("rq", "2024-02-29", "date", "2024-02-29")));
    }

    @Override
    public Part<Probe> poison() {
        return Part.of(new Probe("zt", "reopened", "state", "unknown-code"));
    }

    /** Everything is said again in the other form. */
    @Override
    public Part<Drift> drift() {
        return Part.of(new RowDrift(() -> List.copyOf(told.values()), this::put));
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
        return Part.of(() -> Crowded.rows(this).forEach(row -> tell(row, news)));
    }

    @Override
    public void close() {
        drop.close();
    }
}
