package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.push.CloudEvent;
import io.yimen.connectors.push.Receipt;
import io.yimen.pool.PoolException;
import io.yimen.pool.claim.Batch;
import io.yimen.pool.run.Outcome;
import io.yimen.pool.run.RunStatus;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of events between the front door and the pool. */
class PushInboxIT {
    private static final String WINDOW = "cn.gov.beijing.window.case.";
    private static final String CASE = "single-window/case/110101001001202603010007";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RecordingPool pool = new RecordingPool();
    private final List<ConnectorRun> runs = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private PushInbox start(String id) {
        Connector connector = Catalog.connector(id, Map.of("secret", "0123456789abcdef", "token", "0123456789abcdef"));
        ConnectorRun run = new ConnectorRun(connector, pool, this::accept, Clock.systemUTC());
        Thread thread = new Thread(() -> {
            try {
                run.loop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        runs.add(run);
        threads.add(thread);
        thread.start();
        PushInbox inbox = (PushInbox) run.extractor();
        await().until(() -> {
            try {
                return inbox.put(List.of()).get(10, TimeUnit.SECONDS).isEmpty();
            } catch (ConnectorException e) {
                return false;
            }
        });
        return inbox;
    }

    private List<Outcome> accept(Batch batch) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return pool.accept(batch);
    }

    @AfterEach
    void stop() throws InterruptedException {
        gate.countDown();
        runs.forEach(ConnectorRun::stop);
        for (Thread thread : threads) {
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    private static CloudEvent event(String type, String order, Map<String, Object> data) {
        Map<String, String> attributes = new HashMap<>(
                Map.of("specversion", "1.0", "id", "e-" + order, "source", "/test", "type", type, "sequence", order));
        attributes.put("time", order.contains("T") ? order : "2026-03-01T00:00:00Z");
        return new CloudEvent(attributes, JSON.valueToTree(data), Optional.empty());
    }

    private static CloudEvent saved(String time, String state) {
        Map<String, Object> data = new HashMap<>(Map.of(
                "slbh",
                "110101001001202603010007",
                "sxbm",
                "MZ0101",
                "sxmc",
                "老年人优待证办理",
                "cbbm",
                "民政局",
                "slqd",
                "1",
                "bjzt",
                state,
                "slrq",
                "2026-03-01",
                "cnrq",
                "2026-03-06",
                "bjrq",
                ""));
        data.putAll(Map.of(
                "bljg",
                "",
                "sqr",
                "张三",
                "sqrzjh",
                "110105194901010013",
                "sqrdh",
                "14200000000",
                "xzqh",
                "110101001001",
                "ckbh",
                "W7"));
        return event(WINDOW + "saved", time, data);
    }

    private static List<Receipt> put(PushInbox inbox, CloudEvent... events) throws Exception {
        return inbox.put(List.of(events)).get(30, TimeUnit.SECONDS);
    }

    private static List<Outcome> outcomes(List<Receipt> receipts) {
        return receipts.stream().map(Receipt::outcome).toList();
    }

    @Test
    void aRepeatAndAnOlderEventChangeNothing() throws Exception {
        PushInbox inbox = start("single-window");
        assertThat(outcomes(put(inbox, saved("2026-03-02T00:00:00Z", "2")))).containsExactly(Outcome.APPLIED);
        assertThat(outcomes(put(
                        inbox,
                        saved("2026-03-02T00:00:00Z", "2"),
                        saved("2026-03-01T00:00:00Z", "1"),
                        saved("2026-03-03T08:00:00+08:00", "3"),
                        saved("2026-03-03T00:00:00Z", "3"),
                        saved("2026-03-04T00:00:00Z", "9"))))
                .containsExactly(Outcome.STALE, Outcome.STALE, Outcome.APPLIED, Outcome.STALE, Outcome.QUARANTINED);
        assertThat(pool.value(CASE, "state")).isEqualTo("DONE");
        assertThat(pool.counts("single-window", "case").isBalanced()).isTrue();
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.LIVE);
    }

    @Test
    void anEventOfTheDeclaredTypeEndsTheRecordAndOneThatComesTooLateDoesNotBringItBack() throws Exception {
        PushInbox inbox = start("single-window");
        put(inbox, saved("2026-03-02T00:00:00Z", "2"));
        CloudEvent removed =
                event(WINDOW + "removed", "2026-03-05T00:00:00Z", Map.of("slbh", "110101001001202603010007"));
        assertThat(outcomes(put(inbox, removed, removed, saved("2026-03-04T00:00:00Z", "3"))))
                .containsExactly(Outcome.APPLIED, Outcome.STALE, Outcome.STALE);
        assertThat(pool.keys("single-window/case")).isEmpty();
        assertThat(pool.keys("single-window/applicant")).isEmpty();
        Receipt keyless = put(inbox, event(WINDOW + "removed", "2026-03-06T00:00:00Z", Map.of()))
                .get(0);
        assertThat(keyless.reason()).isEqualTo("missing-key");
    }

    @Test
    void whatIsNoEventOfTheManifestWaitsWithoutItsData() throws Exception {
        PushInbox inbox = start("single-window");
        CloudEvent ahead = saved(Instant.now().plusSeconds(3_600).toString(), "2");
        CloudEvent unknown = event(WINDOW + "printed", "2026-03-02T00:00:00Z", Map.of("slbh", "1", "sqr", "李四光"));
        CloudEvent undated = event(WINDOW + "saved", "noon T", Map.of("sqr", "李四光"));
        List<Receipt> receipts = put(inbox, ahead, unknown, undated, saved("2026-03-02T00:00:00Z", "2"));
        assertThat(receipts)
                .extracting(Receipt::reason)
                .containsExactly("invalid-time", "unknown-type", "invalid-time", null);
        assertThat(pool.value(CASE, "state")).as("its neighbours harm it not").isEqualTo("IN_PROGRESS");
        assertThat(pool.rejected())
                .hasSize(3)
                .allSatisfy(r ->
                        assertThat(new String(r.raw(), StandardCharsets.UTF_8)).doesNotContain("李四光", "张三"));
    }

    @Test
    void picturesAreRefusedAtAnyDepthAndNothingOfThemIsKept() throws Exception {
        PushInbox inbox = start("bright-eyes");
        Map<String, Object> data = Map.of(
                "sjbh",
                "XL1",
                "sjlx",
                "水浸",
                "fssj",
                "2026-03-01",
                "sjzt",
                "1",
                "xzqh",
                "110101001001",
                "fj",
                List.of(Map.of("Faces", "c3ludGhldGlj")));
        Receipt receipt =
                put(inbox, event("cn.gov.beijing.xueliang.incident", "7", data)).get(0);
        assertThat(receipt.outcome()).isEqualTo(Outcome.QUARANTINED);
        assertThat(receipt.reason()).isEqualTo("refused-content");
        assertThat(pool.keys("bright-eyes/incident")).isEmpty();
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.key()).isEqualTo("XL1");
            assertThat(new String(r.raw(), StandardCharsets.UTF_8))
                    .contains("水浸")
                    .doesNotContain("c3ludGhldGlj");
        });
    }

