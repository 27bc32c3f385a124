package io.yimen.integration;

import static org.awaitility.Awaitility.await;

import io.yimen.pool.PoolCommand;
import io.yimen.pool.account.Account;
import io.yimen.pool.account.Accounts;
import io.yimen.pool.account.Role;
import io.yimen.pool.audit.Audit;
import io.yimen.simulators.CommunitySystem;
import io.yimen.simulators.CreditCodeService;
import io.yimen.simulators.Division;
import io.yimen.simulators.DivisionDrop;
import io.yimen.simulators.DivisionService;
import io.yimen.simulators.ElectionSystem;
import io.yimen.simulators.EmbeddedBroker;
import io.yimen.simulators.EmbeddedDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The source systems, the pool's database, a broker and a hub between them, each a real server of this bed alone.
 * The registers hold one or two districts, so that a whole sync takes seconds.
 */
final class TestBed implements AutoCloseable {
    static final String WORKER = "worker";
    static final String OTHER_WORKER = "other-worker";
    static final String OFFICER = "officer";
    static final String ADMIN = "admin";
    static final String PASSWORD = "gate-of-one-entrance";
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String POOL = "pool";
    private static final List<String> SYSTEMS = List.of("credit-codes", "divisions-2016", "divisions-2023", "election");
    private static final LocalDate FIRST_NIGHT = LocalDate.of(2026, 3, 1);

    private final Path folder;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final EmbeddedDatabase poolServer;
    private final ElectionSystem election;
    private final @Nullable CommunitySystem community;
    private final DivisionService divisions;
    private final DivisionDrop drop;
    private final CreditCodeService creditCodes;
    private final @Nullable EmbeddedBroker broker;
    private final HubProcess hub;
    private final Map<String, HubClient> clients = new ConcurrentHashMap<>();
    private int nights;
    private int markers;

    /** A community with a committee. */
    record Community(String code, String name, String townCode) {}

    /**
     * What a bed is made of.
     *
     * @param committees how many committees the election system holds
     * @param districts first six digits of the districts that the registers hold
     * @param residents how many residents the community system has; 0 for a bed without it
     */
    record Size(String name, long seed, int committees, Set<String> districts, int residents, boolean withBroker) {
        static Size small(String name) {
            return new Size(name, 7, 60, Set.of("110101"), 0, true);
        }

        Size withoutBroker() {
            return new Size(name, seed, committees, districts, residents, false);
        }

        Size withResidents(int number) {
            return new Size(name, seed, committees, districts, number, withBroker);
        }
    }

