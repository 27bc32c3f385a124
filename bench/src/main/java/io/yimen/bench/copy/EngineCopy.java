package io.yimen.bench.copy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/** Debezium's engine in batches straight into the tables: {@link EngineMain} in a process. */
final class EngineCopy implements CopySystem {
    private final Pair pair;
    private final Path folder;
    private final String classPath;
    private final TableTarget target;
    private final Child child;

    /** @param classPath with the peers' jars and the bench's own */
    EngineCopy(Pair pair, Path folder, String classPath) {
        this.pair = pair;
        this.folder = folder;
        this.classPath = classPath;
        this.target = new TableTarget(pair);
        this.child = new Child(folder);
    }

    @Override
    public String name() {
        return "P2 engine";
    }

    @Override
    public void prepare() throws SQLException, IOException {
        target.create();
        Files.createDirectories(folder);
        Properties p = source(pair, "p2", folder);
        p.put("name", "p2");
        p.put("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
        p.put("offset.storage.file.filename", folder.resolve("offsets").toString());
        p.put("offset.flush.interval.ms", "1000");
        p.put("target.url", pair.targetUrl());
        p.put("target.password", pair.target.password());
        try (var out = Files.newBufferedWriter(folder.resolve("engine.properties"), StandardCharsets.UTF_8)) {
            p.store(out, null);
        }
    }

    /** What Debezium's source is told, in the settings that were found best. */
    static Properties source(Pair pair, String prefix, Path folder) {
        Properties p = pair.source.debezium(prefix, folder);
        p.put("topic.prefix", prefix);
        p.put(
                "table.include.list",
                pair.tables().stream()
                        .map(t -> pair.source.schema() + "." + t.name())
                        .collect(Collectors.joining(",")));
        p.put("tombstones.on.delete", "false");
        p.put("max.batch.size", "8192");
        p.put("max.queue.size", "32768");
        p.put("poll.interval.ms", "5");
        return p;
    }

    @Override
    public void launch() throws IOException {
        child.launch(List.of(
                "-Xmx2g",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                classPath,
                EngineMain.class.getName(),
                folder.resolve("engine.properties").toString()));
    }

    @Override
    public void stop() {
        child.stop();
    }

    @Override
    public void pause() throws IOException, InterruptedException {
        child.pause();
    }

    @Override
    public void resume() throws IOException, InterruptedException {
        child.resume();
    }

    @Override
    public List<Long> processes() {
        return List.of(child.pid());
    }

    @Override
    public CopyTarget target() {
        return target;
    }

    @Override
    public String lastWords() {
        return child.lastWords();
    }

    @Override
    public void close() {
        stop();
    }
}
