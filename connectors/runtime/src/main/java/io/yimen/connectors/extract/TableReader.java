package io.yimen.connectors.extract;

import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.mapping.Columns;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Turns the capture engine's rows of one table, of one version of its schema, into raw rows. */
final class TableReader {
    private static final String NOT_SENT = "__debezium_unavailable_value";

    /** Makes the text of a column's value that is not null. */
    private interface Convert {
        String apply(Object value);
    }

    private final @Nullable Field[] fields;
    private final Convert[] converts;

    private TableReader(@Nullable Field[] fields, Convert[] converts) {
        this.fields = fields;
        this.converts = converts;
    }

    /** @throws ConnectorException {@code missing-column} if the table no longer has a column that is mapped */
    static TableReader of(Schema row, Columns columns, String table, String manifest) {
        @Nullable Field[] fields = new @Nullable Field[columns.size()];
        Convert[] converts = new Convert[columns.size()];
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < fields.length; i++) {
            Field field = row.field(columns.names().get(i));
            fields[i] = field;
            if (field == null) {
                missing.add(columns.names().get(i));
                converts[i] = v -> v.toString();
            } else {
                converts[i] = convert(field.schema());
            }
        }
        if (!missing.isEmpty()) {
            throw new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    "missing-column",
                    "table " + table + " no longer has " + String.join(", ", missing) + "; correct " + manifest);
        }
        return new TableReader(fields, converts);
    }

    /** A whole row. SQL NULL is sent as empty; a value that the log left out because it did not change is not sent. */
    @Nullable
    String[] read(Struct row) {
        @Nullable String[] values = new @Nullable String[fields.length];
        for (int i = 0; i < values.length; i++) {
            Field field = fields[i];
            // Not the column's default, which stands for a value that is missing, not for NULL.
            Object value = field == null ? null : row.getWithoutDefault(field.name());
            if (value == null) {
                values[i] = "";
            } else {
                String text = converts[i].apply(value);
                values[i] = text.equals(NOT_SENT) ? null : text;
            }
        }
        return values;
    }

    /** The columns of a record's key; the others stay null. */
    static @Nullable String[] readKey(Struct key, Columns columns) {
        @Nullable String[] values = new @Nullable String[columns.size()];
        for (Field field : key.schema().fields()) {
            int index = columns.indexOf(field.name());
            Object value = key.getWithoutDefault(field.name());
            if (index >= 0 && value != null) {
                values[index] = convert(field.schema()).apply(value);
            }
        }
        return values;
    }

    /** Makes the text of a value of the engine's that is not null. */
    static Function<Object, String> textOf(Schema schema) {
        return convert(schema)::apply;
    }

    private static Convert convert(Schema schema) {
        String name = schema.name() == null ? "" : schema.name();
        return switch (name) {
            case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date" ->
                v -> v instanceof Number n ? LocalDate.ofEpochDay(n.longValue()).toString() : v.toString();
            case "io.debezium.time.Timestamp" -> v -> local(Instant.ofEpochMilli(((Number) v).longValue()));
            case "io.debezium.time.MicroTimestamp" -> v -> local(micros(((Number) v).longValue()));
            case "io.debezium.time.NanoTimestamp" -> v -> local(Instant.ofEpochSecond(0, ((Number) v).longValue()));
            case "io.debezium.time.Time" ->
                v -> LocalTime.ofNanoOfDay(((Number) v).longValue() * 1_000_000).toString();
            case "io.debezium.time.MicroTime" ->
                v -> LocalTime.ofNanoOfDay(((Number) v).longValue() * 1_000).toString();
            default -> plain(schema);
        };
    }

    private static Convert plain(Schema schema) {
        if (schema.type() == Schema.Type.STRING) {
            return v -> (String) v;
        }
        if (schema.type() == Schema.Type.STRUCT) {
            // What a value of several parts says of itself differs each time where one of them is bytes.
            return v -> schema.fields().stream()
                    .filter(field -> ((Struct) v).getWithoutDefault(field.name()) != null)
                    .map(field -> field.name() + "="
                            + convert(field.schema()).apply(((Struct) v).getWithoutDefault(field.name())))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return schema.type() == Schema.Type.BYTES ? v -> bytes(v) : v -> v.toString();
    }

    private static Instant micros(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000L) * 1_000);
    }

    /** A time without zone; which zone it means is declared by the manifest. */
    private static String local(Instant instant) {
        return LocalDateTime.ofInstant(instant, ZoneOffset.UTC).toString();
    }

    private static String bytes(Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return Base64.getEncoder().encodeToString(bytes);
        }
        return value instanceof byte[] bytes ? Base64.getEncoder().encodeToString(bytes) : value.toString();
    }
}
