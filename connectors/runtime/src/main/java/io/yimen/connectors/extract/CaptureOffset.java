package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.ConnectorException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a capture stands, as the pool keeps it.
 *
 * @param epoch raised whenever the order of log positions starts anew
 * @param system identifier of the database cluster
 * @param timeline its timeline
 * @param streaming whether the snapshot is complete; until then the rest is meaningless
 * @param offset the capture engine's own offset at the end of a transaction
 */
record CaptureOffset(
        @JsonProperty("epoch") int epoch,
        @JsonProperty("system") String system,
        @JsonProperty("timeline") long timeline,
        @JsonProperty("streaming") boolean streaming,
        @JsonProperty("offset") Map<String, Object> offset) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static CaptureOffset parse(String text) {
        try {
            return JSON.readValue(text, CaptureOffset.class);
        } catch (JsonProcessingException e) {
            throw new ConnectorException(
                    ConnectorException.Kind.CONFIGURATION, "offset", "the stored offset is not one of a capture", e);
        }
    }

    String text() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Log position up to which all transactions are applied; 0 if none. */
    long lsn() {
        Object commit = offset.get("lsn_commit");
        Object lsn = commit == null ? offset.get("lsn") : commit;
        return lsn instanceof Number number ? number.longValue() : 0;
    }

    /**
     * The engine's offset to resume from. It looks for the place where it left off by log positions, and takes a change
     * whose position equals the stored one for the last that it has seen. The end of a transaction is the position at
     * which the next record of any other transaction may begin, whose earlier changes would then be lost: a position one
     * less is none that a record can have, and leads to the first transaction that ended later.
     *
     * <p>It refuses a position before the slot's beginning. Where that is the end of the transaction itself, as it may be
     * after the source was restarted, the record there is the slot's own, and no change can have its position.
     *
     * @param slotRestart where the slot's log begins
     */
    Map<String, Object> resume(long slotRestart) {
        Map<String, Object> resume = new LinkedHashMap<>(offset);
        if (resume.get("lsn_commit") instanceof Number commit) {
            resume.put("lsn_proc", Math.max(commit.longValue() - 1, Math.min(slotRestart, commit.longValue())));
        }
        return resume;
    }
}
