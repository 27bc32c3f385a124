package io.yimen.testkit;

import static io.yimen.testkit.CheckFailed.unless;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.DeletePolicy;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.run.Counts;
import io.yimen.pool.run.RunStatus;
import io.yimen.simulators.Door;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes one connector through all checks, in one sitting: each builds on what the ones before have left. One thread;
 * made for one use.
 */
public final class Certification implements AutoCloseable {
    private static final String ADDED = "kit_added";
    private static final int MOST_SHOWN = 5;
    private static final int LARGEST_BATCH = 10_000;
    private static final long LARGE = 30L << 20;

    private final Fixture fixture;
    private final Manifest manifest;
    private final Door door = new Door();
    private final Connector connector;
    private final Manifest.Stream stream;
    private final StreamId streamId;
    private final StreamMapping mapping;
    private final Columns columns;
    private final Observed seen = new Observed();
    private final List<String> failedRuns = new ArrayList<>();
    private final Consumer<Verdict> listener;
    private @Nullable Reading mixed;
    /** Records that had been applied before the trouble began. */
    private long appliedBefore;

    /** One check; what it throws is why it failed. */
    private interface Trial {
        void run() throws Exception;
    }

    /**
     * @param manifest that of the fixture's connector
     * @param listener is told of each verdict as it comes
     */
    public Certification(Fixture fixture, Manifest manifest, Consumer<Verdict> listener) {
        this.fixture = fixture;
        this.manifest = manifest;
        this.listener = listener;
        Map<String, String> configuration = fixture.configuration(door);
        this.connector = Connector.of(manifest, key -> Optional.ofNullable(configuration.get(key)));
        this.stream = manifest.streams().stream()
                .filter(s -> s.id().equals(fixture.stream()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the fixture of " + manifest.id() + " plays with "
                        + fixture.stream() + ", which is no stream"));
        this.columns = Columns.of(List.of(stream));
        this.mapping = StreamMapping.compile(stream, manifest.id(), columns, ManifestTests.zoneOf(manifest));
        this.streamId = mapping.shape().id();
    }

    /** All checks. */
    public List<Verdict> run() throws InterruptedException {
        return run(EnumSet.allOf(Check.class));
    }

    /** These checks, each of which may need the ones before it, and {@link Check#READS_ALL} always. */
    public List<Verdict> run(Set<Check> checks) throws InterruptedException {
        List<Verdict> verdicts = new ArrayList<>();
        for (Check check : Check.values()) {
            if (checks.contains(check)) {
                verdicts.add(verdict(check));
            }
        }
        return verdicts;
    }

    private Part<Trial> trial(Check check) {
        return switch (check) {
            case READS_ALL -> Part.of(this::readsAll);
            case RESUMES -> Part.of(this::resumes);
            case REPEATS -> Part.of(this::repeats);
            case DELETES -> Part.of(this::deletes);
            case TEXT -> Part.of(() -> showsProbe(textRow(), fixture.text()));
            case DATES -> trial(fixture.dates(), this::dates);
            case POISON -> trial(fixture.poison(), this::poison);
            case DOWN -> trial(fixture.down(door), this::down);
            case SLOW -> trial(fixture.slow(door), this::slow);
            case RUDE -> trial(fixture.rude(door), this::rude);
            case DRIFT -> trial(fixture.drift(), this::drift);
            case BALANCED -> Part.of(this::balanced);
            case MEMORY -> trial(fixture.large(), this::memory);
        };
    }

    @Override
    public void close() {
        door.close();
    }

    private interface With<T> {
        void run(T part) throws Exception;
    }

    private static <T> Part<Trial> trial(Part<T> part, With<T> trial) {
        if (part instanceof Part.Absent<T> absent) {
            return Part.without(absent.reason());
        }
        T given = ((Part.Given<T>) part).value();
        return Part.of(() -> trial.run(given));
    }

    private Verdict verdict(Check check) throws InterruptedException {
        Part<Trial> trial = trial(check);
        Verdict.Result result = Verdict.Result.PASSED;
        String reason = "";
        if (trial instanceof Part.Absent<Trial> absent) {
            result = Verdict.Result.BYPASSED;
            reason = absent.reason();
        } else {
            try {
                ((Part.Given<Trial>) trial).value().run();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                result = Verdict.Result.FAILED;
                reason = e instanceof CheckFailed ? String.valueOf(e.getMessage()) : "unexpected: " + e;
            }
        }
        Verdict verdict = new Verdict(manifest.id(), check, result, reason);
        listener.accept(verdict);
        return verdict;
    }

