package io.yimen.connectors.extract;

import io.yimen.connectors.mapping.Undecoded;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Makes the text of a column's value out of its binary form: the same, character by character, that {@link TableReader}
 * makes of what the capture engine reads from the log.
 */
@FunctionalInterface
interface ColumnText {
    String of(byte[] data, int from, int length);

    /**
     * A column of a query.
     *
     * @param expression what is asked for
     */
    record Asked(String expression, ColumnText text) {}

    /** What the engine makes of a value that the log writes like this. */
    interface Engine {
        UnaryOperator<String> textOf(SourceDatabase.Column column);
    }

    /**
     * How a column is asked for. Types that a manifest's tables mostly have are decoded here; the value of any other is
     * asked for as the text that the log has, and goes through the engine's own converter.
     */
    static Asked of(SourceDatabase.Column column, Engine engine) {
        String name = SourceDatabase.quoted(column.name());
        if (column.labels()) {
            return new Asked(name, ColumnText::utf8);
        }
        if (!column.builtIn()) {
            return written(column, name, engine);
        }
        return switch (column.type()) {
            case "bool" -> new Asked(name, (data, from, length) -> data[from] == 0 ? "false" : "true");
            case "int2" ->
                new Asked(
                        name,
                        (data, from, length) -> Integer.toString((short) (data[from] << 8 | data[from + 1] & 0xff)));
            case "int4" -> new Asked(name, (data, from, length) -> Integer.toString((int) number(data, from, 4)));
            case "oid" -> new Asked(name, (data, from, length) -> Long.toString(number(data, from, 4)));
            case "int8" -> new Asked(name, (data, from, length) -> Long.toString(number(data, from, 8)));
            case "float4" ->
                new Asked(
                        name,
                        (data, from, length) -> Float.toString(Float.intBitsToFloat((int) number(data, from, 4))));
            case "float8" ->
                new Asked(
                        name, (data, from, length) -> Double.toString(Double.longBitsToDouble(number(data, from, 8))));
            case "text", "varchar", "bpchar", "json" -> new Asked(name, ColumnText::utf8);
            // A number of its version goes before the text.
            case "jsonb" -> new Asked(name, (data, from, length) -> utf8(data, from + 1, length - 1));
            case "uuid" ->
                new Asked(
                        name,
                        (data, from, length) -> new UUID(number(data, from, 8), number(data, from + 8, 8)).toString());
            case "bytea" -> new Asked(name, ColumnText::base64);
            case "numeric" -> numeric(column, name, engine);
            case "date" -> date(column, name, engine);
            case "timestamp" -> timestamp(column, name, engine);
            case "time" -> time(column, name, engine);
            default -> written(column, name, engine);
        };
    }

    /** As the type's own output function writes it, which is not always what a cast to text gives. */
    private static Asked written(SourceDatabase.Column column, String name, Engine engine) {
        UnaryOperator<String> convert = engine.textOf(column);
        return new Asked(
                "case when " + name + " is null then null else format('%s', " + name + ") end",
                (data, from, length) -> convert.apply(utf8(data, from, length)));
    }

    private static Asked numeric(SourceDatabase.Column column, String name, Engine engine) {
        Special special = new Special(column, engine);
        return new Asked(name + "::text", (data, from, length) -> {
            String text = utf8(data, from, length);
            char last = text.charAt(text.length() - 1);
            // A number ends with a digit, NaN and the infinities do not.
            return last >= '0' && last <= '9' ? text : special.of(text);
        });
    }

    private static Asked date(SourceDatabase.Column column, String name, Engine engine) {
        Special special = new Special(column, engine);
        long epoch = LocalDate.of(2000, 1, 1).toEpochDay();
        return new Asked(name, (data, from, length) -> {
            int days = (int) number(data, from, 4);
            if (days == Integer.MAX_VALUE || days == Integer.MIN_VALUE) {
                return special.of(days > 0 ? "infinity" : "-infinity");
            }
            return LocalDate.ofEpochDay(epoch + days).toString();
        });
    }

    private static Asked timestamp(SourceDatabase.Column column, String name, Engine engine) {
        Special special = new Special(column, engine);
        long epoch = LocalDateTime.of(2000, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);
        return new Asked(name, (data, from, length) -> {
            long micros = number(data, from, 8);
            if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
                return special.of(micros > 0 ? "infinity" : "-infinity");
            }
            long seconds = epoch + Math.floorDiv(micros, 1_000_000L);
            return LocalDateTime.ofEpochSecond(seconds, (int) Math.floorMod(micros, 1_000_000L) * 1_000, ZoneOffset.UTC)
                    .toString();
        });
    }

    private static Asked time(SourceDatabase.Column column, String name, Engine engine) {
        Special special = new Special(column, engine);
        long day = 86_400_000_000L;
        return new Asked(name, (data, from, length) -> {
            long micros = number(data, from, 8);
            return micros == day
                    ? special.of("24:00:00")
                    : LocalTime.ofNanoOfDay(micros * 1_000).toString();
        });
    }

    /** The few values of a type that stand for themselves. */
    final class Special {
        private final SourceDatabase.Column column;
        private final Engine engine;
        private final Map<String, String> known = new HashMap<>();

        Special(SourceDatabase.Column column, Engine engine) {
            this.column = column;
            this.engine = engine;
        }

        String of(String written) {
            String text = known.get(written);
            if (text == null) {
                text = engine.textOf(column).apply(written);
                known.put(written, text);
            }
            return text;
        }
    }

    private static long number(byte[] data, int from, int bytes) {
        long number = 0;
        for (int i = from; i < from + bytes; i++) {
            number = number << 8 | data[i] & 0xff;
        }
        return number;
    }

    private static String base64(byte[] data, int from, int length) {
        ByteBuffer encoded = Base64.getEncoder().encode(ByteBuffer.wrap(data, from, length));
        return StandardCharsets.ISO_8859_1.decode(encoded).toString();
    }

    /** Bytes that are no text wait in quarantine; a database that knows the charset of its text never sends such. */
    private static String utf8(byte[] data, int from, int length) {
        String text = new String(data, from, length, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, from, length));
            } catch (CharacterCodingException e) {
                byte[] bytes = new byte[length];
                System.arraycopy(data, from, bytes, 0, length);
                return Undecoded.of("UTF-8", bytes);
            }
        }
        return text;
    }
}
