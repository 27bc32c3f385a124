package io.yimen.simulators;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The election system (村居两委换届选举系统) as a legacy system of its own: a PostgreSQL server with database {@value
 * #DATABASE}, filled once from a seed, changed by {@link #step} or {@link #live}. Communities are real, people are made
 * up: see {@link IdNumbers}.
 *
 * <p>Same seed, same size, same number of steps and same clock: same content. The data is kept with its folder.
 */
public final class ElectionSystem implements LegacySystem {
    /** The system's database. */
    public static final String DATABASE = "jwxj";

    /** A login that may read the tables, replicate, and create a publication for them. */
    public static final String CAPTURE_USER = "capture";

    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    private static final DateTimeFormatter BASIC = DateTimeFormatter.BASIC_ISO_DATE;
    private static final LocalDate YOUNG_FIRST_BIRTH = LocalDate.of(2000, 1, 1);
    private static final int YOUNG_BIRTH_DAYS = 5 * 365;

    private static final String SCHEMA = """
            create role jwxj_app nologin;
            grant jwxj_app to capture;
            create table t_jc (
              jc_id int primary key,            -- 届次编号
              jcmc  varchar(50) not null,
              kssj  date,
              jssj  date);
            create table t_jw (
              jw_id    int primary key,
              jwmc     varchar(100) not null,
              lx       char(1) not null,        -- 1 居委会 2 村委会
              xzqh     char(12) not null,
              qx       varchar(50),
              jz       varchar(50),
              tyshxydm varchar(18),
              zt       char(1) not null,        -- 0 正常 1 撤销
              gxsj     timestamp not null);
            create table t_xj (
              xj_id int primary key,
              jw_id int not null,
              jc_id int not null,
              xzqh  char(12) not null,
              jd    char(2) not null,           -- 01 筹备 02 登记 03 提名 04 投票 05 完成
              xjrq  date,
              xjfs  char(1),                    -- 1 直接 2 户代表 3 居民代表
              djxm  int,
              fcxp  int,
              shxp  int,
              yxp   int,
              jg    char(1) not null,           -- 0 未公布 1 有效 2 无效
              gxsj  timestamp not null);
            create table t_hxr (
              hxr_id int primary key,
              xj_id  int not null,
              jw_id  int not null,
              xzqh   char(12) not null,
              xm     varchar(50) not null,
              xb     char(1),
              sfzh   varchar(18),
              csrq   varchar(8),
              mz     char(2),
              zzmm   char(2),
              whcd   char(2),
              sjh    varchar(20),
              zw     char(1) not null,          -- 1 主任 2 副主任 3 委员
              dps    int,
              sfdx   char(1),
              gxsj   timestamp not null);
            create index i_hxr_xj on t_hxr (xj_id);
            create table t_cy (
              cy_id int primary key,
              jw_id int not null,
              jc_id int not null,
              xzqh  char(12) not null,
              xm    varchar(50) not null,
              xb    char(1),
              sfzh  varchar(18),
              csrq  varchar(8),
              mz    char(2),
              zzmm  char(2),
              whcd  char(2),
              sjh   varchar(20),
              zw    char(1) not null,
              rzrq  date,
              lzrq  date,
              zt    char(1) not null,           -- 1 在任 2 离任
              gxsj  timestamp not null);
            create index i_cy_jw on t_cy (jw_id);
            alter table t_jc owner to jwxj_app;
            alter table t_jw owner to jwxj_app;
            alter table t_xj owner to jwxj_app;
            alter table t_hxr owner to jwxj_app;
            alter table t_cy owner to jwxj_app;
            grant create on database jwxj to capture;
            -- Not of the legacy system: how far the play has come.
            create schema play;
            create table play.state (seed bigint not null, committees int not null, steps bigint not null);
            """;

    /**
     * How much there is, from what seed.
     *
     * @param seed same seed, same content
     * @param committees how many committees; towns are taken whole, one district first
     * @param clock tells the time that changes are stamped with
     */
    public record Options(long seed, int committees, Clock clock) {
        /** The demo's size, some 43 thousand rows. */
        public static Options demo() {
            return new Options(2026, 1_200, Clock.system(ZONE));
        }

        /** A small one for tests, with a clock that stands. */
        public static Options small(long seed) {
            return new Options(
                    seed,
                    40,
                    Clock.fixed(LocalDateTime.of(2026, 3, 1, 9, 0).atZone(ZONE).toInstant(), ZONE));
        }
    }

    private final EmbeddedDatabase database;
    private final String capturePassword;
    private final Options options;
    private final Names names = new Names();
    private final Life life = new Life("election-life", this::step);

    private ElectionSystem(EmbeddedDatabase database, String capturePassword, Options options) {
        this.database = database;
        this.capturePassword = capturePassword;
        this.options = options;
    }

    /** Starts the system of {@code folder}; fills it the first time. */
    public static ElectionSystem start(Path folder, Options options) {
        EmbeddedDatabase database = EmbeddedDatabase.start(folder, Map.of("timezone", "Asia/Shanghai"));
        try {
            database.createDatabase(DATABASE);
            String password = EmbeddedDatabase.secret(folder, "capture-password");
            database.createLogin(CAPTURE_USER, password, "replication");
            ElectionSystem system = new ElectionSystem(database, password, options);
            system.fillOnce();
            return system;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** The server under it, for tests that stop or kill it. */
    public EmbeddedDatabase database() {
        return database;
    }

    @Override
    public String connector() {
        return "election";
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

    /** How many rows the captured tables hold. */
    public long rows() {
        try (Connection connection = connect()) {
            return number(
                    connection,
                    "select (select count(*) from t_jw) + (select count(*) from t_xj) + (select count(*) from t_hxr)"
                            + " + (select count(*) from t_cy)");
        } catch (SQLException e) {
            throw new SimulatorException("Cannot count the election system's rows", e);
        }
    }

    /** Makes {@code n} changes, each a transaction as a clerk would cause it. */
    public synchronized void step(int n) {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < n; i++) {
                long done = number(connection, "select steps from play.state");
                new Clerk(connection, new SplittableRandom(options.seed * 31 + done), done).work();
                execute(connection, "update play.state set steps = steps + 1");
                connection.commit();
            }
        } catch (SQLException e) {
            throw new SimulatorException("The election system could not be changed", e);
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

    /** The committees of a seed, in the order of their ids. */
    static List<Committee> committees(long seed, int wanted, Names names) {
        return villages(seed, wanted).stream()
                .map(v -> Committee.of(seed, names, v.division(), v.index()))
                .toList();
    }

    /**
     * A village that is part of a seed's world.
     *
     * @param index its number among all
     */
    record Village(Division division, int index) {}

    /** The villages of a seed, in the order of their committees' ids. */
    static List<Village> villages(long seed, int wanted) {
        List<Division> villages =
                Divisions.edition2023().stream().filter(Division::isVillage).toList();
        // Whole towns, the first district first, so that whoever signs in for a town finds all of it.
        List<String> towns = villages.stream()
                .map(Division::parent)
                .distinct()
                .sorted(java.util.Comparator.comparing((String town) -> !town.startsWith("110101"))
                        .thenComparing(town -> new SplittableRandom(seed + Long.parseLong(town)).nextLong()))
                .toList();
        Map<String, List<Integer>> byTown = new java.util.LinkedHashMap<>();
        for (int i = 0; i < villages.size(); i++) {
            byTown.computeIfAbsent(villages.get(i).parent(), t -> new ArrayList<>())
                    .add(i);
        }
        List<Integer> chosen = new ArrayList<>();
        for (String town : towns) {
            if (chosen.size() >= wanted) {
                break;
            }
            chosen.addAll(byTown.getOrDefault(town, List.of()));
        }
        return chosen.stream()
                .limit(wanted)
                .sorted()
                .map(i -> new Village(villages.get(i), i))
                .toList();
    }

    private void fillOnce() {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            if (exists(connection)) {
                return;
            }
            execute(connection, SCHEMA);
            new Filling(connection).fill();
            execute(connection, "insert into play.state values (" + options.seed + ", " + options.committees + ", 0)");
            connection.commit();
            connection.setAutoCommit(true);
            execute(connection, "analyze");
        } catch (SQLException | IOException e) {
            throw new SimulatorException("The election system could not be filled", e);
        }
    }

    private static boolean exists(Connection connection) throws SQLException {
        return number(connection, "select count(*) from pg_namespace where nspname = 'play'") > 0;
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

    /** As clerks of years have typed it: mostly right. */
    private static String typedIdNumber(SplittableRandom random, String number, LocalDate birth) {
        int at = random.nextInt(10_000);
        if (number.endsWith("X") && at < 2_000) {
            return number.substring(0, 17) + "x";
        }
        if (birth.getYear() < 1980 && at < 2_150) {
            return at < 2_100 && at >= 2_000 ? IdNumbers.fifteen(number) : spaced(number, at);
        }
        if (at >= 2_150 && at < 2_180) {
            return fullWidth(number);
        }
        if (at >= 2_180 && at < 2_184) {
            // A date that no calendar has; the check character is right all the same.
            return IdNumbers.withCheck(number.substring(0, 10) + "0230" + number.substring(14, 17));
        }
        return number;
    }

    private static String spaced(String number, int at) {
        if (at < 2_100) {
            return number;
        }
        String fifteen = IdNumbers.fifteen(number);
        return fifteen.substring(0, 6) + " " + fifteen.substring(6) + (at % 2 == 0 ? " " : "");
    }

    private static String fullWidth(String number) {
        StringBuilder wide = new StringBuilder();
        number.chars().forEach(c -> wide.append(Character.isDigit(c) ? (char) (c - '0' + '０') : (char) c));
        return wide.toString();
    }

    private static String typedBirthDate(SplittableRandom random, LocalDate birth) {
        return random.nextInt(3_000) == 0 ? birth.getYear() + "0231" : birth.format(BASIC);
    }

    /** Loads the tables by COPY. */
    private final class Filling {
        private static final int PIECE = 1 << 18;

        private final org.postgresql.copy.CopyManager copy;
        private final Map<String, StringBuilder> pending = new java.util.LinkedHashMap<>();
        private int elections;
        private int candidates;
        private int members;

        Filling(Connection connection) throws SQLException {
            copy = connection.unwrap(PGConnection.class).getCopyAPI();
        }

        void fill() throws SQLException, IOException {
            row("t_jc", 10, "第十届", "2018-11-01", "2021-10-31");
            row("t_jc", 11, "第十一届", "2021-11-01", null);
            int id = 0;
            for (Committee committee : committees(options.seed, options.committees, names)) {
                committee(1_001 + id++, committee);
            }
            for (String table : List.copyOf(pending.keySet())) {
                flush(table);
            }
        }

        private void committee(int id, Committee c) throws SQLException, IOException {
            SplittableRandom random = new SplittableRandom(options.seed + 7L * c.index());
            Division village = c.village();
            String town =
                    random.nextInt(12) == 0 && village.town().endsWith("街道") ? village.town() + "办事处" : village.town();
            row(
                    "t_jw",
                    id,
                    c.name(),
                    CreditCodes.isVillagers(village) ? 2 : 1,
                    village.code(),
                    village.county(),
                    town,
                    c.creditCode(),
                    0,
                    stamp(random));
            for (Committee.Election e : c.elections()) {
                int election = ++elections;
                boolean counted = e.stage().equals("05");
                row(
                        "t_xj",
                        election,
                        id,
                        e.term(),
                        village.code(),
                        e.stage(),
                        e.date(),
                        e.method(),
                        e.registered(),
                        counted ? e.issued() : null,
                        counted ? e.cast() : null,
                        counted && e.result() == 1 ? e.valid() : null,
                        e.result(),
                        stamp(random));
                for (Committee.Candidate candidate : e.candidates()) {
                    candidate(random, id, village, election, candidate);
                }
            }
            for (Committee.Member m : c.members()) {
                Committee.Person p = m.person();
                row(
                        "t_cy",
                        ++members,
                        id,
                        m.term(),
                        village.code(),
                        p.name(),
                        p.male() ? 1 : 2,
                        typedIdNumber(random, p.idNumber(), p.birth()),
                        typedBirthDate(random, p.birth()),
                        p.ethnicity(),
                        p.politicalStatus(),
                        p.education(),
                        p.phone(),
                        m.post(),
                        m.from(),
                        m.to(),
                        m.serving() ? 1 : 2,
                        stamp(random));
            }
        }

        private void candidate(
                SplittableRandom random, int committee, Division village, int election, Committee.Candidate c)
                throws SQLException, IOException {
            Committee.Person p = c.person();
            Boolean elected = c.elected();
            row(
                    "t_hxr",
                    ++candidates,
                    election,
                    committee,
                    village.code(),
                    p.name(),
                    p.male() ? 1 : 2,
                    random.nextInt(250) == 0 ? null : typedIdNumber(random, p.idNumber(), p.birth()),
                    typedBirthDate(random, p.birth()),
                    p.ethnicity(),
                    p.politicalStatus(),
                    p.education(),
                    p.phone(),
                    c.post(),
                    c.votes(),
                    elected == null ? null : elected ? "Y" : "N",
                    stamp(random));
        }

        private String stamp(SplittableRandom random) {
            LocalDateTime at = LocalDateTime.of(2021, 11, 1, 9, 0)
                    .plusDays(random.nextInt(900))
                    .plusSeconds(random.nextInt(28_800));
            return at.toString().replace('T', ' ');
        }

        private void row(String table, @Nullable Object... values) throws SQLException, IOException {
            StringBuilder piece = pending.computeIfAbsent(table, t -> new StringBuilder(PIECE + 1_000));
            for (int i = 0; i < values.length; i++) {
                if (i > 0) {
                    piece.append('\t');
                }
                Object value = values[i];
                piece.append(
                        value == null
                                ? "\\N"
                                : value.toString().replace("\\", "\\\\").replace("\t", "\\t"));
            }
            piece.append('\n');
            if (piece.length() > PIECE) {
                flush(table);
            }
        }

        private void flush(String table) throws SQLException, IOException {
            StringBuilder piece = pending.get(table);
            if (piece != null && piece.length() > 0) {
                copy.copyIn("copy " + table + " from stdin", new StringReader(piece.toString()));
                piece.setLength(0);
            }
        }
    }

    /** What a clerk does with the system on an ordinary day. */
    private final class Clerk {
        private final Connection connection;
        private final SplittableRandom random;
        private final long done;
        private final Timestamp now = Timestamp.valueOf(LocalDateTime.now(options.clock.withZone(ZONE)));

        Clerk(Connection connection, SplittableRandom random, long done) {
            this.connection = connection;
            this.random = random;
            this.done = done;
        }

        void work() throws SQLException {
            int what = random.nextInt(100);
            if (what < 22) {
                correctPhone("t_cy", "cy_id");
            } else if (what < 38) {
                correctPhone("t_hxr", "hxr_id");
            } else if (what < 48) {
                correctName();
            } else if (what < 58) {
                correctVotes();
            } else if (what < 68) {
                memberLeaves();
            } else if (what < 78) {
                byElection();
            } else if (what < 86) {
                deleteCandidate();
            } else if (what < 90) {
                deleteMember();
            } else if (what < 95) {
                committeeStatus();
            } else {
                restyleCommittee();
            }
        }

        private void correctPhone(String table, String key) throws SQLException {
            update(
                    "update " + table + " set sjh = ?, gxsj = ? where " + key + " = ?",
                    Committee.phone(random),
                    now,
                    some(table, key, "true"));
        }

        /** Both rows of a person are corrected at once, as the system's own form does it. */
        private void correctName() throws SQLException {
            int member = some("t_cy", "cy_id", "true");
            try (PreparedStatement find = connection.prepareStatement("select sfzh, xb from t_cy where cy_id = ?")) {
                find.setInt(1, member);
                try (ResultSet row = find.executeQuery()) {
                    if (!row.next() || row.getString(1) == null) {
                        return;
                    }
                    String number = row.getString(1);
                    String name = names.next(random, "1".equals(row.getString(2)));
                    update("update t_cy set xm = ?, gxsj = ? where sfzh = ?", name, now, number);
                    update("update t_hxr set xm = ?, gxsj = ? where sfzh = ?", name, now, number);
                }
            }
        }

        private void correctVotes() throws SQLException {
            int candidate = some("t_hxr", "hxr_id", "sfdx = 'Y'");
            update("update t_hxr set dps = dps + ?, gxsj = ? where hxr_id = ?", 1 + random.nextInt(3), now, candidate);
        }

        private void memberLeaves() throws SQLException {
            int member = some("t_cy", "cy_id", "zt = '1'");
            update(
                    "update t_cy set zt = '2', lzrq = ?, gxsj = ? where cy_id = ?",
                    Date.valueOf(LocalDate.now(options.clock.withZone(ZONE))),
                    now,
                    member);
        }

        /** A seat is filled: an election, its candidates, the new member. */
        private void byElection() throws SQLException {
            int committee = some("t_jw", "jw_id", "zt = '0'");
            String code;
            try (PreparedStatement find = connection.prepareStatement("select xzqh from t_jw where jw_id = ?")) {
                find.setInt(1, committee);
                try (ResultSet row = find.executeQuery()) {
                    if (!row.next()) {
                        return;
                    }
                    code = row.getString(1);
                }
            }
            Date day = Date.valueOf(LocalDate.now(options.clock.withZone(ZONE)));
            int registered = 300 + random.nextInt(3_000);
            int issued = registered * 9 / 10;
            int cast = registered / 2 + 1 + random.nextInt(registered / 5);
            int election = next("t_xj", "xj_id");
            update(
                    "insert into t_xj values (?, ?, 11, ?, '05', ?, '1', ?, ?, ?, ?, '1', ?)",
                    election,
                    committee,
                    code,
                    day,
                    registered,
                    issued,
                    cast,
                    cast - 1,
                    now);
            for (int i = 0; i < 2; i++) {
                Committee.Person p = Committee.person(random, names, done * 2 + i, YOUNG_FIRST_BIRTH, YOUNG_BIRTH_DAYS);
                boolean wins = i == 0;
                update(
                        "insert into t_hxr values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '3', ?, ?, ?)",
                        next("t_hxr", "hxr_id"),
                        election,
                        committee,
                        code,
                        p.name(),
                        p.male() ? "1" : "2",
                        p.idNumber(),
                        p.birth().format(BASIC),
                        p.ethnicity(),
                        p.politicalStatus(),
                        p.education(),
                        p.phone(),
                        wins ? cast / 2 + 1 + random.nextInt(cast / 2 - 1) : random.nextInt(cast / 2),
                        wins ? "Y" : "N",
                        now);
                if (wins) {
                    update(
                            "insert into t_cy values (?, ?, 11, ?, ?, ?, ?, ?, ?, ?, ?, ?, '3', ?, null, '1', ?)",
                            next("t_cy", "cy_id"),
                            committee,
                            code,
                            p.name(),
                            p.male() ? "1" : "2",
                            p.idNumber(),
                            p.birth().format(BASIC),
                            p.ethnicity(),
                            p.politicalStatus(),
                            p.education(),
                            p.phone(),
                            day,
                            now);
                }
            }
        }

        private void deleteCandidate() throws SQLException {
            update("delete from t_hxr where hxr_id = ?", some("t_hxr", "hxr_id", "sfdx is distinct from 'Y'"));
        }

        private void deleteMember() throws SQLException {
            update("delete from t_cy where cy_id = ?", some("t_cy", "cy_id", "zt = '2'"));
        }

        private void committeeStatus() throws SQLException {
            update(
                    "update t_jw set zt = case zt when '0' then '1' else '0' end, gxsj = ? where jw_id = ?",
                    now,
                    some("t_jw", "jw_id", "true"));
        }

        private void restyleCommittee() throws SQLException {
            update("""
                    update t_jw set gxsj = ?, jwmc = case
                        when jwmc like '%居民委员会' then replace(jwmc, '居民委员会', '居委会')
                        when jwmc like '%居委会' then replace(jwmc, '居委会', '居民委员会')
                        when jwmc like '%村民委员会' then replace(jwmc, '村民委员会', '村委会')
                        else replace(jwmc, '村委会', '村民委员会') end
                    where jw_id = ?""", now, some("t_jw", "jw_id", "true"));
        }

        /** The id of some row that fulfils {@code condition}; -1 where none does. */
        private int some(String table, String key, String condition) throws SQLException {
            int at = random.nextInt(Math.max(1, next(table, key)));
            String sql = "select " + key + " from " + table + " where " + key + " >= ? and " + condition + " order by "
                    + key + " limit 1";
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

        private void update(String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i : IntStream.range(0, values.length).toArray()) {
                    statement.setObject(i + 1, values[i]);
                }
                statement.executeUpdate();
            }
        }
    }
}
