package io.yimen.connectors.extract;

import io.debezium.connector.postgresql.PostgresConnectorTask;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Debezium's task for PostgreSQL, whose records are handed over as soon as they are there. */
final class PromptPostgresTask extends PostgresConnectorTask {
    private @Nullable PromptQueue queue;

    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        PromptQueue known = queue;
        if (known == null) {
            known = PromptQueue.of(this, PostgresConnectorTask.class);
            queue = known;
        }
        return known.poll(CaptureEngine.LARGEST_BATCH, CaptureEngine.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
