package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.CityManagement;
import io.yimen.simulators.CommunityWeb;
import io.yimen.simulators.OnlineCouncil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways from page to page, what has changed since, and servers that get them wrong. */
class RestVariantsIT {
    private static final Instant NOON = Instant.parse("2026-03-01T04:00:00Z");
    private static final String RECORDS = "variants/activity";

    @TempDir
    Path folder;

    private final RecordingPool pool = new RecordingPool();
    private final List<String> asked = new ArrayList<>();
    private final Map<String, String> changed = new TreeMap<>();
    private HttpServer server;
    private Answering answering = this::since;

    private interface Answering {
        void answer(HttpExchange exchange, String query) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            synchronized (asked) {
                asked.add(String.valueOf(query));
            }
            try (exchange) {
                answering.answer(exchange, query == null ? "" : query);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static void send(HttpExchange exchange, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private Connector connector(String settings, String deletes) throws IOException {
        return Catalog.connector(folder, """
                apiVersion: yimen.io/v1
                kind: rest-pages
                system: {id: variants, title: 变体, titleEn: Variants, owner: 测试}
                settings:
                  url: "http://127.0.0.1:%d/list"
                  format: json
                  charset: UTF-8
                %s
                streams:
                  - id: activity
                    entity: Activity
                    key: id
                    trust: 10
                    uniqueRecords: true
                    deletes: %s
                    brake: 1
                    fields:
                      name: {from: name, as: text, purpose: 测试}
                    tests:
                      - {name: a row, given: {id: "1", name: 书画展}, expect: {key: "1"}}
                """.formatted(
                        server.getAddress().getPort(), settings.indent(2).stripTrailing(), deletes));
    }

    private void pull(Connector connector, Instant now) throws InterruptedException {
        ConnectorRun.once(connector, pool, pool, Clock.fixed(now, ZoneOffset.UTC));
    }

    private ConnectorException failing(Connector connector) throws InterruptedException {
        try {
            pull(connector, NOON);
        } catch (ConnectorException e) {
            return e;
        }
        throw new AssertionError("expected to fail");
    }

    /** A server that tells what has changed since; two rows a page. */
    private void since(HttpExchange exchange, String query) throws IOException {
        Instant from = query.contains("since=")
                ? OffsetDateTime.parse(query.replaceAll(".*since=([^&]*).*", "$1"))
                        .toInstant()
                : Instant.MIN;
        int offset = Integer.parseInt(query.replaceAll(".*skip=(\\d+).*", "$1"));
        List<String> rows = changed.entrySet().stream()
                .filter(e -> !Instant.parse(e.getValue()).isBefore(from))
                .map(e -> "{\"id\":\"%s\",\"name\":\"n\",\"at\":\"%s\"}".formatted(e.getKey(), e.getValue()))
                .toList();
        send(
                exchange,
                "[" + String.join(",", rows.subList(Math.min(offset, rows.size()), Math.min(offset + 2, rows.size())))
                        + "]");
    }

    private static final String SINCE = """
            page: {by: offset, parameter: skip, sizeParameter: top, size: 2}
            since: {parameter: since, column: at, overlap: PT10M, fullEvery: PT6H}
            rows: /""";

    @Test
    void asksForWhatHasChangedAndForAllOfItNowAndThen() throws Exception {
        changed.put("a", "2026-03-01T03:00:00Z");
        changed.put("b", "2026-03-01T03:30:00Z");
        changed.put("c", "2026-03-01T03:40:00Z");
        Connector connector = connector(SINCE, "full-set");
        pull(connector, NOON);
        assertThat(asked).containsExactly("skip=0&top=2", "skip=2&top=2");
        assertThat(pool.keys(RECORDS)).containsExactly("a", "b", "c");

        // One that was committed late within the overlap, one beyond it, one from tomorrow, and one that is gone.
        changed.put("late", "2026-03-01T03:35:00Z");
        changed.put("later", "2026-03-01T03:10:00Z");
        changed.put("tomorrow", "2026-03-02T03:35:00Z");
        changed.remove("a");
        asked.clear();
        pull(connector, NOON.plus(Duration.ofHours(1)));
        assertThat(asked.get(0)).isEqualTo("skip=0&top=2&since=2026-03-01T11:30:00+08:00");
        assertThat(pool.keys(RECORDS)).containsExactly("a", "b", "c", "late", "tomorrow");

        // The row from tomorrow does not hide what changes today.
        changed.put("d", "2026-03-01T05:30:00Z");
        asked.clear();
        pull(connector, NOON.plus(Duration.ofHours(2)));
        assertThat(asked.get(0)).endsWith("since=2026-03-01T12:50:00+08:00");
        assertThat(pool.keys(RECORDS)).contains("d").doesNotContain("later");

        asked.clear();
        pull(connector, NOON.plus(Duration.ofHours(6)));
        assertThat(asked.get(0)).isEqualTo("skip=0&top=2");
        assertThat(pool.keys(RECORDS)).containsExactly("b", "c", "d", "late", "later", "tomorrow");
    }

    @Test
    void everythingIsAskedForWhereSomebodyWantsItReadAgain() throws Exception {
        changed.put("a", "2026-03-01T03:30:00Z");
        changed.put("b", "2026-03-01T03:40:00Z");
        Connector connector = connector(SINCE, "full-set");
        pull(connector, NOON);
        changed.put("missed", "2026-02-01T00:00:00Z");
        changed.remove("a");
        pull(connector, NOON.plus(Duration.ofMinutes(1)));
        assertThat(pool.keys(RECORDS)).containsExactly("a", "b");

        pool.askReread("variants", Set.of("activity"), "somebody");
        answering = (exchange, query) -> exchange.sendResponseHeaders(404, -1);
        assertThat(failing(connector).code()).isEqualTo("http-404");
        // It was taken, and what broke off is begun anew.
        assertThat(pool.listRereads()).isEmpty();
        assertThat(pool.lastRun().kind()).isEqualTo("reread");
        answering = this::since;
        asked.clear();
        pull(connector, NOON.plus(Duration.ofMinutes(2)));
        assertThat(asked.get(0)).isEqualTo("skip=0&top=2");
        assertThat(pool.keys(RECORDS)).containsExactly("b", "missed");
        asked.clear();
        pull(connector, NOON.plus(Duration.ofMinutes(3)));
        assertThat(asked.get(0)).contains("since=");
    }

    @Test
    void aPullOfChangesThatFailsIsAskedForAgain() throws Exception {
        changed.put("a", "2026-03-01T03:30:00Z");
        Connector connector = connector(SINCE, "none");
        pull(connector, NOON);
        changed.put("b", "2026-03-01T04:10:00Z");
        answering = (exchange, query) -> exchange.sendResponseHeaders(404, -1);
        assertThat(failing(connector).code()).isEqualTo("http-404");
        answering = this::since;
        asked.clear();
        pull(connector, NOON.plus(Duration.ofMinutes(30)));
        assertThat(asked.get(0)).endsWith("since=2026-03-01T11:20:00+08:00");
        assertThat(pool.keys(RECORDS)).containsExactly("a", "b");
    }

    private static final String CURSOR = """
            page: {by: cursor, parameter: after, next: /next, sizeParameter: top, size: 2}
            rows: /items""";

    private static String page(String id, String next) {
        return "{\"items\":[{\"id\":\"%s\",\"name\":\"n\"}],\"next\":%s}".formatted(id, next);
    }

    @Test
    void followsCursorsAndStopsWhereTheyGoInACircle() throws Exception {
        answering = (exchange, query) -> send(
                exchange,
                query.contains("after=x&y")
                        ? page("2", "\"z\"")
                        : query.contains("after=z") ? page("3", "\"\"") : page("1", "\"x&y\""));
        pull(connector(CURSOR, "full-set"), NOON);
        assertThat(pool.keys(RECORDS)).containsExactly("1", "2", "3");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);

        // The last page leads back: what was read stays, and nothing is retired.
        answering = (exchange, query) -> send(
                exchange,
                query.contains("after=x")
                        ? page("2", "\"y\"")
                        : query.contains("after=y") ? page("1", "\"x\"") : page("1", "\"x\""));
        assertThat(failing(connector(CURSOR, "full-set")).code()).isEqualTo("repeated-page");
        assertThat(pool.keys(RECORDS)).containsExactly("1", "2", "3");
    }

    @Test
    void aTruncatedAnswerIsTriedAgainThenQuarantinedAndNothingIsRetired() throws Exception {
        answering = (exchange, query) -> send(exchange, page("1", "null"));
        pull(connector(CURSOR, "full-set"), NOON);
        asked.clear();
        answering = (exchange, query) -> send(exchange, page("2", "null").substring(0, 30));
        assertThat(failing(connector(CURSOR, "full-set")).code()).isEqualTo("malformed-json");
        assertThat(asked).hasSize(4);
        assertThat(pool.rejected()).extracting(Rejected::reason).containsExactly("malformed-json");
        assertThat(pool.keys(RECORDS)).containsExactly("1");
        // Less than was announced.
        asked.clear();
        answering = (exchange, query) -> {
            exchange.sendResponseHeaders(200, 500);
            exchange.getResponseBody().write(page("2", "null").getBytes(StandardCharsets.UTF_8));
            throw new IOException("cut on purpose");
        };
        assertThat(failing(connector(CURSOR, "full-set")).kind()).isEqualTo(ConnectorException.Kind.UNREACHABLE);
        assertThat(pool.keys(RECORDS)).containsExactly("1");
    }

    private static final String LINK = """
            page: {by: link, size: 2}
            rows: /""";

    @Test
    void followsLinksButToNoOtherHost() throws Exception {
        answering = (exchange, query) -> {
            if (!query.contains("p=2")) {
                exchange.getResponseHeaders().add("Link", "</list?p=9>; rel=\"last\", </list?p=2&t=a,b>; rel=next");
            }
            send(exchange, "[{\"id\":\"%s\",\"name\":\"n\"}]".formatted(query.contains("p=2") ? "2" : "1"));
        };
        pull(connector(LINK, "none"), NOON);
        assertThat(pool.keys(RECORDS)).containsExactly("1", "2");
        assertThat(asked).containsExactly("null", "p=2&t=a,b");
        for (String elsewhere : List.of("http://169.254.169.254/latest", "//localhost:1/x", "file:///etc/passwd")) {
            answering = (exchange, query) -> {
                exchange.getResponseHeaders().add("Link", "<" + elsewhere + ">; rel=\"next\"");
                send(exchange, "[{\"id\":\"1\",\"name\":\"n\"}]");
            };
            assertThat(failing(connector(LINK, "none")).code()).isEqualTo("redirect");
        }
        answering = (exchange, query) -> {
            exchange.getResponseHeaders().add("Location", "http://169.254.169.254/latest");
            exchange.sendResponseHeaders(302, -1);
        };
        assertThat(failing(connector(LINK, "none")).code()).isEqualTo("redirect");
    }

    @Test
    void theSystemsOfTheWebAreReadAndFollowed() throws Exception {
        Clock clock = Clock.fixed(NOON, ZoneOffset.UTC);
        Clock later = Clock.fixed(NOON.plus(Duration.ofMinutes(5)), ZoneOffset.UTC);
        try (CommunityWeb web = CommunityWeb.start(7, 30, clock);
                CityManagement city = CityManagement.start(7, 30, 450, clock);
                OnlineCouncil council = OnlineCouncil.start(7, 100, clock)) {
            for (Connector connector : List.of(
                    Catalog.connector(web, Map.of()),
                    Catalog.connector(city, Map.of()),
                    Catalog.connector(council, Map.of()))) {
                ConnectorRun.once(connector, pool, pool, clock);
                assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
            }
            assertThat(pool.rejected()).isEmpty();
            assertThat(pool.keys("community-web/article").size()
                            + pool.keys("community-web/covenant").size())
                    .isEqualTo(web.size());
            assertThat(pool.keys("city-management/request")).hasSize(city.size());
            assertThat(pool.keys("online-council/topic"))
                    .hasSize(council.size())
                    .hasSize(300);
            assertThat(pool.records().entrySet())
                    .filteredOn(e -> e.getKey().startsWith("community-web/"))
                    .extracting(e -> e.getValue().get("text"))
                    .allSatisfy(t -> assertThat(t).isNotBlank().doesNotContain("<", "count(", "margin", "iframe"));

            int requests = city.requests();
            int before = city.size();
            city.step(20);
            ConnectorRun.once(Catalog.connector(city, Map.of()), pool, pool, later);
            assertThat(pool.keys("city-management/request"))
                    .hasSize(city.size())
                    .hasSizeGreaterThan(before);
            assertThat(city.requests()).as("changes alone fit on a page").isEqualTo(requests + 1);
        }
    }
}
