package io.yimen.simulators;

import static io.yimen.simulators.ServicePlatform.execute;
import static io.yimen.simulators.ServicePlatform.number;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * The smart community platform of a county (智慧社区平台) as a legacy system of its own: a PostgreSQL database {@value
 * #DATABASE} with residents as grid workers took them down, tasks and reports, and the outbox whose script its
 * administrator was given. Filled once from a seed, changed by {@link #step} or {@link #live}: some changes go through
 * transactions that end after later ones. People are those of the community system of the same seed and size.
 */
public final class SmartCommunity extends CentreSystem {
    /** The system's database. */
    public static final String DATABASE = "zhsq";

    /** The login that the script names. */
    public static final String READER = "yimen";

    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final int RESIDENTS_EACH = 40;
    private static final int TASKS_EACH = 8;
    private static final String[] TASKS = {"入户核实独居老人", "更新出租房屋信息", "核查楼道消防", "通知老年人体检", "排查电动车进楼"};
    private static final String[] REPORTS = {"楼道堆物已清理", "路灯损坏已报修", "已走访困难家庭", "已更新联系电话", "垃圾分类站点已检查"};

    private static final String SCHEMA = """
            create table t_cjry (
              cj_id int primary key,
              xm    varchar(50) not null,
              sfzh  varchar(20),
              lxdh  varchar(30),
              zz    varchar(200),
              rylb  char(1),                     -- 1 户籍 2 人户分离 3 流动
              sqbm  char(12) not null,
              cjy   varchar(50),                 -- 采集员
              cjsj  timestamp(0) not null);
            create table t_rw (
              rw_id int primary key,
              bt    varchar(100) not null,
              nr    text,
              xdrq  date not null,
              zt    char(1) not null,            -- 0 进行中 1 完成
              sqbm  char(12) not null);
            create table t_sb (
              sb_id int primary key,
              bt    varchar(100) not null,
              lx    char(1) not null,            -- 0 草稿 1 上报 2 采集更新
              sbrq  date not null,
              nr    text,
              sqbm  char(12) not null);
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
    private final Life life = new Life("smart-community-life", this::step);

    private SmartCommunity(Path folder, Options options) {
        super(folder, "smart-community", DATABASE, READER);
        this.options = options;
    }

    /** Starts the system on the server of {@code folder}, which others may share; fills it the first time. */
    public static SmartCommunity start(Path folder, Options options) {
        SmartCommunity system = new SmartCommunity(folder, options);
        try {
            system.fillOnce();
            return system;
        } catch (RuntimeException e) {
            system.close();
            throw e;
        }
    }

    /** What its administrator was given to run: {@code ./yimen connector script connectors/catalog/smart-community}. */
    public static String script() {
        try (InputStream in = SmartCommunity.class.getResourceAsStream("data/smart-community-outbox.sql")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new SimulatorException("The outbox's script cannot be read", e);
        }
    }

    @Override
    public void live(double perSecond) {
        life.go(perSecond);
    }

    /** Makes {@code n} changes, each in a transaction. */
    public synchronized void step(int n) {
        try (Connection connection = connect();
                Connection early = connect()) {
            connection.setAutoCommit(false);
            early.setAutoCommit(false);
            for (int i = 0; i < n; i++) {
                long done = number(connection, "select steps from play.state");
                SplittableRandom random = new SplittableRandom(options.seed * 47 + done);
                if (random.nextInt(4) == 0) {
                    // Begun before the change below, ended after it.
                    execute(
                            early,
                            "update t_rw set zt = '1' where rw_id = ?",
                            1 + random.nextInt((int) number(early, "select count(*) + 1 from t_rw")));
                }
                change(connection, random);
                execute(connection, "update play.state set steps = steps + 1");
                connection.commit();
                early.commit();
            }
        } catch (SQLException e) {
            throw new SimulatorException("The smart community platform could not be changed", e);
        }
    }

    private void change(Connection connection, SplittableRandom random) throws SQLException {
        int some = 1 + random.nextInt((int) number(connection, "select coalesce(max(cj_id), 1) from t_cjry"));
        LocalDateTime now = LocalDateTime.now(options.clock.withZone(ZONE)).withNano(0);
        switch (random.nextInt(5)) {
            case 0 ->
                execute(
                        connection,
                        "update t_cjry set lxdh = ?, cjsj = ? where cj_id = ?",
                        Committee.phone(random),
                        now,
                        some);
            case 1 -> execute(connection, "delete from t_cjry where cj_id = ?", some);
            case 2 ->
                execute(
                        connection,
                        "insert into t_sb select coalesce(max(sb_id), 0) + 1, ?, ?, ?, null, ? from t_sb",
                        REPORTS[random.nextInt(REPORTS.length)],
                        Integer.toString(random.nextInt(3)),
                        now.toLocalDate(),
                        community(connection, random));
            case 3 ->
                execute(
                        connection,
                        "insert into t_rw select max(rw_id) + 1, ?, null, ?, '0', ? from t_rw",
                        TASKS[random.nextInt(TASKS.length)],
                        now.toLocalDate(),
                        community(connection, random));
            default -> execute(connection, "update t_sb set lx = '1' where lx = '0'");
        }
    }

    private static String community(Connection connection, SplittableRandom random) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "select sqbm from t_rw order by rw_id offset " + random.nextInt(5) + " limit 1")) {
            return rows.next() ? rows.getString(1) : "110101001001";
        }
    }

    @Override
    public void close() {
        life.pause();
        super.close();
    }

    private void fillOnce() {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            if (number(connection, "select count(*) from pg_namespace where nspname = 'play'") > 0) {
                return;
            }
            execute(connection, SCHEMA);
            SplittableRandom random = new SplittableRandom(options.seed * 53);
            int resident = 0;
            int task = 0;
            for (Neighbourhood home :
                    Population.of(options.seed, options.residents).neighbourhoods()) {
                List<Neighbourhood.Family> families = home.families();
                for (int i = 0; i < RESIDENTS_EACH; i++) {
                    Neighbourhood.Family family = families.get(random.nextInt(families.size()));
                    take(connection, random, home, family, ++resident);
                }
                for (int i = 0; i < TASKS_EACH; i++) {
                    LocalDate day = LocalDate.of(2026, 1, 5).plusDays(random.nextInt(50));
                    String code = home.village().code();
                    execute(
                            connection,
                            "insert into t_rw values (?,?,?,?,?,?)",
                            ++task,
                            TASKS[random.nextInt(TASKS.length)],
                            "请于月底前完成",
                            day,
                            Integer.toString(random.nextInt(2)),
                            code);
                    execute(
                            connection,
                            "insert into t_sb values (?,?,?,?,?,?)",
                            task,
                            REPORTS[random.nextInt(REPORTS.length)],
                            Integer.toString(random.nextInt(3)),
                            day,
                            null,
                            code);
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            execute(connection, script());
            execute(connection, "analyze");
        } catch (SQLException e) {
            throw new SimulatorException("The smart community platform could not be filled", e);
        }
    }

    /** Somebody as a grid worker heard and typed it at the door. */
    private static void take(
            Connection connection, SplittableRandom random, Neighbourhood home, Neighbourhood.Family family, int id)
            throws SQLException {
        Neighbourhood.Resident who =
                family.members().get(random.nextInt(family.members().size()));
        String phone = who.phone();
        execute(
                connection,
                "insert into t_cjry values (?,?,?,?,?,?,?,?,?)",
                id,
                random.nextInt(80) == 0 ? who.name() + " " : who.name(),
                random.nextInt(50) == 0 ? null : who.idNumber(),
                phone != null && random.nextInt(20) == 0 ? Committee.phone(random) : phone,
                home.village().county() + family.home().address(),
                Integer.toString(who.kind()),
                home.village().code(),
                home.workers().isEmpty() ? null : home.workers().get(0).person().name(),
                LocalDateTime.of(2025, 3, 3, 9, 0).plusMinutes(random.nextInt(400_000)));
    }
}
