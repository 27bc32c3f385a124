package io.yimen.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.extract.Extractor;
import io.yimen.connectors.extract.Session;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.Manifests;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.CompleteSet;
import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.run.Outcome;
import io.yimen.testkit.systems.CameraNotices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kit passes a connector that is as it should be, and fails one that is broken in what a check asks. */
class KitIT {
    private static final Set<Check> TROUBLES = EnumSet.of(Check.DOWN, Check.SLOW, Check.RUDE);

    @TempDir
    Path folder;

    private String manifest = "";
    private int fixtures;

    private Verdict verdict(Check check, boolean rereads, UnaryOperator<Extractor> broken) throws Exception {
        Set<Check> checks = EnumSet.range(Check.READS_ALL, check);
        checks.removeAll(TROUBLES);
        checks.add(check);
        List<Verdict> verdicts = run(checks, rereads, broken);
        return verdicts.get(verdicts.size() - 1);
    }

    private List<Verdict> run(Set<Check> checks, boolean rereads, UnaryOperator<Extractor> broken) throws Exception {
        Path file = folder.resolve("connector.yaml");
        String text = Files.readString(Path.of(
                Objects.requireNonNull(KitIT.class.getResource("/small.yaml")).toURI()));
        Files.writeString(file, manifest.isEmpty() ? text : manifest);
        Manifest read = Manifests.load(file).get(0);
        try (Small small = new Small(broken, rereads);
                Certification certification = new Certification(small, read, verdict -> {})) {
            return certification.run(checks);
        }
    }

    private void manifest(String from, String to) throws Exception {
        String text = Files.readString(Path.of(
                Objects.requireNonNull(KitIT.class.getResource("/small.yaml")).toURI()));
        assertThat(text).contains(from);
        manifest = text.replace(from, to);
    }

    /** Hands the session over as the test has broken it. */
    private static UnaryOperator<Extractor> with(Function<Session, Session> tampering) {
        return extractor -> session -> extractor.run(tampering.apply(session));
    }

    /** Changes each event. */
    private static UnaryOperator<Extractor> events(Function<ChangeEvent, Optional<ChangeEvent>> change) {
        return with(session -> new Tampered(session) {
            @Override
            public List<Outcome> apply(
                    @Nullable String offset,
                    List<ChangeEvent> events,
                    List<Rejected> rejected,
                    List<CompleteSet> completeSets) {
                return super.apply(
                        offset,
                        events.stream().flatMap(e -> change.apply(e).stream()).toList(),
                        rejected,
                        completeSets);
            }
        });
    }

    private static ChangeEvent with(
            ChangeEvent event, Position position, Function<String, String> text, @Nullable Instant stated) {
        @Nullable String[] values = new @Nullable String[event.stream().fields().size()];
        for (int i = 0; i < values.length; i++) {
            String value = event.value(i);
            values[i] = value == null ? null : text.apply(value);
        }
        return ChangeEvent.upserted(event.stream(), event.key(), position, values, event.flags(), stated);
    }

    private static void assertFailed(Verdict verdict, String reason) {
        assertThat(verdict.result()).as(verdict.toString()).isEqualTo(Verdict.Result.FAILED);
        assertThat(verdict.reason()).contains(reason);
    }

    @Test
    void passesAConnectorThatIsAsItShouldBe() throws Exception {
        List<Verdict> verdicts = run(EnumSet.allOf(Check.class), true, UnaryOperator.identity());

        assertThat(verdicts).allMatch(o -> o.result() == Verdict.Result.PASSED);
        assertThat(verdicts).extracting(Verdict::check).containsExactly(Check.values());
        assertThat(Report.json(verdicts.subList(0, 1)))
                .isEqualTo(
                        "[{\"connector\":\"small\",\"check\":\"reads-all\",\"outcome\":\"passed\",\"reason\":\"\"}]");
    }

