package io.yimen.pool;

import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Level;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Upload;
import io.yimen.pool.correction.UploadRow;
import io.yimen.pool.correction.UploadRow.State;
import io.yimen.pool.correction.Uploads;
import io.yimen.pool.correction.WorkingDays;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many corrections at once, from the rows of a sheet. */
class UploadsIT {
    private static final DataSource DATABASE = Database.create();
    private static final String ONE = "11010519491231002X";
    private static final String OTHER = "110105194912310038";
    private static final String PHONE = "13800138000";
    private static final Scope WORKER = Scope.everything("worker");
    private static final Authority ACCEPTING = new Authority(WORKER, false, Set.of());
    private static final EntityType PERSON = Fixture.MODEL.getType("Person");
    private static final List<String> FIELDS =
            Uploads.columns(PERSON).stream().map(Field::name).toList();

    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
    private final ScopedReads reads =
            new ScopedReads(DATABASE, Fixture.MODEL, Fixture.VAULT, new Audit(DATABASE, Clock.systemUTC()));
    private final Uploads uploads = pool.uploads(reads, Policy.standard());
    private long run;
    private long position = 1;

    @BeforeEach
    void begin() {
        Database.empty(DATABASE);
        Fixture.declareAll(pool);
        run = Fixture.run(pool);
    }

    private void says(String key, String name, String id, String phone) {
        pool.apply(batch(run, person(MEMBER, key, name, id, phone, "", position++)));
    }

    private Map<String, Uploads.Line> template(Scope scope) {
        Map<String, Uploads.Line> lines = new TreeMap<>();
        Uploads.Line last = null;
        List<Uploads.Line> page;
        do {
            page = uploads.template(scope, "Person", null, last, 2);
            page.forEach(line -> lines.put(line.title(), line));
            last = page.isEmpty() ? null : page.get(page.size() - 1);
        } while (page.size() == 2);
        return lines;
    }

    private static Uploads.Line line(Map<String, Uploads.Line> lines, String title) {
        return Objects.requireNonNull(lines.get(title));
    }

    /** A line as it is handed back, with other texts in some of its cells. */
    private static UploadRow.Entry row(int number, Uploads.Line line, String reason, String... changed) {
        List<String> values = new ArrayList<>(line.values());
        for (int i = 0; i < changed.length; i += 2) {
            values.set(FIELDS.indexOf(changed[i]), changed[i + 1]);
        }
        return new UploadRow.Entry(
                number,
                Long.toString(line.id()),
                Long.toString(line.version()),
                line.title(),
                values,
                reason,
                "",
                List.of());
    }

    private long upload(UploadRow.Entry... rows) {
        long id = uploads.open(WORKER, "Person", FIELDS, "人员台账.xlsx");
        uploads.add(WORKER, id, List.of(rows));
        uploads.close(WORKER, id);
        return id;
    }

    private List<UploadRow> rows(long id) {
        return uploads.rows(WORKER, id, Set.of(), null, 100).rows();
    }

    private static List<String> codes(UploadRow row) {
        return row.faults().stream().map(f -> f.column() + " " + f.code()).toList();
    }

    private String value(Uploads.Line line, String field) {
        return Database.text(
                DATABASE, "select fields ->> '%s' from pool.entity where id = %d".formatted(field, line.id()));
    }

    private Upload applyAll(long id, int most) {
        Upload upload = uploads.applyNext(ACCEPTING, id, most);
        while (upload.state() == Upload.State.APPLYING) {
            upload = uploads.applyNext(ACCEPTING, id, most);
        }
        return upload;
    }

