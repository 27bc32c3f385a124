package io.yimen.connectors.extract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.manifest.RestSettings;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.rows.JsonRows;
import io.yimen.connectors.rows.Rows;
import io.yimen.connectors.rows.UnfitFile;
import io.yimen.connectors.rows.XmlRows;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From the bytes of an answer to its rows; JSON and XML, decoded with the declared charset and no other. */
final class PageReader {
    private final RestSettings settings;
    private final Columns columns;
    private final ObjectMapper json;

    /**
     * @param total what the answer says how many rows there are in all
     * @param ok what the answer says at the path of {@code ok}
     * @param next the cursor of the next page; empty where there is none
     * @param sent names that at least one row carried
     */
    record Page(
            List<@Nullable String[]> rows,
            OptionalLong total,
            Optional<String> ok,
            Optional<String> next,
            Set<String> sent) {}

    /** The answer is not what it should be; {@code reason} is what its quarantine entry says. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
        private final String reason;

        Malformed(String reason, String message) {
            super(message, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }

        String message() {
            return String.valueOf(getMessage());
        }
    }

    PageReader(RestSettings settings, Columns columns) {
        this.settings = settings;
        this.columns = columns;
        this.json = JsonRows.strict(settings.maxBytes());
    }

    /** The text of an answer in the declared charset. */
    String decode(byte[] body) throws Malformed {
        String text;
        try {
            text = settings.charset()
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed(
                    "charset", "the answer is not " + settings.charset().name() + ", which the manifest declares");
        }
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    Page read(String text) throws Malformed {
        return settings.xml() ? readXml(text) : readJson(text);
    }

    private Page readJson(String text) throws Malformed {
        JsonNode root;
        try {
            root = json.readTree(text);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw new Malformed(
                    "malformed-json",
                    "the answer is no JSON"
                            + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
        }
        Optional<String> ok = at(root, settings.okPath()).map(JsonNode::asText);
        OptionalLong total = count(at(root, settings.totalPath()).map(JsonNode::asText));
        Optional<String> next = next(at(root, settings.page().next()).map(JsonNode::asText));
        Optional<JsonNode> array = settings.rowsPath().equals("/") ? Optional.of(root) : at(root, settings.rowsPath());
        List<@Nullable String[]> rows = new ArrayList<>();
        Set<String> sent = new TreeSet<>();
        if (array.isEmpty() || !array.get().isArray()) {
            if (ok.isPresent() && !ok.get().equals(settings.okValue())) {
                return new Page(rows, total, ok, next, sent);
            }
            throw new Malformed("malformed-json", "the answer has no list at " + settings.rowsPath());
        }
        for (JsonNode item : array.get()) {
            if (!item.isObject()) {
                throw new Malformed("malformed-json", "a row at " + settings.rowsPath() + " is no object");
            }
            rows.add(JsonRows.row(item, columns, sent));
        }
        return new Page(rows, total, ok, next, sent);
    }

    private static Optional<JsonNode> at(JsonNode root, @Nullable String path) {
        if (path == null || path.isEmpty()) {
            return Optional.empty();
        }
        JsonNode node = root.at(path);
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    private Page readXml(String text) throws Malformed {
        List<@Nullable String[]> rows = new ArrayList<>();
        Set<String> watched = Stream.of(
                        settings.okPath(), settings.totalPath(), settings.page().next())
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        try (XmlRows xml = new XmlRows(new StringReader(text), settings.rowsPath(), columns, watched)) {
            for (Rows.Row row = xml.next(); row != null; row = xml.next()) {
                rows.add(row.values());
            }
            return new Page(
                    rows,
                    count(xml.find(settings.totalPath())),
                    xml.find(settings.okPath()),
                    next(xml.find(settings.page().next())),
                    new TreeSet<>(xml.names()));
        } catch (UnfitFile e) {
            throw new Malformed(e.reason(), "the answer " + e.message());
        } catch (IOException e) {
            throw new UncheckedIOException("Text in memory cannot fail", e);
        }
    }

    private static Optional<String> next(Optional<String> cursor) {
        return cursor.filter(c -> !c.isBlank());
    }

    private static OptionalLong count(Optional<String> text) {
        return text.isPresent() && text.get().matches("\\d{1,12}")
                ? OptionalLong.of(Long.parseLong(text.get()))
                : OptionalLong.empty();
    }
}
