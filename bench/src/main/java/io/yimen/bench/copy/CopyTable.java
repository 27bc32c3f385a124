package io.yimen.bench.copy;

import java.util.List;
import java.util.stream.Collectors;

/** A table that is copied; its first column is the key. */
record CopyTable(String name, List<Column> columns) {
    /** @param type as PostgreSQL calls it: bigint, integer, text or date */
    record Column(String name, String type) {}

    CopyTable {
        columns = List.copyOf(columns);
    }

    String create() {
        return columns.stream()
                .map(c -> c.name() + " " + c.type() + (c == columns.get(0) ? " primary key" : ""))
                .collect(Collectors.joining(", ", "create table " + name + " (", ")"));
    }

    /** For one row; every value is given as text. */
    String insert() {
        return columns.stream()
                .map(c -> "cast(? as " + c.type() + ")")
                .collect(Collectors.joining(", ", "insert into " + name + " values (", ")"));
    }

    /** How many rows it has and the sum of their hashes, as one text. */
    String fingerprint() {
        return "select count(*) || ' rows, hash ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from " + name
                + " t";
    }
}
