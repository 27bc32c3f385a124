package io.yimen.pool.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.pool.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ten thousand random histories: arrivals, partial updates, deletes, returns, repeats, decisions of every kind and their
 * withdrawal, other rules, other declarations, broken connections, two writers. After each transaction the pool is what
 * the {@link Reference} says: entities, ids, redirects, published values, the change log, the review queue.
 *
 * <p>A failure names a seed; {@code -Dyimen.seed=SEED} tells that one alone.
 */
class HistoriesIT {
    private static final Telling.Plan SMALL = new Telling.Plan(200, 3, 6, 3, 20, 8);
    private static final Telling.Plan CROWDED = new Telling.Plan(4, 24, 8, 30, 4, 1);
    private static final int TELLINGS = Integer.getInteger("yimen.tellings", 50);
    private static final int CROWDS = Integer.getInteger("yimen.crowds", 30);
    private static final long FIRST = 20261122;

    private static final Map<String, Integer> MET = new ConcurrentSkipListMap<>();
    private static final LinkedBlockingDeque<DataSource> DATABASES = new LinkedBlockingDeque<>();
    private static final ExecutorService TELLERS = Executors.newFixedThreadPool(2);

    @AfterAll
    static void stop() {
        TELLERS.shutdownNow();
    }

    @Test
    void poolIsWhatTheReferenceSays() {
        tellAll(SMALL, seeds(FIRST, TELLINGS));
    }

    @Test
    void crowdedBlocksAreDividedAsTheReferenceSays() {
        tellAll(CROWDED, seeds(FIRST + 1_000_000, CROWDS));
    }

    /** Seeds that once told the two apart. */
    @ParameterizedTest
    @ValueSource(longs = {1, 4, 20261133})
    void poolIsWhatTheReferenceSaysWhereItOnceWasNot(long seed) {
        tellAll(SMALL, LongStream.of(seed));
    }

    /** The same of crowded ones. */
    @ParameterizedTest
    @ValueSource(longs = {6, 7, 10, 13})
    void crowdedBlocksAreDividedAsTheReferenceSaysWhereTheyOnceWereNot(long seed) {
        tellAll(CROWDED, LongStream.of(seed));
    }

    private static LongStream seeds(long first, int count) {
        Long one = Long.getLong("yimen.seed");
        return one == null ? LongStream.range(first, first + count) : LongStream.of(one);
    }

    private static void tellAll(Telling.Plan plan, LongStream seeds) {
        MET.clear();
        List<Future<?>> told = new ArrayList<>();
        seeds.forEach(seed -> told.add(TELLERS.submit(() -> tell(plan, seed))));
        List<Throwable> failures = new ArrayList<>();
        for (Future<?> one : told) {
            try {
                one.get();
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError(failures.size() + " tellings failed", failures.get(0));
            failures.subList(1, failures.size()).forEach(error::addSuppressed);
            throw error;
        }
        assertThat(told).isNotEmpty();
        if (told.size() > 9) {
            assertThat(MET)
                    .as("nothing that can happen was left out")
                    .containsKeys(
                            "CREATED",
                            "UPDATED",
                            "MERGED",
                            "SPLIT",
                            "RETIRED",
                            "RESTORED",
                            "by steward",
                            "by weights",
                            "by id-number",
                            "by credit-code",
                            "by place-town-name",
                            "POSSIBLE_DUPLICATE",
                            "CHALLENGED",
                            "decisions",
                            "corrections",
                            "written back",
                            "correction STANDING",
                            "correction IN_CONFLICT",
                            "correction RETIRED AGREED",
                            "correction RETIRED SUPERSEDED",
                            "correction RETIRED WITHDRAWN",
                            "correction RETIRED EXPIRED",
                            "correction RETIRED SOURCE_KEPT",
                            "rules",
                            "erasures",
                            "lifted",
                            "ERASED",
                            "outages");
            assertThat(MET)
                    .allSatisfy((what, times) -> assertThat(times).as(what).isPositive());
        }
    }

    private static void tell(Telling.Plan plan, long seed) {
        DataSource database = DATABASES.pollFirst();
        if (database == null) {
            database = TestDatabase.migrated();
        }
        try {
            Telling telling = new Telling(seed, plan, database);
            telling.tell();
            telling.met().forEach((what, times) -> MET.merge(what, times, Integer::sum));
        } catch (Throwable e) {
            throw new AssertionError("Told otherwise; repeat with -Dyimen.seed=" + seed, e);
        } finally {
            DATABASES.addFirst(database);
        }
    }
}
