package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.PLACE_2023;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.county2023;
import static io.yimen.pool.Fixture.gone;
import static io.yimen.pool.Fixture.person;
import static io.yimen.pool.Fixture.rejected;
import static io.yimen.pool.Fixture.rejecting;
import static io.yimen.pool.Fixture.town2023;
import static io.yimen.pool.Fixture.village2016;
import static io.yimen.pool.Fixture.village2023;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.lineage.Lineage;
import io.yimen.pool.run.RunStatus;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresPoolIT extends PoolContract {
    private static final String ID = "11010118860725511X";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DataSource DATABASE = Database.create();

    @Override
    Pool newPool() {
        return new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
    }

    @Override
    @BeforeEach
    void declare() {
        Database.empty(DATABASE);
        super.declare();
    }

    @Override
    Map<String, Map<String, String>> golden(String type) {
        Map<String, Map<String, String>> all = new TreeMap<>();
        query("select anchor, fields from pool.entity where status = 'ACTIVE' and entity_type = '" + type + "'")
                .forEach(row -> all.put(row.get(0), fields(type, row.get(1))));
        return all;
    }

    private static Map<String, String> fields(String type, String json) {
        Map<String, String> fields = new TreeMap<>();
        JsonNode tree;
        try {
            tree = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        tree.properties().forEach(e -> {
            if (e.getValue().isNumber()) {
                fields.put(
                        e.getKey(),
                        text("select anchor from pool.entity where id = "
                                + e.getValue().asLong()));
            } else {
                boolean sealed =
                        Fixture.MODEL.getType(type).getField(e.getKey()).isSensitive();
                String value = e.getValue().asText();
                fields.put(e.getKey(), sealed ? Fixture.VAULT.open(value) : value);
            }
        });
        return fields;
    }

    @Override
    List<String> flags(String type, String anchor, String field) {
        String lineage = text("select lineage from pool.entity where anchor = '" + anchor + "'");
        return Objects.requireNonNull(Lineage.unpack(lineage).get(field)).flags();
    }

    private static String text(String sql) {
        return Database.text(DATABASE, sql);
    }

    private static List<List<String>> query(String sql) {
        List<List<String>> found = new ArrayList<>();
        try (Connection db = DATABASE.getConnection();
                Statement statement = db.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(rows.getString(i)));
                }
                found.add(row);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return found;
    }

    private static String operations() {
        return text("select string_agg(op, ' ' order by seq) from pool.change");
    }

    @Test
    void changeLogTellsWhatBecameOfAnEntity() {
        pool.apply(batch(run, person(CANDIDATE, "1", "王一", ID, "", "", 1)));
        pool.apply(batch(run, person(MEMBER, "2", "王一", "110101189408250556", "", "", 1)));
        pool.apply(batch(run, person(MEMBER, "2", "王二", ID, "", "", 2)));
        pool.apply(batch(run, person(MEMBER, "2", "王二", "110101189408250556", "", "", 3)));
        pool.apply(batch(run, gone(CANDIDATE, "1", 2)));
        pool.apply(batch(run, person(CANDIDATE, "1", "王一", ID, "", "", 3)));

        assertThat(operations()).isEqualTo("CREATED CREATED UPDATED MERGED UPDATED SPLIT RETIRED RESTORED");
    }

    @Test
    void mergedIdsLeadOnInOneHop() {
        String other = "110101189408250556";
        pool.apply(batch(run, person(CANDIDATE, "1", "王一", ID, "", "", 1)));
        pool.apply(batch(run, person(MEMBER, "2", "王一", other, "", "", 1)));
        pool.apply(batch(run, person(MEMBER, "3", "王一", "110105189708132135", "", "", 1)));
        pool.apply(batch(run, person(MEMBER, "3", "王一", other, "", "", 2)));
        pool.apply(batch(
                run,
                person(CANDIDATE, "4", "王一", ID, "", "", 1),
                person(MEMBER, "2", "王一", ID, "", "", 2),
                person(MEMBER, "3", "王一", ID, "", "", 3)));

        assertThat(text("select count(distinct redirect_to) from pool.entity where status = 'REDIRECTED'"))
                .isEqualTo("1");
        assertThat(text("""
                                select count(*) from pool.entity e join pool.entity t on t.id = e.redirect_to
                                 where e.status = 'REDIRECTED' and t.status = 'ACTIVE'
                                """)).isEqualTo("2");
    }

    @Test
    void observationThatAddsNoNewsAppendsNoChange() {
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1)));
        assertThat(pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 2))).changes())
                .isZero();
        assertThat(pool.apply(batch(
                                run,
                                person(MEMBER, "1", "王一", ID, "", "", 1),
                                person(CANDIDATE, "1", "王一", ID, "", "", 1)))
                        .changes())
                .isEqualTo(1);
        assertThat(text("select records from pool.entity where entity_type = 'Person'"))
                .isEqualTo("2");
    }

    @Test
    void sensitiveValuesStandInClearNowhere() {
        pool.apply(batch(run, person(MEMBER, "1", "王一", ID, "13912345678", "", 1)));

        for (String table : List.of("source_record", "identifier", "entity", "change", "quarantine", "reference")) {
            assertThat(text("select count(*) from pool." + table + " t where t::text like any " + "(array['%" + ID
                            + "%', '%13912345678%'])"))
                    .as(table)
                    .isEqualTo("0");
        }
    }

    @Test
    void scopeHoldsEveryPlaceAboveAndFollowsMoves() {
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1), person(MEMBER, "1", "王一", ID, "", CODE, 1)));
        pool.apply(batch(run, town2023("110101001000", TOWN, 1), county2023("110101000000", "东城区", 1)));
        assertThat(ancestors("多福巷社区")).isEqualTo("东华门街道 东城区 多福巷社区");

        pool.apply(batch(run, gone(PLACE_2023, "110101000000", 2)));
        assertThat(ancestors("多福巷社区")).isEqualTo("东华门街道 多福巷社区");
        assertThat(text("""
                        select p.title from pool.entity e join pool.entity p on p.id = e.place_id
                         where e.entity_type = 'Person'
                        """)).isEqualTo("多福巷社区");
    }

    private static String ancestors(String place) {
        return text("""
                select string_agg(a.title, ' ' order by a.title)
                  from pool.place_scope s
                  join pool.entity a on a.id = s.ancestor
                  join pool.entity p on p.id = s.place
                 where p.title = '%s'
                """.formatted(place));
    }

    @Test
    void circleOfParentsEndsTheScopeNotThePool() {
        pool.apply(batch(
                run,
                Fixture.says(PLACE_2023, "a", 1, "甲", "town", "", "a", "2023", "place-code:2023|b", "", ""),
                Fixture.says(PLACE_2023, "b", 1, "乙", "town", "", "b", "2023", "place-code:2023|a", "", "")));

        assertThat(ancestors("甲")).isEqualTo("乙 甲");
    }

    @Test
    void quarantineKeepsTheNewestOfAKeyUntilItIsTakenIn() {
        pool.apply(rejecting(run, rejected(PLACE_2023, CODE, 1, "a")));
        pool.apply(rejecting(run, rejected(PLACE_2023, CODE, 2, "a")));
        assertThat(quarantine()).isEqualTo("2 WAITING");
        pool.apply(rejecting(run, rejected(PLACE_2023, CODE, 3, "b")));
        assertThat(quarantine()).isEqualTo("2 SUPERSEDED, 3 WAITING");
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 3)));
        assertThat(quarantine()).isEqualTo("2 SUPERSEDED, 3 REPLAYED");
        pool.apply(rejecting(run, rejected(PLACE_2023, CODE, 4, "b")));
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 5)));
        assertThat(quarantine()).isEqualTo("2 SUPERSEDED, 3 REPLAYED, 4 SUPERSEDED");
    }

    private static String quarantine() {
        return text("select string_agg(position || ' ' || status, ', ' order by position) from pool.quarantine");
    }

    @Test
    void runLeftOpenIsClosedAsFailedByTheNext() {
        Fixture.run(pool);

        assertThat(text("select status from pool.run where id = " + run)).isEqualTo("FAILED");
    }

    @Test
    void runThatDoesNotBalanceIsRed() {
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1)));
        Database.run(DATABASE, "update pool.run_count set read = read + 1");
        pool.closeRun(run, RunStatus.COMPLETED, null);

        assertThat(text("select status from pool.run where id = " + run)).isEqualTo("RED");
    }

    @Test
    void failedBatchLeavesNothingBehind() {
        String before = pool.contentHash();
        Database.run(DATABASE, """
                create function pool.refuse() returns trigger language plpgsql as
                  $$ begin raise exception using errcode = '40001'; end $$;
                create trigger refuse before insert on pool.run_count execute function pool.refuse()
                """);
        try {
            assertThatThrownBy(() -> pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1))))
                    .isInstanceOfSatisfying(
                            PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.RETRY));
        } finally {
            Database.run(DATABASE, "drop function pool.refuse() cascade");
        }
        assertThat(pool.contentHash()).isEqualTo(before);
        assertThat(text("select count(*) from pool.source_record")).isEqualTo("0");
    }

    @Test
    void anotherVaultKeyIsRefused() {
        byte[] key = new byte[32];
        key[0] = 1;
        assertThatThrownBy(() -> new PostgresPool(DATABASE, Fixture.MODEL, Vault.of(key), Clock.systemUTC()))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.CONFIGURATION));
    }

    @Test
    void mergeOfTwoRegistersKeepsBothInTheLineage() {
        pool.apply(batch(run, village2023(CODE, "多福巷社区", TOWN, 1), village2016(CODE, "多福巷社区居委会", TOWN, 1)));
        Map<String, Lineage.Origin> lineage = Lineage.unpack(text("select lineage from pool.entity"));

        assertThat(lineage.get("name"))
                .isNotNull()
                .satisfies(o -> assertThat(o.rule()).isEqualTo("validity"));
        assertThat(lineage.get("county"))
                .isNotNull()
                .satisfies(o -> assertThat(o.rule()).isEqualTo("agreed"));
        assertThat(lineage.get("longitude"))
                .isNotNull()
                .satisfies(o -> assertThat(o.rule()).isEqualTo("only"));
    }
}
