package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.CreditCodeFile;
import io.yimen.simulators.VoicesDrop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files in every form, and files that mean harm. */
class FileFormatsIT {
    private static final String RECORDS = "drop/activity";

    @TempDir
    Path folder;

    private final RecordingPool pool = new RecordingPool();

    private Connector connector(String settings, String deletes) throws IOException {
        Files.createDirectories(folder.resolve("in"));
        return Catalog.connector(folder.resolve("connector"), """
                apiVersion: yimen.io/v1
                kind: file-drop
                system: {id: drop, title: 投放, titleEn: Drop, owner: 测试}
                settings:
                  folder: %s
                  work: %s
                  interval: PT0.05S
                %s
                streams:
                  - id: activity
                    entity: Activity
                    key: BH
                    trust: 10
                    uniqueRecords: true
                    deletes: %s
                    fields:
                      name: {from: MC, as: name, purpose: 测试}
                      date: {from: RQ, as: date, pattern: yyyyMMdd, purpose: 测试}
                      participants: {from: RS, as: integer, purpose: 测试}
                    tests:
                      - {name: a row, given: {BH: "1", MC: 书画展, RQ: "20260301", RS: "3"}, expect: {key: "1"}}
                """.formatted(
                folder.resolve("in"), folder.resolve("work"), settings.indent(2).stripTrailing(), deletes));
    }

    private void read(String settings) throws IOException, InterruptedException {
        ConnectorRun.once(connector(settings, "full-set"), pool, pool, Clock.systemUTC());
    }

    private void drop(String name, byte[] content, int rows) throws IOException {
        Files.createDirectories(folder.resolve("in"));
        Files.write(folder.resolve("in").resolve(name), content);
        Files.writeString(folder.resolve("in").resolve(name + ".ok"), Integer.toString(rows));
    }