    @Test
    void leavesNothingOutWithoutAReason() {
        assertThatThrownBy(() -> Part.without(" ")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void failsOneThatLosesARecord() throws Exception {
        assertFailed(
                verdict(Check.READS_ALL, true, events(e -> e.key().equals("1234") ? Optional.empty() : Optional.of(e))),
                "did not arrive: 1 (1234)");
    }

    @Test
    void failsOneThatForgetsItsOffset() throws Exception {
        UnaryOperator<Extractor> forgetful = with(session -> new Tampered(session) {
            @Override
            public Optional<String> findOffset() {
                return Optional.empty();
            }
        });

        assertFailed(verdict(Check.RESUMES, true, forgetful), "after the first read has not arrived");
    }

    @Test
    void failsOneThatReadsAllAgainAlthoughItSaysThatItDoesNot() throws Exception {
        assertFailed(verdict(Check.RESUMES, false, UnaryOperator.identity()), "the committed offset is not heeded");
    }

    @Test
    void failsOneWhosePositionsAreNotThoseOfTheSource() throws Exception {
        AtomicLong clock = new AtomicLong(1_000_000);
        // What it says differs with each read, as where an older state is read again and passes for newer.
        assertFailed(
                verdict(
                        Check.REPEATS,
                        true,
                        events(e -> Optional.of(
                                e.key().equals("1234")
                                        ? with(e, Position.of(clock.incrementAndGet()), v -> v + clock.get(), null)
                                        : e))),
                "were applied when they were read a second time");
    }

    @Test
    void failsOneThatKeepsDeletesToItself() throws Exception {
        UnaryOperator<Extractor> silent = with(session -> new Tampered(session) {
            @Override
            public List<Outcome> apply(
                    @Nullable String offset,
                    List<ChangeEvent> events,
                    List<Rejected> rejected,
                    List<CompleteSet> completeSets) {
                return super.apply(offset, events, rejected, List.of());
            }
        });

        assertFailed(verdict(Check.DELETES, true, silent), "is still there");
    }

    @Test
    void failsOneThatDeletesWhatItDidNotDeclare() throws Exception {
        manifest("deletes: full-set", "deletes: none");
        UnaryOperator<Extractor> bold = with(session -> new Tampered(session) {
            @Override
            public List<Outcome> apply(
                    @Nullable String offset,
                    List<ChangeEvent> events,
                    List<Rejected> rejected,
                    List<CompleteSet> completeSets) {
                List<ChangeEvent> more = new ArrayList<>(events);
                events.stream()
                        .filter(e -> e.key().equals("1234"))
                        .map(e -> ChangeEvent.deleted(e.stream(), "no-such", e.position()))
                        .forEach(more::add);
                return super.apply(offset, more, rejected, completeSets);
            }
        });

        assertFailed(verdict(Check.DELETES, true, bold), "declares no deletes");
    }

    @Test
    void asksNoDeletesWhereNoneAreDeclared() throws Exception {
        manifest("deletes: full-set", "deletes: none");

        assertThat(verdict(Check.DELETES, true, UnaryOperator.identity()).result())
                .isEqualTo(Verdict.Result.PASSED);
    }

    @Test
    void failsOneThatReplacesRareCharacters() throws Exception {
        assertFailed(
                verdict(
                        Check.TEXT,
                        true,
                        events(e -> Optional.of(with(e, e.position(), v -> v.replace("𠮷", "?"), e.statedAt())))),
                "\"䶮?喆\" instead of");
    }

    @Test
    void failsOneThatTakesLocalTimesForUtc() throws Exception {
        manifest("Asia/Shanghai", "UTC");

        assertFailed(verdict(Check.DATES, true, UnaryOperator.identity()), "2024-02-29T23:30:00Z");
    }

    @Test
    void failsOneThatDropsWhatItCannotRead() throws Exception {
        UnaryOperator<Extractor> careless = with(session -> new Tampered(session) {
            @Override
            public List<Outcome> apply(
                    @Nullable String offset,
                    List<ChangeEvent> events,
                    List<Rejected> rejected,
                    List<CompleteSet> completeSets) {
                return super.apply(offset, events, List.of(), completeSets);
            }
        });

        assertFailed(verdict(Check.POISON, true, careless), "is not in quarantine");
    }

    @Test
    void failsOneThatLetsNeighboursOfPoisonWait() throws Exception {
        UnaryOperator<Extractor> timid = with(session -> new Tampered(session) {
            @Override
            public List<Outcome> apply(
                    @Nullable String offset,
                    List<ChangeEvent> events,
                    List<Rejected> rejected,
                    List<CompleteSet> completeSets) {
                return super.apply(offset, rejected.isEmpty() ? events : List.of(), rejected, completeSets);
            }
        });

        assertFailed(verdict(Check.POISON, true, timid), "has not arrived");
    }

    @Test
    void failsOneThatSaysNothingOfASourceThatIsDown() throws Exception {
        UnaryOperator<Extractor> blithe = extractor -> session -> {
            try {
                extractor.run(session);
            } catch (ConnectorException e) {
                session.complete(null);
            }
        };

        assertFailed(verdict(Check.DOWN, true, blithe), "ended well");
    }

    @Test
    void failsOneThatGivesUpASlowSource() throws Exception {
        manifest("settings:\n", "settings:\n  timeout: PT0.05S\n");

        assertFailed(verdict(Check.SLOW, true, UnaryOperator.identity()), "a slow source was given up");
    }

    @Test
    void failsOneThatFallsOverABrokenConnection() throws Exception {
        UnaryOperator<Extractor> frail = extractor -> session -> {
            try {
                extractor.run(session);
            } catch (ConnectorException e) {
                throw new IllegalStateException("connection reset", e);
            }
        };

        assertFailed(verdict(Check.RUDE, true, frail), "is not told in order");
    }

    /** What the kit says of a connector whose system pushes, rudely. */
    private Verdict rudelyPushed(UnaryOperator<Extractor> broken) throws Exception {
        Manifest read = Manifests.load(Path.of("..", "catalog", "bright-eyes")).get(0);
        try (Fixture notices = new CameraNotices(folder.resolve("notices-" + ++fixtures)) {
                    @Override
                    public Extractor extractor(Connector connector) {
                        return broken.apply(super.extractor(connector));
                    }
                };
                Certification certification = new Certification(notices, read, verdict -> {})) {
            return certification.run(EnumSet.of(Check.READS_ALL, Check.RUDE)).get(1);
        }
    }

    @Test
    void failsOneThatTakesForNewWhatIsPushedAgainBecauseItsAnswerGotLost() throws Exception {
        assertThat(rudelyPushed(UnaryOperator.identity()).result()).isEqualTo(Verdict.Result.PASSED);

        Set<String> known = ConcurrentHashMap.newKeySet();
        UnaryOperator<Extractor> forgetful = events(e -> Optional.of(
                known.add(e.key())
                        ? e
                        : ChangeEvent.upserted(
                                e.stream(), e.key() + "-again", e.position(), valuesOf(e), e.flags(), e.statedAt())));

        assertFailed(rudelyPushed(forgetful), "what came again was taken for new");
    }

    private static @Nullable String[] valuesOf(ChangeEvent event) {
        @Nullable String[] values = new @Nullable String[event.stream().fields().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = event.value(i);
        }
        return values;
    }

    @Test
    void failsOneThatDoesNotNoticeANewColumn() throws Exception {
        UnaryOperator<Extractor> blind = with(session -> new Tampered(session) {
            @Override
            public void notice(String message) {
                // keeps it to itself
            }
        });

        assertFailed(verdict(Check.DRIFT, true, blind), "a new column was not noticed");
    }

    @Test
    void failsOneThatTakesAMissingColumnForAnEmptyOne() throws Exception {
        manifest("as: text, purpose", "as: text, optional: true, purpose");

        assertFailed(
                verdict(Check.DRIFT, true, events(e -> {
                    @Nullable
                    String[] values = new @Nullable String[e.stream().fields().size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Objects.requireNonNullElse(e.value(i), "");
                    }
                    return Optional.of(
                            ChangeEvent.upserted(e.stream(), e.key(), e.position(), values, e.flags(), e.statedAt()));
                })),
                "not observed is not empty");
    }

    @Test
    void failsOneThatLeavesItsRunsOpen() throws Exception {
        UnaryOperator<Extractor> careless = with(session -> new Tampered(session) {
            @Override
            public void complete(@Nullable String message) {
                // forgets to
            }
        });

        assertFailed(verdict(Check.BALANCED, true, careless), "runs were left open");
    }

    @Test
    void failsOneThatHoldsAllOfItInMemory() throws Exception {
        UnaryOperator<Extractor> hoarder = with(session -> new Tampered(session) {
            private final List<ChangeEvent> all = new ArrayList<>();

            @Override
            public List<Outcome> apply(
                    @Nullable String offset,
                    List<ChangeEvent> events,
                    List<Rejected> rejected,
                    List<CompleteSet> completeSets) {
                all.addAll(events);
                if (!completeSets.isEmpty()) {
                    return super.apply(offset, all, List.of(), completeSets);
                }
                return List.of();
            }
        });
        Set<Check> alone = EnumSet.of(Check.READS_ALL, Check.MEMORY);

        assertFailed(run(alone, true, hoarder).get(1), "a batch held 14");
    }
}
