package io.yimen.hub.correction;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.pool.claim.StreamId;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What Yimen itself may put right in the systems that the configuration names: what their manifests say, of a connector
 * that comes while the hub runs from then on. What one that has gone let be written waits for it to come back.
 */
@Singleton
public class Writable {
    private volatile Map<StreamId, Set<String>> fields = Map.of();

    /** Canonical fields by stream. */
    public Map<StreamId, Set<String>> fields() {
        return fields;
    }

    /** Takes over what the manifest of a named system says; tells whether it lets anything be written. */
    synchronized boolean put(Manifest manifest) {
        Map<StreamId, Set<String>> all = new HashMap<>(fields);
        all.keySet().removeIf(stream -> stream.source().equals(manifest.id()));
        int others = all.size();
        for (Manifest.Stream stream : manifest.streams()) {
            if (stream.writeBack() != null) {
                all.put(
                        new StreamId(manifest.id(), stream.id()),
                        stream.writeBack().fields());
            }
        }
        fields = Map.copyOf(all);
        return all.size() > others;
    }
}
