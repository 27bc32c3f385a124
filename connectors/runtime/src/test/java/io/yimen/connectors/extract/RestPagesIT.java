package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.RunStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that misbehaves on purpose. */
class RestPagesIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Charset GB = Charset.forName("GB18030");

    private final RecordingPool pool = new RecordingPool();
    private final List<String> seen = new ArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final List<String> names = new ArrayList<>();
    private HttpServer server;
    private Misbehaviour misbehaviour = (exchange, page) -> false;

    /** Answers instead of the good server, or leaves it to that. */
    private interface Misbehaviour {
        boolean answers(HttpExchange exchange, int page) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::answer);
        server.start();
        for (int i = 1; i <= 450; i++) {
            names.add("第" + i + "社区居民委员会");
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        String query = exchange.getRequestURI().getQuery();
        synchronized (seen) {
            seen.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-Api-Key"));
        }
        int page = Integer.parseInt(query.replaceAll(".*page(No)?=(\\d+).*", "$2"));
        if (!misbehaviour.answers(exchange, page)) {
            send(exchange, 200, page(page, names).getBytes(GB));
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String item(int number, String name) {
        return "<item><tyshxydm>CODE" + number + "</tyshxydm><jgmc>" + name
                + "</jgmc><jglx>55</jglx><xzqhdm>110101001001"
                + "</xzqhdm><qxmc>东城区</qxmc><jzmc>东华门街道</jzmc><fddbr>䶮</fddbr><dz/><lxdh/><yxqq/><yxqz/><zt>1</zt></item>";
    }

    private static String page(int page, List<String> names) {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"GB18030\"?><response><total>")
                .append(names.size())
                .append("</total><items>");
        for (int i = (page - 1) * 200; i < Math.min(page * 200, names.size()); i++) {
            xml.append(item(i + 1, names.get(i)));
        }
        return xml.append("</items></response>").toString();
    }

    private Connector connector() {
        return connector("PT0.2S");
    }

    private Connector connector(String interval) {
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        return Catalog.connector("credit-codes", Map.of("base-url", base, "api-key", "s3cret", "interval", interval));
    }

    private void pull() throws InterruptedException {
        ConnectorRun.once(connector(), pool, pool, Clock.systemUTC());
    }

    private ConnectorException failing() {
        try {
            pull();
        } catch (ConnectorException e) {
            return e;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("the pull was expected to fail");
    }

    @Test
    void pullsAllPagesWithKeyAndCharset() throws Exception {
        pull();
        assertThat(pool.keys("credit-codes/organization")).hasSize(450);
        assertThat(pool.value("credit-codes/organization/CODE7", "legalPerson")).isEqualTo("䶮");
        assertThat(seen)
                .containsExactly(
                        "/xydm/list?pageNo=1&pageSize=200 s3cret",
                        "/xydm/list?pageNo=2&pageSize=200 s3cret",
                        "/xydm/list?pageNo=3&pageSize=200 s3cret");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(pool.lastRun().expected()).isEqualTo(450);
        assertThat(pool.counts("credit-codes", "organization").applied()).isEqualTo(450);
    }

    @Test
    void recordThatIsGoneIsRetiredByTheNextPullAndTheRestIsUnchanged() throws Exception {
        pull();
        names.remove(449);
        pull();
        assertThat(pool.keys("credit-codes/organization")).hasSize(449);
        assertThat(pool.counts("credit-codes", "organization").unchanged()).isEqualTo(449);
        assertThat(pool.counts("credit-codes", "organization").isBalanced()).isTrue();
    }

    @Test
    void brakeStopsAPullThatWouldRetireTooMuch() throws Exception {
        pull();
        names.subList(100, 450).clear();
        assertThatThrownBy(this::pull).isInstanceOf(PoolException.class);
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.RED);
        assertThat(pool.keys("credit-codes/organization")).hasSize(450);
    }

    @Test
    void passingFaultsAreWaitedOut() throws Exception {
        AtomicInteger faults = new AtomicInteger();
        misbehaviour = (exchange, page) -> {
            if (page != 2 || faults.get() >= 3) {
                return false;
            }
            int status = faults.incrementAndGet() == 1 ? 500 : 429;
            exchange.getResponseHeaders().add("Retry-After", "0");
            send(exchange, status, new byte[0]);
            return true;
        };
        pull();
        assertThat(pool.keys("credit-codes/organization")).hasSize(450);
        assertThat(faults.get()).isEqualTo(3);
    }

    @Test
    void serverThatStaysBrokenFailsTheRunAndTheLoopRecovers() throws Exception {
        AtomicInteger faults = new AtomicInteger();
        misbehaviour = (exchange, page) -> {
            if (faults.incrementAndGet() > 6) {
                return false;
            }
            send(exchange, 503, new byte[0]);
            return true;
        };
        try (Running running = new Running(connector("PT10M"), pool)) {
            await().atMost(LONG).until(() -> running.state().failures() == 1);
            assertThat(running.state().error().orElse("")).startsWith("http-503: credit-codes: page 1");
            await().atMost(LONG).until(() -> pool.lastRun().status() == RunStatus.COMPLETED);
        }
        assertThat(pool.runs())
                .extracting(RecordingPool.Run::status)
                .containsExactly(RunStatus.FAILED, RunStatus.COMPLETED);
    }

    @Test
    void refusalAndRedirectAreToldAtOnce() {
        misbehaviour = (exchange, page) -> {
            send(exchange, 401, new byte[0]);
            return true;
        };
        assertThat(failing().code()).isEqualTo("refused");
        assertThat(requests.get()).isEqualTo(1);
        misbehaviour = (exchange, page) -> {
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/");
            send(exchange, 302, new byte[0]);
            return true;
        };
        assertThat(failing().code()).isEqualTo("redirect");
    }

    @Test
    void brokenXmlIsQuarantinedAndNothingIsLost() throws Exception {
        misbehaviour = (exchange, page) -> {
            if (page != 2) {
                return false;
            }
            send(exchange, 200, page(2, names).replace("</items>", "").getBytes(GB));
            return true;
        };
        ConnectorException failure = failing();
        assertThat(failure.code()).isEqualTo("malformed-xml");
        assertThat(requests.get()).isEqualTo(5);
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.reason()).isEqualTo("malformed-xml");
            assertThat(r.message()).contains("page 2", "line 1");
            assertThat(new String(r.raw(), GB)).contains("第201社区居民委员会");
        });
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.FAILED);
        assertThat(pool.findOffset("credit-codes")).isEmpty();
        misbehaviour = (exchange, page) -> false;
        pull();
        assertThat(pool.keys("credit-codes/organization")).hasSize(450);
    }

    @Test
    void wrongCharsetIsQuarantined() {
        misbehaviour = (exchange, page) -> {
            send(exchange, 200, page(page, names).replace("䶮", "\u00ff").getBytes(StandardCharsets.ISO_8859_1));
            return true;
        };
        misbehaviour = (exchange, page) -> {
            byte[] body = page(page, names).getBytes(GB);
            body[body.length - 30] = (byte) 0xFF;
            send(exchange, 200, body);
            return true;
        };
        assertThat(failing().code()).isEqualTo("charset");
        assertThat(pool.rejected()).extracting(Rejected::reason).containsExactly("charset");
    }

    @Test
    void pageThatRepeatsEndsThePull() {
        misbehaviour = (exchange, page) -> {
            send(exchange, 200, page(1, names).getBytes(GB));
            return true;
        };
        assertThat(failing())
                .hasMessage("repeated-page: page 2 of credit-codes is the same as page 1; the source does not"
                        + " heed the parameter pageNo");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.FAILED);
        assertThat(pool.keys("credit-codes/organization")).isEmpty();
    }

    @Test
    void duplicateKeysInAPull() throws Exception {
        String same = item(1, "甲社区居民委员会");
        misbehaviour = (exchange, page) -> {
            send(
                    exchange,
                    200,
                    ("<response><total>4</total><items>" + same + same + item(2, "乙社区居民委员会") + item(1, "丙社区居民委员会")
                                    + "</items></response>")
                            .getBytes(GB));
            return true;
        };
        pull();
        assertThat(pool.value("credit-codes/organization/CODE1", "name")).isEqualTo("甲社区居民委员会");
        assertThat(pool.rejected())
                .singleElement()
                .satisfies(r -> assertThat(r.reason()).isEqualTo("duplicate-key"));
        var counts = pool.counts("credit-codes", "organization");
        assertThat(counts.read()).isEqualTo(4);
        assertThat(counts.applied()).isEqualTo(2);
        assertThat(counts.stale()).isEqualTo(1);
        assertThat(counts.quarantined()).isEqualTo(1);
    }

    @Test
    void externalEntitiesAreNotRead() {
        misbehaviour = (exchange, page) -> {
            send(
                    exchange,
                    200,
                    ("<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><response><total>1</total><items>"
                                    + item(1, "&e;") + "</items></response>")
                            .getBytes(GB));
            return true;
        };
        assertThat(failing().code()).isEqualTo("malformed-xml");
    }

    @Test
    void silentServerTimesOutAndStopIsPrompt() throws Exception {
        misbehaviour = (exchange, page) -> true;
        Running running = new Running(connector(), pool);
        await().atMost(LONG).until(() -> requests.get() > 0);
        long begin = System.nanoTime();
        running.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void setThatChangedWhileItWasReadRetiresNothing() throws Exception {
        pull();
        misbehaviour = (exchange, page) -> {
            if (page == 2) {
                names.remove(0);
            }
            return false;
        };
        pull();
        assertThat(pool.keys("credit-codes/organization")).hasSize(450);
        assertThat(pool.lastRun().message())
                .isEqualTo(
                        "the source announced 450, then 449 rows and sent 449: nothing is" + " retired by this pull");
    }

    @Test
    void batchIsTriedAgainWhileThePoolIsAway() throws Exception {
        pool.refuseOnce(b -> true);
        pool.refuseOnce(b -> true);
        pull();
        assertThat(pool.keys("credit-codes/organization")).hasSize(450);
        assertThat(pool.runs()).hasSize(1);
    }

    @Test
    void missingColumnFailsTheRun() {
        misbehaviour = (exchange, page) -> {
            send(exchange, 200, page(page, names).replace("fddbr>", "frdb>").getBytes(GB));
            return true;
        };
        ConnectorException failure = failing();
        assertThat(failure.code()).isEqualTo("missing-column");
        assertThat(failure).hasMessageContaining("no row on page 1 of credit-codes has \"fddbr\"");
    }

    @Test
    void answerWithoutEndIsCutOff() {
        misbehaviour = (exchange, page) -> {
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
            return true;
        };
        assertThat(failing().code()).isEqualTo("answer-too-large");
    }
}