    // ------------------------------------------------------------------ what the checks do with the source

    private Reading read() throws InterruptedException {
        return Reading.of(connector, fixture.extractor(connector), fixture.sending(), seen, seen);
    }

    /** Reads; the check at hand fails if that fails. */
    private Reading mustRead(String when) throws InterruptedException {
        Reading reading = read();
        if (reading.failure() != null) {
            failedRuns.add(when);
            throw new CheckFailed("the read " + when + " failed: " + reading.why());
        }
        return reading;
    }

    private void write(List<Map<String, String>> rows) throws Exception {
        fixture.put(rows);
        fixture.publish();
    }

    private String keyOf(Map<String, String> row) {
        @Nullable String[] values = new @Nullable String[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.get(columns.names().get(i));
        }
        return mapping.keyOf(values);
    }

    private Map<String, String> with(int number, Probe probe) {
        Map<String, String> row = new HashMap<>(fixture.row(number));
        row.put(probe.column(), probe.raw());
        return row;
    }

    private void mustHold(Map<String, String> row, String when) {
        unless(
                seen.find(streamId, keyOf(row)).isPresent(),
                "record " + keyOf(row) + " of " + streamId + ", written " + when + ", has not arrived");
    }

    /** Streams that the row's table feeds. */
    private long fed() {
        return manifest.streams().stream()
                .filter(s -> s.from().equals(stream.from()))
                .count();
    }

    private static String shown(Set<String> keys) {
        List<String> some = new TreeSet<>(keys).stream().limit(MOST_SHOWN).toList();
        return keys.size() + " (" + String.join(", ", some) + (keys.size() > MOST_SHOWN ? ", …" : "") + ")";
    }

    // ------------------------------------------------------------------ the checks

    private void readsAll() throws Exception {
        write(List.of(fixture.row(0)));
        seen.refuse(2);
        var unused = read();
        seen.refuse(0);
        mustRead("after a crash in the middle of the first one");
        for (Manifest.Stream each : manifest.streams()) {
            StreamId id = new StreamId(manifest.id(), each.id());
            Set<String> held = fixture.keys(each);
            Set<String> missing = new HashSet<>(held);
            missing.removeAll(seen.keys(id));
            missing.removeIf(key -> seen.findRejected(id, key).isPresent());
            unless(missing.isEmpty(), "of " + id + " these did not arrive: " + shown(missing));
            Set<String> surplus = new HashSet<>(seen.keys(id));
            surplus.removeAll(held);
            unless(surplus.isEmpty(), "of " + id + " these arrived that the source does not hold: " + shown(surplus));
            unless(!held.isEmpty(), "the source holds no record of " + id + ": nothing was tried");
        }
    }

    private void resumes() throws Exception {
        boolean offset = seen.findOffset(manifest.id()).isPresent();
        boolean sends = fixture.sending().isPresent();
        unless(offset || sends, "no offset was committed with what was read");
        unless(!offset || !sends, "an offset was committed although the source itself knows what it has sent");
        long all = seen.all().size();
        Counts before = seen.counts();
        long handed = seen.handed();
        Map<String, String> row = fixture.row(1);
        Probe text = fixture.text();
        Map<String, String> changed = with(0, new Probe(text.column(), "丙", text.field(), "丙"));
        write(List.of(changed, row));
        mustRead("after a row was changed and one was added");
        mustHold(row, "after the first read");
        unless(
                seen.find(streamId, keyOf(changed))
                        .map(v -> "丙".equals(v.get(text.field())))
                        .orElse(false),
                "a change that was made after the first read has not arrived");
        long applied = seen.counts().applied() - before.applied();
        unless(
                applied <= 2 * fed(),
                applied
                        + " records were applied although two rows were written: what was read before was taken for new");
        long again = seen.handed() - handed;
        unless(
                fixture.rereads() || again <= Math.max(2 * fed(), all / 2),
                again + " records were read although two rows were written: the committed offset is not heeded");
    }