    /** A bed whose servers run and whose hub does not yet. */
    TestBed(Size size) {
        // Servers outlive a test run that is interrupted, unless they are stopped.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        folder = Places.folder(size.name());
        try {
            poolServer = open(EmbeddedDatabase.start(folder.resolve("pool")));
            poolServer.createDatabase(POOL);
            election = open(ElectionSystem.start(
                    folder.resolve("election"),
                    new ElectionSystem.Options(size.seed(), size.committees(), Clock.systemUTC())));
            community = size.residents() == 0
                    ? null
                    : open(CommunitySystem.start(
                            folder.resolve("community"), CommunitySystem.Options.of(size.seed(), size.residents())));
            divisions = open(DivisionService.start());
            creditCodes = open(CreditCodeService.start(size.seed()));
            drop = DivisionDrop.of(folder.resolve("drop"));
            restrict(size.districts());
            broker = size.withBroker() ? open(EmbeddedBroker.start(folder.resolve("kafka"))) : null;
            hub = open(new HubProcess(folder, configuration()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A small bed after its first sync, with accounts, its hub running. */
    static TestBed filled() {
        TestBed bed = new TestBed(Size.small("shared"));
        try {
            bed.writeDrop();
            bed.hub.start();
            bed.awaitSettled();
            bed.putAccounts();
        } catch (RuntimeException | Error e) {
            bed.close();
            throw e;
        }
        return bed;
    }

    HubProcess hub() {
        return hub;
    }

    EmbeddedDatabase poolServer() {
        return poolServer;
    }

    ElectionSystem election() {
        return election;
    }

    CommunitySystem communitySystem() {
        if (community == null) {
            throw new IllegalStateException("This bed has no community system");
        }
        return community;
    }

    /** Ids of the connectors whose systems run. */
    List<String> systems() {
        List<String> systems = new ArrayList<>(SYSTEMS);
        if (community != null) {
            systems.add("community");
        }
        return systems;
    }

    DivisionService divisions() {
        return divisions;
    }

    DivisionDrop drop() {
        return drop;
    }

    CreditCodeService creditCodes() {
        return creditCodes;
    }

    EmbeddedBroker broker() {
        if (broker == null) {
            throw new IllegalStateException("This bed has no broker");
        }
        return broker;
    }

    PoolTables tables() {
        return new PoolTables(
                poolServer.jdbcUrl(POOL) + "?currentSchema=pool,public",
                EmbeddedDatabase.SUPERUSER,
                poolServer.password());
    }

    Path folder() {
        return folder;
    }

    /** Drops the next night's file. */
    Path writeDrop() {
        return drop.write(nextNight());
    }

    /** The date of the next night's file. */
    LocalDate nextNight() {
        return FIRST_NIGHT.plusDays(nights++);
    }

    /** Waits until everything that the sources hold now is in the pool, or in quarantine. */
    void awaitSettled() {
        // Only what comes by the log comes in order; a snapshot has to be over.
        await("the election system's log is followed")
                .atMost(PATIENCE)
                .until(() -> tables().rows("select status from run where feed = 'election' order by id desc limit 1")
                        .equals(List.of(List.of("LIVE"))));
        String marker = markElection();
        await("the election system's latest change in the pool")
                .atMost(PATIENCE)
                .until(() -> tables().number("""
                                select count(*) from source_record r join stream s on s.id = r.stream_id
                                 where s.source = 'election' and s.stream = 'committee' and r.key = ?""", marker) == 1);
        if (community != null) {
            awaitCommunity(community);
        }
        String now = tables().rows("select now()").get(0).get(0);
        for (String source : List.of("divisions-2023", "credit-codes")) {
            await("a whole pull of " + source).atMost(PATIENCE).until(() -> tables().number("""
                                    select count(*) from run
                                     where source = ? and status = 'COMPLETED' and started_at > ?::timestamptz""", source, now) > 0);
        }
        if (nights > 0) {
            String latest = "xzqh-"
                    + FIRST_NIGHT.plusDays(nights - 1L).format(java.time.format.DateTimeFormatter.BASIC_ISO_DATE);
            await("the file of the last night in the pool")
                    .atMost(PATIENCE)
                    .until(() -> tables().number(
                                            "select count(*) from feed_offset where feed like 'divisions-2016%' and value like ?",
                                            "%" + latest + "%")
                            > 0);
        }
    }

    /** As for the election system, with a home that exists nowhere. */
    private void awaitCommunity(CommunitySystem system) {
        await("the community system's log is followed")
                .atMost(PATIENCE)
                .until(() -> tables().rows("select status from run where feed = 'community' order by id desc limit 1")
                        .equals(List.of(List.of("LIVE"))));
        String key = Integer.toString(9_000_000 + ++markers);
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into t_fw select " + key + ", sqbm, xqmc, lh, dy, 'x" + markers
                    + "', fwyt, jzmj, zt, gxsj from t_fw order by fw_id limit 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        await("the community system's latest change in the pool")
                .atMost(PATIENCE)
                .until(() -> tables().number("""
                                select count(*) from source_record r join stream s on s.id = r.stream_id
                                 where s.source = 'community' and s.stream = 'home' and r.key = ?""", key) == 1);
    }

    /** Inserts a committee that exists nowhere; what was written to the log before it is in the pool when it is. */
    private String markElection() {
        String key = Integer.toString(9_000_000 + ++markers);
        try (Connection connection = election.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into t_jw select " + key + ", '无此地" + markers
                    + "社区居民委员会', '1', xzqh, qx, jz, null, '0', gxsj from t_jw order by jw_id desc limit 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return key;
    }

    /** Waits until the whole change log is on the topics, and reads them. */
    List<ChangeTopics.Message> awaitPublished() {
        await("publishing at the end of the change log")
                .atMost(PATIENCE)
                .until(() -> tables().number("select coalesce(max(seq), 0) from change")
                        == tables().number("select coalesce(max(seq), -1) from delivery_cursor"));
        return ChangeTopics.readAll(broker().bootstrapServers());
    }

    /** The community whose worker signs in. */
    Community community() {
        List<String> row = tables().rows("""
                        select e.fields ->> 'code', e.title from entity e join identifier i on i.entity_id = e.id
                         where i.name = 'place-code' and i.value = ? and e.status = 'ACTIVE'""", "2023|" + communityCode()).get(0);
        return new Community(communityCode(), row.get(1), communityCode().substring(0, 9) + "000");
    }

    /** Id of its place in the pool. */
    String communityId() {
        return Long.toString(tables().number(
                        "select entity_id from identifier where name = 'place-code' and value = ?",
                        "2023|" + communityCode()));
    }

    private String communityCode() {
        try (Connection connection = election.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select xzqh from t_jw order by jw_id limit 1")) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every ID number and telephone number that a source holds. */
    Canaries canaries() {
        List<String> values = new ArrayList<>();
        try (Connection connection = election.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select sfzh from t_hxr where sfzh is not null union select sfzh from t_cy where sfzh is not null
                        union select sjh from t_hxr where sjh is not null union select sjh from t_cy where sjh is not null""")) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        if (community != null) {
            values.addAll(sensitiveOf(community));
        }
        creditCodes.rows().forEach(item -> values.add(item.getOrDefault("lxdh", "")));
        return new Canaries(values);
    }

    private static List<String> sensitiveOf(CommunitySystem system) {
        List<String> values = new ArrayList<>();
        try (Connection connection = system.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select sfzh from t_rk where length(sfzh) > 14 union select lxdh from t_rk where length(lxdh) > 10"
                                + " union select sfzh from t_ry where length(sfzh) > 14")) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return values;
    }

    HubClient admin() {
        return client(ADMIN);
    }

    HubClient worker() {
        return client(WORKER);
    }

    HubClient officer() {
        return client(OFFICER);
    }

    /** Somebody who signs in as {@code login}. */
    HubClient client(String login) {
        return clients.computeIfAbsent(login, name -> HubClient.signIn(hub, name, PASSWORD));
    }

    /** Digest of the pool as it stands. */
    String poolHash() {
        return poolCommand("hash").strip();
    }

    /** What {@code rebuild --verify} says, once it has found nothing. */
    String rebuildVerify() {
        return poolCommand("rebuild", "--verify");
    }

    private String poolCommand(String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(List.of(
                "--jdbc-url",
                poolServer.jdbcUrl(POOL),
                "--user",
                EmbeddedDatabase.SUPERUSER,
                "--vault-key",
                hub.keyFile().toString()));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = new PoolCommand(out, out).run(line, poolServer.password());
        String text = said.toString(StandardCharsets.UTF_8);
        if (status != 0) {
            throw new AssertionError(String.join(" ", words) + " ended with " + status + ":\n" + text);
        }
        return text;
    }

    private DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(tables().jdbcUrl());
        source.setUser(EmbeddedDatabase.SUPERUSER);
        source.setPassword(poolServer.password());
        return source;
    }

    /** Makes an account as an administrator would. */
    void put(Account account) {
        DataSource source = dataSource();
        Clock clock = Clock.systemUTC();
        new Accounts(source, new Audit(source, clock), clock, new SecureRandom(), Duration.ofHours(1))
                .put("test", account, PASSWORD);
    }

    /** Accounts as an administrator would make them: one community, its street, everything. */
    void putAccounts() {
        String community = "place-code:2023|" + communityCode();
        String street = "place-code:2023|" + communityCode().substring(0, 9) + "000";
        put(new Account(WORKER, "社区工作者", Set.of(Role.WORKER), List.of(community)));
        put(new Account(OTHER_WORKER, "社区工作者乙", Set.of(Role.WORKER), List.of(community)));
        put(new Account(OFFICER, "街道干部", Set.of(Role.OFFICER), List.of(street)));
        put(new Account(ADMIN, "管理员", Set.of(Role.ADMIN), List.of(Account.EVERYTHING)));
        clients.clear();
    }

    private Map<String, String> configuration() {
        Map<String, String> keys = new TreeMap<>();
        keys.put("yimen.pool.jdbc-url", poolServer.jdbcUrl(POOL));
        keys.put("yimen.pool.username", EmbeddedDatabase.SUPERUSER);
        keys.put("yimen.pool.password", poolServer.password());
        if (broker != null) {
            keys.put("yimen.kafka.bootstrap-servers", broker.bootstrapServers());
        }
        keys.put("yimen.connectors.enabled", String.join(",", systems()));
        if (community != null) {
            keys.put("yimen.connector.community.jdbc-url", community.jdbcUrl());
            keys.put("yimen.connector.community.username", CommunitySystem.CAPTURE_USER);
            keys.put("yimen.connector.community.password", community.capturePassword());
        }
        keys.put("yimen.connector.election.jdbc-url", election.jdbcUrl());
        keys.put("yimen.connector.election.username", ElectionSystem.CAPTURE_USER);
        keys.put("yimen.connector.election.password", election.capturePassword());
        keys.put("yimen.connector.divisions-2023.base-url", divisions.baseUrl());
        keys.put("yimen.connector.divisions-2023.interval", "PT2S");
        keys.put("yimen.connector.credit-codes.base-url", creditCodes.baseUrl());
        keys.put("yimen.connector.credit-codes.interval", "PT2S");
        keys.put("yimen.connector.divisions-2016.folder", drop.folder().toString());
        keys.put("yimen.connector.divisions-2016.interval", "PT1S");
        return keys;
    }

    /** Leaves the districts, and what lies above them, in the registers. */
    private void restrict(Set<String> districts) {
        Predicate<String> wanted = code -> districts.contains(code.substring(0, 6)) || code.endsWith("00000000");
        divisions.rows().stream()
                .map(row -> row.getOrDefault("dm", ""))
                .filter(wanted.negate())
                .forEach(divisions::remove);
        drop.rows().stream().map(Division::code).filter(wanted.negate()).forEach(drop::remove);
        creditCodes.rows().stream()
                .filter(row -> !wanted.test(row.getOrDefault("xzqhdm", "")))
                .map(row -> row.getOrDefault("tyshxydm", ""))
                .forEach(creditCodes::remove);
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public synchronized void close() {
        RuntimeException failed = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                failed = failed == null ? new IllegalStateException("The bed was not closed", e) : failed;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
