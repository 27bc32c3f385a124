package io.yimen.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.yimen.simulators.Division;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * The hub is killed with -9 again and again while its sources change. Afterwards the pool is what the sources are:
 * nothing lost, nothing doubled, nothing unexplained.
 *
 * <p>The moments are random; the seed is printed, and {@code -Dyimen.kill.seed=N} repeats it.
 */
class KillIT {
    private static final int KILLS = 30;
    /** At least so many while a snapshot ran, and while the log was followed. */
    private static final int MOMENTS = 6;

    private static final int MOST = 45;

    private final long seed = Long.getLong("yimen.kill.seed", System.nanoTime() & 0xffffff);
    private final Random random = new Random(seed);

    @Test
    void whateverMomentItIsKilledThePoolEndsAsTheSourcesAre() {
        System.out.println("KillIT: -Dyimen.kill.seed=" + seed);
        try (TestBed bed = new TestBed(new TestBed.Size("kill", seed, 600, Set.of("110101", "110102"), 0, true))) {
            bed.writeDrop();
            bed.election().live(12);

            Map<String, Integer> moments = killAgainAndAgain(bed);
            System.out.println("KillIT: killed during " + moments);
            assertThat(moments.values().stream().mapToInt(Integer::intValue).sum())
                    .isGreaterThanOrEqualTo(KILLS);
            assertThat(moments.getOrDefault("snapshot", 0))
                    .as("kills while the snapshot ran: %s", moments)
                    .isGreaterThanOrEqualTo(MOMENTS);
            assertThat(moments.getOrDefault("stream", 0))
                    .as("kills while the log was followed: %s", moments)
                    .isGreaterThanOrEqualTo(MOMENTS);

            bed.hub().start();
            bed.awaitSettled();
            bed.election().pause();
            bed.writeDrop();
            bed.awaitSettled();
            List<ChangeTopics.Message> messages = bed.awaitPublished();
            bed.hub().stop();

            assertThat(bed.poolHash()).as("pool against sources, seed %d", seed).isEqualTo(Reference.of(bed));
            assertRunsBalance(bed);
            assertTopicsHoldTheChangeLog(bed, messages);
            assertThat(unacknowledged(bed)).as("changes left in the slot").isZero();
            assertThat(bed.rebuildVerify()).contains("The pool is what its claims say.");
        }
    }

    private Map<String, Integer> killAgainAndAgain(TestBed bed) {
        Map<String, Integer> moments = new LinkedHashMap<>();
        boolean following = false;
        for (int kill = 0; kill < MOST; kill++) {
            boolean enough =
                    moments.getOrDefault("snapshot", 0) >= MOMENTS && moments.getOrDefault("stream", 0) >= MOMENTS;
            if (kill >= KILLS && enough) {
                break;
            }
            bed.hub().launch();
            if (kill % 4 == 3) {
                // While it starts.
                hold(Duration.ofMillis(100 + random.nextInt(3_500)));
            } else {
                bed.hub().awaitReady();
                // On a busy machine it takes longer to come to the snapshot, and to the log.
                int late = following ? Math.max(0, kill - KILLS) * 500 : Math.max(0, kill - KILLS / 2) * 200;
                hold(Duration.ofMillis(late + random.nextInt(kill < KILLS / 2 ? 1_500 : 2_500)));
            }
            boolean ready = bed.hub().isReady();
            bed.hub().kill();
            moments.merge(ready ? phase(bed) : "start", 1, Integer::sum);
            changeRegisters(bed);
            boolean read = moments.getOrDefault("snapshot", 0) >= MOMENTS || kill >= KILLS;
            if (!following && kill >= KILLS / 2 && read) {
                following = true;
                bed.hub().start();
                bed.awaitSettled();
                bed.hub().kill();
                moments.merge(phase(bed), 1, Integer::sum);
            }
        }
        return moments;
    }

    /** What the election system's reader was doing. */
    private static String phase(TestBed bed) {
        List<List<String>> runs =
                bed.tables().rows("select kind from run where source = 'election' order by id desc limit 1");
        return runs.isEmpty() ? "start" : runs.get(0).get(0);
    }

