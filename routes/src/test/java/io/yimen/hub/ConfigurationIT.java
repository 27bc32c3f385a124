package io.yimen.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a wrong configuration gets: exit code 2 and one line a reason, with key, place and remedy, no values. */
class ConfigurationIT {
    private final Map<String, String> keys = new LinkedHashMap<>(Map.of(
            "yimen.pool.jdbc-url", "jdbc:postgresql://127.0.0.1:1/none",
            "yimen.pool.username", "yimen",
            "yimen.vault.key-file", "vault.key",
            "yimen.vault.create", "true",
            "yimen.connectors.enabled", "none"));
    private final Map<String, String> environment = new LinkedHashMap<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private List<String> refused() throws IOException, InterruptedException {
        try (HubProcess hub = HubProcess.start(folder, keys, environment)) {
            assertThat(hub.awaitEnd(Duration.ofSeconds(30))).isEqualTo(Hub.MISCONFIGURED);
            assertThat(hub.output()).allMatch(line -> line.startsWith("yimen: cannot start: "));
            return hub.output();
        }
    }

    /** What only the running program can judge is refused as firmly, between lines of its log. */
    private List<String> refusedWithTheLogOpen() throws IOException, InterruptedException {
        try (HubProcess hub = HubProcess.start(folder, keys, environment)) {
            assertThat(hub.awaitEnd(Duration.ofSeconds(30))).isEqualTo(Hub.MISCONFIGURED);
            return hub.output().stream()
                    .filter(line -> line.startsWith("yimen: "))
                    .toList();
        }
    }

    @Test
    void unknownKeyIsNamedWithItsLineAndTheLikelyOne() throws Exception {
        Files.writeString(folder.resolve("yimen.yaml"), """
                yimen:
                  kafka:
                    bootstrap-server: localhost:9092
                """);

        assertThat(refused())
                .containsExactly(
                        "yimen: cannot start: yimen.kafka.bootstrap-server (yimen.yaml:3) is not a key of Yimen."
                                + " Did you mean yimen.kafka.bootstrap-servers?");
    }

    @Test
    void unknownVariableAndPropertyAreNamed() throws Exception {
        environment.put("YIMEN_POOL_PASWORD", "secret-1");
        keys.put("yimen.colour", "secret-2");

        assertThat(refused())
                .containsExactly(
                        "yimen: cannot start: yimen.colour (system property) is not a key of Yimen. Remove it",
                        "yimen: cannot start: YIMEN_POOL_PASWORD (environment) is not a key of Yimen."
                                + " Did you mean YIMEN_POOL_PASSWORD?");
    }

    @Test
    void missingKeysAreAllNamed() throws Exception {
        keys.remove("yimen.pool.jdbc-url");
        keys.remove("yimen.vault.key-file");

        assertThat(refused())
                .containsExactly(
                        "yimen: cannot start: yimen.pool.jdbc-url is missing."
                                + " Set it in yimen.yaml or as YIMEN_POOL_JDBC_URL",
                        "yimen: cannot start: yimen.vault.key-file is missing."
                                + " Set it in yimen.yaml or as YIMEN_VAULT_KEY_FILE");
    }

    @Test
    void wrongValuesAreNamedAndNotShown() throws Exception {
        keys.put("yimen.vault.create", "yes-please");
        keys.put("yimen.pool.jdbc-url", "mysql://root:hunter2@db/pool");
        environment.put("YIMEN_SESSION_LIFETIME", "12 hours");
        environment.put("YIMEN_KAFKA_BOOTSTRAP_SERVERS", "broker");
        keys.put("yimen.connectors.catalog", "nowhere");
        keys.put("yimen.connectors.enabled", "*");

        assertThat(refused())
                .containsExactlyInAnyOrder(
                        "yimen: cannot start: yimen.vault.create (system property) is neither true nor false",
                        "yimen: cannot start: yimen.session.lifetime (environment YIMEN_SESSION_LIFETIME) is not an"
                                + " ISO-8601 duration such as PT12H",
                        "yimen: cannot start: yimen.pool.jdbc-url (system property) is not of the form"
                                + " jdbc:postgresql://host:port/database",
                        "yimen: cannot start: yimen.kafka.bootstrap-servers (environment"
                                + " YIMEN_KAFKA_BOOTSTRAP_SERVERS) is not of the form host:port,host:port",
                        "yimen: cannot start: yimen.connectors.catalog (system property) names no folder",
                        "yimen: cannot start: yimen.vault.key-file (system property) names no readable file;"
                                + " for a new pool set yimen.vault.create=true");
    }

