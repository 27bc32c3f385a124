package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

@Timeout(60)
class ServicesIT {
    private static final Charset GB18030 = Charset.forName("GB18030");

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @Test
    void divisionsArePagedInJson() throws Exception {
        try (DivisionService service = DivisionService.start()) {
            JsonNode page = new ObjectMapper()
                    .readTree(
                            get(service.baseUrl() + "/api/xzqh?page=1&size=500").body());
            assertThat(page.path("total").intValue()).isEqualTo(6_409);
            assertThat(page.path("pages").intValue()).isEqualTo(13);
            assertThat(page.path("rows")).hasSize(500);
            JsonNode village = page.path("rows").path(4);
            assertThat(village.path("mc").textValue()).isEqualTo("多福巷社区居委会");
            assertThat(village.path("jz").textValue()).isEqualTo("东华门街道");
            assertThat(village.path("jb").textValue()).isEqualTo("5");
            assertThat(village.path("lx").textValue()).isEqualTo("JWH");

            JsonNode last = new ObjectMapper()
                    .readTree(get(service.baseUrl() + "/api/xzqh?page=13&size=500")
                            .body());
            assertThat(last.path("rows")).hasSize(409);
        }
    }

    @Test
    void creditCodesArriveAsXmlInGb18030() throws Exception {
        try (CreditCodeService service = CreditCodeService.start(2026)) {
            Map<String, String> rare = service.rows().get(0);
            rare.put("fddbr", "王䶮𠮷");
            service.put(rare);
            byte[] body =
                    get(service.baseUrl() + "/xydm/list?pageNo=1&pageSize=200").body();
            Document page =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(body));
            assertThat(page.getElementsByTagName("item").getLength()).isEqualTo(200);
            assertThat(page.getElementsByTagName("total").item(0).getTextContent())
                    .isEqualTo("6099");
            assertThat(page.getElementsByTagName("fddbr").item(0).getTextContent())
                    .isEqualTo("王䶮𠮷");
            assertThat(page.getElementsByTagName("jgmc").item(0).getTextContent())
                    .isEqualTo("北京市东城区东华门街道多福巷社区居民委员会");
        }
    }

    @Test
    void codesAgreeWithTheElectionSystem() {
        try (CreditCodeService service = CreditCodeService.start(5)) {
            List<Map<String, String>> rows = service.rows();
            for (Committee committee : ElectionSystem.committees(5, 100, new Names())) {
                if (committee.creditCode() == null) {
                    continue;
                }
                Map<String, String> row = rows.get(committee.index());
                assertThat(row)
                        .containsEntry("tyshxydm", committee.creditCode())
                        .containsEntry("xzqhdm", committee.village().code())
                        .containsEntry("fddbr", committee.chair().name());
            }
        }
    }

    @Test
    void misbehavesAsTold() throws Exception {
        try (DivisionService service = DivisionService.start("key")) {
            String url = service.baseUrl() + "/api/xzqh?page=2&size=10";
            assertThat(get(url).statusCode()).isEqualTo(401);
            service.faults().next(new Fault.Status(429, "2"), new Fault.Truncated(20), new Fault.Cut(30));

            HttpResponse<byte[]> busy = getWithKey(url);
            assertThat(busy.statusCode()).isEqualTo(429);
            assertThat(busy.headers().firstValue("Retry-After")).contains("2");
            assertThat(getWithKey(url).body()).hasSize(20);
            assertThatThrownBy(() -> getWithKey(url)).isInstanceOf(IOException.class);

            service.faults().onPage(2, new Fault.DuplicateKey());
            assertThat(text(getWithKey(url)).split("\"dm\"")).hasSize(12);
            service.faults().onPage(2, new Fault.RepeatPage(1));
            assertThat(text(getWithKey(url))).contains("110000000000");
            service.faults().onPage(2, new Fault.Nul());
            assertThat(text(getWithKey(url))).contains("\\u0000");
            service.faults().onPage(2, new Fault.HugeRow(1_000_000));
            assertThat(getWithKey(url).body()).hasSizeGreaterThan(3_000_000);
            service.faults().onPage(2, new Fault.WrongCharset(GB18030));
            assertThat(new String(getWithKey(url).body(), GB18030)).contains("社区");
            service.faults().clear();
            assertThat(text(getWithKey(url))).contains("社区");

            service.stop();
            assertThatThrownBy(() -> getWithKey(url)).isInstanceOf(IOException.class);
            service.resume();
            assertThat(getWithKey(url).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void answersElsewhereWhereSomebodyElseHoldsItsPort() throws Exception {
        try (DivisionService service = DivisionService.start()) {
            URI before = URI.create(service.baseUrl());
            service.stop();
            try (ServerSocket stranger = new ServerSocket(before.getPort(), 1, InetAddress.getLoopbackAddress())) {
                service.resume();
                assertThat(URI.create(service.baseUrl()).getPort()).isNotEqualTo(stranger.getLocalPort());
                assertThat(get(service.baseUrl() + "/api/xzqh?page=1&size=1").statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void portsThatAreFreeAreGivenOnceAndToNoOutgoingConnection() throws Exception {
        Set<Integer> given = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            assertThat(given.add(FreePorts.find())).isTrue();
        }
        // Which ports the system gives to outgoing connections, as it shows: this many of them cannot all miss the
        // range.
        List<Integer> outgoing = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                outgoing.add(any.getLocalPort());
            }
        }
        assertThat(given).noneMatch(port -> port >= Collections.min(outgoing) && port <= Collections.max(outgoing));
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(FreePorts.isFree(socket.getLocalPort())).isFalse();
        }
    }

    @Test
    void dropsAWholeSetEachNightAndDeclaresItComplete() throws Exception {
        DivisionDrop drop = DivisionDrop.of(folder.resolve("drop"));
        assertThat(drop.hasFile()).isFalse();
        Path file = drop.write(LocalDate.of(2026, 3, 1));

        List<String> lines = Files.readAllLines(file, GB18030);
        assertThat(lines.get(0)).isEqualTo("代码,上级代码,名称,级别,城乡分类,经度,纬度,区,街镇");
        assertThat(lines).hasSize(5_920);
        assertThat(lines.get(5)).startsWith("110101001001,110101001000,多福巷社区居委会,village,111,");
        assertThat(Files.readString(file.resolveSibling("xzqh-20260301.csv.ok")))
                .isEqualTo("5919\n");
        assertThat(drop.hasFile()).isTrue();

        Division renamed = drop.rows().get(4).withName("䶮𠮷社区居委会");
        drop.put(renamed);
        drop.remove("110101001002");
        byte[] next = Files.readAllBytes(drop.write(LocalDate.of(2026, 3, 2)));
        assertThat(new String(next, GB18030)).contains("䶮𠮷社区居委会").doesNotContain("110101001002");
        assertThat(Arrays.equals(next, DivisionDrop.encode(DivisionDrop.csv(drop.rows()))))
                .isTrue();
    }

    private HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> getWithKey(String url) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(20))
                        .header("X-Api-Key", "key")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
