package io.yimen.connectors.extract;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A statement that is being written, with the values that belong to its question marks. */
final class JdbcStatement {
    private final JdbcDialect dialect;
    private final StringBuilder sql = new StringBuilder();
    private final List<Object> values = new ArrayList<>();

    JdbcStatement(JdbcDialect dialect, String sql) {
        this.dialect = dialect;
        this.sql.append(sql);
    }

    JdbcDialect dialect() {
        return dialect;
    }

    JdbcStatement text(String part) {
        sql.append(part);
        return this;
    }

    JdbcStatement value(Object value) {
        sql.append('?');
        values.add(value);
        return this;
    }

    String sql() {
        return sql.toString();
    }

    void bind(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof String text) {
                statement.setString(i + 1, text);
            } else {
                statement.setObject(i + 1, values.get(i));
            }
        }
    }
}
