package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.yimen.connectors.Catalog;
import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.ConnectorRun;
import io.yimen.connectors.RecordingPool;
import io.yimen.connectors.Running;
import io.yimen.pool.run.RunStatus;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDropIT {
    private static final Charset GB = Charset.forName("GB18030");
    private static final String HEADER = "代码,上级代码,名称,级别,城乡分类,经度,纬度,区,街镇";

    @TempDir
    Path folder;

    private final RecordingPool pool = new RecordingPool();

    private Connector connector() {
        return Catalog.connector("divisions-2016", Map.of("folder", folder.toString(), "interval", "PT0.1S"));
    }

    private void read() throws InterruptedException {
        ConnectorRun.once(connector(), pool, pool, Clock.systemUTC());
    }

    private ConnectorException failing() {
        try {
            read();
        } catch (ConnectorException e) {
            return e;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("expected to fail");
    }

    private static String village(int number) {
        return "1101010%05d,110101001000,第%d社区居委会,village,111,116.4,39.9,东城区,东华门街道办事处".formatted(number, number);
    }

    private static List<String> villages(int from, int to) {
        List<String> lines = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            lines.add(village(i));
        }
        return lines;
    }

    private void drop(String day, List<String> lines) throws IOException {
        drop(day, HEADER, lines, lines.size());
    }

    private void drop(String day, String header, List<String> lines, int announced) throws IOException {
        Path file = folder.resolve("xzqh-" + day + ".csv");
        Files.writeString(file, header + "\n" + String.join("\n", lines) + "\n", GB);
        Files.writeString(folder.resolve("xzqh-" + day + ".csv.ok"), announced + "\n");
    }

    @Test
    void readsFilesInOrderAndOnceAndRetiresWhatIsGone() throws Exception {
        drop("20160731", villages(1, 100));
        drop("20160801", villages(1, 99));
        read();
        assertThat(pool.keys("divisions-2016/place")).hasSize(99);
        assertThat(pool.keys("divisions-2016/organization")).hasSize(99);
        assertThat(pool.runs())
                .extracting(RecordingPool.Run::status)
                .containsExactly(RunStatus.COMPLETED, RunStatus.COMPLETED);
        int batches = pool.batches().size();
        read();
        assertThat(pool.batches()).hasSize(batches);
    }

    @Test
    void theLatestWholeSetIsReadAgainAndNoOther() throws Exception {
        pool.askReread("divisions-2016", Set.of("place", "organization"), "somebody");
        read();
        assertThat(pool.listRereads()).as("nothing is there yet").isEmpty();
        drop("20160731", villages(1, 100));
        drop("20160801", villages(1, 99));
        read();
        // Mended in place, under the same name.
        drop("20160801", villages(2, 98));
        read();
        assertThat(pool.keys("divisions-2016/place")).hasSize(99);
        int batches = pool.batches().size();

        pool.askReread("divisions-2016", Set.of("place"), "somebody");
        read();
        assertThat(pool.keys("divisions-2016/place")).hasSize(97);
        assertThat(pool.lastRun().kind()).isEqualTo("reread");
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(pool.batches().stream()
                        .skip(batches)
                        .flatMap(b -> b.events().stream())
                        .filter(e -> e.stream().id().stream().equals("place")))
                .hasSize(97);
        assertThat(pool.listRereads()).isEmpty();
        int runs = pool.runs().size();
        drop("20160802", villages(2, 97));
        read();
        assertThat(pool.keys("divisions-2016/place")).hasSize(96);
        assertThat(pool.runs().subList(runs, pool.runs().size()))
                .extracting(RecordingPool.Run::kind)
                .containsExactly("pull");
    }

    @Test
    void resumesWithinAFile() throws Exception {
        drop("20160731", villages(1, 5000));
        pool.refuseOnce(b -> false);
        Running running = new Running(connector(), pool);
        await().until(() -> !pool.batches().isEmpty());
        running.close();
        try (Running again = new Running(connector(), pool)) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> pool.findOffset("divisions-2016").orElse("").contains("\"done\":true"));
            assertThat(again.state().error()).isEmpty();
        }
        assertThat(pool.keys("divisions-2016/place")).hasSize(5000);
        var counts = pool.counts("divisions-2016", "place");
        assertThat(counts.applied()).isEqualTo(5000);
        assertThat(counts.stale()).isZero();
    }

    @Test
    void fileWithoutItsAnnouncementWaits() throws Exception {
        Files.writeString(folder.resolve("xzqh-20160731.csv"), HEADER + "\n" + village(1) + "\n", GB);
        try (Running running = new Running(connector(), pool)) {
            await().until(() -> running.state().notice().isPresent());
            assertThat(running.state().notice().orElse(""))
                    .isEqualTo("xzqh-20160731.csv is there, its .ok with the number of rows is not");
            assertThat(pool.runs()).isEmpty();
            drop("20160731", villages(1, 2));
            await().until(() -> pool.keys("divisions-2016/place").size() == 2);
        }
    }

    @Test
    void truncatedFileWaitsAndTellsOnce() throws Exception {
        drop("20160731", HEADER, villages(1, 5), 7);
        try (Running running = new Running(connector(), pool)) {
            await().until(() -> running.state().error().isPresent());
            assertThat(running.state().error().orElse(""))
                    .isEqualTo("truncated: xzqh-20160731.csv has 5 rows, its .ok says 7; waiting for the whole file");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> running.state().phase() == io.yimen.connectors.ConnectorState.Phase.WAITING);
            assertThat(pool.runs()).hasSize(1);
            drop("20160731", villages(1, 7));
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> pool.keys("divisions-2016/place").size() == 7);
            await().until(() -> pool.lastRun().status() == RunStatus.COMPLETED);
        }
        assertThat(pool.runs()).hasSize(2);
    }

    @Test
    void wrongCharsetQuarantinesTheFileWithItsLineAndTheNextIsRead() throws Exception {
        drop("20160731", villages(1, 3));
        byte[] bytes = (HEADER + "\n" + village(1) + "\n").getBytes(GB);
        byte[] wrong = new byte[bytes.length + 2];
        System.arraycopy(bytes, 0, wrong, 0, bytes.length);
        wrong[bytes.length] = (byte) 0xFF;
        wrong[bytes.length + 1] = (byte) 0xFF;
        Files.write(folder.resolve("xzqh-20160731.csv"), wrong);
        Files.writeString(folder.resolve("xzqh-20160731.csv.ok"), "2");
        drop("20160801", villages(1, 4));
        read();
        assertThat(pool.rejected()).singleElement().satisfies(r -> {
            assertThat(r.reason()).isEqualTo("charset");
            assertThat(r.key()).isEqualTo("xzqh-20160731.csv");
            assertThat(r.message()).contains("is not GB18030 at line 3");
            assertThat(r.raw()).isEqualTo(wrong);
        });
        assertThat(pool.runs())
                .extracting(RecordingPool.Run::status)
                .containsExactly(RunStatus.FAILED, RunStatus.COMPLETED);
        assertThat(pool.keys("divisions-2016/place")).hasSize(4);
    }

    @Test
    void utf8InsteadOfGb18030IsNotTaken() throws Exception {
        Files.writeString(
                folder.resolve("xzqh-20160731.csv"), HEADER + "\n" + village(1) + "\n", StandardCharsets.UTF_8);
        Files.writeString(folder.resolve("xzqh-20160731.csv.ok"), "1");
        try {
            read();
        } catch (ConnectorException e) {
            // Where the bytes happen to be GB18030 all the same, it is the header that nobody knows.
            assertThat(e.code()).isEqualTo("missing-column");
        }
        assertThat(pool.keys("divisions-2016/place")).isEmpty();
        assertThat(pool.lastRun().status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void unknownAndMissingColumnsAreNamed() throws Exception {
        drop("20160731", HEADER + ",备注", List.of(village(1) + ",x"), 1);
        assertThat(failing())
                .hasMessageStartingWith(
                        "unknown-column: the header of xzqh-20160731.csv has unknown column \"备注\"; declare what changed in ");
        drop("20160731", HEADER.replace("名称", "名字"), villages(1, 1), 1);
        assertThat(failing())
                .hasMessageStartingWith("missing-column: the header of xzqh-20160731.csv has unknown column \"名字\","
                        + " missing column \"名称\"; ");
        assertThat(pool.findOffset("divisions-2016")).isEmpty();
    }

    @Test
    void brokenLinesAndDuplicatesWaitInQuarantine() throws Exception {
        drop(
                "20160731",
                HEADER,
                List.of(
                        village(1),
                        "110101001002,少列",
                        village(3),
                        village(3),
                        village(3).replace("第3社区", "第4社区")),
                5);
        read();
        assertThat(pool.rejected()).anySatisfy(r -> {
            assertThat(r.reason()).isEqualTo("column-count");
            assertThat(r.key()).isEqualTo("line 3");
        });
        assertThat(pool.rejected())
                .filteredOn(r -> r.reason().equals("duplicate-key"))
                .hasSize(2);
        var counts = pool.counts("divisions-2016", "place");
        assertThat(counts.isBalanced()).isTrue();
        assertThat(counts.stale()).isEqualTo(1);
        assertThat(pool.keys("divisions-2016/place")).hasSize(2);
    }

    @Test
    void rowOfTenMegabytesIsRejectedAlone() throws Exception {
        drop("20160731", List.of(village(1).replace("第1社区", "长".repeat(5 << 20)), village(2)));
        read();
        assertThat(pool.rejected())
                .extracting(io.yimen.pool.claim.Rejected::reason)
                .containsOnly("too-large");
        assertThat(pool.keys("divisions-2016/place")).hasSize(1);
    }
}
