package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.yimen.pool.audit.Audit;
import io.yimen.pool.correction.Authority;
import io.yimen.pool.correction.Correction;
import io.yimen.pool.correction.Corrections;
import io.yimen.pool.correction.Policy;
import io.yimen.pool.correction.Request;
import io.yimen.pool.ledger.Quality;
import io.yimen.pool.ledger.QualityReport;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How complete, right and fresh the pool says it is. */
class QualityIT {
    private static final DataSource DATABASE = Database.create();
    private static final String ONE = "11010519491231002X";
    private static final String OTHER = "110105194912310038";
    private static final String PHONE = "13800138000";
    private static final Scope ALL = Scope.everything("officer");

    private final PostgresPool pool = new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, Clock.systemUTC());
    private final ScopedReads reads =
            new ScopedReads(DATABASE, Fixture.MODEL, Fixture.VAULT, new Audit(DATABASE, Clock.systemUTC()));
    private final Quality quality = new Quality(reads, Clock.systemUTC());

    @BeforeEach
    void fill() {
        Database.empty(DATABASE);
        Fixture.declareAll(pool);
        pool.apply(batch(
                Fixture.run(pool),
                Fixture.town2023("110101001000", "东华门街道", 1),
                Fixture.village2023("110101001001", "多福巷社区", "东华门街道", 1),
                Fixture.village2023("110101001002", "银闸社区", "东华门街道", 1),
                person(MEMBER, "1", "张秀兰", ONE, PHONE, "110101001001", 1),
                person(CANDIDATE, "7", "张秀蓝", ONE, PHONE, "110101001001", 1),
                person(MEMBER, "2", "李建国", OTHER, "", "110101001002", 1)));
    }

    private static long id(String title) {
        return Long.parseLong(Database.text(DATABASE, "select id from pool.entity where title = '" + title + "'"));
    }

    private static QualityReport.OfStream stream(QualityReport report, String name) {
        return report.streams().stream()
                .filter(s -> s.stream().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static QualityReport.Said said(QualityReport report, String stream, String field) {
        return Objects.requireNonNull(stream(report, stream).fields().get(field));
    }

    @Test
    void countsWhatIsThereWhatDiffersAndWhatWasCorrected() {
        Corrections corrections = pool.corrections(reads, Policy.standard());
        Authority worker = new Authority(Scope.everything("worker"), false, Set.of());
        Correction kept = corrections.propose(
                worker, new Request("Person", id("李建国"), 0, "name", "李建军", "看过身份证", null, List.of()));
        Correction gone =
                corrections.propose(worker, new Request("Person", id("李建军"), 0, "sex", "2", "看错了", null, List.of()));
        corrections.withdraw(worker, gone.id(), "看错了");
        assertThat(kept.source()).isEqualTo("election");

        QualityReport report = quality.of(ALL, "Person", null);

        assertThat(report.records()).isEqualTo(2);
        assertThat(report.filled())
                .containsEntry("name", 2L)
                .containsEntry("phone", 1L)
                .containsEntry("place", 2L)
                .containsEntry("education", 0L);
        assertThat(said(report, "candidate-person", "name")).isEqualTo(new QualityReport.Said(1, 1, 0));
        assertThat(said(report, "candidate-person", "idNumber"))
                .as("sealed alike")
                .isEqualTo(new QualityReport.Said(1, 0, 0));
        assertThat(said(report, "member-person", "name"))
                .as("one of two is put right")
                .isEqualTo(new QualityReport.Said(2, 1, 1));
        assertThat(said(report, "member-person", "sex"))
                .as("what was withdrawn speaks against nobody")
                .isEqualTo(new QualityReport.Said(2, 0, 0));
        assertThat(report.places())
                .extracting(p -> p.place().title(), QualityReport.OfPlace::records)
                .containsExactlyInAnyOrder(tuple("多福巷社区", 1L), tuple("银闸社区", 1L));
        QualityReport.OfPlace first = report.places().stream()
                .filter(p -> p.place().title().equals("多福巷社区"))
                .findFirst()
                .orElseThrow();
        assertThat(first.filled()).isCloseTo(5.0 / report.filled().size(), within(1e-9));
        assertThat(first.said().differing()).isEqualTo(1);
        QualityReport.OfStream members = stream(report, "member-person");
        assertThat(Duration.between(members.lastSaidAt(), Instant.now())).isLessThan(Duration.ofMinutes(5));
        assertThat(members.medianSaidAt()).isBetween(members.oldestSaidAt(), members.lastSaidAt());
    }

    @Test
    void namesThatIdentityReadsAlikeDoNotDiffer() {
        pool.apply(batch(
                Fixture.run(pool),
                Fixture.village2016("110101001001", "多福巷社区居委会", "东华门街道", 1),
                Fixture.village2016("110101001002", "银闸社区居委会", "东华门街道", 1)));
        assertThat(Database.text(DATABASE, "select max(records) from pool.entity where title like '多福巷%'"))
                .as("one place of both editions")
                .isEqualTo("2");

        QualityReport report = quality.of(ALL, "Place", null);

        List<QualityReport.Said> names = report.streams().stream()
                .map(stream -> stream.fields().get("name"))
                .filter(Objects::nonNull)
                .toList();
        assertThat(names).hasSize(2).allMatch(said -> said.differing() == 0);
    }

    @Test
    void tellsOfThePlacesOfTheScopeAndOfNoOther() {
        long place = id("多福巷社区");
        Scope scope = new Scope("worker", List.of(place), false);
        QualityReport report = quality.of(scope, "Person", null);
        assertThat(report.records()).isEqualTo(1);
        assertThat(stream(report, "member-person").records()).isEqualTo(1);
        assertThat(report.places()).as("nothing lies below a community").isEmpty();
        assertThatExceptionOfType(PoolException.class)
                .isThrownBy(() -> quality.of(scope, "Person", id("银闸社区")))
                .extracting(PoolException::kind)
                .isEqualTo(PoolException.Kind.NOT_FOUND);
        assertThat(quality.of(ALL, "Person", place).records()).isEqualTo(1);
        assertThat(quality.of(Scope.nothing("nobody"), "Person", null).streams())
                .isEmpty();
        assertThatExceptionOfType(PoolException.class).isThrownBy(() -> quality.of(ALL, "Person", 999_999L));
        assertThat(Database.text(DATABASE, "select count(*) from pool.audit where action = 'QUALITY'"))
                .isNotEqualTo("0");
    }
}
