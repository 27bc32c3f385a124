package io.yimen.pool;

import static io.yimen.pool.Fixture.CANDIDATE;
import static io.yimen.pool.Fixture.MEMBER;
import static io.yimen.pool.Fixture.batch;
import static io.yimen.pool.Fixture.person;
import static io.yimen.pool.Fixture.rejecting;
import static io.yimen.pool.Fixture.village2023;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.yimen.pool.claim.Position;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.quarantine.Effect;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.ReplayStep;
import io.yimen.pool.quarantine.ReplayedRecord;
import io.yimen.pool.quarantine.Selection;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.RunStatus;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresQuarantineIT extends QuarantineContract {
    private static final DataSource DATABASE = Database.create();
    private static final TestClock CLOCK = new TestClock();
    private static final String ID = "11010118860725511X";
    private static final String PHONE = "13912345678";

    @Override
    Pool newPool() {
        return new PostgresPool(DATABASE, Fixture.MODEL, Fixture.VAULT, CLOCK);
    }

    @Override
    @BeforeEach
    void declare() {
        Database.empty(DATABASE);
        Database.run(DATABASE, "truncate pool.audit");
        super.declare();
    }

    @Override
    List<String> quarantine() {
        return column("""
                select t.source || '/' || t.stream || '/' || q.key || '@' || q.position || ' ' || q.status || ' ' || q.reason
                  from pool.quarantine q join pool.stream t on t.id = q.stream_id order by q.id""");
    }

    private static String text(String sql) {
        return Database.text(DATABASE, sql);
    }

    private static List<String> column(String sql) {
        try (Connection db = DATABASE.getConnection();
                Statement statement = db.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every row of every table but the audit, which tells of dry runs too. */
    private static String everything() {
        StringBuilder all = new StringBuilder();
        for (String table : List.of(
                "source_record",
                "identifier",
                "entity",
                "reference",
                "place_scope",
                "change",
                "feed_offset",
                "run",
                "run_count",
                "quarantine")) {
            all.append(table)
                    .append(text("select md5(coalesce(string_agg(t::text, ';' order by t::text), '')) from pool."
                            + table + " t"));
        }
        return all.toString();
    }

    @Test
    void aDryRunLeavesEveryTableAsItWasAndALineInTheAudit() {
        pool.apply(rejecting(run, waiting(1, 5, "多福巷社区"), waiting(2, 6, "?")));
        String before = everything();

        pool.dryRun(step(0, ALL, Map.of(), null, 10), NAMES);

        assertThat(everything()).isEqualTo(before);
        assertThat(column("select action || ' ' || object || ' ' || actor from pool.audit"))
                .containsExactly("DRY_RUN quarantine admin");
    }

    @Test
    void everyReplayedRecordIsCountedAuditedAndKeepsItsStory() {
        pool.apply(rejecting(run, waiting(1, 5, "?"), waiting(2, 6, "?"), waiting(3, 7, "甲社区")));
        long id = Long.parseLong(text("select min(id) from pool.quarantine"));

        ReplayStep step = replay(ALL, Map.of(id, "多福巷社区".getBytes(StandardCharsets.UTF_8)));

        assertThat(outcomes(step)).containsExactly(Outcome.APPLIED, Outcome.QUARANTINED, Outcome.APPLIED);
        String replayRun = text("select max(id) from pool.run");
        assertThat(text("select source || ' ' || feed || ' ' || kind || ' ' || status || ' ' || expected from pool.run"
                        + " where id = " + replayRun))
                .isEqualTo("divisions-2023 divisions-2023/replay replay COMPLETED 3");
        assertThat(text("select row(read, applied, unchanged, stale, quarantined) from pool.run_count where run_id = "
                        + replayRun))
                .isEqualTo("(3,2,0,0,1)");
        assertThat(column("select row(status, outcome, replay_run = " + replayRun
                        + ", edited is not null, decided_by, decided_why) from pool.quarantine order by id"))
                .containsExactly(
                        "(REPLAYED,APPLIED,t,t,admin,源系统已更正)",
                        "(WAITING,QUARANTINED,t,f,admin,源系统已更正)",
                        "(REPLAYED,APPLIED,t,f,admin,源系统已更正)");
        assertThat(column(
                        "select action || ' ' || object || ' ' || (detail ->> 'outcome') || ' ' || (detail ->> 'edited')"
                                + " from pool.audit where object like 'quarantine/%' order by id"))
                .containsExactly(
                        "REPLAY quarantine/" + id + " APPLIED true",
                        "REPLAY quarantine/" + (id + 1) + " QUARANTINED false",
                        "REPLAY quarantine/" + (id + 2) + " APPLIED false");
        assertThat(text("select count(*) from pool.quarantine where position(convert_to('多福', 'UTF8') in edited) > 0"))
                .as("the edited form is sealed")
                .isEqualTo("0");
    }

    @Test
    void effectsTellFieldByFieldWhatChangesAndMaskWhatIsSensitive() {
        pool.apply(batch(run, person(MEMBER, "1", "王一", ID, "", "", 1)));
        pool.apply(rejecting(
                run,
                new Rejected(
                        CANDIDATE.id(),
                        "7",
                        Position.of(3),
                        "broken",
                        null,
                        "broken",
                        "王二".getBytes(StandardCharsets.UTF_8))));
        Remapping people = record -> new Remapped.Read(person(
                CANDIDATE, record.key(), "王二", ID, PHONE, "", record.position().offset()));
        Selection election = Selection.of("election");

        ReplayedRecord record = pool.dryRun(step(0, election, Map.of(), null, 10), people)
                .records()
                .get(0);

        assertThat(record.allEffects()).isEqualTo(1);
        Effect effect = record.effects().get(0);
        assertThat(effect.operation()).isEqualTo("UPDATED");
        assertThat(effect.title()).isEqualTo("王一");
        assertThat(effect.differences()).containsExactly(new Effect.Difference("phone", null, "139****5678", true));
        assertThat(text("select count(*) from pool.change")).isEqualTo("1");
    }

    @Test
    void aReplayWhoseProcessIsGoneIsTakenOverAfterAWhile() {
        pool.apply(rejecting(run, waiting(1, 1, "甲社区")));
        long lost = pool.openReplay(ALL, DECISION);
        CLOCK.advance(Duration.ofSeconds(31));

        assertThat(outcomes(replay(ALL))).containsExactly(Outcome.APPLIED);

        assertThat(text("select status from pool.run where id = " + lost)).isEqualTo("FAILED");
        assertThatThrownBy(() -> pool.replay(step(lost, ALL, Map.of(), null, 1), NAMES))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(PoolException.Kind.INVALID));
    }

    @Test
    void aFailureInTheMiddleOfAStepLeavesNothingOfIt() {
        pool.apply(rejecting(run, waiting(1, 1, "甲社区"), waiting(2, 2, "乙社区")));
        long replay = pool.openReplay(ALL, DECISION);
        String before = everything();
        Remapping failing = record -> {
            if (record.key().equals(code(2))) {
                throw new IllegalStateException("no mapping");
            }
            return NAMES.remap(record);
        };

        assertThatThrownBy(() -> pool.replay(step(replay, ALL, Map.of(), null, 5), failing))
                .isInstanceOf(IllegalStateException.class);

        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void twoPoolsAndASourceAtOnceApplyEveryRecordOnce() {
        List<Rejected> bad = new ArrayList<>();
        for (int i = 1; i <= 60; i++) {
            bad.add(waiting(i, 10, "社区" + i));
        }
        pool.apply(rejecting(run, bad.toArray(Rejected[]::new)));
        Pool other = newPool();
        long mine = pool.openReplay(ALL, DECISION);
        // The second is let in as if the first had been given up: what one takes is not there for the other.
        CLOCK.advance(Duration.ofSeconds(31));
        long theirs = other.openReplay(Selection.of("divisions-2016"), DECISION);
        Set<String> taken = java.util.Collections.synchronizedSet(new TreeSet<>());
        CompletableFuture<Long> first = CompletableFuture.supplyAsync(() -> drain(pool, mine, taken));
        CompletableFuture<Long> second = CompletableFuture.supplyAsync(() -> drain(other, theirs, taken));
        for (int i = 1; i <= 60; i += 3) {
            pool.apply(batch(run, village2023(code(i), "新社区" + i, TOWN, 20)));
        }

        assertThat(first.join() + second.join()).isEqualTo(taken.size());
        pool.closeRun(mine, RunStatus.COMPLETED, null);
        assertThat(text("select count(*) from pool.quarantine where status = 'WAITING'"))
                .isEqualTo("0");
        assertThat(text("select count(*) from pool.change where op = 'CREATED'"))
                .isEqualTo("60");
        assertThat(text("select sum(read - applied - unchanged - stale - quarantined) from pool.run_count"))
                .isEqualTo("0");
        var expected = new ArrayList<io.yimen.pool.claim.ChangeEvent>();
        for (int i = 1; i <= 60; i++) {
            boolean renewed = i % 3 == 1;
            expected.add(village2023(code(i), (renewed ? "新社区" : "社区") + i, TOWN, renewed ? 20 : 10));
        }
        assertThat(pool.contentHash()).isEqualTo(hashOf(expected.toArray(io.yimen.pool.claim.ChangeEvent[]::new)));
    }

    private static long drain(Pool pool, long run, Set<String> taken) {
        long count = 0;
        var after = (io.yimen.pool.quarantine.Replay.After) null;
        do {
            ReplayStep step = pool.replay(step(run, ALL, Map.of(), after, 7), NAMES);
            step.records().forEach(r -> taken.add(r.key()));
            count += step.records().size();
            after = step.next();
        } while (after != null);
        return count;
    }

    @Test
    void whatIsDiscardedIsAudited() {
        pool.apply(rejecting(run, waiting(1, 1, "?"), waiting(2, 1, "?")));

        assertThat(pool.discard(ALL, DECISION)).isEqualTo(2);

        assertThat(column("select action || ' ' || (detail ->> 'why') from pool.audit"))
                .isEqualTo(Arrays.asList("DISCARD 源系统已更正", "DISCARD 源系统已更正"));
        assertThat(text("select count(*) from pool.quarantine where decided_by = 'admin' and decided_why = '源系统已更正'"))
                .isEqualTo("2");
    }
}