    @Test
    void whatIsTypedIntoTheSheetBecomesCorrections() {
        says("1", "张秀兰", ONE, PHONE);
        says("2", "李建国", OTHER, "");
        Map<String, Uploads.Line> lines = template(WORKER);
        Uploads.Line zhang = line(lines, "张秀兰");
        Uploads.Line li = line(lines, "李建国");
        assertThat(zhang.values().get(FIELDS.indexOf("idNumber"))).isEqualTo("110*************2X");
        assertThat(zhang.values().get(FIELDS.indexOf("sex")))
                .as("what the code means")
                .isEqualTo("男");

        long id = upload(
                row(3, zhang, "看过身份证", "name", "张秀英", "sex", "女"),
                row(4, li, "电话核对", "phone", "139-0013 9000", "education", "大学本科"));

        assertThat(rows(id))
                .extracting(
                        UploadRow::state,
                        r -> r.changes().stream()
                                .map(c -> c.field() + " " + c.from() + " " + c.to() + " " + c.masked())
                                .toList())
                .containsExactly(
                        tuple(State.CHANGES, List.of("name 张秀兰 张秀英 false", "sex 男 女 false")),
                        tuple(State.CHANGES, List.of("education null 大学本科 false", "phone null 139******9000 true")));
        assertThat(value(zhang, "name")).as("a preview").isEqualTo("张秀兰");
        Upload done = applyAll(id, 100);

        assertThat(done.state()).isEqualTo(Upload.State.APPLIED);
        assertThat(done)
                .extracting(Upload::rows, Upload::pending, Upload::faulty, Upload::applied, Upload::corrections)
                .containsExactly(2, 0, 0, 2, 4);
        assertThat(value(zhang, "name")).isEqualTo("张秀英");
        assertThat(value(zhang, "sex")).isEqualTo("2");
        assertThat(value(li, "education")).isEqualTo("20");
        assertThat(Fixture.VAULT.open(value(li, "phone"))).isEqualTo("13900139000");
        assertThat(Database.text(
                        DATABASE, "select count(*) from pool.correction where state = 'STANDING' and actor = 'worker'"))
                .isEqualTo("4");
        assertThat(Database.text(DATABASE, "select count(*) from pool.correction_upload_row where typed is not null"))
                .as("what is applied is kept once")
                .isEqualTo("0");
        assertThat(new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify().agrees())
                .isTrue();
    }

    @Test
    void aCellThatIsLeftAloneIsNotTouched() {
        says("1", "张秀兰", ONE, PHONE);
        Uploads.Line zhang = line(template(WORKER), "张秀兰");
        says("1", "张秀兰", ONE, "13700137000");

        long id = upload(row(3, zhang, "", "name", "张秀兰 "));

        assertThat(rows(id)).extracting(UploadRow::state).containsExactly(State.NOTHING);
        assertThat(applyAll(id, 10).corrections()).isZero();
    }

    @Test
    void onlyTheSameFieldMakesARowStale() {
        says("1", "张秀兰", ONE, PHONE);
        Uploads.Line zhang = line(template(WORKER), "张秀兰");
        says("1", "张秀兰", ONE, "13700137000");
        assertThat(rows(upload(row(3, zhang, "看过", "name", "张秀英"))).get(0).state())
                .isEqualTo(State.CHANGES);
        assertThat(codes(rows(upload(row(3, zhang, "打过", "phone", "13600136000")))
                        .get(0)))
                .containsExactly("phone stale");
        assertThat(rows(upload(row(3, zhang, "打过", "phone", "13700137000")))
                        .get(0)
                        .state())
                .as("is so already")
                .isEqualTo(State.NOTHING);
    }

    @Test
    void whatIsWrongIsToldRowByRowAndWhatIsTypedIsKept() {
        says("1", "张秀兰", ONE, PHONE);
        says("2", "李建国", OTHER, PHONE);
        Map<String, Uploads.Line> lines = template(WORKER);
        Uploads.Line zhang = line(lines, "张秀兰");
        Uploads.Line li = line(lines, "李建国");
        Uploads.Line nobody = new Uploads.Line(999_999, 1, "谁", li.values());
        UploadRow.Entry cell = row(9, li, "看过");
        UploadRow.Fault numeric = new UploadRow.Fault("idNumber", "E9", "numeric-cell", "E9 holds a number");

        long id = upload(
                row(3, zhang, "看过", "idNumber", "110105194912310021"),
                row(4, zhang, " ", "name", "张秀英"),
                row(5, zhang, "看过", "phone", "138****8001"),
                row(6, nobody, "看过", "name", "张秀英"),
                row(7, li, "看过", "name", "李建军"),
                row(8, li, "看过", "name", "李建民"),
                new UploadRow.Entry(9, cell.record(), cell.version(), "", cell.values(), "看过", "昨天", List.of(numeric)));

        List<UploadRow> rows = rows(id);
        assertThat(rows.stream().map(UploadsIT::codes))
                .containsExactly(
                        List.of("idNumber invalid-value"),
                        List.of("reason no-reason"),
                        List.of("phone masked-value"),
                        List.of("record unknown-record"),
                        List.of(),
                        List.of("record twice"),
                        List.of("idNumber numeric-cell", "expires invalid-value"));
        assertThat(rows.get(0).entry().values().get(FIELDS.indexOf("idNumber"))).isEqualTo("110105194912310021");
        assertThat(Database.text(
                        DATABASE,
                        "select string_agg(typed || coalesce(faults, ''), '') from pool.correction_upload_row"))
                .doesNotContain("张秀英", "110105194912310021", "138****8001");
        Upload done = applyAll(id, 2);
        assertThat(done)
                .extracting(Upload::applied, Upload::faulty, Upload::pending)
                .containsExactly(1, 6, 0);
        assertThat(value(li, "name")).isEqualTo("李建军");
        assertThat(rows(id)).filteredOn(r -> r.state() == State.FAULTY).hasSize(6);
        assertThat(rows(id).get(1).entry().values()).contains("张秀英");
    }