    private void repeats() throws Exception {
        String earlier = seen.findOffset(manifest.id()).orElse(null);
        Probe text = fixture.text();
        for (String value : List.of("甲", "乙")) {
            Map<String, String> row = new HashMap<>(fixture.row(1));
            row.put(text.column(), value);
            write(List.of(row));
        }
        mustRead("after a row was changed twice");
        String latest = seen.findOffset(manifest.id()).orElse(null);
        String key = keyOf(fixture.row(1));
        String value = seen.find(streamId, key).orElse(Map.of()).getOrDefault(text.field(), "");
        unless(value.equals("乙"), text.field() + " of a changed record is \"" + value + "\" instead of \"乙\"");
        Map<String, Map<String, String>> held = seen.all();
        Counts before = seen.counts();
        seen.rewind(earlier);
        fixture.sending().ifPresent(Sending::repeat);
        long handed = seen.handed();
        try {
            mustRead("of what was read before");
        } finally {
            seen.rewind(latest);
        }
        unless(
                fixture.sending().isEmpty() || seen.handed() > handed,
                "nothing was sent a second time: nothing was tried");
        long applied = seen.counts().applied() - before.applied();
        unless(applied == 0, applied + " records were applied when they were read a second time");
        unless(seen.all().equals(held), "records differ after they were read a second time");
    }

    private void deletes() throws Exception {
        Map<String, String> row = fixture.row(1);
        fixture.remove(row);
        fixture.publish();
        mustRead("after a row was deleted");
        boolean gone = seen.find(streamId, keyOf(row)).isEmpty();
        if (stream.deletes() == DeletePolicy.NONE) {
            unless(!gone, "a record was retired although " + streamId + " declares no deletes");
        } else {
            unless(gone, "record " + keyOf(row) + " was deleted in the source and is still there");
        }
        for (Manifest.Stream each : manifest.streams()) {
            StreamId id = new StreamId(manifest.id(), each.id());
            unless(
                    each.deletes() != DeletePolicy.NONE || !seen.hasSeenDeletes(id),
                    "something was said to be gone although " + id + " declares no deletes");
        }
    }

    private Map<String, String> textRow() {
        return with(TEXT_ROW, fixture.text());
    }

    /** Number of the row that {@link Fixture#text} is tried in. */
    public static final int TEXT_ROW = 2;

    private static final int FIRST_DATE = 100;
    private static final int POISON = 21;

    /** Writes the rows with probes, good ones around the poison, and reads them once. */
    private void mix() throws Exception {
        if (mixed == null) {
            List<Map<String, String>> rows = new ArrayList<>();
            rows.add(textRow());
            if (fixture.dates() instanceof Part.Given<List<Probe>> dates) {
                for (int i = 0; i < dates.value().size(); i++) {
                    rows.add(with(FIRST_DATE + i, dates.value().get(i)));
                }
            }
            rows.add(fixture.row(POISON - 1));
            if (fixture.poison() instanceof Part.Given<Probe> poison) {
                rows.add(with(POISON, poison.value()));
            }
            rows.add(fixture.row(POISON + 1));
            write(rows);
            mixed = read();
        }
        unless(mixed.failure() == null, "the read of rows of all sorts failed: " + mixed.why());
    }

    private void showsProbe(Map<String, String> row, Probe probe) throws Exception {
        mix();
        mustHold(row, "with \"" + probe.raw() + "\" in " + probe.column());
        String value = seen.find(streamId, keyOf(row)).orElse(Map.of()).getOrDefault(probe.field(), "");
        unless(
                value.equals(probe.expected()),
                probe.field() + " is \"" + value + "\" instead of \"" + probe.expected() + "\" where " + probe.column()
                        + " is \"" + probe.raw() + "\"");
    }

    private void dates(List<Probe> probes) throws Exception {
        for (int i = 0; i < probes.size(); i++) {
            showsProbe(with(FIRST_DATE + i, probes.get(i)), probes.get(i));
        }
    }

    private void poison(Probe probe) throws Exception {
        mix();
        String key = keyOf(with(POISON, probe));
        unless(seen.find(streamId, key).isEmpty(), "a record that cannot be normalised was applied");
        Rejected rejected = seen.findRejected(streamId, key)
                .orElseThrow(() -> new CheckFailed("a record that cannot be normalised is not in quarantine"));
        unless(
                rejected.reason().equals(probe.expected()),
                "the reason is " + rejected.reason() + " instead of " + probe.expected());
        unless(
                new String(rejected.raw(), StandardCharsets.UTF_8).contains(probe.raw()),
                "the raw form in quarantine lacks the value as it was sent");
        mustHold(fixture.row(POISON - 1), "before the poison");
        mustHold(fixture.row(POISON + 1), "after the poison");
    }

    private void down(Trouble trouble) throws Exception {
        Map<String, Map<String, String>> held = seen.all();
        Reading reading = during(trouble, 30);
        unless(reading.failure() != null, "a read of a source that is down ended well");
        unless(
                reading.failure() instanceof ConnectorException e && e.kind() == ConnectorException.Kind.UNREACHABLE,
                "a source that is down is not said to be unreachable: " + reading.why());
        unless(seen.all().equals(held), "records changed while the source was down");
        afterwards(30);
    }

