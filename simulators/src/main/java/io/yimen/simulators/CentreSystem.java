package io.yimen.simulators;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * A system of an office's computing centre: a database of its own on a PostgreSQL server that others share, and a login
 * that may read it.
 */
abstract class CentreSystem implements LegacySystem {
    private final SharedDatabase shared;
    private final String connector;
    private final String database;
    private final String reader;
    private final String password;

    /** Starts the server of {@code folder}, unless another system has, and makes database and login the first time. */
    CentreSystem(Path folder, String connector, String database, String reader) {
        this.shared = SharedDatabase.of(folder);
        this.connector = connector;
        this.database = database;
        this.reader = reader;
        try {
            shared.server().createDatabase(database);
            this.password = EmbeddedDatabase.secret(folder, reader + "-password");
            shared.server().createLogin(reader, password, "");
        } catch (RuntimeException e) {
            shared.close();
            throw e;
        }
    }

    /** The server under it, for tests that stop or kill it. */
    public EmbeddedDatabase database() {
        return shared.server();
    }

    public String jdbcUrl() {
        return database().jdbcUrl(database);
    }

    public String password() {
        return password;
    }

    /** Connects as the system's administrator. */
    public Connection connect() throws SQLException {
        return database().connect(database);
    }

    @Override
    public String connector() {
        return connector;
    }

    @Override
    public Map<String, String> keys() {
        return LegacySystem.keysOf(connector, Map.of("jdbc-url", jdbcUrl(), "username", reader, "password", password));
    }

    @Override
    public Optional<EmbeddedServer> server() {
        return Optional.of(database());
    }

    @Override
    public void close() {
        shared.close();
    }
}
