package io.yimen.simulators;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/**
 * The service platform of elderly care (智慧养老服务信息平台): an SFTP server on whose folder {@value #FOLDER} it leaves its
 * ledger as a workbook from time to time, {@code yl-YYYYMMDD-HHMMSS.xlsx} with a checksum beside it. The header has two
 * rows with merged cells below a title; a row is a person, or one of the person's orders. The people are those of the
 * community system of the same seed. Thread-safe.
 */
public final class ElderlyCare implements LegacySystem {
    /** Where the files are, as who signs in sees it. */
    public static final String FOLDER = "/outgoing";

    /** The columns of the ledger, each called by what stands above it. */
    public static final List<String> COLUMNS = List.of(
            "档案号",
            "基本信息/姓名",
            "基本信息/身份证号",
            "基本信息/性别",
            "基本信息/出生日期",
            "基本信息/联系电话",
            "基本信息/现住址",
            "基本信息/社区编码",
            "能力评估/等级",
            "能力评估/评估日期",
            "关爱类别",
            "备注",
            "服务工单/工单号",
            "服务工单/服务项目",
            "服务工单/下单日期",
            "服务工单/完成日期",
            "服务工单/状态");

    private static final String USER = "yimen";
    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    private static final int ELDERLY_BORN_BEFORE = 1966;
    private static final int KEPT = 3;
    private static final String[] CLASSES = {"能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"};
    private static final String[] CARE = {"", "", "", "独居", "低保", "残疾"};
    private static final String[] ITEMS = {"助餐", "助浴", "助洁", "上门巡诊", "康复护理", "紧急呼叫"};

    private final Path folder;
    private final String password;
    private final Clock clock;
    private final long seed;
    private final List<Elder> elders = new ArrayList<>();
    private final SshServer server;
    private final Life life = new Life("care-life", n -> stepAndWrite());
    private String hostKey = "";
    private int orders;
    private int steps;

    /** An elderly person as the platform knows him or her. */
    private static final class Elder {
        private final String file;
        private final String name;
        private final String idNumber;
        private final boolean male;
        private final String phone;
        private final String address;
        private final String community;
        private int careClass;
        private final String care;
        private final LocalDate assessed;
        private final List<Order> orders = new ArrayList<>();

        Elder(String file, Neighbourhood.Resident person, String address, String community, SplittableRandom random) {
            this.file = file;
            this.name = person.name();
            this.idNumber = person.idNumber();
            this.male = person.male();
            this.phone = person.phone() == null ? "" : person.phone();
            this.address = address;
            this.community = community;
            this.careClass = Math.max(0, random.nextInt(12) - 7);
            this.care = CARE[random.nextInt(CARE.length)];
            this.assessed = LocalDate.of(2024, 1, 1).plusDays(random.nextInt(700));
        }
    }

    /** @param state 待服务, 服务中, 已完成, 已取消 */
    private record Order(String number, String item, LocalDate ordered, String done, String state) {}

    private ElderlyCare(Path folder, CommunitySystem.Options people, int communities, Clock clock) {
        this.folder = folder;
        this.seed = people.seed();
        this.clock = clock;
        this.password = EmbeddedDatabase.secret(folder, "sftp-password");
        fill(people, communities);
        this.server = SshServer.setUpDefaultServer();
    }

    /**
     * Starts it on a free port and writes the first file, if there is none.
     *
     * @param people whose elderly it knows
     * @param communities in how many of their communities
     */
    public static ElderlyCare start(Path folder, CommunitySystem.Options people, int communities) {
        return start(folder, people, communities, Clock.system(ZONE));
    }

    /** As {@link #start(Path, CommunitySystem.Options, int)}, with this clock. */
    public static ElderlyCare start(Path folder, CommunitySystem.Options people, int communities, Clock clock) {
        try {
            Files.createDirectories(folder.resolve("root" + FOLDER));
            ElderlyCare care = new ElderlyCare(folder, people, communities, clock);
            care.listen(0);
            if (care.files().isEmpty()) {
                care.write();
            }
            return care;
        } catch (IOException e) {
            throw new UncheckedIOException("The platform of elderly care could not be started", e);
        }
    }

