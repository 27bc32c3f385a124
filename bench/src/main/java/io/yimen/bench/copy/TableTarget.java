package io.yimen.bench.copy;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The same tables on the other server: where a plain copy copies to. */
final class TableTarget implements CopyTarget {
    private final Pair pair;

    TableTarget(Pair pair) {
        this.pair = pair;
    }

    void create() throws SQLException {
        try (Connection connection = pair.connectTarget()) {
            Pair.execute(
                    connection, pair.tables().stream().map(CopyTable::create).toList());
        }
    }

    @Override
    public List<Long> seen(Connection looking, int table, List<Long> ids) throws SQLException {
        String query = "select id from " + pair.tables().get(table).name() + " where id = any(?)";
        Array keys = looking.createArrayOf("bigint", ids.toArray());
        try (PreparedStatement statement = looking.prepareStatement(query)) {
            statement.setArray(1, keys);
            List<Long> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getLong(1));
                }
            }
            return found;
        }
    }

    /** Compares the tables by number of rows and sum of hashes. */
    @Override
    public Optional<String> findDifference(Connection source, Connection target) throws SQLException {
        for (CopyTable table : pair.tables()) {
            String there = Pair.strings(source, pair.source.fingerprint(table)).get(0);
            String here = Pair.strings(target, table.fingerprint()).get(0);
            if (!there.equals(here)) {
                return Optional.of(table.name() + ": the source has " + there + ", the copy " + here);
            }
        }
        return Optional.empty();
    }
}
