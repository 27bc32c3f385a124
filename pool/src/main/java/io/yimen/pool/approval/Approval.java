package io.yimen.pool.approval;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a connector may read and where it may go.
 *
 * @param source the system
 * @param owner the office that owns it
 * @param fields by stream: canonical field to the purpose that it is needed for
 * @param addresses {@code host:port} or folder that it may reach
 * @param until when it ends; null: when it is replaced
 * @param approvedBy who approved it
 * @param approvedAt when
 */
public record Approval(
        String source,
        String owner,
        Map<String, Map<String, String>> fields,
        Set<String> addresses,
        @Nullable Instant until,
        String approvedBy,
        Instant approvedAt) {
    public Approval {
        Map<String, Map<String, String>> copy = new TreeMap<>();
        fields.forEach((stream, byField) -> copy.put(stream, Map.copyOf(new LinkedHashMap<>(byField))));
        fields = Map.copyOf(copy);
        addresses = Set.copyOf(addresses);
    }

    /** Whether it has ended. */
    public boolean isExpired(Instant now) {
        return until != null && !now.isBefore(until);
    }

    /** Whether it names this field of this stream, for this purpose. */
    public boolean allows(String stream, String field, String purpose) {
        return purpose.equals(fields.getOrDefault(stream, Map.of()).get(field));
    }
}
