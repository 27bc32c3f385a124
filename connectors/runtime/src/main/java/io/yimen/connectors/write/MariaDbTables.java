package io.yimen.connectors.write;

import io.yimen.connectors.Connector;
import io.yimen.connectors.extract.ColumnCharsets;
import io.yimen.connectors.manifest.Manifest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tables of a MariaDB. Text is read and written as the bytes that the column really holds. */
final class MariaDbTables extends Tables {
    private final Map<String, Charset> declared;
    private final Map<String, Map<String, Charset>> charsets = new HashMap<>();

    MariaDbTables(Connector connector, Manifest.MysqlCapture settings) {
        super(
                connector.parameters().getFilled(settings.url()).replaceFirst("^jdbc:mysql:", "jdbc:mariadb:"),
                connector.parameters().getFilled(settings.username()),
                connector.parameters().getFilled(settings.password()),
                Map.of(
                        "connectTimeout", "5000",
                        "socketTimeout", "30000",
                        "allowLocalInfile", "false",
                        // Strictly: what a column cannot hold is an error, never a part of it.
                        "sessionVariables", "sql_mode='STRICT_ALL_TABLES',innodb_lock_wait_timeout=5"));
        this.declared = settings.charsets();
    }

    @Override
    String named(String table) {
        return quoted(table);
    }

    @Override
    String quoted(String column) {
        return ColumnCharsets.quoted(column);
    }

    private @Nullable Charset charset(Connection db, String table, String column) throws SQLException {
        Map<String, Charset> known = charsets.get(table);
        if (known == null) {
            known = ColumnCharsets.of(db, db.getCatalog(), table, declared.get(table));
            charsets.put(table, known);
        }
        return known.get(column);
    }

    @Override
    String selected(Connection db, String table, String column) throws SQLException {
        boolean text = charset(db, table, column) != null;
        return (text ? "hex(" : "cast(") + quoted(column) + (text ? ")" : " as char)");
    }

    @Override
    Optional<String> read(Connection db, String table, String column, @Nullable String selected) throws SQLException {
        Charset charset = charset(db, table, column);
        if (selected == null || charset == null) {
            return Optional.of(selected == null ? "" : selected);
        }
        try {
            return Optional.of(charset.newDecoder()
                    .decode(ByteBuffer.wrap(HexFormat.of().parseHex(selected)))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    @Override
    boolean set(Connection db, PreparedStatement statement, int index, String table, String column, String value)
            throws SQLException {
        Charset charset = charset(db, table, column);
        if (value.isEmpty()) {
            statement.setNull(index, Types.NULL);
        } else if (charset == null) {
            statement.setString(index, value);
        } else {
            try {
                ByteBuffer encoded = charset.newEncoder().encode(CharBuffer.wrap(value));
                byte[] bytes = new byte[encoded.remaining()];
                encoded.get(bytes);
                statement.setBytes(index, bytes);
            } catch (CharacterCodingException e) {
                return false;
            }
        }
        return true;
    }

    /** The log shows the statement with the comment in it, where the server annotates rows. */
    @Override
    void mark(Connection db, String mark) {
        // It stands in the statement itself.
    }

    @Override
    Optional<String> refusal(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        // Incorrect string, out of range, truncated: the server gives some of them the general state.
        if (state.startsWith("22") || failure.getErrorCode() == 1366 || failure.getErrorCode() == 1265) {
            return Optional.of("value");
        }
        if (state.startsWith("23") || failure.getErrorCode() == 4025) {
            return Optional.of("constraint");
        }
        return state.equals("45000") ? Optional.of("rule") : Optional.empty();
    }

    @Override
    boolean isForbidden(SQLException failure) {
        return Set.of(1044, 1142, 1143).contains(failure.getErrorCode());
    }
}
