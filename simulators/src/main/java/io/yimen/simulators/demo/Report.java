package io.yimen.simulators.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.yimen.client.model.EntityCount;
import io.yimen.client.model.Summary;
import java.util.List;
import java.util.Locale;

/**
 * What a full sync came to.
 *
 * @param counts a line a stream
 * @param summary entities, and how many records were merged
 * @param seconds from the demo's start to here
 */
record Report(List<HubView.Count> counts, Summary summary, double seconds) {
    String table() {
        String row = "  %-16s %-18s %10s %10s %10s %8s %12s%n";
        StringBuilder text = new StringBuilder();
        text.append(row.formatted("source", "stream", "read", "= applied", "+ unchanged", "+ stale", "+ quarantined"));
        for (HubView.Count c : counts) {
            text.append(row.formatted(
                    c.source(),
                    c.stream(),
                    Screen.number(c.read()),
                    Screen.number(c.applied()),
                    Screen.number(c.unchanged()),
                    Screen.number(c.stale()),
                    Screen.number(c.quarantined())));
        }
        text.append('\n');
        for (EntityCount entities : summary.getEntities()) {
            text.append("  %-16s %10s%n".formatted(entities.getType(), Screen.number(entities.getCount())));
        }
        text.append("%n  %s source records merged into %s golden records; full sync %.1f s after the start%n"
                .formatted(Screen.number(summary.getMergedRecords()), Screen.number(summary.getMergedInto()), seconds));
        return text.toString();
    }

    String json() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode object = mapper.createObjectNode();
        ArrayNode sources = object.putArray("sources");
        for (HubView.Count c : counts) {
            ObjectNode source = sources.addObject();
            source.put("id", c.source());
            source.put("stream", c.stream());
            source.put("read", c.read());
            source.put("applied", c.applied());
            source.put("unchanged", c.unchanged());
            source.put("stale", c.stale());
            source.put("quarantined", c.quarantined());
        }
        ObjectNode entities = object.putObject("entities");
        summary.getEntities().forEach(e -> entities.put(e.getType(), e.getCount()));
        object.put("mergedRecords", summary.getMergedRecords());
        object.put("seconds", Double.parseDouble(String.format(Locale.ROOT, "%.1f", seconds)));
        try {
            return mapper.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