    @Test
    void aRecordOutOfSightIsNoRecord() {
        pool.apply(batch(
                run,
                Fixture.town2023("110101001000", "东华门街道", 1),
                Fixture.village2023("110101001001", "多福巷社区", "东华门街道", 1),
                Fixture.village2023("110101001002", "银闸社区", "东华门街道", 1),
                person(MEMBER, "1", "张秀兰", ONE, PHONE, "110101001001", 1),
                person(MEMBER, "2", "李建国", OTHER, PHONE, "110101001002", 1)));
        long place = Long.parseLong(Database.text(DATABASE, "select id from pool.entity where title = '多福巷社区'"));
        Scope scope = new Scope("worker", List.of(place), false);
        Uploads.Line li = line(template(WORKER), "李建国");
        assertThat(template(scope)).containsOnlyKeys("张秀兰");

        long id = uploads.open(scope, "Person", FIELDS, "a.xlsx");
        uploads.add(scope, id, List.of(row(3, li, "看过", "name", "李建军")));
        uploads.close(scope, id);

        assertThat(codes(uploads.rows(scope, id, Set.of(), null, 10).rows().get(0)))
                .containsExactly("record unknown-record");
        assertThat(Database.text(DATABASE, "select faults from pool.correction_upload_row"))
                .doesNotContain("李建国");
    }

    @Test
    void anUploadIsNobodyElses() {
        says("1", "张秀兰", ONE, PHONE);
        long id = upload(row(3, line(template(WORKER), "张秀兰"), "看过", "name", "张秀英"));
        Scope other = Scope.everything("admin");
        Authority officer = new Authority(other, true, Set.of("*"));
        for (Runnable use : List.<Runnable>of(
                () -> uploads.find(other, id),
                () -> uploads.rows(other, id, Set.of(), null, 10),
                () -> uploads.applyNext(officer, id, 10),
                () -> uploads.discard(other, id))) {
            assertThatExceptionOfType(PoolException.class)
                    .isThrownBy(use::run)
                    .extracting(PoolException::kind)
                    .isEqualTo(PoolException.Kind.NOT_FOUND);
        }
        assertThat(uploads.list(other)).isEmpty();
        uploads.discard(WORKER, id);
        assertThat(Database.text(DATABASE, "select count(*) from pool.correction_upload_row"))
                .isEqualTo("0");
    }

    @Test
    void whoMayNotAcceptProposes() {
        says("1", "张秀兰", ONE, PHONE);
        long id = upload(row(3, line(template(WORKER), "张秀兰"), "看过", "name", "张秀英"));
        Policy street = new Policy(Level.STREET, Map.of(), 5, WorkingDays.bundled(), Map.of());
        pool.uploads(reads, street).applyNext(ACCEPTING, id, 10);
        assertThat(Database.text(DATABASE, "select state from pool.correction")).isEqualTo("PROPOSED");
    }

    /** Each set of rows is one transaction: whoever takes over finds rows that are applied, and rows that are not. */
    @Test
    void anotherHubGoesOnWhereOneEndedAndNothingIsMadeTwice() {
        List<UploadRow.Entry> rows = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            says("k" + i, "张" + "安宝晨丹恩芳刚海佳凯岚明宁鹏清然森涛薇晓雅泽坤梅龙".charAt(i), "", "1380013%04d".formatted(i));
        }
        int number = 3;
        for (Uploads.Line line : template(WORKER).values()) {
            rows.add(row(number++, line, "看过", "education", "大学本科"));
        }
        assertThat(rows).hasSize(25);
        long id = upload(rows.toArray(new UploadRow.Entry[0]));
        Upload part = uploads.applyNext(ACCEPTING, id, 10);
        assertThat(part)
                .extracting(Upload::state, Upload::applied, Upload::pending)
                .containsExactly(Upload.State.APPLYING, 10, 15);

