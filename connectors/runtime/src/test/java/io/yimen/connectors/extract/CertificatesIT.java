package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers whose certificate is out of date, for another name, or signed by nobody known: each is told as what it is. */
class CertificatesIT {
    private static final Map<String, String> CODES = Map.of(
            "expired", "certificate-expired",
            "other", "certificate-name");

    @TempDir
    static Path folder;

    private static SSLContext trusting;

    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void issue() throws Exception {
        Certificate.issue(folder);
        trusting = SSLContext.getDefault();
    }

    /** What the hub's own Java trusts; nothing else says it to a service over HTTP. */
    private static void trustTheAuthority() throws GeneralSecurityException, IOException {
        KeyStore keys = new Authorities(folder.resolve(Certificate.CHAIN)).keys();
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLContext.setDefault(context);
    }

    @AfterAll
    static void trustAsBefore() {
        SSLContext.setDefault(trusting);
    }

    private static HttpsServer showing(String name) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(Certificate.server(folder, name)));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private ConnectorException failing(Connector connector) throws InterruptedException {
        try {
            ConnectorRun.once(connector, pool, pool, Clock.systemUTC());
        } catch (ConnectorException e) {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(ConnectorException.Kind.UNEXPECTED);
            return e;
        }
        throw new AssertionError("it was expected to fail");
    }

    private void areToldAsWhatTheyAre(Function<Integer, Connector> connector) throws Exception {
        for (Map.Entry<String, String> shown : CODES.entrySet()) {
            HttpsServer server = showing(shown.getKey());
            try {
                ConnectorException failure =
                        failing(connector.apply(server.getAddress().getPort()));
                assertThat(failure.code()).as(failure.getMessage()).isEqualTo(shown.getValue());
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void servicesOverHttps() throws Exception {
        trustTheAuthority();
        List<Function<Integer, Connector>> kinds = List.of(
                port -> Catalog.connector("credit-codes", Map.of("base-url", "https://localhost:" + port)),
                port -> Catalog.connector(
                        "e-tongche",
                        Map.of("url", "https://localhost:" + port + "/e", "username", "u", "password", "p")));
        for (Function<Integer, Connector> kind : kinds) {
            areToldAsWhatTheyAre(kind);
            HttpsServer good = showing("good");
            try {
                assertThat(failing(kind.apply(good.getAddress().getPort())).code())
                        .as("the handshake itself does not fail")
                        .isIn("http-404", "missing-wsdl");
            } finally {
                good.stop(0);
            }
        }
        SSLContext.setDefault(trusting);
        HttpsServer unknown = showing("good");
        try {
            ConnectorException failure =
                    failing(kinds.get(0).apply(unknown.getAddress().getPort()));
            assertThat(failure.code()).isEqualTo("certificate");
            assertThat(failure).hasMessageContaining("signed by nobody who is trusted");
        } finally {
            unknown.stop(0);
        }
        assertThat(pool.rejected()).isEmpty();
    }

    /** The handshake comes before a word of Kafka's own. */
    @Test
    void clustersOfKafka() throws Exception {
        areToldAsWhatTheyAre(port -> Catalog.connector(
                "city-brain",
                Map.of(
                        "bootstrap-servers",
                        "localhost:" + port,
                        "security-protocol",
                        "SSL",
                        "ca-file",
                        folder.resolve(Certificate.CHAIN).toString())));
    }

    @Test
    void databasesOfPostgres() throws Exception {
        Path shown = Files.createDirectories(folder.resolve("shown"));
        for (String file : List.of(Certificate.CHAIN, Certificate.KEY)) {
            Files.copy(folder.resolve("good").resolve(file), shown.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        try (EmbeddedPostgres server = PostgresCaptureIT.server()
                        .setServerConfig("ssl", "on")
                        .setServerConfig(
                                "ssl_cert_file",
                                shown.resolve(Certificate.CHAIN).toString())
                        .setServerConfig(
                                "ssl_key_file", shown.resolve(Certificate.KEY).toString())
                        .start();
                Connection administrator = server.getPostgresDatabase().getConnection();
                Statement statement = administrator.createStatement()) {
            Map<String, String> parameters = Map.of(
                    "username",
                    "postgres",
                    "password",
                    "postgres",
                    "jdbc-url",
                    "jdbc:postgresql://localhost:" + server.getPort() + "/postgres?sslmode=verify-full&sslrootcert="
                            + folder.resolve(Certificate.CHAIN));
            for (Map.Entry<String, String> code : CODES.entrySet()) {
                for (String file : List.of(Certificate.CHAIN, Certificate.KEY)) {
                    Files.write(
                            shown.resolve(file),
                            Files.readAllBytes(folder.resolve(code.getKey()).resolve(file)));
                }
                statement.execute("select pg_reload_conf()");
                for (String kind : List.of("service-platform", "election")) {
                    // A server takes a moment to read its files again.
                    await().untilAsserted(() -> assertThat(failing(Catalog.connector(kind, parameters)))
                            .extracting(ConnectorException::code)
                            .isEqualTo(code.getValue()));
                }
            }
        }
    }
}