    private static byte[] csv(String charset, String name) {
        return ("BH,MC,RQ,RS\n1," + name + ",20260301,3\n").getBytes(Charset.forName(charset));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GB18030", "GBK", "Big5", "UTF-8"})
    void readsTheDeclaredCharset(String charset) throws Exception {
        String name = charset.equals("GB18030") ? "䶮𠮷展" : charset.equals("Big5") ? "書畫展" : "书画展";
        drop("a.csv", csv(charset, name), 1);
        read("file: '.*\\.csv'\ncomplete: {suffix: .ok}\ncharset: " + charset);
        assertThat(pool.value(RECORDS + "/1", "name")).isEqualTo(name);
    }

    @Test
    void theMarkBeforeUtf8IsNoPartOfTheFirstColumn() throws Exception {
        drop(
                "a.csv",
                ("\uFEFF" + new String(csv("UTF-8", "书画展"), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8),
                1);
        read("file: '.*\\.csv'\ncomplete: {suffix: .ok}\ncharset: UTF-8");
        assertThat(pool.keys(RECORDS)).containsExactly("1");
    }

    @Test
    void jsonLinesAreTakenOneByOneAndBadOnesWaitAlone() throws Exception {
        String good = "{\"BH\":\"%d\",\"MC\":\"书画展\",\"RQ\":\"20260301\",\"RS\":3,\"more\":{\"a\":1}}\n";
        Path file = folder.resolve("in/a.jsonl");
        drop("a.jsonl", ("\uFEFF" + good.formatted(1) + "{\"BH\":\n\n[1]\n").getBytes(StandardCharsets.UTF_8), 5);
        // A line of 64 MB that is nowhere on the disk.
        try (RandomAccessFile hole = new RandomAccessFile(file.toFile(), "rw")) {
            hole.setLength(hole.length() + (64 << 20));
        }
        Files.writeString(file, "\n" + good.formatted(2), StandardOpenOption.APPEND);
        read("file: '.*\\.jsonl'\ncomplete: {suffix: .ok}\nformat: jsonl\ncharset: UTF-8");
        assertThat(pool.keys(RECORDS)).containsExactly("1", "2");
        assertThat(pool.rejected())
                .extracting(Rejected::key, Rejected::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("line 2", "malformed-json"),
                        org.assertj.core.groups.Tuple.tuple("line 4", "malformed-json"),
                        org.assertj.core.groups.Tuple.tuple("line 5", "line-too-long"));
        assertThat(pool.rejected()).allSatisfy(r -> assertThat(r.raw().length).isLessThan(1 << 17));
        assertThat(pool.lastRun().message()).contains("nothing is retired");
    }

    @Test
    void aLineOfAGigabyteQuarantinesItsFileAndTheNextIsRead() throws Exception {
        drop("a.csv", csv("UTF-8", "书画展"), 1);
        try (RandomAccessFile hole =
                new RandomAccessFile(folder.resolve("in/a.csv").toFile(), "rw")) {
            hole.setLength(1L << 30);
        }
        drop("b.csv", csv("UTF-8", "合唱"), 1);
        read("file: '.*\\.csv'\ncomplete: {suffix: .ok}\ncharset: UTF-8");
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.reason()).isEqualTo("line-too-long");
            assertThat(r.key()).isEqualTo("a.csv");
        });
        assertThat(pool.value(RECORDS + "/1", "name")).isEqualTo("合唱");
    }

    private static final String XML =
            "file: '.*\\.xml'\ncomplete: {suffix: .ok}\nformat: xml\ncharset: GB18030\nrows: /r/items/i";

    private static byte[] xml(String before, String name) {
        return ("<?xml version=\"1.0\" encoding=\"GB18030\"?>" + before + "<r><items><i><BH>1</BH><MC>" + name
                        + "</MC><RQ>20260301</RQ><RS/></i></items></r>")
                .getBytes(Charset.forName("GB18030"));
    }

    @Test
    void readsXmlByPathAndQuarantinesWhatMeansHarm() throws Exception {
        String laughs = "<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
        String outside = "<!DOCTYPE r [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>";
        drop("a.xml", xml(laughs, "&b;"), 1);
        drop("b.xml", xml(outside, "&b;"), 1);
        drop("c.xml", xml("", "<x>".repeat(100) + "</x>".repeat(100)), 1);
        drop("d.xml", java.util.Arrays.copyOf(xml("", "书画展"), 90), 1);
        drop("e.xml", xml("", "䶮书画展"), 1);
        read(XML);
        assertThat(pool.rejected()).extracting(Rejected::key).containsExactly("a.xml", "b.xml", "c.xml", "d.xml");
        assertThat(pool.rejected()).extracting(Rejected::reason).containsOnly("malformed-xml");
        assertThat(pool.value(RECORDS + "/1", "name")).isEqualTo("䶮书画展");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    void readsDbfInGbkAndABadTextSpoilsItsRecordOnly() throws Exception {
        byte[] table = dbf(List.of(
                new String[] {" ", "1", "书画展", "20260301", "  12"},
                new String[] {"*", "2", "合唱", "20260301", "   3"},
                new String[] {" ", "3", "太极", "        ", "    "},
                new String[] {" ", "4", "\u0000坏", "20260301", "****"}));
        drop("a.dbf", table, 3);
        drop("b.dbf", java.util.Arrays.copyOf(table, table.length - 60), 3);
        read("file: '.*\\.dbf'\ncomplete: {suffix: .ok}\nformat: dbf\ncharset: GBK");
        assertThat(pool.keys(RECORDS)).containsExactly("1", "3");
        assertThat(pool.value(RECORDS + "/1", "participants")).isEqualTo("12");
        assertThat(pool.value(RECORDS + "/3", "date")).isEmpty();
        assertThat(pool.rejected()).extracting(Rejected::reason).containsExactly("undecodable", "truncated-dbf");
    }

    /** A text that begins with a NUL is written as bytes that are none in GBK. */
    private static byte[] dbf(List<String[]> records) throws IOException {
        String[] names = {"BH", "MC", "RQ", "RS"};
        char[] types = {'C', 'C', 'D', 'N'};
        int[] widths = {4, 20, 8, 4};
        ByteBuffer bytes =
                ByteBuffer.allocate(32 + 4 * 32 + 1 + records.size() * 37 + 1).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 3)
                .put(new byte[3])
                .putInt(records.size())
                .putShort((short) (32 + 4 * 32 + 1))
                .putShort((short) 37);
        bytes.position(32);
        for (int i = 0; i < 4; i++) {
            bytes.position(32 + 32 * i);
            bytes.put(names[i].getBytes(StandardCharsets.US_ASCII));
            bytes.position(32 + 32 * i + 11);
            bytes.put((byte) types[i]);
            bytes.position(32 + 32 * i + 16);
            bytes.put((byte) widths[i]);
        }
        bytes.position(32 + 4 * 32);
        bytes.put((byte) 0x0D);
        for (String[] record : records) {
            bytes.put((byte) record[0].charAt(0));
            for (int i = 0; i < 4; i++) {
                byte[] text = record[i + 1].startsWith("\0")
                        ? new byte[] {(byte) 0xFF, (byte) 0xFF}
                        : record[i + 1].getBytes(Charset.forName("GBK"));
                byte[] field = new byte[widths[i]];
                java.util.Arrays.fill(field, (byte) ' ');
                System.arraycopy(text, 0, field, 0, text.length);
                bytes.put(field);
            }
        }
        return bytes.put((byte) 0x1A).array();
    }

    private static final String ZIP =
            "file: '.*\\.zip'\ncomplete: {suffix: .ok}\nzip: {file: '.*\\.(csv|zip)'}\ncharset: UTF-8";

    private static byte[] zip(Object... parts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes, Charset.forName("GBK"))) {
            for (int i = 0; i < parts.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) parts[i]));
                zip.write((byte[]) parts[i + 1]);
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void takesTheOneFileOutOfAnArchiveAndRefusesWhatMeansHarm() throws Exception {
        byte[] good = csv("UTF-8", "书画展");
        byte[] blanks = new byte[64 << 20];
        drop("a.zip", zip("../../etc/x.csv", good), 1);
        drop("b.zip", zip("a.csv", good, "C:\\x.txt", good), 1);
        drop("c.zip", zip("bomb.csv", blanks), 1);
        drop("d.zip", zip("inner.zip", zip("a.csv", good)), 1);
        drop("e.zip", zip("a.csv", good, "b.csv", good), 1);
        drop("f.zip", good, 1);
        drop("g.zip", zip("说明.txt", good, "数据.csv", good), 1);
        read(ZIP);
        assertThat(pool.rejected())
                .extracting(Rejected::reason)
                .containsExactly("zip-slip", "zip-slip", "zip-bomb", "nested-archive", "zip-content", "malformed-zip");
        assertThat(pool.keys(RECORDS)).containsExactly("1");
    }

    @Test
    void aFullDiskIsSaidAndNothingIsLost() throws Exception {
        drop("a.zip", zip("a.csv", csv("UTF-8", "书画展")), 1);
        Files.createDirectories(folder.resolve("work"));
        Path full = Files.createSymbolicLink(folder.resolve("work/unpacked"), Path.of("/dev/full"));
        assertThatExceptionOfType(ConnectorException.class)
                .isThrownBy(() -> read(ZIP))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(ConnectorException.Kind.UNREACHABLE))
                .withMessageContaining("is its disk full?");
        Files.delete(full);
        read(ZIP);
        assertThat(pool.keys(RECORDS)).containsExactly("1");
    }

    @Test
    void aFolderThatCannotBeReadIsSaid() throws Exception {
        Connector connector = connector("file: x\ncomplete: {suffix: .ok}\ncharset: UTF-8", "none");
        Files.delete(folder.resolve("in"));
        assertThatExceptionOfType(ConnectorException.class)
                .isThrownBy(() -> ConnectorRun.once(connector, pool, pool, Clock.systemUTC()))
                .withMessageStartingWith("folder: the folder of drop cannot be read: NoSuchFileException");
    }

    @Test
    void aFileWaitsForTheRightChecksum() throws Exception {
        String settings = "file: '.*\\.csv'\ncomplete: {checksum: .md5}\ncharset: UTF-8";
        byte[] content = csv("UTF-8", "书画展");
        Path in = Files.createDirectories(folder.resolve("in"));
        Files.write(in.resolve("a.csv"), java.util.Arrays.copyOf(content, content.length - 4));
        try (Running running = new Running(connector(settings, "none"), pool)) {
            await().until(() -> running.state().notice().orElse("").contains(".md5 with the checksum is not"));
            String digits =
                    HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
            Files.writeString(in.resolve("a.csv.md5"), digits + " *a.csv\n");
            await().until(() -> running.state().error().orElse("").startsWith("checksum: a.csv is not what its .md5"));
            assertThat(pool.keys(RECORDS)).isEmpty();
            Files.write(in.resolve("a.csv"), content);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> pool.keys(RECORDS).size() == 1);
        }
    }

    @Test
    void aFileThatGrowsIsNotReadUntilItLiesStill() throws Exception {
        String settings = "file: '.*\\.csv'\ncomplete: {stable: PT1S}\ncharset: UTF-8";
        Path in = Files.createDirectories(folder.resolve("in"));
        byte[] content = csv("UTF-8", "书画展");
        Path file = Files.write(in.resolve("a.csv"), java.util.Arrays.copyOf(content, 20));
        try (Running running = new Running(connector(settings, "none"), pool)) {
            await().until(() -> running.state().notice().orElse("").contains("has not lain still"));
            assertThat(pool.runs()).isEmpty();
            Files.write(file, content);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> pool.keys(RECORDS).size() == 1);
        }
        assertThat(pool.runs()).hasSize(1);
        RecordingPool again = new RecordingPool();
        ConnectorRun.once(connector(settings, "none"), again, again, Clock.systemUTC());
        assertThat(again.keys(RECORDS)).containsExactly("1");
    }

    @Test
    void allFilesOfChangesAreReadAgainInTheirOrder() throws Exception {
        String settings = "file: '.*\\.csv'\ncomplete: {suffix: .ok}\ncharset: UTF-8\n"
                + "delta: {column: CZ, upsert: [I, U], delete: [D]}";
        String head = "CZ,BH,MC,RQ,RS\n";
        drop("a.csv", (head + "I,1,a,,1\nI,2,b,,2\n").getBytes(StandardCharsets.UTF_8), 2);
        drop("b.csv", (head + "U,1,c,,3\nI,3,d,,4\n").getBytes(StandardCharsets.UTF_8), 2);
        ConnectorRun.once(connector(settings, "log"), pool, pool, Clock.systemUTC());
        drop("a.csv", (head + "I,1,a,,1\nI,2,mended,,2\nI,5,late,,5\n").getBytes(StandardCharsets.UTF_8), 3);
        ConnectorRun.once(connector(settings, "log"), pool, pool, Clock.systemUTC());
        assertThat(pool.value(RECORDS + "/2", "name")).isEqualTo("b");

        pool.askReread(RECORDS.replaceFirst("/.*", ""), Set.of(RECORDS.replaceFirst(".*/", "")), "somebody");
        ConnectorRun.once(connector(settings, "log"), pool, pool, Clock.systemUTC());
        assertThat(pool.keys(RECORDS)).containsExactly("1", "2", "3", "5");
        assertThat(pool.value(RECORDS + "/1", "name")).isEqualTo("c");
        assertThat(pool.value(RECORDS + "/2", "name")).isEqualTo("mended");
        assertThat(pool.runs()).extracting(RecordingPool.Run::kind).containsExactly("pull", "pull", "reread", "reread");
    }

    @Test
    void aFileOfChangesIsTakenInItsOrder() throws Exception {
        String settings = "file: '.*\\.csv'\ncomplete: {suffix: .ok}\ncharset: UTF-8\n"
                + "delta: {column: CZ, upsert: [I, U], delete: [D]}";
        String head = "CZ,BH,MC,RQ,RS\n";
        drop(
                "a.csv",
                (head + "I,1,a,,1\nI,2,b,,2\nU,1,c,,3\nD,2,,,\nX,3,d,,4\nD,,,,\n").getBytes(StandardCharsets.UTF_8),
                6);
        drop("b.csv", (head + "D,1,,,\nI,4,e,,5\nI,1,f,,6\n").getBytes(StandardCharsets.UTF_8), 3);
        ConnectorRun.once(connector(settings, "log"), pool, pool, Clock.systemUTC());
        assertThat(pool.keys(RECORDS)).containsExactly("1", "4");
        assertThat(pool.value(RECORDS + "/1", "name")).isEqualTo("f");
        assertThat(pool.rejected()).extracting(Rejected::reason).containsExactly("unknown-code", "missing-key");
        assertThat(pool.counts("drop", "activity").isBalanced()).isTrue();
        drop("c.csv", "BH,MC,RQ,RS\n9,x,,\n".getBytes(StandardCharsets.UTF_8), 1);
        assertThatExceptionOfType(ConnectorException.class)
                .isThrownBy(() -> ConnectorRun.once(connector(settings, "log"), pool, pool, Clock.systemUTC()))
                .withMessageContaining("missing column \"CZ\"");
    }

    @Test
    void theYearlyFileOfCreditCodesIsReadOutOfItsArchive() throws Exception {
        try (CreditCodeFile yearly = CreditCodeFile.start(folder.resolve("yearly"), 7, 2026)) {
            Connector connector = Catalog.connector(
                    yearly, Map.of("work", folder.resolve("work").toString()));
            ConnectorRun.once(connector, pool, pool, Clock.systemUTC());
        }
        assertThat(pool.keys("credit-codes-yearly/organization")).hasSizeGreaterThan(6_000);
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(pool.rejected()).isEmpty();
    }

    @Test
    void voicesComeInFilesOfWhatIsNew() throws Exception {
        try (VoicesDrop voices = VoicesDrop.start(folder.resolve("voices"), 7, 30, 200)) {
            ConnectorRun.once(Catalog.connector(voices, Map.of()), pool, pool, Clock.systemUTC());
            int opinions = pool.keys("voices-13/opinion").size();
            int activities = pool.keys("voices-13/activity").size();
            assertThat(opinions + activities).isBetween(150, 199);
            assertThat(activities).isGreaterThan(30);
            voices.write(100);
            ConnectorRun.once(Catalog.connector(voices, Map.of()), pool, pool, Clock.systemUTC());
            assertThat(pool.keys("voices-13/opinion")).hasSizeGreaterThan(opinions + 30);
        }
        assertThat(pool.rejected()).isEmpty();
        assertThat(pool.counts("voices-13", "opinion").isBalanced()).isTrue();
    }
}
