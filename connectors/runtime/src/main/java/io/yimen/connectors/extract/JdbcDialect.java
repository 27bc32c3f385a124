package io.yimen.connectors.extract;

/** How databases differ that are read over JDBC. */
enum JdbcDialect {
    /** And what descends from it. */
    POSTGRESQL,
    /** And what speaks like it. Its texts are read as their bytes, since server and driver would replace some. */
    MARIADB,
    OTHER;

    /** A name as statements write it. */
    String quoted(String name) {
        return this == MARIADB ? ColumnCharsets.quoted(name) : '"' + name.replace("\"", "\"\"") + '"';
    }
}
