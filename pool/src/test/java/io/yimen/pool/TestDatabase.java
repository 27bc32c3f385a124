package io.yimen.pool;

import io.yimen.pool.internal.Schema;
import io.yimen.pool.seal.Vault;
import javax.sql.DataSource;

/** Databases for the tests of other packages. */
public final class TestDatabase {
    /** The vault that {@link #migrated} pools are filled under. */
    public static final Vault VAULT = Vault.of(new byte[32]);

    private TestDatabase() {}

    /** An empty pool in a database of its own. */
    public static DataSource migrated() {
        DataSource dataSource = Database.create();
        Schema.migrate(dataSource, VAULT);
        return dataSource;
    }

    /** The first column of the first row, as text. */
    public static String text(DataSource dataSource, String sql) {
        return Database.text(dataSource, sql);
    }

    public static void run(DataSource dataSource, String sql) {
        Database.run(dataSource, sql);
    }
}
