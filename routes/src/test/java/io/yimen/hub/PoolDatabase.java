package io.yimen.hub;

import io.yimen.pool.Pool;
import io.yimen.pool.PostgresPool;
import io.yimen.pool.SourceInfo;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Flag;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.RecordQuery;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL with a small pool in it: two districts, three communities, a person with a post, a reject. */
final class PoolDatabase implements AutoCloseable {
    static final String ID_NUMBER = "11010119900307803X";

    private static final StreamShape PLACES = new StreamShape(
            new StreamId("divisions", "place"),
            "Place",
            List.of("name", "level", "kind", "code", "edition", "parent", "county", "town"),
            80,
            true,
            DeletePolicy.FULL_SET);
    private static final StreamShape COMMITTEES = new StreamShape(
            new StreamId("election", "committee"),
            "Organization",
            List.of("name", "kind", "creditCode", "place", "divisionCode", "county", "town", "phone"),
            60,
            true,
            DeletePolicy.LOG);
    private static final StreamShape CODES = new StreamShape(
            new StreamId("codes", "organization"),
            "Organization",
            List.of("name", "kind", "creditCode", "divisionCode", "county", "town", "legalPerson"),
            90,
            true,
            DeletePolicy.NONE);
    private static final StreamShape MEMBERS = new StreamShape(
            new StreamId("election", "member-person"),
            "Person",
            List.of("name", "idNumber", "sex", "birthDate", "phone", "place"),
            60,
            false,
            DeletePolicy.LOG);

    private static final StreamShape RESIDENTS = new StreamShape(
            new StreamId("service", "resident"),
            "Person",
            List.of("name", "sex", "birthDate", "place"),
            50,
            true,
            DeletePolicy.LOG);

    private final EmbeddedPostgres server;
    private final Path keyFile;

    private PoolDatabase(EmbeddedPostgres server, Path keyFile) {
        this.server = server;
        this.keyFile = keyFile;
    }

    static PoolDatabase start(Path folder) throws IOException {
        return new PoolDatabase(
                EmbeddedPostgres.builder()
                        .setServerConfig("wal_level", "logical")
                        .start(),
                folder.resolve("vault.key"));
    }

    EmbeddedPostgres server() {
        return server;
    }

