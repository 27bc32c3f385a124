package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.EmbeddedMariaDb;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that takes sealed connections only: what follows its log is sealed. */
@EnabledIf("io.yimen.simulators.EmbeddedMariaDb#isAvailable")
class MysqlCaptureTlsIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String HOME = "insert into t_fw values (%d, '110101001001', '%s', '3号楼', '2单元', '501', '1',"
            + " 61.5, '1', '2024-03-01 09:30:00')";

    @TempDir
    static Path folder;

    private static Path authorities;
    private static String password;
    private static EmbeddedMariaDb server;
    /** Made before the server began to take sealed connections only. */
    private static Connection administrator;

    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void start() throws Exception {
        Certificate.write(folder);
        authorities = folder.resolve(Certificate.CHAIN);
        Path database = folder.resolve("community");
        String name;
        try (CommunitySystem system = CommunitySystem.start(database, CommunitySystem.Options.small(7))) {
            password = system.capturePassword();
            name = system.jdbcUrl().replaceFirst(".*/", "");
        }
        server = EmbeddedMariaDb.start(
                database,
                Map.of(
                        "ssl",
                        "1",
                        "ssl-cert",
                        authorities.toString(),
                        "ssl-key",
                        folder.resolve(Certificate.KEY).toString()));
        administrator = server.connect(name);
        sql("set global require_secure_transport = 1", "delete from t_fw");
    }

    @AfterAll
    static void stop() throws Exception {
        administrator.close();
        server.close();
    }

    private static void sql(String... statements) throws Exception {
        try (Statement statement = administrator.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static Connector connector(String host, String parameters) {
        return Catalog.connector(
                "community",
                Map.of(
                        "jdbc-url",
                        "jdbc:mariadb://" + host + ":" + server.port() + "/sqgl" + parameters,
                        "username",
                        CommunitySystem.CAPTURE_USER,
                        "password",
                        password));
    }

    @ParameterizedTest
    @CsvSource({"localhost, verify-full", "127.0.0.1, verify-ca"})
    void snapshotAndLogAreReadThroughAVerifiedConnection(String host, String mode) throws Exception {
        sql("delete from t_fw", HOME.formatted(1, "多福巷小区"));
        Connector connector = connector(host, "?sslMode=" + mode + "&serverSslCert=" + authorities);
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG)
                    .until(() -> !pool.runs().isEmpty() && pool.lastRun().status() == RunStatus.LIVE);
            assertThat(pool.keys("community/home")).containsExactly("1");
            sql(HOME.formatted(2, "银闸小区"), "delete from t_fw where fw_id = 1");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(pool.keys("community/home")).containsExactly("2"));
            assertThat(running.state().error()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify-ca", "verify-full"})
    void aServerWithAnotherCertificateIsRefused(String mode, @TempDir Path other) throws Exception {
        Certificate.write(other);
        Path wrong = other.resolve(Certificate.CHAIN);
        Connector connector = connector("localhost", "?sslMode=" + mode + "&serverSslCert=" + wrong);
        try (Running running = new Running(connector, pool)) {
            await().atMost(LONG).until(() -> running.state().error().isPresent());
            assertThat(running.state().error().orElse(""))
                    .startsWith("certificate: the certificate of the source database is not one");
        }
        assertThat(pool.runs()).isEmpty();
    }

    /** The server takes another certificate while it runs, and its own back again. */
    @Test
    void aCertificateThatIsOutOfDateOrForAnotherNameIsToldAsThat(@TempDir Path issued) throws Exception {
        Certificate.issue(issued);
        Path own = folder.resolve("own");
        Files.createDirectories(own);
        Files.copy(authorities, own.resolve(Certificate.CHAIN));
        Files.copy(folder.resolve(Certificate.KEY), own.resolve(Certificate.KEY));
        String parameters = "?sslMode=verify-full&serverSslCert=" + issued.resolve(Certificate.CHAIN);
        try {
            for (Map.Entry<String, String> shown : Map.of(
                            "expired", "certificate-expired: the certificate of the source database is out of date",
                            "other", "certificate-name: the certificate of the source database is for another name")
                    .entrySet()) {
                show(issued.resolve(shown.getKey()));
                try (Running running = new Running(connector("localhost", parameters), pool)) {
                    await().atMost(LONG).until(() -> running.state().error().isPresent());
                    assertThat(running.state().error().orElse("")).startsWith(shown.getValue());
                }
            }
        } finally {
            show(own);
        }
        assertThat(pool.runs()).isEmpty();
    }

    private static void show(Path certificate) throws Exception {
        for (String file : List.of(Certificate.CHAIN, Certificate.KEY)) {
            Files.write(folder.resolve(file), Files.readAllBytes(certificate.resolve(file)));
        }
        sql("flush ssl");
    }

    @Test
    void inTheClearTheServerIsNotReadAndTheRemedyIsSaid() throws Exception {
        try (Running running = new Running(connector("localhost", ""), pool)) {
            await().atMost(LONG).until(() -> running.state().error().isPresent());
            assertThat(running.state().error().orElse(""))
                    .startsWith("unsealed: ")
                    .contains("sslMode=verify-full");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, ?sslMode=verify-full, without serverSslCert",
        "localhost, ?sslMode=VERIFY_CA, another sslMode",
        "localhost, ?sslMode=trust&socketTimeout=5000, socketTimeout",
        "localhost, ?sslMode=trust&serverSslCert=AUTHORITIES, serverSslCert without effect",
        "127.0.0.1, ?sslMode=verify-full&serverSslCert=AUTHORITIES, write the server's name",
    })
    void whatTheLogCannotBeReadWithStopsTheStart(String host, String parameters, String reason) {
        String filled = parameters.replace("AUTHORITIES", authorities.toString());
        assertThatThrownBy(() -> connector(host, filled))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("jdbc-url")
                .hasMessageContaining(reason);
    }

    @Test
    void theStoreForTheLogHoldsTheAddressesAuthoritiesAndIsGoneAfterwards() throws Exception {
        Path file;
        try (Authorities.Store store = new Authorities(authorities).store();
                InputStream stored = Files.newInputStream(store.file());
                InputStream named = Files.newInputStream(authorities)) {
            file = store.file();
            KeyStore keys = KeyStore.getInstance("JKS");
            keys.load(stored, null);
            assertThat(keys.size()).isEqualTo(1);
            assertThat(keys.getCertificate("0"))
                    .isEqualTo(CertificateFactory.getInstance("X.509").generateCertificate(named));
        }
        assertThat(file).doesNotExist();
    }
}
