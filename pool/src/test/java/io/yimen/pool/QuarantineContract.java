package io.yimen.pool;

import static io.yimen.pool.Fixture.PLACE_2023;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.rejecting;
import static io.yimen.pool.Fixture.village2023;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.quarantine.Decision;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Replay;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.quarantine.Waiting;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.RunStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every pool does with what waits in quarantine. */
abstract class QuarantineContract {
    static final String TOWN = "东华门街道";
    static final Selection ALL = Selection.of("divisions-2023");
    static final Decision DECISION = new Decision("admin", "源系统已更正");
    /** A raw form is the name of a village, with the key before it where it has another; one with '?' is none. */
    static final Remapping NAMES = record -> {
        byte[] edited = record.edited();
        String text = new String(edited == null ? record.raw() : edited, StandardCharsets.UTF_8);
        if (text.contains("?")) {
            return new Remapped.Refused("no-name", "mc", "mc is no name");
        }
        int colon = text.indexOf(':');
        String key = colon < 0 ? record.key() : text.substring(0, colon);
        return new Remapped.Read(village2023(
                key, text.substring(colon + 1), TOWN, record.position().offset()));
    };

    Pool pool = newPool();
    long run;

    abstract Pool newPool();

    /** {@code source/stream/key@position STATUS reason} of every item, in the order in which they came. */
    abstract List<String> quarantine();

    @BeforeEach
    void declare() {
        Fixture.declareAll(pool);
        run = Fixture.run(pool);
    }

    static String code(int number) {
        return "%012d".formatted(110101001000L + number);
    }

    static Rejected waiting(int number, long position, String raw) {
        return new Rejected(
                PLACE_2023.id(),
                code(number),
                Position.of(position),
                "broken",
                "mc",
                "mc is broken",
                raw.getBytes(StandardCharsets.UTF_8));
    }

    static String item(int number, long position, String status) {
        return "divisions-2023/place/" + code(number) + "@" + position + " " + status + " broken";
    }

    ReplayStep replay(Selection selection) {
        return replay(selection, Map.of());
    }

    ReplayStep replay(Selection selection, Map<Long, byte[]> edits) {
        long replay = pool.openReplay(selection, DECISION);
        try {
            return pool.replay(step(replay, selection, edits, null, Replay.MOST), NAMES);
        } finally {
            pool.closeRun(replay, RunStatus.COMPLETED, null);
        }
    }

    static Replay step(
            long run, Selection selection, Map<Long, byte[]> edits, Replay.@Nullable After after, int limit) {
        return new Replay(run, selection, DECISION, edits, after, limit);
    }

    static Counts counts(ReplayStep step) {
        return step.counts().getOrDefault(PLACE_2023.id(), Counts.ZERO);
    }

    static List<Outcome> outcomes(ReplayStep step) {
        return step.records().stream().map(r -> r.outcome()).toList();
    }

    /** A pool that never knew the fault. */
    String hashOf(ChangeEvent... events) {
        InMemoryPool other = new InMemoryPool(Fixture.MODEL, Fixture.VAULT);
        Fixture.declareAll(other);
        other.apply(batch(Fixture.run(other), events));
        return other.contentHash();
    }

    @Test
    void whatCanBeNormalisedNowIsAppliedAtItsOwnPosition() {
        pool.apply(rejecting(run, waiting(1, 5, "多福巷社区"), waiting(2, 6, "?")));

        ReplayStep step = replay(ALL);

        assertThat(outcomes(step)).containsExactly(Outcome.APPLIED, Outcome.QUARANTINED);
        assertThat(counts(step)).isEqualTo(new Counts(2, 1, 0, 0, 1));
        assertThat(quarantine())
                .containsExactly(item(1, 5, "REPLAYED"), "divisions-2023/place/" + code(2) + "@6 WAITING no-name");
        assertThat(pool.contentHash()).isEqualTo(hashOf(village2023(code(1), "多福巷社区", TOWN, 5)));
        // What the source said before stays older, what it says next is newer.
        assertThat(pool.apply(batch(run, village2023(code(1), "甲社区", TOWN, 5)))
                        .counts()
                        .get(PLACE_2023.id()))
                .isEqualTo(new Counts(1, 0, 0, 1, 0));
        assertThat(pool.apply(batch(run, village2023(code(1), "乙社区", TOWN, 6)))
                        .counts()
                        .get(PLACE_2023.id()))
                .isEqualTo(new Counts(1, 1, 0, 0, 0));
    }

