package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.testkit.Drift;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a fixture does with the tables of a system's database. Every call is a connection and a transaction. */
final class JdbcTables {
    private final Connector connector;
    private final Binding binding;

    /** How the system's administrator connects. */
    interface Connector {
        Connection connect() throws SQLException;
    }

    /** How a text is given to the database. */
    interface Binding {
        void set(PreparedStatement statement, int index, String value) throws SQLException;
    }

    /** PostgreSQL finds the type by the column. */
    static final Binding TYPED = (statement, index, value) -> statement.setObject(index, value, Types.OTHER);

    JdbcTables(Connector connector, Binding binding) {
        this.connector = connector;
        this.binding = binding;
    }

    /** Keys of the rows of a stream, as its manifest makes them. */
    Set<String> keys(Manifest.Stream stream) throws SQLException {
        Manifest.Condition when = stream.when();
        String sql = "select " + String.join(", ", stream.key()) + " from " + stream.from();
        if (when != null) {
            String values = when.values().stream()
                    .map(v -> "'" + v.replace("'", "''") + "'")
                    .collect(Collectors.joining(","));
            sql += " where " + when.column() + (when.negated() ? " not in (" : " in (") + values + ")";
        }
        Set<String> keys = new HashSet<>();
        try (Connection connection = connector.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                List<String> parts = new ArrayList<>();
                for (int i = 1; i <= stream.key().size(); i++) {
                    parts.add(rows.getString(i).strip());
                }
                keys.add(String.join("|", parts));
            }
        }
        return keys;
    }

    /** Writes rows in one transaction, each as an update or else an insert. */
    void put(String table, String key, List<Map<String, String>> rows) throws SQLException {
        try (Connection connection = connector.connect()) {
            connection.setAutoCommit(false);
            for (Map<String, String> row : rows) {
                List<String> names = List.copyOf(row.keySet());
                String sets = names.stream().map(n -> n + " = ?").collect(Collectors.joining(", "));
                try (PreparedStatement update =
                        connection.prepareStatement("update " + table + " set " + sets + " where " + key + " = ?")) {
                    bind(update, names, row);
                    binding.set(update, names.size() + 1, row.getOrDefault(key, ""));
                    if (update.executeUpdate() > 0) {
                        continue;
                    }
                }
                String marks = names.stream().map(n -> "?").collect(Collectors.joining(", "));
                try (PreparedStatement insert = connection.prepareStatement(
                        "insert into " + table + " (" + String.join(", ", names) + ") values (" + marks + ")")) {
                    bind(insert, names, row);
                    insert.executeUpdate();
                }
            }
            connection.commit();
        }
    }

    private void bind(PreparedStatement statement, List<String> names, Map<String, String> row) throws SQLException {
        for (int i = 0; i < names.size(); i++) {
            binding.set(statement, i + 1, row.getOrDefault(names.get(i), ""));
        }
    }

    void remove(String table, String key, String value) throws SQLException {
        try (Connection connection = connector.connect();
                PreparedStatement delete =
                        connection.prepareStatement("delete from " + table + " where " + key + " = ?")) {
            binding.set(delete, 1, value);
            delete.executeUpdate();
        }
    }

    /** Statements, each a transaction. */
    void run(String... statements) throws SQLException {
        try (Connection connection = connector.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** How a table's columns change. */
    Drift drift(String table) {
        return new Drift() {
            @Override
            public void add(String column) throws SQLException {
                run("alter table " + table + " add column " + column + " varchar(10) default '1'");
            }

            @Override
            public void remove(String column) throws SQLException {
                run("alter table " + table + " drop column " + column);
            }

            @Override
            public void rename(String from, String to) throws SQLException {
                run("alter table " + table + " rename column " + from + " to " + to);
            }
        };
    }
}
