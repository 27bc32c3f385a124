package io.yimen.pool.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A statement that is put together from parts, each with the values of its placeholders. */
public final class Sql {
    private final StringBuilder text = new StringBuilder();
    private final List<Object> values = new ArrayList<>();

    /** Appends a part; {@code more} are its placeholders' values, a collection of Long stands for an array. */
    public Sql add(String part, Object... more) {
        text.append(part).append('\n');
        values.addAll(List.of(more));
        return this;
    }

    /** Puts all of it between two parts that have no placeholders. */
    public Sql within(String before, String after) {
        text.insert(0, before + "\n").append(after).append('\n');
        return this;
    }

    /** The statement with its values. */
    public PreparedStatement on(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text.toString());
        int i = 1;
        for (Object value : values) {
            if (value instanceof Collection<?> ids) {
                statement.setArray(i++, connection.createArrayOf("bigint", ids.toArray()));
            } else if (value instanceof String[] texts) {
                statement.setArray(i++, connection.createArrayOf("text", texts));
            } else {
                statement.setObject(i++, value);
            }
        }
        return statement;
    }
}