    @Test
    void aSequenceIsThePositionWhereTheManifestSaysSo() throws Exception {
        PushInbox inbox = start("bright-eyes");
        Map<String, Object> data = new HashMap<>(
                Map.of("sjbh", "XL1", "sjlx", "水浸", "fssj", "2026-03-01", "sjzt", "1", "xzqh", "110101001001"));
        String type = "cn.gov.beijing.xueliang.incident";
        assertThat(outcomes(put(inbox, event(type, "10", data), event(type, "9", data), event(type, "x", data))))
                .containsExactly(Outcome.APPLIED, Outcome.STALE, Outcome.QUARANTINED);
        assertThat(outcomes(put(inbox, event(type, "11", data)))).containsExactly(Outcome.UNCHANGED);
    }

    @Test
    void nobodyIsAnsweredBeforeThePoolHasItAndTooManyAreSentAway() throws Exception {
        PushInbox inbox = start("single-window");
        pool.refuseOnce(batch -> true);
        gate = new CountDownLatch(1);
        CompletableFuture<List<Receipt>> first = inbox.put(List.of(saved("2026-03-02T00:00:00Z", "2")));
        List<CompletableFuture<List<Receipt>>> waiting = new ArrayList<>();
        assertThatThrownBy(() -> {
                    // The reader may take as many as go into a batch before it waits at the gate.
                    for (int i = 0; i < 10_000; i++) {
                        waiting.add(inbox.put(List.of(saved("2026-03-0" + (3 + i % 5) + "T00:00:00Z", "3"))));
                    }
                })
                .isInstanceOf(ConnectorException.class)
                .satisfies(e -> assertThat(((ConnectorException) e).code()).isEqualTo(PushInbox.BUSY));
        assertThat(first).isNotDone();
        // Somebody who has gone is not served any more.
        waiting.get(0).cancel(false);
        gate.countDown();
        assertThat(outcomes(first.get(30, TimeUnit.SECONDS))).containsExactly(Outcome.APPLIED);
        for (CompletableFuture<List<Receipt>> each : waiting.subList(1, waiting.size())) {
            assertThat(each.get(30, TimeUnit.SECONDS)).hasSize(1);
        }
        assertThat(pool.value(CASE, "state")).isEqualTo("DONE");
    }

    @Test
    void aBatchThatThePoolRefusesIsToldAndTheNextOneIsTaken() throws Exception {
        PushInbox inbox = start("single-window");
        pool.refuseOnce(PoolException.Kind.INVALID, batch -> !batch.events().isEmpty());
        assertThatThrownBy(() -> put(inbox, saved("2026-03-02T00:00:00Z", "2")))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(PoolException.class);
        await().ignoreExceptionsInstanceOf(ConnectorException.class)
                .untilAsserted(() -> assertThat(outcomes(put(inbox, saved("2026-03-02T00:00:00Z", "2"))))
                        .containsExactly(Outcome.APPLIED));
    }
}