    /** The registers change too: a name, a row that goes and comes back, a new night's file. */
    private void changeRegisters(TestBed bed) {
        List<Map<String, String>> villages = bed.divisions().rows().stream()
                .filter(row -> "5".equals(row.get("jb")))
                .toList();
        Map<String, String> village = new LinkedHashMap<>(villages.get(random.nextInt(villages.size())));
        switch (random.nextInt(4)) {
            case 0 -> {
                village.put("mc", "新" + village.get("mc"));
                bed.divisions().put(village);
            }
            case 1 -> bed.divisions().remove(village.getOrDefault("dm", ""));
            case 2 -> {
                List<Map<String, String>> codes = bed.creditCodes().rows();
                Map<String, String> code = new LinkedHashMap<>(codes.get(random.nextInt(codes.size())));
                if (random.nextBoolean()) {
                    bed.creditCodes().remove(code.getOrDefault("tyshxydm", ""));
                } else {
                    code.put("dz", "新址" + random.nextInt(1_000) + "号");
                    bed.creditCodes().put(code);
                }
            }
            default -> {
                List<Division> rows =
                        bed.drop().rows().stream().filter(Division::isVillage).toList();
                bed.drop().remove(rows.get(random.nextInt(rows.size())).code());
                bed.writeDrop();
            }
        }
    }

    /** Lets time pass; there is nothing to wait for. */
    static void hold(Duration time) {
        try {
            new CompletableFuture<Void>().get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // What was waited for.
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertRunsBalance(TestBed bed) {
        assertThat(bed.tables().unbalancedRuns()).as("runs that do not balance").isEmpty();
        assertThat(bed.tables().rows("select id, source, status, message from run where status = 'RED'"))
                .isEmpty();
        assertThat(bed.tables().rows("""
                                select feed, count(*) from run where status in ('RUNNING', 'LIVE')
                                 group by feed having count(*) > 1"""))
                .as("feeds with more than one open run")
                .isEmpty();
    }

    /** Every change at least once; first occurrences in order per key; a repeat is the same to the letter. */
    static void assertTopicsHoldTheChangeLog(TestBed bed, List<ChangeTopics.Message> messages) {
        Map<String, String> byId = new HashMap<>();
        Map<String, Set<Long>> orderByKey = new LinkedHashMap<>();
        Set<String> topics = new TreeSet<>();
        List<String> faults = new ArrayList<>();
        Canaries canaries = bed.canaries();
        for (ChangeTopics.Message message : messages) {
            String id = message.attribute("id");
            topics.add(message.topic());
            String first = byId.putIfAbsent(id, message.value());
            if (first != null && !first.equals(message.value())) {
                faults.add("change " + id + " was published in two forms");
            }
            orderByKey
                    .computeIfAbsent(message.topic() + "/" + message.key(), key -> new LinkedHashSet<>())
                    .add(Long.parseLong(id));
            canaries.findIn(message.text()).ifPresent(value -> faults.add("change " + id + " tells " + value));
        }
        Map<String, List<Long>> expected = new LinkedHashMap<>();
        for (List<String> row : bed.tables().rows("select seq, entity_id, entity_type from change order by seq")) {
            expected.computeIfAbsent(
                            "yimen." + row.get(2).toLowerCase(java.util.Locale.ROOT) + "/" + row.get(1),
                            key -> new ArrayList<>())
                    .add(Long.parseLong(row.get(0)));
        }
        assertThat(faults).isEmpty();
        assertThat(orderByKey.keySet()).as("keys on the topics").isEqualTo(expected.keySet());
        List<String> wrong = expected.entrySet().stream()
                .filter(e -> !e.getValue().equals(List.copyOf(orderByKey.getOrDefault(e.getKey(), Set.of()))))
                .map(e -> e.getKey() + ": " + e.getValue() + " was published as " + orderByKey.get(e.getKey()))
                .limit(5)
                .toList();
        assertThat(wrong).as("keys whose changes are missing or out of order").isEmpty();
        assertThat(topics).hasSizeGreaterThanOrEqualTo(5);
    }

    /** Row changes that the stopped hub has not acknowledged to the election system. */
    static long unacknowledged(TestBed bed) {
        try (Connection connection = bed.election().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select count(*) from pg_logical_slot_peek_binary_changes('yimen_election', null, null,
                                 'proto_version', '1', 'publication_names', 'yimen_election')
                         where get_byte(data, 0) in (ascii('I'), ascii('U'), ascii('D'), ascii('T'))""")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
