package io.yimen.testkit.systems;

import io.yimen.connectors.manifest.Manifest;
import io.yimen.simulators.Door;
import io.yimen.simulators.LegacySystem;
import io.yimen.testkit.Drift;
import io.yimen.testkit.Fixture;
import io.yimen.testkit.Part;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the fixtures of systems that keep a database have in common: the kit plays with one of its tables. */
abstract class Tabled implements Fixture {
    private final LegacySystem system;
    private final JdbcTables tables;
    private final String table;
    private final String key;

    /** @param key the column that identifies a row of the table */
    Tabled(LegacySystem system, JdbcTables tables, String table, String key) {
        this.system = system;
        this.tables = tables;
        this.table = table;
        this.key = key;
    }

    /** Statements, each a transaction. */
    final void run(String... statements) throws SQLException {
        tables.run(statements);
    }

    @Override
    public final String connector() {
        return system.connector();
    }

    @Override
    public Map<String, String> configuration(Door door) {
        return door.through(system.keys());
    }

    @Override
    public final Set<String> keys(Manifest.Stream stream) throws SQLException {
        return tables.keys(stream);
    }

    @Override
    public final void put(List<Map<String, String>> rows) throws SQLException {
        tables.put(table, key, rows);
    }

    @Override
    public final void remove(Map<String, String> row) throws SQLException {
        tables.remove(table, key, row.getOrDefault(key, ""));
    }

    @Override
    public final boolean rereads() {
        return false;
    }

    @Override
    public final Part<Drift> drift() {
        return Part.of(tables.drift(table));
    }

    @Override
    public final void close() {
        system.close();
    }
}
