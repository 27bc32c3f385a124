package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.ConnectorState;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.EmbeddedBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a broker of its own; each test has its own topics. */
@SuppressWarnings("NullAway.Init")
class TopicReaderIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static EmbeddedBroker broker;
    private static Admin admin;
    private static int tests;

    private final RecordingPool pool = new RecordingPool();
    private KafkaProducer<byte[], byte[]> producer;
    private String prefix;
    private Connector connector;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start(folder.resolve("kafka"));
        admin = Admin.create(servers());
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        broker.close();
    }

    private static Properties servers() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", broker.bootstrapServers());
        return properties;
    }

    @BeforeEach
    void topics() throws Exception {
        prefix = "t" + ++tests + ".";
        create(2);
        admin.createTopics(List.of(new NewTopic(prefix + "fangwu", 1, (short) 1)))
                .all()
                .get();
        producer = new KafkaProducer<>(servers(), new ByteArraySerializer(), new ByteArraySerializer());
        connector = connector(Map.of("bootstrap-servers", broker.bootstrapServers()));
    }

    @AfterEach
    void closeProducer() {
        producer.close();
    }

    private void create(int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(prefix + "renkou", partitions, (short) 1)))
                .all()
                .get();
    }

    private Connector connector(Map<String, String> parameters) throws Exception {
        String text = Files.readString(Catalog.folder().resolve("city-brain/connector.yaml"))
                .replace("csdn.", prefix);
        Path file = Files.writeString(folder.resolve(prefix + "yaml"), text);
        Manifest manifest = Manifests.load(file).get(0);
        return Connector.of(
                manifest,
                key -> Optional.ofNullable(parameters.get(key.substring("yimen.connector.city-brain.".length()))));
    }

    private static String person(String name, String care) {
        return "{\"xm\":\"%s\",\"sfzh\":\"110105194901010013\",\"xb\":\"女\",\"csrq\":\"19490101\",\"jzdz\":\"\",\"ghbq\":\"%s\",\"xzqh\":\"110101001001\",\"gxsj\":\"2026-03-01 08:00:00\",\"sjly\":\"公安\"}"
                .formatted(name, care);
    }

    private void send(@Nullable Integer partition, @Nullable String key, @Nullable String value) throws Exception {
        send(partition, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    private void send(@Nullable Integer partition, @Nullable String key, byte @Nullable [] value) throws Exception {
        byte[] bytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(prefix + "renkou", partition, bytes, value))
                .get();
    }

    private void sendHome() throws Exception {
        String home =
                "{\"fwdz\":\"多福巷1号\",\"xqmc\":\"\",\"ldh\":\"\",\"dyh\":\"\",\"fh\":\"1号\",\"mj\":61.50,\"xzqh\":\"110101001001\",\"gxsj\":\"\"}";
        producer.send(new ProducerRecord<>(
                        prefix + "fangwu",
                        "FW1".getBytes(StandardCharsets.UTF_8),
                        home.getBytes(StandardCharsets.UTF_8)))
                .get();
    }

    private void read() throws InterruptedException {
        ConnectorRun.once(connector, pool, pool, Clock.systemUTC());
    }

    private String value(String key, String field) {
        return pool.value("city-brain/resident/" + key, field);
    }

    @Test
    void readsEveryTopicAndResumesAtWhatThePoolHas() throws Exception {
        for (int i = 0; i < 2_500; i++) {
            producer.send(new ProducerRecord<>(
                    prefix + "renkou",
                    ("RK" + i % 2_000).getBytes(StandardCharsets.UTF_8),
                    person("张" + i, "无").getBytes(StandardCharsets.UTF_8)));
        }
        sendHome();
        producer.flush();
        read();
        assertThat(pool.keys("city-brain/resident")).hasSize(2_000);
        assertThat(value("RK7", "name")).as("the later of its key").isEqualTo("张2007");
        assertThat(pool.value("city-brain/home/FW1", "area")).isEqualTo("61.5");
        assertThat(pool.counts("city-brain", "resident").read()).isEqualTo(2_500);
        send(null, "RK7", person("张丽", "独居"));
        read();
        assertThat(value("RK7", "name")).isEqualTo("张丽");
        assertThat(pool.counts("city-brain", "resident").read())
                .as("nothing is read twice")
                .isEqualTo(2_501);
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
    }

    /** Reads a topic in a process of its own: a manifest, and the address of its broker. */
    static final class Reading {
        private Reading() {}

        public static void main(String[] args) throws Exception {
            RecordingPool pool = new RecordingPool();
            Manifest manifest = Manifests.load(Path.of(args[0])).get(0);
            ConnectorRun.once(
                    Catalog.connector(manifest, Map.of("bootstrap-servers", args[1])), pool, pool, Clock.systemUTC());
            System.out.println("READ " + pool.keys("city-brain/resident").size());
            pool.rejected()
                    .forEach(r -> System.out.println("REJECTED " + r.key() + " " + r.reason() + " " + r.message()));
        }
    }

    @Test
    void whatUnpacksToMoreThanTheMemoryHoldsHarmsNoOtherRecord() throws Exception {
        Properties packing = servers();
        packing.setProperty("compression.type", "gzip");
        packing.setProperty("max.request.size", Integer.toString(256 << 20));
        packing.setProperty("buffer.memory", Integer.toString(256 << 20));
        byte[] zeros = new byte[64 << 20];
        String padding = "\"bz\":\"" + "0".repeat(3 << 20) + "\",";
        try (var packer = new KafkaProducer<>(packing, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 10; i++) {
                packer.send(packed("HUGE" + i, zeros)).get();
                for (int j = 0; j < 10; j++) {
                    String key = "RK" + i + j;
                    byte[] value = person("张三", "无").replace("{", "{" + padding).getBytes(StandardCharsets.UTF_8);
                    packer.send(packed(key, value)).get();
                }
            }
            packer.send(new ProducerRecord<>(prefix + "renkou", 0, zeros, new byte[1]))
                    .get();
        }
        send(0, "LAST", person("李四", "无"));
        Path said = folder.resolve(prefix + "said");
        Process reading = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reading.class.getName(),
                        folder.resolve(prefix + "yaml").toString(),
                        broker.bootstrapServers())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(reading.waitFor(LONG.toSeconds(), TimeUnit.SECONDS))
                    .as("it comes to its end")
                    .isTrue();
        } finally {
            reading.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(said).stream()
                .filter(line -> line.startsWith("READ ") || line.startsWith("REJECTED "))
                .toList();
        assertThat(reading.exitValue()).as(Files.readString(said)).isZero();
        assertThat(lines).hasSize(12).contains("READ 101");
        for (int i = 0; i < 10; i++) {
            assertThat(lines)
                    .contains("REJECTED HUGE" + i
                            + " too-large a value of 67108864 bytes, more than 4194304; it was not kept");
        }
        assertThat(lines).anyMatch(line -> line.contains(" too-large a key of 67108864 bytes"));
    }

    private ProducerRecord<byte[], byte[]> packed(String key, byte[] value) {
        return new ProducerRecord<>(prefix + "renkou", 0, key.getBytes(StandardCharsets.UTF_8), value);
    }

    @Test
    void headersOfARecordHaveNoEffect() throws Exception {
        var plain = packed("RK1", person("张三", "无").getBytes(StandardCharsets.UTF_8));
        var dressed = packed("RK2", person("张三", "无").getBytes(StandardCharsets.UTF_8));
        for (String name :
                List.of("CamelFileName", "CamelHttpUri", "CamelKafkaTopic", "kafka-key", "kafka-time", "xm")) {
            dressed.headers().add(name, "../../elsewhere".getBytes(StandardCharsets.UTF_8));
        }
        producer.send(plain).get();
        producer.send(dressed).get();
        read();
        assertThat(pool.rejected()).isEmpty();
        assertThat(pool.keys("city-brain/resident")).containsExactlyInAnyOrder("RK1", "RK2");
        assertThat(value("RK2", "name")).isEqualTo("张三");
        assertThat(pool.batches().toString()).doesNotContain("elsewhere");
    }

    @Test
    void aTopicIsReadAgainFromWhatItStillHolds() throws Exception {
        for (int i = 0; i < 20; i++) {
            send(0, "RK" + i, person("张" + i, "无"));
        }
        sendHome();
        read();
        // What its owner lets go of is gone, and that is no loss of this reading.
        admin.deleteRecords(Map.of(new TopicPartition(prefix + "renkou", 0), RecordsToDelete.beforeOffset(5)))
                .all()
                .get();
        int batches = pool.batches().size();
        pool.askReread("city-brain", Set.of("resident"), "somebody");
        send(0, "RK7", person("张丽", "独居"));
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG)
                    .until(() -> pool.lastRun().kind().equals("stream")
                            && pool.lastRun().status() == RunStatus.LIVE
                            && pool.listRereads().isEmpty());
            send(0, "RK8", person("张莉", "无"));
            await().atMost(LONG).until(() -> value("RK8", "name").equals("张莉"));
            assertThat(running.state().error()).isEmpty();
        }
        assertThat(value("RK7", "name")).isEqualTo("张丽");
        assertThat(pool.keys("city-brain/resident")).hasSize(20);
        assertThat(pool.batches().stream().skip(batches).flatMap(b -> b.events().stream()))
                .hasSize(17)
                .allMatch(e -> e.stream().id().stream().equals("resident"))
                .allMatch(e -> e.position().epoch() == 1);
        assertThat(pool.counts("city-brain", "resident").stale()).isZero();
        assertThat(pool.runs()).extracting(RecordingPool.Run::status).doesNotContain(RunStatus.FAILED);
    }

    @Test
    void aRecordWithoutValueTakesBackWhatItsKeySaid() throws Exception {
        send(null, "RK1", person("张丽", "独居"));
        send(null, "RK2", person("张莉", "无"));
        send(null, "RK1", (String) null);
        send(null, null, (String) null);
        read();
        assertThat(pool.keys("city-brain/resident")).containsExactly("RK2");
        assertThat(pool.rejected()).extracting(Rejected::reason).containsExactly("missing-key");
    }

    @Test
    void aRecordThatIsNoneWaitsAndItsNeighboursAreTaken() throws Exception {
        send(0, "RK1", person("张丽", "独居"));
        send(0, "RK2", "{\"xm\":");
        send(0, "RK3", "[1]");
        send(0, "RK4", new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
        send(0, "RK5", "{\"xm\":\"a\",\"xm\":\"b\"}");
        send(0, "RK6", "[".repeat(5_000));
        send(0, null, person("张莉", "无"));
        send(0, "RK7", person("张莉", "不详"));
        send(0, "RK8", person("张莉", "无"));
        read();
        assertThat(pool.keys("city-brain/resident")).containsExactly("RK1", "RK8");
        assertThat(pool.rejected())
                .extracting(r -> r.key().substring(0, 3) + " " + r.reason())
                .containsExactlyInAnyOrder(
                        "RK2 malformed-json",
                        "RK3 malformed-json",
                        "RK4 malformed-json",
                        "RK5 malformed-json",
                        "RK6 malformed-json",
                        "sha missing-key",
                        "RK7 unknown-code");
        assertThat(pool.counts("city-brain", "resident").isBalanced()).isTrue();
        send(0, "RK2", person("张军", "无"));
        read();
        assertThat(value("RK2", "name")).isEqualTo("张军");
    }

    @Test
    void whatWasNotCommittedIsReadAgainAndNothingTwice() throws Exception {
        for (int i = 0; i < 50; i++) {
            send(null, "RK" + i, person("张" + i, "无"));
        }
        pool.refuseOnce(PoolException.Kind.INVALID, batch -> !batch.events().isEmpty());
        assertThatThrownBy(this::read).isInstanceOf(PoolException.class);
        assertThat(pool.findOffset("city-brain")).isEmpty();
        read();
        assertThat(pool.keys("city-brain/resident")).hasSize(50);
        assertThat(pool.counts("city-brain", "resident").stale()).isZero();
    }

    @Test
    void aTopicThatWasMadeAnewIsReadFromItsBeginning() throws Exception {
        for (int i = 0; i < 20; i++) {
            send(0, "RK1", person("张" + i, "无"));
        }
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG).until(() -> value("RK1", "name").equals("张19"));
            admin.deleteTopics(List.of(prefix + "renkou")).all().get();
            await().atMost(LONG).ignoreExceptions().until(() -> {
                create(1);
                return true;
            });
            send(0, "RK1", person("张丽", "独居"));
            send(0, "RK2", person("张莉", "无"));
            await().atMost(LONG).until(() -> value("RK1", "name").equals("张丽"));
            await().atMost(LONG).until(() -> value("RK2", "name").equals("张莉"));
            assertThat(running.state().notice().orElse("")).contains("was made anew");
        }
    }

    @Test
    void aKeyThatMovesToANewPartitionKeepsItsOrder() throws Exception {
        for (int i = 0; i < 30; i++) {
            send(0, "RK1", person("张" + i, "无"));
        }
        read();
        send(0, "RK1", person("张三十", "无"));
        admin.createPartitions(Map.of(prefix + "renkou", NewPartitions.increaseTo(3)))
                .all()
                .get();
        await().ignoreExceptions().until(() -> {
            send(2, "RK1", person("张丽", "独居"));
            return true;
        });
        read();
        assertThat(value("RK1", "name")).isEqualTo("张丽");
        assertThat(pool.counts("city-brain", "resident").stale()).isZero();
    }

    @Test
    void whatIsGoneUnreadIsSaidAndTheRestIsRead() throws Exception {
        send(0, "RK1", person("张一", "无"));
        read();
        for (int i = 2; i < 12; i++) {
            send(0, "RK" + i, person("张" + i, "无"));
        }
        admin.deleteRecords(Map.of(new TopicPartition(prefix + "renkou", 0), RecordsToDelete.beforeOffset(6)))
                .all()
                .get();
        read();
        assertThat(pool.keys("city-brain/resident")).hasSize(6);
        assertThat(pool.runs())
                .filteredOn(run -> run.status() == RunStatus.FAILED)
                .singleElement()
                .satisfies(run -> assertThat(run.message()).startsWith("records-lost: 5 offsets of " + prefix));
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    void aBrokerThatDiesAndComesBackIsFollowedOn() throws Exception {
        send(null, "RK1", person("张一", "无"));
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG).until(() -> running.state().phase() == ConnectorState.Phase.LIVE);
            broker.kill();
            await().atMost(LONG).until(() -> running.state().failures() > 0);
            assertThat(running.state().error().orElse("")).startsWith("connection: city-brain: the cluster");
            broker.start();
            send(null, "RK2", person("张二", "无"));
            await().atMost(LONG).until(() -> pool.keys("city-brain/resident").contains("RK2"));
        }
        assertThat(pool.counts("city-brain", "resident").read()).isEqualTo(2);
    }

    @Test
    void aTopicThatIsNotThereIsSaid() throws Exception {
        admin.deleteTopics(List.of(prefix + "fangwu")).all().get();
        assertThatThrownBy(this::read)
                .isInstanceOf(ConnectorException.class)
                .satisfies(e -> assertThat(((ConnectorException) e).code()).isEqualTo("missing-topic"));
    }

    @Test
    void aLoginSaysNothingButItsOwn() throws Exception {
        Map<String, String> parameters = new HashMap<>(Map.of(
                "bootstrap-servers", "127.0.0.1:9092",
                "security-protocol", "SASL_SSL",
                "sasl-mechanism", "SCRAM-SHA-512",
                "username", "yimen",
                "ca-file", "/etc/ca.pem",
                "password", "a\"; x=\"b\\"));
        Connector secured = connector(parameters);
        Properties properties = TopicClient.properties(
                secured, (Manifest.Topic) secured.manifest().settings());
        assertThat(properties.getProperty("sasl.jaas.config"))
                .isEqualTo("org.apache.kafka.common.security.scram.ScramLoginModule required username=\"yimen\""
                        + " password=\"a\\\"; x=\\\"b\\\\\";");
        assertThat(properties.getProperty("ssl.truststore.location")).isEqualTo("/etc/ca.pem");
        parameters.put("sasl-mechanism", "GSSAPI");
        assertThatThrownBy(() -> connector(parameters))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("sasl-mechanism: is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
    }
}
