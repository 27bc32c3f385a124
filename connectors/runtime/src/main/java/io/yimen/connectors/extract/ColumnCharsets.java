package io.yimen.connectors.extract;

import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the text columns of a MariaDB's tables really hold. */
public final class ColumnCharsets {
    private static final String SELECT = """
            select column_name, character_set_name from information_schema.columns
             where table_schema = ? and table_name = ? and character_set_name is not null
               and data_type not in ('enum', 'set', 'json')
            """;

    private ColumnCharsets() {}

    /**
     * The charset of each text column of a table; other columns are not in it.
     *
     * @param declared what they hold whatever the database calls it
     * @throws SQLException also for a charset that cannot be read
     */
    public static Map<String, Charset> of(Connection db, String database, String table, @Nullable Charset declared)
            throws SQLException {
        Map<String, Charset> charsets = new TreeMap<>();
        for (Map.Entry<String, String> column : names(db, database, table).entrySet()) {
            charsets.put(
                    column.getKey(),
                    declared != null
                            ? declared
                            : RawText.charset(column.getValue())
                                    .orElseThrow(() -> new SQLException(
                                            "column " + column.getKey() + " has the charset " + column.getValue())));
        }
        return charsets;
    }

    /** What the database calls the charset of each text column of a table. */
    static Map<String, String> names(Connection db, String database, String table) throws SQLException {
        try (PreparedStatement query = db.prepareStatement(SELECT)) {
            query.setString(1, database);
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                Map<String, String> charsets = new TreeMap<>();
                while (rows.next()) {
                    charsets.put(rows.getString(1), rows.getString(2));
                }
                return charsets;
            }
        }
    }

    /** A name as statements write it. */
    public static String quoted(String name) {
        return '`' + name.replace("`", "``") + '`';
    }
}
