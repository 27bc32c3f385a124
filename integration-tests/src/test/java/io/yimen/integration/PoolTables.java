package io.yimen.integration;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Looks into the pool's database by SQL. */
record PoolTables(String jdbcUrl, String username, String password) {
    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, username, password);
    }

    /** The first column of the first row; 0 where there is none. */
    long number(String sql, Object... parameters) {
        try (Connection connection = connect();
                var select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** All rows, every column as text. */
    List<List<String>> rows(String sql, Object... parameters) {
        try (Connection connection = connect();
                var select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setObject(i + 1, parameters[i]);
            }
            List<List<String>> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    List<String> values = new ArrayList<>(columns);
                    for (int i = 1; i <= columns; i++) {
                        values.add(String.valueOf(row.getString(i)));
                    }
                    rows.add(values);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Shows {@code visitor} every row of every table, as text: table name, row. */
    void forEachRow(BiConsumer<String, String> visitor) {
        List<List<String>> tables = rows("""
                select format('%I.%I', n.nspname, c.relname)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
                   and n.nspname not like 'pg\\_toast%'
                 order by 1""");
        for (List<String> table : tables) {
            String name = table.get(0);
            try (Connection connection = connect()) {
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                    statement.setFetchSize(1000);
                    try (ResultSet row = statement.executeQuery("select t::text from " + name + " t")) {
                        while (row.next()) {
                            visitor.accept(name, String.valueOf(row.getString(1)));
                        }
                    }
                }
            } catch (SQLException e) {
                throw new IllegalStateException("Cannot read " + name, e);
            }
        }
    }

    /** Runs that do not balance; empty when all is well. */
    List<List<String>> unbalancedRuns() {
        return rows("select * from run_count where read <> applied + unchanged + stale + quarantined + withheld");
    }
}