    @Test
    void brokenFileIsNamedWithItsLine() throws Exception {
        Files.writeString(folder.resolve("yimen.yaml"), "yimen:\n  pool: [unclosed\n");

        assertThat(refused()).singleElement().asString().contains("yimen.yaml:3 is not YAML");
    }

    @Test
    void missingFileIsNamed() throws Exception {
        environment.put("YIMEN_CONFIG", "elsewhere.yaml");

        assertThat(refused()).singleElement().asString().contains("yimen.config", "elsewhere.yaml");
    }

    @Test
    void demoAccountsAskForAPassword() throws Exception {
        keys.put("yimen.demo.accounts", "true");

        assertThat(refused())
                .containsExactly("yimen: cannot start: yimen.demo.password is missing."
                        + " yimen.demo.accounts=true asks for one");
    }

    @Test
    void howCorrectionsAreDealtWithIsCheckedBeforeAnythingIsWaitedFor() throws Exception {
        keys.put("yimen.corrections.level", "perhaps");
        keys.put("yimen.corrections.levels", "election=nobody,election");
        keys.put("yimen.corrections.answer-days", "0");
        keys.put("yimen.corrections.working-days", "nowhere.yaml");
        keys.put("yimen.corrections.write-back", "credit-codes,nobody");
        keys.put(
                "yimen.connectors.catalog",
                Path.of("../connectors/catalog").toAbsolutePath().toString());
        keys.put("yimen.connectors.enabled", "credit-codes");
        keys.put("yimen.corrections.ticket-folder", folder.resolve("nowhere").toString());

        assertThat(refusedWithTheLogOpen())
                .containsExactlyInAnyOrder(
                        "yimen: cannot start: yimen.corrections.level is none of self, street, owner",
                        "yimen: cannot start: yimen.corrections.levels is none of self, street, owner",
                        "yimen: cannot start: yimen.corrections.levels holds entries of the form SOURCE=self,"
                                + " SOURCE=street or SOURCE=owner",
                        "yimen: cannot start: yimen.corrections.answer-days is not within 1 to 250",
                        "yimen: cannot start: yimen.corrections.working-days names no readable file",
                        "yimen: cannot start: yimen.corrections.write-back names 'credit-codes', whose connector.yaml"
                                + " lets nothing be written; name fields under writeBack there",
                        "yimen: cannot start: yimen.corrections.write-back names 'nobody', which is no connector of"
                                + " this hub",
                        "yimen: cannot start: yimen.corrections.ticket-folder names no folder that may be written to");
        keys.put("yimen.connectors.enabled", "none");
        keys.put("yimen.corrections.answer-days", "many");
        assertThat(refused())
                .containsExactly(
                        "yimen: cannot start: yimen.corrections.answer-days (system property) is not a number");
    }

    @Test
    void workingDaysThatAreNoneAreNamed() throws Exception {
        Files.writeString(folder.resolve("days.yaml"), "holidays: ['2026-13-01']\n");
        keys.put("yimen.corrections.working-days", folder.resolve("days.yaml").toString());

        assertThat(refusedWithTheLogOpen())
                .singleElement()
                .asString()
                .contains("yimen.corrections.working-days: not a list of working days", "2026-13-01");
    }

    @Test
    void rulesForErasingThatAreNoneAreNamed() throws Exception {
        Files.writeString(folder.resolve("erasure.yaml"), "types: [Nobody]\ngrounds: {}\nholds: {}\n");
        keys.put("yimen.erasure.rules", folder.resolve("erasure.yaml").toString());

        assertThat(refusedWithTheLogOpen())
                .singleElement()
                .asString()
                .contains("yimen.erasure.rules line 1: 'Nobody' is no type of the model");
    }
}
