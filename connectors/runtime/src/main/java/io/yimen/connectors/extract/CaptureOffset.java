package io.yimen.connectors.extract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.ConnectorException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a capture stands, as the pool keeps it.
 *
 * @param epoch raised whenever the order of log positions starts anew
 * @param system identifier of the database cluster or server
 * @param timeline its timeline, where it has such
 * @param streaming whether the snapshot is complete; until then the rest is meaningless
 * @param offset the capture engine's own offset at the end of a transaction
 * @param history what else the engine needs to read on from there, see {@link SourceLog#findHistory}
 * @param copy how far tables are copied apart from the engine, and what its log brings of them once more; null where
 *     that is over, or the engine reads everything
 * @param copied the position of the rows that were copied last; null where that was not noted
 * @param streams the streams that are read, or are to be once {@code copy} is done; null where that was not noted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record CaptureOffset(
        @JsonProperty("epoch") int epoch,
        @JsonProperty("system") String system,
        @JsonProperty("timeline") long timeline,
        @JsonProperty("streaming") boolean streaming,
        @JsonProperty("offset") Map<String, Object> offset,
        @JsonProperty("history") @Nullable String history,
        @JsonProperty("copy") @Nullable CopyProgress copy,
        @JsonProperty("copied") @Nullable Long copied,
        @JsonProperty("streams") @Nullable List<String> streams) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Before the end of a snapshot. */
    static CaptureOffset beforeStreaming(int epoch, String system, long timeline) {
        return new CaptureOffset(epoch, system, timeline, false, Map.of(), null, null, null, null);
    }

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

    /** The same capture at another offset. */
    CaptureOffset at(boolean streaming, Map<String, Object> next, @Nullable String nextHistory) {
        return new CaptureOffset(epoch, system, timeline, streaming, next, nextHistory, copy, copied, streams);
    }

    /** The same with these streams. */
    CaptureOffset reading(List<String> wanted) {
        return new CaptureOffset(
                epoch, system, timeline, streaming, offset, history, copy, copied, List.copyOf(wanted));
    }

    /** The same with what is copied from now on read through this snapshot, see {@link SourceLog#findHistory}. */
    CaptureOffset through(TableSnapshot snapshot) {
        CopyProgress progress = Objects.requireNonNull(copy);
        Horizon horizon = snapshot.horizon(copied == null ? 0 : copied);
        return new CaptureOffset(
                epoch,
                system,
                timeline,
                streaming,
                offset,
                snapshot.history(history, progress.unbegun()),
                progress.through(horizon),
                horizon.position(),
                streams);
    }

    /** The same place with tables copied so far. */
    CaptureOffset with(@Nullable CopyProgress progress) {
        return new CaptureOffset(
                epoch,
                system,
                timeline,
                progress == null || streaming || progress.waiting().isEmpty(),
                offset,
                history,
                progress,
                copied,
                streams);
    }
}
