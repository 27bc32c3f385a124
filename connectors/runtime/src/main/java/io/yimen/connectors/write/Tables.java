package io.yimen.connectors.write;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How tables of one make of database are read and written. Values are texts as extraction has them. */
abstract class Tables {
    private final String url;
    private final Properties properties = new Properties();

    /** @param more properties of the driver, by name */
    Tables(String url, String username, String password, Map<String, String> more) {
        this.url = url;
        properties.put("user", username);
        properties.put("password", password);
        properties.putAll(more);
    }

    /** A connection of one's own, without automatic commit. */
    Connection connect() throws SQLException {
        Connection db = DriverManager.getConnection(url, properties);
        db.setAutoCommit(false);
        return db;
    }

    /** A table's name as statements write it. */
    abstract String named(String table);

    abstract String quoted(String column);

    /** What is selected of a column. */
    abstract String selected(Connection db, String table, String column) throws SQLException;

    /** Reads what {@link #selected} gave; no answer for what is no text of the column. */
    abstract Optional<String> read(Connection db, String table, String column, @Nullable String selected)
            throws SQLException;

    /** Sets a value; empty for NULL. No answer from a column that cannot hold it: false. */
    abstract boolean set(
            Connection db, PreparedStatement statement, int index, String table, String column, String value)
            throws SQLException;

    /** Leaves a mark in the database's log, within the transaction. */
    abstract void mark(Connection db, String mark) throws SQLException;

    /** Why a statement failed for good, as a code; no answer where it may be tried again. */
    abstract Optional<String> refusal(SQLException failure);

    /** Whether the system's user lacks a right, which its administrator can give. */
    abstract boolean isForbidden(SQLException failure);

    /** A row that is held until the transaction ends; no answer where there is none, or one of it cannot be read. */
    Optional<@Nullable String[]> lock(Connection db, String table, Map<String, String> key, List<String> columns)
            throws SQLException {
        StringBuilder sql = new StringBuilder("select ");
        for (int i = 0; i < columns.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append(selected(db, table, columns.get(i)));
        }
        sql.append(" from ").append(named(table)).append(where(key)).append(" for update");
        try (PreparedStatement select = db.prepareStatement(sql.toString())) {
            int index = 1;
            for (String value : key.values()) {
                select.setString(index++, value);
            }
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                @Nullable String[] row = new @Nullable String[columns.size()];
                for (int i = 0; i < row.length; i++) {
                    Optional<String> value = read(db, table, columns.get(i), rows.getString(i + 1));
                    if (value.isEmpty()) {
                        return Optional.empty();
                    }
                    row[i] = value.get();
                }
                return Optional.of(row);
            }
        }
    }

    /** Writes columns of one row; false if one of them cannot hold its value. */
    boolean update(Connection db, String table, Map<String, String> key, Map<String, String> values, String mark)
            throws SQLException {
        String sets = values.keySet().stream().map(c -> quoted(c) + " = ?").collect(Collectors.joining(", "));
        String sql = "update /* yimen:" + mark + " */ " + named(table) + " set " + sets + where(key);
        try (PreparedStatement update = db.prepareStatement(sql)) {
            int index = 1;
            for (Map.Entry<String, String> value : values.entrySet()) {
                if (!set(db, update, index++, table, value.getKey(), value.getValue())) {
                    return false;
                }
            }
            for (String value : key.values()) {
                update.setString(index++, value);
            }
            return update.executeUpdate() == 1;
        }
    }

    private String where(Map<String, String> key) {
        return key.keySet().stream().map(c -> quoted(c) + " = ?").collect(Collectors.joining(" and ", " where ", ""));
    }
}