    private void listen(int port) throws IOException {
        SimpleGeneratorHostKeyProvider keys = new SimpleGeneratorHostKeyProvider(folder.resolve("host-key"));
        keys.setAlgorithm(SecurityUtils.EDDSA);
        server.setHost("127.0.0.1");
        server.setPort(port);
        CoreModuleProperties.TCP_NODELAY.set(server, true);
        server.setKeyPairProvider(keys);
        server.setPasswordAuthenticator((user, given, session) -> USER.equals(user) && password.equals(given));
        server.setFileSystemFactory(new VirtualFileSystemFactory(folder.resolve("root")));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.start();
        PublicKey key = keys.loadKeys(null).iterator().next().getPublic();
        hostKey = KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
    }

    private void fill(CommunitySystem.Options people, int communities) {
        Neighbourhood.stream(people, new Names()).limit(communities).forEach(this::fill);
    }

    private void fill(Neighbourhood neighbourhood) {
        Division village = neighbourhood.village();
        SplittableRandom random = new SplittableRandom(seed * 71 + Long.parseLong(village.code()));
        for (Neighbourhood.Family family : neighbourhood.families()) {
            for (Neighbourhood.Resident person : family.members()) {
                if (person.birth().getYear() < ELDERLY_BORN_BEFORE && random.nextInt(10) < 6) {
                    Elder elder = new Elder(
                            "YL%06d".formatted(elders.size() + 1),
                            person,
                            village.county() + family.home().address(),
                            village.code(),
                            random);
                    elders.add(elder);
                    for (int i = random.nextInt(4) - 1; i > 0; i--) {
                        order(elder, random, LocalDate.of(2026, 1, 5).plusDays(random.nextInt(280)));
                    }
                }
            }
        }
    }

    private void order(Elder elder, SplittableRandom random, LocalDate day) {
        boolean open = random.nextInt(5) == 0;
        elder.orders.add(new Order(
                "YLGD%s%05d".formatted(day.format(DateTimeFormatter.BASIC_ISO_DATE), ++orders),
                ITEMS[random.nextInt(ITEMS.length)],
                day,
                open ? "" : day.plusDays(random.nextInt(3)).toString(),
                open ? (random.nextBoolean() ? "待服务" : "服务中") : random.nextInt(20) == 0 ? "已取消" : "已完成"));
    }

    /** Makes {@code n} changes: an order comes in or is done, somebody is assessed anew. */
    public synchronized void step(int n) {
        for (int i = 0; i < n && !elders.isEmpty(); i++) {
            SplittableRandom random = new SplittableRandom(seed * 73 + steps++);
            Elder elder = elders.get(random.nextInt(elders.size()));
            if (random.nextInt(4) == 0) {
                elder.careClass = Math.min(4, elder.careClass + 1);
            } else {
                order(elder, random, LocalDate.ofInstant(clock.instant(), ZONE));
            }
        }
    }

    private synchronized void stepAndWrite() {
        step(5);
        write();
    }

