package io.yimen.hub.command;

import io.yimen.pool.PostgresPool;
import io.yimen.pool.approval.Approvals;
import io.yimen.pool.audit.Audit;
import io.yimen.pool.erasure.Remnants;
import io.yimen.pool.ledger.ScopedReads;
import io.yimen.pool.model.PoolModel;
import io.yimen.pool.seal.Vault;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The pool that the settings name, opened for one command. */
final class OpenPool {
    private OpenPool() {}

    static PostgresPool of(UnaryOperator<String> settings, PoolModel model) {
        return new PostgresPool(database(settings), model, vault(settings), Clock.systemUTC());
    }

    /** What serves reads of the same pool, each with its audit line. */
    static ScopedReads reads(UnaryOperator<String> settings, PoolModel model) {
        DataSource database = database(settings);
        return new ScopedReads(database, model, vault(settings), new Audit(database, Clock.systemUTC()));
    }

    /** The approvals of connectors that the same pool holds. */
    static Approvals approvals(UnaryOperator<String> settings) {
        DataSource database = database(settings);
        return new Approvals(database, new Audit(database, Clock.systemUTC()));
    }

    /** What searches the same pool for remnants. */
    static Remnants remnants(UnaryOperator<String> settings, PoolModel model) {
        return new Remnants(database(settings), model, vault(settings));
    }

    private static Vault vault(UnaryOperator<String> settings) {
        return Vault.load(Path.of(settings.apply("yimen.vault.key-file")));
    }

    private static DataSource database(UnaryOperator<String> settings) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(settings.apply("yimen.pool.jdbc-url"));
        database.setUser(settings.apply("yimen.pool.username"));
        database.setPassword(settings.apply("yimen.pool.password"));
        // What PostgreSQL adds to an error may quote the row.
        database.setLogServerErrorDetail(false);
        return database;
    }
}
