package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.Door;
import io.yimen.simulators.ElderlyCare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.server.DirectoryHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workbooks from an SFTP server, over a line that fails. */
class SftpDropIT {
    @TempDir
    static Path shared;

    private static ElderlyCare care;
    private static final Door DOOR = new Door();

    @TempDir
    Path work;

    private final RecordingPool pool = new RecordingPool();

    @BeforeAll
    static void start() throws IOException {
        care = ElderlyCare.start(shared.resolve("care"), CommunitySystem.Options.small(7), 4);
    }

    @AfterAll
    static void stop() {
        DOOR.close();
        care.close();
    }

    @BeforeEach
    void clear() throws IOException {
        DOOR.open();
        try (Stream<Path> files = Files.list(care.out())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private Connector connector(Map<String, String> changed) {
        Map<String, String> parameters = new HashMap<>(Map.of(
                "port",
                Integer.toString(DOOR.portTo(care.port())),
                "work",
                work.resolve("w").toString(),
                "interval",
                "PT0.1S"));
        parameters.putAll(changed);
        return Catalog.connector(care, parameters);
    }

    private void read() throws InterruptedException {
        ConnectorRun.once(connector(Map.of()), pool, pool, Clock.systemUTC());
    }

    private ConnectorException failing(Map<String, String> changed) {
        return failing(connector(changed));
    }

    private ConnectorException failing(Connector connector) {
        try {
            ConnectorRun.once(connector, pool, pool, Clock.systemUTC());
        } catch (ConnectorException e) {
            return e;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("expected to fail");
    }

    @Test
    void readsPeopleAndOrdersUnderMergedHeaders() throws Exception {
        care.write();
        read();
        int refused = (int) pool.rejected().stream()
                .filter(r -> r.stream().stream().equals("elder"))
                .map(Rejected::key)
                .distinct()
                .count();
        assertThat(pool.keys("elderly-care/elder"))
                .hasSize(care.people() - refused)
                .hasSizeGreaterThan(30);
        assertThat(pool.keys("elderly-care/order")).hasSize(care.orders()).hasSizeGreaterThan(10);
        assertThat(pool.rejected()).allSatisfy(r -> {
            assertThat(r.reason()).isEqualTo("numeric-cell");
            assertThat(r.message()).contains("a workbook keeps 15 digits only: format the column as text");
        });
        String elder = pool.keys("elderly-care/elder").get(0);
        assertThat(pool.value("elderly-care/elder/" + elder, "idNumber")).hasSize(18);
        assertThat(pool.value("elderly-care/elder/" + elder, "careClass")).matches("[0-4]");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(pool.counts("elderly-care", "elder").isBalanced()).isTrue();
        int batches = pool.batches().size();
        read();
        assertThat(pool.batches()).hasSize(batches);
    }

    @Test
    void aFileOfWhichTheLineWasCutIsFetchedOnFromThere() throws Exception {
        // What cannot be squeezed, and is no workbook: quarantine shows whether it came over whole.
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        care.write("yl-20260301-000000.xlsx", content);
        DOOR.breakOff(Door.Side.SERVER, Door.End.CLOSED, 2 << 20, 1);
        assertThat(failing(Map.of()).kind()).isEqualTo(ConnectorException.Kind.UNREACHABLE);
        long kept = fetched();
        assertThat(kept).isGreaterThan(1 << 20);
        DOOR.open();
        DOOR.count();
        read();
        assertThat(DOOR.passed()).isLessThan(content.length - kept + (1 << 19));
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.reason()).isEqualTo("malformed-xlsx");
            assertThat(r.raw()).isEqualTo(content);
        });
        // What nobody needs any more does not stay.
        Files.delete(care.out().resolve("yl-20260301-000000.xlsx"));
        read();
        assertThat(work.resolve("w")).isEmptyDirectory();
    }

    @Test
    void aFullDiskIsSaidAndTheFileIsFetchedOnceThereIsRoom() throws Exception {
        byte[] content = new byte[3 << 20];
        new Random(3).nextBytes(content);
        care.write("yl-20260301-000000.xlsx", content);
        DOOR.breakOff(Door.Side.SERVER, Door.End.CLOSED, 2 << 20, 1);
        assertThat(failing(Map.of()).code()).isEqualTo("sftp");
        DOOR.open();
        Path part;
        try (Stream<Path> files = Files.list(work.resolve("w"))) {
            part = files.findFirst().orElseThrow();
        }
        Files.delete(part);
        // A device on which there is never any room, for whoever writes to it.
        Files.createSymbolicLink(part, Path.of("/dev/full"));
        ConnectorException full = failing(Map.of());
        assertThat(full.kind()).isEqualTo(ConnectorException.Kind.UNREACHABLE);
        assertThat(full).hasMessageContaining("is its disk full?");
        Files.delete(part);
        read();
        assertThat(pool.rejected())
                .singleElement()
                .satisfies(r -> assertThat(r.raw()).isEqualTo(content));
    }

