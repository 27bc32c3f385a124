package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.MEMBERSHIP;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.gone;
import static io.yimen.pool.Fixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.RecordRef;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Evidence;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.correction.Upload;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.erasure.Dossier;
import io.yimen.pool.erasure.Dossiers;
import io.yimen.pool.erasure.Erasure;
import io.yimen.pool.erasure.ErasurePolicy;
import io.yimen.pool.erasure.ErasureRules;
import io.yimen.pool.erasure.Erasures;
import io.yimen.pool.erasure.Extent;
import io.yimen.pool.erasure.Preview;
import io.yimen.pool.erasure.Remnants;
import io.yimen.pool.erasure.State;
import io.yimen.pool.ledger.ChangePage;
import io.yimen.pool.ledger.Changes;
import io.yimen.pool.ledger.FrozenLedger;
import io.yimen.pool.ledger.FrozenLedgers;
import io.yimen.pool.ledger.History;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Operation;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.run.Counts;
import io.yimen.pool.steward.Action;
import io.yimen.pool.steward.Proposal;
import io.yimen.pool.steward.Stewardship;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of people whom the pool has to forget. */
class ErasureIT {
    private static final DataSource DATABASE = Database.create();
    private static final String ID = "11010519491231002X";
    private static final String OTHER = "110105194912310038";
    private static final String NAME = "欧阳雪鹤";
    private static final String PHONE = "13800138077";
    private static final String LATER = "13900139066";
    /** All that is known of whoever is erased, and of nobody else. */
    private static final List<String> CANARIES = List.of(NAME, ID, PHONE, LATER, "k-7731", "k-8842", "诗雨巷九号");

    private static final StreamShape CANDIDACY = new StreamShape(
            new StreamId("election", "candidacy"),
            "Candidacy",
            List.of("person", "election", "post", "votes"),
            60,
            true,
            DeletePolicy.LOG);
    private static final StreamShape ELECTION = new StreamShape(
            new StreamId("election", "election"), "Election", List.of("name", "date"), 60, true, DeletePolicy.LOG);
    private static final StreamShape RESIDENT = new StreamShape(
            new StreamId("residents", "resident"),
            "Person",
            List.of("name", "idNumber", "phone", "address", "birthDate"),
            70,
            false,
            DeletePolicy.LOG);

    /** Packs the lineages of a table as they were packed before they went by origin. */
    private static final String LINEAGES_FIELD_BY_FIELD = """
            update pool.%s
               set lineage = (select coalesce(jsonb_object_agg(f.name, o.value - 3), '{}')
                                from jsonb_array_elements(lineage) o, string_to_table(o.value ->> 3, ' ') f (name))
             where jsonb_typeof(lineage) = 'array'
            """;

    private static final Scope CLERK = Scope.everything("clerk");
    private static final Scope SECOND = Scope.everything("second");
    private static final Authority OFFICER = new Authority(Scope.everything("officer"), true, Set.of("*"));

    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
    private final ScopedReads reads =
            new ScopedReads(DATABASE, Fixture.MODEL, Fixture.VAULT, new Audit(DATABASE, Clock.systemUTC()));
    private final Erasures erasures =
            pool.erasures(reads, new ErasurePolicy(true, ErasureRules.bundled(Fixture.MODEL)));
    private final Corrections corrections = pool.corrections(reads, Policy.standard());
    private final Stewardship stewards = pool.stewardship(reads);
    private final Ledgers ledgers = new Ledgers(reads);
    private long run;
    private long position = 1;

    @BeforeEach
    void begin() {
        Database.empty(DATABASE);
        Fixture.declareAll(pool);
        pool.declare(new SourceInfo("election", "election", "election", "街道"), List.of(CANDIDACY, ELECTION));
        pool.declare(new SourceInfo("residents", "residents", "residents", "街道"), List.of(RESIDENT));
        run = Fixture.run(pool);
    }

    private Counts says(StreamShape stream, String key, String name, String id, String phone) {
        return apply(stream, batch(run, person(stream, key, name, id, phone, "", position++)));
    }

    private Counts apply(StreamShape stream, Batch batch) {
        return pool.apply(batch).counts().getOrDefault(stream.id(), Counts.ZERO);
    }

