package io.yimen.connectors.extract;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * What a task is told by whoever drives it: its settings, and the offset that the pool has committed. It reads that when it
 * starts, and whenever it is told to commit: what it passes on to the source then is what it finds here.
 */
final class ResumeContext implements SourceTaskContext, OffsetStorageReader {
    private final Map<String, String> settings;
    private volatile Map<String, Object> offset;

    /** @param offset to read on from */
    ResumeContext(Map<String, String> settings, Map<String, Object> offset) {
        this.settings = settings;
        this.offset = wide(offset);
    }

    /** What has become durable since. */
    void moveTo(Map<String, Object> durable) {
        offset = wide(durable);
    }

    /** A task knows its own numbers as long ones, which a small one read from JSON is not. */
    private static Map<String, Object> wide(Map<String, Object> offset) {
        Map<String, Object> wide = new HashMap<>();
        offset.forEach((name, value) -> wide.put(name, value instanceof Integer number ? number.longValue() : value));
        return wide;
    }

    @Override
    public Map<String, String> configs() {
        return settings;
    }

    @Override
    public OffsetStorageReader offsetStorageReader() {
        return this;
    }

    @Override
    public PluginMetrics pluginMetrics() {
        throw new UnsupportedOperationException("There is no worker that keeps metrics");
    }

    /** A task reads one server: whatever it calls that, the offset is of it. */
    @Override
    public <T> Map<String, Object> offset(Map<String, T> partition) {
        return offset;
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        Map<Map<String, T>, Map<String, Object>> offsets = new HashMap<>();
        Map<String, Object> now = offset;
        partitions.forEach(partition -> offsets.put(partition, now));
        return offsets;
    }
}
