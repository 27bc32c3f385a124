package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** The tables that a capturing connector's streams read, with the columns that they need. */
final class CapturedTables {
    private final Connector connector;
    private final Map<String, Columns> tables = new LinkedHashMap<>();

    CapturedTables(Connector connector) {
        this.connector = connector;
        connector.manifest().streams().stream()
                .collect(Collectors.groupingBy(Manifest.Stream::from, LinkedHashMap::new, Collectors.toList()))
                .forEach((table, streams) -> tables.put(table, Columns.of(streams)));
    }

    private CapturedTables(Connector connector, Map<String, Columns> tables) {
        this.connector = connector;
        this.tables.putAll(tables);
    }

    /** The same without some of them. */
    CapturedTables without(Set<String> names) {
        CapturedTables rest = new CapturedTables(connector, tables);
        rest.tables.keySet().removeAll(names);
        return rest;
    }

    Set<String> names() {
        return tables.keySet();
    }

    Columns columnsOf(String table) {
        return Objects.requireNonNull(tables.get(table));
    }

    /**
     * Checks that the source holds what the manifest names, and tells which columns nobody asked for.
     *
     * @param schema what the tables lie in
     * @param present columns of each table that may be read, by table
     * @param keys columns of each table's primary key, by table
     */
    void check(
            Session session,
            String schema,
            String username,
            Map<String, Set<String>> present,
            Map<String, Set<String>> keys) {
        String manifest = connector.manifest().file();
        Set<String> unread = new TreeSet<>();
        tables.forEach((table, columns) -> {
            Set<String> has = present.get(table);
            if (has == null) {
                throw unexpected(
                        "missing-table",
                        "there is no table " + schema + "." + table + " that " + username
                                + " may read; grant it or correct " + manifest);
            }
            List<String> missing =
                    columns.names().stream().filter(c -> !has.contains(c)).toList();
            if (!missing.isEmpty()) {
                throw unexpected(
                        "missing-column",
                        "table " + table + " has no " + String.join(", ", missing) + "; correct " + manifest);
            }
            for (Manifest.Stream stream : connector.manifest().streams()) {
                if (stream.from().equals(table)
                        && !Set.copyOf(stream.key()).equals(keys.getOrDefault(table, Set.of()))) {
                    throw unexpected(
                            "key-not-primary",
                            "the key of stream " + stream.id() + " is not the primary key of " + table
                                    + ": deletes could not be told; correct " + manifest);
                }
            }
            has.stream().filter(c -> columns.indexOf(c) < 0).forEach(c -> unread.add(table + "." + c));
        });
        if (!unread.isEmpty()) {
            session.notice("columns that nobody asked for, not read: " + String.join(", ", unread));
        }
    }

    /** The tables of these streams, as far as they are read. */
    Set<String> of(Collection<String> streams) {
        return connector.manifest().streams().stream()
                .filter(stream -> streams.contains(stream.id()))
                .map(Manifest.Stream::from)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** How many records a snapshot of these tables will bring. */
    long expected(Collection<String> names, ToLongFunction<String> rowsOf) {
        long expected = 0;
        for (String table : names) {
            long streams = connector.manifest().streams().stream()
                    .filter(s -> s.from().equals(table))
                    .count();
            expected += rowsOf.applyAsLong(table) * streams;
        }
        return expected;
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
