package io.yimen.connectors.rows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.yimen.connectors.mapping.Columns;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** JSON lines: an object a line. A line that is none, or is too long, is a fault of its own. */
public final class JsonRows implements Rows {
    private static final int RAW = 1 << 16;
    private static final int MOST_NAMES = 1_000;

    private final Path file;
    private final Charset charset;
    private final Reader in;
    private final Columns columns;
    private final ObjectMapper json = strict(LONGEST);
    private final Set<String> sent = new TreeSet<>();
    private final char[] buffer = new char[1 << 16];
    private int from;
    private int to;
    private long line;
    private boolean tooLong;

    JsonRows(Path file, Charset charset, Columns columns) throws IOException {
        this.file = file;
        this.charset = charset;
        this.columns = columns;
        this.in = Decoding.open(file, charset);
    }

    /** Reads JSON of strangers: no name twice, nothing behind the end, no text longer than {@code longest}. */
    public static ObjectMapper strict(int longest) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(longest)
                        .maxNestingDepth(64)
                        .build())
                .build();
        return new ObjectMapper(factory)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    }

    /**
     * The row that an object is. A column that begins with a slash is a path into it, as {@code /author/name}.
     *
     * @param sent takes the names that the object carries
     */
    public static @Nullable String[] row(JsonNode object, Columns columns, Set<String> sent) {
        @Nullable String[] row = new @Nullable String[columns.size()];
        fill(row, object, columns, sent);
        return row;
    }

    /** The same into a row of which something else is known already. */
    public static void fill(@Nullable String[] row, JsonNode object, Columns columns, Set<String> sent) {
        object.properties().forEach(e -> {
            int index = columns.indexOf(e.getKey());
            if (index >= 0) {
                row[index] = text(e.getValue());
            }
            if (index >= 0 || sent.size() < MOST_NAMES) {
                sent.add(e.getKey());
            }
        });
        for (int i = 0; i < row.length; i++) {
            String name = columns.names().get(i);
            if (name.startsWith("/") && row[i] == null) {
                JsonNode value = object.at(name);
                if (!value.isMissingNode()) {
                    row[i] = text(value);
                    sent.add(name);
                }
            }
        }
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "" : value.isContainerNode() ? value.toString() : value.asText();
    }

    @Override
    public @Nullable Row next() throws IOException {
        while (true) {
            String text = line();
            if (text == null) {
                return null;
            }
            if (tooLong) {
                return Row.broken(
                        line,
                        "line-too-long",
                        "line " + line + " has more than " + LONGEST + " characters; correct it at the source",
                        text.getBytes(StandardCharsets.UTF_8));
            }
            if (text.isBlank()) {
                continue;
            }
            try {
                JsonNode object = json.readTree(text);
                if (object.isObject()) {
                    return Row.of(line, row(object, columns, sent));
                }
            } catch (JsonProcessingException e) {
                // said below, without the text that its message quotes
            }
            return Row.broken(
                    line,
                    "malformed-json",
                    "line " + line + " is no JSON object; correct it at the source",
                    text.substring(0, Math.min(text.length(), RAW)).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The next line without its end; of one that is too long the beginning. */
    private @Nullable String line() throws IOException {
        StringBuilder text = new StringBuilder();
        tooLong = false;
        boolean any = false;
        while (true) {
            if (from == to) {
                from = 0;
                to = Math.max(0, read());
                if (to == 0) {
                    break;
                }
            }
            any = true;
            int end = from;
            while (end < to && buffer[end] != '\n') {
                end++;
            }
            tooLong |= text.length() + end - from > LONGEST;
            if (!tooLong) {
                text.append(buffer, from, end - from);
            }
            boolean ended = end < to;
            from = ended ? end + 1 : end;
            if (ended) {
                break;
            }
        }
        if (!any) {
            return null;
        }
        line++;
        if (tooLong) {
            text.setLength(Math.min(text.length(), RAW));
        }
        return line == 1 ? Decoding.withoutMark(text.toString()) : text.toString();
    }

    private int read() throws IOException {
        try {
            return in.read(buffer);
        } catch (CharacterCodingException e) {
            throw Decoding.undecodable(file, charset);
        }
    }

    @Override
    public List<String> names() {
        return List.copyOf(sent);
    }

    @Override
    public boolean hasHeader() {
        return false;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
