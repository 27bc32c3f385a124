package io.yimen.connectors.extract;

import io.debezium.connector.mariadb.MariaDbConnector;
import io.debezium.connector.mariadb.MariaDbConnectorTask;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Debezium's connector for MariaDB, whose records are handed over as soon as they are there. */
public final class PromptMariaDbConnector extends MariaDbConnector {
    @Override
    public Class<? extends Task> taskClass() {
        return Reading.class;
    }

    /** Its task. */
    public static final class Reading extends MariaDbConnectorTask {
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
}
