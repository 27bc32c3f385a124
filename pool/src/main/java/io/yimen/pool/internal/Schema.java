package io.yimen.pool.internal;

import io.yimen.pool.PoolException;
import io.yimen.pool.seal.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The pool's schema, and what it was filled with. */
public final class Schema {
    private static final String FIRST_VAULT = """
            insert into pool.setting (name, value) values ('vault', ?) on conflict (name) do nothing
            """;
    private static final String SELECT_VAULT = """
            select value from pool.setting where name = 'vault'
            """;

    // Roles belong to the whole cluster: another pool in it may be opened for the first time at this very moment.
    private static final String ROLES = """
            do $$
            declare
              role text;
            begin
              foreach role in array array['yimen_reader', 'yimen_overseer'] loop
                if not exists (select from pg_roles where rolname = role) then
                  begin
                    execute format('create role %I nologin', role);
                  exception when duplicate_object or unique_violation then
                    null;
                  end;
                end if;
              end loop;
            end $$
            """;

    private static final String WHAT = "Could not bring the pool's schema up to date";

    private Schema() {}

    /** Brings the schema up to date and makes sure that the vault's key is the one that the pool was filled under. */
    public static void migrate(DataSource dataSource, Vault vault) {
        try (Connection db = dataSource.getConnection();
                PreparedStatement roles = db.prepareStatement(ROLES)) {
            roles.execute();
        } catch (SQLException e) {
            throw migrationFailure(e);
        }
        try {
            Flyway.configure(Schema.class.getClassLoader())
                    .dataSource(dataSource)
                    .locations("classpath:db/pool")
                    .schemas("pool")
                    .defaultSchema("pool")
                    .createSchemas(true)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw migrationFailure(e);
        }
        String mine = vault.digest("vault", "yimen");
        try (Connection db = dataSource.getConnection()) {
            try (PreparedStatement insert = db.prepareStatement(FIRST_VAULT)) {
                insert.setString(1, mine);
                insert.executeUpdate();
            }
            try (PreparedStatement select = db.prepareStatement(SELECT_VAULT);
                    ResultSet rows = select.executeQuery()) {
                rows.next();
                if (!rows.getString(1).equals(mine)) {
                    throw new PoolException(
                            PoolException.Kind.CONFIGURATION,
                            "This pool was filled under another vault key: give the key file that it was created with");
                }
            }
        } catch (SQLException e) {
            throw Failures.of("Could not open the pool", e);
        }
    }

    private static PoolException migrationFailure(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                PoolException failure = Failures.of(WHAT, sql);
                return failure.kind() == PoolException.Kind.RETRY
                        ? failure
                        : new PoolException(
                                PoolException.Kind.CONFIGURATION,
                                WHAT + ": the database refused it (" + sql.getSQLState() + ")",
                                e);
            }
        }
        return new PoolException(PoolException.Kind.CONFIGURATION, WHAT + ": see the cause", e);
    }
}
