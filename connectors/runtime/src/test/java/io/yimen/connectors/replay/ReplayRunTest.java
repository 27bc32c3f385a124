package io.yimen.connectors.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.RunStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplayRunTest {
    private static final StreamId PERSON = new StreamId("election", "member-person");
    private static final Selection ALL = Selection.of("election");
    private static final Decision DECISION = new Decision("admin", "代码已补");

    private final RecordingPool pool = new RecordingPool();
    private final Manifest manifest =
            Manifests.load(Catalog.folder().resolve("election")).get(0);
    private final ManifestRemapping remapping = ManifestRemapping.of(List.of(manifest));

    @BeforeEach
    void declare() {
        pool.declare(manifest.system(), manifest.shapes());
    }

    private void quarantine(int count) {
        long run = pool.openRun("election", "election", "stream", OptionalLong.empty());
        List<Rejected> rejected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String row = "{\"cy_id\":\"" + i + "\",\"xm\":\"张三\",\"xb\":\"1\"}";
            rejected.add(new Rejected(
                    PERSON,
                    Integer.toString(i),
                    Position.of(i + 1L),
                    "unknown-code",
                    "xb",
                    "xb is unknown",
                    row.getBytes(StandardCharsets.UTF_8)));
        }
        pool.apply(new Batch(run, "election", null, List.of(), rejected, List.of()));
    }

    private ReplayRun open(int rate) {
        return ReplayRun.open(pool, remapping, ALL, DECISION, Map.of(), rate);
    }

    @Test
    void goesThroughAllThatWaitsAndClosesItsRun() throws InterruptedException {
        quarantine(120);
        List<ReplayStep> steps = new ArrayList<>();

        assertThat(open(1000).complete(steps::add)).isTrue();

        Counts all = steps.stream()
                .map(s -> s.counts().getOrDefault(PERSON, Counts.ZERO))
                .reduce(Counts.ZERO, Counts::plus);
        assertThat(all).isEqualTo(new Counts(120, 120, 0, 0, 0));
        assertThat(steps).hasSizeGreaterThan(2);
        // What was taken waits no longer.
        List<ReplayStep> again = new ArrayList<>();
        open(1000).complete(again::add);
        assertThat(again).singleElement().satisfies(s -> assertThat(s.records()).isEmpty());
    }

    @Test
    void isNoFasterThanItMayBe() throws InterruptedException {
        quarantine(30);
        long began = System.nanoTime();

        open(20).complete(step -> {});

        // 20 in the first step, whose second is waited out before the other 10.
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void stopsBetweenTwoStepsAndAnotherGoesOn() throws InterruptedException {
        quarantine(120);
        ReplayRun run = open(1000);
        List<ReplayStep> steps = new ArrayList<>();

        boolean whole = run.complete(step -> {
            steps.add(step);
            run.stop();
        });

        assertThat(whole).isFalse();
        assertThat(steps).hasSize(1);
        int taken = steps.get(0).records().size();
        List<ReplayStep> rest = new ArrayList<>();
        open(1000).complete(rest::add);
        assertThat(rest.stream().mapToInt(s -> s.records().size()).sum()).isEqualTo(120 - taken);
    }

    @Test
    void endsWhereItsRunWasEndedFromElsewhere() {
        quarantine(120);
        ReplayRun run = open(1000);
        pool.closeRun(run.id(), RunStatus.COMPLETED, "stopped by somebody");

        assertThatThrownBy(() -> run.complete(step -> {}))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
    }

    @Test
    void aRateOutOfBoundsOpensNoRun() {
        assertThatThrownBy(() -> open(0)).isInstanceOf(PoolException.class);
        assertThatThrownBy(() -> open(1001)).isInstanceOf(PoolException.class);
        assertThat(open(1).id()).isPositive();
    }
}