        Database.run(
                DATABASE,
                "create function pool.stop() returns trigger language plpgsql as $$ begin"
                        + " raise exception 'stop'; end $$;"
                        + "create trigger stop before update on pool.correction_upload_row for each statement"
                        + " execute function pool.stop()");
        try {
            assertThatExceptionOfType(PoolException.class).isThrownBy(() -> uploads.applyNext(ACCEPTING, id, 10));
        } finally {
            Database.run(DATABASE, "drop function pool.stop cascade");
        }
        assertThat(Database.text(DATABASE, "select count(*) from pool.correction"))
                .as("all of a set or none of it")
                .isEqualTo("10");

        PostgresPool next = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
        Uploads elsewhere = next.uploads(reads, Policy.standard());
        elsewhere.applyNext(ACCEPTING, id, 10);
        assertThat(elsewhere.applyNext(ACCEPTING, id, 10).state()).isEqualTo(Upload.State.APPLIED);
        assertThat(elsewhere.applyNext(ACCEPTING, id, 10).corrections()).isEqualTo(25);
        assertThat(Database.text(DATABASE, "select count(*) from pool.correction where state = 'STANDING'"))
                .isEqualTo("25");
        assertThat(new Rebuild(DATABASE, Fixture.MODEL, Fixture.VAULT).verify().agrees())
                .isTrue();
    }

    @Test
    void aRowThatWasOvertakenBetweenPreviewAndApplyIsFaulty() {
        says("1", "张秀兰", ONE, PHONE);
        long id = upload(row(3, line(template(WORKER), "张秀兰"), "看过", "name", "张秀英", "sex", "女"));
        says("1", "张秀芳", ONE, PHONE);

        Upload done = applyAll(id, 10);

        assertThat(done)
                .extracting(Upload::applied, Upload::faulty, Upload::corrections)
                .containsExactly(0, 1, 0);
        assertThat(codes(rows(id).get(0))).containsExactly("name overtaken");
    }

    @Test
    void whatIsNotMendedIsForgottenAfterAWhile() {
        says("1", "张秀兰", ONE, PHONE);
        Uploads.Line line = line(template(WORKER), "张秀兰");
        long id = upload(row(3, line, "", "name", "张秀英"));
        assertThat(uploads.forget(Instant.now().minusSeconds(3600))).isZero();
        assertThat(uploads.forget(Instant.now().plusSeconds(1))).isEqualTo(1);
        assertThat(find(id)).isNull();
        for (int i = 0; i < Uploads.MOST_KEPT; i++) {
            upload(row(3, line, "", "name", "张秀英"));
        }
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> upload(row(3, line, "", "name", "张秀英")))
                .withMessageContaining("discard one");
    }

    private @Nullable Upload find(long id) {
        return uploads.list(WORKER).stream()
                .filter(u -> u.id() == id)
                .findFirst()
                .orElse(null);
    }

    @Test
    void anUploadThatIsRefusedKeepsWhyAndNothingElse() {
        says("1", "张秀兰", ONE, PHONE);
        long id = uploads.open(WORKER, "Person", FIELDS, "a.xlsx");
        uploads.add(WORKER, id, List.of(row(3, line(template(WORKER), "张秀兰"), "看过", "name", "张秀英")));
        uploads.refuse(WORKER, id, "The file ends in the middle");
        Upload refused = uploads.find(WORKER, id);
        assertThat(refused)
                .extracting(Upload::state, Upload::message, Upload::rows)
                .containsExactly(Upload.State.REFUSED, "The file ends in the middle", 0);
        assertThat(Database.text(DATABASE, "select count(*) from pool.correction_upload_row"))
                .isEqualTo("0");
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> uploads.applyNext(ACCEPTING, id, 10))
                .withMessageContaining("refused");
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> uploads.open(WORKER, "Person", List.of("place"), "a.xlsx"));
    }
}
