package io.yimen.bench.copy;

import io.yimen.simulators.EmbeddedBroker;
import io.yimen.simulators.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Debezium in Kafka Connect, a Kafka broker, Debezium's JDBC sink in the same Connect, upsert, in the settings that were
 * found best. A sink for each table: the schema that spares its converter one in every message is of one table.
 */
final class ConnectCopy implements CopySystem {
    private final Pair pair;
    private final Path folder;
    private final Peers peers;
    private final TableTarget target;
    private @Nullable EmbeddedBroker broker;
    private final Child connect;

    ConnectCopy(Pair pair, Path folder, Peers peers) {
        this.pair = pair;
        this.folder = folder;
        this.peers = peers;
        this.target = new TableTarget(pair);
        this.connect = new Child(folder.resolve("connect"));
    }

    @Override
    public String name() {
        return "P1 kafka connect";
    }

    @Override
    public void prepare() throws SQLException, IOException {
        target.create();
        EmbeddedBroker started = EmbeddedBroker.start(folder.resolve("kafka"), List.of("-Xmx1g"));
        broker = started;
        write("worker", worker(started.bootstrapServers()));
        write("source", source());
        for (CopyTable table : pair.tables()) {
            write("sink-" + table.name(), sink(table));
        }
    }

    private void write(String name, Properties properties) throws IOException {
        try (var out = Files.newBufferedWriter(file(name), StandardCharsets.UTF_8)) {
            properties.store(out, null);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".properties");
    }

    private Properties worker(String bootstrapServers) {
        Properties p = new Properties();
        p.put("bootstrap.servers", bootstrapServers);
        p.put("listeners", "http://127.0.0.1:" + FreePorts.find());
        p.put("offset.storage.file.filename", folder.resolve("offsets").toString());
        p.put("offset.flush.interval.ms", "5000");
        p.put("plugin.discovery", "service_load");
        peers.pluginPath().ifPresent(path -> p.put("plugin.path", path));
        p.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        p.put("key.converter.schemas.enable", "false");
        p.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        p.put("value.converter.schemas.enable", "false");
        p.put("producer.compression.type", "lz4");
        p.put("producer.batch.size", Integer.toString(256 << 10));
        p.put("producer.linger.ms", "1");
        p.put("consumer.max.poll.records", "5000");
        p.put("consumer.max.partition.fetch.bytes", Integer.toString(8 << 20));
        return p;
    }

    private Properties source() {
        Properties p = EngineCopy.source(pair, "p1", folder);
        p.put("name", "source");
        p.put("tasks.max", "1");
        p.put("time.precision.mode", "connect");
        p.put("transforms", "unwrap");
        p.put("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState");
        return p;
    }

    private Properties sink(CopyTable table) {
        Properties p = new Properties();
        p.put("name", "sink-" + table.name());
        p.put("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector");
        p.put("tasks.max", "1");
        p.put("topics", "p1." + pair.source.schema() + "." + table.name());
        p.put("connection.url", pair.targetUrl() + "?reWriteBatchedInserts=true");
        p.put("connection.username", "postgres");
        p.put("connection.password", pair.target.password());
        p.put("collection.name.format", table.name());
        p.put("insert.mode", "upsert");
        p.put("primary.key.mode", "record_key");
        p.put("schema.evolution", "none");
        p.put("batch.size", "5000");
        p.put("use.reduction.buffer", "true");
        p.put("dialect.postgres.unnest.insert.enabled", "true");
        schema(p, "key.converter", table.columns().subList(0, 1));
        schema(p, "value.converter", table.columns());
        return p;
    }

    private static void schema(Properties p, String converter, List<CopyTable.Column> columns) {
        p.put(converter, "org.apache.kafka.connect.json.JsonConverter");
        p.put(converter + ".schemas.enable", "true");
        p.put(
                converter + ".schema.content",
                columns.stream()
                        .map(c -> "{\"field\":\"" + c.name() + "\",\"optional\":" + (c != columns.get(0)) + ","
                                + type(c.type()) + "}")
                        .collect(
                                Collectors.joining(",", "{\"type\":\"struct\",\"optional\":false,\"fields\":[", "]}")));
    }

    private static String type(String type) {
        return switch (type) {
            case "bigint" -> "\"type\":\"int64\"";
            case "integer" -> "\"type\":\"int32\"";
            case "date" -> "\"type\":\"int32\",\"name\":\"org.apache.kafka.connect.data.Date\",\"version\":1";
            default -> "\"type\":\"string\"";
        };
    }

    @Override
    public void launch() throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-Xmx2g",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                peers.connectClassPath(),
                "org.apache.kafka.connect.cli.ConnectStandalone",
                file("worker").toString(),
                file("source").toString()));
        pair.tables().forEach(t -> arguments.add(file("sink-" + t.name()).toString()));
        connect.launch(arguments);
    }

    @Override
    public void stop() {
        connect.stop();
    }

    @Override
    public void pause() throws IOException, InterruptedException {
        connect.pause();
    }

    @Override
    public void resume() throws IOException, InterruptedException {
        connect.resume();
    }

    @Override
    public List<Long> processes() {
        EmbeddedBroker started = broker;
        return started == null ? List.of() : List.of(connect.pid(), started.pid());
    }

    @Override
    public CopyTarget target() {
        return target;
    }

    @Override
    public String lastWords() {
        return connect.lastWords();
    }

    @Override
    public void close() {
        stop();
        EmbeddedBroker started = broker;
        if (started != null) {
            started.close();
        }
    }
}