    /** Keys that a hub on this pool is started with; it reads no source. */
    Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("yimen.pool.jdbc-url", "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres");
        keys.put("yimen.pool.username", "postgres");
        keys.put("yimen.vault.key-file", keyFile.toString());
        keys.put("yimen.vault.create", "true");
        keys.put("yimen.connectors.enabled", "none");
        return keys;
    }

    /** The same, with the connectors of the catalog, of which none is enabled yet, and accounts to sign in with. */
    Map<String, String> keysWithCatalog() {
        Map<String, String> keys = keys();
        keys.put("yimen.demo.accounts", "true");
        keys.put("yimen.demo.password", Sessions.PASSWORD);
        keys.put(
                "yimen.connectors.catalog",
                Path.of("..", "connectors", "catalog")
                        .toAbsolutePath()
                        .normalize()
                        .toString());
        return keys;
    }

    PostgresPool open() {
        DataSource owner = server.getPostgresDatabase();
        return new PostgresPool(owner, PoolModel.standard(), Vault.loadOrCreate(keyFile), Clock.systemUTC());
    }

    /** Fills the pool through its own front door. */
    void fill() {
        try (PostgresPool pool = open()) {
            pool.declare(new SourceInfo("divisions", "区划", "Divisions", "统计局"), List.of(PLACES));
            pool.declare(new SourceInfo("election", "换届选举", "Elections", "民政局"), List.of(COMMITTEES, MEMBERS));
            pool.declare(new SourceInfo("codes", "信用代码", "Credit codes", "市场监管局"), List.of(CODES));
            pool.declare(new SourceInfo("service", "社区服务", "Service", "街道办"), List.of(RESIDENTS));
            List<ChangeEvent> places = new ArrayList<>();
            places.add(place("110000000000", "北京市", "province", null, null, null));
            places.add(place("110101000000", "东城区", "county", "110000000000", "东城区", null));
            places.add(place("110101001000", "东华门街道", "town", "110101000000", "东城区", "东华门街道"));
            places.add(place("110101001001", "多福巷社区", "village", "110101001000", "东城区", "东华门街道"));
            places.add(place("110101001002", "银闸社区", "village", "110101001000", "东城区", "东华门街道"));
            places.add(place("110105000000", "朝阳区", "county", "110000000000", "朝阳区", null));
            places.add(place("110105001000", "建外街道", "town", "110105000000", "朝阳区", "建外街道"));
            places.add(place("110105001001", "永安里社区", "village", "110105001000", "朝阳区", "建外街道"));
            apply(pool, "divisions", places, List.of());
            List<ChangeEvent> election = new ArrayList<>();
            for (int version = 1; version <= 3; version++) {
                election.add(
                        committee("1", version, "多福巷社区居民委员会", "110101001001", "东城区", "东华门街道", "6525000" + version));
            }
            election.add(committee("2", 1, "银闸社区居民委员会", "110101001002", "东城区", "东华门街道", "65250009"));
            election.add(committee("3", 1, "永安里社区居民委员会", "110105001001", "朝阳区", "建外街道", "65250010"));
            election.add(ChangeEvent.upserted(
                    MEMBERS,
                    "7",
                    Position.of(9),
                    new @Nullable String[] {
                        "欧阳建国", ID_NUMBER, "1", "1990-03-07", "13800138000", "place-code:2023|110101001001"
                    },
                    List.of()));
            Rejected rejected = new Rejected(
                    MEMBERS.id(),
                    "8",
                    Position.of(10),
                    "invalid-id-number",
                    "sfzh",
                    "The ID number's date does not exist: correct it in the source",
                    "{\"sfzh\":\"110101199013078038\"}".getBytes(StandardCharsets.UTF_8));
            apply(pool, "election", election, List.of(rejected));
            apply(
                    pool,
                    "service",
                    List.of(
                            // Perhaps the same as member 7: a slip in the birthday, no number.
                            resident("1", "欧阳建国", "1990-03-17", "110101001001"),
                            // Two that live far apart, and perhaps are one.
                            resident("2", "慕容晓峰", "1985-06-01", "110101001002"),
                            resident("3", "令狐志强", "1979-11-30", "110105001001"),
                            resident("4", "司马青云", "1991-04-05", "110101001002"),
                            // Nobody refers to her.
                            resident("5", "端木清扬", "1988-02-29", "110101001001")),
                    List.of());
            conflict(pool);
            apply(
                    pool,
                    "codes",
                    List.of(ChangeEvent.upserted(
                            CODES,
                            "55110101MEX",
                            Position.of(1),
                            new @Nullable String[] {
                                "北京市东城区东华门街道多福巷社区居民委员会",
                                "JWH",
                                "551101010000000011",
                                "110101001001",
                                "东城区",
                                "东华门街道",
                                "李梅"
                            },
                            List.of(new Flag("creditCode", "check-digit")))),
                    List.of());
        }
    }

    /** A birthday was put right, and then its source said a third one. */
    private void conflict(PostgresPool pool) {
        DataSource owner = server.getPostgresDatabase();
        Vault vault = Vault.loadOrCreate(keyFile);
        ScopedReads reads = new ScopedReads(owner, PoolModel.standard(), vault, new Audit(owner, Clock.systemUTC()));
        Scope everything = Scope.everything("fill");
        long resident = new Ledgers(reads)
                .list(everything, RecordQuery.of("Person").withSearch("司马青云").withLimit(1))
                .records()
                .get(0)
                .id();
        pool.corrections(reads, Policy.standard())
                .propose(
                        new Authority(everything, true, Set.of()),
                        new Request("Person", resident, 0, "birthDate", "1991-05-04", "户口簿", null, List.of()));
        ChangeEvent third = ChangeEvent.upserted(
                RESIDENTS,
                "4",
                Position.of(2),
                new @Nullable String[] {"司马青云", "1", "1991-05-05", "place-code:2023|110101001002"},
                List.of());
        apply(pool, "service", List.of(third), List.of());
    }

    private static void apply(Pool pool, String source, List<ChangeEvent> events, List<Rejected> rejected) {
        long run = pool.openRun(source, source, "pull", OptionalLong.of(events.size()));
        pool.apply(new Batch(run, source, "1", events, rejected, List.of()));
        pool.closeRun(run, RunStatus.COMPLETED, null);
    }

    private static ChangeEvent place(
            String code,
            String name,
            String level,
            @Nullable String parent,
            @Nullable String county,
            @Nullable String town) {
        return ChangeEvent.upserted(
                PLACES,
                code,
                Position.of(1),
                new @Nullable String[] {
                    name, level, null, code, "2023", parent == null ? null : "place-code:2023|" + parent, county, town
                },
                List.of());
    }

    private static ChangeEvent resident(String key, String name, String born, String code) {
        return ChangeEvent.upserted(
                RESIDENTS,
                key,
                Position.of(1),
                new @Nullable String[] {name, "1", born, "place-code:2023|" + code},
                List.of());
    }

    private static ChangeEvent committee(
            String key, long position, String name, String code, String county, String town, String phone) {
        return ChangeEvent.upserted(
                COMMITTEES,
                key,
                Position.of(position),
                new @Nullable String[] {name, "JWH", null, "place-code:2023|" + code, code, county, town, phone},
                List.of());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
