package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.simulators.EmbeddedDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A wrong configuration stops the hub at its start, and the hub says what is wrong, where, and what to do. */
class ConfigurationIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final AtomicInteger POOLS = new AtomicInteger();

    private static @Nullable EmbeddedDatabase database;

    @BeforeAll
    static void startDatabase() {
        database = EmbeddedDatabase.start(Places.folder("configuration-pool"));
    }

    @AfterAll
    static void stopDatabase() {
        if (database != null) {
            database.close();
        }
    }

    @Test
    void refusesAKeyThatItDoesNotKnow() {
        String said = refusal(Map.of("yimen.pool.jdbc-urll", "x"));
        assertThat(said).contains("yimen.pool.jdbc-urll").contains("Did you mean yimen.pool.jdbc-url?");
        assertThat(said).containsPattern("yimen\\.yaml:\\d+");
    }

    @Test
    void namesTheKeyThatIsMissing() {
        assertThat(refusal(Map.of("yimen.pool.username", ""))).contains("yimen.pool.username is missing");
    }

    @Test
    void namesTheParameterThatAConnectorMisses() {
        assertThat(refusal(Map.of("yimen.connector.divisions-2023.base-url", "")))
                .contains("yimen.connector.divisions-2023.base-url");
    }

    @Test
    void refusesAParameterThatNoManifestDeclares() {
        assertThat(refusal(Map.of("yimen.connector.divisions-2023.base-urll", "http://127.0.0.1:1/")))
                .contains("yimen.connector.divisions-2023.base-urll");
    }

    @Test
    void keepsParametersOfConnectorsThatDoNotRun() {
        try (HubProcess hub = hub(newPool(), Map.of("yimen.connectors.enabled", "none"))) {
            hub.start();
        }
    }

    @Test
    void refusesParametersOfConnectorsThatNobodyKnowsThoughNoneRuns() {
        assertThat(refusal(Map.of(
                        "yimen.connectors.enabled",
                        "none",
                        "yimen.connector.divisions-2032.base-url",
                        "http://127.0.0.1:1/")))
                .contains("yimen.connector.divisions-2032.base-url")
                .contains("Did you mean yimen.connector.divisions-2023.base-url?");
        assertThat(refusal(Map.of(
                        "yimen.connectors.enabled", "none", "yimen.connector.divisions-2023.base-urll", "http://x/")))
                .contains("yimen.connector.divisions-2023.base-urll");
    }

    @Test
    void namesAConnectorThatIsNotInTheCatalog() {
        assertThat(refusal(Map.of("yimen.connectors.enabled", "divisions-2032")))
                .contains("yimen.connectors.enabled")
                .contains("divisions-2032");
    }

    @Test
    void namesASourceWhoseCorrectionsNobodyCouldAccept() {
        assertThat(refusal(Map.of("yimen.corrections.levels", "election=street,elction=owner")))
                .contains("yimen.corrections.levels names 'elction'")
                .doesNotContain("'election'");
    }

    @Test
    void pointsAtTheLineOfABadManifest() throws IOException {
        Path catalog = Places.folder("catalog");
        Path manifest = Places.copyConnector("divisions-2023", catalog);
        String text = Files.readString(manifest, StandardCharsets.UTF_8);
        String marker = "streams:";
        int line =
                (int) text.substring(0, text.indexOf("\n" + marker) + 1).lines().count() + 1;
        Files.writeString(manifest, text.replace("\n" + marker, "\nstraems:"), StandardCharsets.UTF_8);
        assertThat(refusal(Map.of("yimen.connectors.catalog", catalog.toString())))
                .contains("connector.yaml:" + line)
                .contains("straems");
    }

    @Test
    void pointsAtTheLineOfAFieldThatTheModelDoesNotKnow() throws IOException {
        Path catalog = Places.folder("catalog");
        Path manifest = Places.copyConnector("divisions-2023", catalog);
        String text = Files.readString(manifest, StandardCharsets.UTF_8);
        var field = java.util.regex.Pattern.compile("(?m)^(\\s+)(name)(:.*)$").matcher(text);
        assertThat(field.find()).as("the manifest maps the field name").isTrue();
        int line = (int) text.substring(0, field.start()).lines().count() + 1;
        String broken = text.substring(0, field.start(2)) + "nmae" + text.substring(field.end(2));
        Files.writeString(manifest, broken, StandardCharsets.UTF_8);
        assertThat(refusal(Map.of("yimen.connectors.catalog", catalog.toString())))
                .contains("connector.yaml:" + line)
                .contains("nmae");
    }

    @Test
    void refusesAKeyFileThatOthersCanRead() throws IOException {
        Path folder = Places.folder("key");
        Path key = folder.resolve("vault.key");
        Files.writeString(key, "00".repeat(32));
        Files.setPosixFilePermissions(key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(refusal(Map.of("yimen.vault.key-file", key.toString(), "yimen.vault.create", "false")))
                .contains("chmod 600");
    }

    @Test
    void refusesAKeyFileThatIsNotThere() {
        assertThat(refusal(Map.of("yimen.vault.key-file", "/nonexistent/vault.key", "yimen.vault.create", "false")))
                .contains("yimen.vault.key-file")
                .contains("yimen.vault.create");
    }

    @Test
    void refusesAPoolThatWasFilledUnderAnotherKey() {
        String pool = newPool();
        try (HubProcess hub = hub(pool, Map.of())) {
            hub.start();
        }
        assertThat(refusal(pool, Map.of())).contains("another vault key");
    }

    @Test
    void namesTheKeysWhenTheDatabaseLetsItNotIn() {
        assertThat(refusal(Map.of("yimen.pool.password", "wrong-hunter2")))
                .contains("yimen.pool.password")
                .doesNotContain("hunter2");
    }

    @Test
    void namesTheDatabaseThatIsNotThere() {
        assertThat(refusal(Map.of(
                        "yimen.pool.jdbc-url", Objects.requireNonNull(database).jdbcUrl("nowhere"))))
                .contains("yimen.pool.jdbc-url")
                .contains("no such database");
    }

    @Test
    void keepsSecretsOutOfWhatItSays() {
        assertThat(refusal(Map.of("yimen.pool.jdbc-url", "postgres:hunter2-secret", "yimen.pool.password", "hunter2")))
                .contains("yimen.pool.jdbc-url")
                .doesNotContain("hunter2");
    }

    /** Starts a hub that would be well configured but for {@code wrong}; answers what it said before it ended. */
    private static String refusal(Map<String, String> wrong) {
        return refusal(newPool(), wrong);
    }

    /** Address of an empty database of its own. */
    private static String newPool() {
        EmbeddedDatabase server = Objects.requireNonNull(database);
        String name = "pool" + POOLS.incrementAndGet();
        server.createDatabase(name);
        return server.jdbcUrl(name);
    }

    private static HubProcess hub(String pool, Map<String, String> more) {
        Map<String, String> configuration = new TreeMap<>(Map.of(
                "yimen.pool.jdbc-url",
                pool,
                "yimen.pool.username",
                EmbeddedDatabase.SUPERUSER,
                "yimen.pool.password",
                Objects.requireNonNull(database).password(),
                "yimen.connectors.enabled",
                "divisions-2023",
                "yimen.connector.divisions-2023.base-url",
                "http://127.0.0.1:1"));
        configuration.putAll(more);
        configuration.values().removeIf(String::isEmpty);
        return new HubProcess(Places.folder("configuration"), configuration);
    }

    private static String refusal(String pool, Map<String, String> wrong) {
        try (HubProcess hub = hub(pool, wrong)) {
            hub.launch();
            assertThat(hub.awaitExit(PATIENCE))
                    .as("exit status\n%s", hub.tail())
                    .isNotZero();
            String said = hub.log();
            assertThat(said).as("a person reads this: no stack trace").doesNotContain("\tat ");
            return said;
        }
    }
}
