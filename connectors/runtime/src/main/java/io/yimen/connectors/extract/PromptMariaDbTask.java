package io.yimen.connectors.extract;

import io.debezium.connector.mariadb.MariaDbConnectorTask;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Debezium's task for MariaDB, whose records are handed over as soon as they are there. */
final class PromptMariaDbTask extends MariaDbConnectorTask {
    private @Nullable PromptQueue queue;

    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        PromptQueue known = queue;
        if (known == null) {
            known = PromptQueue.of(this, MariaDbConnectorTask.class);
            queue = known;
        }
        return known.poll(CaptureEngine.LARGEST_BATCH, CaptureEngine.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
