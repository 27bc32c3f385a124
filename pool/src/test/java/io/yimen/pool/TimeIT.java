package io.yimen.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.ledger.DifferencePage;
import io.yimen.pool.ledger.DifferencePage.Kind;
import io.yimen.pool.ledger.Differences;
import io.yimen.pool.ledger.LedgerRecord;
import io.yimen.pool.ledger.Ledgers;
import io.yimen.pool.ledger.Mask;
import io.yimen.pool.ledger.RecordPage;
import io.yimen.pool.ledger.RecordQuery;
import io.yimen.pool.ledger.Scope;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.EntityType;
import io.yimen.pool.model.Field;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What was, read later, is what stood there when it was current: random histories over years, whose golden records are
 * noted after every step and compared at random instants, over months that were made in time or not, before and after
 * the log was compacted.
 */
class TimeIT {
    private static final int INSTANTS = 1_250;
    private static final Scope ALL = Scope.everything("test");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DataSource database = Database.create();
    private final TestClock clock = new TestClock();
    private final PostgresPool pool = new PostgresPool(database, Fixture.MODEL, Fixture.VAULT, clock);
    private final ScopedReads reads =
            new ScopedReads(database, Fixture.MODEL, Fixture.VAULT, new Audit(database, clock));
    private final Ledgers ledgers = new Ledgers(reads);
    private final Differences differences = new Differences(reads);
    private final TreeMap<Instant, Map<Long, Noted>> states = new TreeMap<>();
    private final Map<String, Instant> horizons = new HashMap<>();

