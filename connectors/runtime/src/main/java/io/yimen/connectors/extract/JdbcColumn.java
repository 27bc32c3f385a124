package io.yimen.connectors.extract;

import io.yimen.connectors.mapping.StreamMapping;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column that is read over JDBC. Its values are known in two forms: as the database is asked for them again (a time in
 * the session's zone, UTC; a text of MariaDB as the hexadecimal digits of its bytes), and as the manifest maps them.
 *
 * @param stored the database's name for the charset of a text that is read as bytes; null for other columns
 * @param charset what those bytes are; null for other columns
 * @param endless whether a value may be larger than any that is taken
 */
record JdbcColumn(
        String name,
        Type type,
        @Nullable String stored,
        @Nullable Charset charset,
        boolean endless) {
    /** What a column holds, as far as it matters here. */
    enum Type {
        NUMBER,
        BOOLEAN,
        DATE,
        /** A time without zone. */
        LOCAL,
        INSTANT,
        BINARY,
        TEXT,
        OTHER;

        static Type of(int jdbc, String name, JdbcDialect dialect) {
            String lower = name.toLowerCase(Locale.ROOT);
            return switch (jdbc) {
                case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> NUMBER;
                case Types.NUMERIC, Types.DECIMAL, Types.REAL, Types.FLOAT, Types.DOUBLE ->
                    lower.equals("money") ? OTHER : NUMBER;
                case Types.BOOLEAN -> BOOLEAN;
                case Types.BIT -> lower.equals("bool") ? BOOLEAN : OTHER;
                case Types.DATE -> DATE;
                case Types.TIMESTAMP_WITH_TIMEZONE -> INSTANT;
                case Types.TIMESTAMP ->
                    lower.equals("timestamptz") || (dialect == JdbcDialect.MARIADB && lower.equals("timestamp"))
                            ? INSTANT
                            : LOCAL;
                case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> BINARY;
                case Types.CHAR,
                        Types.VARCHAR,
                        Types.LONGVARCHAR,
                        Types.CLOB,
                        Types.NCHAR,
                        Types.NVARCHAR,
                        Types.LONGNVARCHAR,
                        Types.NCLOB -> TEXT;
                default -> OTHER;
            };
        }

        boolean isTemporal() {
            return this == DATE || this == LOCAL || this == INSTANT;
        }
    }

    /** What is selected of it. */
    String selected(JdbcDialect dialect) {
        String column = dialect.quoted(name);
        if (dialect == JdbcDialect.MARIADB && type.isTemporal()) {
            return "cast(" + column + " as char)";
        }
        // One character more than is taken, so that it is known to be too large.
        String bounded = endless ? "left(" + column + ", " + (StreamMapping.LARGEST_ROW + 1) + ")" : column;
        return stored == null ? bounded : "hex(" + bounded + ")";
    }

    /** A selected value in the form in which the database is asked for it again; null for SQL NULL. */
    @Nullable
    String read(ResultSet rows, int at, JdbcDialect dialect) throws SQLException {
        if (type == Type.BINARY) {
            byte[] bytes = rows.getBytes(at);
            return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
        }
        if (dialect == JdbcDialect.OTHER && (type == Type.LOCAL || type == Type.INSTANT)) {
            Timestamp time = rows.getTimestamp(at);
            if (time == null) {
                return null;
            }
            return type == Type.LOCAL
                    ? time.toLocalDateTime().toString()
                    : LocalDateTime.ofInstant(time.toInstant(), ZoneOffset.UTC).toString();
        }
        String text = rows.getString(at);
        if (text == null) {
            return null;
        }
        return switch (type) {
            case NUMBER -> text.indexOf('e') < 0 && text.indexOf('E') < 0 ? text : plain(text);
            case BOOLEAN -> text.equals("t") || text.equals("1") ? "true" : text.equals("f") ? "false" : text;
            case INSTANT -> text.endsWith("+00") ? text.substring(0, text.length() - 3) : text;
            default -> text;
        };
    }

    private static String plain(String number) {
        try {
            return new BigDecimal(number).toPlainString();
        } catch (NumberFormatException e) {
            return number;
        }
    }

    /** What the manifest maps: empty for SQL NULL. */
    String text(@Nullable String raw) {
        if (raw == null) {
            return "";
        }
        if (charset != null) {
            return RawText.decode(HexFormat.of().parseHex(raw), charset);
        }
        if (type.isTemporal() && raw.startsWith("0000-00-00")) {
            return "";
        }
        return type == Type.INSTANT ? raw.replace(' ', 'T') + "Z" : raw;
    }

    /** Writes a value into a statement. */
    void place(String raw, JdbcStatement statement) {
        JdbcDialect dialect = statement.dialect();
        if (stored != null) {
            // As the column's own bytes, or it would be compared in another charset's order.
            statement.text("_" + stored + " x'"
                    + HexFormat.of().formatHex(HexFormat.of().parseHex(raw)) + "'");
        } else if (dialect == JdbcDialect.POSTGRESQL || dialect == JdbcDialect.MARIADB) {
            statement.value(
                    dialect == JdbcDialect.MARIADB && type == Type.NUMBER
                            ? new BigDecimal(raw)
                            : type.isTemporal() ? raw.replace('T', ' ') : raw);
        } else {
            statement.value(
                    switch (type) {
                        case NUMBER -> new BigDecimal(raw);
                        case LOCAL -> Timestamp.valueOf(LocalDateTime.parse(raw));
                        case INSTANT -> Timestamp.from(LocalDateTime.parse(raw).toInstant(ZoneOffset.UTC));
                        case DATE -> java.sql.Date.valueOf(raw.substring(0, 10));
                        default -> raw;
                    });
        }
    }
}
