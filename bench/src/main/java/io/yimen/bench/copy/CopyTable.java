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

    /** For one row in PostgreSQL; every value is given as text. */
    String insert() {
        return columns.stream()
                .map(c -> "cast(? as " + c.type() + ")")
                .collect(Collectors.joining(", ", "insert into " + name + " values (", ")"));
    }

    /**
     * Asks PostgreSQL how many rows it has and for the sum of their hashes, as one text: sixty bits of the MD5 of a row's
     * values, which other servers know as well.
     */
    String fingerprint() {
        return columns.stream()
                .map(c -> "coalesce(" + c.name() + "::text, '\\N')")
                .collect(Collectors.joining(
                        ", ",
                        "select count(*) || ' rows, hash ' || coalesce(sum(('x' || left(md5(concat_ws('\t', ",
                        ")), 15))::bit(60)::bigint), 0) from " + name));
    }
}