    private void serves(String key, String person) {
        pool.apply(batch(run, Fixture.says(MEMBERSHIP, key, position++, person, "", "MEMBER", "2021-01-01", "")));
    }

    private static long entity(StreamShape stream, String key) {
        return Long.parseLong(text("""
                select r.entity_id from pool.source_record r join pool.stream s on s.id = r.stream_id
                 where s.source = '%s' and s.stream = '%s' and r.key = '%s'
                """.formatted(stream.id().source(), stream.id().stream(), key)));
    }

    private static String text(String sql) {
        return Database.text(DATABASE, sql);
    }

    private Erasure request(long entity) {
        return erasures.request(CLERK, new Erasures.Request("Person", entity, 0, "consent-withdrawn", NAME + "本人书面申请"));
    }

    private Erasure erase(long entity) {
        Erasure asked = request(entity);
        Preview preview = erasures.preview(SECOND, asked.id());
        Erasure done = erasures.accept(SECOND, asked.id(), preview.token());
        assertThat(done.counts()).as("the preview told what is done").isEqualTo(preview.counts());
        return done;
    }

    private void agrees() {
        Rebuild.Report report = new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify();
        assertThat(report.differences()).isEmpty();
        assertThat(report.agrees()).isTrue();
        assertThat(text("select count(*) from pool.run_count where read <>"
                        + " applied + unchanged + stale + quarantined + withheld"))
                .isEqualTo("0");
    }

