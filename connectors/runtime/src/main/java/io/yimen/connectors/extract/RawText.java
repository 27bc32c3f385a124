package io.yimen.connectors.extract;

import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import io.yimen.connectors.mapping.Undecoded;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.sql.Types;
import java.time.temporal.Temporal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the text columns of MariaDB and MySQL from their own bytes, strictly: what is no text in the column's charset
 * is told as such, see {@link Undecoded}, and never replaced. The log holds the bytes as they are, and a snapshot is asked
 * for them as such: server and driver would put a question mark for what they do not know.
 *
 * <p>Dates that do not exist, as {@code 0000-00-00}, are empty, where the engine would make a day in 1970 of them.
 *
 * <p>Public with a constructor without arguments because the engine makes it by name.
 */
public final class RawText implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /** Before a table's name: what its text columns hold, whatever the database calls it. */
    static final String DECLARED = "declared.";

    private static final Set<Integer> TEXT = Set.of(
            Types.CHAR,
            Types.VARCHAR,
            Types.LONGVARCHAR,
            Types.CLOB,
            Types.NCHAR,
            Types.NVARCHAR,
            Types.LONGNVARCHAR,
            Types.NCLOB);
    private static final Set<String> OTHERS = Set.of("ENUM", "SET", "JSON");

    /**
     * The database's names for charsets. What it calls gbk is read as GB18030, which agrees with it and knows what was
     * added later, as 䶮.
     */
    private static final Map<String, String> CHARSETS = Map.ofEntries(
            Map.entry("utf8mb4", "UTF-8"),
            Map.entry("utf8mb3", "UTF-8"),
            Map.entry("utf8", "UTF-8"),
            Map.entry("gbk", "GB18030"),
            Map.entry("gb18030", "GB18030"),
            Map.entry("gb2312", "GB18030"),
            Map.entry("big5", "Big5"),
            Map.entry("latin1", "windows-1252"),
            Map.entry("ascii", "US-ASCII"));

    private final java.util.HashMap<String, Charset> declared = new java.util.HashMap<>();

    /** Charset of a column that the database calls so; empty for one that cannot be read. */
    static Optional<Charset> charset(String database) {
        return Optional.ofNullable(CHARSETS.get(database.toLowerCase(Locale.ROOT)))
                .map(Charset::forName);
    }

    @Override
    public void configure(Properties properties) {
        properties.forEach((key, value) -> {
            if (key.toString().startsWith(DECLARED)) {
                declared.put(key.toString().substring(DECLARED.length()), Charset.forName(value.toString()));
            }
        });
    }

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        String type = column.typeName().toUpperCase(Locale.ROOT);
        if (type.equals("DATE") || type.equals("DATETIME")) {
            registration.register(SchemaBuilder.string().optional(), RawText::time);
            return;
        }
        String name = column.charsetName();
        if (!TEXT.contains(column.jdbcType()) || OTHERS.contains(type)) {
            return;
        }
        Charset charset = declared.get(tableOf(column.dataCollection()));
        if (charset == null) {
            charset = name == null
                    ? StandardCharsets.UTF_8
                    : charset(name).orElseThrow(() -> new IllegalStateException("charset " + name + " is not known"));
        }
        Charset known = charset;
        registration.register(SchemaBuilder.string(), value -> text(value, known));
    }

    private static String tableOf(String collection) {
        return collection.substring(collection.lastIndexOf('.') + 1);
    }

    private static @Nullable String text(@Nullable Object value, Charset charset) {
        byte[] bytes;
        if (value instanceof byte[] raw) {
            bytes = raw;
        } else if (value instanceof ByteBuffer buffer) {
            bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
        } else if (value instanceof String text) {
            return text;
        } else {
            return value == null ? null : value.toString();
        }
        return decode(bytes, charset);
    }

    static String decode(byte[] bytes, Charset charset) {
        boolean ascii = true;
        for (byte each : bytes) {
            ascii &= each >= 0;
        }
        if (ascii) {
            return new String(bytes, StandardCharsets.US_ASCII);
        }
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return Undecoded.of(charset.name(), bytes);
        }
    }

    /** A date, or a date and time without zone; null for one that does not exist. */
    private static @Nullable String time(@Nullable Object value) {
        if (value instanceof java.sql.Timestamp timestamp) {
            return timestamp.toLocalDateTime().toString();
        }
        if (value instanceof java.sql.Date date) {
            return date.toLocalDate().toString();
        }
        return value instanceof Temporal || value instanceof String ? value.toString() : null;
    }
}
