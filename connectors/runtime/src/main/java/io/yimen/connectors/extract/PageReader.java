package io.yimen.connectors.extract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** From the bytes of an answer to its rows; JSON and XML, decoded with the declared charset and no other. */
final class PageReader {
    private final Manifest.Rest settings;
    private final Columns columns;
    private final ObjectMapper json;
    private final XMLInputFactory xml;

    /**
     * @param total what the answer says how many rows there are in all
     * @param ok what the answer says at the path of {@code ok}
     * @param sent names that at least one row carried
     */
    record Page(List<@Nullable String[]> rows, OptionalLong total, Optional<String> ok, Set<String> sent) {}

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

    PageReader(Manifest.Rest settings, Columns columns) {
        this.settings = settings;
        this.columns = columns;
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(settings.maxBytes())
                        .maxNestingDepth(64)
                        .build())
                .build();
        this.json = new ObjectMapper(factory)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
        this.xml = XMLInputFactory.newDefaultFactory();
        xml.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        xml.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        xml.setProperty(XMLInputFactory.IS_COALESCING, true);
    }

    Page read(byte[] body) throws Malformed {
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
        String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        return settings.xml() ? readXml(plain) : readJson(plain);
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
        Optional<JsonNode> array = at(root, settings.rowsPath());
        List<@Nullable String[]> rows = new ArrayList<>();
        Set<String> sent = new TreeSet<>();
        if (array.isEmpty() || !array.get().isArray()) {
            if (ok.isPresent() && !ok.get().equals(settings.okValue())) {
                return new Page(rows, total, ok, sent);
            }
            throw new Malformed("malformed-json", "the answer has no list at " + settings.rowsPath());
        }
        for (JsonNode item : array.get()) {
            if (!item.isObject()) {
                throw new Malformed("malformed-json", "a row at " + settings.rowsPath() + " is no object");
            }
            @Nullable String[] row = new @Nullable String[columns.size()];
            item.properties().forEach(e -> {
                sent.add(e.getKey());
                int index = columns.indexOf(e.getKey());
                if (index >= 0) {
                    JsonNode value = e.getValue();
                    row[index] = value.isNull() ? "" : value.isContainerNode() ? value.toString() : value.asText();
                }
            });
            rows.add(row);
        }
        return new Page(rows, total, ok, sent);
    }

    private static Optional<JsonNode> at(JsonNode root, @Nullable String path) {
        if (path == null) {
            return Optional.empty();
        }
        JsonNode node = root.at(path);
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    private Page readXml(String text) throws Malformed {
        List<@Nullable String[]> rows = new ArrayList<>();
        Set<String> sent = new TreeSet<>();
        Map<String, String> single = new HashMap<>();
        try {
            XMLStreamReader reader = xml.createXMLStreamReader(new StringReader(text));
            StringBuilder path = new StringBuilder();
            StringBuilder content = new StringBuilder();
            @Nullable String @Nullable [] row = null;
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        path.append('/').append(reader.getLocalName());
                        content.setLength(0);
                        if (path.toString().equals(settings.rowsPath())) {
                            row = new @Nullable String[columns.size()];
                        }
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> content.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        String at = path.toString();
                        int cut = path.lastIndexOf("/");
                        if (row != null && at.equals(settings.rowsPath())) {
                            rows.add(row);
                            row = null;
                        } else if (row != null && at.substring(0, cut).equals(settings.rowsPath())) {
                            String name = at.substring(cut + 1);
                            sent.add(name);
                            int index = columns.indexOf(name);
                            if (index >= 0) {
                                row[index] = content.toString();
                            }
                        } else if (at.equals(settings.totalPath()) || at.equals(settings.okPath())) {
                            single.put(at, content.toString().strip());
                        }
                        path.setLength(cut);
                        content.setLength(0);
                    }
                    case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new Malformed("malformed-xml", "the answer has a document type or an entity of its own");
                    default -> {
                        // comments, processing instructions
                    }
                }
            }
        } catch (XMLStreamException e) {
            var at = e.getLocation();
            throw new Malformed(
                    "malformed-xml",
                    "the answer is no well-formed XML"
                            + (at == null
                                    ? ""
                                    : " at line " + at.getLineNumber() + ", column " + at.getColumnNumber()));
        }
        return new Page(
                rows,
                count(Optional.ofNullable(single.get(settings.totalPath()))),
                Optional.ofNullable(single.get(settings.okPath())),
                sent);
    }

    private static OptionalLong count(Optional<String> text) {
        return text.isPresent() && text.get().matches("\\d{1,12}")
                ? OptionalLong.of(Long.parseLong(text.get()))
                : OptionalLong.empty();
    }
}
