package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.Rejected;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Input that is meant to fill the memory or to take for ever, read by a process that has {@value #HEAP} MiB for
 * everything and {@value #SECONDS} s for all of it together. Each is refused or quarantined with its reason, and what
 * comes after it is read.
 */
class HostileInputIT {
    private static final int HEAP = 96;
    private static final int SECONDS = 120;
    private static final long GIGABYTE = 1L << 30;

    @TempDir
    Path folder;

    private final Map<String, String> expected = new LinkedHashMap<>();

    /** How a format is declared, with the ending of its files and a good file, which comes last. */
    private record Form(String ending, String settings, byte[] good) {}

    private static final String ROWS = "BH,MC,RQ,RS\n1,书画展,20260301,3\n";

    private static final Map<String, Form> FORMS = Map.of(
            "csv",
            new Form("csv", "format: csv\ncharset: UTF-8", bytes(ROWS)),
            "jsonl",
            new Form(
                    "jsonl",
                    "format: jsonl\ncharset: UTF-8",
                    bytes("{\"BH\":\"1\",\"MC\":\"书画展\",\"RQ\":\"20260301\",\"RS\":3}\n")),
            "xml",
            new Form("xml", "format: xml\ncharset: UTF-8\nrows: /r/i", bytes(xml("", "书画展"))),
            "xlsx",
            new Form(
                    "xlsx",
                    "format: xlsx\nsheet: {name: 表, header: 1}",
                    workbook("", row("BH", "MC", "RQ", "RS") + row("1", "书画展", "20260301", "3"))),
            "dbf",
            new Form("dbf", "format: dbf\ncharset: GBK", dbf()),
            "zip",
            new Form(
                    "zip",
                    "zip: {file: '.*\\.csv'}\nformat: csv\ncharset: UTF-8",
                    zip(Map.of("a.csv", List.of(bytes(ROWS))))));

    private static Form form(String name) {
        return java.util.Objects.requireNonNull(FORMS.get(name));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String xml(String before, String name) {
        return before + "<r><i><BH>1</BH><MC>" + name + "</MC><RQ>20260301</RQ><RS>3</RS></i></r>";
    }

    private static String row(String... cells) {
        StringBuilder row = new StringBuilder("<row>");
        for (String cell : cells) {
            row.append("<c t='inlineStr'><is><t>").append(cell).append("</t></is></c>");
        }
        return row.append("</row>").toString();
    }

    private static byte[] workbook(String before, String rows) {
        String main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        String relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        return zip(Map.of(
                "xl/workbook.xml",
                List.of(bytes("<workbook xmlns='" + main + "' xmlns:r='" + relation
                        + "'><sheets><sheet name='表' sheetId='1' r:id='rId1'/></sheets></workbook>")),
                "xl/_rels/workbook.xml.rels",
                List.of(bytes("<Relationships><Relationship Id='rId1' Type='" + relation
                        + "/worksheet' Target='worksheets/sheet1.xml'/></Relationships>")),
                "xl/worksheets/sheet1.xml",
                List.of(
                        bytes(before + "<worksheet xmlns='" + main + "'><sheetData>"),
                        bytes(rows),
                        bytes("</sheetData></worksheet>"))));
    }

    private static byte[] zip(Map<String, List<byte[]>> parts) {
        var bytes = new java.io.ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, List<byte[]>> part : parts.entrySet()) {
                zip.putNextEntry(new ZipEntry(part.getKey()));
                for (byte[] piece : part.getValue()) {
                    zip.write(piece);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** One record; of the fields each is as wide as its text. */
    private static byte[] dbf() {
        String[] names = {"BH", "MC", "RQ", "RS"};
        String[] values = {"1", "abc", "20260301", "3"};
        ByteBuffer bytes = ByteBuffer.allocate(32 + 4 * 32 + 1 + 14 + 1).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, (byte) 3)
                .putInt(4, 1)
                .putShort(8, (short) (32 + 4 * 32 + 1))
                .putShort(10, (short) 14);
        for (int i = 0; i < 4; i++) {
            bytes.put(32 + 32 * i, bytes(names[i]));
            bytes.put(32 + 32 * i + 11, (byte) 'C');
            bytes.put(32 + 32 * i + 16, (byte) values[i].length());
        }
        bytes.put(32 + 4 * 32, (byte) 0x0D);
        bytes.put(32 + 4 * 32 + 1, bytes(" " + String.join("", values)));
        bytes.put(32 + 4 * 32 + 1 + 14, (byte) 0x1A);
        return bytes.array();
    }

    private Path drop(String form, String name, byte[] content, String reason) throws IOException {
        return drop(form, name, content, 1, reason);
    }

    private Path drop(String form, String name, byte[] content, int rows, String reason) throws IOException {
        Form declared = form(form);
        Path file = Files.createDirectories(folder.resolve(form)).resolve(name + "." + declared.ending());
        Files.write(file, content);
        Files.writeString(Path.of(file + ".ok"), Integer.toString(rows));
        expected.put(form + "/" + file.getFileName(), reason);
        return file;
    }

    /** Makes a file a gigabyte longer, by bytes that are nowhere on the disk. */
    private static void stretch(Path file) throws IOException {
        try (RandomAccessFile hole = new RandomAccessFile(file.toFile(), "rw")) {
            hole.setLength(hole.length() + GIGABYTE);
        }
    }

    private void dropAll() throws IOException {
        stretch(drop("csv", "a", bytes(ROWS), "line-too-long"));
        drop("csv", "b", bytes(ROWS + "2,\"" + "x".repeat(9 << 20)), "line-too-long");
        // Here a line waits alone; the one before it is taken.
        String good = "{\"BH\":\"2\",\"MC\":\"书画展\",\"RQ\":\"20260301\",\"RS\":3}\n";
        stretch(drop("jsonl", "a", bytes(good + "{"), 2, "line-too-long"));
        drop("jsonl", "b", bytes(good + "[".repeat(1 << 20)), 2, "malformed-json");
        drop("jsonl", "c", bytes(good + "{\"BH\":" + "9".repeat(1 << 20) + "}"), 2, "malformed-json");
        StringBuilder laughs = new StringBuilder("<!DOCTYPE r [<!ENTITY a0 'ha'>");
        for (int i = 1; i < 10; i++) {
            laughs.append("<!ENTITY a")
                    .append(i)
                    .append(" '")
                    .append(("&a" + (i - 1) + ";").repeat(10))
                    .append("'>");
        }
        drop("xml", "a", bytes(xml(laughs.append("]>").toString(), "&a9;")), "malformed-xml");
        drop("xml", "b", bytes(xml("<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "&x;")), "malformed-xml");
        String endless = "x".repeat(9 << 20);
        drop("xml", "c", bytes("<r><i><MC>" + endless), "line-too-long");
        drop("xml", "d", bytes("<r><i MC='" + endless), "line-too-long");
        drop("xml", "e", bytes("<r><!-- " + endless), "line-too-long");
        stretch(drop("xml", "h", bytes("<r><i><MC>"), "malformed-xml"));
        drop("xml", "f", bytes("<x>".repeat(1 << 20)), "malformed-xml");
        drop("xml", "g", bytes(xml("", "书画展").replace("</r>", "")), "malformed-xml");
        drop("xlsx", "a", workbook("", "<row/>".repeat(1_000_000)), "malformed-xlsx");
        drop("xlsx", "b", workbook("", "<row><c><v>" + "1".repeat(16 << 20)), "malformed-xlsx");
        drop("xlsx", "c", workbook(laughs.toString(), row("&a9;")), "malformed-xlsx");
        byte[] whole = form("xlsx").good();
        drop("xlsx", "d", java.util.Arrays.copyOf(whole, whole.length / 2), "malformed-xlsx");
        byte[] table = dbf();
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(4, -1).putShort(10, (short) -1);
        drop("dbf", "a", table, "truncated-dbf");
        byte[] wide = dbf();
        java.util.Arrays.fill(wide, 32, wide.length, (byte) 'A');
        drop("dbf", "b", wide, "malformed-dbf");
        byte[] blanks = new byte[1 << 20];
        drop("zip", "a", zip(Map.of("a.csv", java.util.Collections.nCopies(256, blanks))), "zip-bomb");
        drop("zip", "b", zip(Map.of("../../a.csv", List.of(bytes(ROWS)))), "zip-slip");
        byte[] packed = form("zip").good();
        drop("zip", "c", java.util.Arrays.copyOf(packed, packed.length - 30), "malformed-zip");
        drop("zip", "d", zip(Map.of("a.csv", List.of(bytes(ROWS + "2,\"" + "x".repeat(9 << 20))))), "line-too-long");
        for (String form : FORMS.keySet()) {
            drop(form, "z", form(form).good(), "read");
        }
    }

    @Test
    void isRefusedWithItsReasonInLittleMemoryAndTime() throws Exception {
        dropAll();
        Map<String, Serving> services = new LinkedHashMap<>();
        services.put("endless body", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 1_024; i++) {
                exchange.getResponseBody().write(block);
            }
        });
        services.put("deep", exchange -> answer(exchange, "[".repeat(1 << 20)));
        services.put("many digits", exchange -> answer(exchange, "{\"rows\":[{\"id\":" + "9".repeat(1 << 20) + "}]}"));
        services.put("redirect", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/");
            exchange.sendResponseHeaders(302, -1);
        });
        services.put("too short", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(bytes("{\"rows\":["));
        });
        services.put("broken chunk", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(bytes("{\"rows\":["));
            exchange.getResponseBody().flush();
            throw new IOException("it breaks off here");
        });
        // What Camel would heed in a message is nothing to it in an answer.
        services.put("headers of Camel", exchange -> {
            for (String name : List.of(
                    "CamelHttpUri", "CamelHttpPath", "CamelHttpResponseCode", "CamelFileName", "CamelHttpMethod")) {
                exchange.getResponseHeaders().add(name, "http://127.0.0.1:1/elsewhere");
            }
            answer(exchange, "{\"rows\":[{\"id\":\"1\",\"RQ\":\"20260301\",\"RS\":3,\"MC\":\"a\"}]}");
        });
        Map<String, String> codes = Map.of(
                "headers of Camel", "read",
                "endless body", "answer-too-large",
                "deep", "malformed-json",
                "many digits", "malformed-json",
                "redirect", "redirect",
                "too short", "connection",
                "broken chunk", "connection");
        List<HttpServer> servers = new ArrayList<>();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Reading.class.getName(),
                folder.toString()));
        for (Map.Entry<String, Serving> service : services.entrySet()) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newCachedThreadPool());
            server.createContext("/", exchange -> {
                service.getValue().to(exchange);
                exchange.close();
            });
            server.start();
            servers.add(server);
            command.add(service.getKey() + "=" + server.getAddress().getPort());
            expected.put(service.getKey(), codes.getOrDefault(service.getKey(), ""));
        }
        Path out = folder.resolve("out.txt");
        Process reading = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(reading.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("it comes to its end")
                    .isTrue();
        } finally {
            reading.destroyForcibly();
            servers.forEach(server -> server.stop(0));
        }
        Map<String, String> said = new LinkedHashMap<>();
        for (String line : Files.readAllLines(out)) {
            if (line.startsWith("SAID ")) {
                String[] parts = line.substring(5).split("=", 2);
                said.put(parts[0], parts[1]);
            }
        }
        assertThat(reading.exitValue()).as(Files.readString(out)).isZero();
        assertThat(said).containsExactlyInAnyOrderEntriesOf(expected);
    }

    private interface Serving {
        void to(com.sun.net.httpserver.HttpExchange exchange) throws IOException;
    }

    private static void answer(com.sun.net.httpserver.HttpExchange exchange, String text) throws IOException {
        exchange.sendResponseHeaders(200, text.length());
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes(text));
        }
    }

    /** Reads the folder's files, then the services, and says of each what became of it. */
    static final class Reading {
        private Reading() {}

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            for (Map.Entry<String, Form> form : FORMS.entrySet()) {
                RecordingPool pool = new RecordingPool();
                read(dropped(folder, form.getKey(), form.getValue()), pool);
                for (Rejected rejected : pool.rejected()) {
                    String file = rejected.key().startsWith("line ") ? fileOf(pool, rejected) : rejected.key();
                    said(form.getKey() + "/" + file, rejected.reason());
                }
                said(
                        form.getKey() + "/z." + form.getValue().ending(),
                        pool.keys("drop/activity").contains("1") ? "read" : "not read");
            }
            for (String service : List.of(args).subList(1, args.length)) {
                String[] parts = service.split("=");
                try {
                    read(served(folder, parts[1]), new RecordingPool());
                    said(parts[0], "read");
                } catch (ConnectorException e) {
                    said(parts[0], e.code());
                }
            }
        }

        private static void said(String what, String became) {
            System.out.println("SAID " + what + "=" + became);
        }

        /** The file that a line waits of: positions number the files in their order. */
        private static String fileOf(RecordingPool pool, Rejected rejected) {
            return (char) ('a' + rejected.position().offset() - 1) + ".jsonl";
        }

        /** What is quarantined keeps its raw form, for which the pool has its place; this process does not. */
        private static void read(Connector connector, RecordingPool pool) throws InterruptedException {
            ConnectorRun.once(connector, pool, batch -> pool.accept(withoutRaw(batch)), Clock.systemUTC());
        }

        private static Batch withoutRaw(Batch batch) {
            List<Rejected> rejected = batch.rejected().stream()
                    .map(r -> new Rejected(
                            r.stream(), r.key(), r.position(), r.reason(), r.field(), r.message(), new byte[0]))
                    .toList();
            return new Batch(batch.run(), batch.feed(), batch.offset(), batch.events(), rejected, batch.completeSets());
        }

        private static Connector dropped(Path folder, String name, Form form) throws IOException {
            return Catalog.connector(
                    folder.resolve("manifest-" + name),
                    MANIFEST.formatted(
                            "file-drop",
                            ("folder: " + folder.resolve(name) + "\nwork: " + folder.resolve("work-" + name)
                                            + "\nfile: '.*\\." + form.ending() + "'\ncomplete: {suffix: .ok}\n"
                                            + form.settings())
                                    .indent(2),
                            "BH"));
        }

        private static Connector served(Path folder, String port) throws IOException {
            return Catalog.connector(
                    folder.resolve("manifest-" + port),
                    MANIFEST.formatted(
                            "rest-pages",
                            ("url: http://127.0.0.1:" + port + "/list\nformat: json\ncharset: UTF-8\nrows: /rows\n"
                                            + "maxBytes: 4194304\ntimeout: PT5S\n"
                                            + "page: {parameter: page, sizeParameter: size, size: 100}")
                                    .indent(2),
                            "id"));
        }

        private static final String MANIFEST = """
                apiVersion: yimen.io/v1
                kind: %s
                system: {id: drop, title: 投放, titleEn: Drop, owner: 测试}
                settings:
                %sstreams:
                  - id: activity
                    entity: Activity
                    key: %s
                    trust: 10
                    uniqueRecords: true
                    deletes: none
                    fields:
                      name: {from: MC, as: name, purpose: 测试}
                      date: {from: RQ, as: date, pattern: yyyyMMdd, purpose: 测试}
                      participants: {from: RS, as: integer, purpose: 测试}
                    tests:
                      - {name: a row, given: {%3$s: "1", MC: 书画展, RQ: "20260301", RS: "3"}, expect: {key: "1"}}
                """;
    }
}