    /** Leaves the ledger as it is now in a file, and the checksum beside it. */
    public synchronized String write() {
        String name = "yl-" + LocalDateTime.ofInstant(clock.instant(), ZONE).format(STAMP) + ".xlsx";
        try {
            write(name, workbook());
            List<String> files = files();
            for (String old : files.subList(0, Math.max(0, files.size() - KEPT))) {
                Files.deleteIfExists(out().resolve(old));
                Files.deleteIfExists(out().resolve(old + ".sha256"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name, e);
        }
        return name;
    }

    /** Leaves these bytes under this name with their checksum beside them; for tests. */
    public void write(String name, byte[] content) throws IOException {
        Drops.leave(out(), name, content, ".sha256", Drops.digest("SHA-256", content) + "  " + name + "\n");
    }

    /** The folder that it leaves files in, as this machine sees it. */
    public Path out() {
        return folder.resolve("root" + FOLDER);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(out())) {
            return all.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".xlsx"))
                    .sorted()
                    .toList();
        }
    }

    /** The ledger as a workbook. */
    public synchronized byte[] workbook() throws IOException {
        return workbook(COLUMNS, List.of());
    }

    /**
     * The ledger as a workbook below another header.
     *
     * @param header names in the order of {@link #COLUMNS}; more of them stand over nothing
     * @param entered rows behind its own, texts by column
     */
    public synchronized byte[] workbook(List<String> header, Collection<Map<String, String>> entered)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Workbook book = new Workbook(bytes, "Ledger", "1.0");
        Worksheet sheet = book.newWorksheet("养老服务台账");
        header(sheet, header);
        int row = 3;
        for (int i = 0; i < elders.size(); i++) {
            Elder elder = elders.get(i);
            if (elder.orders.isEmpty()) {
                person(sheet, row++, i, elder);
            }
            for (Order order : elder.orders) {
                person(sheet, row, i, elder);
                sheet.value(row, 12, order.number());
                sheet.value(row, 13, order.item());
                sheet.value(row, 14, order.ordered().toString());
                sheet.value(row, 15, order.done());
                sheet.value(row++, 16, order.state());
            }
        }
        for (Map<String, String> more : entered) {
            for (int column = 0; column < COLUMNS.size(); column++) {
                sheet.inlineString(row, column, more.getOrDefault(COLUMNS.get(column), ""));
            }
            row++;
        }
        book.finish();
        return bytes.toByteArray();
    }

    /** Names with a slash stand in two rows; what they have in common above is one cell. */
    private static void header(Worksheet sheet, List<String> names) {
        sheet.value(0, 0, "智慧养老服务台账");
        sheet.range(0, 0, 0, names.size() - 1).merge();
        int begin = 0;
        for (int i = 0; i < names.size(); i++) {
            int slash = names.get(i).indexOf('/');
            if (slash < 0) {
                sheet.value(1, i, names.get(i));
                sheet.range(1, i, 2, i).merge();
                continue;
            }
            String group = names.get(i).substring(0, slash + 1);
            if (i == 0 || !names.get(i - 1).startsWith(group)) {
                begin = i;
                sheet.value(1, i, names.get(i).substring(0, slash));
            }
            sheet.value(2, i, names.get(i).substring(slash + 1));
            if (i > begin && (i + 1 == names.size() || !names.get(i + 1).startsWith(group))) {
                sheet.range(1, begin, 1, i).merge();
            }
        }
    }

    private void person(Worksheet sheet, int row, int index, Elder elder) {
        sheet.value(row, 0, elder.file);
        sheet.value(row, 1, elder.name);
        // Now and then somebody has entered the number as a number, and its last digits are gone.
        if (index % 211 == 137 && !elder.idNumber.endsWith("X")) {
            sheet.value(row, 2, Double.parseDouble(elder.idNumber));
        } else {
            sheet.value(row, 2, elder.idNumber);
        }
        sheet.value(row, 3, elder.male ? "男" : "女");
        sheet.value(row, 4, IdNumbers.birthDate(elder.idNumber).format(DateTimeFormatter.ofPattern("yyyy-MM-dd")));
        sheet.value(row, 5, elder.phone);
        sheet.value(row, 6, elder.address);
        sheet.value(row, 7, elder.community);
        sheet.value(row, 8, CLASSES[elder.careClass]);
        sheet.value(row, 9, elder.assessed);
        sheet.style(row, 9).format("yyyy-MM-dd").set();
        sheet.value(row, 10, elder.care);
    }

    /** How many people it knows. */
    public synchronized int people() {
        return elders.size();
    }

    /** How many orders it knows. */
    public synchronized int orders() {
        return elders.stream().mapToInt(e -> e.orders.size()).sum();
    }

    /** The file numbers of the people that it knows. */
    public synchronized Set<String> personNumbers() {
        return elders.stream().map(e -> e.file).collect(Collectors.toSet());
    }

    /** The numbers of the orders that it knows. */
    public synchronized Set<String> orderNumbers() {
        return elders.stream()
                .flatMap(e -> e.orders.stream())
                .map(Order::number)
                .collect(Collectors.toSet());
    }

    public int port() {
        return server.getPort();
    }

    /** Lets its user in by this key too. */
    public void authorize(PublicKey key) {
        server.setPublickeyAuthenticator(
                (user, given, session) -> USER.equals(user) && KeyUtils.compareKeys(key, given));
    }

    /** Fingerprint of its host key. */
    public String hostKey() {
        return hostKey;
    }

    @Override
    public String connector() {
        return "elderly-care";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(
                connector(),
                Map.of(
                        "host", "127.0.0.1",
                        "port", Integer.toString(port()),
                        "username", USER,
                        "password", password,
                        "host-key", hostKey,
                        "folder", FOLDER,
                        "interval", "PT10S"));
    }

    /** A file is written every minute at most. */
    @Override
    public void live(double perSecond) {
        life.go(Math.min(perSecond, 1) / 60);
    }

    @Override
    public void close() {
        life.pause();
        try {
            server.stop(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
