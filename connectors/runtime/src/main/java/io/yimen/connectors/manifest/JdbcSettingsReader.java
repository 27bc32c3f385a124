package io.yimen.connectors.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** Reads the settings of {@code poll-jdbc} and {@code outbox-jdbc}, with the tables that the streams name. */
final class JdbcSettingsReader {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    private final BiConsumer<String, String> error;

    /** @param error takes the path of what is wrong, and what is */
    JdbcSettingsReader(BiConsumer<String, String> error) {
        this.error = error;
    }

    Manifest.Jdbc read(JsonNode root, String zone) {
        JsonNode s = root.path("settings");
        boolean outbox = root.path("kind").asText().equals("outbox-jdbc");
        return new Manifest.Jdbc(
                s.path("url").asText(),
                s.has("driver") ? s.path("driver").asText() : null,
                s.path("username").asText(),
                s.path("password").asText(),
                s.has("schema") ? s.path("schema").asText() : null,
                charsets(s),
                s.path("interval").asText(outbox ? "PT1S" : "PT10S"),
                s.path("timeout").asText("PT30S"),
                s.path("pageSize").asInt(2000),
                zone,
                tables(root, s),
                outbox
                        ? new Manifest.Jdbc.Outbox(
                                s.path("outbox").asText("yimen_outbox"),
                                !s.path("acknowledge").asText().equals("offset"),
                                s.path("lookBack").asText("PT10M"))
                        : null);
    }

    private Map<String, Charset> charsets(JsonNode s) {
        Map<String, Charset> charsets = new LinkedHashMap<>();
        s.path("charsets").properties().forEach(e -> {
            try {
                charsets.put(e.getKey(), Charset.forName(e.getValue().asText()));
            } catch (IllegalArgumentException unknown) {
                error.accept("settings.charsets." + e.getKey(), "unknown charset; use UTF-8, GB18030, GBK or Big5");
            }
        });
        return charsets;
    }

    private Map<String, Manifest.Jdbc.Table> tables(JsonNode root, JsonNode s) {
        Map<String, Manifest.Jdbc.Table> tables = new LinkedHashMap<>();
        JsonNode streams = root.path("streams");
        boolean outbox = root.path("kind").asText().equals("outbox-jdbc");
        for (int i = 0; i < streams.size(); i++) {
            JsonNode stream = streams.get(i);
            String name = stream.path("from").asText();
            List<String> key = columns(stream.path("key"));
            Manifest.Jdbc.Table known = tables.get(name);
            if (known == null) {
                tables.put(name, table(s, name, key));
            } else if (!known.key().equals(key) && !s.path("tables").path(name).has("key")) {
                error.accept(
                        "streams[" + i + "].key",
                        "differs from that of another stream of " + name + "; say which columns identify a row of it:"
                                + " settings.tables." + name + ".key");
            }
            if (outbox
                    && stream.path("deletes").asText().equals("log")
                    && !tables.getOrDefault(name, table(s, name, key)).key().equals(key)) {
                error.accept(
                        "streams[" + i + "].key",
                        "is not the key of " + name
                                + ": deletes could not be told; use the same key, or deletes: none");
            }
        }
        s.path("tables").properties().forEach(e -> {
            if (!tables.containsKey(e.getKey())) {
                error.accept(
                        "settings.tables." + e.getKey(),
                        "no stream reads it" + Suggestion.of(e.getKey(), tables.keySet()));
            }
        });
        return tables;
    }

    private Manifest.Jdbc.Table table(JsonNode s, String name, List<String> streamKey) {
        JsonNode t = s.path("tables").path(name);
        String overlap = t.path("overlap").asText("PT10M");
        if (!NUMBER.matcher(overlap).matches() && !isDuration(overlap)) {
            error.accept(
                    "settings.tables." + name + ".overlap", "is neither a duration, like PT10M, nor a whole number");
        }
        return new Manifest.Jdbc.Table(
                t.has("key") ? columns(t.path("key")) : streamKey,
                t.has("watermark") ? t.path("watermark").asText() : null,
                overlap,
                t.path("whole").asText(s.path("whole").asText("P1D")),
                t.path("read").asText().equals("rows"));
    }

    private static boolean isDuration(String text) {
        try {
            return !Duration.parse(text).isNegative();
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static List<String> columns(JsonNode node) {
        if (!node.isArray()) {
            return List.of(node.asText());
        }
        List<String> columns = new ArrayList<>();
        node.forEach(c -> columns.add(c.asText()));
        return columns;
    }
}
