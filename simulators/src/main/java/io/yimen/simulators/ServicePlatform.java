package io.yimen.simulators;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The service platform (社区公共服务综合信息平台) as a legacy system of its own: a PostgreSQL database {@value #DATABASE}
 * with 145 items, the cases of some residents, and monthly figures. Filled once from a seed; {@link #step} changes it as
 * clerks do: new cases, states, rows that vanish, and transactions that are stamped long before they are committed.
 * People are those of the community system of the same seed and size, now and then mistyped.
 */
public final class ServicePlatform extends CentreSystem {
    /** The system's database. */
    public static final String DATABASE = "sqfw";

    /** A login that may read the tables. */
    public static final String READER = "sqfw_reader";

    /** Services there are. */
    public static final int ITEMS = 145;

    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final int CASES_EACH = 50;
    private static final String[] MONTHS = {"2025-11", "2025-12", "2026-01", "2026-02"};
    private static final String[][] SUBJECTS = {
        {"居住证", "公安"},
        {"流动人口登记", "公安"},
        {"户籍证明", "公安"},
        {"犬类登记", "公安"},
        {"生育登记", "卫健"},
        {"独生子女父母奖励", "卫健"},
        {"计划生育特别扶助", "卫健"},
        {"家庭医生签约", "卫健"},
        {"老年证", "民政"},
        {"高龄津贴", "民政"},
        {"养老服务补贴", "民政"},
        {"适老化改造", "民政"},
        {"最低生活保障", "民政"},
        {"临时救助", "民政"},
        {"社会组织备案", "民政"},
        {"志愿者注册", "民政"},
        {"残疾人证", "残联"},
        {"残疾人两项补贴", "残联"},
        {"无障碍改造", "残联"},
        {"失业登记", "人社"},
        {"就业困难人员认定", "人社"},
        {"城乡居民养老保险", "人社"},
        {"社保卡", "人社"},
        {"城乡居民医疗保险", "医保"},
        {"公共租赁住房", "住建"},
        {"市场租房补贴", "住建"},
        {"退役军人优待证", "退役军人"},
        {"法律援助", "司法"},
        {"人民调解", "司法"}
    };
    private static final String[] ACTIONS = {"申领", "变更", "补办", "注销", "查询"};

    private static final String SCHEMA = """
            create table t_sx (
              sx_id int primary key,
              sxbm varchar(30) not null,         -- 事项编码
              sxmc varchar(100) not null,
              sxlb varchar(30),
              zgbm varchar(50),
              xzqh char(12) not null,
              zt   char(1) not null,
              gxsj timestamp(0) not null);
            create table t_bj (
              bj_id   int primary key,
              slbh    varchar(40) not null,      -- 受理编号
              sx_id   int not null,
              sxmc    varchar(100) not null,
              sqrxm   varchar(50),
              sqrsfzh varchar(20),
              sqrdh   varchar(30),
              sqbm    char(12) not null,
              slqd    char(1) not null,          -- 1 窗口 2 网上 3 电话 4 移动端
              zt      char(2) not null,          -- 01 受理 02 办理 03 办结 04 不予受理 05 撤回
              slrq    date not null,
              cnrq    date,
              bjrq    date,
              bljg    varchar(200),
              bz      text,
              gxsj    timestamp(0) not null);
            create index i_bj_gxsj on t_bj (gxsj, bj_id);
            create sequence s_bbh;
            create table t_yb (
              sqbm char(12) not null,
              sx_id int not null,
              yf   char(7) not null,
              sxmc varchar(100) not null,
              sls  int not null,
              bjs  int not null,
              bbh  bigint not null default nextval('s_bbh'),
              primary key (sqbm, sx_id, yf));
            create index i_yb_bbh on t_yb (bbh);
            grant select on t_sx, t_bj, t_yb to sqfw_reader;
            -- Not of the legacy system: how far the play has come.
            create schema play;
            create table play.state (steps bigint not null);
            insert into play.state values (0);
            """;

    /**
     * How much there is, from what seed.
     *
     * @param seed of the population
     * @param residents of the population
     * @param clock tells the time that changes are stamped with
     */
    public record Options(long seed, int residents, Clock clock) {
        /** A part of the population of that size. */
        public static Options of(long seed, int residents) {
            return new Options(seed, residents, Clock.system(ZONE));
        }
    }

    private final Options options;
    private final Life life = new Life("service-platform-life", this::step);
    private List<Neighbourhood> neighbourhoods = List.of();
    private @Nullable Connection late;

    private ServicePlatform(Path folder, Options options) {
        super(folder, "service-platform", DATABASE, READER);
        this.options = options;
    }

    /** Starts the system on the server of {@code folder}, which others may share; fills it the first time. */
    public static ServicePlatform start(Path folder, Options options) {
        ServicePlatform system = new ServicePlatform(folder, options);
        try {
            system.fillOnce();
            return system;
        } catch (RuntimeException e) {
            system.close();
            throw e;
        }
    }

    /** The number of a case, which other systems that have it know as well. */
    public static String caseNumber(int id) {
        return "SQ2026-%06d".formatted(id);
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    /** Makes {@code n} changes. */
    public synchronized void step(int n) {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < n; i++) {
                long done = number(connection, "select steps from play.state");
                change(connection, new SplittableRandom(options.seed * 41 + done));
                execute(connection, "update play.state set steps = steps + 1");
                connection.commit();
            }
        } catch (SQLException e) {
            throw new SimulatorException("The service platform could not be changed", e);
        }
    }

    private void change(Connection connection, SplittableRandom random) throws SQLException {
        commitLate();
        int what = random.nextInt(100);
        int some = 1 + random.nextInt((int) Math.max(1, number(connection, "select max(bj_id) from t_bj")));
        if (what < 35) {
            accept(connection, random, (int) number(connection, "select max(bj_id) + 1 from t_bj"), now());
        } else if (what < 70) {
            String state = "0" + (2 + random.nextInt(4));
            execute(
                    connection,
                    "update t_bj set zt = ?, bjrq = ?, bljg = ?, gxsj = ? where bj_id = ?",
                    state,
                    state.equals("03") ? now().toLocalDate() : null,
                    state.equals("03") ? "已办结，结果已告知申请人" : null,
                    now(),
                    some);
        } else if (what < 80) {
            execute(
                    connection,
                    "update t_yb set sls = sls + 1, bbh = nextval('s_bbh') where sx_id = ? and yf = '2026-02'",
                    1 + random.nextInt(ITEMS));
        } else if (what < 90) {
            execute(connection, "delete from t_bj where bj_id = ?", some);
        } else {
            // A clerk who has a case open for a while: stamped now, seen by others only with the next change.
            Connection open = connect();
            open.setAutoCommit(false);
            late = open;
            execute(open, "update t_bj set bljg = '已补正材料', gxsj = ? where bj_id = ?", now(), some);
        }
    }

    private void commitLate() {
        try (Connection open = late) {
            late = null;
            if (open != null) {
                open.commit();
            }
        } catch (SQLException e) {
            // The server went down meanwhile, and with it what was not committed.
            late = null;
        }
    }

    private LocalDateTime now() {
        return LocalDateTime.now(options.clock.withZone(ZONE)).withNano(0);
    }

    @Override
    public void close() {
        life.pause();
        commitLate();
        super.close();
    }

    private void fillOnce() {
        neighbourhoods = Population.of(options.seed, options.residents).neighbourhoods();
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            if (number(connection, "select count(*) from pg_namespace where nspname = 'play'") > 0) {
                return;
            }
            execute(connection, SCHEMA);
            SplittableRandom random = new SplittableRandom(options.seed * 43);
            fillItems(connection);
            LocalDateTime begin = LocalDateTime.of(2025, 11, 3, 9, 0);
            for (int id = 1; id <= neighbourhoods.size() * CASES_EACH; id++) {
                accept(connection, random, id, begin.plusMinutes(id * 90L));
            }
            fillFigures(connection, random);
            connection.commit();
            connection.setAutoCommit(true);
            execute(connection, "analyze");
        } catch (SQLException e) {
            throw new SimulatorException("The service platform could not be filled", e);
        }
    }

    private static String item(int id) {
        return SUBJECTS[(id - 1) / ACTIONS.length][0] + ACTIONS[(id - 1) % ACTIONS.length];
    }

    private static void fillItems(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into t_sx values (?,?,?,?,?,?,?,?)")) {
            for (int id = 1; id <= ITEMS; id++) {
                String department = SUBJECTS[(id - 1) / ACTIONS.length][1];
                set(
                        insert,
                        id,
                        "SX-%04d".formatted(id),
                        item(id),
                        department.equals("公安") ? "户籍人口" : "民生服务",
                        department,
                        "110000000000",
                        "1",
                        LocalDateTime.of(2025, 6, 2, 9, 0));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** A case of some resident, who may be misheard. */
    private void accept(Connection connection, SplittableRandom random, int id, LocalDateTime at) throws SQLException {
        Neighbourhood home = neighbourhoods.get(random.nextInt(neighbourhoods.size()));
        List<Neighbourhood.Resident> adults = new ArrayList<>();
        home.families()
                .forEach(f -> f.members().stream()
                        .filter(r -> r.birth().isBefore(LocalDate.of(2005, 1, 1)))
                        .forEach(adults::add));
        Neighbourhood.Resident who = adults.get(random.nextInt(adults.size()));
        int item = 1 + random.nextInt(ITEMS);
        int state = 1 + random.nextInt(4);
        boolean typo = random.nextInt(60) == 0;
        String number = who.idNumber();
        execute(
                connection,
                "insert into t_bj values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                id,
                caseNumber(id),
                item,
                item(item),
                who.name(),
                typo ? number.substring(0, 16) + number.charAt(15) + number.charAt(17) : number,
                who.phone(),
                home.village().code(),
                Integer.toString(1 + random.nextInt(4)),
                "0" + state,
                at.toLocalDate(),
                at.toLocalDate().plusDays(20),
                state == 3 ? at.toLocalDate().plusDays(random.nextInt(15)) : null,
                state == 3 ? "已办结" : null,
                null,
                at);
    }

    private void fillFigures(Connection connection, SplittableRandom random) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into t_yb (sqbm, sx_id, yf, sxmc, sls, bjs) values (?,?,?,?,?,?) on conflict do nothing")) {
            for (Neighbourhood n : neighbourhoods) {
                for (String month : MONTHS) {
                    for (int i = 0; i < 8; i++) {
                        int item = 1 + random.nextInt(ITEMS);
                        int accepted = 1 + random.nextInt(40);
                        set(
                                insert,
                                n.village().code(),
                                item,
                                month,
                                item(item),
                                accepted,
                                Math.max(0, accepted - random.nextInt(6)));
                        insert.addBatch();
                    }
                }
            }
            insert.executeBatch();
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    static void execute(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        if (values.length == 0) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, values);
            statement.executeUpdate();
        }
    }

    static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