    private void slow(Trouble trouble) throws Exception {
        Reading reading = during(trouble, 31);
        unless(reading.failure() == null, "a slow source was given up: " + reading.why());
        afterwards(31);
    }

    private void rude(Trouble trouble) throws Exception {
        Reading reading = during(trouble, 32);
        unless(
                reading.failure() == null || reading.isFailedInOrder(),
                "a source that breaks off is not told in order: " + reading.why());
        afterwards(32);
    }

    private Reading during(Trouble trouble, int number) throws Exception {
        appliedBefore = seen.counts().applied();
        fixture.put(List.of(fixture.row(number)));
        trouble.begin();
        try {
            return read();
        } finally {
            trouble.end();
        }
    }

    /** What the trouble kept away comes when it is over, and nothing else has gone. */
    private void afterwards(int number) throws Exception {
        Set<String> held = seen.all().keySet();
        fixture.publish();
        mustRead("after the trouble was over");
        mustHold(fixture.row(number), "meanwhile");
        Set<String> lost = new HashSet<>(held);
        lost.removeAll(seen.all().keySet());
        unless(lost.isEmpty(), "lost by the trouble: " + shown(lost));
        long applied = seen.counts().applied() - appliedBefore;
        unless(
                fixture.sending().isEmpty() || applied <= fed(),
                applied + " records were applied although one was sent: what came again was taken for new");
    }

    private void drift(Drift drift) throws Exception {
        Map<String, String> row = textRow();
        String column = fixture.text().column();
        drift.add(ADDED);
        Reading added;
        try {
            fixture.publish();
            added = read();
            unless(added.failure() == null || added.isFailedInOrder(), "a new column broke the read: " + added.why());
        } finally {
            drift.remove(ADDED);
        }
        unless(added.text().contains(ADDED), "a new column was not noticed");
        Map<String, Map<String, String>> held = withoutTimes();
        drift.rename(column, column + "_x");
        Reading renamed;
        try {
            fixture.publish();
            renamed = read();
        } finally {
            drift.rename(column + "_x", column);
        }
        unless(renamed.failure() != null || !renamed.said().isEmpty(), "a column that is gone was not noticed");
        unless(
                renamed.failure() == null || renamed.isFailedInOrder(),
                "a column that is gone is not told in order: " + renamed.why());
        unless(renamed.text().contains(column), "it is not said which column is gone: " + renamed.text());
        unless(withoutTimes().equals(held), "values changed when their column was gone: not observed is not empty");
        fixture.publish();
        mustRead("after the column came back");
        showsProbe(row, fixture.text());
    }

    /** All records without the time at which the source wrote them, which is another when it writes them again. */
    private Map<String, Map<String, String>> withoutTimes() {
        Map<String, Map<String, String>> all = seen.all();
        all.replaceAll((id, values) -> {
            Map<String, String> rest = new HashMap<>(values);
            rest.remove(Probe.UPDATED);
            return rest;
        });
        return all;
    }

    private void balanced() {
        unless(seen.open() == 0, seen.open() + " runs were left open");
        unless(seen.unbalanced() == 0, seen.unbalanced() + " batches whose counts are not what was handed over");
        unless(failedRuns.isEmpty(), "runs failed that should not: " + String.join(", ", failedRuns));
        unless(
                seen.lastStatus().equals(Optional.of(RunStatus.COMPLETED)),
                "the last run ended as " + seen.lastStatus().map(Enum::name).orElse("none"));
    }

    private void memory(Crowd crowd) throws Exception {
        crowd.fill();
        fixture.publish();
        Observed fresh = new Observed();
        Weighed weighed = new Weighed(fresh);
        Reading reading = Reading.of(connector, fixture.extractor(connector), fixture.sending(), fresh, weighed);
        unless(reading.failure() == null, "the read of a large source failed: " + reading.why());
        unless(
                weighed.bytes() >= LARGE,
                "the large source brought " + (weighed.bytes() >> 20) + " MiB only: nothing was tried");
        unless(
                weighed.largestBatch() <= LARGEST_BATCH,
                "a batch held " + weighed.largestBatch() + " records, of " + LARGEST_BATCH + " that are allowed");
        unless(
                weighed.most() <= weighed.bytes() * 3 / 4,
                "while " + (weighed.bytes() >> 20) + " MiB came through, " + (weighed.most() >> 20)
                        + " MiB more were in use: the source is held in memory");
    }
}
