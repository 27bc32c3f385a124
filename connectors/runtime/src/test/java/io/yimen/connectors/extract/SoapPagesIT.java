package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.ETongche;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against Apache CXF in both shapes, and against answers that no honest server gives. */
class SoapPagesIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String STREAM = "e-tongche/request";

    private final RecordingPool pool = new RecordingPool();
    private final AtomicInteger elsewhere = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    private AutoCloseable opened = () -> {};

    @AfterEach
    void close() throws Exception {
        opened.close();
    }

    private static Connector connector(String file, Map<String, String> parameters) {
        return Connector.of(
                Manifests.load(Catalog.folder().resolve("e-tongche").resolve(file))
                        .get(0),
                key -> Optional.ofNullable(parameters.get(key.substring("yimen.connector.e-tongche.".length()))));
    }

    private static Connector connector(String file, ETongche system, String interval) {
        Map<String, String> parameters = new HashMap<>(Map.of("interval", interval));
        system.keys()
                .forEach((key, value) -> parameters.put(key.substring("yimen.connector.e-tongche.".length()), value));
        return connector(file, parameters);
    }

    private void pull(Connector connector) throws InterruptedException {
        ConnectorRun.once(connector, pool, pool, Clock.systemUTC());
    }

    private ConnectorException failing(Connector connector) throws InterruptedException {
        try {
            pull(connector);
        } catch (ConnectorException e) {
            return e;
        }
        throw new AssertionError("the pull was expected to fail");
    }

    @Test
    void bothShapesOfTheServiceAreReadWholeAndWhatIsGoneIsRetired() throws Exception {
        for (ETongche.Shape shape : ETongche.Shape.values()) {
            String file = shape == ETongche.Shape.LIST ? "connector.yaml" : "connector-text.yaml";
            RecordingPool own = new RecordingPool();
            try (ETongche system = ETongche.start(shape, 7, 3, 230)) {
                Connector connector = connector(file, system, "PT1H");
                ConnectorRun.once(connector, own, own, Clock.systemUTC());
                assertThat(own.keys(STREAM)).as(shape.name()).hasSize(230);
                assertThat(own.lastRun().expected()).isEqualTo(230);
                assertThat(own.value(STREAM + "/ETC00000230", "department")).isEqualTo("区总工会");
                system.remove("ETC00000007");
                ConnectorRun.once(connector, own, own, Clock.systemUTC());
                assertThat(own.keys(STREAM)).hasSize(229).doesNotContain("ETC00000007");
                assertThat(own.counts("e-tongche", "request").unchanged()).isEqualTo(229);
                assertThat(own.rejected()).isEmpty();
            }
        }
    }

    @Test
    void aWrongPasswordIsSaidAtOnce() throws Exception {
        try (ETongche system = ETongche.start(ETongche.Shape.LIST, 7, 3, 5)) {
            ConnectorException failure = failing(connector(
                    "connector.yaml", Map.of("url", system.url(), "username", "yimen", "password", "nonsense")));
            assertThat(failure.code()).isEqualTo("refused");
            assertThat(failure).hasMessageContaining("FailedAuthentication", "check username and password");
            assertThat(failure.getMessage()).doesNotContain("nonsense");
        }
    }

    @Test
    void aServiceThatStopsAndComesBackIsReadOn() throws Exception {
        try (ETongche system = ETongche.start(ETongche.Shape.TEXT, 7, 3, 120)) {
            try (Running running = new Running(connector("connector-text.yaml", system, "PT0.3S"), pool)) {
                await().atMost(LONG).until(() -> pool.keys(STREAM).size() == 120);
                system.stop();
                await().atMost(LONG).until(() -> running.state().failures() > 0);
                assertThat(running.state().error().orElse("")).startsWith("connection: e-tongche");
                system.remove("ETC00000001");
                system.resume();
                await().atMost(LONG).until(() -> pool.keys(STREAM).size() == 119);
            }
        }
    }

    /** A hand-made service that answers every call so; {@code %s} in a WSDL is its own address. */
    private Connector service(String wsdl, Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        other.createContext("/", exchange -> {
            elsewhere.incrementAndGet();
            send(exchange, 200, "<x/>", 0);
        });
        String foreign = "http://127.0.0.1:" + other.getAddress().getPort() + "/x.xsd";
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/etongche", exchange -> {
            exchange.getRequestBody().readAllBytes();
            if ("GET".equals(exchange.getRequestMethod())) {
                send(exchange, 200, wsdl.replace("FOREIGN", foreign), 0);
            } else {
                calls.incrementAndGet();
                answer.to(exchange, foreign);
            }
        });
        server.start();
        other.start();
        opened = () -> {
            server.stop(0);
            other.stop(0);
        };
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/etongche";
        return connector("connector.yaml", Map.of("url", url, "username", "u", "password", "p"));
    }

    private interface Answer {
        void to(HttpExchange exchange, String foreign) throws IOException;
    }

    private static void send(HttpExchange exchange, int status, String body, int missing) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes, 0, bytes.length - missing);
        exchange.close();
    }

    private static Answer saying(int status, String body) {
        return (exchange, foreign) -> send(exchange, status, body.replace("FOREIGN", foreign), 0);
    }

    private static final String WSDL = """
            <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:t" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
              targetNamespace="urn:t"><types><schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"
              elementFormDefault="qualified">IMPORT</schema></types>
              <message name="in"><part name="p" element="t:queryRequests"/></message>
              <portType name="P"><operation name="queryRequests"><input message="t:in"/></operation></portType>
              <binding name="B" type="t:P"><s:binding style="document"/><operation name="queryRequests">
              <s:operation soapAction="urn:q"/></operation></binding></definitions>""";

    private static final String HEAD = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>";
    private static final String TAIL = "</e:Body></e:Envelope>";

    private static String page(String name) {
        return HEAD + "<queryRequestsResponse><result><total>1</total><items><item><sqbh>ETC00000001</sqbh><sqsx>"
                + name
                + "</sqsx><sldw/><sqrq>20260301</sqrq><clzt>1</clzt><bjrq/><xzqhdm>110101001001</xzqhdm></item></items>"
                + "</result></queryRequestsResponse>" + TAIL;
    }

    private static String wsdl(String imports) {
        return WSDL.replace("IMPORT", imports);
    }

    @Test
    void aDocumentTypeInAnAnswerIsNeverHeeded() throws Exception {
        String outside = "<!DOCTYPE e SYSTEM \"FOREIGN\" [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
        String laughs =
                "<!DOCTYPE e [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY x \"&b;&b;&b;\">]>";
        for (String type : List.of(outside, laughs)) {
            Connector connector = service(wsdl(""), saying(200, type + page("&x;")));
            assertThat(failing(connector).code()).isEqualTo("malformed-xml");
            opened.close();
        }
        assertThat(elsewhere.get()).isZero();
        assertThat(pool.keys(STREAM)).isEmpty();
        assertThat(pool.rejected()).extracting(Rejected::reason).containsOnly("malformed-xml");
    }

    @Test
    void aWsdlThatLeadsElsewhereIsNotFollowed() throws Exception {
        String schema = "<import namespace=\"urn:x\" schemaLocation=\"FOREIGN\"/>";
        assertThat(failing(service(wsdl(schema), saying(200, page("x")))).code())
                .isEqualTo("foreign-import");
        opened.close();
        String file = "<include schemaLocation=\"file:///etc/passwd\"/>";
        assertThat(failing(service(wsdl(file), saying(200, page("x")))).code()).isEqualTo("foreign-import");
        opened.close();
        String typed = "<!DOCTYPE x [<!ENTITY e SYSTEM \"FOREIGN\">]>" + wsdl("");
        assertThat(failing(service(typed, saying(200, page("x")))).code()).isEqualTo("malformed-wsdl");
        opened.close();
        String other = wsdl("").replace("name=\"queryRequests\"", "name=\"askFor\"");
        ConnectorException missing = failing(service(other, saying(200, page("x"))));
        assertThat(missing).hasMessageContaining("no operation queryRequests; it has askFor");
        assertThat(elsewhere.get()).isZero();
        assertThat(calls.get()).isZero();
    }

    @Test
    void aPartOnTheSameHostIsRead() throws Exception {
        Connector connector = service(wsdl("<import schemaLocation=\"/etongche?part=1\"/>"), saying(200, page("法律援助")));
        pull(connector);
        assertThat(pool.value(STREAM + "/ETC00000001", "title")).isEqualTo("法律援助");
    }

    @Test
    void anAnswerThatBreaksOffIsAskedForAgain() throws Exception {
        AtomicInteger cuts = new AtomicInteger();
        String page = page("法律援助");
        Connector connector = service(wsdl(""), (exchange, foreign) -> {
            switch (cuts.incrementAndGet()) {
                case 1 -> send(exchange, 200, page, 40);
                case 2 -> send(exchange, 200, page.substring(0, page.length() - 40), 0);
                default -> send(exchange, 200, page, 0);
            }
        });
        pull(connector);
        assertThat(pool.keys(STREAM)).hasSize(1);
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(pool.rejected()).isEmpty();
    }

    @Test
    void faultsAreToldWithoutNumbersAndThoseOfTheServerAreWaitedOut() throws Exception {
        String fault = HEAD
                + "<e:Fault><faultcode>e:%s</faultcode><faultstring>no %s 110105194901010013</faultstring></e:Fault>"
                + TAIL;
        ConnectorException mine = failing(service(wsdl(""), saying(500, fault.formatted("Client", "such person"))));
        assertThat(mine.code()).isEqualTo("soap-fault");
        assertThat(mine).hasMessageContaining("Client: no such person …");
        assertThat(calls.get()).isEqualTo(1);
        opened.close();
        AtomicInteger faults = new AtomicInteger();
        pull(service(wsdl(""), (exchange, foreign) -> {
            boolean fails = faults.incrementAndGet() < 3;
            send(exchange, fails ? 500 : 200, fails ? fault.formatted("Server", "database") : page("x"), 0);
        }));
        assertThat(pool.keys(STREAM)).hasSize(1);
    }

    @Test
    void anAnswerWithoutEndIsCutOff() throws Exception {
        ConnectorException failure = failing(service(wsdl(""), (exchange, foreign) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 20];
            try {
                for (int i = 0; i < 80; i++) {
                    exchange.getResponseBody().write(block);
                }
            } catch (IOException e) {
                // the reader has had enough
            }
            exchange.close();
        }));
        assertThat(failure.code()).isEqualTo("answer-too-large");
    }
}
