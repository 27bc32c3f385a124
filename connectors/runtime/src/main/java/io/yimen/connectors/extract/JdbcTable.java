package io.yimen.connectors.extract;

import io.yimen.connectors.Connector;
import io.yimen.connectors.ConnectorException;
import io.yimen.connectors.manifest.Manifest;
import io.yimen.connectors.mapping.Columns;
import io.yimen.connectors.mapping.StreamMapping;
import java.nio.charset.Charset;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table or view that is read over JDBC, as the database of this connection has it: what is asked of it. Its rows are
 * read in pages behind the last row of the page before, so that no statement is long and nothing is skipped. A row is
 * aligned with {@link #columns}, in the form of {@link JdbcColumn#read}; null is SQL NULL.
 */
final class JdbcTable {
    private static final int KEYS_A_STATEMENT = 500;

    private final JdbcDatabase db;
    private final String name;
    private final String qualified;
    private final Manifest.Jdbc.Table settings;
    private final Columns columns;
    private final List<JdbcColumn> types;
    private final int[] key;
    private final int[] keyColumns;
    private final int watermark;

    /** Some rows, and whether there are more. */
    record Page(List<@Nullable String[]> rows, boolean more) {}

    private JdbcTable(
            JdbcDatabase db,
            String name,
            String qualified,
            Manifest.Jdbc.Table settings,
            Columns columns,
            List<JdbcColumn> types,
            int[] keyColumns) {
        this.db = db;
        this.name = name;
        this.qualified = qualified;
        this.settings = settings;
        this.columns = columns;
        this.types = types;
        this.key = settings.key().stream().mapToInt(columns::indexOf).toArray();
        this.keyColumns = keyColumns;
        this.watermark = settings.watermark() == null ? -1 : columns.indexOf(settings.watermark());
    }

    /** The columns of a table that the streams of a manifest, its key and its watermark need. */
    static Columns columnsOf(Manifest manifest, String table, Manifest.Jdbc.Table settings) {
        Set<String> names = new LinkedHashSet<>(Columns.of(manifest.streams().stream()
                        .filter(s -> s.from().equals(table))
                        .toList())
                .names());
        names.addAll(settings.key());
        if (settings.watermark() != null) {
            names.add(settings.watermark());
        }
        return new Columns(names);
    }

    /** @throws ConnectorException {@code missing-table}, {@code missing-column}, {@code key-type} */
    static JdbcTable of(JdbcDatabase db, Connector connector, Manifest.Jdbc jdbc, String name) {
        Manifest.Jdbc.Table settings = Objects.requireNonNull(jdbc.tables().get(name));
        Columns columns = columnsOf(connector.manifest(), name, settings);
        String qualified = (jdbc.schema() == null ? "" : db.dialect().quoted(jdbc.schema()) + ".")
                + db.dialect().quoted(name);
        Set<String> needed = new HashSet<>(settings.key());
        connector.manifest().streams().stream()
                .filter(s -> s.from().equals(name))
                .forEach(s -> {
                    needed.addAll(s.key());
                    if (s.when() != null) {
                        needed.add(s.when().column());
                    }
                });
        int[] keyColumns = IntStream.range(0, columns.size())
                .filter(i -> needed.contains(columns.names().get(i)))
                .toArray();
        List<JdbcColumn> types = describe(db, connector.manifest().file(), jdbc, name, qualified, columns);
        JdbcTable table = new JdbcTable(db, name, qualified, settings, columns, types, keyColumns);
        if (table.hasKeyOf(JdbcColumn.Type.BINARY)) {
            throw unexpected("key-type", "the key of " + name + " is binary and cannot be paged; correct the manifest");
        }
        return table;
    }

    private static List<JdbcColumn> describe(
            JdbcDatabase db, String manifest, Manifest.Jdbc jdbc, String name, String qualified, Columns columns) {
        try {
            return types(db, jdbc, name, qualified, columns.names());
        } catch (SQLException e) {
            ConnectorException failure = db.rolledBack("does not show table " + name, e);
            if (failure.kind() != ConnectorException.Kind.UNEXPECTED) {
                throw failure;
            }
            List<String> missing = new ArrayList<>();
            for (String column : columns.names()) {
                try {
                    var unused = types(db, jdbc, name, qualified, List.of(column));
                } catch (SQLException again) {
                    var unused = db.rolledBack("does not show column " + column, again);
                    missing.add(column);
                }
            }
            if (missing.isEmpty()) {
                throw failure;
            }
            boolean all = missing.size() == columns.size();
            throw new ConnectorException(
                    ConnectorException.Kind.UNEXPECTED,
                    all ? "missing-table" : "missing-column",
                    (all ? "there is no table " + name : "table " + name + " has no " + String.join(", ", missing))
                            + " that the user may read; grant it (./yimen connector script) or correct " + manifest,
                    e);
        }
    }

    private static List<JdbcColumn> types(
            JdbcDatabase db, Manifest.Jdbc jdbc, String name, String qualified, List<String> columns)
            throws SQLException {
        JdbcDialect dialect = db.dialect();
        Map<String, String> stored = new HashMap<>();
        if (dialect == JdbcDialect.MARIADB) {
            String database = jdbc.schema() == null ? db.connection().getCatalog() : jdbc.schema();
            ColumnCharsets.names(db.connection(), database, name)
                    .forEach((column, charset) -> stored.put(column, charset));
        }
        String list = String.join(", ", columns.stream().map(dialect::quoted).toList());
        try (PreparedStatement none =
                db.connection().prepareStatement("select " + list + " from " + qualified + " where 1 = 0")) {
            none.setQueryTimeout(db.seconds());
            ResultSet rows = none.executeQuery();
            ResultSetMetaData about = rows.getMetaData();
            List<JdbcColumn> types = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                String column = columns.get(i);
                JdbcColumn.Type type =
                        JdbcColumn.Type.of(about.getColumnType(i + 1), about.getColumnTypeName(i + 1), dialect);
                String charset = type == JdbcColumn.Type.TEXT ? stored.get(column) : null;
                types.add(new JdbcColumn(
                        column,
                        type,
                        charset,
                        charset == null ? null : charset(jdbc, name, column, charset),
                        dialect != JdbcDialect.OTHER
                                && type == JdbcColumn.Type.TEXT
                                && about.getPrecision(i + 1) > StreamMapping.LARGEST_ROW));
            }
            db.connection().commit();
            return types;
        }
    }

    private static Charset charset(Manifest.Jdbc jdbc, String table, String column, String stored) {
        Charset declared = jdbc.charsets().get(table);
        return declared != null
                ? declared
                : RawText.charset(stored)
                        .orElseThrow(() -> unexpected(
                                "charset",
                                "column " + column + " of " + table + " has the charset " + stored
                                        + ", which cannot be read; declare what it holds in settings.charsets"));
    }

    /** Columns of the table that nobody asked for, as far as the database tells. */
    Set<String> unread(@Nullable String schema) {
        Set<String> unread = new TreeSet<>();
        try {
            boolean catalog = db.dialect() == JdbcDialect.MARIADB;
            String database =
                    catalog && schema != null ? schema : db.connection().getCatalog();
            try (ResultSet rows = db.connection()
                    .getMetaData()
                    .getColumns(database, catalog ? null : schema, name.replace("_", "\\_"), "%")) {
                while (rows.next()) {
                    String column = rows.getString("COLUMN_NAME");
                    if (name.equals(rows.getString("TABLE_NAME")) && columns.indexOf(column) < 0) {
                        unread.add(name + "." + column);
                    }
                }
            }
            db.connection().commit();
        } catch (SQLException e) {
            throw db.rolledBack("does not tell its columns", e);
        }
        return unread;
    }

    String name() {
        return name;
    }

    Columns columns() {
        return columns;
    }

    Manifest.Jdbc.Table settings() {
        return settings;
    }

    /** The watermark column; null if the table has none. */
    @Nullable
    JdbcColumn watermark() {
        return watermark < 0 ? null : types.get(watermark);
    }

    @Nullable
    String watermarkOf(@Nullable String[] row) {
        return row[watermark];
    }

    boolean hasKeyOf(JdbcColumn.Type type) {
        return IntStream.of(key).anyMatch(at -> types.get(at).type() == type);
    }

    /** What identifies a row, for a later page. */
    List<String> keyOf(@Nullable String[] row) {
        List<String> values = new ArrayList<>(key.length);
        for (int at : key) {
            values.add(Objects.requireNonNull(row[at]));
        }
        return values;
    }

    /** A row of which nothing is known but what identifies it. */
    @Nullable
    String[] rowOf(List<String> keyValues) {
        @Nullable String[] row = new @Nullable String[columns.size()];
        for (int i = 0; i < key.length; i++) {
            row[key[i]] = keyValues.get(i);
        }
        return row;
    }

    /** The values that the manifest maps. */
    @Nullable
    String[] mapped(@Nullable String[] row) {
        @Nullable String[] values = new @Nullable String[row.length];
        for (int i = 0; i < row.length; i++) {
            values[i] = types.get(i).text(row[i]);
        }
        return values;
    }

    /** How many rows there are; empty if counting takes too long. */
    OptionalLong count() {
        try {
            String count = db.askOne("cannot be counted, table " + name, "select count(*) from " + qualified);
            return count == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(count));
        } catch (ConnectorException e) {
            if (JdbcDatabase.isSlow(e)) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    /** The highest watermark; null where there is none. */
    @Nullable
    String highest() {
        JdbcColumn column = types.get(watermark);
        String sql = "select " + column.selected(db.dialect()) + " from " + qualified + " where "
                + db.dialect().quoted(column.name()) + " is not null order by "
                + db.dialect().quoted(column.name()) + " desc limit 1";
        List<String> found = db.ask(
                "cannot be read, table " + name,
                new JdbcStatement(db.dialect(), sql),
                r -> Objects.requireNonNull(column.read(r, 1, db.dialect())));
        return found.isEmpty() ? null : found.get(0);
    }

    /** Whole rows in the order of their keys. */
    Page rows(List<String> after, int size) {
        return keyOrdered(IntStream.range(0, columns.size()).toArray(), after, size);
    }

    /** As {@link #rows}, with no more of a row than tells its records' keys. */
    Page keys(List<String> after, int size) {
        return keyOrdered(keyColumns, after, size);
    }

    private Page keyOrdered(int[] selected, List<String> after, int size) {
        JdbcStatement statement = select(selected).text(" where ");
        String and = "";
        for (int at : key) {
            statement.text(and).text(quoted(at)).text(" is not null");
            and = " and ";
        }
        if (!after.isEmpty()) {
            statement.text(" and ");
            behind(statement, key, after);
        }
        List<@Nullable String[]> rows = ask(ordered(statement, key, size + 1), selected);
        if (rows.size() <= size) {
            return new Page(rows, false);
        }
        // Rows that share a key stay on one page, where it is seen that they do.
        List<String> next = keyOf(rows.get(size));
        int end = size;
        while (end > 0 && keyOf(rows.get(end - 1)).equals(next)) {
            end--;
        }
        if (end == 0) {
            throw unexpected(
                    "key-not-unique",
                    "more than " + size + " rows of " + name + " share a key; name the columns that identify a row in"
                            + " settings.tables." + name + ".key");
        }
        return new Page(List.copyOf(rows.subList(0, end)), true);
    }

    /**
     * Rows whose watermark is not below one, in its order.
     *
     * @param from null for all that have one
     * @param after the last row of the page before; null for the first
     */
    Page since(@Nullable String from, @Nullable String @Nullable [] after, int size) {
        int[] order =
                IntStream.concat(IntStream.of(watermark), IntStream.of(key)).toArray();
        JdbcStatement statement =
                select(IntStream.range(0, columns.size()).toArray()).text(" where ");
        String and = "";
        for (int at : order) {
            statement.text(and).text(quoted(at)).text(" is not null");
            and = " and ";
        }
        if (after != null) {
            List<String> last = new ArrayList<>();
            for (int at : order) {
                last.add(Objects.requireNonNull(after[at]));
            }
            statement.text(" and ");
            behind(statement, order, last);
        } else if (from != null) {
            statement.text(" and ").text(quoted(watermark)).text(" >= ");
            types.get(watermark).place(from, statement);
        }
        List<@Nullable String[]> rows = ask(
                ordered(statement, order, size),
                IntStream.range(0, columns.size()).toArray());
        return new Page(rows, rows.size() == size);
    }

    /** The rows of these keys that are there. */
    List<@Nullable String[]> rowsOf(List<List<String>> keys) {
        int[] all = IntStream.range(0, columns.size()).toArray();
        List<@Nullable String[]> rows = new ArrayList<>();
        for (int begin = 0; begin < keys.size(); begin += KEYS_A_STATEMENT) {
            JdbcStatement statement = select(all).text(" where ");
            String or = "";
            for (List<String> each : keys.subList(begin, Math.min(keys.size(), begin + KEYS_A_STATEMENT))) {
                statement.text(or);
                or = " or ";
                String and = "(";
                for (int i = 0; i < key.length; i++) {
                    statement.text(and).text(quoted(key[i])).text(" = ");
                    types.get(key[i]).place(each.get(i), statement);
                    and = " and ";
                }
                statement.text(")");
            }
            rows.addAll(ask(statement, all));
        }
        return rows;
    }

    /** A key as a trigger of MariaDB wrote it: the hexadecimal digits of every column. */
    List<String> keyOfDigits(List<String> digits) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < key.length; i++) {
            byte[] bytes = java.util.HexFormat.of().parseHex(digits.get(i));
            values.add(
                    types.get(key[i]).stored() == null
                            ? new String(bytes, java.nio.charset.StandardCharsets.UTF_8)
                            : digits.get(i));
        }
        return values;
    }

    private JdbcStatement select(int[] selected) {
        String list = String.join(
                ", ",
                IntStream.of(selected)
                        .mapToObj(at -> types.get(at).selected(db.dialect()))
                        .toList());
        return new JdbcStatement(db.dialect(), "select " + list + " from " + qualified);
    }

    /** {@code a >= x and (a > x or (a = x and (b > y or …)))}: what every database can do by an index on a, b. */
    private void behind(JdbcStatement statement, int[] order, List<String> last) {
        statement.text(quoted(order[0])).text(" >= ");
        types.get(order[0]).place(last.get(0), statement);
        for (int i = 0; i < order.length; i++) {
            statement.text(" and (").text(quoted(order[i])).text(" > ");
            types.get(order[i]).place(last.get(i), statement);
            if (i < order.length - 1) {
                statement.text(" or (").text(quoted(order[i])).text(" = ");
                types.get(order[i]).place(last.get(i), statement);
            }
        }
        statement.text(")".repeat(2 * order.length - 1));
    }

    private JdbcStatement ordered(JdbcStatement statement, int[] order, int limit) {
        return statement
                .text(" order by ")
                .text(String.join(
                        ", ", IntStream.of(order).mapToObj(this::quoted).toList()))
                .text(" limit " + limit);
    }

    private String quoted(int at) {
        return db.dialect().quoted(types.get(at).name());
    }

    private List<@Nullable String[]> ask(JdbcStatement statement, int[] selected) {
        return db.ask("cannot be read, table " + name, statement, rows -> {
            @Nullable String[] row = new @Nullable String[columns.size()];
            for (int i = 0; i < selected.length; i++) {
                row[selected[i]] = types.get(selected[i]).read(rows, i + 1, db.dialect());
            }
            return row;
        });
    }

    private static ConnectorException unexpected(String code, String message) {
        return new ConnectorException(ConnectorException.Kind.UNEXPECTED, code, message);
    }
}
