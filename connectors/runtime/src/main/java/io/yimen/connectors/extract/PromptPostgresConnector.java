package io.yimen.connectors.extract;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Debezium's connector for PostgreSQL, whose records are handed over as soon as they are there. */
public final class PromptPostgresConnector extends PostgresConnector {
    @Override
    public Class<? extends Task> taskClass() {
        return Reading.class;
    }

    /** Its task. */
    public static final class Reading extends PostgresConnectorTask {
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
}
