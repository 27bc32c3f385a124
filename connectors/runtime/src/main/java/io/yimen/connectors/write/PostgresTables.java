package io.yimen.connectors.write;

import io.yimen.connectors.Connector;
import io.yimen.connectors.manifest.Manifest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tables of a PostgreSQL. Every column is read as its text; what is set takes the column's type. */
final class PostgresTables extends Tables {
    private final String schema;

    PostgresTables(Connector connector, Manifest.Capture settings) {
        super(
                connector.parameters().getFilled(settings.url()),
                connector.parameters().getFilled(settings.username()),
                connector.parameters().getFilled(settings.password()),
                Map.of(
                        "connectTimeout", "5",
                        "loginTimeout", "10",
                        "socketTimeout", "30",
                        "ApplicationName", "yimen write-back",
                        "stringtype", "unspecified",
                        "options", "-c lock_timeout=5s -c statement_timeout=20s"));
        this.schema = settings.schema();
    }

    @Override
    String named(String table) {
        return quoted(schema) + "." + quoted(table);
    }

    @Override
    String quoted(String column) {
        return '"' + column.replace("\"", "\"\"") + '"';
    }

    @Override
    String selected(Connection db, String table, String column) {
        return quoted(column) + "::text";
    }

    @Override
    Optional<String> read(Connection db, String table, String column, @Nullable String selected) {
        return Optional.of(selected == null ? "" : selected);
    }

    @Override
    boolean set(Connection db, PreparedStatement statement, int index, String table, String column, String value)
            throws SQLException {
        if (value.isEmpty()) {
            statement.setNull(index, Types.NULL);
        } else {
            statement.setString(index, value);
        }
        return true;
    }

    /** A logical message: whoever else follows the log can tell these changes from those of clerks. */
    @Override
    void mark(Connection db, String mark) throws SQLException {
        try (PreparedStatement emit = db.prepareStatement("select pg_logical_emit_message(true, 'yimen', ?::text)")) {
            emit.setString(1, mark);
            emit.execute();
        }
    }

    @Override
    Optional<String> refusal(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        if (state.startsWith("22")) {
            return Optional.of("value");
        }
        if (state.startsWith("23") || state.startsWith("44")) {
            return Optional.of("constraint");
        }
        return state.startsWith("P0") ? Optional.of("rule") : Optional.empty();
    }

    @Override
    boolean isForbidden(SQLException failure) {
        return "42501".equals(failure.getSQLState());
    }
}
