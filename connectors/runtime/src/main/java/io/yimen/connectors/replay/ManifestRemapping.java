package io.yimen.connectors.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.ManifestTests;
import io.yimen.connectors.mapping.StreamMapping;
import io.yimen.pool.claim.ChangeEvent;
import io.yimen.pool.claim.Rejected;
import io.yimen.pool.claim.StreamId;
import io.yimen.pool.claim.StreamShape;
import io.yimen.pool.quarantine.Remapped;
import io.yimen.pool.quarantine.Remapping;
import io.yimen.pool.quarantine.Waiting;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads raw forms by the mappings of manifests. A raw form is the row's columns as a JSON object, see {@link
 * StreamMapping}; what the pool turned away behind the mapping holds canonical values instead, and the mapping has
 * nothing to do. Anything else is no single record: a page, a file, a line with too many columns.
 */
public final class ManifestRemapping implements Remapping {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Map<StreamId, Compiled> streams = new HashMap<>();

    /** A stream of today. */
    private record Compiled(Columns columns, StreamMapping mapping) {}

    private ManifestRemapping() {}

    /** By these manifests; a record of a stream that none of them has goes on waiting. */
    public static ManifestRemapping of(Collection<Manifest> manifests) {
        ManifestRemapping remapping = new ManifestRemapping();
        for (Manifest manifest : manifests) {
            for (Manifest.Stream stream : manifest.streams()) {
                Columns columns = Columns.of(List.of(stream));
                StreamMapping mapping =
                        StreamMapping.compile(stream, manifest.id(), columns, ManifestTests.zoneOf(manifest));
                remapping.streams.put(mapping.shape().id(), new Compiled(columns, mapping));
            }
        }
        return remapping;
    }

    @Override
    public Remapped remap(Waiting record) {
        Compiled stream = streams.get(record.stream());
        if (stream == null) {
            return new Remapped.Refused(
                    "no-mapping",
                    null,
                    "No manifest of the catalog reads " + record.stream() + ": put its folder back, or discard this");
        }
        byte[] edited = record.edited();
        Optional<JsonNode> object = objectOf(edited == null ? record.raw() : edited);
        if (object.isEmpty()) {
            return edited == null
                    ? new Remapped.Refused(
                            record.reason(),
                            record.field(),
                            "What was received is no single record: give its columns as a JSON object, or discard it"
                                    + " once the source has sent it right")
                    : new Remapped.Refused(
                            "malformed-record", null, "The edited form is no JSON object with each column once");
        }
        JsonNode form = object.get();
        return isCanonical(form) ? canonical(form, record, stream) : columns(form, record, stream);
    }

    private static Optional<JsonNode> objectOf(byte[] raw) {
        try {
            return Optional.of(JSON.readTree(raw)).filter(JsonNode::isObject);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** As the pool writes down what it turns away. A column is never an object. */
    private static boolean isCanonical(JsonNode form) {
        return form.path("values").isObject()
                && form.path("key").isTextual()
                && form.size() == (form.path("updated").isTextual() ? 3 : 2);
    }

    private static Remapped canonical(JsonNode form, Waiting record, Compiled stream) {
        StreamShape shape = stream.mapping().shape();
        @Nullable String[] values = new @Nullable String[shape.fields().size()];
        for (Map.Entry<String, JsonNode> value : form.path("values").properties()) {
            int index = shape.fields().indexOf(value.getKey());
            if (index < 0 || value.getValue().isContainerNode()) {
                return unknown(value.getKey(), record);
            }
            values[index] = textOf(value.getValue());
        }
        String key = form.path("key").asText();
        if (key.isEmpty()) {
            return new Remapped.Refused("missing-key", "key", "key is empty, but identifies the record");
        }
        Instant statedAt = null;
        if (form.has("updated")) {
            try {
                statedAt = Instant.parse(form.path("updated").asText());
            } catch (DateTimeParseException e) {
                return new Remapped.Refused(
                        "invalid-timestamp", "updated", "updated is no time of the form 2026-01-31T01:02:03Z");
            }
        }
        return new Remapped.Read(ChangeEvent.upserted(shape, key, record.position(), values, List.of(), statedAt));
    }

    private static Remapped columns(JsonNode form, Waiting record, Compiled stream) {
        @Nullable String[] row = new @Nullable String[stream.columns().size()];
        for (Map.Entry<String, JsonNode> column : form.properties()) {
            int index = stream.columns().indexOf(column.getKey());
            boolean plain = !column.getValue().isContainerNode();
            if (index >= 0 && plain) {
                row[index] = textOf(column.getValue());
            } else if (record.edited() != null && !(plain && wasReceived(column.getKey(), record))) {
                return unknown(column.getKey(), record);
            }
        }
        Outcome outcome = new Outcome(record);
        stream.mapping().map(row, record.position(), outcome);
        return Objects.requireNonNull(outcome.remapped, "each row ends in one call");
    }

    /** A column that the mapping reads no longer is none of an editor's making. */
    private static boolean wasReceived(String column, Waiting record) {
        return objectOf(record.raw()).map(raw -> raw.has(column)).orElse(false);
    }

    private static Remapped unknown(String column, Waiting record) {
        String shown = column.length() > 40 ? column.substring(0, 40) + "…" : column;
        return new Remapped.Refused(
                "unknown-column", shown, shown + " is nothing that " + record.stream() + " reads as a plain value");
    }

    private static String textOf(JsonNode value) {
        return value.isNull() ? "" : value.asText();
    }

    /** Keeps what became of the one row. */
    private static final class Outcome implements StreamMapping.Output {
        private final Waiting record;
        private @Nullable Remapped remapped;

        Outcome(Waiting record) {
            this.record = record;
        }

        @Override
        public void event(ChangeEvent event) {
            remapped = new Remapped.Read(event);
        }

        @Override
        public void rejected(Rejected rejected) {
            remapped = new Remapped.Refused(rejected.reason(), rejected.field(), rejected.message());
        }

        /** Whatever the stream knew of it ends here, as it does where the source is followed. */
        @Override
        public void skipped(StreamMapping mapping, String key) {
            remapped = new Remapped.Read(ChangeEvent.deleted(mapping.shape(), key, record.position()));
        }
    }
}
