package io.yimen.simulators;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The community management system (社区管理信息系统, 小红树) as a legacy system of its own: a MariaDB server with
 * database {@value #DATABASE}, filled once from a seed, changed by {@link #step} or {@link #live}. Its tables are GBK;
 * an older one, of units, is declared as latin1 and holds GBK all the same. Communities are real, people are made up:
 * see {@link IdNumbers}. It knows those who stand in the election system of the same seed, each in its own way.
 *
 * <p>Same seed, same size, same number of steps and same clock: same content. The data is kept with its folder.
 */
public final class CommunitySystem implements LegacySystem {
    /** The system's database. */
    public static final String DATABASE = "sqgl";

    /** A login that may read the tables, lock them for a moment, and replicate. */
    public static final String CAPTURE_USER = "capture";

    private static final Charset GB18030 = Charset.forName("GB18030");
    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final DateTimeFormatter BASIC = DateTimeFormatter.BASIC_ISO_DATE;
    private static final int BATCH = 1_000;
    /** As many as the division register knows, about. */
    private static final int MOST_COMMUNITIES = 6_000;
    /** Communities that are filled in one transaction. */
    private static final int AT_ONCE = 50;

    /** Characters that one is taken for another, by ear or at a glance. */
    private static final String[] MISTAKES = {
        "芳方", "丽莉", "军君", "杰洁", "娟涓", "玲铃", "英瑛", "华桦", "红虹", "志智", "欣新", "林琳", "文雯"
    };

    private static final String[] SCHEMA = {
        "create database sqgl character set gbk",
        "create database play",
        """
        create table sqgl.t_fw (
          fw_id int not null primary key,
          sqbm  char(12) not null,
          xqmc  varchar(60),                -- 小区
          lh    varchar(20),                -- 楼号
          dy    varchar(20),                -- 单元
          mph   varchar(20),                -- 门牌号
          fwyt  char(1),                    -- 1 自住 2 出租 3 空置 4 商用
          jzmj  decimal(8,2),
          zt    char(1) not null,           -- 1 在用 0 拆除
          gxsj  datetime not null) engine=InnoDB character set gbk""",
        """
        create table sqgl.t_hu (
          hu_id int not null primary key,
          fw_id int,
          sqbm  char(12) not null,
          hh    varchar(20),                -- 户号
          hzxm  varchar(50),                -- 户主姓名
          hlx   char(1),                    -- 1 家庭户 2 集体户
          rks   smallint unsigned,
          zt    char(1) not null,           -- 1 正常 0 注销
          gxsj  datetime not null) engine=InnoDB character set gbk""",
        """
        create table sqgl.t_rk (
          rk_id int not null primary key,
          hu_id int,
          sqbm  char(12) not null,
          xm    varchar(50) not null,
          xb    char(1),
          sfzh  varchar(20),
          csrq  date,
          mz    char(2),
          zzmm  char(2),
          whcd  char(2),
          lxdh  varchar(30),
          xzdz  varchar(200),               -- 现住址
          yhzgx char(2),                    -- 与户主关系
          rylx  char(1),                    -- 1 户籍 2 人户分离 3 流动
          zt    char(1) not null,           -- 1 在住 2 迁出 3 死亡
          bz    varchar(200),
          gxsj  timestamp not null,
          qrrq  date,                       -- 迁入日期
          qcrq  date,                       -- 迁出日期
          key i_rk_hu (hu_id)) engine=InnoDB character set gbk""",
        """
        create table sqgl.t_dw (
          dw_id    int not null primary key,
          sqbm     char(12) not null,
          qx       varchar(50),
          jz       varchar(50),
          dwmc     varchar(100) not null,
          dwlx     char(1),                 -- 1 服务站 2 驻区单位 3 物业 4 业委会 5 社会组织
          tyshxydm varchar(18),
          fzr      varchar(50),
          lxdh     varchar(30),
          dz       varchar(200),
          zt       char(1) not null,
          gxsj     datetime not null) engine=InnoDB character set latin1""",
        """
        create table sqgl.t_ry (
          ry_id int not null primary key,
          dw_id int not null,
          sqbm  char(12) not null,
          xm    varchar(50) not null,
          xb    char(1),
          sfzh  varchar(20),
          csrq  date,
          lxdh  varchar(30),
          zw    char(1) not null,           -- 1 站长 2 社区工作者 3 网格员
          rzrq  date,
          lzrq  date,
          zt    char(1) not null,           -- 1 在岗 2 离岗
          gxsj  datetime not null) engine=InnoDB character set gbk""",
        "create table play.state (seed bigint not null, communities int not null, residents int not null,"
                + " steps bigint not null) engine=InnoDB",
    };

    /**
     * How much there is, from what seed.
     *
     * @param seed same seed, same content; that of the election system whose people it knows
     * @param communities how many communities, the first of those that the election system has
     * @param residents how many residents in each, about
     * @param clock tells the time that changes are stamped with
     */
    public record Options(long seed, int communities, int residents, Clock clock) {
        /**
         * As many communities as so many residents make, about 300 in each, up to all that there are, for 1.8 million.
         * Beyond that each has more.
         */
        public static Options of(long seed, int residents) {
            int communities = Math.max(1, Math.min(MOST_COMMUNITIES, residents / 300));
            return new Options(seed, communities, Math.max(1, residents / communities), Clock.system(ZONE));
        }

        /** A small one for tests, with a clock that stands. */
        public static Options small(long seed) {
            return new Options(
                    seed,
                    4,
                    120,
                    Clock.fixed(LocalDateTime.of(2026, 3, 1, 9, 0).atZone(ZONE).toInstant(), ZONE));
        }
    }

    private final EmbeddedMariaDb database;
    private final String capturePassword;
    private final Options options;
    private final Names names = new Names();
    private final Life life = new Life("community-life", this::step);

    private CommunitySystem(EmbeddedMariaDb database, String capturePassword, Options options) {
        this.database = database;
        this.capturePassword = capturePassword;
        this.options = options;
    }

    /** Starts the system of {@code folder}; fills it the first time. */
    public static CommunitySystem start(Path folder, Options options) {
        EmbeddedMariaDb database = EmbeddedMariaDb.start(folder);
        try {
            String password = EmbeddedDatabase.secret(folder, "capture-password");
            CommunitySystem system = new CommunitySystem(database, password, options);
            system.fillOnce();
            return system;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** The server under it, for tests that stop or kill it. */
    public EmbeddedMariaDb database() {
        return database;
    }

    @Override
    public String connector() {
        return "community";
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(
                connector(), Map.of("jdbc-url", jdbcUrl(), "username", CAPTURE_USER, "password", capturePassword));
    }

    @Override
    public Optional<EmbeddedServer> server() {
        return Optional.of(database);
    }

    public String jdbcUrl() {
        return database.jdbcUrl(DATABASE);
    }

    public String capturePassword() {
        return capturePassword;
    }

    /** Connects as the system's administrator. */
    public Connection connect() throws SQLException {
        return database.connect(DATABASE);
    }

    /** A text as the system's tables hold it; what GBK lacks is a question mark or a look-alike there. */
    public static byte[] gbk(String text) {
        StringBuilder known = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            String character = Character.toString(c);
            if (c == 0x20BB7) {
                known.append('吉');
            } else {
                known.append(character.getBytes(GB18030).length > 2 ? "?" : character);
            }
        });
        return known.toString().getBytes(GB18030);
    }

    /** Makes {@code n} changes, each a transaction as a clerk would cause it. */
    public synchronized void step(int n) {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < n; i++) {
                long done = number(connection, "select steps from play.state");
                new Clerk(connection, new SplittableRandom(options.seed * 37 + done)).work();
                execute(connection, "update play.state set steps = steps + 1");
                connection.commit();
            }
        } catch (SQLException e) {
            throw new SimulatorException("The community system could not be changed", e);
        }
    }

    /** Keeps changing, so many times a second, until {@link #pause} or {@link #close}. */
    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    /** Stops changing. */
    public void pause() {
        life.pause();
    }

    /** Stops changing and stops the server. */
    @Override
    public void close() {
        pause();
        database.close();
    }

    private void fillOnce() {
        try (Connection connection = database.connect("")) {
            // Names of columns are told to the log as they are; its comments are in Chinese.
            if (number(connection, "select count(*) from information_schema.tables where table_schema = 'play'") == 0) {
                execute(connection, "drop database if exists sqgl");
                execute(connection, "drop database if exists play");
                for (String statement : SCHEMA) {
                    if (!statement.startsWith("create table play.")) {
                        execute(connection, statement);
                    }
                }
                connection.setAutoCommit(false);
                new Filling(connection).fill();
                connection.commit();
                connection.setAutoCommit(true);
                // Last, so that a filling that was cut short begins anew.
                execute(connection, SCHEMA[SCHEMA.length - 1]);
                execute(
                        connection,
                        "insert into play.state values (%d, %d, %d, 0)"
                                .formatted(options.seed, options.communities, options.residents));
            }
            execute(
                    connection,
                    "create or replace user " + CAPTURE_USER + "@'127.0.0.1' identified by '" + capturePassword + "'");
            execute(connection, "grant select on sqgl.* to " + CAPTURE_USER + "@'127.0.0.1'");
            execute(
                    connection,
                    "grant update (xm, xb, csrq, mz, zzmm, whcd, lxdh, xzdz, gxsj) on sqgl.t_rk to " + CAPTURE_USER
                            + "@'127.0.0.1'");
            execute(connection, "grant replication slave, binlog monitor on *.* to " + CAPTURE_USER + "@'127.0.0.1'");
        } catch (SQLException e) {
            throw new SimulatorException("The community system could not be filled", e);
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A number as people type it: now and then of 15 digits, with blanks, with a slip, or not at all. */
    private static @Nullable String typed(SplittableRandom random, String number) {
        int how = random.nextInt(1_000);
        if (how < 12) {
            return null;
        }
        if (how < 27 && number.startsWith("19", 6)) {
            return IdNumbers.fifteen(number);
        }
        if (how < 31) {
            return number.substring(0, 6) + " " + number.substring(6, 14) + " " + number.substring(14);
        }
        if (how < 36) {
            char last = number.charAt(16);
            return number.substring(0, 16) + (last == '9' ? '8' : (char) (last + 1)) + number.substring(17);
        }
        return how < 39 ? number.toLowerCase(java.util.Locale.ROOT) : number;
    }

    private static String heard(SplittableRandom random, String name) {
        if (random.nextInt(70) > 0) {
            return name;
        }
        for (String pair : MISTAKES) {
            int at = name.indexOf(pair.charAt(0), 1);
            if (at > 0) {
                return name.substring(0, at) + pair.charAt(1) + name.substring(at + 1);
            }
        }
        return name.length() == 3 ? name.substring(0, 1) + " " + name.substring(1) : name;
    }

    private static @Nullable String dialled(SplittableRandom random, @Nullable String phone) {
        if (phone == null || random.nextInt(40) == 0) {
            return random.nextInt(3) == 0 ? "无" : null;
        }
        return random.nextInt(50) == 0
                ? phone.substring(0, 3) + " " + phone.substring(3, 7) + "-" + phone.substring(7)
                : phone;
    }

    /** Loads the tables in batches. */
    private final class Filling {
        private final Connection connection;
        private final Map<String, List<@Nullable Object[]>> pending = new HashMap<>();
        private int homes;
        private int families;
        private int residents;
        private int units;
        private int workers;

        Filling(Connection connection) {
            this.connection = connection;
        }

        void fill() throws SQLException {
            List<Neighbourhood.@Nullable Resident> moved = new ArrayList<>();
            Iterator<Neighbourhood> neighbourhoods =
                    Neighbourhood.stream(options, names).iterator();
            for (int filled = 1; neighbourhoods.hasNext(); filled++) {
                fill(neighbourhoods.next(), moved);
                if (filled % AT_ONCE == 0) {
                    // One transaction of millions would have to be kept until its end, in the log and to undo it.
                    connection.commit();
                }
            }
            for (String table : List.copyOf(pending.keySet())) {
                flush(table);
            }
        }

        private void fill(Neighbourhood n, List<Neighbourhood.@Nullable Resident> moved) throws SQLException {
            SplittableRandom random = new SplittableRandom(
                    options.seed + Long.parseLong(n.village().code()));
            String code = n.village().code();
            Neighbourhood.Resident newcomer = moved.isEmpty() ? null : moved.remove(0);
            for (Neighbourhood.Family family : n.families()) {
                Neighbourhood.Home home = family.home();
                int at = ++homes;
                row(
                        "t_fw",
                        at,
                        code,
                        home.compound(),
                        home.building(),
                        home.unit(),
                        home.door(),
                        Integer.toString(home.use()),
                        home.area(),
                        "1",
                        stamp(random));
                int hu = ++families;
                row(
                        "t_hu",
                        hu,
                        at,
                        code,
                        code.substring(6) + "%05d".formatted(hu),
                        family.members().get(0).name(),
                        "1",
                        family.members().size(),
                        "1",
                        stamp(random));
                String address = n.village().county() + home.address();
                for (Neighbourhood.Resident resident : family.members()) {
                    resident(random, resident, hu, code, address, resident.relation());
                    // Who moved within the city may still stand where he or she lived before.
                    if (moved.size() < 3 && random.nextInt(150) == 0) {
                        moved.add(resident);
                    }
                }
                if (newcomer != null) {
                    resident(random, newcomer, hu, code, address, "97");
                    newcomer = null;
                }
            }
            Integer station = null;
            for (Neighbourhood.Unit unit : n.units()) {
                int id = ++units;
                station = station == null ? id : station;
                row(
                        "t_dw",
                        id,
                        code,
                        n.village().county(),
                        n.village().town(),
                        unit.name(),
                        Integer.toString(unit.kind()),
                        unit.creditCode(),
                        unit.head(),
                        unit.phone(),
                        unit.address(),
                        "1",
                        stamp(random));
            }
            for (Neighbourhood.Worker worker : n.workers()) {
                Neighbourhood.Resident p = worker.person();
                row(
                        "t_ry",
                        ++workers,
                        station,
                        code,
                        heard(random, p.name()),
                        p.male() ? "1" : "2",
                        typed(random, p.idNumber()),
                        Date.valueOf(p.birth()),
                        dialled(random, p.phone()),
                        Integer.toString(worker.post()),
                        Date.valueOf(worker.from()),
                        null,
                        "1",
                        stamp(random));
            }
        }

        private void resident(
                SplittableRandom random, Neighbourhood.Resident p, int hu, String code, String address, String relation)
                throws SQLException {
            LocalDate birth = random.nextInt(400) == 0 ? p.birth().withDayOfMonth(1) : p.birth();
            row(
                    "t_rk",
                    ++residents,
                    hu,
                    code,
                    heard(random, p.name()),
                    p.male() ? "1" : "2",
                    typed(random, p.idNumber()),
                    Date.valueOf(birth),
                    p.ethnicity(),
                    p.politicalStatus(),
                    p.education(),
                    dialled(random, p.phone()),
                    random.nextInt(60) == 0 ? null : address,
                    relation,
                    Integer.toString(p.kind()),
                    "1",
                    random.nextInt(30) == 0 ? "已入户核实" : null,
                    stamp(random),
                    movedIn(p.birth(), hu),
                    null);
        }

        /** A family moves in on one day; whoever is born later has always lived there. */
        private static Date movedIn(LocalDate birth, int hu) {
            LocalDate family = LocalDate.of(1985, 1, 1).plusDays(new SplittableRandom(hu).nextInt(13_000));
            return Date.valueOf(birth.isAfter(family) ? birth : family);
        }

        private String stamp(SplittableRandom random) {
            LocalDateTime at = LocalDateTime.of(2020, 1, 6, 9, 0)
                    .plusDays(random.nextInt(2_000))
                    .plusSeconds(random.nextInt(28_800));
            return at.toString().replace('T', ' ');
        }

        private void row(String table, @Nullable Object... values) throws SQLException {
            List<@Nullable Object[]> rows = pending.computeIfAbsent(table, t -> new ArrayList<>());
            rows.add(values);
            if (rows.size() == BATCH) {
                flush(table);
            }
        }

        private void flush(String table) throws SQLException {
            List<@Nullable Object[]> rows = pending.getOrDefault(table, List.of());
            if (rows.isEmpty()) {
                return;
            }
            StringBuilder insert =
                    new StringBuilder(BATCH * 200).append("insert into sqgl.").append(table);
            String before = " values ";
            for (@Nullable Object[] row : rows) {
                insert.append(before);
                before = ", ";
                for (int i = 0; i < row.length; i++) {
                    insert.append(i == 0 ? '(' : ',').append(literal(row[i]));
                }
                insert.append(')');
            }
            execute(connection, insert.toString());
            rows.clear();
        }
    }

    private static String literal(@Nullable Object value) {
        if (value instanceof String text) {
            return text.isEmpty() ? "''" : "x'" + HexFormat.of().formatHex(gbk(text)) + "'";
        }
        return value instanceof Date ? "'" + value + "'" : String.valueOf(value);
    }

    /** Texts go in as their bytes, as the system's own programs put them there. */
    private static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            statement.setObject(i + 1, value instanceof String text ? gbk(text) : value);
        }
    }

    /** What clerks and grid workers do with the system on an ordinary day. */
    private final class Clerk {
        private final Connection connection;
        private final SplittableRandom random;
        private final String now = LocalDateTime.now(options.clock.withZone(ZONE))
                .withNano(0)
                .toString()
                .replace('T', ' ');

        Clerk(Connection connection, SplittableRandom random) {
            this.connection = connection;
            this.random = random;
        }

        void work() throws SQLException {
            int what = random.nextInt(100);
            if (what < 25) {
                update(
                        "update t_rk set lxdh = ?, gxsj = ? where rk_id = ?",
                        Committee.phone(random),
                        now,
                        some("t_rk", "rk_id"));
            } else if (what < 37) {
                correctName();
            } else if (what < 49) {
                moveFamily();
            } else if (what < 58) {
                birth();
            } else if (what < 68) {
                update(
                        "update t_rk set zt = ?, qcrq = ?, gxsj = ? where rk_id = ?",
                        random.nextInt(4) == 0 ? "3" : "2",
                        today(),
                        now,
                        some("t_rk", "rk_id"));
            } else if (what < 78) {
                deleteResident();
            } else if (what < 84) {
                deleteFamily();
            } else if (what < 90) {
                update(
                        "update t_fw set fwyt = ?, gxsj = ? where fw_id = ?",
                        Integer.toString(1 + random.nextInt(3)),
                        now,
                        some("t_fw", "fw_id"));
            } else if (what < 95) {
                update(
                        "update t_dw set fzr = ?, gxsj = ? where dw_id = ?",
                        names.next(random, true),
                        now,
                        some("t_dw", "dw_id"));
            } else {
                update(
                        "update t_ry set zt = '2', lzrq = ?, gxsj = ? where ry_id = ?",
                        Date.valueOf(LocalDate.now(options.clock.withZone(ZONE))),
                        now,
                        some("t_ry", "ry_id"));
            }
        }

        /** A slip is found out, or made. */
        private void correctName() throws SQLException {
            int id = some("t_rk", "rk_id");
            try (PreparedStatement find = connection.prepareStatement("select hex(xm) from t_rk where rk_id = ?")) {
                find.setInt(1, id);
                try (ResultSet row = find.executeQuery()) {
                    if (!row.next()) {
                        return;
                    }
                    String name = new String(HexFormat.of().parseHex(row.getString(1)), GB18030);
                    String given = names.named(random, "", random.nextBoolean());
                    update("update t_rk set xm = ?, gxsj = ? where rk_id = ?", names.surnameOf(name) + given, now, id);
                }
            }
        }

        /** A family moves to another home of its community. */
        private void moveFamily() throws SQLException {
            int hu = some("t_hu", "hu_id");
            int fw = some("t_fw", "fw_id");
            update(
                    "update t_hu h join t_fw f on f.fw_id = ? set h.fw_id = f.fw_id, h.sqbm = f.sqbm, h.gxsj = ?"
                            + " where h.hu_id = ?",
                    fw,
                    now,
                    hu);
            update(
                    "update t_rk r join t_fw f on f.fw_id = ? set r.sqbm = f.sqbm, r.gxsj = ?,"
                            + " r.xzdz = concat(f.xqmc, f.lh, f.dy, f.mph) where r.hu_id = ?",
                    fw,
                    now,
                    hu);
        }

        private void birth() throws SQLException {
            int hu = some("t_hu", "hu_id");
            boolean male = random.nextBoolean();
            LocalDate born = today().toLocalDate().minusDays(random.nextInt(60));
            update(
                    "insert into t_rk select ?, h.hu_id, h.sqbm, ?, ?, null, ?, '01', '13', '90', null, null, ?, '1', '1',"
                            + " null, ?, ?, null from t_hu h where h.hu_id = ?",
                    next("t_rk", "rk_id"),
                    names.next(random, male),
                    male ? "1" : "2",
                    Date.valueOf(born),
                    male ? "20" : "30",
                    now,
                    Date.valueOf(born),
                    hu);
            update("update t_hu set rks = rks + 1, gxsj = ? where hu_id = ?", now, hu);
        }

        private Date today() {
            return Date.valueOf(LocalDate.now(options.clock.withZone(ZONE)));
        }

        private void deleteResident() throws SQLException {
            update("delete from t_rk where rk_id = ?", some("t_rk", "rk_id"));
        }

        private void deleteFamily() throws SQLException {
            int hu = some("t_hu", "hu_id");
            update("delete from t_rk where hu_id = ?", hu);
            update("delete from t_hu where hu_id = ?", hu);
        }

        /** The id of some row; -1 where there is none. */
        private int some(String table, String key) throws SQLException {
            int at = random.nextInt(Math.max(1, next(table, key)));
            String sql = "select " + key + " from " + table + " where " + key + " >= ? order by " + key + " limit 1";
            for (int from : new int[] {at, 0}) {
                try (PreparedStatement find = connection.prepareStatement(sql)) {
                    find.setInt(1, from);
                    try (ResultSet row = find.executeQuery()) {
                        if (row.next()) {
                            return row.getInt(1);
                        }
                    }
                }
            }
            return -1;
        }

        private int next(String table, String key) throws SQLException {
            return (int) number(connection, "select coalesce(max(" + key + "), 0) + 1 from " + table);
        }

        private void update(String sql, @Nullable Object... values) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                set(statement, values);
                statement.executeUpdate();
            }
        }
    }
}