    @Test
    void aDryRunTellsWhatTheReplayThenDoesAndChangesNothing() {
        pool.apply(batch(run, village2023(code(3), "银闸社区", TOWN, 7)));
        // Its key could not be read; meanwhile the record came under its own.
        pool.apply(rejecting(run, waiting(1, 5, "多福巷社区"), waiting(2, 6, "?"), waiting(9, 6, code(3) + ":甲社区")));
        String before = pool.contentHash();
        List<String> waitingBefore = quarantine();

        ReplayStep dry = pool.dryRun(step(0, ALL, Map.of(), null, 10), NAMES);

        assertThat(pool.contentHash()).isEqualTo(before);
        assertThat(quarantine()).isEqualTo(waitingBefore);
        assertThat(dry.selected()).isEqualTo(3);
        ReplayStep wet = replay(ALL);
        assertThat(outcomes(wet))
                .isEqualTo(outcomes(dry))
                .containsExactly(Outcome.APPLIED, Outcome.QUARANTINED, Outcome.STALE);
        assertThat(wet.counts()).isEqualTo(dry.counts());
        assertThat(counts(wet)).isEqualTo(new Counts(3, 1, 0, 1, 1));
    }

    @Test
    void whatIsOlderThanCurrentIsStaleAndWaitsNoLonger() {
        pool.apply(rejecting(run, waiting(9, 6, code(3) + ":甲社区")));
        pool.apply(batch(run, village2023(code(3), "银闸社区", TOWN, 7)));
        String before = pool.contentHash();

        assertThat(outcomes(replay(ALL))).containsExactly(Outcome.STALE);

        assertThat(pool.contentHash()).isEqualTo(before);
        assertThat(quarantine()).containsExactly(item(9, 6, "SUPERSEDED"));
    }

    @Test
    void aRecordThatThePoolKnowsAlreadyIsUnchanged() {
        pool.apply(batch(run, village2023(code(1), "多福巷社区", TOWN, 4)));
        pool.apply(rejecting(run, waiting(1, 5, "多福巷社区")));

        assertThat(outcomes(replay(ALL))).containsExactly(Outcome.UNCHANGED);
        assertThat(quarantine()).containsExactly(item(1, 5, "REPLAYED"));
    }

    @Test
    void anEditedFormIsTakenInsteadOfWhatWasReceived() {
        pool.apply(rejecting(run, waiting(1, 5, "?"), waiting(2, 6, "?")));
        long id = replay(Selection.of("divisions-2023")).records().get(0).id();

        ReplayStep step = replay(
                Selection.of("divisions-2023", List.of(id)), Map.of(id, "多福巷社区".getBytes(StandardCharsets.UTF_8)));

        assertThat(step.records()).singleElement().satisfies(record -> {
            assertThat(record.outcome()).isEqualTo(Outcome.APPLIED);
            assertThat(record.edited()).isTrue();
        });
        assertThat(pool.contentHash()).isEqualTo(hashOf(village2023(code(1), "多福巷社区", TOWN, 5)));
    }

    @Test
    void whatAnEditLacksIsNotSaidOfWhatWasReceived() {
        pool.apply(rejecting(run, waiting(1, 5, "多福巷社区")));
        long id = pool.dryRun(step(0, ALL, Map.of(), null, 1), NAMES)
                .records()
                .get(0)
                .id();

        ReplayStep step = replay(ALL, Map.of(id, "?".getBytes(StandardCharsets.UTF_8)));

        assertThat(step.records().get(0).reason()).isEqualTo("no-name");
        assertThat(quarantine()).containsExactly(item(1, 5, "WAITING"));
    }

    @Test
    void whatThePoolCannotStoreGoesOnWaiting() {
        pool.apply(rejecting(run, waiting(1, 5, "多福\0巷社区")));

        ReplayStep step = replay(ALL);

        assertThat(counts(step)).isEqualTo(new Counts(1, 0, 0, 0, 1));
        assertThat(quarantine()).containsExactly("divisions-2023/place/" + code(1) + "@5 WAITING nul-character");
    }

    @Test
    void recordsAreTakenInTheOrderOfTheirKeysStepByStep() {
        pool.apply(
                rejecting(run, waiting(4, 1, "丁社区"), waiting(2, 4, "?"), waiting(3, 3, "丙社区"), waiting(1, 2, "甲社区")));
        long replay = pool.openReplay(ALL, DECISION);

        ReplayStep first = pool.replay(step(replay, ALL, Map.of(), null, 2), NAMES);
        ReplayStep second = pool.replay(step(replay, ALL, Map.of(), first.next(), 2), NAMES);
        ReplayStep third = pool.replay(step(replay, ALL, Map.of(), second.next(), 2), NAMES);

        assertThat(first.records()).extracting(r -> r.key()).containsExactly(code(1), code(2));
        assertThat(second.records()).extracting(r -> r.key()).containsExactly(code(3), code(4));
        assertThat(third.records()).isEmpty();
        assertThat(third.next()).isNull();
    }