    /** A golden record as the table of what is current held it; of what is not sensitive, in clear. */
    private record Noted(
            long id,
            String type,
            String status,
            @Nullable Long redirect,
            long version,
            String title,
            @Nullable Long place,
            Map<String, String> fields,
            String stored) {
        boolean isActive() {
            return status.equals("ACTIVE");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatWasIsToldAsItStoodThen(long seed) {
        Random random = new Random(seed);
        Fixture.declareAll(pool);
        note();
        History.of(seed, 14)
                .tellTo(
                        pool,
                        seed,
                        6,
                        () -> {
                            clock.advance(Duration.ofMinutes(1 + random.nextInt(90 * 24 * 60)));
                            if (random.nextInt(4) == 0) {
                                pool.makeMonths();
                            }
                        },
                        this::note);
        compare(random, INSTANTS / 2);
        // Persons are kept for five years, of which the history has more; then a new horizon beyond the first.
        compact();
        compare(random, INSTANTS / 4);
        clock.advance(Duration.ofDays(6 * 365));
        compact();
        compare(random, INSTANTS - INSTANTS / 2 - INSTANTS / 4);
    }

    private void note() {
        Map<Long, Noted> state = new HashMap<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select id, entity_type, status, redirect_to, version, title, place_id, fields::text
                          from pool.entity""")) {
            while (row.next()) {
                EntityType type = Fixture.MODEL.getType(row.getString(2));
                state.put(
                        row.getLong(1),
                        new Noted(
                                row.getLong(1),
                                type.name(),
                                row.getString(3),
                                row.getObject(4, Long.class),
                                row.getLong(5),
                                row.getString(6),
                                row.getObject(7, Long.class),
                                values(type, row.getString(8)),
                                row.getString(8)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        states.put(clock.instant(), state);
    }

    private static Map<String, String> values(EntityType type, String json) {
        Map<String, String> values = new HashMap<>();
        try {
            JSON.readTree(json).properties().forEach(e -> {
                Field field = type.getField(e.getKey());
                String text = e.getValue().asText();
                values.put(
                        field.name(),
                        field.isSensitive() ? Mask.of(field.sensitivity(), Fixture.VAULT.open(text)) : text);
            });
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        return values;
    }

    private void compact() {
        // Stopped after its first step, and gone on with.
        pool.compaction().run(p -> false);
        pool.compaction().run(p -> true);
        assertThat(pool.compaction().run(p -> true)).isEmpty();
        for (EntityType type : Fixture.MODEL.types()) {
            String horizon = Database.text(
                    database,
                    "select to_char(at at time zone 'UTC', 'YYYY-MM-DD') from pool.change_horizon where entity_type = '"
                            + type.name() + "'");
            assertThat(horizon.equals("nothing")).isEqualTo(type.retention().isEmpty());
            if (!horizon.equals("nothing")) {
                horizons.put(type.name(), Instant.parse(horizon + "T00:00:00Z"));
            }
        }
    }

    /** Only reads: two at a time. */
    private void compare(Random random, int instants) {
        Random other = new Random(random.nextLong());
        CompletableFuture<Void> half = CompletableFuture.runAsync(() -> compareEach(other, instants / 2));
        compareEach(random, instants - instants / 2);
        half.join();
    }

    private void compareEach(Random random, int instants) {
        Instant first = states.firstKey();
        long span = Duration.between(first, clock.instant()).toMinutes();
        // Elections, homes and the like are in none of these histories.
        Set<String> told = new HashSet<>();
        states.lastEntry().getValue().values().forEach(n -> told.add(n.type()));
        List<EntityType> types = Fixture.MODEL.types().stream()
                .filter(type -> told.contains(type.name()))
                .toList();
        List<Long> ids = List.copyOf(states.lastEntry().getValue().keySet());
        for (int i = 0; i < instants; i++) {
            Instant then = first.plus(Duration.ofMinutes((long) (random.nextDouble() * span)));
            if (random.nextInt(10) == 0) {
                then = List.copyOf(states.keySet()).get(random.nextInt(states.size()));
            }
            EntityType type = types.get(random.nextInt(types.size()));
            if (then.isBefore(horizons.getOrDefault(type.name(), Instant.MIN))) {
                assertCompacted(type, then);
                continue;
            }
            Map<Long, Noted> state = states.floorEntry(then).getValue();
            compareLists(random, type, then, state);
            compareRecord(type, then, state, ids.get(random.nextInt(ids.size())));
            Instant other = first.plus(Duration.ofMinutes((long) (random.nextDouble() * span)));
            if (i % 4 == 0 && other.isAfter(then)) {
                compareDifferences(type, then, other);
            }
        }
    }

    private void assertCompacted(EntityType type, Instant then) {
        PoolException refused = catchThrowableOfType(
                PoolException.class,
                () -> ledgers.list(ALL, RecordQuery.of(type.name()).withAsOf(then)));
        assertThat(refused.code()).contains(PoolException.Code.HISTORY_COMPACTED);
        assertThat(refused.remedy().orElseThrow()).contains(String.valueOf(horizons.get(type.name())));
    }

    private void compareLists(Random random, EntityType type, Instant then, Map<Long, Noted> state) {
        RecordQuery query =
                RecordQuery.of(type.name()).withAsOf(then).withTotal(true).withLimit(200);
        Scope scope = ALL;
        Predicate<Noted> expected = n -> n.isActive() && n.type().equals(type.name());
        List<Noted> there = state.values().stream().filter(expected).toList();
        if (type.validity().isPresent() && random.nextInt(3) > 0) {
            LocalDate day = LocalDate.parse("2021-06-01").plusDays(random.nextInt(5) - 1);
            query = query.withValidAt(day);
            String from = type.validity().get().from();
            String to = type.validity().get().to();
            expected = expected.and(n -> n.fields().getOrDefault(from, "0000").compareTo(day.toString()) <= 0
                    && n.fields().getOrDefault(to, "9999").compareTo(day.toString()) >= 0);
        }
        if (random.nextInt(3) == 0 && !there.isEmpty()) {
            Map<String, String> some =
                    new HashMap<>(there.get(random.nextInt(there.size())).fields());
            some.keySet().removeIf(name -> type.getField(name).isSensitive());
            if (!some.isEmpty()) {
                var field = List.copyOf(some.entrySet()).get(random.nextInt(some.size()));
                query = query.withFilter(field.getKey(), field.getValue());
                expected = expected.and(n -> field.getValue().equals(n.fields().get(field.getKey())));
            }
        }
        if (random.nextInt(3) == 0) {
            // Which place lies below which is asked as of now.
            Set<Long> roots = places("select distinct ancestor from pool.place_scope");
            if (!roots.isEmpty()) {
                long root = List.copyOf(roots).get(random.nextInt(roots.size()));
                Set<Long> below = places("select place from pool.place_scope where ancestor = " + root);
                scope = new Scope("worker", List.of(root), false);
                expected = expected.and(n -> n.place() != null && below.contains(n.place()));
            }
        }
        if (random.nextInt(4) == 0) {
            query = query.withSort(RecordQuery.Sort.UPDATED_AT, random.nextBoolean());
        }
        List<Noted> wanted = state.values().stream().filter(expected).toList();
        RecordPage page = ledgers.list(scope, query);
        assertThat(page.total()).as("%s at %s", query, then).isEqualTo(wanted.size());
        Comparator<Noted> byId = Comparator.comparingLong(Noted::id);
        assertThat(page.records().stream()
                        .map(TimeIT::noted)
                        .sorted(byId)
                        .map(TimeIT::shown)
                        .toList())
                .as("%s at %s", query, then)
                .isEqualTo(wanted.stream().sorted(byId).map(TimeIT::shown).toList());
        if (query.sort() == RecordQuery.Sort.TITLE) {
            assertThat(page.records().stream().map(LedgerRecord::title)).isSortedAccordingTo(Comparator.naturalOrder());
        }
        if (query.filters().isEmpty()) {
            assertThat(ledgers.counts(scope, type.name(), null, then, query.validAt())
                            .total())
                    .isEqualTo(wanted.size());
        }
    }

    private static Noted noted(LedgerRecord record) {
        Map<String, String> fields = new HashMap<>();
        record.fields().forEach((name, value) -> fields.put(name, value.value()));
        return new Noted(
                record.id(),
                record.entityType(),
                record.status().name(),
                null,
                record.version(),
                record.title(),
                null,
                fields,
                "");
    }

    /** Without the version, which grows with what the log does not tell: where it comes from. */
    private static String shown(Noted noted) {
        return noted.id() + " " + noted.title() + " " + new TreeMap<>(noted.fields());
    }

    private void compareRecord(EntityType type, Instant then, Map<Long, Noted> state, long id) {
        Noted wanted = state.get(id);
        if (wanted != null && wanted.redirect() != null) {
            wanted = state.get(wanted.redirect());
        }
        if (wanted == null || !wanted.type().equals(type.name())) {
            PoolException refused =
                    catchThrowableOfType(PoolException.class, () -> ledgers.get(ALL, type.name(), id, then));
            assertThat(refused.kind()).isEqualTo(PoolException.Kind.NOT_FOUND);
            return;
        }
        LedgerRecord found = ledgers.get(ALL, type.name(), id, then);
        assertThat(shown(noted(found))).as("%s %d at %s", type, id, then).isEqualTo(shown(wanted));
        assertThat(found.status().name()).isEqualTo(wanted.status());
    }

    private void compareDifferences(EntityType type, Instant from, Instant to) {
        Map<Long, Noted> before = states.floorEntry(from).getValue();
        Map<Long, Noted> after = states.floorEntry(to).getValue();
        Map<Long, Set<Kind>> wanted = new TreeMap<>();
        after.forEach((id, now) -> {
            Noted was = before.get(id);
            if (!now.type().equals(type.name()) || !now.isActive() && (was == null || !was.isActive())) {
                return;
            }
            if (was == null || !was.isActive()) {
                wanted.put(id, was == null ? Set.of(Kind.CREATED, Kind.SPLIT) : Set.of(Kind.RESTORED));
            } else if (!now.isActive()) {
                wanted.put(id, Set.of(now.redirect() == null ? Kind.RETIRED : Kind.MERGED));
            } else if (!was.stored().equals(now.stored()) || !was.title().equals(now.title())) {
                wanted.put(id, Set.of(Kind.CHANGED));
            }
        });
        Map<Long, Kind> found = new TreeMap<>();
        String cursor = null;
        do {
            DifferencePage page = differences.list(ALL, type.name(), from, to, null, cursor, 3);
            page.records().forEach(r -> assertThat(found.put(r.id(), r.kind())).isNull());
            cursor = page.nextCursor();
        } while (cursor != null);
        assertThat(found.keySet()).as("%s from %s to %s", type, from, to).isEqualTo(wanted.keySet());
        List<String> wrong = new ArrayList<>();
        found.forEach((id, kind) -> {
            if (!wanted.getOrDefault(id, Set.of()).contains(kind)) {
                wrong.add(id + " is " + kind);
            }
        });
        assertThat(wrong).as("%s from %s to %s", type, from, to).isEmpty();
    }

    private Set<Long> places(String sql) {
        Set<Long> found = new HashSet<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                found.add(row.getLong(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return found;
    }
}