    private static void refused(ThrowingCallable what, PoolException.Kind kind, PoolException.@Nullable Code code) {
        assertThatExceptionOfType(PoolException.class).isThrownBy(what).satisfies(e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.code().orElse(null)).isEqualTo(code);
            assertThat(e.getMessage()).doesNotContain(CANARIES.toArray(new String[0]));
        });
    }

    /** All that the database holds, opened: another way to look than the one under test. */
    private static String dump() {
        StringBuilder all = new StringBuilder();
        Function<byte[], String> opened = bytes -> {
            try {
                return new String(Fixture.VAULT.open(bytes), StandardCharsets.UTF_8);
            } catch (PoolException e) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
        try (Connection db = DATABASE.getConnection();
                Statement statement = db.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet row = statement.executeQuery("select relname from pg_class where relkind in ('r', 'p') and"
                    + " relnamespace = 'pool'::regnamespace order by 1")) {
                while (row.next()) {
                    tables.add(row.getString(1));
                }
            }
            assertThat(tables).contains("source_record", "change", "evidence", "audit", "tombstone");
            for (String table : tables) {
                try (ResultSet row = statement.executeQuery("select * from pool." + table)) {
                    while (row.next()) {
                        all.append('\n').append(table).append(": ");
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            byte[] bytes =
                                    row.getMetaData().getColumnTypeName(i).equals("bytea") ? row.getBytes(i) : null;
                            all.append(bytes != null ? opened.apply(bytes) : row.getString(i))
                                    .append(" | ");
                        }
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return Pattern.compile("enc1:[A-Za-z0-9_-]+")
                .matcher(all)
                .replaceAll(one -> Matcher.quoteReplacement(Fixture.VAULT.open(one.group())));
    }

    private void isGone() {
        assertThat(dump()).doesNotContain(CANARIES.toArray(new String[0]));
        assertThat(dump()).doesNotContain(Fixture.VAULT.digest("id-number", ID));
        Remnants.Report report = new Remnants(DATABASE, Fixture.MODEL, Fixture.VAULT).search(CANARIES);
        assertThat(report.found()).isEmpty();
        assertThat(report.rows()).containsKeys("source_record", "change", "quarantine", "audit", "evidence");
    }

    /** Somebody of whom every store holds something. */
    private long known() {
        says(MEMBER, "k-7731", NAME, ID, PHONE);
        says(CANDIDATE, "k-8842", NAME, ID, PHONE);
        says(MEMBER, "2", "王五", OTHER, "13700137000");
        long entity = entity(MEMBER, "k-7731");
        assertThat(entity(CANDIDATE, "k-8842")).isEqualTo(entity);
        corrections.propose(
                OFFICER,
                new Request(
                        "Person",
                        entity,
                        0,
                        "address",
                        "诗雨巷九号",
                        NAME + "搬家了",
                        null,
                        List.of(new Evidence(
                                NAME + ".pdf",
                                "application/pdf",
                                ("%PDF-1.7 " + PHONE).getBytes(StandardCharsets.UTF_8)))));
        stewards.decide(
                CLERK,
                new Proposal(
                        Action.NOT_DUPLICATE,
                        List.of(new Proposal.Seen(entity, 0), new Proposal.Seen(entity(MEMBER, "2"), 0)),
                        List.of(),
                        NAME + "与王五不是一人"));
        pool.apply(Fixture.rejecting(
                run,
                new Rejected(
                        MEMBER.id(),
                        "k-7731",
                        Position.of(position++),
                        "invalid-date",
                        null,
                        "Correct it",
                        ("{\"xm\":\"" + NAME + "\"}").getBytes(StandardCharsets.UTF_8)),
                new Rejected(
                        RESIDENT.id(),
                        "r-9",
                        Position.of(position++),
                        "invalid-date",
                        null,
                        "Correct it",
                        ("{\"sfz\":\"" + ID + "\",\"xm\":\"" + NAME + "\"}").getBytes(StandardCharsets.UTF_8))));
        serves("m-1", "record:election/member-person/k-7731");
        serves("m-2", "id-number:" + ID);
        ledgers.unmask(CLERK, "Person", entity, List.of("phone"), "联系本人");
        return entity;
    }

    @Test
    void nothingIsLeftOfWhoeverWasErased() {
        long entity = known();
        long untouched = entity(MEMBER, "2");
        assertThat(dump())
                .contains(CANARIES.stream().filter(c -> !c.equals(LATER)).toArray(String[]::new));
        assertThat(new Remnants(DATABASE, Fixture.MODEL, Fixture.VAULT)
                        .search(List.of(NAME))
                        .found())
                .extracting(Remnants.Found::table)
                .contains("entity", "change", "source_record", "evidence", "quarantine", "correction", "decision");
        long seq = Long.parseLong(text("select max(seq) from pool.change"));

        Erasure done = erase(entity);

        assertThat(done.state()).isEqualTo(State.DONE);
        assertThat(done.extent()).isEqualTo(Extent.WHOLE);
        assertThat(done.reason()).isNull();
        assertThat(done.counts())
                .containsEntry("source_record", 2L)
                .containsEntry("correction", 1L)
                .containsEntry("evidence", 1L)
                .containsEntry("quarantine", 2L)
                .containsEntry("citing records", 2L)
                .containsEntry("entity", 1L);
        isGone();
        agrees();
        refused(
                () -> ledgers.get(CLERK, "Person", entity, null),
                PoolException.Kind.NOT_FOUND,
                PoolException.Code.ERASED);
        refused(
                () -> ledgers.lineage(CLERK, "Person", entity),
                PoolException.Kind.NOT_FOUND,
                PoolException.Code.ERASED);
        refused(
                () -> new History(reads).list(CLERK, "Person", entity, null, 10),
                PoolException.Kind.NOT_FOUND,
                PoolException.Code.ERASED);
        assertThat(ledgers.get(CLERK, "Person", untouched, null).title()).isEqualTo("王五");
        for (String key : List.of("m-1", "m-2")) {
            assertThat(text("select fields -> 'person' is null and status = 'ACTIVE' from pool.entity where id = "
                            + entity(MEMBERSHIP, key)))
                    .as("others stay, without the reference")
                    .isEqualTo("t");
        }
        ChangePage told = new Changes(reads).list(CLERK, seq, List.of(), 100);
        assertThat(told.changes())
                .filteredOn(c -> c.id() == entity)
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.operation()).isEqualTo(Operation.ERASED);
                    assertThat(c.fields()).isEmpty();
                    assertThat(c.title()).isEmpty();
                });
        assertThat(text("select detail from pool.audit where action = 'ERASE' and object = 'Person/%d'"
                        .formatted(entity)))
                .contains("consent-withdrawn", "\"requestedBy\": \"clerk\"", "source_record");
        assertThat(text("select actor from pool.audit where action = 'ERASE' and object = 'Person/%d'"
                        .formatted(entity)))
                .isEqualTo("second");
    }

    @Test
    void doesNotComeBackWhoeverSaysSo() {
        long entity = known();
        erase(entity);

        assertThat(says(MEMBER, "k-7731", NAME, ID, LATER)).isEqualTo(new Counts(1, 0, 0, 0, 0, 1));
        assertThat(says(CANDIDATE, "k-8842", NAME, "", LATER)).isEqualTo(new Counts(1, 0, 0, 0, 0, 1));
        assertThat(apply(MEMBER, batch(run, gone(MEMBER, "k-7731", position++))))
                .isEqualTo(new Counts(1, 0, 0, 0, 0, 1));
        assertThat(apply(
                        MEMBER,
                        Fixture.rejecting(
                                run,
                                new Rejected(
                                        MEMBER.id(),
                                        "k-7731",
                                        Position.of(position++),
                                        "invalid-date",
                                        null,
                                        "Correct it",
                                        NAME.getBytes(StandardCharsets.UTF_8)),
                                new Rejected(
                                        MEMBER.id(),
                                        "another",
                                        Position.of(position++),
                                        "invalid-date",
                                        null,
                                        "Correct it",
                                        (NAME + " " + ID).getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo(new Counts(2, 0, 0, 0, 0, 2));
        // another system, another key, the same person
        assertThat(apply(
                        RESIDENT,
                        batch(run, Fixture.says(RESIDENT, "r-1", position++, NAME, ID, LATER, "诗雨巷九号", "1949-12-31"))))
                .isEqualTo(new Counts(1, 0, 0, 0, 0, 1));
        serves("m-1", "record:election/member-person/k-7731");
        serves("m-3", "id-number:" + ID);
        PostgresPool restarted = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
        assertThat(restarted
                        .apply(batch(run, person(MEMBER, "k-7731", NAME, ID, LATER, "", position++)))
                        .counts())
                .containsEntry(MEMBER.id(), new Counts(1, 0, 0, 0, 0, 1));
        refused(
                () -> corrections.propose(
                        OFFICER, new Request("Person", entity, 0, "name", "欧阳", "为了更正", null, List.of())),
                PoolException.Kind.NOT_FOUND,
                PoolException.Code.ERASED);
        isGone();
        agrees();
    }

    @Test
    void recordThatComesToSpeakOfTheErasedLeavesWhomItSpokeOf() {
        erase(known());
        apply(RESIDENT, batch(run, Fixture.says(RESIDENT, "r-2", position++, "李四", OTHER, "", "", "")));
        long other = entity(RESIDENT, "r-2");
        assertThat(other).isEqualTo(entity(MEMBER, "2"));

        assertThat(apply(RESIDENT, batch(run, Fixture.says(RESIDENT, "r-2", position++, NAME, ID, LATER, "", ""))))
                .isEqualTo(new Counts(1, 0, 0, 0, 0, 1));

        assertThat(text("select records from pool.entity where id = " + other)).isEqualTo("1");
        isGone();
        agrees();
        // the number was a slip
        assertThat(apply(RESIDENT, batch(run, Fixture.says(RESIDENT, "r-2", position++, "李四", OTHER, "", "", ""))))
                .isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(text("select records from pool.entity where id = " + other)).isEqualTo("2");
        agrees();
    }

    @Test
    void comesBackWhenSomebodyLiftsIt() {
        Erasure done = erase(known());

        Erasure lifted = erasures.lift(SECOND, done.id(), "本人重新登记");

        assertThat(lifted.state()).isEqualTo(State.LIFTED);
        assertThat(says(MEMBER, "k-7731", NAME, ID, LATER)).isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(entity(MEMBER, "k-7731")).as("a new id").isNotEqualTo(done.entity());
        refused(() -> erasures.lift(SECOND, done.id(), "又一次"), PoolException.Kind.CONFLICT, null);
        agrees();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatOthersOncePublishedOfItGoesToo(boolean packedAsBefore) {
        says(MEMBER, "k-7731", NAME, ID, PHONE);
        apply(RESIDENT, batch(run, Fixture.says(RESIDENT, "r-1", position++, "赵六", ID, "", "", "1949-12-31")));
        long one = entity(MEMBER, "k-7731");
        assertThat(entity(RESIDENT, "r-1")).isEqualTo(one);
        corrections.propose(OFFICER, new Request("Person", one, 0, "address", "诗雨巷九号", "搬家了", null, List.of()));
        stewards.decide(
                CLERK,
                new Proposal(
                        Action.UNLINK,
                        List.of(new Proposal.Seen(one, 0)),
                        List.of(new RecordRef(RESIDENT.id(), "r-1")),
                        "身份证号录错"));
        long erased = entity(MEMBER, "k-7731");
        long other = entity(RESIDENT, "r-1");
        assertThat(other).isNotEqualTo(erased);
        if (packedAsBefore) {
            for (String table : List.of("change", "entity")) {
                Database.run(DATABASE, LINEAGES_FIELD_BY_FIELD.formatted(table));
            }
        }
        String ofResident = """
                select count(*) from pool.change c, pool.lineage_origins(c.lineage) o
                 where c.entity_id = %d and o.key = 'r-1'
                """.formatted(other);
        String before = text(ofResident);
        assertThat(before).isNotEqualTo("0");

        erase(erased);

        assertThat(dump()).doesNotContain(NAME, PHONE, "k-7731", "诗雨巷九号");
        assertThat(text(ofResident)).as("what the other says stays").isEqualTo(before);
        assertThat(text("select title from pool.entity where id = " + other)).isEqualTo("赵六");
        agrees();
        // whoever shares the number with the erased one is not kept away by it
        assertThat(apply(
                        RESIDENT,
                        batch(run, Fixture.says(RESIDENT, "r-1", position++, "赵六", ID, "", "", "1949-12-30"))))
                .isEqualTo(new Counts(1, 1, 0, 0, 0));
    }

    @Test
    void lineageForgetsFieldsHoweverItIsPacked() {
        String byOrigin = """
                [[1, "a", "only", "name phone"], [2, "b", "rank", "address", ["doubtful"]]]""";
        String byField = """
                {"name": [1, "a", "only"], "phone": [1, "a", "only"], "address": [2, "b", "rank", ["doubtful"]]}""";
        String without = "select pool.lineage_without('%s', '{phone,address}')";
        String origins = """
                select string_agg(field || ' ' || stream_id || ' ' || key, ', ' order by field)
                  from pool.lineage_origins('%s')
                """;

        assertThat(text(without.formatted(byOrigin))).isEqualTo("[[1, \"a\", \"only\", \"name\"]]");
        assertThat(text(without.formatted(byField))).isEqualTo("{\"name\": [1, \"a\", \"only\"]}");
        assertThat(List.of(text(origins.formatted(byOrigin)), text(origins.formatted(byField))))
                .containsOnly("address 2 b, name 1 a, phone 1 a");
    }

    @Test
    void mergedIdsAreErasedWithTheOneTheyLeadTo() {
        says(MEMBER, "k-7731", NAME, "", PHONE);
        says(CANDIDATE, "k-8842", NAME + "二", ID, PHONE);
        long first = entity(MEMBER, "k-7731");
        long second = entity(CANDIDATE, "k-8842");
        stewards.decide(
                CLERK,
                new Proposal(
                        Action.MERGE,
                        List.of(new Proposal.Seen(first, 0), new Proposal.Seen(second, 0)),
                        List.of(),
                        "同一人"));
        long into = entity(MEMBER, "k-7731");
        long led = into == first ? second : first;
        refused(() -> request(led), PoolException.Kind.CONFLICT, PoolException.Code.REDIRECTED);

        erase(into);

        for (long id : new long[] {first, second}) {
            refused(
                    () -> ledgers.get(CLERK, "Person", id, null),
                    PoolException.Kind.NOT_FOUND,
                    PoolException.Code.ERASED);
            refused(() -> request(id), PoolException.Kind.NOT_FOUND, PoolException.Code.ERASED);
        }
        isGone();
        agrees();
    }

    @Test
    void retiredOneIsErasedAsWell() {
        long entity = known();
        apply(MEMBER, batch(run, gone(MEMBER, "k-7731", position++)));
        apply(CANDIDATE, batch(run, gone(CANDIDATE, "k-8842", position++)));
        assertThat(text("select status from pool.entity where id = " + entity)).isEqualTo("RETIRED");

        erase(entity);

        assertThat(says(MEMBER, "k-7731", NAME, ID, LATER)).isEqualTo(new Counts(1, 0, 0, 0, 0, 1));
        assertThat(says(MEMBER, "another", NAME, ID, LATER)).isEqualTo(new Counts(1, 0, 0, 0, 0, 1));
        isGone();
        agrees();
    }

    @Test
    void lawSaysToKeepWhoeverServesAndStandsForElection() {
        pool.apply(batch(
                run,
                Fixture.says(
                        ELECTION,
                        "e-1",
                        position++,
                        "换届",
                        LocalDate.now().minusYears(1).toString())));
        apply(RESIDENT, batch(run, Fixture.says(RESIDENT, "r-1", position++, NAME, ID, PHONE, "诗雨巷九号", "1949-12-31")));
        pool.apply(batch(
                run,
                Fixture.says(
                        CANDIDACY,
                        "c-1",
                        position++,
                        "record:residents/resident/r-1",
                        "record:election/election/e-1",
                        "CHAIR",
                        "77")));
        long entity = entity(RESIDENT, "r-1");
        corrections.propose(OFFICER, new Request("Person", entity, 0, "address", "诗雨巷九号甲", "门牌改了", null, List.of()));
        corrections.withdraw(
                OFFICER,
                corrections
                        .list(OFFICER.scope(), new Corrections.Query(Set.of(), entity, null, null, null, 5))
                        .corrections()
                        .get(0)
                        .id(),
                "看错了");

        Erasure done = erase(entity);

        assertThat(done.extent()).isEqualTo(Extent.PARTIAL);
        assertThat(done.holds()).containsExactly("running-term");
        assertThat(done.kept()).contains("name", "idNumber").doesNotContain("phone", "address");
        assertThat(dump()).contains(NAME, "77").doesNotContain(PHONE, "诗雨巷九号");
        assertThat(ledgers.get(CLERK, "Person", entity, null).title()).isEqualTo(NAME);
        agrees();
        // neither the same system nor another one brings it back
        assertThat(apply(
                        RESIDENT,
                        batch(run, Fixture.says(RESIDENT, "r-1", position++, NAME, ID, LATER, "诗雨巷九号", "1949-12-31"))))
                .isEqualTo(new Counts(1, 0, 1, 0, 0));
        says(MEMBER, "k-7731", NAME, ID, LATER);
        assertThat(entity(MEMBER, "k-7731")).isEqualTo(entity);
        assertThat(dump()).doesNotContain(PHONE, LATER, "诗雨巷九号");
        agrees();
        // once the term is over the rest goes
        pool.apply(batch(
                run,
                Fixture.says(
                        ELECTION,
                        "e-1",
                        position++,
                        "换届",
                        LocalDate.now().minusYears(6).toString())));
        assertThat(erase(entity).extent()).isEqualTo(Extent.WHOLE);
        isGone();
        agrees();
    }

    @Test
    void whatWaitsForSomebodyIsDealtWithFirst() {
        long entity = known();
        says(MEMBER, "k-7731", NAME, ID, PHONE);
        long correction = corrections
                .propose(OFFICER, new Request("Person", entity, 0, "name", NAME + "儿", "户口本", null, List.of()))
                .id();
        Erasure asked = request(entity);

        Preview preview = erasures.preview(SECOND, asked.id());

        assertThat(preview.extent()).isEqualTo(Extent.REFUSED);
        assertThat(preview.counts()).isEmpty();
        assertThat(preview.holds()).singleElement().satisfies(h -> {
            assertThat(h.code()).isEqualTo("open-ticket");
            assertThat(h.because()).containsExactly("correction/" + correction);
            assertThat(h.law().zh()).contains("个人信息保护法");
        });
        String before = dump();
        refused(
                () -> erasures.accept(SECOND, asked.id(), preview.token()),
                PoolException.Kind.CONFLICT,
                PoolException.Code.RETAINED);
        assertThat(dump()).isEqualTo(before);
        corrections.withdraw(OFFICER, correction, "先删除");
        erasures.accept(SECOND, asked.id(), erasures.preview(SECOND, asked.id()).token());
        isGone();
    }

    @Test
    void badRequestChangesNothing() {
        long entity = known();
        Erasure asked = request(entity);
        Preview preview = erasures.preview(SECOND, asked.id());
        refused(() -> erasures.accept(CLERK, asked.id(), preview.token()), PoolException.Kind.INVALID, null);
        refused(
                () -> erasures.accept(Scope.nothing("far"), asked.id(), preview.token()),
                PoolException.Kind.NOT_FOUND,
                null);
        refused(() -> request(entity), PoolException.Kind.CONFLICT, null);
        refused(() -> request(999_999), PoolException.Kind.NOT_FOUND, null);
        refused(() -> request(entity(MEMBERSHIP, "m-1")), PoolException.Kind.NOT_FOUND, null);
        refused(
                () -> erasures.request(CLERK, new Erasures.Request("Person", entity, 0, "because", "为了测试")),
                PoolException.Kind.INVALID,
                null);
        refused(
                () -> erasures.request(CLERK, new Erasures.Request("Person", entity(MEMBER, "2"), 99, "other", "为了测试")),
                PoolException.Kind.CONFLICT,
                PoolException.Code.STALE_VERSION);
        refused(
                () -> erasures.request(
                        CLERK, new Erasures.Request("Membership", entity(MEMBERSHIP, "m-1"), 0, "other", "为了测试")),
                PoolException.Kind.INVALID,
                null);
        refused(
                () -> erasures.accept(SECOND, asked.id(), "mac1:other"),
                PoolException.Kind.CONFLICT,
                PoolException.Code.STALE_VERSION);
        says(MEMBER, "k-7731", NAME, ID, LATER);
        refused(
                () -> erasures.accept(SECOND, asked.id(), preview.token()),
                PoolException.Kind.CONFLICT,
                PoolException.Code.STALE_VERSION);
        assertThat(ledgers.get(CLERK, "Person", entity, null).title()).isEqualTo(NAME);
        agrees();
        erasures.withdraw(CLERK, asked.id(), "不需要了");
        refused(() -> erasures.preview(SECOND, asked.id()), PoolException.Kind.CONFLICT, null);
        assertThat(erasures.list(CLERK, new Erasures.Query(null, null, 10)).erasures())
                .singleElement()
                .satisfies(e -> assertThat(e.state()).isEqualTo(State.WITHDRAWN));
    }

    @Test
    void dossierTellsAllThatIsHeld() {
        long entity = known();
        Dossiers dossiers = new Dossiers(reads, ErasureRules.bundled(Fixture.MODEL), Clock.systemUTC());

        Dossier dossier = dossiers.open(CLERK, "Person", entity, "本人要求查阅");

        Map<Dossier.Kind, String> told = new EnumMap<>(Dossier.Kind.class);
        for (Dossier.Section section : dossier.sections()) {
            told.put(
                    section.kind(),
                    section.entries().stream()
                            .map(e -> e.object() + " "
                                    + e.values().stream()
                                            .map(Dossier.Value::value)
                                            .toList())
                            .collect(Collectors.joining("\n")));
        }
        assertThat(told).containsOnlyKeys(Dossier.Kind.values());
        assertThat(told.get(Dossier.Kind.PUBLISHED)).contains(NAME, ID, PHONE, "诗雨巷九号", "1 男");
        assertThat(told.get(Dossier.Kind.RECORDS))
                .contains("election/member-person/k-7731", "election/candidate-person/k-8842", ID);
        assertThat(told.get(Dossier.Kind.CORRECTIONS)).contains("诗雨巷九号", NAME + ".pdf", NAME + "搬家了");
        assertThat(told.get(Dossier.Kind.DECISIONS)).contains("NOT_DUPLICATE", NAME + "与王五不是一人");
        assertThat(told.get(Dossier.Kind.QUARANTINE)).contains("residents/resident/r-9", "{\"sfz\":\"" + ID);
        assertThat(told.get(Dossier.Kind.REFERRERS)).contains("Membership/" + entity(MEMBERSHIP, "m-1"));
        assertThat(told.get(Dossier.Kind.HISTORY)).contains("CREATED", "UPDATED", "correction/");
        assertThat(told.get(Dossier.Kind.USES)).contains("UNMASK", "联系本人");
        assertThat(dossier.toString()).doesNotContain(NAME);
        assertThat(text("select detail ->> 'purpose' from pool.audit where action = 'DOSSIER' and object = 'Person/%d'"
                        .formatted(entity)))
                .isEqualTo("本人要求查阅");
        refused(() -> dossiers.open(CLERK, "Person", entity, " "), PoolException.Kind.INVALID, null);
        refused(() -> dossiers.open(Scope.nothing("far"), "Person", entity, "查阅"), PoolException.Kind.NOT_FOUND, null);
        refused(
                () -> dossiers.open(CLERK, "Membership", entity(MEMBERSHIP, "m-1"), "查阅"),
                PoolException.Kind.INVALID,
                null);
        erase(entity);
        refused(
                () -> dossiers.open(CLERK, "Person", entity, "查阅"),
                PoolException.Kind.NOT_FOUND,
                PoolException.Code.ERASED);
    }

    @Test
    void previewTakesEverythingBack() {
        long entity = known();
        Erasure asked = request(entity);
        String hash = pool.contentHash();
        String before = text("select string_agg(t::text, ',' order by t::text) from pool.source_record t");

        erasures.preview(SECOND, asked.id());

        assertThat(pool.contentHash()).isEqualTo(hash);
        assertThat(text("select string_agg(t::text, ',' order by t::text) from pool.source_record t"))
                .isEqualTo(before);
        assertThat(text("select count(*) from pool.tombstone")).isEqualTo("0");
        assertThat(says(MEMBER, "k-7731", NAME, ID, LATER)).isEqualTo(new Counts(1, 1, 0, 0, 0));
        agrees();
    }

    @Test
    void whatWasTypedAndWhatWasHandedInForgetsToo() {
        says(MEMBER, "k-7731", NAME, ID, PHONE);
        says(MEMBER, "o-1", "李强", OTHER, "");
        long gone = entity(MEMBER, "k-7731");
        long other = entity(MEMBER, "o-1");
        Uploads uploads = pool.uploads(reads, Policy.standard());
        long upload = uploads.open(CLERK, "Person", List.of("name", "phone"), "台账.xlsx");
        uploads.add(CLERK, upload, List.of(typed(1, gone, NAME, LATER), typed(2, other, "李强", "13900139011")));
        uploads.close(CLERK, upload);
        FrozenLedgers frozen = new FrozenLedgers(reads, Clock.systemUTC());
        FrozenLedger handedIn = frozen.freeze(
                CLERK,
                new FrozenLedger.Request(
                        "Person", null, List.of("name", "idNumber"), true, "民政局统计", null, null, "半年报"));
        byte[] line = Fixture.VAULT.seal(NAME.getBytes(StandardCharsets.UTF_8));
        Database.run(
                DATABASE,
                "insert into pool.frozen_row values (%d, 1, array[%d], decode('%s', 'hex'))"
                        .formatted(handedIn.id(), gone, HexFormat.of().formatHex(line)));

        Erasure done = erase(gone);

        assertThat(done.counts()).containsEntry("correction_upload_row", 1L).containsEntry("frozen_row", 1L);
        assertThat(uploads.find(CLERK, upload))
                .extracting(Upload::rows, Upload::pending, Upload::faulty)
                .containsExactly(1, 1, 0);
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> frozen.content(CLERK, handedIn.id(), "复核", false))
                .satisfies(e -> assertThat(e.code()).contains(PoolException.Code.NOT_WHOLE));
        assertThat(new String(frozen.content(CLERK, handedIn.id(), "复核", true).bytes(), StandardCharsets.UTF_8))
                .contains("李强");
        isGone();
        agrees();
    }

    private static UploadRow.Entry typed(int number, long entity, String name, String phone) {
        return new UploadRow.Entry(
                number,
                Long.toString(entity),
                text("select version from pool.entity where id = " + entity),
                name,
                List.of(name, phone),
                "核对",
                "",
                List.of());
    }

    @Test
    void everyStoreIsToldWhetherItHoldsPeople() {
        // A table that names source records or entities is dealt with by erasures; add it to ErasureApplication, then
        // here.
        assertThat(text("""
                        select string_agg(distinct table_name, ',' order by table_name)
                          from information_schema.columns join information_schema.tables using (table_schema, table_name)
                         where table_schema = 'pool' and table_type = 'BASE TABLE'
                           and column_name in ('key', 'entity_id', 'correction_id', 'decision_id')
                           and not exists (select from pg_inherits
                                            where inhrelid = ('pool.' || quote_ident(table_name))::regclass)
                        """))
                .isEqualTo(
                        "change,claim_turn,correction_event,correction_record,correction_upload_row,decision_record,erasure,evidence,identifier,"
                                + "quarantine,reference,review,source_record,ticket");
    }
}
