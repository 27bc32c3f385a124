package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.util.LoggingContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PromptQueueTest {
    private static final int ROOM = 4;

    private final ChangeEventQueue<DataChangeEvent> queue = new ChangeEventQueue.Builder<DataChangeEvent>()
            .pollInterval(Duration.ofMinutes(10))
            .maxBatchSize(1)
            .maxQueueSize(ROOM)
            .loggingContextSupplier(() -> LoggingContext.forConnector("test", "test", "test"))
            .build();
    private final PromptQueue prompt = PromptQueue.of(new Holder(queue), Holder.class);

    @Test
    void handsOverTheFirstRecordThoughTheIntervalIsLong() throws Exception {
        CompletableFuture<List<SourceRecord>> polled = CompletableFuture.supplyAsync(() -> poll(10));

        queue.enqueue(record("a"));

        assertThat(names(polled.get())).containsExactly("a");
    }

    @Test
    void handsOverAllThatIsThereInOrderUpToTheMost() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            queue.enqueue(record(name));
        }

        assertThat(names(poll(2))).containsExactly("a", "b");
        assertThat(names(poll(2))).containsExactly("c");
    }

    @Test
    void letsTheReaderGoOnWhereTheQueueWasFull() throws Exception {
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 3 * ROOM; i++) {
                enqueue("r" + i);
            }
        });

        int seen = 0;
        while (seen < 3 * ROOM) {
            seen += poll(100).size();
        }

        assertThat(reader).succeedsWithin(Duration.ofSeconds(5));
        assertThat(seen).isEqualTo(3 * ROOM);
    }

    @Test
    void comesBackWithNothingWhereNothingCame() throws Exception {
        assertThat(prompt.poll(10, 1, TimeUnit.MILLISECONDS)).isEmpty();
    }

    @Test
    void tellsWhatTheReaderFailedWithAfterWhatItHadRead() throws Exception {
        queue.enqueue(record("a"));
        queue.producerException(new IllegalStateException("the reader failed"));

        assertThat(names(poll(10))).containsExactly("a");
        assertThatThrownBy(() -> poll(10)).hasMessage("the reader failed");
    }

    @Test
    void saysSoWhereAQueueIsNotMadeAsExpected() {
        assertThatThrownBy(() -> PromptQueue.of(new Holder(queue), PostgresConnectorTask.class))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PromptQueue.of(new Empty(), Empty.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Debezium");
    }

    private List<SourceRecord> poll(int most) {
        try {
            return prompt.poll(most, 20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void enqueue(String name) {
        try {
            queue.enqueue(record(name));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DataChangeEvent record(String name) {
        return new DataChangeEvent(new SourceRecord(Map.of(), Map.of(), name, null, null));
    }

    private static List<String> names(List<SourceRecord> records) {
        return records.stream().map(SourceRecord::topic).toList();
    }

    /** A task as Debezium's hold their queues. */
    private static final class Holder extends Empty {
        @SuppressWarnings("unused")
        private final ChangeEventQueue<DataChangeEvent> queue;

        Holder(ChangeEventQueue<DataChangeEvent> queue) {
            this.queue = queue;
        }
    }

    private static class Empty extends SourceTask {
        @Override
        public String version() {
            return "";
        }

        @Override
        public void start(Map<String, String> properties) {}

        @Override
        public List<SourceRecord> poll() {
            return List.of();
        }

        @Override
        public void stop() {}
    }
}