    @Test
    void aSelectionTakesWhatFitsAndNothingElse() {
        Rejected other = new Rejected(
                new StreamId("divisions-2016", "place"),
                code(1),
                Position.of(1),
                "broken",
                null,
                "broken",
                "甲社区".getBytes(StandardCharsets.UTF_8));
        pool.apply(rejecting(run, waiting(1, 1, "甲社区"), waiting(2, 2, "乙社区"), waiting(12, 3, "丙社区"), other));

        assertThat(keys(new Selection("divisions-2023", "place", "broken", code(1), null, null, List.of())))
                .containsExactly(code(1));
        assertThat(keys(new Selection("divisions-2023", null, null, "11010100101*", null, null, List.of())))
                .containsExactly(code(12));
        assertThat(keys(new Selection("divisions-2023", "organization", null, null, null, null, List.of())))
                .isEmpty();
        assertThat(keys(new Selection("divisions-2023", null, "other", null, null, null, List.of())))
                .isEmpty();
        assertThat(keys(ALL)).containsExactly(code(1), code(2), code(12));
    }

    private List<String> keys(Selection selection) {
        return pool.dryRun(step(0, selection, Map.of(), null, 50), NAMES).records().stream()
                .map(r -> r.key())
                .toList();
    }

    @Test
    void aSourceIsReplayedByOneAtATime() {
        pool.apply(rejecting(run, waiting(1, 1, "甲社区")));
        long replay = pool.openReplay(ALL, DECISION);

        assertThatThrownBy(() -> pool.openReplay(ALL, DECISION))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.CONFLICT));
        long elsewhere = pool.openReplay(Selection.of("divisions-2016"), DECISION);
        pool.closeRun(elsewhere, RunStatus.COMPLETED, null);
        pool.closeRun(replay, RunStatus.COMPLETED, "stopped");
        // Who was stopped from elsewhere finds the door closed.
        assertThatThrownBy(() -> pool.replay(step(replay, ALL, Map.of(), null, 1), NAMES))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
        assertThat(quarantine()).containsExactly(item(1, 1, "WAITING"));
        assertThat(outcomes(replay(ALL))).containsExactly(Outcome.APPLIED);
    }

    @Test
    void aMappingThatFailsLeavesNothingBehind() {
        pool.apply(rejecting(run, waiting(1, 1, "甲社区"), waiting(2, 2, "乙社区")));
        String before = pool.contentHash();
        long replay = pool.openReplay(ALL, DECISION);
        Remapping failing = record -> {
            if (record.key().equals(code(2))) {
                throw new IllegalStateException("no mapping");
            }
            return NAMES.remap(record);
        };

        assertThatThrownBy(() -> pool.dryRun(step(replay, ALL, Map.of(), null, 5), failing))
                .isInstanceOf(IllegalStateException.class);
        assertThat(pool.contentHash()).isEqualTo(before);
        assertThat(quarantine()).containsExactly(item(1, 1, "WAITING"), item(2, 2, "WAITING"));
    }

    @Test
    void aRecordMappedToAnotherPositionIsRefused() {
        pool.apply(rejecting(run, waiting(1, 1, "甲社区")));
        long replay = pool.openReplay(ALL, DECISION);
        Remapping newer = record -> new Remapped.Read(village2023(record.key(), "甲社区", TOWN, 99));

        assertThatThrownBy(() -> pool.replay(step(replay, ALL, Map.of(), null, 5), newer))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
        assertThat(quarantine()).containsExactly(item(1, 1, "WAITING"));
    }

    @Test
    void whatWasDiscardedStaysSoUntilItsSourceSaysSomethingElse() {
        pool.apply(rejecting(run, waiting(1, 1, "?"), waiting(2, 1, "?")));

        assertThat(pool.discard(new Selection("divisions-2023", null, null, code(1), null, null, List.of()), DECISION))
                .isEqualTo(1);
        assertThat(quarantine()).containsExactly(item(1, 1, "DISCARDED"), item(2, 1, "WAITING"));
        pool.apply(rejecting(run, waiting(1, 2, "?")));
        assertThat(quarantine()).containsExactly(item(1, 2, "DISCARDED"), item(2, 1, "WAITING"));
        pool.apply(rejecting(run, waiting(1, 3, "??")));
        assertThat(quarantine()).containsExactly(item(1, 2, "DISCARDED"), item(2, 1, "WAITING"), item(1, 3, "WAITING"));
        assertThat(replay(ALL).records()).extracting(r -> r.key()).containsExactly(code(1), code(2));
    }

    @Test
    void aDecisionHasItsReason() {
        assertThatThrownBy(() -> new Decision("admin", " x "))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
    }

    @Test
    void whatIsOpenedShowsNothingByItself() {
        Waiting record = new Waiting(
                1, PLACE_2023.id(), "110101199003078035", Position.of(1), "broken", null, new byte[] {65}, null);
        assertThat(record.toString()).doesNotContain("110101199003078035").doesNotContain("65");
    }
}
