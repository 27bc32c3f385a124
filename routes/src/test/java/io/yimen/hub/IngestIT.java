package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a file in a folder to a ledger, through the packaged hub and a connector of the catalog. */
@SuppressWarnings("NullAway.Init")
class IngestIT {
    private static final String FILE = """
            代码,上级代码,名称,级别,城乡分类,经度,纬度,区,街镇
            110000000000,100000000000,北京市,province,,116.407394,39.904211,,
            110101000000,110000000000,东城区,county,,116.41,39.92,东城区,
            110101001000,110101000000,东华门街道办事处,town,111,116.40,39.91,东城区,东华门街道办事处
            110101001001,110101001000,多福巷社区居委会,village,111,116.410,39.9270,东城区,东华门街道办事处
            110101001002,110101001000,银闸社区居委会,village,111,东经116度,39.92,东城区,东华门街道办事处
            """;

    @TempDir
    private Path folder;

    private PoolDatabase database;
    private Map<String, String> keys;

    @BeforeEach
    void start() throws IOException {
        database = PoolDatabase.start(folder);
        keys = database.keysWithCatalog();
        keys.put("yimen.connectors.enabled", "divisions-2016");
        keys.put("yimen.connectors.approve", "true");
        keys.put("yimen.connector.divisions-2016.folder", folder.resolve("drop").toString());
        keys.put("yimen.connector.divisions-2016.interval", "PT1S");
        Files.createDirectories(folder.resolve("drop"));
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
    }

    @Test
    void aDroppedFileBecomesLedgersAndRestartsReadNothingAgain() throws Exception {
        Files.writeString(folder.resolve("drop").resolve("xzqh-20260101.csv"), FILE, Charset.forName("GB18030"));
        Files.writeString(folder.resolve("drop").resolve("xzqh-20260101.csv.ok"), "5");
        long lastChange;
        try (HubProcess hub = HubProcess.start(folder, keys, Map.of()).awaitUp()) {
            Sessions sessions = new Sessions(hub.address());
            String[] admin = sessions.signIn("admin");
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                JsonNode counts =
                        sessions.read(sessions.get("/api/v1/runs", admin)).at("/runs/0/counts");
                assertThat(sessions.read(sessions.get("/api/v1/runs", admin))
                                .at("/runs/0/status")
                                .asText())
                        .isEqualTo("COMPLETED");
                assertThat(counts.toString())
                        .contains(
                                "{\"stream\":\"place\",\"read\":5,\"applied\":4,\"unchanged\":0,\"stale\":0,\"quarantined\":1,\"withheld\":0}");
            });
            JsonNode places = sessions.read(sessions.get("/api/v1/ledgers/places?filter=level:village", admin));
            assertThat(places.get("records"))
                    .singleElement()
                    .satisfies(place -> assertThat(place.get("title").asText()).isEqualTo("多福巷社区居委会"));
            JsonNode waiting = sessions.read(sessions.get("/api/v1/quarantine", admin));
            assertThat(waiting.at("/items/0/reason").asText()).isEqualTo("invalid-number");
            Sessions management = new Sessions(hub.management());
            assertThat(management.get("/q/health").body()).contains("\"divisions-2016\"");
            assertThat(management.get("/q/metrics").body())
                    .contains("yimen_records_total", "yimen_apply_seconds", "yimen_quarantine_waiting 1.0");
            lastChange = sessions.read(sessions.get("/api/v1/summary", admin))
                    .get("lastChange")
                    .asLong();
            assertThat(hub.stop()).isEqualTo(143);
            assertThat(hub.output()).anyMatch(line -> line.endsWith("Yimen has stopped"));
        }
        try (HubProcess hub = HubProcess.start(folder, keys, Map.of()).awaitUp()) {
            Sessions sessions = new Sessions(hub.address());
            String[] admin = sessions.signIn("admin");
            assertThat(sessions.read(sessions.get("/api/v1/summary", admin))
                            .get("lastChange")
                            .asLong())
                    .isEqualTo(lastChange);
        }
    }

    @Test
    void aWrongManifestStopsTheStartWithItsLine() throws Exception {
        Path catalog = folder.resolve("catalog");
        Files.createDirectories(catalog.resolve("divisions-2016"));
        String manifest = Files.readString(Path.of("..", "connectors", "catalog", "divisions-2016", "connector.yaml"));
        Files.writeString(
                catalog.resolve("divisions-2016").resolve("connector.yaml"),
                manifest.replaceFirst("as: decimal", "as: decimel"));
        keys.put("yimen.connectors.catalog", catalog.toString());
        assertRefused("connector.yaml:", "decimel");
    }

    @Test
    void missingAndUnknownParametersStopTheStart() throws Exception {
        keys.remove("yimen.connector.divisions-2016.folder");
        assertRefused("yimen.connector.divisions-2016.folder", "is not set");
        keys.put("yimen.connector.divisions-2016.foldr", "x");
        assertRefused(
                "yimen.connector.divisions-2016.foldr (system property)",
                "Did you mean yimen.connector.divisions-2016.folder?");
    }

    private void assertRefused(String... parts) throws Exception {
        try (HubProcess hub = HubProcess.start(folder, keys, Map.of())) {
            assertThat(hub.awaitEnd(Duration.ofSeconds(60))).isEqualTo(Hub.MISCONFIGURED);
            assertThat(hub.output().stream().filter(line -> line.startsWith("yimen: cannot start: ")))
                    .as(String.join("\n", hub.output()))
                    .singleElement()
                    .asString()
                    .contains(parts);
            assertThat(String.join("\n", hub.output())).doesNotContain("\tat ");
        }
    }
}