    /** Reads in a process of its own; the arguments are parameters and their values. */
    static final class Reading {
        private Reading() {}

        public static void main(String[] args) throws InterruptedException {
            Map<String, String> parameters = new HashMap<>();
            for (int i = 0; i < args.length; i += 2) {
                parameters.put(args[i], args[i + 1]);
            }
            RecordingPool pool = new RecordingPool();
            ConnectorRun.once(Catalog.connector("elderly-care", parameters), pool, pool, Clock.systemUTC());
        }
    }

    @Test
    void aFileThatIsSaidToBeHugeIsNotFetchedAndTheNextIsRead() throws Exception {
        care.write("yl-20260301-000000.xlsx", new byte[1]);
        try (RandomAccessFile hole = new RandomAccessFile(
                care.out().resolve("yl-20260301-000000.xlsx").toFile(), "rw")) {
            hole.setLength(3L << 30);
        }
        care.write("yl-20260302-000000.xlsx", ledger(3, i -> "YL%06d".formatted(i)));
        DOOR.count();
        read();
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.reason()).isEqualTo("too-large");
            assertThat(r.message()).contains("yl-20260301-000000.xlsx has more than 2 GiB", "sent in parts");
        });
        assertThat(pool.keys("elderly-care/elder")).hasSize(3);
        assertThat(DOOR.passed()).isLessThan(1 << 20);
    }

    /** A server that lies about its files, or never comes to the end of them. */
    private ConnectorException lyingServer(SftpFileSystemAccessor lie) throws Exception {
        Path root = Files.createDirectories(work.resolve("lying"));
        byte[] content = ledger(3, i -> "YL%06d".formatted(i));
        Files.write(root.resolve("yl-20260301-000000.xlsx"), content);
        Files.writeString(
                root.resolve("yl-20260301-000000.xlsx.sha256"),
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
        SftpSubsystemFactory sftp = new SftpSubsystemFactory();
        sftp.setFileSystemAccessor(lie);
        try (SshServer server = SshServer.setUpDefaultServer()) {
            KeyPair key = KeyUtils.generateKeyPair(KeyPairProvider.SSH_RSA, 2048);
            server.setHost("127.0.0.1");
            server.setKeyPairProvider(KeyPairProvider.wrap(key));
            server.setPasswordAuthenticator((user, given, session) -> true);
            server.setFileSystemFactory(new VirtualFileSystemFactory(root));
            server.setSubsystemFactories(List.of(sftp));
            server.start();
            return failing(Map.of(
                    "port",
                    Integer.toString(server.getPort()),
                    "host-key",
                    KeyUtils.getFingerPrint(BuiltinDigests.sha256, key.getPublic()),
                    "folder",
                    "/"));
        }
    }

    @Test
    void aListThatNeverEndsIsGivenUp() throws Exception {
        ConnectorException endless = lyingServer(new SftpFileSystemAccessor() {
            @Override
            public DirectoryStream<Path> openDirectory(
                    SftpSubsystemProxy subsystem,
                    DirectoryHandle handle,
                    Path dir,
                    String name,
                    LinkOption... options) {
                Iterator<Path> same = Stream.generate(() -> dir.resolve("yl-20260301-000000.xlsx"))
                        .iterator();
                return new DirectoryStream<>() {
                    @Override
                    public Iterator<Path> iterator() {
                        return same;
                    }

                    @Override
                    public void close() {
                        // nothing is open
                    }
                };
            }
        });
        assertThat(endless.code()).isEqualTo("folder");
        assertThat(endless).hasMessageContaining("holds more than 100000 files");
    }

    @Test
    void aFileThatIsNotAsLongAsItsServerSaysIsNotTaken() throws Exception {
        for (long said : List.of(0L, 1L << 30)) {
            ConnectorException liar = lyingServer(new SftpFileSystemAccessor() {
                @Override
                public Map<String, ?> readFileAttributes(
                        SftpSubsystemProxy subsystem, Path file, String view, LinkOption... options)
                        throws IOException {
                    Map<String, Object> attributes = new HashMap<>(
                            SftpFileSystemAccessor.super.readFileAttributes(subsystem, file, view, options));
                    if (file.toString().endsWith(".xlsx")) {
                        attributes.computeIfPresent("size", (key, size) -> said);
                    }
                    return attributes;
                }
            });
            assertThat(liar.code()).isEqualTo("size");
            assertThat(liar).hasMessageContaining("does not end after the " + said + " bytes");
        }
        assertThat(pool.keys("elderly-care/elder")).isEmpty();
    }

    @Test
    void whoIsKilledWhileFetchingGoesOnThere() throws Exception {
        byte[] content = new byte[3 << 20];
        new Random(2).nextBytes(content);
        care.write("yl-20260301-000000.xlsx", content);
        DOOR.breakOff(Door.Side.SERVER, Door.End.SILENT, 2 << 20, 1);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Reading.class.getName()));
        care.keys()
                .forEach((key, value) ->
                        command.addAll(List.of(key.substring("yimen.connector.elderly-care.".length()), value)));
        command.addAll(List.of(
                "port",
                Integer.toString(DOOR.portTo(care.port())),
                "work",
                work.resolve("w").toString()));
        Process reading = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            await().atMost(Duration.ofSeconds(40)).until(() -> fetched() > 3 << 19);
        } finally {
            reading.destroyForcibly().waitFor();
        }
        long kept = fetched();
        DOOR.open();
        DOOR.count();
        read();
        assertThat(DOOR.passed()).isLessThan(content.length - kept + (1 << 19));
        assertThat(pool.rejected())
                .singleElement()
                .satisfies(r -> assertThat(r.raw()).isEqualTo(content));
    }

    /** How much of a file has been fetched. */
    private long fetched() throws IOException {
        if (!Files.isDirectory(work.resolve("w"))) {
            return 0;
        }
        try (Stream<Path> files = Files.list(work.resolve("w"))) {
            Path part = files.filter(p -> p.toString().endsWith(".part"))
                    .findFirst()
                    .orElse(null);
            return part == null ? 0 : Files.size(part);
        }
    }

    @Test
    void whoFailedInTheMiddleGoesOnAtTheRow() throws Exception {
        care.write("yl-20260301-000000.xlsx", ledger(1_500, i -> "YL%06d".formatted(i)));
        pool.refuseOnce(PoolException.Kind.INVALID, b -> !b.completeSets().isEmpty());
        assertThatExceptionOfType(PoolException.class).isThrownBy(this::read);
        assertThat(pool.keys("elderly-care/elder")).hasSize(1_500);
        String offset = pool.findOffset("elderly-care").orElseThrow();
        assertThat(offset).contains("\"done\":false").contains("\"rows\":1500");
        read();
        assertThat(pool.findOffset("elderly-care").orElseThrow()).contains("\"done\":true");
        assertThat(pool.counts("elderly-care", "elder").applied()).isEqualTo(1_500);
        assertThat(pool.counts("elderly-care", "elder").stale()).isZero();
    }

    @Test
    void anotherHostKeyIsRefusedBeforeAnythingIsSaid() {
        String other = "SHA256:" + "A".repeat(43);
        ConnectorException refused = failing(Map.of("host-key", other));
        assertThat(refused.code()).isEqualTo("host-key");
        assertThat(refused).hasMessageContaining("shows the host key " + care.hostKey() + " and not " + other);
        assertThat(pool.runs()).isEmpty();
        ConnectorException password = failing(Map.of("password", "wrong-s3cret"));
        assertThat(password.code()).isEqualTo("refused");
        assertThat(password.getMessage()).doesNotContain("s3cret");
    }

    @Test
    void signsInWithKeysAsSshKeygenWritesThem() throws Exception {
        for (String type : List.of(KeyPairProvider.SSH_ED25519, KeyPairProvider.SSH_RSA)) {
            KeyPair pair = KeyUtils.generateKeyPair(type, type.equals(KeyPairProvider.SSH_RSA) ? 2048 : 256);
            care.authorize(pair.getPublic());
            Path open = work.resolve("open");
            Path sealed = work.resolve("sealed");
            write(pair, null, open);
            write(pair, "s3cret of the key", sealed);
            care.write("yl-20260301-000000.xlsx", ledger(2, i -> "YL%06d".formatted(i)));

            for (Connector mine : List.of(keyed(open, null), keyed(sealed, "s3cret of the key"))) {
                var read = new RecordingPool();
                ConnectorRun.once(mine, read, read, Clock.systemUTC());
                assertThat(read.keys("elderly-care/elder")).as(type).hasSize(2);
            }
            assertThat(failing(keyed(sealed, "another s3cret")))
                    .hasMessageContaining(sealed + " is not opened by its keyPassword")
                    .hasMessageNotContaining("s3cret")
                    .extracting(ConnectorException::code)
                    .isEqualTo("key-file");
            assertThat(failing(keyed(sealed, null))).hasMessageContaining("is encrypted; give its password");
            assertThat(failing(keyed(work.resolve("none"), null))).hasMessageContaining("cannot be read");
        }
        Path stranger = work.resolve("stranger");
        write(KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256), null, stranger);
        assertThat(failing(keyed(stranger, null)).code()).isEqualTo("refused");
    }

    private static void write(KeyPair pair, @Nullable String password, Path file) throws Exception {
        OpenSSHKeyEncryptionContext encryption = null;
        if (password != null) {
            encryption = new OpenSSHKeyEncryptionContext();
            encryption.setCipherName("AES");
            encryption.setCipherType("256");
            encryption.setCipherMode("CTR");
            encryption.setPassword(password);
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "yimen", encryption, out);
        }
    }

    /** The catalog's connector, signing in with a key. */
    private Connector keyed(Path file, @Nullable String password) throws IOException {
        String manifest = Files.readString(Catalog.folder().resolve("elderly-care/connector.yaml"))
                .replace("password: \"${password}\"", "keyFile: \"${key}\", keyPassword: \"${key-password}\"")
                .replaceFirst(
                        "(?m)^  password: .*$",
                        "  key: {required: true, description: Key}\n  key-password: {secret: true, description: Of the key}");
        Path folder = Files.createDirectories(work.resolve("keyed"));
        Files.writeString(folder.resolve(Manifests.FILE), manifest);
        Map<String, String> parameters = new HashMap<>(Map.of("key", file.toString()));
        if (password != null) {
            parameters.put("key-password", password);
        }
        care.keys().forEach((key, value) -> parameters.putIfAbsent(key.replaceFirst(".*\\.", ""), value));
        parameters.put("work", work.resolve("w-" + parameters.hashCode()).toString());
        return Catalog.connector(Manifests.load(folder).get(0), parameters);
    }

    @Test
    void aServerOrFolderThatIsNotThereIsSaid() {
        assertThat(failing(Map.of("port", "1")).kind()).isEqualTo(ConnectorException.Kind.UNREACHABLE);
        assertThat(failing(Map.of("folder", "/nowhere"))).hasMessageContaining("SSH_FX_NO_SUCH_FILE");
    }

    @Test
    void aWorkbookThatMeansHarmIsQuarantinedAndTheNextIsRead() throws Exception {
        String rows = "<row/>".repeat(1_000_000);
        care.write("yl-20260301-000000.xlsx", raw("养老服务台账", rows));
        care.write("yl-20260302-000000.xlsx", raw("别的", ""));
        care.write("yl-20260303-000000.xlsx", ledger(3, i -> "YL%06d".formatted(i)));
        read();
        assertThat(pool.rejected()).extracting(Rejected::reason).containsOnly("malformed-xlsx");
        assertThat(pool.rejected())
                .extracting(Rejected::message)
                .satisfiesExactly(
                        m -> assertThat(m).contains("10000 empty rows"),
                        m -> assertThat(m).contains("no sheet of the name 养老服务台账"));
        assertThat(pool.keys("elderly-care/elder")).hasSize(3);
    }

    private static byte[] ledger(int people, java.util.function.IntFunction<String> number) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Workbook book = new Workbook(bytes, "Ledger", "1.0");
        Worksheet sheet = book.newWorksheet("养老服务台账");
        List<String> names =
                List.of("姓名", "身份证号", "性别", "出生日期", "联系电话", "现住址", "社区编码", "等级", "工单号", "服务项目", "下单日期", "完成日期", "状态");
        sheet.value(1, 0, "档案号");
        sheet.value(1, 1, "基本信息");
        sheet.range(1, 1, 1, 7).merge();
        sheet.value(1, 8, "能力评估");
        sheet.value(1, 9, "服务工单");
        sheet.range(1, 9, 1, 13).merge();
        sheet.value(1, 14, "关 爱\n类别");
        sheet.range(1, 14, 2, 14).merge();
        sheet.range(1, 0, 2, 0).merge();
        for (int i = 0; i < names.size(); i++) {
            sheet.value(2, i + 1, names.get(i));
        }
        for (int i = 0; i < people; i++) {
            sheet.value(3 + i, 0, number.apply(i));
            sheet.value(3 + i, 1, "张三");
            sheet.value(3 + i, 3, "男");
            sheet.value(3 + i, 4, java.time.LocalDate.of(1950, 3, 1));
            sheet.value(3 + i, 7, "110101001001");
            sheet.value(3 + i, 8, "能力完好");
        }
        book.finish();
        return bytes.toByteArray();
    }

    private static byte[] raw(String sheet, String rows) throws IOException {
        String main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        String relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        Map<String, String> parts = Map.of(
                "xl/workbook.xml",
                "<workbook xmlns='" + main + "' xmlns:r='" + relation + "'><sheets><sheet name='" + sheet
                        + "' sheetId='1' r:id='rId1'/></sheets></workbook>",
                "xl/_rels/workbook.xml.rels",
                "<Relationships><Relationship Id='rId1' Type='" + relation
                        + "/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
                "xl/worksheets/sheet1.xml",
                "<worksheet xmlns='" + main + "'><sheetData>" + rows + "</sheetData></worksheet>");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> part : parts.entrySet()) {
                zip.putNextEntry(new ZipEntry(part.getKey()));
                zip.write(part.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
