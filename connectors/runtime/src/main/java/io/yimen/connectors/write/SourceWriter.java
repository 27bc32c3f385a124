package io.yimen.connectors.write;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.manifest.ManifestException;
import io.yimen.pool.correction.WriteBacks;
import org.jspecify.annotations.Nullable;

/** Puts values right in one source system. For one thread at a time. */
public interface SourceWriter {
    /** What became of an order. */
    enum Result {
        /** The system says what is right by now, whether it took it from us or said so already. */
        WRITTEN,
        /** Not now: it cannot be reached, or says something else than the pool knows, which is on its way to the pool. */
        LATER,
        /** The system does not take it. */
        REFUSED
    }

    /**
     * What became of an order.
     *
     * @param code why it was not written, as {@code constraint}; {@code null} if it was
     */
    record Outcome(Result result, @Nullable String code) {}

    /** Writes it, and returns when the system has it for good. */
    Outcome write(WriteBacks.Order order);

    /**
     * The writer of a system.
     *
     * @throws ManifestException if its manifest does not say what may be written, or its address does not do
     */
    static SourceWriter of(Connector connector) {
        Manifest.Settings settings = connector.manifest().settings();
        if (settings instanceof Manifest.Capture capture) {
            return new TableWriter(connector, new PostgresTables(connector, capture));
        }
        if (settings instanceof Manifest.MysqlCapture capture) {
            return new TableWriter(connector, new MariaDbTables(connector, capture));
        }
        throw new IllegalArgumentException("Nothing is written into a " + settings.kind() + " system");
    }
}
